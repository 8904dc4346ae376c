"""The pages of assignments: complete, and without solution, hidden checks, mutants or keys."""

from __future__ import annotations

import ast
import io
import json
import re
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from course_utils.catalog import load_catalog
from course_utils.grade.assignment import Assignment, load_all
from course_utils.grade.keys import load_keys
from course_utils.grade.script import read_script
from course_utils.site import build
from course_utils.site.assignment_page import AssignmentPage
from course_utils.site.linkcheck import check_links

ROOT = Path(__file__).parents[2]
COURSE = ROOT / "tests/grade/course"
MORE = """\
datasets: [pocket/numbers]
due: 2026-12-04T18:00:00+01:00
late: {per_day: 0.1, days: 1}
attempts: last
max_attempts: 3
milestones: [{id: two, title: "Two, first", check: adds, wants: "`add` adds."}]
"""
PROSE = "  - {title: Prose, instructor: 3, wants: It reads well.}"

every = pytest.mark.parametrize("assignment", load_all(ROOT), ids=lambda one: one.name)


@pytest.fixture
def with_assignment(project: Path) -> Path:
    """The fixture's course with the assignment of the grader's tests, and its syllabus."""
    shutil.copytree(COURSE / "assignments", project / "assignments")
    with (project / "assignments/sums/assignment.yaml").open("a") as file:
        file.write(MORE)
    (project / "docs/syllabus.yaml").write_text(
        "sections: [{title: T, page: p, points: {o6: {text: x, in: {inference/words: counting}}}}]"
    )
    for path, old, new in (
        (project / "mkdocs.yml", "words.py]", "words.py, assignments/sums.md]"),
        (project / "assignments/sums/assignment.yaml", "meets: []", "meets: [o6]"),
        (project / "assignments/sums/assignment.yaml", "weighs]}", f"weighs]}}\n{PROSE}"),
        (
            project / "assignments/sums/solution.py",
            "The sum of a list.",
            'The sum of a list, `{"a": [1 | 2_3_4]}` too.',
        ),
    ):
        path.write_text(path.read_text().replace(old, new))
    return project


def test_the_page_says_what_to_do_and_how_it_is_marked(with_assignment: Path) -> None:
    build(with_assignment)
    site = with_assignment / "site"
    page = BeautifulSoup((site / "assignments/sums/index.html").read_text(), "html.parser")
    text = " ".join(page.get_text(" ").split())
    for said in (
        "Add up",
        "13 points about 1 minutes",
        "due 4 December 2026, 18:00 UTC+01:00",
        "costs 10% of what you earned; 1 day late is the most",
        "3 times; the last counts",
        'total The sum of a list, {"a": [1 | 2_3_4]} too.',
        "Hidden 5 hidden checks 9",
        "Two, first. add adds. Shown by the public check Two numbers are added",
        "Prose your instructor: It reads well. 3",
        "model.safetensors (at most 1 MB, if you like)",
        "30 s in all, 8 s for one call",
        "pocket/numbers in your notebook",
        "course assignment try sums.ipynb",
    ):
        assert said in text, said
    (hint,) = page.select("details.hint")
    assert "Two numbers are added (1 point)" in hint.get_text(" ")
    taught = [str(link["href"]) for link in page.select("article ul a")]
    assert taught == ["../../lessons/inference/words/#counting"]
    assert check_links(site, site_url="https://course.example/") == []


def test_an_assignment_without_its_line_in_the_nav_is_refused(with_assignment: Path) -> None:
    config = with_assignment / "mkdocs.yml"
    text = config.read_text().replace(", assignments/sums.md", "")
    config.write_text(text.replace("validation: {", "validation: {omitted_files: warn, "))
    with pytest.raises(Exception, match=r"assignments/sums\.md"):
        build(with_assignment)


def test_a_built_site_holds_nothing_that_is_to_stay_hidden(with_assignment: Path) -> None:
    build(with_assignment)
    (assignment,) = load_all(with_assignment)
    assert leaks(assignment, published(with_assignment / "site")) == []


