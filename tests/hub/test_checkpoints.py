"""The committed checkpoints: what is in each folder, that each loads, what its tokenizer reads."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors import safe_open
from transformers import AutoModel, AutoTokenizer

from course_utils.hub import checkpoint_folder
from course_utils.hub.card import parse_card
from course_utils.hub.recipes import RECIPES, gpt_mini, marian_mini
from course_utils.hub.recipes.baselines import OF_TAGS
from course_utils.hub.recipes.training import digest, read_rows

MEGABYTES = 45
RESULTS = Path(__file__).parents[2] / "benchmarks" / "results"
FEW = 200  # labels, of the recorded rows that are not from every label
CORE_SECONDS = 20 * 60
STRANGE = "naïve Łódź – “façade” 日本語 🙂 ¿qué? \u202f!"
#: What kind of pieces each family's tokenizer has: they differ on purpose.
PIECES = {"bert": "WordPiece", "sentence": "WordPiece", "gpt": "BPE", "marian": "Unigram"}


@pytest.fixture(params=list(RECIPES))
def folder(request: pytest.FixtureRequest) -> Path:
    return checkpoint_folder(str(request.param))


def facts(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "training.json").read_text("utf-8"))
    return found


def rows_of(data: str) -> list[dict[str, Any]]:
    if data == gpt_mini.PAGES:
        return gpt_mini.page_rows()
    if data == marian_mini.MANUALS:
        return marian_mini.manual_rows()
    return read_rows(data.removeprefix("pocket/"), "train")


def test_a_checkpoint_was_made_from_the_data_as_they_are(folder: Path) -> None:
    made = facts(folder)["data"]
    now = {data: digest(rows_of(data)) for data in made}
    assert made == now, f"the data changed: run `course hub rebuild {folder.name}`"


def test_its_recipe_took_no_longer_than_twenty_core_minutes(folder: Path) -> None:
    assert facts(folder)["cpu_seconds"] <= CORE_SECONDS


def test_its_weights_are_stored_as_the_card_says_and_as_many(folder: Path) -> None:
    with safe_open(folder / "model.safetensors", "pt") as file:
        slices = [file.get_slice(name) for name in file.keys()]  # noqa: SIM118 - no mapping
    text = (folder / "README.md").read_text("utf-8")
    halved = "stored in half precision, read as float32" in text
    assert {part.get_dtype() for part in slices} == {"F16" if halved else "F32"}
    assert f"{facts(folder)['parameters']:,}" in text
    assert not re.search(r"\$[a-z{]", text)  # what the template leaves open


def test_its_card_tells_recipe_data_measures_and_limits(folder: Path) -> None:
    text = (folder / "README.md").read_text("utf-8")
    assert parse_card(text)["license"] == "apache-2.0"
    for told in ("## How it was made", "## Measured", "## Limits", f"rebuild {folder.name}"):
        assert told in text
    assert f"{facts(folder)['cpu_seconds']:,}" in text


def test_it_loads_whole(folder: Path) -> None:
    model, told = AutoModel.from_pretrained(folder, output_loading_info=True)
    # The pooler is of a head that is not kept; Marian's positions are sines, and so not saved.
    assert all(re.search(r"pooler|embed_positions", key) for key in told["missing_keys"])
    assert sum(p.numel() for p in model.parameters()) > 100_000
    assert {p.dtype for p in model.parameters()} == {torch.float32}


def test_its_tokenizer_reads_any_text(folder: Path) -> None:
    tokenizer = AutoTokenizer.from_pretrained(folder)
    kind = PIECES.get(folder.name.split("-")[0], "BPE")
    assert json.loads(tokenizer.backend_tokenizer.to_str())["model"]["type"] == kind
    ids = tokenizer(STRANGE)["input_ids"]
    if kind == "WordPiece":  # as BERT's own: what it cannot read is one unknown
        assert "token_type_ids" in tokenizer(STRANGE)
        assert tokenizer.unk_token_id not in tokenizer("naïve Łódź – “façade”")["input_ids"]
    else:
        said = tokenizer.decode(ids, skip_special_tokens=True).strip()
        if folder.name == "clip-mini":  # as CLIP's own: it keeps neither capitals nor spaces
            assert "".join(said.split()) == "".join(STRANGE.lower().split())
        else:
            assert said == STRANGE


def test_together_they_are_small() -> None:
    sizes = [(checkpoint_folder(name) / "model.safetensors").stat().st_size for name in RECIPES]
    assert sum(sizes) <= MEGABYTES * 1e6


@pytest.mark.parametrize(
    ("name", "score", "baseline"),  # keys of training.json, where points are compared
    [
        ("bert-mini", "masked_accuracy", "baseline_accuracy"),
        ("bert-mini-reviews", "accuracy", "baseline_accuracy"),
        ("bert-mini-ner", "entity_f1", "baseline_entity_f1"),
        ("bert-mini-ner", "entity_f1", "shapes_entity_f1"),
        ("bert-mini-ner", "entity_f1", "words_entity_f1"),
        ("bert-mini-pos", "accuracy", "shapes_accuracy"),
        ("bert-mini-reading", "f1", "baseline_f1"),
        ("gpt-mini-instruct", "exact_match", "nearest_exact_match"),
        ("sentence-mini", "spearman", "tfidf_spearman"),
        ("clip-mini", "zero_shot_accuracy", "colour_baseline"),
    ],
)
def test_a_checkpoint_is_ten_points_ahead_of_its_baseline(
    name: str, score: str, baseline: str
) -> None:
    found = facts(checkpoint_folder(name))
    assert found[score] >= found[baseline] + 0.10


def test_the_card_of_parts_of_speech_tells_of_the_baselines_that_come_close() -> None:
    folder = checkpoint_folder("bert-mini-pos")
    found, text = facts(folder), (folder / "README.md").read_text("utf-8")
    for name, _ in OF_TAGS.values():
        assert f"| {name} |" in text
    for key in ("baseline", "words"):
        assert abs(found["accuracy"] - found[f"{key}_accuracy"]) < 0.10


@pytest.mark.parametrize("task", ["reviews", "film-reviews, adapted", "tickets", "entities"])
def test_from_every_label_bert_mini_was_ten_points_ahead(task: str) -> None:
    """As recorded by benchmarks/few_labels.py, which takes a quarter of an hour."""
    recorded = json.loads((RESULTS / "few_labels.json").read_text("utf-8"))
    (row,) = (row for row in recorded if row["task"] == task and row["labels"] != FEW)
    assert row["bert-mini"]["mean"] >= row["baseline"]["mean"] + 0.10


def test_marian_has_learnt_from_no_row_of_the_manuals() -> None:
    learnt, rows = marian_mini.manual_rows(), read_rows("en-fr-manuals", "train")
    assert len(learnt) >= marian_mini.MANUAL_PAIRS
    english = [{row["translation"]["en"] for row in pairs} for pairs in (learnt, rows)]
    assert english[0].isdisjoint(english[1])


def test_those_measured_otherwise_are_ahead_too() -> None:
    gpt, marian, news = (
        facts(checkpoint_folder(name))
        for name in ("gpt-mini", "marian-mini-en-fr", "bert-mini-newswire")
    )
    assert gpt["perplexity"] <= 0.7 * gpt["trigram_perplexity"]
    for held in ("pair", "pattern", "word"):
        assert marian[f"{held}_bleu"] >= marian[f"{held}_dictionary"] + 10
    # The near tie that is the lesson.
    assert 0 <= news["accuracy"] - news["baseline_accuracy"] < 0.10
