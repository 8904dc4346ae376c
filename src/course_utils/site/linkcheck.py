"""Do the links of the built site lead somewhere? Every href, src, srcset and anchor is followed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

from bs4 import BeautifulSoup, Tag

__all__ = ["Fault", "check_links"]

#: Attributes that make the browser fetch something while the page loads.
_LOADED = {
    ("script", "src"),
    ("img", "src"),
    ("link", "href"),
    ("iframe", "src"),
    ("source", "src"),
}
#: Links in the head that name the page itself and load nothing.
_NAMES = {"canonical", "prev", "next", "alternate"}


@dataclass(frozen=True)
class Fault:
    """One broken link: the page (relative to the site), the link as written, what is wrong."""

    page: str
    link: str
    why: str

    def __str__(self) -> str:
        return f"{self.page}: {self.link}: {self.why}"


def check_links(site: Path, *, site_url: str = "") -> list[Fault]:
    """Follow every link of every HTML page below `site`.

    Args:
        site: the folder of the built site.
        site_url: the address it is built for; links that start with it count as internal.
    """
    checker = _Checker(site.resolve(), site_url)
    return [fault for page in sorted(site.rglob("*.html")) for fault in checker.faults(page)]


class _Checker:
    def __init__(self, site: Path, site_url: str) -> None:
        self.site = site
        self.site_url = site_url
        self.anchors = cache(_anchors)

    def faults(self, page: Path) -> Iterator[Fault]:
        name = page.resolve().relative_to(self.site).as_posix()
        for tag, attribute, link in _links(page):
            why = self._fault(name, tag, attribute, link)
            if why:
                yield Fault(name, link, why)

    def _fault(self, page: str, tag: Tag, attribute: str, link: str) -> str:
        if self.site_url and link.startswith(self.site_url):
            link = "/" + link.removeprefix(self.site_url)
        parts = urlsplit(link)
        loads = (tag.name, attribute) in _LOADED and not _NAMES & set(tag.get("rel") or [])
        if parts.scheme in {"http", "https"} or parts.netloc:
            return "is loaded from another host" if loads else ""
        if parts.scheme:
            return "" if parts.scheme in {"mailto", "data"} else "has an unknown scheme"
        return self._inside(page, link)

    def _inside(self, page: str, link: str) -> str:
        path, _, anchor = urljoin(f"/{page}", link).partition("#")
        target = self.site / unquote(urlsplit(path).path).lstrip("/")
        if target.is_dir():
            target = target / "index.html"
        if not target.is_file():
            return "leads to no file"
        if anchor and target.suffix == ".html" and unquote(anchor) not in self.anchors(target):
            return "names an anchor that the page has not"
        return ""


def _links(page: Path) -> Iterator[tuple[Tag, str, str]]:
    for tag in _soup(page).find_all(True):
        for attribute in ("href", "src"):
            value = tag.get(attribute)
            if isinstance(value, str):
                yield tag, attribute, value


def _anchors(page: Path) -> frozenset[str]:
    tags = _soup(page).find_all(id=True)
    return frozenset(["__top", *(str(tag["id"]) for tag in tags)])


def _soup(page: Path) -> BeautifulSoup:
    return BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
