"""Every pocket dataset has the schema of the real dataset it mirrors, as the snapshot has it."""

from pathlib import Path

import pytest
from datasets import DatasetDict, Features, get_dataset_config_names, load_dataset

from course_utils.world.build import MODULES
from course_utils.world.schema import label_names, schema


@pytest.fixture(scope="module", params=sorted(MODULES))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def loaded(name: str, root: Path, tmp_path_factory: pytest.TempPathFactory) -> DatasetDict:
    folder = str(root / "datasets/pocket" / name)
    return load_dataset(folder, cache_dir=str(tmp_path_factory.mktemp("hf")))


def test_features_splits_and_config_are_those_of_the_snapshot(
    name: str, loaded: DatasetDict, root: Path
) -> None:
    real = schema(name)
    assert list(loaded) == list(real.splits)
    for rows in loaded.values():
        assert rows.features == Features.from_dict(real.features)
    assert get_dataset_config_names(str(root / "datasets/pocket" / name)) == [real.config]


def test_the_sizes_are_those_the_module_promises(name: str, loaded: DatasetDict) -> None:
    sizes = getattr(MODULES[name], "SIZES", None)
    if sizes is None:
        assert name == "corpus", "a dataset's module tells its SIZES"
        return
    assert {split: len(rows) for split, rows in loaded.items()} == sizes


def test_a_snapshot_tells_where_it_was_taken(name: str) -> None:
    real = schema(name)
    assert (real.mirrors is None) == (real.source is None)


def test_label_names_are_read_from_the_snapshot() -> None:
    assert label_names("reviews", "label") == ["1 star", "2 star", "3 stars", "4 stars", "5 stars"]
    assert label_names("entities", "ner_tags")[1] == "B-PER"
