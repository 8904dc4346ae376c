"""The learner's copy."""

import nbformat
import pytest
from nbformat import NotebookNode

from course_utils.catalog import Lesson
from course_utils.site.download import learner_notebook, site_links

URL = "https://course.example/"


@pytest.fixture
def copy(lesson: Lesson) -> NotebookNode:
    return nbformat.reads(
        learner_notebook(lesson, site_url=URL, wheel="course_utils-1-py3-none-any.whl"),
        as_version=4,
    )


def test_it_is_a_valid_notebook_with_stable_ids(copy: NotebookNode, lesson: Lesson) -> None:
    nbformat.validate(copy)
    assert [cell.id for cell in copy.cells] == [f"cell-{n}" for n in range(len(copy.cells))]
    assert copy.metadata.title == lesson.title


def test_the_first_cell_installs_the_package_and_starts_the_hub(copy: NotebookNode) -> None:
    source = copy.cells[0].source
    assert f'"course-utils @ {URL}downloads/course_utils-1-py3-none-any.whl"' in source
    assert source.index("%pip install") < source.index("hub.start()")


def test_solutions_are_left_out(copy: NotebookNode) -> None:
    sources = [cell.source for cell in copy.cells]
    assert any(source.endswith("...") for source in sources)
    assert not any("text.split()" in source for source in sources)
    assert not any("solution" in cell.metadata.get("tags", []) for cell in copy.cells)


def test_a_failing_check_lets_the_run_go_on(copy: NotebookNode) -> None:
    checks = [cell for cell in copy.cells if "check" in cell.metadata.get("tags", [])]
    assert [cell.metadata.tags for cell in checks] == [["check", "raises-exception"]]


def test_outputs_are_left_out(copy: NotebookNode) -> None:
    assert not any(cell.get("outputs") for cell in copy.cells)


def test_call_outs_markers_and_links_are_rewritten(copy: NotebookNode) -> None:
    prose = "\n".join(cell.source for cell in copy.cells if cell.cell_type == "markdown")
    assert "> **Spaces**" in prose
    assert f"[home]({URL})" in prose
    assert f"[the lesson's page]({URL}lessons/inference/words/)" in prose
    assert "<!-- course:" not in prose


@pytest.mark.parametrize(
    ("link", "address"),
    [
        ("[a](pipelines.py)", f"[a]({URL}lessons/inference/pipelines/)"),
        ("[a](../ecosystem/hub.py#cards)", f"[a]({URL}lessons/ecosystem/hub/#cards)"),
        ("[a](../../setup.md)", f"[a]({URL}setup/)"),
        ("![a](../../assets/a.svg)", f"![a]({URL}assets/a.svg)"),
        ("[a](https://x.example/b.py)", "[a](https://x.example/b.py)"),
        ("[a](#here)", "[a](#here)"),
        ("[a](mailto:x@y.z)", "[a](mailto:x@y.z)"),
    ],
)
def test_links_lead_to_the_site(link: str, address: str) -> None:
    assert site_links(link, "lessons/inference/words.py", URL) == address
