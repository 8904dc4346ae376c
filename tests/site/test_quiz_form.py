import json
import re
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag

from course_utils.quiz import Quiz, QuizError, load_quiz
from course_utils.quiz.question import Choice
from course_utils.site.form_parts import render_text
from course_utils.site.quiz_form import render_form

QUIZ = load_quiz(Path(__file__).parents[1] / "quiz/data/all_types.yaml")
ASSETS = Path(__file__).parents[2] / "src/course_utils/site/assets"
FORM = render_form(QUIZ)
#: What a form may weigh per question, and the script with everything in it.
BYTES_PER_QUESTION, BYTES_OF_SCRIPT = 3_000, 8_192


def parsed(form: str = FORM) -> Tag:
    found = BeautifulSoup(form, "html.parser").form
    assert found is not None
    return found


def embedded(form: str) -> str:
    found = re.search(r'<script type="application/json">(.*?)</script>', form, re.DOTALL)
    assert found
    return found[1]


def test_every_question_is_a_group_named_by_its_number_and_prompt() -> None:
    for number, field in enumerate(parsed().find_all("fieldset"), 1):
        legend, prompt = str(field["aria-labelledby"]).split()
        assert field.find("legend", id=legend).get_text() == f"Question {number}"
        assert field.find(id=prompt) is not None
        assert field.find("button", string="Check")["type"] == "button"


def test_every_input_has_a_label() -> None:
    form = parsed()
    assert all(box.find_parent("label") for box in form.find_all("input"))
    assert all(select["aria-label"] for select in form.find_all("select"))


def test_ids_are_unique_on_a_page_with_two_forms() -> None:
    page = BeautifulSoup(FORM + render_form(QUIZ, questions=["one"]), "html.parser")
    ids = [node["id"] for node in page.find_all(id=True)]
    assert len(ids) == len(set(ids))
    names = {box["name"] for box in page.find_all("input", value="a")}
    assert len(names) == 2


def test_a_number_may_be_a_heading() -> None:
    headings = parsed(render_form(QUIZ, heading_level=3)).find_all("h3")
    assert len(headings) == len(QUIZ.questions)
    assert parsed().find(re.compile(r"^h\d$")) is None


def test_some_questions_make_a_form_of_their_own() -> None:
    form = parsed(render_form(QUIZ, questions=["number", "one"]))
    assert [field["data-question"] for field in form.find_all("fieldset")] == ["number", "one"]
    assert form["data-quiz"] == "all_types-number-one"


def test_an_unknown_question_is_named() -> None:
    with pytest.raises(QuizError, match="has no question 'nine'"):
        render_form(QUIZ, questions=["nine"])


def test_a_graded_quiz_never_gets_into_a_page() -> None:
    graded = QUIZ.model_copy(update={"kind": "graded"})
    with pytest.raises(QuizError, match=r"all_types\.yaml:1: a graded quiz cannot be marked"):
        render_form(graded)


def test_it_says_that_it_is_practice_and_stays_out_of_search() -> None:
    form = parsed()
    assert "A practice quiz: it is marked in this page" in form.get_text()
    assert form.has_attr("data-search-exclude")


def test_markdown_is_rendered_and_markup_is_text() -> None:
    assert "<strong>bold</strong>" in render_text("**bold**")
    assert (
        render_text("<s> and <pad> & </s>") == "<p>&lt;s&gt; and &lt;pad&gt; &amp; &lt;/s&gt;</p>"
    )
    assert "<script" not in render_text("<script>alert(1)</script>\n\n<b onclick='x()'>a</b>")
    assert "javascript:" not in render_text("[a](javascript:alert(1)) ![b](javascript:x)")
    assert '<div class="highlight">' in render_text("```python\nprint(1)\n```")


def test_formulas_are_left_for_the_site_to_set() -> None:
    assert r'<span class="arithmatex">\(a_1 &lt; b\)</span>' in render_text("If $a_1 < b$")
    assert r'<span class="arithmatex">\(n = 2k\)</span>' in FORM


def test_another_renderer_can_be_given() -> None:
    assert "<p>WHICH ARE PRIME?</p>" in render_form(QUIZ, render=lambda t: f"<p>{t.upper()}</p>")


def test_an_order_is_not_given_away() -> None:
    form = parsed(render_form(QUIZ, questions=["steps"]))
    shown = [str(select["data-part"]) for select in form.find_all("select")]
    assert sorted(shown) == ["i0", "i1", "i2", "i3"]
    assert shown != sorted(shown)


def test_the_place_of_the_right_option_is_chance() -> None:
    question = QUIZ.question("one")
    places = []
    for number in range(60):
        renamed = question.model_copy(update={"id": f"q{number}"})
        form = parsed(render_form(Quiz(id="q", title="t", questions=[renamed])))
        places.append([box["value"] for box in form.find_all("input")].index("b"))
    assert all(places.count(place) > 10 for place in range(3))


def test_lines_of_code_keep_their_order() -> None:
    form = parsed(render_form(QUIZ, questions=["fault"]))
    assert [box["value"] for box in form.find_all("input")] == ["start", "loop", "add"]
    assert "    total += x" in [code.get_text() for code in form.find_all("code", "quiz-line")]


def test_every_option_carries_its_explanation_hidden() -> None:
    form = parsed()
    for question in QUIZ.questions:
        if isinstance(question, Choice):
            field = form.find("fieldset", {"data-question": question.id})
            for option in question.options:
                why = field.find(attrs={"data-option": option.id}).find(class_="quiz-why")
                assert why.has_attr("hidden")
                assert why.get_text()


def test_without_scripts_every_answer_folds_open() -> None:
    folds = parsed().find_all("details", class_="quiz-key")
    assert [fold.find(class_="quiz-solution").get_text() for fold in folds] == [
        "4", "2", "0.125", "tokenizer", "CLS", "1", "total = 1", "1. tokenise",
        "BERT — masked words",
    ]  # fmt: skip


def test_what_is_embedded_cannot_break_out() -> None:
    evil = QUIZ.question("word").model_copy(
        update={"accepted": ["</script><script>alert(1)</script>", "a & b", "<!--"]}
    )
    form = render_form(Quiz(id="q", title="t", questions=[evil]))
    data = embedded(form)
    assert not set("<>&") & set(data)
    assert json.loads(data)["word"]["key"] == evil.model_dump()["accepted"]


def test_form_and_script_are_small() -> None:
    assert len(FORM.encode()) <= BYTES_PER_QUESTION * len(QUIZ.questions)
    assert (ASSETS / "quiz.js").stat().st_size <= BYTES_OF_SCRIPT
