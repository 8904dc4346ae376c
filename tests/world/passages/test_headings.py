import random

from course_utils.world.names import ANYWHERE, World
from course_utils.world.passages.headings import headline, quiz
from course_utils.world.passages.writer import Writer


def test_a_headline_says_again_what_the_passage_tells(invented: World) -> None:
    writer = Writer(invented, ANYWHERE, random.Random(1))
    found = again = 0
    for _ in range(200):
        made = writer.passage()
        if head := headline(writer, made):
            assert head[0].isupper()
            assert head[-1] == "."
            told = {word for fact in made.facts for word in made.said(fact).lower().split()}
            found += 1
            again += bool(told & set(head.lower().replace(",", "").removesuffix(".").split()))
    assert found > 180
    assert again == found


def test_a_quiz_asks_and_answers(invented: World) -> None:
    writer = Writer(invented, ANYWHERE, random.Random(2))
    for _ in range(100):
        made = writer.passage()
        if text := quiz(writer, made):
            _, mark, answer = text.partition("? ")
            assert mark
            said = answer.removesuffix(".").lower()
            assert said == "it does not say" or said in made.text.lower()
