import json
from pathlib import Path

from grade_helpers import COURSE

from course_utils.grade import build_handout, find_assignment
from course_utils.grade.script import read_script, story_of, tasks_of

SCRIPT = '''\
# %% [markdown]
# # Sums
#
# Numbers are added.
#
# By hand.

# %% [markdown]
# Later prose.

# %% tags=["solution"]
def add(a, b):
    """The sum.

    Of two numbers.
    """
    return a + b


SECRET = 1

# %%
def given():
    """No task."""
'''


def handed_out(tmp_path: Path, more: str = "") -> Path:
    assignment = find_assignment(COURSE, "sums")
    return build_handout(assignment, tmp_path / more)


def test_what_only_hidden_checks_use_is_left_out_with_them(tmp_path: Path) -> None:
    given = (handed_out(tmp_path) / "checks.py").read_text()
    assert "def adds(trial: Trial)" in given
    for hidden in ("numpy", "read_weights", "adds_hidden", "weighs"):
        assert hidden not in given, hidden
    assert given.startswith('"""Checks of the test assignment."""')
    assert "\n\n\n\n" not in given


def test_the_same_assignment_gives_the_same_files(tmp_path: Path) -> None:
    one, other = handed_out(tmp_path, "one"), handed_out(tmp_path, "other")
    for path in one.iterdir():
        assert path.read_bytes() == (other / path.name).read_bytes(), path.name
    cells = json.loads((one / "sums.ipynb").read_text())["cells"]
    assert [cell["id"] for cell in cells] == [f"cell-{n}" for n in range(len(cells))]


def test_the_story_and_the_functions_to_write_come_from_the_script() -> None:
    notebook = read_script(SCRIPT)
    assert story_of(notebook) == "Numbers are added.\n\nBy hand."
    assert [(task.name, task.does) for task in tasks_of(notebook)] == [("add", "The sum.")]
    assert story_of(read_script("# %%\n1\n")) == ""
