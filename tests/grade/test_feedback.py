import json
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from gradebook_samples import graded
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from course_utils.grade.feedback import Link, feedback, feedback_page, write_feedback
from course_utils.grade.record import Record, Status

SECRET = "the hidden ticket"


def record(*points: float, **changes: Any) -> Record:
    return Record.model_validate(graded("ada", *points, **changes))


def with_check(number: int, *points: float, **changes: Any) -> Record:
    """A record in which one check differs."""
    data = graded("ada", *points)
    data["checks"][number].update(changes)
    return Record.model_validate(data)


def text_of(page: str) -> str:
    return " ".join(BeautifulSoup(page, "html.parser").get_text(" ").split())


def test_a_failed_check_says_what_was_wanted_and_the_hint() -> None:
    told = feedback(with_check(0, 0, 2, detail="wanted 3, came 4"), "A loop")
    text = text_of(feedback_page(told))
    assert "A loop" in text
    assert "2 of 4 points" in text
    assert "Check 0 0 of 2 Not passed wanted 3, came 4 Hint. Hint 0" in text
    assert "Passed Check 1 2 of 2" in text


def test_a_share_of_the_points_is_not_called_nothing() -> None:
    assert "Not all there yet" in text_of(feedback_page(feedback(record(1), "A loop")))


def test_nothing_hidden_is_shown_even_if_the_record_held_it(tmp_path: Path) -> None:
    leaky = with_check(1, 0, 0, detail=SECRET)
    assert not leaky.checks[1].public
    page = write_feedback(leaky, "A loop", tmp_path)
    for path in (page, page.with_suffix(".json")):
        assert SECRET not in path.read_text()
    assert "hidden check: its inputs are not shown" in text_of(page.read_text())
    assert "Hint 1" in text_of(page.read_text())


@pytest.mark.parametrize("status", ["crashed", "policy"])
def test_how_a_process_ended_that_saw_hidden_inputs_is_not_told(status: Status) -> None:
    asked = record(0, 0, status=status, why=SECRET)
    assert SECRET not in json.dumps(feedback(asked, "A loop"))
    unread = record(status=status, max_score=2, why="holds a link out of its folder")
    assert "holds a link" in text_of(feedback_page(feedback(unread, "A loop")))


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("timeout", "ran longer than the assignment allows"),
        ("memory", "more memory than the assignment allows"),
        ("crashed", "ended before the checks were done"),
        ("malformed", "could not be read"),
        ("policy", "does not allow"),
    ],
)
def test_each_status_is_said_in_words_with_what_to_do(status: Status, words: str) -> None:
    told = feedback(record(0, status=status), "A loop")
    text = text_of(feedback_page(told))
    assert words in text
    assert told["do"]
    assert " ".join(told["do"].split()) in text


def test_a_graders_failure_is_no_zero() -> None:
    told = feedback(record(0, status="grader_error", why="KeyError in checks.py"), "A loop")
    text = text_of(feedback_page(told))
    assert told["score"] is None
    assert "Not marked yet" in text
    assert "not a zero" in text
    assert "0 of" not in text.split("To mend")[0]
    assert "KeyError" not in text


def test_what_waits_for_the_instructor_is_said() -> None:
    told = feedback(record(2, pending=[{"title": "Model card", "max_points": 15}]), "A loop")
    text = text_of(feedback_page(told))
    assert "2 of 2 points" in text
    assert "Model card: up to 15 points more, which your instructor gives" in text


def test_the_first_error_of_a_graded_submission_is_told() -> None:
    told = feedback(record(2, why="cell 3, line 2: NameError: x"), "A loop")
    assert "The first error on the way was: cell 3, line 2: NameError: x" in text_of(
        feedback_page(told)
    )


def test_demonstration_keys_are_said() -> None:
    assert "a rehearsal, no grade" in text_of(feedback_page(feedback(record(keys="demo"), "A")))
    assert "rehearsal" not in text_of(feedback_page(feedback(record(2), "A")))


@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(), st.text(), st.text(), st.text())
def test_no_text_becomes_markup(title: str, detail: str, hint: str, name: str) -> None:
    marked_up = with_check(0, 0, title=title, detail=f"<b>{detail}", hint=f"{hint}</p><script>")
    told = feedback(
        marked_up.model_copy(update={"submission": f"in/{name}<i>"}),
        f"<h1>{title}",
        [Link("<a>", 'javascript"><x>')],
    )
    page = feedback_page(told)
    soup = BeautifulSoup(page, "html.parser")
    assert not soup.find_all(["script", "b", "i", "x"])
    assert len(soup.find_all("h1")) == 1
    assert len(soup.find_all("a")) == 1


def test_text_that_hides_itself_is_made_visible() -> None:
    told = feedback(with_check(0, 0, detail="a\u202eb\x1b[2Kc\nd\te"), "A loop")
    assert told["checks"][0]["detail"] == "a\ufffdb\ufffd[2Kc\nd\te"


def test_a_page_asks_no_other_host_for_anything() -> None:
    soup = BeautifulSoup(feedback_page(feedback(record(0, 2), "A loop")), "html.parser")
    assert not soup.find_all(["script", "link", "img", "iframe"])
    assert "url(" not in str(soup.style)
    policy = soup.find("meta", attrs={"http-equiv": "Content-Security-Policy"})
    assert policy is not None
    assert str(policy["content"]).startswith("default-src 'none'")


def test_page_and_data_are_written_under_a_name_that_stays_in_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    for submission in ("../../etc/passwd", "a/..", "…/<b>&.py", "x" * 300):
        page = write_feedback(record(1, submission=submission, sha256="abc"), "A loop", folder)
        assert page.parent == folder
    assert len(list(folder.iterdir())) == 8
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    data = json.loads(next(folder.glob("passwd-abc.json")).read_text())
    assert data["checks"][0]["hint"] == "Hint 0"


def test_two_submissions_of_one_name_do_not_share_a_page(tmp_path: Path) -> None:
    one = write_feedback(record(1, submission="a/work", sha256="1"), "A loop", tmp_path)
    other = write_feedback(record(1, submission="b/work", sha256="2"), "A loop", tmp_path)
    assert one != other


def test_a_failed_check_comes_with_the_sections_that_teach_the_matter() -> None:
    links = [Link("Loops: Steps", "https://course.example/lessons/loops/#steps")]
    assert f'href="{links[0].url}"' in feedback_page(feedback(record(0), "A loop", links))
    assert "Where this is taught" not in feedback_page(feedback(record(2), "A loop", links))


def test_an_unpublished_course_names_its_lessons_without_links() -> None:
    page = feedback_page(feedback(record(0), "A loop", [Link("Loops: Steps")]))
    assert "Loops: Steps" in page
    assert "<a " not in page