def test_the_search_for_leaks_finds_them(with_assignment: Path) -> None:
    (assignment,) = load_all(with_assignment)
    given = [(path.name, path.read_text()) for path in assignment.folder.iterdir()]
    found = {name for name, _ in leaks(assignment, given)}
    assert found == {"solution.py", "checks.py", "mutants.yaml"}


@every
def test_the_learners_files_hold_nothing_that_is_to_stay_hidden(assignment: Assignment) -> None:
    page = AssignmentPage(assignment, load_catalog(ROOT), "https://course.example/x.whl")
    given = [("page", page.markdown())]
    for name, data in page.downloads.items():
        given += texts(name, data)
    assert len(given) == 7
    assert leaks(assignment, given) == []


@every
def test_the_learners_files_are_the_same_however_often_they_are_made(
    assignment: Assignment,
) -> None:
    catalog = load_catalog(ROOT)
    one, other = (AssignmentPage(assignment, catalog, "").downloads for _ in range(2))
    assert one == other


@every
def test_the_built_course_holds_nothing_that_is_to_stay_hidden(assignment: Assignment) -> None:
    if not (ROOT / "site/index.html").is_file():
        pytest.skip("site/ is not built: `make test` builds it")
    found = published(ROOT / "site")
    assert leaks(assignment, found) == []
    assert [name for name, text in found if load_keys(ROOT).secret in text] == []


def published(site: Path) -> list[tuple[str, str]]:
    """Every text in the site, those in its archives too, by the file's name."""
    paths = (path for path in sorted(site.rglob("*")) if path.is_file())
    return [text for path in paths for text in texts(path.name, path.read_bytes())]


def texts(name: str, data: bytes) -> Iterator[tuple[str, str]]:
    """The texts of one published file as a reader has them, without markup and JSON's escapes."""
    if name.endswith((".zip", ".whl")) and data:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.namelist():
                yield from texts(member, archive.read(member))
    elif name.endswith(".html"):
        yield name, BeautifulSoup(data, "html.parser").get_text()
    elif name.endswith(".ipynb"):
        cells = json.loads(data)["cells"]
        yield name, "\n".join("".join(cell["source"]) for cell in cells)
    else:
        yield name, data.decode("utf-8", "replace")


def leaks(assignment: Assignment, given: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The name of each text that holds a secret of the assignment, and the secret."""
    hidden = secrets(assignment)
    squeezed = [(name, squeeze(text)) for name, text in given]
    return [(name, secret) for name, text in squeezed for secret in hidden if secret in text]


def secrets(assignment: Assignment) -> set[str]:
    """Bodies of the solution and of hidden checks, hidden titles and hints, and the mutants."""
    hidden = [check for check in assignment.checks if not check.public]
    found = {text for check in hidden for text in (check.title, check.hint)}
    shown = {text for check in assignment.checks if check.public for text in (check.hint,)}
    cells = read_script(assignment.solution).cells
    solution = [cell.source for cell in cells if "solution" in cell.metadata.get("tags", [])]
    found |= {body for source in solution for body in bodies(source)}
    checks = (assignment.folder / "checks.py").read_text()
    found |= {body for body in bodies(checks) if any(check.title in body for check in hidden)}
    found |= {f"name: {mutant.name}" for mutant in assignment.mutants}
    squeezed = {squeeze(text) for text in found - shown}
    return {text for text in squeezed if len(text) > 12}  # what is shorter stands anywhere


def bodies(source: str) -> Iterator[str]:
    """The text of each function's body; of a documented one, without its docstring if learners
    have that."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef):
            is_check = bool(node.decorator_list)
            documented = ast.get_docstring(node) is not None and not is_check
            parts = node.body[1:] if documented else node.body
            lines = source.splitlines()[parts[0].lineno - 1 : parts[-1].end_lineno]
            yield "\n".join(lines)


def squeeze(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()
