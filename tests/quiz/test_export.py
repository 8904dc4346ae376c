"""What is exported is read back by what the formats say, and scored as we score."""

from __future__ import annotations

import io
import json
import zipfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from course_utils.quiz import (
    KeyedQuiz,
    Question,
    Quiz,
    QuizError,
    export,
    load_bank,
    load_keyed,
    load_quiz,
    mark_question,
)
from course_utils.quiz.question import Choice, Match, Numeric, Order, Written
from course_utils.quiz.text import plain
from course_utils.site.form_parts import render_text

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PRACTICE = load_quiz(HERE / "data/all_types.yaml")
BANK = load_bank(HERE / "data/graded/quizzes/small.yaml")
KEYED = load_keyed(BANK, HERE / "data/graded/keys").quiz
MODULE_BANK = load_bank(ROOT / "quizzes/module.yaml")
MODULE = load_keyed(MODULE_BANK, ROOT / "keys").quiz
DTD = etree.DTD(str(HERE / "data/qti/ims_qtiasiv1p2p1.dtd"))
QUIZZES = [PRACTICE, KEYED, MODULE]
each_quiz = pytest.mark.parametrize("quiz", QUIZZES, ids=lambda quiz: quiz.id)


def qti(quiz: Quiz, topics: Any = ()) -> tuple[etree._Element, etree._Element]:
    """Manifest and assessment, without their namespaces, which the DTD does not know."""
    package = zipfile.ZipFile(io.BytesIO(export(quiz, "qti", render_text, topics).content))
    assert package.testzip() is None
    manifest = bare(package.read("imsmanifest.xml"))
    href = manifest.find("resources/resource").get("href")
    assert sorted(package.namelist()) == sorted(["imsmanifest.xml", href])
    return manifest, bare(package.read(href))


def bare(content: bytes) -> etree._Element:
    root = etree.fromstring(content)
    for node in root.iter():
        node.tag = etree.QName(node).localname
    for name in list(root.attrib):
        if name.startswith("{"):
            del root.attrib[name]
    etree.cleanup_namespaces(root)
    return etree.fromstring(etree.tostring(root))


def moodle(quiz: Quiz, topics: Any = ()) -> etree._Element:
    return etree.fromstring(export(quiz, "moodle", render_text, topics).content)


@each_quiz
def test_qti_obeys_the_definition_of_qti(quiz: Quiz) -> None:
    topics = MODULE_BANK.topics if quiz is MODULE else ()
    _, root = qti(quiz, topics)
    # What vendors add there, as Canvas does its points, the definition leaves open.
    for extension in root.iter("selection_extension"):
        assert [node.tag for node in extension] == ["points_per_item"]
        del extension[:]
    assert DTD.validate(root), DTD.error_log.filter_from_errors()
    assert [item.get("ident") for item in root.iter("item")] == [q.id for q in quiz.questions]


def test_the_definition_refuses_what_is_wrong() -> None:
    _, root = qti(KEYED)
    item = next(root.iter("item"))
    item.insert(0, item.find("resprocessing"))
    assert not DTD.validate(root)


def test_a_bank_becomes_a_draw_from_each_topic() -> None:
    _, root = qti(MODULE, MODULE_BANK.topics)
    groups = root.findall("assessment/section/section")
    drawn = [
        int(group.findtext("selection_ordering/selection/selection_number")) for group in groups
    ]
    assert drawn == [4, 6, 6, 4]
    assert sum(len(group.findall("item")) for group in groups) == len(MODULE.questions)


@each_quiz
def test_what_a_qti_item_refers_to_is_there(quiz: Quiz) -> None:
    _, root = qti(quiz)
    for item in root.iter("item"):
        labels = {node.get("ident") for node in item.iter("response_label")}
        asked = {n.get("ident") for n in item.iter("response_lid", "response_str")}
        told = {node.get("ident") for node in item.iter("itemfeedback")}
        chosen = {n.get("ident") for n in item.iter("response_lid")}
        for node in item.iter("varequal", "vargte", "varlte"):
            assert node.get("respident") in asked
            assert node.get("respident") not in chosen or node.text in labels
        assert {node.get("linkrefid") for node in item.iter("displayfeedback")} == told


