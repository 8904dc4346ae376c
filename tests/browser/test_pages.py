"""The site in a browser: nothing from elsewhere, nothing broken, nobody shut out."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "lessons").rglob("*.py"))
LESSONS = [source.relative_to(ROOT).with_suffix("").as_posix() + "/" for source in SOURCES]
QUIZZES = [
    source.relative_to(ROOT).with_suffix("").as_posix() + "/"
    for source in sorted((ROOT / "quizzes").rglob("*.yaml"))
]
BUILT = sorted((ROOT / "site").rglob("*.html"))
PAGES = ["", "syllabus/", "404.html", *LESSONS, *QUIZZES]
LOOKS = {
    "light": {"color_scheme": "light", "viewport": {"width": 1280, "height": 900}},
    "dark": {"color_scheme": "dark", "viewport": {"width": 1280, "height": 900}},
    "phone": {"color_scheme": "light", "viewport": {"width": 390, "height": 844}},
}
MAX_HTML, MAX_TRANSFER = 60_000, 200_000
#: A walkthrough that is still larger, to be shortened: its limit, which no other page may use.
LARGE_HTML = {"lessons/tasks/question_answering/comparison/": 66_000}
#: Bytes that came over the wire, headers included.
TRANSFERRED = """performance.getEntries().filter(entry => entry.transferSize !== undefined)
    .reduce((sum, entry) => sum + entry.transferSize, 0)"""


@pytest.fixture
def opened(browser: Browser, site_url: str) -> Iterator[Callable[[str, str], Page]]:
    """Opens a page of the site in one of the looks."""
    contexts: list[BrowserContext] = []

    def open_page(path: str, look: str = "light") -> Page:
        context = browser.new_context(**LOOKS[look])  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.goto(site_url + path)
        page.wait_for_load_state("networkidle")
        return page

    yield open_page
    for context in contexts:
        context.close()


def overflow(page: Page) -> int:
    """By how many pixels the page scrolls sideways."""
    width = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    return int(page.evaluate(width))


def violations(page: Page) -> list[str]:
    """What axe-core finds wrong, one line a node."""
    found = Axe().run(page).response["violations"]
    return [
        f"{rule['id']}: {node['html'][:160]} {node.get('failureSummary', '')[:200]}"
        for rule in found
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_light_asks_no_other_host_and_logs_no_error(
    browser: Browser, site_url: str, path: str
) -> None:
    context = browser.new_context()
    page = context.new_page()
    requests: list[str] = []
    errors: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(site_url + path)
    page.mouse.wheel(0, 50_000)
    page.wait_for_load_state("networkidle")
    moved = page.evaluate(TRANSFERRED)
    context.close()
    hosts = {urlsplit(url).netloc for url in requests if not url.startswith("data:")}
    assert hosts == {urlsplit(site_url).netloc}
    assert errors == []
    assert 0 < moved <= MAX_TRANSFER


def test_the_search_index_waits_until_somebody_searches(opened: Callable[..., Page]) -> None:
    page = opened(LESSONS[0])
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.reload()
    page.wait_for_load_state("networkidle")
    assert not [url for url in asked if "search_index" in url]
    page.keyboard.press("/")
    page.locator(".md-search__input").press_sequentially("pretrained")
    page.locator(".md-search-result__item a[href*='h=pretrained']").first.click()
    page.wait_for_url("**?h=pretrained*")
    page.locator("mark[data-md-highlight]").first.wait_for()
    assert len([url for url in asked if "search_index" in url]) >= 1


@pytest.mark.parametrize("page", BUILT, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_the_html_of_a_page_is_small(page: Path) -> None:
    content = page.read_bytes()
    packed = len(gzip.compress(content))
    limit = LARGE_HTML.get(f"{page.parent.relative_to(ROOT / 'site').as_posix()}/", MAX_HTML)
    assert len(content) <= limit, f"{len(content)} bytes of HTML, {packed} gzipped"


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("path", ["", "syllabus/", *LESSONS, *QUIZZES])
def test_axe_finds_nothing_and_nothing_overflows(
    opened: Callable[..., Page], path: str, look: str
) -> None:
    page = opened(path, look)
    assert violations(page) == []
    assert overflow(page) == 0
    page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true })")
    page.wait_for_timeout(200)
    assert violations(page) == []
    assert overflow(page) == 0


@pytest.mark.parametrize("look", LOOKS)
def test_axe_finds_nothing_while_searching(opened: Callable[..., Page], look: str) -> None:
    page = opened(LESSONS[0], look)
    page.keyboard.press("/")
    page.locator(".md-search__input").press_sequentially("pretrained")
    page.locator(".md-search-result__item").first.wait_for()
    page.wait_for_timeout(500)
    assert violations(page) == []


def test_axe_finds_nothing_in_the_drawer(opened: Callable[..., Page]) -> None:
    page = opened(LESSONS[0], "phone")
    page.locator("label.md-header__button[for='__drawer']").click()
    page.wait_for_timeout(500)
    assert violations(page) == []


def test_what_scrolls_sideways_can_be_reached_and_has_a_name(opened: Callable[..., Page]) -> None:
    page = opened(LESSONS[0], "phone")
    faults = page.evaluate(
        """[...document.querySelectorAll('.nb-out pre, .nb-scroll, .home-picture')]
            .filter(box => box.getClientRects().length)
            .filter(box => (box.scrollWidth > box.clientWidth + 1)
                !== (box.tabIndex === 0 && Boolean(box.getAttribute('aria-label'))))
            .map(box => box.outerHTML.slice(0, 100))"""
    )
    assert faults == []


def test_plots_follow_the_scheme(opened: Callable[..., Page]) -> None:
    for look, suffix in (("light", "-dark.svg"), ("dark", ".svg")):
        page = opened("", look)
        hidden = page.evaluate(
            """[...document.querySelectorAll('.nb-plot img')]
                .filter(img => getComputedStyle(img).display === 'none').map(img => img.src)"""
        )
        shown = page.evaluate(
            """[...document.querySelectorAll('.nb-plot img')]
                .filter(img => getComputedStyle(img).display !== 'none').map(img => img.src)"""
        )
        assert len(shown) == len(hidden) > 0
        assert all(urlsplit(url).path.endswith(suffix) for url in hidden)
