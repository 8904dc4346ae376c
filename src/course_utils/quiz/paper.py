"""Drawing papers from a bank: the same for the page and for the marker. exam.js draws alike."""

from __future__ import annotations

import hashlib
import re
from collections import Counter

from course_utils.quiz.bank import Asked, Bank, Topic
from course_utils.quiz.source import QuizError

__all__ = ["MOST_ATTEMPTS", "draw"]

MOST_ATTEMPTS = 50
_LEARNER = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,63}")


def draw(bank: Bank, learner: str, attempt: int) -> list[str]:
    """The ids of the questions of this learner's paper, topic by topic.

    The seed is the SHA-256 of quiz, learner, attempt and question. Each objective is asked, and
    each topic has at least its number of questions that apply. Questions of earlier attempts come
    back only when no others are left for their place, so a retake is another paper.

    Raises:
        QuizError: `learner` or `attempt` has not the form that the page accepts.
    """
    if not _LEARNER.fullmatch(learner):
        raise QuizError(
            f"learner {learner!r}: an id has 1 to 64 small letters, digits or . _ @ + - "
            "and begins with a letter or digit"
        )
    if not 1 <= attempt <= MOST_ATTEMPTS:
        raise QuizError(f"attempt {attempt}: attempts are numbered from 1 to {MOST_ATTEMPTS}")
    used: Counter[str] = Counter()
    paper: list[str] = []
    for number in range(1, attempt + 1):
        paper = _draw(bank, learner, number, used)
        used.update(paper)
    return paper


def _draw(bank: Bank, learner: str, attempt: int, used: Counter[str]) -> list[str]:
    chance = {q.id: _digest(bank.id, learner, str(attempt), q.id) for q in bank.questions}
    ranked = sorted(bank.questions, key=lambda q: (used[q.id], chance[q.id]))
    paper: list[str] = []
    for topic in bank.topics:
        chosen = _of_topic(topic, [q for q in ranked if q.objective in topic.objectives])
        paper += sorted(chosen, key=chance.__getitem__)
    return paper


def _of_topic(topic: Topic, ranked: list[Asked]) -> list[str]:
    """First questions that apply, then those of objectives not yet asked, then any."""
    chosen: list[str] = []
    asked: set[str] = set()

    def take(wanted: int, level: str | None, *, new_objective: bool) -> None:
        for question in ranked:
            if len(chosen) >= wanted:
                return
            fits = level in (None, question.level) and question.id not in chosen
            if fits and not (new_objective and question.objective in asked):
                chosen.append(question.id)
                asked.add(question.objective)

    take(topic.apply, "apply", new_objective=True)
    take(topic.questions, None, new_objective=True)
    take(topic.questions, None, new_objective=False)
    return chosen


def _digest(*names: str) -> str:
    return hashlib.sha256("\n".join(names).encode()).hexdigest()
