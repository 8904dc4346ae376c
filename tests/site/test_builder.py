"""Whole builds of the fixture's course."""

import errno
import socket
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from course_utils.site import SiteError, build, builder, serve
from course_utils.site.linkcheck import check_links

PAGE = "lessons/inference/words/index.html"


def words(root: Path) -> BeautifulSoup:
    return BeautifulSoup((root / "site" / PAGE).read_text(encoding="utf-8"), "html.parser")


def test_a_lesson_becomes_a_page_of_the_theme(project: Path) -> None:
    report = build(project)
    page = words(project)
    assert report.folder == project / "site"
    assert report.pages == 3
    assert page.title is not None
    assert page.title.text == "Words and len - Fixture"
    assert page.select_one(".admonition.trap") is not None
    assert page.select_one(".highlight + .nb-out") is not None
    assert page.select_one("details.solution .highlight") is not None
    contents = page.select(".md-sidebar--secondary .md-nav__link")
    assert [link["href"] for link in contents] == ["#counting", "#at-full-scale"]


def test_images_downloads_and_wheel_are_published(project: Path) -> None:
    build(project)
    for name in (
        "lessons/inference/words/plot-1.svg",
        "lessons/inference/words/plot-1-dark.svg",
        "downloads/inference/words.ipynb",
        "downloads/course_utils-1-py3-none-any.whl",
        "assets/course.css",
    ):
        assert (project / "site" / name).is_file(), name
    assert not list((project / "site").rglob("*.py"))
    assert check_links(project / "site", site_url="https://course.example/") == []


def test_the_stylesheet_of_formulas_is_on_pages_with_formulas_alone(project: Path) -> None:
    build(project)
    home = (project / "site" / "index.html").read_text()
    assert "katex.min.css" not in home
    assert words(project).select_one('link[href$="katex.min.css"]') is not None
    assert words(project).select_one("math") is not None


def test_outputs_and_formulas_stay_out_of_the_search(project: Path) -> None:
    build(project)
    index = (project / "site" / "search" / "search_index.json").read_text()
    assert "We count words." in index
    assert "['one'" not in index
    assert "mathnormal" not in index


def test_a_dead_link_between_lessons_stops_the_build(project: Path) -> None:
    build(project)
    before = (project / "site" / PAGE).read_bytes()
    source = project / "lessons/inference/words.py"
    source.write_text(source.read_text().replace("../../index.md", "nowhere.py"))
    with pytest.raises(SiteError, match=r"^the site was not built: .*nowhere\.py"):
        build(project)
    assert (project / "site" / PAGE).read_bytes() == before
    assert list(project.glob(".site-*")) == []


def test_a_dead_anchor_stops_the_build(project: Path) -> None:
    source = project / "lessons/inference/words.py"
    source.write_text(source.read_text().replace("../../index.md", "words.py#nowhere"))
    with pytest.raises(SiteError, match="nowhere"):
        build(project)


def test_an_unexecuted_lesson_stops_the_build(project: Path) -> None:
    (project / "build/manifest.json").unlink()
    with pytest.raises(SiteError, match=r"run `course run inference/words`$"):
        build(project)
    assert not (project / "site").exists()


def test_a_full_disk_is_one_line_and_leaves_nothing(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "site/x.html")

    monkeypatch.setattr(builder, "_mkdocs_build", full)
    with pytest.raises(SiteError, match=r"^site/x\.html: No space left on device: make room"):
        build(project)
    assert list(project.glob(".site-*")) == []


def test_a_second_build_takes_the_place_of_the_first(project: Path) -> None:
    build(project)
    (project / "site" / "stale.html").touch()
    build(project)
    assert not (project / "site" / "stale.html").exists()
    assert sorted(path.name for path in project.iterdir() if path.name.startswith(".")) == []


def test_a_port_in_use_is_one_line(project: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SiteError, match=rf"^127\.0\.0\.1:{port}: Address already in use"):
            serve(project, port)
