from pathlib import Path

import pytest
import yaml
from datasets import Features

from course_utils.world.build import MODULES
from course_utils.world.cards import dataset_card
from course_utils.world.schema import schema


@pytest.mark.parametrize("name", sorted(MODULES))
def test_a_card_describes_the_features_as_the_library_does(name: str) -> None:
    header = dataset_card(name, {"train": (12, 345)}).split("---")[1]
    info = yaml.safe_load(header)["dataset_info"]
    assert info["features"] == Features.from_dict(schema(name).features)._to_yaml_list()
    assert info["splits"] == [{"name": "train", "num_bytes": 345, "num_examples": 12}]


@pytest.mark.parametrize("name", sorted(MODULES))
def test_a_built_card_has_every_section_and_its_rows(root: Path, name: str) -> None:
    text = (root / "datasets/pocket" / name / "README.md").read_text(encoding="utf-8")
    for heading in ("Source", "Schema", "Splits", "Intended use", "Limits", "Planted on purpose"):
        assert f"\n## {heading}\n" in text
    assert "\n| train | " in text
    assert yaml.safe_load(text.split("---")[1])["license"] == "cc0-1.0"
    assert "$" not in text.split("---")[2]
