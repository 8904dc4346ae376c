"""Moodle XML, as Moodle's question bank imports it (ordering questions from 4.4 on)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree as ET

from course_utils.quiz.bank import Topic
from course_utils.quiz.model import Quiz
from course_utils.quiz.question import Choice, Match, Numeric, Order, Question, Written
from course_utils.quiz.text import plain
from course_utils.quiz.wording import Render, explanation, option_html, prompt

__all__ = ["as_moodle"]


def as_moodle(quiz: Quiz, render: Render, topics: Sequence[Topic] = ()) -> bytes:
    """The file: a category for the quiz, or one for each of its topics."""
    root = ET.Element("quiz")
    for topic in topics:
        _category(root, f"{quiz.title}/{topic.title}")
        for question in quiz.questions:
            if question.objective in topic.objectives:
                _question(root, question, render)
    if not topics:
        _category(root, quiz.title)
        for question in quiz.questions:
            _question(root, question, render)
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _category(root: ET.Element, path: str) -> None:
    question = ET.SubElement(root, "question", type="category")
    _text(question, "category", f"$course$/top/{path}")


_KINDS: dict[type, str] = {
    Choice: "multichoice",
    Numeric: "numerical",
    Written: "shortanswer",
    Order: "ordering",
    Match: "matching",
}


def _question(root: ET.Element, question: Question, render: Render) -> None:
    node = ET.SubElement(root, "question", type=_KINDS[type(question)])
    _text(node, "name", question.id)
    _html(node, "questiontext", prompt(question, render))
    _html(node, "generalfeedback", explanation(question, render))
    _leaf(node, "defaultgrade", "1")
    _leaf(node, "penalty", "0")
    _leaf(node, "hidden", "0")
    _leaf(node, "idnumber", question.id)
    _BODIES[type(question)](question, node, render)


def _choice(question: Choice, node: ET.Element, render: Render) -> None:
    many = question.type == "multiple"
    _leaf(node, "single", "false" if many else "true")
    _leaf(node, "shuffleanswers", "false" if question.type == "bug" else "true")
    _leaf(node, "answernumbering", "none")
    rights = len(question.key)
    wrongs = len(question.options) - rights
    for option in question.options:
        share = 100 / rights if option.right else (-100 / wrongs if many else 0)
        text = option_html(question, option, render)
        _answer(node, share, text, "html", render(question.why_of(option)))


def _numeric(question: Numeric, node: ET.Element, render: Render) -> None:
    answer = _answer(node, 100, repr(question.answer), "moodle_auto_format", "")
    _leaf(answer, "tolerance", repr(question.margin))


def _written(question: Written, node: ET.Element, render: Render) -> None:
    _leaf(node, "usecase", str(int(question.case_sensitive)))
    for text in question.accepted:
        # An asterisk stands for any text.
        _answer(node, 100, text.replace("*", "\\*"), "moodle_auto_format", "")


def _order(question: Order, node: ET.Element, render: Render) -> None:
    _leaf(node, "layouttype", "VERTICAL")
    _leaf(node, "selecttype", "ALL")
    _leaf(node, "selectcount", "0")
    # Ours: the share of items that follow the item they should follow.
    _leaf(node, "gradingtype", "RELATIVE_NEXT_EXCLUDE_LAST")
    _leaf(node, "showgrading", "SHOW")
    _leaf(node, "numberingstyle", "none")
    for place, item in enumerate(question.items, 1):
        answer = ET.SubElement(node, "answer", fraction=f"{place}.0000000", format="html")
        _leaf(answer, "text", render(item.text))


def _match(question: Match, node: ET.Element, render: Render) -> None:
    _leaf(node, "shuffleanswers", "true")
    for pair in question.pairs:
        part = _html(node, "subquestion", render(pair.left))
        _text(part, "answer", plain(pair.right))


_BODIES: dict[type, Any] = {
    Choice: _choice,
    Numeric: _numeric,
    Written: _written,
    Order: _order,
    Match: _match,
}


def _answer(node: ET.Element, share: float, text: str, form: str, why: str) -> ET.Element:
    # Moodle knows the fractions by five decimals.
    fraction = f"{share:.5f}".rstrip("0").rstrip(".")
    answer = ET.SubElement(node, "answer", fraction=fraction, format=form)
    _leaf(answer, "text", text)
    _html(answer, "feedback", why)
    return answer


def _html(parent: ET.Element, tag: str, text: str) -> ET.Element:
    node = ET.SubElement(parent, tag, format="html")
    _leaf(node, "text", text)
    return node


def _text(parent: ET.Element, tag: str, text: str) -> None:
    _leaf(ET.SubElement(parent, tag), "text", text)


def _leaf(parent: ET.Element, tag: str, text: str) -> None:
    ET.SubElement(parent, tag).text = text
