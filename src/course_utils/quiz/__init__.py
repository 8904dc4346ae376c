"""Quizzes as data: their model, their marking and the proof of their keys."""

from course_utils.quiz.lint import lint
from course_utils.quiz.mark import QuestionMark, QuizMark, mark, mark_question
from course_utils.quiz.model import Quiz, load_quiz
from course_utils.quiz.proof import prove
from course_utils.quiz.question import Question
from course_utils.quiz.responses import load_responses
from course_utils.quiz.source import QuizError

__all__ = [
    "Question",
    "QuestionMark",
    "Quiz",
    "QuizError",
    "QuizMark",
    "lint",
    "load_quiz",
    "load_responses",
    "mark",
    "mark_question",
    "prove",
]
