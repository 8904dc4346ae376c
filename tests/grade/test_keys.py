from pathlib import Path

import pytest
from grade_helpers import COURSE

from course_utils.grade import load_keys
from course_utils.grade.keys import KeysError


def test_the_repository_has_demo_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COURSE_KEYS", raising=False)
    assert load_keys(Path(__file__).parents[2]).name == "demo"


def test_an_instructors_keys_go_first_and_draw_other_inputs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COURSE_KEYS", raising=False)
    demo = load_keys(COURSE)
    (tmp_path / "assignments.yaml").write_text("name: autumn\nsecret: 0123456789abcdef\n")
    monkeypatch.setenv("COURSE_KEYS", str(tmp_path))
    own = load_keys(COURSE)
    assert own.name == "autumn"
    assert own.random("a", "b").random() != demo.random("a", "b").random()
    assert own.random("a", "b").random() == own.random("a", "b").random()
    assert "0123" not in repr(own)


@pytest.mark.parametrize(
    "text", [None, "name: x", "name: demo\nsecret: 0123456789abcdef", "name: x\nsecret: short", ":"]
)
def test_a_bad_folder_is_named(
    text: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if text is not None:
        (tmp_path / "assignments.yaml").write_text(text)
    monkeypatch.setenv("COURSE_KEYS", str(tmp_path))
    with pytest.raises(KeysError, match=r"assignments\.yaml"):
        load_keys(COURSE)


def test_private_files_lie_beside_and_the_demo_ones_are_public(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "keys").mkdir()
    (tmp_path / "keys/assignments.yaml").write_text("name: demo\nsecret: 0123456789abcdef\n")
    (tmp_path / "keys/words.txt").write_text("public")
    monkeypatch.delenv("COURSE_KEYS", raising=False)
    demo = load_keys(tmp_path)
    assert (demo.text("words.txt"), demo.public_text("words.txt")) == ("public", "")
    own = tmp_path / "own"
    own.mkdir()
    (own / "assignments.yaml").write_text("name: autumn\nsecret: 0123456789abcdef\n")
    monkeypatch.setenv("COURSE_KEYS", str(own))
    autumn = load_keys(tmp_path)
    with pytest.raises(KeysError, match=r"own.words\.txt: cannot be read"):
        autumn.text("words.txt")
    (own / "words.txt").write_text("private")
    assert (autumn.text("words.txt"), autumn.public_text("words.txt")) == ("private", "public")
