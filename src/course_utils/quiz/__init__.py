"""Quizzes as data: their model, their marking and the proof of their keys."""

from course_utils.quiz.mark import QuestionMark, QuizMark, load_responses, mark, mark_question
from course_utils.quiz.model import Question, Quiz, load_quiz
from course_utils.quiz.proof import prove
from course_utils.quiz.source import QuizError

__all__ = [
    "Question",
    "QuestionMark",
    "Quiz",
    "QuizError",
    "QuizMark",
    "load_quiz",
    "load_responses",
    "mark",
    "mark_question",
    "prove",
]
