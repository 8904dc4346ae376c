"""Quizzes as data: their model, marking, papers and exports, and the proof of their keys."""

from course_utils.quiz.bank import Bank, load_bank
from course_utils.quiz.export import Export, export
from course_utils.quiz.handed_in import (
    Objective,
    Record,
    as_csv,
    find_files,
    mark_files,
    write_records,
)
from course_utils.quiz.key import KeyedQuiz, keys_folder, load_keyed
from course_utils.quiz.lint import lint
from course_utils.quiz.mark import QuestionMark, QuizMark, mark, mark_question
from course_utils.quiz.model import Quiz, load_quiz
from course_utils.quiz.paper import draw
from course_utils.quiz.proof import prove
from course_utils.quiz.question import Question
from course_utils.quiz.responses import load_responses
from course_utils.quiz.source import QuizError

__all__ = [
    "Bank",
    "Export",
    "KeyedQuiz",
    "Objective",
    "Question",
    "QuestionMark",
    "Quiz",
    "QuizError",
    "QuizMark",
    "Record",
    "as_csv",
    "draw",
    "export",
    "find_files",
    "keys_folder",
    "lint",
    "load_bank",
    "load_keyed",
    "load_quiz",
    "load_responses",
    "mark",
    "mark_files",
    "mark_question",
    "prove",
    "write_records",
]