def qti_score(item: etree._Element, given: dict[str, Any]) -> float:
    """What a system that follows the specification gives for the responses, from 0 to 1."""
    score = 0.0
    for condition in item.findall("resprocessing/respcondition"):
        variables = condition.find("conditionvar")
        if all(holds(part, given) for part in variables):
            for change in condition.findall("setvar"):
                points = float(change.text)
                score = score + points if change.get("action") == "Add" else points
    return score / 100


def holds(part: etree._Element, given: dict[str, Any]) -> bool:
    if part.tag in ("and", "or"):
        return (all if part.tag == "and" else any)(holds(inner, given) for inner in part)
    if part.tag == "not":
        return not holds(part[0], given)
    if part.tag == "other":
        return True
    value = given.get(part.get("respident"))
    if part.tag == "varequal":
        if part.get("case") == "No":
            return isinstance(value, str) and value.lower() == part.text.lower()
        return part.text in value if isinstance(value, list) else value == part.text
    compared = float(value) if value else float("nan")
    return compared >= float(part.text) if part.tag == "vargte" else compared <= float(part.text)


def response(question: Question, data: st.DataObject) -> Any:
    if isinstance(question, Choice):
        ids = [option.id for option in question.options]
        if question.type == "multiple":
            return data.draw(st.lists(st.sampled_from(ids), unique=True, min_size=1))
        return data.draw(st.sampled_from(ids))
    if isinstance(question, Numeric):
        near = st.sampled_from([-2.0, -0.99, 0.0, 0.99, 2.0])
        return repr(question.answer + data.draw(near) * question.margin)
    if isinstance(question, Written):
        return data.draw(st.sampled_from([*question.accepted, "something else"]))
    if isinstance(question, Order):
        return data.draw(st.permutations(question.key))
    assert isinstance(question, Match)
    rights = st.sampled_from(sorted(question.key.values()))
    return {left: data.draw(rights) for left in question.key}


def as_qti(question: Question, given: Any) -> dict[str, Any]:
    if isinstance(question, Match):
        return {f"response_{left}": right for left, right in given.items()}
    if isinstance(question, Order):
        return {f"response_{item}": f"place_{n}" for n, item in enumerate(given, 1)}
    return {"response1": given}


def qti_rule(question: Question, given: Any) -> float:
    """Our score, but for what the format cannot hold."""
    if question.type == "multiple":
        return float(sorted(given) == sorted(question.key))
    if isinstance(question, Order):
        return sum(a == b for a, b in zip(given, question.key, strict=True)) / len(given)
    return mark_question(question, given).score


@given(st.sampled_from(MODULE.questions + PRACTICE.questions), st.data())
@settings(deadline=None, max_examples=60)
def test_qti_scores_as_it_says(question: Question, data: st.DataObject) -> None:
    _, root = qti(Quiz(id="one", title="One", questions=[question]))
    given = response(question, data)
    score = qti_score(next(root.iter("item")), as_qti(question, given))
    assert score == pytest.approx(qti_rule(question, given), abs=0.001)


