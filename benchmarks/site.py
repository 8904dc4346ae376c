"""The site's pages against those of unmodified mkdocs-jupyter, and their Lighthouse scores.

    python benchmarks/site.py [--no-lighthouse]

Needs the built site, the executed lessons, a Chromium and, for Lighthouse, npm. Writes
benchmarks/results/site.json.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import uvicorn
import yaml
from playwright.sync_api import Browser, sync_playwright
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from course_utils.catalog import Catalog, load_catalog

ROOT = Path(__file__).parents[1]
RESULT = ROOT / "benchmarks" / "results" / "site.json"
LIGHTHOUSE = "lighthouse@12.8.2"
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
RUNS = 3
#: Bytes that came over the wire, headers included.
TRANSFERRED = """performance.getEntries().filter(entry => entry.transferSize)
    .reduce((sum, entry) => sum + entry.transferSize, 0)"""


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--no-lighthouse", action="store_true")
    asked = parser.parse_args()
    chromium = _chromium()
    catalog = load_catalog(ROOT)
    pages = {"home": "", "syllabus": "syllabus/"}
    pages |= {lesson.id: f"lessons/{lesson.id}/" for lesson in catalog.lessons}
    with tempfile.TemporaryDirectory() as scratch:
        stock = _build_stock(catalog, Path(scratch))
        with _served(ROOT / "site") as ours, _served(stock) as theirs:
            measured = _measure(chromium, ours, ROOT / "site", pages)
            peers = {lesson.id: f"{lesson.id}/" for lesson in catalog.lessons}
            peer = _measure(chromium, theirs, stock, peers)
            scores = {} if asked.no_lighthouse else _lighthouse(chromium, ours, pages, scratch)
    _write({"course": measured, "mkdocs-jupyter": peer, "lighthouse_mobile": scores})


def _measure(chromium: str, url: str, site: Path, pages: dict[str, str]) -> dict[str, Any]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        found = {name: _page(browser, url, site, path) for name, path in pages.items()}
        browser.close()
    return found


def _page(browser: Browser, url: str, site: Path, path: str) -> dict[str, Any]:
    """Sizes of one page in bytes, and whom it asks for what when a fresh browser opens it."""
    page = browser.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    # Other hosts are not reached: what they would add is not counted.
    page.route(lambda target: not target.startswith(url), lambda route: route.abort())
    page.goto(url + path)
    page.wait_for_load_state("networkidle")
    moved = page.evaluate(TRANSFERRED)
    page.close()
    html = (site / path / "index.html").read_bytes()
    hosts = {urlsplit(target).netloc for target in asked if target.startswith("http")}
    return {
        "html_bytes": len(html),
        "html_gzip_bytes": len(gzip.compress(html)),
        "requests": len(asked),
        "transferred_bytes": moved,
        "other_hosts": sorted(hosts - {urlsplit(url).netloc}),
    }


def _build_stock(catalog: Catalog, scratch: Path) -> Path:
    """The same executed notebooks with mkdocs-material and mkdocs-jupyter as they come."""
    for lesson in catalog.lessons:
        target = scratch / "docs" / f"{lesson.id}.ipynb"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / "build" / "notebooks" / f"{lesson.id}.ipynb", target)
    config = {
        "site_name": "Stock",
        "theme": {"name": "material"},
        "plugins": ["search", {"mkdocs-jupyter": {"cache": False}}],
    }
    (scratch / "mkdocs.yml").write_text(yaml.safe_dump(config), encoding="utf-8")
    command = [sys.executable, "-m", "mkdocs", "build", "-q", "-f", str(scratch / "mkdocs.yml")]
    subprocess.run(command, check=True, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"})
    return scratch / "site"


def _lighthouse(chromium: str, url: str, pages: dict[str, str], scratch: str) -> dict[str, Any]:
    """Mobile scores, each the median of three runs."""
    folder = Path(scratch) / "lighthouse"
    folder.mkdir()
    npm = shutil.which("npm") or sys.exit("npm is missing: install Node.js or use --no-lighthouse")
    subprocess.run([npm, "install", "--silent", "--prefix", folder, LIGHTHOUSE], check=True)
    scores = {}
    for name, path in pages.items():
        runs = [_lighthouse_run(folder, chromium, url + path) for _ in range(RUNS)]
        scores[name] = {key: statistics.median(run[key] for run in runs) for key in CATEGORIES}
    return scores


def _lighthouse_run(folder: Path, chromium: str, url: str) -> dict[str, int]:
    command = [str(folder / "node_modules" / ".bin" / "lighthouse"), url, "--quiet"]
    command += ["--output=json", "--chrome-flags=--headless=new --no-sandbox"]
    done = subprocess.run(
        command, capture_output=True, check=True, env={**os.environ, "CHROME_PATH": chromium}
    )
    categories = json.loads(done.stdout)["categories"]
    return {key: round(100 * categories[key]["score"]) for key in CATEGORIES}


@contextmanager
def _served(folder: Path) -> Iterator[str]:
    files = Mount("/", StaticFiles(directory=folder, html=True))
    app = Starlette(routes=[files], middleware=[Middleware(GZipMiddleware)])
    server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        server.should_exit = True
        thread.join()


def _chromium() -> str:
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    found = next((path for name in names if (path := shutil.which(name))), None)
    return found or sys.exit("Chromium is missing: install it with the system's package manager")


def _write(figures: dict[str, Any]) -> None:
    packages = ("mkdocs", "mkdocs-material", "mkdocs-jupyter")
    head = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": {name: version(name) for name in packages} | {"lighthouse": LIGHTHOUSE},
        "method": "gzip on loopback, cold browser cache, other hosts not reached; "
        f"Lighthouse: default mobile settings, median of {RUNS} runs",
    }
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    RESULT.write_text(json.dumps(head | figures, indent=2) + "\n", encoding="utf-8")
    print(f"written: {RESULT.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
