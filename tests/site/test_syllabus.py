"""The coverage matrix, and the course's own: every point has a place, every place exists."""

import re
from pathlib import Path

import pytest
from markdown import Markdown

from course_utils.catalog import Catalog, Lesson, load_catalog
from course_utils.site.errors import SiteError
from course_utils.site.syllabus import Point, load_points, matrix, sections_on

ROOT = Path(__file__).parents[2]

DATA = """\
sections:
  - title: Words
    page: syllabus
    points:
      o6:
        text: Words | letters
        in: {inference/words: counting}
        planned: [inference/more_words]
      "000#1":
        text: Later
        planned: [tasks/later]
"""


def with_data(root: Path, text: str) -> Catalog:
    (root / "docs" / "syllabus.yaml").write_text(text)
    return load_catalog(root)


def test_a_point_links_to_the_section_that_teaches_it(project: Path) -> None:
    text = matrix(with_data(project, DATA), "syllabus")
    assert "**1 of 2** points" in text
    assert (
        "| o6 | Words \\| letters | [Words](lessons/inference/words.py#counting) · "
        "planned: inference/more_words |" in text
    )
    assert "| 000#1 | Later | planned: tasks/later |" in text


def test_a_page_shows_its_own_sections(project: Path) -> None:
    assert matrix(with_data(project, DATA), "other") == "**0 of 0** points are taught so far."


def test_pages_that_are_no_lessons_and_assignments_have_their_links(project: Path) -> None:
    folder = project / "assignments/sums"
    folder.mkdir(parents=True)
    (folder / "assignment.yaml").write_text("title: Sums\nmeets: [o6]\n")
    data = DATA.replace("planned: [tasks/later]", "by: {exam.md: Exam}")
    text = matrix(with_data(project, data), "syllabus")
    assert "**2 of 2** points" in text
    assert "counting) · practised in [Sums](assignments/sums.md) · planned" in text
    assert "| Later | [Exam](exam.md) |" in text


def test_a_claim_in_a_header_links_to_the_lesson(project: Path) -> None:
    data = DATA.replace("        in: {inference/words: counting}\n", "")
    assert "[Words](lessons/inference/words.py) ·" in matrix(with_data(project, data), "syllabus")


def test_an_objective_leads_to_its_sections_else_to_its_lesson(project: Path) -> None:
    catalog = with_data(project, DATA)
    (section,) = sections_on(catalog, ["o6", "000#1", "count"])
    assert section.title == "Words: Counting"
    assert section.link("words/") == "words/#counting"
    (lesson,) = sections_on(catalog, ["count", "none"])
    assert (lesson.title, lesson.link("words/")) == ("Words", "words/")
    assert sections_on(catalog, ["none"]) == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("sections:", "section:", "KeyError"),
        ("        planned: [tasks/later]\n", "", "neither"),
        ("[tasks/later]", "[tasks/later", r"syllabus\.yaml:\d+: not YAML"),
    ],
)
def test_malformed_data_are_named(project: Path, old: str, new: str, message: str) -> None:
    catalog = with_data(project, DATA.replace(old, new))
    with pytest.raises(SiteError, match=rf"^docs/syllabus\.yaml.*{message}|{message}"):
        matrix(catalog, "syllabus")


def test_missing_data_are_named(project: Path) -> None:
    with pytest.raises(SiteError, match=r"^docs/syllabus\.yaml cannot be read"):
        load_points(project)


# ---- The course itself ----


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return load_catalog(ROOT)


@pytest.fixture(scope="module")
def points() -> dict[str, Point]:
    return {point.id: point for section in load_points(ROOT) for point in section.points}


@pytest.mark.parametrize(
    ("series", "count"),
    [
        *(("c", 77), ("o", 15), ("h", 15), ("t", 15), ("a", 2)),
        *(("000#", 11), ("001#", 35), ("002#", 35), ("003#", 21)),
    ],
)
def test_every_bullet_has_a_row(points: dict[str, Point], series: str, count: int) -> None:
    numbered = [name for name in points if re.fullmatch(rf"{re.escape(series)}\d+", name)]
    assert numbered == [f"{series}{n}" for n in range(1, count + 1)]


def test_every_row_names_a_lesson_and_a_heading_that_exist(
    catalog: Catalog, points: dict[str, Point]
) -> None:
    headings = {lesson.id: _anchors(lesson) for lesson in catalog.lessons}
    dead = [
        f"{point.id}: {lesson}#{anchor}"
        for point in points.values()
        for lesson, anchor in point.rows
        if anchor not in headings.get(lesson, set())
    ]
    assert dead == []


def test_what_is_planned_does_not_exist_yet(catalog: Catalog, points: dict[str, Point]) -> None:
    there = {lesson.id for lesson in catalog.lessons}
    done = [f"{p.id}: {lesson}" for p in points.values() for lesson in p.planned if lesson in there]
    assert done == [], "give these points a heading under `in`"


def test_headers_claim_only_points_that_exist(catalog: Catalog, points: dict[str, Point]) -> None:
    for lesson in catalog.lessons:
        assert set(lesson.header.meets) <= set(points), lesson.file


def test_every_claim_of_a_header_has_its_row(catalog: Catalog, points: dict[str, Point]) -> None:
    missing = [
        f"{claim}: {lesson.id}"
        for lesson in catalog.lessons
        for claim in lesson.header.meets
        if lesson.id not in {row for row, _ in points[claim].rows}
    ]
    assert missing == []


def _anchors(lesson: Lesson) -> set[str]:
    """The ids that MkDocs gives the lesson's headings."""
    cells = [cell.source for cell in lesson.notebook().cells if cell.cell_type == "markdown"]
    parser = Markdown(extensions=["toc", "pymdownx.superfences"])
    return set(re.findall(r'<h[1-6] id="([^"]+)"', parser.convert("\n\n".join(cells))))
