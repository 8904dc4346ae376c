"""The tables of the pocket world are read from what is there."""

import re

from course_utils.hub.recipes import SERVED
from course_utils.site.world_tables import checkpoint_table, dataset_table, samples
from course_utils.world.build import MODULES


def test_every_dataset_has_a_row_with_its_sizes_and_its_mirror() -> None:
    lines = dataset_table().splitlines()
    assert len(lines) == len(MODULES) + 2
    newswire = next(line for line in lines if "| newswire |" in line)
    assert "train 4,000, test 800" in newswire
    assert "fancyzhx/<wbr>ag_news" in newswire


def test_every_checkpoint_has_a_row_with_result_and_baseline() -> None:
    lines = checkpoint_table().splitlines()[2:]
    assert [re.findall(r"[\w-]+", line)[0] for line in lines] == list(SERVED)
    for line in lines:
        result, baseline = (float(cell.split()[0]) for cell in line.split(" | ")[2:4])
        assert result != baseline


def test_samples_are_the_twenty_of_the_card_with_nothing_that_could_be_markup() -> None:
    lines = samples("gpt-mini").splitlines()
    assert [line.split(".")[0] for line in lines] == [str(i) for i in range(1, 21)]
    assert not re.search(r"<(?!/?$)\w", "".join(lines))
