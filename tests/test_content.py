"""The content itself: every lesson ran, every quiz asks what is taught, every key is proved."""

from __future__ import annotations

import ast
import difflib
import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from course_utils.catalog import Lesson, load_catalog
from course_utils.hub import launch
from course_utils.parameters import set_parameters
from course_utils.quiz import Bank, Quiz, lint, load_bank, load_keyed, load_quiz, prove
from course_utils.quiz.question import Choice
from course_utils.site.syllabus import load_points

ROOT = Path(__file__).parents[1]
CATALOG = load_catalog(ROOT)
LESSONS = {lesson.id: lesson for lesson in CATALOG.lessons}
QUIZZES = {quiz_id: load_quiz(path) for quiz_id, path in CATALOG.quizzes.items()}
BANKS = {quiz_id: load_bank(path) for quiz_id, path in CATALOG.banks.items()}
LONGEST_CELL, MINUTES_OF_ALL = 25, 32

each_lesson = pytest.mark.parametrize("lesson", LESSONS.values(), ids=LESSONS)
each_bank = pytest.mark.parametrize("bank", BANKS.values(), ids=BANKS)
each_quiz = pytest.mark.parametrize("quiz", QUIZZES.values(), ids=QUIZZES)


@pytest.fixture(scope="module")
def manifest() -> dict[str, Any]:
    path = ROOT / "build/manifest.json"
    if not path.exists():
        message = "no lesson has been run: `make test` or `course run` does it"
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    found: dict[str, Any] = json.loads(path.read_text())["lessons"]
    return found


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with launch() as running:
        yield running.endpoint


@each_lesson
def test_the_lesson_ran_to_its_end(lesson: Lesson, manifest: dict[str, Any]) -> None:
    entry = manifest[lesson.id]
    assert entry["status"] in ("ok", "cached"), entry["error"]
    assert entry["seconds"] > 0
    code = [cell for cell in lesson.notebook().cells if cell.cell_type == "code"]
    assert entry["cells"] == len(code)


def test_all_lessons_together_take_less_than_their_share(manifest: dict[str, Any]) -> None:
    """The budget is for all sixty; so many lessons may use so much of it, and one spare."""
    seconds = sum(entry["seconds"] for entry in manifest.values())
    assert seconds <= MINUTES_OF_ALL * 60


@each_lesson
def test_what_a_lesson_claims_to_beat_it_beats_or_says_so(
    lesson: Lesson, manifest: dict[str, Any]
) -> None:
    measured = [m for m in manifest[lesson.id]["metrics"] if m["baseline"] is not None]
    assert measured, "no figure with a named baseline"
    assert all(m["baseline_name"] for m in measured)


def test_pretraining_pays(manifest: dict[str, Any]) -> None:
    """From 200 labelled sentences, on names and patterns that no label told of; three seeds."""
    metrics = manifest["ecosystem/transfer_learning"]["metrics"]
    value = {m["name"].removeprefix("F1 from 200 sentences, "): m["value"] for m in metrics}
    assert value["pretrained, mean"] >= 0.80
    assert value["pretrained, worst seed"] >= metrics[0]["baseline"] + 0.20
    assert value["from scratch, best seed"] <= 0.50


def test_the_tagger_beats_its_baseline(manifest: dict[str, Any]) -> None:
    metrics = manifest["tasks/token_classification/trainer"]["metrics"]
    (tuned,) = [m for m in metrics if m["name"] == "entity F1, fine-tuned"]
    assert tuned["value"] >= max(0.85, tuned["baseline"] + 0.50)


def test_language_models_halve_the_trigram_models_perplexity(manifest: dict[str, Any]) -> None:
    """Three seeds a way; LoRA keeps nine tenths of the gain in nats, and is ahead by less."""
    metrics = manifest["tasks/causal_lm/comparison"]["metrics"]
    named = {m["name"]: m for m in metrics}
    for way in ("Trainer", "plain loop"):
        mean = named[f"perplexity, {way}, mean"]
        assert mean["value"] <= mean["baseline"] / 2
    lora = named["perplexity, LoRA, worst seed"]
    assert lora["value"] < lora["baseline"]
    assert named["gain in nats that LoRA recovers"]["value"] >= 90
    assert named["parameters that LoRA trains"]["value"] <= 10


