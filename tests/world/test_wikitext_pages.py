import random
import re
from itertools import islice

import pytest

from course_utils.hub.recipes.gpt_mini import page_rows
from course_utils.world.names import World
from course_utils.world.pages import (
    DECLARED,
    LEAD,
    SIZES,
    TITLE,
    _prose,
    kinds,
    reading_matter,
    rows,
)


@pytest.fixture(scope="module")
def pages(invented: World) -> dict[str, list[str]]:
    return {split: [row["text"] for row in rows(invented, split)] for split in SIZES}


def _split_at_titles(lines: list[str]) -> list[tuple[str, list[str]]]:
    found: list[tuple[str, list[str]]] = []
    for line in lines:
        if match := re.fullmatch(r" = (?!=)(.+) = \n", line):
            found.append((match[1], []))
        elif found:
            found[-1][1].append(line)
    return found


def _paragraphs(lines: list[str]) -> list[str]:
    return [line for line in lines if line and not line.startswith(" =")]


def test_sizes_and_share_of_blank_rows(pages: dict[str, list[str]]) -> None:
    for split, lines in pages.items():
        assert len(lines) == SIZES[split]
        assert lines.count("") / len(lines) == pytest.approx(0.43, abs=0.03)


def test_a_seed_gives_the_same_rows(invented: World) -> None:
    assert rows(invented, "test") == rows(invented, "test")
    assert rows(invented, "test") != rows(invented, "test", seed=1)


def test_no_title_and_no_paragraph_is_in_two_splits(pages: dict[str, list[str]]) -> None:
    titles = [title for lines in pages.values() for title, _ in _split_at_titles(lines)]
    assert len(set(titles)) == len(titles)
    told = {split: set(_paragraphs(lines)) for split, lines in pages.items()}
    assert not told["train"] & told["test"]
    assert not told["train"] & told["validation"]
    assert not told["test"] & told["validation"]


def test_lines_look_like_those_of_the_real_dataset(pages: dict[str, list[str]]) -> None:
    text = "".join(line for lines in pages.values() for line in lines)
    assert {" @-@ ", " @,@ ", " @.@ "} <= set(re.findall(r" @.@ ", text))
    assert not re.search(r"[{}<>_|#*+]|  |\d,\d|\w-\w", text)
    for lines in pages.values():
        for line in lines:
            assert line == "" or re.fullmatch(r" (= )*\S.*\S (= )*\n", line), line
        for paragraph in _paragraphs(lines):
            assert paragraph.endswith((" . \n", ' " \n')), paragraph
            assert not re.search(r"\w[.,;:!?)]|[(]\w", paragraph), paragraph
            assert not re.search(r"\b[Aa] [aeio]\w|\b[Aa]n [bcdfgjkmnpqrtvwz]", paragraph), (
                paragraph
            )


def test_headings_stand_between_blank_rows(pages: dict[str, list[str]]) -> None:
    for lines in pages.values():
        for i, line in enumerate(lines):
            if line.startswith(" ="):
                assert lines[i - 1] == lines[i + 1] == ""


def test_a_page_has_paragraphs_below_its_title(pages: dict[str, list[str]]) -> None:
    counts = [
        len(_paragraphs(page)) for lines in pages.values() for _, page in _split_at_titles(lines)
    ]
    assert len(counts) == pytest.approx(370, abs=15)
    assert min(counts) >= 3
    assert sum(count < 5 for count in counts) <= 1
    assert sum(counts) / len(counts) == pytest.approx(9.9, abs=1)


def test_a_page_has_some_300_words(pages: dict[str, list[str]]) -> None:
    for lines in pages.values():
        lengths = [len("".join(page).split()) for _, page in _split_at_titles(lines)]
        assert sum(lengths) / len(lengths) == pytest.approx(310, abs=30)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (r"received its charter in", r""),
        (r"the census of", r""),
        (r"The bridge of", r" (?:was|has)"),
        (r"The accident of", r","),
        (r"The count of", r""),
    ],
)
def test_years_agree_within_a_page(pages: dict[str, list[str]], before: str, after: str) -> None:
    for lines in pages.values():
        for title, page in _split_at_titles(lines):
            years = set(re.findall(rf"{before} (\d{{4}}){after}", "".join(page)))
            assert len(years) <= 1, title


def test_facts_return_within_a_page(pages: dict[str, list[str]]) -> None:
    """The lever of the dataset: half of the years that a page names, it names more than once."""
    once = more = 0
    for _, page in (page for lines in pages.values() for page in _split_at_titles(lines)):
        years = re.findall(r"\b1\d{3}\b", "".join(page))
        more += sum(years.count(year) > 1 for year in set(years))
        once += sum(years.count(year) == 1 for year in set(years))
    assert more / (more + once) == pytest.approx(0.52, abs=0.03)


def test_splits_share_no_towns(pages: dict[str, list[str]], invented: World) -> None:
    text = {split: "".join(lines) for split, lines in pages.items()}
    for part in SIZES:
        towns = [town.forms["core"][0][0] for town in invented.entities[part]["t"]]
        for split in SIZES:
            named = sum(re.search(rf"\b{town}\b", text[split]) is not None for town in towns)
            assert (named > len(towns) / 2) if split == part else (named == 0), (part, split)


def test_people_are_called_in_full_first(pages: dict[str, list[str]], invented: World) -> None:
    for split, lines in pages.items():
        surnames = set(invented.surnames.of(split))
        firsts = {name for stock in invented.firsts.values() for name in stock.of(split)}
        seen = 0
        for title, page in _split_at_titles(lines):
            words = "".join(page).split()
            for name in surnames.intersection(words):
                seen += 1
                assert words[words.index(name) - 1] in {*firsts, "de", "@-@"}, (title, name)
        assert seen > 40, split


def test_every_fact_is_told() -> None:
    for kind, sections in kinds().items():
        assert {TITLE, DECLARED, LEAD} < set(sections)
        told = " ".join(line for name, lines in sections.items() for line in lines)
        for line in sections[DECLARED]:
            fact = line.split()[0]
            assert f"{{a.{fact}}}" in told or f"{fact}+" in told, (kind, fact)
        used = set(re.findall(r"\{a\.([a-z]+)\}", told)) - {"full"}
        assert used <= {line.split()[0] for line in sections[DECLARED]}, kind


def test_reading_matter_is_of_every_part_and_without_markup(invented: World) -> None:
    texts = list(islice(reading_matter(invented, random.Random(5)), 300))
    assert len(set(texts)) == len(texts)
    for text in texts:
        assert not re.search(r" @.@ | = | [.,;:!?)]|\n|  ", text), text
        assert text.lstrip('"')[0].isupper() and text[-1] in '."'
    words = set(re.findall(r"\w+", " ".join(texts)))
    assert all(words & set(invented.surnames.of(part)) for part in ("train", "test"))


def test_hardly_a_test_paragraph_stands_in_the_reading_matter(pages: dict[str, list[str]]) -> None:
    """As gpt-mini reads it: 4 % of the words, in short paragraphs without a fact of their page."""
    read = "\n".join(row["text"] for row in page_rows())
    told = [_prose([line]) for line in _paragraphs(pages["test"])]
    words = [len(text.split()) for text in told]
    met = sum(count for text, count in zip(told, words, strict=True) if text in read)
    assert met / sum(words) < 0.06
