"""Results at full scale as files: strict to read, and true about the commit."""

import subprocess
from pathlib import Path

import pytest

from course_utils.catalog import load_catalog
from course_utils.errors import CourseError
from course_utils.results import Recorded, code_digest, commit_of, load_recorded, path_of

ROOT = Path(__file__).parents[1]
LESSONS = [lesson for lesson in load_catalog(ROOT).lessons if lesson.header.full]
GOOD = Recorded(
    code="0" * 64,
    commit="",
    executed_at="2026-03-04T10:00:00Z",
    seconds=1.5,
    device="GPU",
    versions={"torch": "3"},
    metrics=[{"name": "F1", "value": 0.5}],
)


def git(root: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=A", "-c", "user.email=a@example.org")
    command = ["git", "-C", str(root), *identity, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda lesson: lesson.id)
def test_what_is_committed_can_be_read(lesson: object) -> None:
    from course_utils.catalog import Lesson

    assert isinstance(lesson, Lesson)
    load_recorded(lesson)
    assert len(code_digest(lesson)) == 64


def test_every_file_of_results_belongs_to_a_lesson() -> None:
    files = set((ROOT / "results").rglob("*.json"))
    assert files <= {path_of(lesson) for lesson in LESSONS}


def test_what_is_written_is_read_back(tmp_path: Path) -> None:
    assert Recorded.model_validate_json(GOOD.as_text()) == GOOD


def test_the_commit_is_named_and_changes_are_marked(tmp_path: Path) -> None:
    assert commit_of(tmp_path) == ""
    git(tmp_path, "init", "--quiet")
    assert commit_of(tmp_path) == ""
    for name in ("lesson.py", "results/a.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("1")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message", "x")
    head = git(tmp_path, "rev-parse", "HEAD")
    assert commit_of(tmp_path) == head
    (tmp_path / "results/a.json").write_text("2")
    assert commit_of(tmp_path) == head
    (tmp_path / "lesson.py").write_text("2")
    assert commit_of(tmp_path) == f"{head}+"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", r"^results/.*\.json: Invalid JSON.*: restore the file, or record it anew with"),
        (GOOD.as_text().replace('"device"', '"place"'), r"\.json: device: Field required"),
        (GOOD.as_text().replace("2026-03-04T", "4 March "), r"\.json: executed_at: "),
    ],
)
def test_a_file_that_was_mended_by_hand_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "lessons").mkdir()
    (tmp_path / "lessons/a.py").write_text(LESSONS[0].text)
    (tmp_path / "mkdocs.yml").write_text("nav: [lessons/a.py]\n")
    lesson = load_catalog(tmp_path).lesson("a")
    assert load_recorded(lesson) is None
    path_of(lesson).parent.mkdir()
    path_of(lesson).write_text(text)
    with pytest.raises(CourseError, match=message):
        load_recorded(lesson)
