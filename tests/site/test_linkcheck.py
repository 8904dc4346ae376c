"""The link checker finds what it is there to find."""

from pathlib import Path

import pytest

from course_utils.site.linkcheck import check_links


@pytest.fixture
def site(tmp_path: Path) -> Path:
    (tmp_path / "deep").mkdir()
    (tmp_path / "index.html").write_text('<a id="top" href="deep/#part">a</a>')
    (tmp_path / "deep" / "index.html").write_text('<h2 id="part"></h2><a href="../">up</a>')
    (tmp_path / "a b.svg").touch()
    return tmp_path


def add(site: Path, markup: str) -> list[str]:
    (site / "deep" / "page.html").write_text(markup)
    return [str(fault) for fault in check_links(site, site_url="https://me.example/")]


def test_a_sound_site_has_no_faults(site: Path) -> None:
    assert check_links(site) == []


@pytest.mark.parametrize(
    "markup",
    [
        '<a href="../index.html#top">',
        '<a href="#__top"><i id="__top">',
        '<img src="../a%20b.svg#only-light">',
        '<a href="https://elsewhere.example/x">',
        '<a href="mailto:a@b.c">',
        '<link rel="canonical" href="https://me.example/deep/page.html">',
        '<a href="https://me.example/deep/">',
        '<a href="?q=1">',
    ],
)
def test_sound_links_pass(site: Path, markup: str) -> None:
    assert add(site, markup) == []


@pytest.mark.parametrize(
    ("markup", "why"),
    [
        ('<a href="gone/">', "leads to no file"),
        ('<img src="gone.png">', "leads to no file"),
        ('<a href="../index.html#gone">', "names an anchor that the page has not"),
        ('<a href="#gone">', "names an anchor that the page has not"),
        ('<script src="https://cdn.example/x.js">', "is loaded from another host"),
        ('<script src="//cdn.example/x.js">', "is loaded from another host"),
        ('<link rel="stylesheet" href="https://fonts.example/a.css">', "loaded from another host"),
        ('<a href="https://me.example/gone/">', "leads to no file"),
        ('<a href="javascript:alert(1)">', "has an unknown scheme"),
    ],
)
def test_faults_are_found(site: Path, markup: str, why: str) -> None:
    faults = add(site, markup)
    assert len(faults) == 1
    assert faults[0].startswith("deep/page.html: ")
    assert why in faults[0]