def moodle_score(node: etree._Element, question: Any, given: Any) -> float:
    """What Moodle gives, from 0 to 1, read from its format's documentation."""
    kind = node.get("type")
    answers = node.findall("answer")
    if kind == "multichoice":
        ids = [option.id for option in question.options]
        chosen = given if node.findtext("single") == "false" else [given]
        shares = [
            float(a.get("fraction")) for i, a in zip(ids, answers, strict=True) if i in chosen
        ]
        return max(0.0, sum(shares) / 100)
    if kind == "numerical":
        near = abs(float(given) - float(answers[0].findtext("text")))
        return float(near <= float(answers[0].findtext("tolerance")))
    if kind == "shortanswer":
        cased = node.findtext("usecase") == "1"
        texts = [a.findtext("text").replace("\\*", "*") for a in answers]
        return float(given in texts if cased else given.lower() in [t.lower() for t in texts])
    if kind == "ordering":
        assert node.findtext("gradingtype") == "RELATIVE_NEXT_EXCLUDE_LAST"
        places = [float(answer.get("fraction")) for answer in answers]
        assert places == sorted(places)
        key = question.key
        follows = [given.index(b) == given.index(a) + 1 for a, b in pairwise(key)]
        return sum(follows) / len(follows)
    pairs = {p.findtext("text"): p.findtext("answer/text") for p in node.findall("subquestion")}
    own = {p.id: p for p in question.pairs}
    rights = {p.right_id or p.id: plain(p.right) for p in own.values()}
    hits = [pairs[render_text(own[left].left)] == rights[right] for left, right in given.items()]
    return sum(hits) / len(pairs)


@given(st.sampled_from(MODULE.questions + PRACTICE.questions), st.data())
@settings(deadline=None, max_examples=60)
def test_moodle_scores_as_we_do(question: Question, data: st.DataObject) -> None:
    root = moodle(Quiz(id="one", title="One", questions=[question]))
    given = response(question, data)
    score = moodle_score(root.findall("question")[1], question, given)
    assert score == pytest.approx(mark_question(question, given).score, abs=0.001)


@each_quiz
def test_moodle_xml_has_what_an_import_needs(quiz: Quiz) -> None:
    topics = MODULE_BANK.topics if quiz is MODULE else ()
    root = moodle(quiz, topics)
    assert root.tag == "quiz"
    asked = [node for node in root if node.get("type") != "category"]
    assert [node.findtext("name/text") for node in asked] == [q.id for q in quiz.questions]
    assert len(root) - len(asked) == max(1, len(topics))
    for node in asked:
        assert node.findtext("questiontext/text").strip()
        assert node.findtext("generalfeedback/text").strip()
        for answer in node.findall("answer"):
            if node.get("type") == "multichoice":
                assert answer.findtext("feedback/text").strip()
                assert -100 <= float(answer.get("fraction")) <= 100


def test_asterisks_are_no_wildcards() -> None:
    word = PRACTICE.question("word").model_copy(update={"accepted": ["a*b"]})
    root = moodle(Quiz(id="q", title="t", questions=[word]))
    assert root.findtext("question/answer/text") == "a\\*b"


def test_text_stays_text_in_both() -> None:
    for content in (export(KEYED, form, render_text).content for form in ("moodle",)):
        assert b"&amp;lt;b&amp;gt;5&amp;lt;/b&amp;gt; &amp;amp; more" in content
    _, root = qti(KEYED)
    shown = [node.text for node in root.iter("mattext")]
    assert "<p>&lt;b&gt;5&lt;/b&gt; &amp; more</p>" in shown


def test_json_holds_everything() -> None:
    data = json.loads(export(KEYED, "json", render_text).content)
    assert Quiz.model_validate(data).model_dump() == KEYED.model_dump()


def test_the_same_quiz_gives_the_same_file() -> None:
    for form in ("qti", "moodle", "json"):
        assert export(KEYED, form, render_text) == export(KEYED, form, render_text)


def test_what_is_lost_is_told(keyed: KeyedQuiz) -> None:
    told = export(keyed.quiz, "qti", render_text, keyed.bank.topics).losses
    assert "qti: several options are marked all or nothing: primes" in told
    assert any("an order becomes a match" in line and "rising" in line for line in told)
    assert any("papers by seed" in line for line in told)
    told = export(keyed.quiz, "moodle", render_text).losses
    assert not any("all or nothing" in line or "an order" in line for line in told)
    assert any("single pairs" in line and "squares" in line for line in told)
    assert export(keyed.quiz, "json", render_text).losses == []


def test_an_unknown_format_names_those_there_are(keyed: KeyedQuiz) -> None:
    with pytest.raises(QuizError, match="--format aiken: there are qti, moodle and json"):
        export(keyed.quiz, "aiken", render_text)
