"""The coverage matrix: every point of the course's source documents and where it is taught."""

from __future__ import annotations

import html
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from markdown import Markdown

from course_utils.catalog import Catalog, Lesson
from course_utils.site.errors import SiteError

__all__ = ["Point", "Section", "Taught", "load_points", "matrix", "sections_on", "teaching"]

#: Where the data lie, below the project's root.
SYLLABUS = "docs/syllabus.yaml"


@dataclass(frozen=True)
class Point:
    """One point of a source document and the lesson sections that teach it.

    Each row is (lesson id, heading anchor), each of `pages` (source path, title) of a page that
    is no lesson; `planned` names lessons that are still to come.
    """

    id: str
    text: str
    rows: tuple[tuple[str, str], ...]
    planned: tuple[str, ...]
    pages: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Section:
    """The points of one topic or document, in reading order, and the page that shows them."""

    title: str
    page: str
    points: tuple[Point, ...]


@dataclass(frozen=True)
class Taught:
    """Where something is taught: a lesson, and a heading in it, empty for the lesson as a whole."""

    lesson: Lesson
    anchor: str = ""
    heading: str = ""

    @property
    def title(self) -> str:
        """The words of a link to it."""
        return ": ".join(filter(None, (self.lesson.title, self.heading)))

    def link(self, target: str) -> str:
        """An address in which `target` leads to the lesson."""
        return f"{target}#{self.anchor}" if self.anchor else target


def load_points(root: Path) -> list[Section]:
    """Read the points.

    Raises:
        SiteError: the file is missing or malformed.
    """
    try:
        tree = yaml.safe_load((root / SYLLABUS).read_text(encoding="utf-8"))
        return [_section(entry) for entry in tree["sections"]]
    except OSError as error:
        raise SiteError(f"{SYLLABUS} cannot be read: restore it") from error
    except yaml.YAMLError as error:
        line = getattr(getattr(error, "problem_mark", None), "line", 0) + 1
        raise SiteError(f"{SYLLABUS}:{line}: not YAML: check quotes and indentation") from error
    except (KeyError, TypeError, ValueError) as error:
        raise SiteError(
            f"{SYLLABUS}: {error!r}: each section has title, page and points; each point "
            "has id, text and `in: {lesson: anchor}`, `by: {page: title}` or `planned: [lesson]`"
        ) from error


def _section(entry: dict[str, Any]) -> Section:
    points = tuple(_point(str(name), point) for name, point in entry["points"].items())
    return Section(entry["title"], entry["page"], points)


def _point(name: str, entry: dict[str, Any]) -> Point:
    rows = tuple(
        (lesson, anchor)
        for lesson, anchors in entry.get("in", {}).items()
        for anchor in ([anchors] if isinstance(anchors, str) else anchors)
    )
    planned, pages = tuple(entry.get("planned", [])), tuple(entry.get("by", {}).items())
    if not (rows or planned or pages):
        raise ValueError(f"point {name} has neither `in` nor `by` nor `planned`")
    return Point(name, entry["text"], rows, planned, pages)


def matrix(catalog: Catalog, page: str) -> str:
    """The part of the matrix for `page` as Markdown, one table a section, linked to the lessons.

    Points that a lesson's header claims in `meets`, without a row here, link to the lesson itself.
    """
    sections = [section for section in load_points(catalog.root) if section.page == page]
    points = [point for section in sections for point in section.points]
    done = sum(bool(_links(point, catalog)) for point in points)
    practice = _practice(catalog)
    tables = [_table(section, catalog, practice) for section in sections]
    return "\n\n".join([f"**{done} of {len(points)}** points are taught so far.", *tables])


def teaching(catalog: Catalog) -> dict[str, tuple[str, tuple[str, ...]]]:
    """For each point its text and the places in the site, from its root, that teach it."""
    taught = {lesson.id for lesson in catalog.lessons}
    return {
        point.id: (
            point.text,
            tuple(f"lessons/{x}/#{anchor}" for x, anchor in point.rows if x in taught),
        )
        for section in load_points(catalog.root)
        for point in section.points
    }


def sections_on(catalog: Catalog, objectives: Iterable[str]) -> list[Taught]:
    """The sections that teach one of `objectives`, in the course's order.

    An objective is a lesson's own or a point of the syllabus. Where no row names a section of a
    lesson whose header claims the objective, it is the lesson as a whole.
    """
    wanted = set(objectives)
    points = [point for section in load_points(catalog.root) for point in section.points]
    rows = {row for point in points if point.id in wanted for row in point.rows}
    found: list[Taught] = []
    for lesson in catalog.lessons:
        anchors = {anchor for name, anchor in rows if name == lesson.id}
        headings = _headings(lesson) if anchors else {}
        found += [Taught(lesson, a, text) for a, text in headings.items() if a in anchors]
        if not anchors and wanted & {*lesson.header.objectives, *lesson.header.meets}:
            found.append(Taught(lesson))
    return found


def _headings(lesson: Lesson) -> dict[str, str]:
    """A lesson's headings by the anchors that MkDocs gives them."""
    cells = [c.source for c in lesson.notebook().cells if c.cell_type == "markdown"]
    parser = Markdown(extensions=["toc", "pymdownx.superfences"])
    parser.convert("\n\n".join(cells))
    return dict(_flat(parser.toc_tokens))


def _flat(tokens: Iterable[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for token in tokens:
        yield token["id"], html.unescape(token["name"])
        yield from _flat(token["children"])


def _practice(catalog: Catalog) -> dict[str, list[str]]:
    """Links to the assignments that meet a point, by its id."""
    found: dict[str, list[str]] = {}
    for name, folder in catalog.assignments.items():
        said = yaml.safe_load((folder / "assignment.yaml").read_text("utf-8"))
        for point in said["meets"]:
            found.setdefault(point, []).append(f"[{_escape(said['title'])}](assignments/{name}.md)")
    return found


def _table(section: Section, catalog: Catalog, practice: dict[str, list[str]]) -> str:
    rows = [
        f"| {point.id} | {_escape(point.text)} | {_where(point, catalog, practice)} |"
        for point in section.points
    ]
    return "\n".join(
        [f"## {section.title}\n", "| Id | Point | Taught in |", "|---|---|---|", *rows]
    )


def _where(point: Point, catalog: Catalog, practice: dict[str, list[str]]) -> str:
    links, tasks = _links(point, catalog), practice.get(point.id, [])
    tried = [f"practised in {', '.join(tasks)}"] if tasks else []
    planned = [f"planned: {', '.join(point.planned)}"] if point.planned else []
    return " · ".join([*links, *tried, *planned])


def _links(point: Point, catalog: Catalog) -> list[str]:
    titles = {lesson.id: lesson.title for lesson in catalog.lessons}
    placed = {lesson for lesson, _ in point.rows}
    links = [
        f"[{_escape(titles[lesson])}](lessons/{lesson}.py#{anchor})"
        for lesson, anchor in point.rows
        if lesson in titles
    ]
    claims = [
        f"[{_escape(lesson.title)}](lessons/{lesson.id}.py)"
        for lesson in catalog.lessons
        if point.id in lesson.header.meets and lesson.id not in placed
    ]
    pages = [f"[{_escape(title)}]({page})" for page, title in point.pages]
    return links + claims + pages


def _escape(text: str) -> str:
    return html.escape(text, quote=False).replace("|", "\\|")
