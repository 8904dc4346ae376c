"""The recipes that made the pocket checkpoints: each module builds one from the pocket world."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from course_utils.errors import CourseError

Recipe = Callable[[Path], dict[str, Any]]  # writes to a folder, returns the metrics


def _recipe(module: str, *arguments: str) -> Recipe:
    """The `build` of a module, which is imported only when it is called."""

    def build(output: Path) -> dict[str, Any]:
        metrics: dict[str, Any] = import_module(f"{__name__}.{module}").build(output, *arguments)
        return metrics

    return build


#: The recipe of each checkpoint; a checkpoint comes after those it is made from.
RECIPES: dict[str, Recipe] = {
    "bert-mini": _recipe("bert_mini"),
    "bert-mini-reviews": _recipe("fine_tuned", "bert-mini-reviews"),
    "bert-mini-newswire": _recipe("fine_tuned", "bert-mini-newswire"),
    "bert-mini-ner": _recipe("fine_tuned", "bert-mini-ner"),
    "bert-mini-pos": _recipe("fine_tuned", "bert-mini-pos"),
    "bert-mini-reading": _recipe("reader"),
    "sentence-mini": _recipe("sentence_mini"),
    "gpt-mini": _recipe("gpt_mini"),
    "gpt-mini-instruct": _recipe("gpt_mini_instruct"),
    "pegasus-mini": _recipe("pegasus_mini"),
    "marian-mini-en-fr": _recipe("marian_mini"),
    "clip-mini": _recipe("clip_mini"),
}


class RecipeError(CourseError):
    """No such recipe."""


def rebuild(name: str, output: Path) -> dict[str, Any]:
    """Run the recipe of a checkpoint, write its files to `output` and return its metrics.

    Raises RecipeError where there is no recipe of that name.
    """
    if name not in RECIPES:
        raise RecipeError(f"{name}: no such recipe; choose one of: {', '.join(sorted(RECIPES))}")
    return RECIPES[name](output)
