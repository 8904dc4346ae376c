import re
from collections import Counter
from typing import Any

import pytest

from course_utils.world.clinic_notes import SIZES, rows
from course_utils.world.lexicon import read_lists, word_list
from course_utils.world.names import World
from course_utils.world.schema import label_names

FIVE = 5
_BEYOND = re.compile(
    r"O/E|Obs|Ex:|Exam:|noted|Imp:|Δ|\?|Likely|Dx|P:|Plan|Rx|Refer|Bloods|TCI|SN"
)  # what only findings, thoughts and plans have


@pytest.fixture(scope="module")
def notes(invented: World) -> dict[str, list[dict[str, Any]]]:
    return {split: rows(invented, split) for split in SIZES}


def test_sizes_labels_and_identifiers(notes: dict[str, list[dict[str, Any]]]) -> None:
    for split, made in notes.items():
        assert len(made) == SIZES[split]
        shares = Counter(row["specialty"] for row in made)
        assert set(shares) == set(range(FIVE))
        assert min(shares.values()) > 0.15 * len(made)
    everyone = [row["note_id"] for made in notes.values() for row in made]
    assert len(set(everyone)) == len(everyone)


def test_a_seed_gives_the_same_rows(invented: World) -> None:
    assert rows(invented, "test") == rows(invented, "test")
    assert rows(invented, "test") != rows(invented, "test", seed=1)


def test_no_text_is_in_two_splits(notes: dict[str, list[dict[str, Any]]]) -> None:
    texts = [row["text"] for made in notes.values() for row in made]
    assert len(set(texts)) == len(texts)


def test_texts_are_filled_in(notes: dict[str, list[dict[str, Any]]]) -> None:
    for made in notes.values():
        for row in made:
            assert not re.search(r"[{}_|]|  |,\.|\bno an? ", row["text"]), row["text"]
            assert row["text"][0].isupper() or row["text"][0].isdigit()


def _is_letter(text: str) -> bool:
    return re.search(r"\d-year-old|Dear ", text) is not None


def test_both_registers_occur(notes: dict[str, list[dict[str, Any]]]) -> None:
    letters = sum(_is_letter(row["text"]) for row in notes["train"])
    assert letters / SIZES["train"] == pytest.approx(0.3, abs=0.03)
    shorthand = [row["text"] for row in notes["train"] if not _is_letter(row["text"])]
    marked = sum(
        re.search(r"\d+/(7|52|12)\b|\d\d[MF]\b|\byo\b", text) is not None for text in shorthand
    )
    assert marked > 0.97 * len(shorthand)


def test_a_patient_stays_the_same_person(notes: dict[str, list[dict[str, Any]]]) -> None:
    for row in notes["train"]:
        text = row["text"]
        if patient := re.search(r"\b(man|woman), who", text):
            own = "Her|She" if patient[1] == "woman" else "His|He"
            starts = set(re.findall(r"(?<=\. )(?:He|She|His|Her)\b", text))
            assert all(re.fullmatch(own, word) for word in starts), text


def test_symptoms_overlap_between_specialties(notes: dict[str, list[dict[str, Any]]]) -> None:
    """Planted: the same complaint under two labels, and notes with nothing but the complaint."""
    for complaint in ("SOB", "CP", "N+V", "wt loss"):
        labels = {row["specialty"] for row in notes["train"] if complaint in row["text"]}
        assert len(labels) > 1, complaint
    texts = [row["text"] for made in notes.values() for row in made]
    shorthand = [text for text in texts if not _is_letter(text)]
    bare = sum(not _BEYOND.search(text) for text in shorthand)
    assert bare / len(shorthand) == pytest.approx(0.137, abs=0.02)


def test_histories_name_illnesses_of_other_specialties(
    notes: dict[str, list[dict[str, Any]]],
) -> None:
    for entry in word_list("clinic.history")[1]:
        illness = entry.partition("|")[0].replace("_", " ")
        found = {row["specialty"] for row in notes["train"] if illness in row["text"]}
        assert found == set(range(FIVE)), illness


def test_every_case_has_two_words_for_each_slot_and_is_told(
    notes: dict[str, list[dict[str, Any]]],
) -> None:
    text = "\n".join(row["text"] for row in notes["train"])
    specialties = set(label_names("clinic-notes", "specialty"))
    for name in read_lists("words"):
        if not name.startswith("clinic."):
            continue
        entries = word_list(name)[1]
        parts = name.split(".")
        if parts[-1] in ("symptom", "sign", "condition", "drug"):
            assert parts[1] in specialties
            assert len(entries) >= 2, name
        plain = [e.split("|")[0].replace("_", " ") for e in entries if "{" not in e]
        assert all(word.lower() in text.lower() for word in plain), name


def test_drugs_belong_to_one_specialty(notes: dict[str, list[dict[str, Any]]]) -> None:
    for label, specialty in enumerate(label_names("clinic-notes", "specialty")):
        for drug in word_list(f"clinic.{specialty}.drug")[1]:
            owners = {row["specialty"] for row in notes["train"] if drug in row["text"]}
            assert owners == {label}, drug
