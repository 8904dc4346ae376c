"""The recipes that made the pocket checkpoints: each module builds one from the pocket world."""

from importlib import import_module
from pathlib import Path
from typing import Any

from course_utils.errors import CourseError

RECIPES = {"bert-mini": "bert_mini"}


class RecipeError(CourseError):
    """No such recipe."""


def rebuild(name: str, output: Path) -> dict[str, Any]:
    """Run the recipe of a checkpoint, write its files to `output` and return its metrics.

    Raises RecipeError where there is no recipe of that name.
    """
    if name not in RECIPES:
        raise RecipeError(f"{name}: no such recipe; choose one of: {', '.join(sorted(RECIPES))}")
    metrics: dict[str, Any] = import_module(f"{__name__}.{RECIPES[name]}").build(output)
    return metrics
