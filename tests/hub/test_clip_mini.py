"""The batches of clip-mini; the checkpoint itself is tested with the others."""

from itertools import islice

import torch

from course_utils.hub.recipes.clip_mini import (
    BATCH,
    MISSES,
    RUN,
    batches,
    first_colours,
    named,
    shuffled,
)
from course_utils.world.shapes import COLOURS, SIDE, drawings, held_out

CAPTIONS = [text for _, text in drawings("validation")]


def test_the_first_colour_is_a_shapes_not_the_backgrounds() -> None:
    found = first_colours(["a big red star on a pale blue background", "a blue ring, on cream"])
    assert [list(COLOURS)[i] for i in found] == ["red", "blue"]


def test_rows_come_in_runs_of_one_colour_and_none_comes_twice() -> None:
    colours = torch.arange(8).repeat(2 * RUN)
    order = shuffled(colours, torch.Generator().manual_seed(0))
    assert sorted(order.tolist()) == list(range(len(colours)))
    assert order.tolist() != sorted(order.tolist())
    assert all(len(set(run.tolist())) == 1 for run in colours[order].view(-1, RUN))


def test_a_batch_has_its_captions_and_near_misses_that_name_no_test_pair() -> None:
    pixels = torch.zeros(len(CAPTIONS), 3, SIDE, SIDE)
    for pictures, texts in islice(batches(pixels, CAPTIONS), 6):
        assert pictures.shape == (BATCH, 3, SIDE, SIDE)
        assert len(texts) == BATCH + MISSES
        assert set(texts[:BATCH]) <= set(CAPTIONS)
        for miss, text in zip(texts[BATCH:], texts[: BATCH : BATCH // MISSES], strict=True):
            assert miss != text
            assert not named(miss) & held_out()


def test_same_seed_same_batches() -> None:
    pixels = torch.rand(len(CAPTIONS), 3, SIDE, SIDE)
    (first, texts), (again, same) = (next(batches(pixels, CAPTIONS)) for _ in range(2))
    assert texts == same
    assert torch.equal(first, again)
