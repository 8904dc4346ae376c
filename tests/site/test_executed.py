"""What a run left behind: present, fresh and readable, or one line that says what to do."""

import json
from pathlib import Path

import nbformat
import pytest

from course_utils.catalog import Lesson, load_catalog
from course_utils.site.errors import SiteError
from course_utils.site.executed import Execution, executed_notebook, load_manifest


def edit(lesson: Lesson, old: str, new: str) -> Lesson:
    lesson.source.write_text(lesson.text.replace(old, new), encoding="utf-8")
    return load_catalog(lesson.root).lesson(lesson.id)


def test_outputs_come_from_the_run(lesson: Lesson) -> None:
    printed = [cell for cell in executed_notebook(lesson).cells if cell.source.startswith("print")]
    assert printed[0].outputs[0].text == "['one', 'two']\n"


def test_prose_comes_from_the_source(lesson: Lesson) -> None:
    edited = edit(lesson, "We count words.", "We count all words.")
    assert "We count all words." in executed_notebook(edited).cells[0].source


def test_changed_code_asks_for_a_run(lesson: Lesson) -> None:
    edited = edit(lesson, '"one two"', '"one two three"')
    message = r"^lessons/inference/words\.py changed .*`course run inference/words`$"
    with pytest.raises(SiteError, match=message):
        executed_notebook(edited)


def test_an_unexecuted_lesson_asks_for_a_run(lesson: Lesson) -> None:
    (lesson.root / "build/notebooks/inference/words.ipynb").unlink()
    with pytest.raises(SiteError, match=r"not executed yet: run `course run inference/words`$"):
        executed_notebook(lesson)


def test_a_lesson_missing_from_the_manifest_asks_for_a_run(lesson: Lesson) -> None:
    (lesson.root / "build/manifest.json").unlink()
    with pytest.raises(SiteError, match="not executed yet"):
        load_manifest(lesson.root).execution(lesson)


def test_a_failed_lesson_is_not_published(lesson: Lesson) -> None:
    path = lesson.root / "build/manifest.json"
    manifest = json.loads(path.read_text())
    manifest["lessons"][lesson.id]["status"] = "failed"
    path.write_text(json.dumps(manifest))
    with pytest.raises(SiteError, match=r"^lessons/inference/words\.py failed"):
        load_manifest(lesson.root).execution(lesson)


@pytest.mark.parametrize("text", ["{", "[]", '{"lessons": 3}', "{}"])
def test_a_broken_manifest_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "build").mkdir()
    (tmp_path / "build/manifest.json").write_text(text)
    with pytest.raises(SiteError, match=r"^build/manifest\.json cannot be read"):
        load_manifest(tmp_path)


def test_the_sentence_names_date_versions_device_and_seconds(lesson: Lesson) -> None:
    assert load_manifest(lesson.root).execution(lesson).sentence == (
        "Executed on 1 March 2026 with transformers 5.1, torch 2.9 on CPU in 4.2 s."
    )


def test_the_sentence_copes_with_what_is_missing() -> None:
    assert Execution({"device": "NVIDIA H200", "seconds": 312.4}, {}).sentence == (
        "Executed on NVIDIA H200 in 312 s."
    )


def test_notebooks_of_another_tool_are_read_too(lesson: Lesson) -> None:
    path = lesson.root / "build/notebooks/inference/words.ipynb"
    notebook = nbformat.read(path, as_version=4)
    notebook.cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    nbformat.write(notebook, path)
    assert len(executed_notebook(lesson).cells) > len(notebook.cells)
