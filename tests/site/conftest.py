"""A course of one lesson, executed by hand, that every test of the site can build from."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent

import nbformat
import pytest
from nbformat.v4 import new_output

from course_utils.catalog import Lesson, load_catalog

LESSON = """\
# ---
# jupyter:
#   jupytext: {comment_magics: false}
#   course:
#     title: Words
#     path: core
#     objectives: {count: "Count words with `len`"}
#     meets: [o6]
#     minutes: 10
#     full:
#       parameters: {checkpoint: real/bert, steps: 900}
#       resources: {gpus: 1, memory_gb: 8, minutes: 6, timeout: 30}
# ---

# %% [markdown]
# # Words and `len`
#
# We count words.

# %% tags=["parameters"]
checkpoint, steps = "pocket/bert", 10

# %% [markdown]
# ## Counting
#
# There are $n^2$ pairs.
#
# !!! trap "Spaces"
#     They *count*. See [home](../../index.md).

# %%
print("one two".split())

# %% alt="A rising line"
draw()

# %%
def count(text):
    ...

# %% tags=["solution"]
def count(text):
    return len(text.split())

# %% tags=["check"]
assert count("a b") == 2

# %% [markdown]
# ## At full scale
#
# <!-- course:full-scale -->
"""

CONFIG = """\
site_name: Fixture
site_url: https://course.example/
theme: {name: material, font: false}
plugins: [search, course]
nav: [index.md, lessons/inference/words.py]
markdown_extensions:
  - admonition
  - attr_list
  - md_in_html
  - tables
  - pymdownx.arithmatex: {generic: true}
  - pymdownx.details
  - pymdownx.highlight
  - pymdownx.superfences
validation: {anchors: warn, unrecognized_links: warn}
"""

SVG = (
    '<?xml version="1.0"?><!DOCTYPE svg><svg width="72pt" height="36pt" viewBox="0 0 72 36" '
    'xmlns="http://www.w3.org/2000/svg"><metadata>today</metadata>\n'
    '  <path d="M0 0L9 9" style="stroke: #1F2430; fill: #ffffff"/>\n</svg>'
)


def execute_by_hand(lesson: Lesson) -> None:
    """Write the notebook and manifest that a run of the fixture's lesson would leave."""
    notebook = lesson.notebook()
    for cell in notebook.cells:
        if cell.cell_type == "code" and cell.source.startswith("print"):
            cell.outputs = [new_output("stream", name="stdout", text="['one', 'two']\n")]
        if cell.cell_type == "code" and cell.source == "draw()":
            cell.outputs = [new_output("display_data", data={"image/svg+xml": SVG})]
    path = lesson.root / "build" / "notebooks" / f"{lesson.id}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
    write_manifest(lesson.root, {lesson.id: RUN})


RUN = {
    "status": "ok",
    "seconds": 4.25,
    "device": "cpu",
    "executed_at": "2026-03-01T10:00:00+00:00",
    "metrics": [{"name": "F1", "kind": "quality", "value": 0.5, "unit": ""}],
}


def write_manifest(root: Path, lessons: dict[str, object]) -> None:
    """Write ``build/manifest.json`` with these lessons."""
    manifest = {
        "scale": "pocket",
        "versions": {"transformers": "5.1", "torch": "2.9", "numpy": "2"},
        "device": "cpu",
        "lessons": lessons,
    }
    (root / "build").mkdir(exist_ok=True)
    (root / "build" / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The root of a course of one executed lesson; its wheel is an empty file."""
    root = tmp_path / "project"
    for name, text in {
        "mkdocs.yml": CONFIG,
        "docs/index.md": "# Home\n\n<!-- course:lessons -->\n",
        "lessons/inference/words.py": LESSON,
    }.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
    wheel = root / "build" / "course_utils-1-py3-none-any.whl"
    wheel.parent.mkdir()
    wheel.touch()
    monkeypatch.setattr("course_utils.site.plugin.ensure_wheel", lambda _: wheel)
    execute_by_hand(load_catalog(root).lesson("inference/words"))
    return root


@pytest.fixture
def lesson(project: Path) -> Lesson:
    """The fixture's lesson."""
    return load_catalog(project).lesson("inference/words")
