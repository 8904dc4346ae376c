"""The command as a user meets it: a process, its output, its exit status."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from course_utils.quiz import draw, load_bank

ROOT = Path(__file__).parents[1]
# What the package brings without the extra `site`: blocked here, they cannot be imported.
TOOLS = ("bs4", "jupytext", "mkdocs", "mini_racer", "nbclient", "nbformat", "nh3", "psutil")


def course(*arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "course_utils", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, check=False)


def bare(*arguments: str) -> subprocess.CompletedProcess[str]:
    """The command where only what a learner's notebook needs is installed."""
    code = (
        f"import sys; sys.modules.update(dict.fromkeys({TOOLS!r})); "
        f"sys.argv = ['course', *{arguments!r}]; "
        "from course_utils.cli import main; main()"
    )
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)


def test_help_names_every_command() -> None:
    text = course("--help").stdout
    for name in (
        "list",
        "run",
        "plan",
        "site",
        "serve",
        "lab",
        "hub",
        "quiz",
        "grade",
        "gradebook",
        "assignment",
        "doctor",
    ):
        assert f" {name} " in text


def test_list_gives_the_lessons_as_json() -> None:
    listed = json.loads(course("list", "--json").stdout)
    assert "inference/tokenization" in [lesson["id"] for lesson in listed]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("run", "inference/tokenisation"), "did you mean inference/tokenization"),
        (("run", "--shard", "3/2"), "the first number goes from 1 to the second"),
        (("run", "--rehearse"), "add --scale full"),
        (("run", "--scale", "huge"), "there are pocket and full"),
        (("run", "--record"), "only what ran at full scale counts"),
        (("run", "--scale", "full", "--rehearse", "--record"), "only what ran at full scale"),
        (("run", "--scale", "full", "--gpu"), "drop --gpu"),
        (("run", "--scale", "full", "--real-data"), "add --scale full --rehearse"),
        (("plan", "inference/tokenisation"), "did you mean inference/tokenization"),
        (("hub", "serve", "--root", "nowhere"), "nowhere is no folder"),
        (("hub", "serve", "--alias", "x"), "write REAL=POCKET"),
        (("hub", "rebuild", "bert-maxi"), "choose one of: bert-mini"),
        (("quiz", "mark", "modul", "x.json"), "there are module, ecosystem/transfer_learning"),
        (("quiz", "mark", "module", "none.json"), "there is no such file or folder"),
        (("quiz", "mark", "inference/tokenization", "x", "--csv", "y"), "are for graded quizzes"),
        (("quiz", "export", "module", "--format", "x", "-o", "y"), "qti, moodle and json"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_not_zero(
    arguments: tuple[str, ...], message: str
) -> None:
    done = course(*arguments)
    assert done.returncode == 1
    assert done.stderr.startswith("error: ")
    assert message in done.stderr
    assert done.stderr.count("\n") == 1


def test_outside_a_course_it_says_so(tmp_path: Path) -> None:
    done = course("list", cwd=tmp_path)
    assert done.returncode == 1
    assert "mkdocs.yml" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_learner_without_the_tools_has_the_hub() -> None:
    done = bare("hub", "list", "--json")
    assert done.returncode == 0, done.stderr
    assert "pocket/bert-mini" in [repo["id"] for repo in json.loads(done.stdout)]


def test_a_learner_without_the_tools_is_told_what_is_missing() -> None:
    done = bare("run")
    assert done.returncode == 1
    assert "course-utils[site]" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_graded_quiz_is_marked_from_a_folder(tmp_path: Path) -> None:
    bank = load_bank(ROOT / "quizzes/module.yaml")
    paper = draw(bank, "ann", 1)
    content = {"quiz": "module", "edition": bank.edition, "learner": "ann", "attempt": 1}
    folder, table, kept = tmp_path / "in", tmp_path / "marks.csv", tmp_path / "records"
    folder.mkdir()
    (folder / "ann.json").write_text(json.dumps({**content, "paper": paper, "responses": {}}))
    done = course("quiz", "mark", "module", str(folder), "--json", "--csv", str(table))
    assert done.returncode == 0, done.stderr
    (record,) = json.loads(done.stdout)
    assert (record["status"], record["score"], record["keys"]) == ("marked", 0, "demo")
    assert {mark["id"] for mark in record["objectives"]} == {f"o{n}" for n in range(1, 16)}
    assert any(mark["read"] for mark in record["objectives"])
    assert table.read_text().splitlines()[1].startswith("ann,1,marked,0.0,20,False,demo,")
    (folder / "bob.json").write_text("{")
    done = course("quiz", "mark", "module", str(folder), "--records", str(kept))
    assert done.returncode == 1
    assert "bob.json: rejected: no readable JSON" in done.stdout
    assert len(list(kept.iterdir())) == 2


def test_keys_come_from_the_instructors_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COURSE_KEYS", str(tmp_path))
    done = course("quiz", "export", "module", "--format", "qti", "-o", str(tmp_path / "x.zip"))
    assert done.returncode == 1
    assert "set COURSE_KEYS to the folder that holds them" in done.stderr


def test_a_quiz_is_exported_and_losses_are_told(tmp_path: Path) -> None:
    target = tmp_path / "module.zip"
    done = course("quiz", "export", "module", "--format", "qti", "-o", str(target))
    assert done.returncode == 0, done.stderr
    assert target.stat().st_size > 10_000
    assert "qti: several options are marked all or nothing" in done.stdout
    assert "questions with their key" in done.stdout
