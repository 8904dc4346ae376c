"""The committed checkpoints come out of their recipes."""

import json
from pathlib import Path

import pytest

from course_utils.hub import checkpoint_folder, recipes

COSTS = {"cpu_seconds", "parameters"}

pytestmark = pytest.mark.verify


@pytest.mark.parametrize("name", recipes.RECIPES)
def test_a_recipe_gives_the_checkpoint_that_is_committed(name: str, tmp_path: Path) -> None:
    """By what the card measures: another processor rounds differently, so weights may differ."""
    card = json.loads((checkpoint_folder(name) / "training.json").read_text("utf-8"))
    made = recipes.rebuild(name, tmp_path)
    measured = {key: value for key, value in made.items() if key not in COSTS}
    assert measured
    assert measured == pytest.approx({key: card[key] for key in measured}, rel=0.05, abs=0.02)
    assert made["cpu_seconds"] < 20 * 60