def test_translation_is_far_ahead_of_its_baselines(manifest: dict[str, Any]) -> None:
    """Three seeds a way, over the untouched checkpoint and over a dictionary alike."""
    metrics = manifest["tasks/translation/comparison"]["metrics"]
    mean = {m["name"]: m for m in metrics if m["name"].endswith(", mean")}
    assert len(mean) == 3
    for full in (mean["BLEU, Trainer, mean"], mean["BLEU, plain loop, mean"]):
        assert full["value"] >= full["baseline"] + 10


def test_three_ways_of_tagging_reach_the_same(manifest: dict[str, Any]) -> None:
    """Three seeds a way; LoRA keeps nine tenths of the gain with a tenth of the parameters."""
    metrics = manifest["tasks/token_classification/comparison"]["metrics"]
    value = {m["name"]: m["value"] for m in metrics}
    for way in ("Trainer", "plain loop", "LoRA"):
        assert value[f"entity F1, {way}, mean"] >= 0.85
    assert value["gain that LoRA recovers"] >= 90
    assert value["parameters that LoRA trains"] <= 10


def test_summaries_are_ahead_of_their_baseline(manifest: dict[str, Any]) -> None:
    """Three seeds a way, over lead-3; LoRA keeps nine tenths of the gain with a tenth trained."""
    metrics = {m["name"]: m for m in manifest["tasks/summarisation/comparison"]["metrics"]}
    for way in ("Trainer", "plain loop", "LoRA"):
        mean = metrics[f"ROUGE-2, {way}, mean"]
        assert mean["baseline_name"] == "lead-3"
        assert mean["value"] >= mean["baseline"] + 5
    assert metrics["gain recovered by LoRA"]["value"] >= 90
    assert metrics["weights trained by LoRA"]["value"] <= 10


def test_masked_words_get_twice_as_likely(manifest: dict[str, Any]) -> None:
    """Three seeds a way, over the untouched checkpoint; LoRA keeps nine tenths of the gain."""
    metrics = {m["name"]: m for m in manifest["tasks/masked_lm/comparison"]["metrics"]}
    for way in ("Trainer", "plain loop", "LoRA"):
        mean = metrics[f"perplexity, {way}, mean"]
        assert mean["baseline_name"] == "untouched checkpoint"
        assert mean["value"] <= mean["baseline"] / 2
    assert metrics["gain in nats that LoRA recovers"]["value"] >= 90
    assert metrics["parameters that LoRA trains"]["value"] <= 10


@pytest.mark.parametrize("way", ["Trainer", "plain loop", "LoRA"])
def test_the_readers_beat_their_baselines(way: str, manifest: dict[str, Any]) -> None:
    """Answers, refusals and the choice between two subjects, each apart; three seeds."""
    metrics = {m["name"]: m for m in manifest["tasks/question_answering/comparison"]["metrics"]}
    for name in ("F1 where there is an answer", "rightly refused", "exact where two are told"):
        mean = metrics[f"{name}, {way}, mean"]
        assert mean["value"] >= mean["baseline"] + 20, name
    assert metrics["gain in F1 that LoRA recovers"]["value"] >= 90
    assert metrics["parameters that LoRA trains"]["value"] <= 10


@each_lesson
def test_the_parameters_of_the_full_scale_can_be_set(lesson: Lesson) -> None:
    if lesson.header.full is not None:
        set_parameters(lesson, lesson.notebook(), lesson.header.full.parameters)


@each_lesson
def test_cells_are_short_and_announced(lesson: Lesson) -> None:
    cells = lesson.notebook().cells
    for before, cell in pairwise(cells):
        if cell.cell_type != "code":
            continue
        lines = cell.source.splitlines()
        assert len(lines) <= LONGEST_CELL, f"{lesson.file}: {len(lines)} lines: {lines[0]}"
        folded = {"solution", "check", "hide-input"} & set(cell.metadata.get("tags", []))
        assert folded or before.cell_type == "markdown", f"{lesson.file}: unannounced: {lines[0]}"


@each_lesson
def test_lesson_code_is_hugging_face_code(lesson: Lesson) -> None:
    """Of ours it may import `course_utils.lesson` only, so that it can be pasted into a job."""
    source = "\n".join(c.source for c in lesson.notebook().cells if c.cell_type == "code")
    modules = {n.module for n in ast.walk(ast.parse(source)) if isinstance(n, ast.ImportFrom)}
    modules |= {
        a.name for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Import) for a in n.names
    }
    assert {m for m in modules if m and m.startswith("course_utils")} <= {"course_utils.lesson"}


