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
