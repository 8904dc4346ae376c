import random

import pytest

from course_utils.world.chance import Weighted


@pytest.mark.parametrize("weights", [(1,), (3, 0, 1), (0.5, 0.25, 2.5, 1.0)])
def test_a_draw_is_what_random_choices_draws(weights: tuple[float, ...]) -> None:
    things = range(len(weights))
    ours, theirs = random.Random(3), random.Random(3)
    weighted = Weighted(things, weights)
    drawn = [weighted.draw(ours) for _ in range(300)]
    assert drawn == [theirs.choices(things, weights)[0] for _ in range(300)]
