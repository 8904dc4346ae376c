"""The recipes, and that the committed checkpoint fits the world as it is now."""

import json
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForMaskedLM, AutoTokenizer

import course_utils.hub
from course_utils.hub import recipes
from course_utils.hub.recipes import bert_mini
from course_utils.hub.recipes.training import digest, read_rows

POCKET = Path(course_utils.hub.__file__).parent / "repos/models/pocket"
CHECKPOINT = POCKET / "bert-mini"


def test_an_unknown_recipe_is_one_line_that_names_the_known() -> None:
    with pytest.raises(recipes.RecipeError, match=r"bert-maxi: .* bert-mini$"):
        recipes.rebuild("bert-maxi", Path("nowhere"))


@pytest.mark.parametrize("name", recipes.RECIPES)
def test_a_checkpoint_was_made_from_the_data_as_they_are(name: str) -> None:
    made = json.loads((POCKET / name / "training.json").read_text(encoding="utf-8"))
    now = {data: digest(read_rows(data.removeprefix("pocket/"), "train")) for data in made["data"]}
    assert made["data"] == now, f"the data changed: run `course hub rebuild {name}`"


def test_the_checkpoint_loads_and_fills_a_mask() -> None:
    tokenizer = AutoTokenizer.from_pretrained(CHECKPOINT)
    model = AutoModelForMaskedLM.from_pretrained(CHECKPOINT).eval()
    assert {p.dtype for p in model.parameters()} == {torch.float32}
    inputs = tokenizer("The road from [MASK] to Ashby is closed.", return_tensors="pt")
    assert set(inputs) == {"input_ids", "token_type_ids", "attention_mask"}
    logits = model(**inputs).logits
    assert logits.shape == (*inputs["input_ids"].shape, len(tokenizer))


@pytest.mark.parametrize("text", ["naïve Łódź façade", "Zürich – “quoted”", "x" * 90])
def test_the_tokenizer_knows_every_latin_letter(text: str) -> None:
    tokenizer = AutoTokenizer.from_pretrained(CHECKPOINT)
    assert tokenizer.unk_token_id not in tokenizer(text)["input_ids"]


def test_whole_words_are_masked() -> None:
    shares = torch.tensor([0.2] * 8 + [0.0] * 2)  # ids 8 and 9 continue a word
    inputs = torch.tensor([[2, 5, 8, 9, 6, 8, 7, 3]] * 200)
    generator = torch.Generator().manual_seed(0)
    corrupted, chosen = bert_mini.mask(inputs, shares, 10, generator)
    assert 0.1 < chosen[:, 1:-1].float().mean() < 0.35
    assert not chosen[:, [0, -1]].any()
    assert chosen[:, 1].equal(chosen[:, 2])
    assert chosen[:, 1].equal(chosen[:, 3])
    assert chosen[:, 4].equal(chosen[:, 5])
    assert corrupted[~chosen].equal(inputs[~chosen])


def test_names_are_masked_more_often() -> None:
    name, word, piece = (bert_mini.mask_share(text) for text in ("Ashby", "road", "##by"))
    assert name > word > piece == 0
