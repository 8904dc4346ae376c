"""The committed checkpoints come out of their recipes."""

import json
from pathlib import Path

import pytest

import course_utils.hub
from course_utils.hub import recipes

POCKET = Path(course_utils.hub.__file__).parent / "repos/models/pocket"

pytestmark = pytest.mark.verify


@pytest.mark.parametrize("name", recipes.RECIPES)
def test_a_recipe_gives_the_checkpoint_that_is_committed(name: str, tmp_path: Path) -> None:
    """By what the card measures: another processor rounds differently, so weights may differ."""
    card = json.loads((POCKET / name / "training.json").read_text("utf-8"))
    made = recipes.rebuild(name, tmp_path)
    measured = {key: value for key, value in made.items() if key.startswith(("masked", "baseline"))}
    assert measured
    assert measured == pytest.approx({key: card[key] for key in measured}, abs=0.02)
    assert made["cpu_seconds"] < 20 * 60
