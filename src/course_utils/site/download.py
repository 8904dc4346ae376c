"""The learner's copy of a lesson: a notebook that runs anywhere the package can be installed."""

from __future__ import annotations

import posixpath
import re
from textwrap import dedent

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from course_utils.catalog import Lesson
from course_utils.site.callouts import to_jupyter

__all__ = ["learner_notebook", "site_links"]

_MARKER = re.compile(r"^<!-- course:(?P<name>[\w-]+) -->[ \t]*$", re.MULTILINE)
_LINK = re.compile(r"(?P<open>!?\[[^\]]*\]\()(?P<target>[^)\s]+)(?P<close>\)(?:\{[^}]*\})?)")
_FENCE = re.compile(r"(^```.*?^```[ \t]*$)", re.DOTALL | re.MULTILINE)

_MARKS = {
    "quiz": "The quiz is on [the lesson's page]({page}).",
    "warm-up": "The warm-up questions are on [the lesson's page]({page}).",
    "full-scale": "What changes at full scale is on [the lesson's page]({page}).",
}


def learner_notebook(lesson: Lesson, *, site_url: str, wheel: str) -> str:
    """The notebook as JSON: solutions left out, checks that let the run go on, links to the site.

    Args:
        lesson: the lesson; outputs are never part of the copy.
        site_url: where the site is published, with a slash at its end.
        wheel: file name of the package's wheel in the site's ``downloads/``.
    """
    cells = [_setup(site_url, wheel)]
    for cell in lesson.notebook().cells:
        if cell.cell_type == "markdown":
            cells.append(new_markdown_cell(_prose(cell.source, lesson, site_url)))
        elif cell.cell_type == "code" and "solution" not in cell.metadata.get("tags", []):
            cells.append(_code(cell))
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    notebook = new_notebook(cells=cells, metadata=_metadata(lesson))
    return str(nbformat.writes(notebook)) + "\n"


def _metadata(lesson: Lesson) -> dict[str, object]:
    return {
        "title": lesson.title,
        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
        "language_info": {"name": "python"},
    }


def _setup(site_url: str, wheel: str) -> NotebookNode:
    return new_code_cell(
        dedent(f"""\
        # Set-up. The package course-utils brings the libraries and the pocket Hub, a small model
        # hub that runs on this machine. Run this cell before any other.
        import importlib.util

        if importlib.util.find_spec("course_utils") is None:
            %pip install --quiet "course-utils @ {site_url}downloads/{wheel}"

        from course_utils import hub

        hub.start()""")
    )


def _code(cell: NotebookNode) -> NotebookNode:
    tags = list(cell.metadata.get("tags", []))
    if "check" in tags and "raises-exception" not in tags:
        tags.append("raises-exception")
    return new_code_cell(cell.source, metadata={"tags": tags} if tags else {})


def _prose(markdown: str, lesson: Lesson, site_url: str) -> str:
    page = f"{site_url}lessons/{lesson.id}/"
    pieces = _FENCE.split(to_jupyter(markdown))
    pieces[::2] = [
        _plain(piece, f"lessons/{lesson.id}.py", site_url, page) for piece in pieces[::2]
    ]
    return "".join(pieces)


def _plain(markdown: str, source: str, site_url: str, page: str) -> str:
    markdown = _MARKER.sub(lambda m: _MARKS.get(m["name"], "").format(page=page), markdown)
    return site_links(markdown, source, site_url)


def site_links(markdown: str, source: str, site_url: str) -> str:
    """Turn the relative links of the page `source` into addresses on the site."""

    def absolute(match: re.Match[str]) -> str:
        target = match["target"]
        if re.match(r"[a-z][a-z0-9+.-]*:|#|/", target):
            return match["open"] + target + match["close"]
        path, hash_mark, anchor = target.partition("#")
        resolved = posixpath.normpath(posixpath.join(posixpath.dirname(source), path))
        return f"{match['open']}{site_url}{_page_url(resolved)}{hash_mark}{anchor}{match['close']}"

    return _LINK.sub(absolute, markdown)


def _page_url(path: str) -> str:
    stem, suffix = posixpath.splitext(path)
    if suffix not in {".md", ".py"}:
        return path
    folder, name = posixpath.split(stem)
    parts = [folder] if name == "index" else [folder, name]
    return "".join(f"{part}/" for part in parts if part)
