from pathlib import Path

import pytest

from course_utils.quiz import QuizError, load_quiz

ALL_TYPES = Path(__file__).parent / "data" / "all_types.yaml"


def broken(tmp_path: Path, old: str, new: str) -> Path:
    text = ALL_TYPES.read_text()
    assert old in text
    path = tmp_path / "quizzes/part/broken.yaml"
    path.parent.mkdir(parents=True)
    path.write_text(text.replace(old, new, 1))
    return path


def test_the_id_is_the_path_below_quizzes(tmp_path: Path) -> None:
    assert load_quiz(broken(tmp_path, "All types", "Another")).id == "part/broken"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            'text: "3", why: Three',
            'text: "3", right: true, why: Three',
            r"broken\.yaml:5: question 'one': 2 options are marked right but the type is single",
        ),
        ('text: "4", right: true', 'text: "4"', r":5: question 'one': no option is marked right"),
        (", why: Three leaves a remainder.", "", r":10: .*why: Field required"),
        ("id: several", "id: one", r":5: two questions have the id 'one'"),
        ("{id: c, ", "{id: a, ", r":5: question 'one': options: 'a' stands there 2 times"),
        ("type: numeric", "type: numerical", r"broken\.yaml:\d+: .*numerical"),
        (
            "right: the next word",
            "right: masked words",
            r"right sides: 'masked words' stands there",
        ),
        ("answer: 0.125", "answer: soon", r":32: questions\.2\.answer: "),
        ("title: All types", "title: [", r"broken\.yaml:\d+: YAML: "),
        ("id: number", "id: Not A Slug", r":28: questions\.2\.id: "),
    ],
)
def test_a_fault_names_line_and_mend(tmp_path: Path, old: str, new: str, message: str) -> None:
    with pytest.raises(QuizError, match=message):
        load_quiz(broken(tmp_path, old, new))


def test_a_quiz_that_is_no_mapping(tmp_path: Path) -> None:
    path = tmp_path / "list.yaml"
    path.write_text("- a\n")
    with pytest.raises(QuizError, match=r"list\.yaml:1: a quiz is a mapping"):
        load_quiz(path)


def test_a_quiz_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(QuizError, match="there is no such file"):
        load_quiz(tmp_path / "none.yaml")
