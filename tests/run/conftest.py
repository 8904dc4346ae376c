from collections.abc import Callable
from pathlib import Path

import pytest
from conftest_run import Course

HEADER = """\
# ---
# jupyter:
#   jupytext: {{comment_magics: false}}
#   course:
#     title: {title}
#     path: core
#     objectives: {{one: "One"}}
#     meets: [o1]
#     minutes: 5
#     full:
#       parameters: {{size: 9}}
#       resources: {resources}
# ---

# %% [markdown]
# # {title}

# %% tags=["parameters"]
size = 2
"""

RESOURCES = "{gpus: 1, memory_gb: 8, minutes: 6, timeout: 30}"

WriteLesson = Callable[..., Path]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "lessons/part").mkdir(parents=True)
    (tmp_path / "mkdocs.yml").write_text("nav: []\n")
    return tmp_path


@pytest.fixture
def write_lesson(project: Path) -> WriteLesson:
    """Write a lesson of the given code cells and put it into the nav."""

    def write(name: str, *cells: str, resources: str = RESOURCES) -> Path:
        path = project / f"lessons/part/{name}.py"
        if not path.exists():
            nav = project / "mkdocs.yml"
            entries = nav.read_text().replace("nav: []\n", "nav:\n")
            nav.write_text(f"{entries}  - lessons/part/{name}.py\n")
        marked = (cell if cell.startswith("# %%") else f"# %%\n{cell}" for cell in cells)
        path.write_text(
            "\n\n".join([HEADER.format(title=f"Lesson {name}", resources=resources), *marked])
            + "\n"
        )
        return path

    return write


@pytest.fixture
def course(project: Path, write_lesson: WriteLesson) -> Course:
    return Course(project, write_lesson, [])
