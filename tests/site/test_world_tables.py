"""The tables of the pocket world are read from what is there."""

import json
import re
from pathlib import Path

from course_utils.hub.recipes import RECIPES
from course_utils.site.world_tables import (
    checkpoint_table,
    dataset_table,
    few_labels_table,
    samples,
)
from course_utils.world.build import MODULES


def test_every_dataset_has_a_row_with_its_sizes_and_its_mirror() -> None:
    lines = dataset_table().splitlines()
    assert len(lines) == len(MODULES) + 2
    newswire = next(line for line in lines if "| newswire |" in line)
    assert "train 4,000, test 800" in newswire
    assert "fancyzhx/<wbr>ag_news" in newswire


def test_every_checkpoint_has_a_row_with_result_and_baseline() -> None:
    lines = checkpoint_table().splitlines()[2:]
    assert [re.findall(r"[\w-]+", line)[0] for line in lines] == list(RECIPES)
    for line in lines:
        result, baseline = (float(cell.split()[0]) for cell in line.split(" | ")[2:4])
        assert result != baseline


def test_samples_are_the_twenty_of_the_card_with_nothing_that_could_be_markup() -> None:
    lines = samples("gpt-mini").splitlines()
    assert [line.split(".")[0] for line in lines] == [str(i) for i in range(1, 21)]
    assert not re.search(r"<(?!/?$)\w", "".join(lines))


def test_what_few_labels_give_is_read_from_the_measurement(tmp_path: Path) -> None:
    score = {"mean": 0.5, "worst": 0.4, "best": 0.6}
    row = {"task": "news", "labels": 4000, "metric": "macro_f1", "bert-mini": score}
    folder = tmp_path / "benchmarks/results"
    folder.mkdir(parents=True)
    (folder / "few_labels.json").write_text(
        json.dumps([row | {"baseline": dict.fromkeys(score, 0.3)}])
    )
    assert few_labels_table(tmp_path).splitlines()[2] == (
        "| news, macro f1 | 4,000 | 0.500 (0.40–0.60) |  | 0.300 |"
    )
