"""The exits: lessons written as plain Markdown build without any plugin of ours."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from course_utils.catalog import Lesson
from course_utils.site.executed import executed_notebook
from course_utils.site.notebook import to_markdown

CONFIG = {
    "site_name": "Plain",
    "theme": {"name": "material", "font": False},
    "markdown_extensions": [
        *("admonition", "attr_list", "md_in_html", "tables"),
        *("pymdownx.details", "pymdownx.highlight", "pymdownx.superfences"),
    ],
}


@pytest.fixture
def plain(lesson: Lesson, tmp_path: Path) -> Path:
    root = tmp_path / "plain"
    converted = to_markdown(executed_notebook(lesson), name=lesson.id)
    converted.write(root / "docs" / "lessons" / f"{lesson.id}.md")
    (root / "docs" / "index.md").write_text("# Home\n")
    (root / "mkdocs.yml").write_text(yaml.safe_dump(CONFIG))
    return root


@pytest.mark.parametrize("generator", ["mkdocs", "properdocs"])
def test_plain_markdown_builds(plain: Path, generator: str) -> None:
    if importlib.util.find_spec(generator) is None:
        pytest.skip(f"{generator} is not installed: pip install {generator}")
    command = shutil.which(generator, path=str(Path(sys.executable).parent)) or generator
    done = subprocess.run(
        [command, "build", "--strict", "--config-file", str(plain / "mkdocs.yml")],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
    )
    assert done.returncode == 0, done.stderr
    page = (plain / "site" / "lessons" / "inference" / "words" / "index.html").read_text()
    assert 'class="admonition trap"' in page
    assert '<details class="solution">' in page
    assert "plot-1.svg#only-light" in page
