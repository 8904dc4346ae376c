"""QTI 1.2 in a zip, as Canvas and Blackboard import it.

The elements are those of the specification; the fields named ``question_type`` and
``points_possible`` are Canvas's, which tells from them what an item is.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree as ET

from course_utils.quiz.bank import Topic
from course_utils.quiz.model import Quiz
from course_utils.quiz.question import Choice, Match, Numeric, Order, Question, Written
from course_utils.quiz.text import plain
from course_utils.quiz.wording import Render, explanation, option_html, prompt

__all__ = ["as_qti"]

_QTI = "http://www.imsglobal.org/xsd/ims_qtiasiv1p2"
_PACKAGE = "http://www.imsglobal.org/xsd/imscp_v1p1"
_SCHEMA = "{http://www.w3.org/2001/XMLSchema-instance}schemaLocation"
_TIME = (2020, 1, 1, 0, 0, 0)  # the same quiz gives the same file


def as_qti(quiz: Quiz, render: Render, topics: Sequence[Topic] = ()) -> bytes:
    """The zip: a manifest and one assessment; with `topics`, a random draw from each."""
    ident = "quiz_" + re.sub(r"\W", "_", quiz.id)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, root in (
            ("imsmanifest.xml", _manifest(ident)),
            (f"{ident}/{ident}.xml", _assessment(quiz, ident, render, topics)),
        ):
            ET.indent(root)
            text = ET.tostring(root, encoding="utf-8", xml_declaration=True)
            package.writestr(zipfile.ZipInfo(name, _TIME), text)
    return out.getvalue()


def _manifest(ident: str) -> ET.Element:
    location = f"{_PACKAGE} {_PACKAGE}.xsd"
    root = ET.Element("manifest", {"xmlns": _PACKAGE, _SCHEMA: location, "identifier": "package"})
    metadata = ET.SubElement(root, "metadata")
    _leaf(metadata, "schema", "IMS Content")
    _leaf(metadata, "schemaversion", "1.1.3")
    ET.SubElement(root, "organizations")
    resources = ET.SubElement(root, "resources")
    path = f"{ident}/{ident}.xml"
    attributes = {"identifier": ident, "type": "imsqti_xmlv1p2", "href": path}
    ET.SubElement(ET.SubElement(resources, "resource", attributes), "file", href=path)
    return root


def _assessment(quiz: Quiz, ident: str, render: Render, topics: Sequence[Topic]) -> ET.Element:
    location = f"{_QTI} http://www.imsglobal.org/xsd/ims_qtiasiv1p2p1.xsd"
    root = ET.Element("questestinterop", {"xmlns": _QTI, _SCHEMA: location})
    assessment = ET.SubElement(root, "assessment", ident=ident, title=quiz.title)
    section = ET.SubElement(assessment, "section", ident="root_section")
    for number, topic in enumerate(topics, 1):
        group = ET.SubElement(section, "section", ident=f"group_{number}", title=topic.title)
        selection = ET.SubElement(ET.SubElement(group, "selection_ordering"), "selection")
        _leaf(selection, "selection_number", str(topic.questions))
        extension = ET.SubElement(selection, "selection_extension")
        _leaf(extension, "points_per_item", "1")
        for question in quiz.questions:
            if question.objective in topic.objectives:
                _item(group, question, render)
    if not topics:
        for question in quiz.questions:
            _item(section, question, render)
    return root


_KINDS = {
    "single": "multiple_choice_question",
    "bug": "multiple_choice_question",
    "multiple": "multiple_answers_question",
    "numeric": "numerical_question",
    "text": "short_answer_question",
    "output": "short_answer_question",
    "order": "matching_question",
    "match": "matching_question",
}


def _item(section: ET.Element, question: Question, render: Render) -> None:
    item = ET.SubElement(section, "item", ident=question.id, title=question.id)
    kind = "single" if isinstance(question, Choice) and question.type == "output" else question.type
    metadata = ET.SubElement(ET.SubElement(item, "itemmetadata"), "qtimetadata")
    for label, entry in (("question_type", _KINDS[kind]), ("points_possible", "1")):
        field = ET.SubElement(metadata, "qtimetadatafield")
        _leaf(field, "fieldlabel", label)
        _leaf(field, "fieldentry", entry)
    presentation = ET.SubElement(item, "presentation")
    _material(presentation, prompt(question, render))
    processing = ET.Element("resprocessing")
    outcomes = ET.SubElement(processing, "outcomes")
    ET.SubElement(
        outcomes, "decvar", maxvalue="100", minvalue="0", varname="SCORE", vartype="Decimal"
    )
    feedback = {"general_fb": explanation(question, render)}
    _tell(processing, None, "general_fb")
    _BODIES[type(question)](question, presentation, processing, feedback, render)
    item.append(processing)
    for name, text in feedback.items():
        _material(ET.SubElement(ET.SubElement(item, "itemfeedback", ident=name), "flow_mat"), text)


def _choice(
    question: Choice, shown: ET.Element, done: ET.Element, feedback: dict[str, str], render: Render
) -> None:
    many = question.type == "multiple"
    texts = [(option.id, option_html(question, option, render)) for option in question.options]
    _render_choice(shown, "response1", texts, many=many)
    for option in question.options:
        name = f"{option.id}_fb"
        feedback[name] = render(question.why_of(option))
        _tell(done, ("response1", option.id), name)
    condition = _score(done, "Set", "100")
    if not many:
        _leaf(condition, "varequal", question.key[0], respident="response1")
        return
    every = ET.SubElement(condition, "and")
    for option in question.options:
        parent = every if option.right else ET.SubElement(every, "not")
        _leaf(parent, "varequal", option.id, respident="response1")


def _numeric(
    question: Numeric, shown: ET.Element, done: ET.Element, feedback: dict[str, str], render: Render
) -> None:
    _fill_in(shown, fibtype="Decimal")
    either = ET.SubElement(_score(done, "Set", "100"), "or")
    _leaf(either, "varequal", repr(question.answer), respident="response1")
    span = ET.SubElement(either, "and")
    _leaf(span, "vargte", repr(question.answer - question.margin), respident="response1")
    _leaf(span, "varlte", repr(question.answer + question.margin), respident="response1")


def _written(
    question: Written, shown: ET.Element, done: ET.Element, feedback: dict[str, str], render: Render
) -> None:
    _fill_in(shown)
    case = "Yes" if question.case_sensitive else "No"
    for text in question.accepted:  # one condition each: within one, all would have to hold
        condition = _score(done, "Set", "100")
        _leaf(condition, "varequal", text, respident="response1", case=case)


def _order(
    question: Order, shown: ET.Element, done: ET.Element, feedback: dict[str, str], render: Render
) -> None:
    places = [(f"place_{n}", str(n)) for n in range(1, len(question.items) + 1)]
    rows = [(item.id, item.text, places[n][0]) for n, item in enumerate(question.items)]
    _pairs(sorted(rows), places, shown, done, render)


def _match(
    question: Match, shown: ET.Element, done: ET.Element, feedback: dict[str, str], render: Render
) -> None:
    key = question.key
    rights = sorted((key[pair.id], plain(pair.right)) for pair in question.pairs)
    rows = [(pair.id, pair.left, key[pair.id]) for pair in question.pairs]
    _pairs(rows, rights, shown, done, render)


_BODIES: dict[type, Any] = {
    Choice: _choice,
    Numeric: _numeric,
    Written: _written,
    Order: _order,
    Match: _match,
}


def _pairs(
    rows: Sequence[tuple[str, str, str]],
    rights: Sequence[tuple[str, str]],
    shown: ET.Element,
    done: ET.Element,
    render: Render,
) -> None:
    """A choice for each row (id, text, right id); systems show the choices as plain text."""
    for name, text, right in rows:
        respident = f"response_{name}"
        _render_choice(shown, respident, rights, many=False, heading=render(text))
        condition = _score(done, "Add", f"{100 / len(rows):.2f}")
        _leaf(condition, "varequal", right, respident=respident)


def _render_choice(
    shown: ET.Element,
    ident: str,
    options: Sequence[tuple[str, str]],
    *,
    many: bool,
    heading: str = "",
) -> None:
    cardinality = "Multiple" if many else "Single"
    response = ET.SubElement(shown, "response_lid", ident=ident, rcardinality=cardinality)
    if heading:
        _material(response, heading)
    choices = ET.SubElement(response, "render_choice")
    kind = "text/plain" if heading else "text/html"
    for name, text in options:
        _material(ET.SubElement(choices, "response_label", ident=name), text, kind)


def _fill_in(shown: ET.Element, **attributes: str) -> None:
    response = ET.SubElement(shown, "response_str", ident="response1", rcardinality="Single")
    fib = ET.SubElement(response, "render_fib", attributes)
    ET.SubElement(fib, "response_label", ident="answer1")


def _tell(done: ET.Element, given: tuple[str, str] | None, name: str) -> None:
    """Show the feedback `name`, always or when the response `given` was chosen."""
    condition = ET.SubElement(done, "respcondition", {"continue": "Yes"})
    variables = ET.SubElement(condition, "conditionvar")
    if given is None:
        ET.SubElement(variables, "other")
    else:
        _leaf(variables, "varequal", given[1], respident=given[0])
    ET.SubElement(condition, "displayfeedback", feedbacktype="Response", linkrefid=name)


def _score(done: ET.Element, action: str, points: str) -> ET.Element:
    """A condition that gives points; returns the element to put it into."""
    again = "Yes" if action == "Add" else "No"
    condition = ET.SubElement(done, "respcondition", {"continue": again})
    variables = ET.SubElement(condition, "conditionvar")
    _leaf(condition, "setvar", points, action=action, varname="SCORE")
    return variables


def _material(parent: ET.Element, text: str, kind: str = "text/html") -> None:
    _leaf(ET.SubElement(parent, "material"), "mattext", text, texttype=kind)


def _leaf(parent: ET.Element, tag: str, text: str, **attributes: str) -> None:
    ET.SubElement(parent, tag, attributes).text = text
