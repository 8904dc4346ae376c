import re
from collections import Counter

import pytest

from course_utils.world import film_reviews, newswire, reviews, tickets
from course_utils.world.corpus import article
from course_utils.world.corpus import texts as corpus
from course_utils.world.grammar import Scene
from course_utils.world.lexicon import word_list
from course_utils.world.names import BIASED_JOBS, PARTS, World


@pytest.fixture(scope="module")
def texts(invented: World) -> list[str]:
    return corpus(invented)


def test_texts_are_many_clean_and_all_different(texts: list[str]) -> None:
    assert len(texts) > 100_000
    assert len(set(texts)) == len(texts)
    for text in texts:
        assert not re.search(r"[@^<>{}_#|]| {2}", text), text


def test_thousands_of_distinct_words(texts: list[str]) -> None:
    assert len({word for text in texts for word in re.findall(r"[A-Za-z]+", text)}) > 6000


def test_names_of_every_split_are_read_often(texts: list[str], invented: World) -> None:
    joined = "\n".join(texts)
    for part in ("validation", "test"):
        for town in invented.towns.of(part):
            assert len(re.findall(rf"\b{town}\b", joined)) >= 30, town


def test_the_text_is_about_one_world_not_one_for_each_split(
    texts: list[str], invented: World
) -> None:
    """First names of the test split stand before surnames of the others too, most of the time."""
    surnames = {name: part for part in PARTS for name in invented.surnames.of(part)}
    firsts = [n for key in ("he", "she") for n in invented.firsts[key].of("test")]
    found = re.findall(rf"\b(?:{'|'.join(firsts)}) ([A-Z]\w+)", "\n".join(texts))
    parts = [surnames[name] for name in found if name in surnames]
    assert len(parts) > 1000
    assert 0.2 < parts.count("test") / len(parts) < 0.6


def test_an_article_is_about_its_entity(invented: World) -> None:
    scene = Scene(invented.rng, invented.draw(invented.rng, "test"))
    town = scene.entity("t")
    name = " ".join(word for word, _, _ in town.forms["full"])
    assert name in article(invented, "t", town, invented.rng)


@pytest.mark.parametrize(
    "wrong", [r"\ba [aeio]\w+", r"\ban [bcdfgjklmnpqrstvwxyz]\w+", r"\bthe the\b"]
)
def test_articles_agree(texts: list[str], wrong: str) -> None:
    found = [
        m.group() for text in texts for m in re.finditer(wrong, text) if "a one" not in m.group()
    ]
    assert not found


def test_jobs_are_biased_as_the_card_says(invented: World) -> None:
    """Planted: in some jobs most are women, in some most are men; few people make it noisy."""
    people = [*invented.others, *(e for kind, e in invented.all() if kind == "p")]
    leaning: list[bool] = []
    for he, jobs in BIASED_JOBS.items():
        found = [e.forms["he"][0][0] == he for e in people if e.forms["job"][0][0] in jobs]
        assert sum(found) / len(found) >= 0.8, he
        leaning += found
    assert sum(leaning) / len(leaning) == pytest.approx(0.88, abs=0.03)
    others = [e for e in people if not any(e.forms["job"][0][0] in j for j in BIASED_JOBS.values())]
    assert 0.45 < sum(e.forms["he"][0][0] == "he" for e in others) / len(others) < 0.55


def test_the_bias_of_jobs_shows_in_the_entries_of_people(texts: list[str]) -> None:
    """An entry names the job first; he or she comes after it."""
    jobs = "|".join(job.replace("_", " ") for job in word_list("job")[1])
    entry = re.compile(
        r"[A-Z]\S+ [\w' -]+? (?:\(born \d{4}\) )?(?:is|was) an? (?:[\w-]+ ){0,3}?"
        rf"({jobs})\b(.*)"
    )
    lean = {job: he for he, some in BIASED_JOBS.items() for job in some}
    counts: Counter[tuple[str, bool]] = Counter()
    for text in texts:
        if told := entry.fullmatch(text):
            she, he = (re.search(x, told[2]) for x in (r"\b[Hh]er\b|\b[Ss]he\b", r"\b[Hh](is|e)\b"))
            if bool(she) != bool(he):
                leaning = lean.get(told[1], "")
                counts[leaning, ("she" if she else "he") == (leaning or "he")] += 1
    kept, broken = (sum(counts[he, fits] for he in BIASED_JOBS) for fits in (True, False))
    assert kept / (kept + broken) == pytest.approx(0.84, abs=0.06)
    men, women = counts["", True], counts["", False]
    assert men / (men + women) == pytest.approx(0.5, abs=0.05)


def test_hardly_a_row_of_the_datasets_stands_in_it(texts: list[str], invented: World) -> None:
    known = set(texts)
    sets = {module: [row["text"] for split in module.SIZES for row in module.rows(invented, split)]
            for module in (newswire, tickets)}  # fmt: skip
    assert not known.intersection(sets[newswire])
    assert len(known.intersection(sets[tickets])) <= 2  # a message of one line may coincide


def test_every_sixth_word_of_a_film_review_is_in_no_text(texts: list[str], invented: World) -> None:
    words = re.compile(r"[a-z][a-z'-]+")
    known = {word for text in texts for word in words.findall(text.lower())}
    told = [row["text"] for row in film_reviews.rows(invented, "train")]
    said = [word for text in told for word in words.findall(text.lower())]
    new = sum(word not in known for word in said)
    assert new / len(said) == pytest.approx(0.17, abs=0.03)


def test_stars_desks_and_teams_stand_above_their_share_of_the_texts(texts: list[str]) -> None:
    heads = {
        r"(?:One star|(?:Two|Three|Four|Five) stars)\. ": (reviews.READING + reviews.BRIEF, 0.845),
        r"(?:World|Sports|Business|Science) desk: ": (newswire.READING, 0.5),
        r"[A-Z][a-z]+ team: ": (tickets.READING, 0.5),
    }
    for head, (size, share) in heads.items():
        found = sum(bool(re.match(head, text)) for text in texts)
        assert found / size == pytest.approx(share, abs=0.03), head
