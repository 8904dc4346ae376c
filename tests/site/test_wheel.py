"""The wheel: built once for the same sources."""

import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

from course_utils.site import wheel
from course_utils.site.errors import SiteError

PYPROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"
[project]
name = "tiny"
version = "1"
requires-python = ">=3.11"
[tool.hatch.build.targets.wheel]
packages = ["src/tiny"]
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    (tmp_path / "src" / "tiny").mkdir(parents=True)
    (tmp_path / "src" / "tiny" / "__init__.py").write_text("x = 1\n")
    (tmp_path / "pyproject.toml").write_text(PYPROJECT)
    return tmp_path


def test_it_holds_the_package_and_is_rebuilt_only_when_a_source_changes(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = wheel.ensure_wheel(package)
    assert built.name == "tiny-1-py3-none-any.whl"
    assert "tiny/__init__.py" in zipfile.ZipFile(built).namelist()

    calls: list[Any] = []
    run = subprocess.run
    monkeypatch.setattr(subprocess, "run", lambda *a, **k: calls.append(a) or run(*a, **k))
    assert wheel.ensure_wheel(package) == built
    assert not calls
    (package / "src" / "tiny" / "__init__.py").write_text("x = 2\n")
    again = wheel.ensure_wheel(package)
    assert len(calls) == 1
    assert again != built
    assert not built.exists()


def test_a_package_that_cannot_be_built_is_named(package: Path) -> None:
    (package / "pyproject.toml").write_text(PYPROJECT.replace('"src/tiny"', "3"))
    with pytest.raises(SiteError, match=r"^pyproject\.toml: the package cannot be built"):
        wheel.ensure_wheel(package)
    assert list((package / "build" / "wheel").iterdir()) == []
