"""The recipes, and that the committed checkpoint fits the world as it is now."""

import json
import random
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForMaskedLM, AutoTokenizer

from course_utils.hub import checkpoint_folder, recipes
from course_utils.hub.recipes import bert_mini, gpt_mini_instruct, marian_mini, spans
from course_utils.hub.recipes.training import read_rows

CHECKPOINT = checkpoint_folder("bert-mini")


def test_an_unknown_recipe_is_one_line_that_names_the_known() -> None:
    with pytest.raises(recipes.RecipeError, match=r"bert-maxi: .* bert-mini, "):
        recipes.rebuild("bert-maxi", Path("nowhere"))


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
    assert 0.1 < chosen[:, 4:-1].float().mean() < 0.3
    assert 0.5 < chosen[:, 1].float().mean() < 0.7  # of first words more are
    assert not chosen[:, [0, -1]].any()
    assert chosen[:, 1].equal(chosen[:, 2])
    assert chosen[:, 1].equal(chosen[:, 3])
    assert chosen[:, 4].equal(chosen[:, 5])
    assert corrupted[~chosen].equal(inputs[~chosen])


def test_names_are_masked_more_often_and_common_words_less() -> None:
    name, word, common = (
        bert_mini.mask_share(text, often)
        for text, often in (("Ashby", 0.01), ("road", 1e-4), ("the", 0.05))
    )
    assert name > word > common > 0
    assert bert_mini.mask_share("##by", 1e-4) == 0


def test_a_headline_asks_for_a_name_that_the_text_has() -> None:
    text = "Ada Bell founded Zoram.\nZoram is a firm. It was founded by Ada Bell in 1900."
    found = spans.asked(text, random.Random(1), "[MASK]")
    assert found is not None
    assert "[MASK]" in found.line
    assert found.text[found.start : found.end] in ("Ada Bell", "Zoram")


def test_a_quiz_line_asks_for_its_answer_or_for_nothing() -> None:
    text = "Who founded Zoram? {}.\nZoram is a firm. It was founded by Ada Bell in 1900."
    told = spans.asked(text.format("Ada Bell"), random.Random(0), "[MASK]")
    assert told is not None
    assert (told.line, told.text[told.start : told.end]) == ("Who founded Zoram?", "Ada Bell")
    silent = spans.asked(text.format("It does not say"), random.Random(0), "[MASK]")
    assert silent is not None
    assert (silent.start, silent.end) == (0, 0)


def test_a_text_without_a_line_above_asks_nothing() -> None:
    assert spans.asked("Zoram is a firm.", random.Random(0), "[MASK]") is None
    assert spans.asked("Dear Sir,\nZoram is a firm.", random.Random(0), "[MASK]") is None


def test_spans_are_found_among_the_tokens() -> None:
    tokenizer = AutoTokenizer.from_pretrained(CHECKPOINT)
    text = "The road from Ashby to Corrwick is closed."
    row = spans.encode([spans.Asked("Closed to where?", text, 23, 31)], tokenizer)[0]
    assert tokenizer.decode(row.ids[row.start : row.end + 1]).replace(" ", "") == "Corrwick"
    assert row.types[row.start] == 1


def test_the_loss_of_answers_is_the_models_own() -> None:
    """Its logits are computed only where a token has a label."""
    model, tokenizer = gpt_mini_instruct.load_base(checkpoint_folder("gpt-mini"))
    chats = [
        [{"role": "user", "content": "Name a day."}, {"role": "assistant", "content": said}]
        for said in ("Monday.", "Not long ago it was Friday.")
    ]
    batch = gpt_mini_instruct.collate(gpt_mini_instruct.encode(chats, tokenizer))
    with torch.no_grad():
        own = model.eval()(**batch).loss
        torch.testing.assert_close(gpt_mini_instruct.loss_of(model, batch), own)


def test_marians_tokenizer_is_the_same_in_every_build() -> None:
    """The library's trainer gives other scores each time, so the recipe makes its own."""
    rows = [row for row in read_rows("en-fr", "train") if not row["id"].startswith("held-")]
    read = marian_mini.pairs_of(rows + marian_mini.manual_rows())
    made = marian_mini.train_tokenizer([text for pair in read for text in pair])
    served = AutoTokenizer.from_pretrained(checkpoint_folder("marian-mini-en-fr"))
    assert made.get_vocab() == served.get_vocab()
    scores, again = (
        [score for _, score in json.loads(t.backend_tokenizer.to_str())["model"]["vocab"]]
        for t in (made, served)
    )
    assert scores == pytest.approx(again)