@each_lesson
def test_a_lesson_has_the_parts_that_every_lesson_has(lesson: Lesson) -> None:
    text = "\n".join(c.source for c in lesson.notebook().cells if c.cell_type == "markdown")
    for part in ("## At full scale", "## Recap", "## Quiz", "## Further reading"):
        assert part in text, part
    for marker in ("<!-- course:full-scale -->", "<!-- course:quiz -->"):
        assert marker in text, marker
    assert len(re.findall(r"^!!! exercise", text, re.MULTILINE)) >= 2
    assert re.search(r"^\?\?\? predict", text, re.MULTILINE)
    if lesson.path == "core":
        assert "Core ends here" in text


@each_lesson
def test_the_quiz_asks_every_objective(lesson: Lesson) -> None:
    assert lesson.quiz is not None
    quiz = QUIZZES[lesson.quiz]
    asked = {question.objective for question in quiz.questions}
    assert set(lesson.header.objectives) <= asked
    assert len(quiz.questions) >= (8 if lesson.part == "tasks" else 5)


@each_lesson
def test_warm_ups_exist(lesson: Lesson) -> None:
    for reference in lesson.header.warm_up:
        quiz_id, _, question = reference.partition("#")
        assert QUIZZES[quiz_id].question(question)


@each_quiz
def test_objectives_are_those_of_a_lesson(quiz: Quiz) -> None:
    taught = {o for x in LESSONS.values() if x.quiz == quiz.id for o in x.header.objectives}
    assert {question.objective for question in quiz.questions} <= taught


@each_quiz
def test_keys_are_proved(quiz: Quiz, endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", endpoint)
    assert prove(quiz) >= 1


@each_bank
def test_a_bank_is_large_and_asks_every_objective_often(bank: Bank) -> None:
    """The objectives are those of the module's syllabus."""
    known = {p.id for section in load_points(ROOT) for p in section.points if p.id[0] == "o"}
    asked = Counter(question.objective for question in bank.questions)
    assert set(asked) == known
    assert min(asked.values()) >= 5
    assert len(bank.questions) >= 100
    assert sum(question.level == "apply" for question in bank.questions) * 2 >= len(bank.questions)


def test_the_papers_of_the_module_quiz_are_those_of_the_curriculum() -> None:
    topics = BANKS["module"].topics
    assert [topic.questions for topic in topics] == [4, 6, 6, 4]
    assert sum(topic.apply for topic in topics) >= 10
    assert BANKS["module"].pass_at == 0.7


@each_bank
def test_every_key_fits_and_no_option_gives_itself_away(bank: Bank) -> None:
    keyed = load_keyed(bank, ROOT / "keys")
    assert keyed.keys == "demo"
    objectives = [name for topic in bank.topics for name in topic.objectives]
    assert lint(keyed.quiz, objectives) == []
    for question in keyed.quiz.questions:
        if isinstance(question, Choice):
            assert all(question.why_of(option) for option in question.options)


@each_bank
def test_ids_tell_nothing(bank: Bank) -> None:
    """Neither question nor option ids may hint at what is right."""
    for question in bank.questions:
        assert re.fullmatch(r"[a-z]+-\d\d", question.id)
        parts = question.model_dump()
        shown = [p for name in ("options", "items", "lefts", "rights") for p in parts.get(name, [])]
        assert all(re.fullmatch(r"[a-g]|[lr]\d", part["id"]) for part in shown)


@each_bank
def test_the_place_of_the_right_option_is_chance(bank: Bank) -> None:
    quiz = load_keyed(bank, ROOT / "keys").quiz
    places = Counter(
        [option.right for option in question.options].index(True)
        for question in quiz.questions
        if isinstance(question, Choice) and question.type == "single"
    )
    assert max(places.values()) <= 0.45 * places.total()


@each_bank
def test_no_question_is_asked_in_practice_too(bank: Bank) -> None:
    practised = [question.prompt for quiz in QUIZZES.values() for question in quiz.questions]
    for question in bank.questions:
        near = difflib.get_close_matches(question.prompt, practised, n=1, cutoff=0.75)
        assert not near, f"{question.id}: {near[0]}"


@each_bank
def test_graded_keys_are_proved(bank: Bank, endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_ENDPOINT", endpoint)
    assert prove(load_keyed(bank, ROOT / "keys").quiz, timeout=900) >= len(bank.questions) / 2
