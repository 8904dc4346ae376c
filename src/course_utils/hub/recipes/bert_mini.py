"""pocket/bert-mini: a small BERT pretrained on pocket/corpus by masked words and selected spans.

Reads from top to bottom: the tokenizer, the batches, the masks, the loop, the metrics, the card.
"""

import random
import time
from itertools import chain, islice, repeat
from pathlib import Path
from typing import Any

import torch
from tokenizers import (
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)
from torch.nn.functional import cross_entropy
from transformers import BertConfig, BertForMaskedLM, PreTrainedTokenizerFast

from course_utils.hub.recipes import spans
from course_utils.hub.recipes.training import (
    ALPHABET,
    batches_of_tokens,
    digest,
    draws,
    read_rows,
    train,
    write_card,
)

NAME = "bert-mini"
VOCABULARY, PIECES = 5000, 900
MAX_TOKENS = 192  # the longest text read at once; also the number of positions
BATCH_TOKENS = 1024
STEPS = 12_500
# The first steps read short texts only, few at once: on all texts the loss hardly moves so soon.
SHORT_STEPS, SHORT, SHORT_BATCH_TOKENS = 5000, 26, 512
# A second cycle: half of its texts name their stars, desk or team at the start, half are short.
HEADED_STEPS, HEADED_RATE, HEADED_MATRIX_RATE = 3500, 1e-3, 2e-3
HEADS = ("star", "stars", "desk", "team")
HEADING = 3  # tokens of such a start: "Five stars.", "Sport desk:"
HEADING_SHARE = 0.4  # of the second cycle's steps tell a text's heading from its [CLS]
SPAN_SHARE, SPANS = 0.3, 12  # of the steps select spans, so many in a batch
LEARNING_RATE, MATRIX_RATE = 2e-3, 3e-3
WARMUP = 400
# Capitalised words are masked more often, common words (in so many of all pieces) less often.
MASK_SHARE, NAME_MASK_SHARE, COMMON_MASK_SHARE, COMMON = 0.25, 0.3, 0.08, 0.002
FIRST_MASK_SHARE = 0.6  # of the first words: what a text begins with often sums it up
DROPOUT = 0.1
SEED = 0
HELD_BACK = 1000  # texts kept apart to measure the loss

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def train_tokenizer(texts: list[str]) -> PreTrainedTokenizerFast:
    """Return a cased WordPiece tokenizer: the commonest words whole, and pieces for all others.

    The usual trainer joins pieces by their counts and leaves three words of four in pieces at this
    size; a net of two layers hardly learns what such a word means.
    """
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))  # noqa: S106 - no password
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False, strip_accents=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    letters = "".join(c for c in ALPHABET if c.isalpha())  # also inside words: ##é, ##ł, …
    trainer = trainers.WordPieceTrainer(
        vocab_size=PIECES,
        special_tokens=SPECIAL,
        initial_alphabet=ALPHABET,
        show_progress=False,
    )
    tokenizer.train_from_iterator([*texts, letters], trainer)
    pieces = sorted(ids := tokenizer.get_vocab(), key=ids.__getitem__)
    whole = common_words(texts, tokenizer)
    chosen = list(dict.fromkeys([*pieces, *whole]))[:VOCABULARY]
    vocabulary = {piece: i for i, piece in enumerate(chosen)}
    tokenizer.model = models.WordPiece(vocabulary, unk_token="[UNK]")  # noqa: S106 - no password
    tokenizer.decoder = decoders.WordPiece()
    cls, sep = (tokenizer.token_to_id(token) for token in ("[CLS]", "[SEP]"))
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", cls), ("[SEP]", sep)],
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_max_length=MAX_TOKENS,
        model_input_names=["input_ids", "token_type_ids", "attention_mask"],
        **{f"{token.strip('[]').lower()}_token": token for token in SPECIAL},
    )


def common_words(texts: list[str], like: Tokenizer) -> list[str]:
    """Return the words of the texts, the commonest first, split as `like` splits a text."""
    counter = Tokenizer(models.WordLevel())
    counter.normalizer, counter.pre_tokenizer = like.normalizer, like.pre_tokenizer
    trainer = trainers.WordLevelTrainer(vocab_size=VOCABULARY, show_progress=False)
    counter.train_from_iterator(texts, trainer)
    return sorted(ids := counter.get_vocab(), key=ids.__getitem__)


def new_model(tokenizer: PreTrainedTokenizerFast) -> BertForMaskedLM:
    """Return the untrained model: 2 layers, 128 wide."""
    torch.manual_seed(SEED)
    config = BertConfig(
        vocab_size=len(tokenizer),
        hidden_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=512,
        max_position_embeddings=MAX_TOKENS,
        pad_token_id=tokenizer.pad_token_id,
        hidden_dropout_prob=DROPOUT,
        attention_probs_dropout_prob=DROPOUT,
    )
    return BertForMaskedLM(config)


def mask_share(piece: str, frequency: float) -> float:
    """Return the chance that a word which starts with this piece is masked.

    frequency: the piece's share of all pieces. What is common teaches little.
    """
    if piece.startswith("##"):
        return 0.0
    if piece[0].isupper():
        return NAME_MASK_SHARE
    return COMMON_MASK_SHARE if frequency > COMMON else MASK_SHARE


def mask(
    inputs: torch.Tensor, shares: torch.Tensor, size: int, generator: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Return (corrupted inputs, which positions to predict), masking whole words.

    Of the chosen words 80 % become [MASK], 10 % random tokens, 10 % stay as they are.
    shares: for each token id that starts a word, the chance that its word is chosen; else 0.
    Names are chosen more often, after the salient spans of REALM (Guu et al., 2020), and so is the
    first word of a text.
    """
    share = shares[inputs]
    word = (share > 0).cumsum(1).clamp(max=inputs.shape[1] - 1)  # each token's word, by number
    draw = torch.rand(word.shape, generator=generator)
    share[:, 1] = FIRST_MASK_SHARE
    of_word = torch.zeros_like(draw).scatter_reduce(1, word, share, "amax")
    chosen = draw.gather(1, word) < of_word.gather(1, word)
    chosen &= inputs >= len(SPECIAL)
    how = torch.rand(word.shape, generator=generator)
    corrupted = torch.where(chosen & (how < 0.8), SPECIAL.index("[MASK]"), inputs)
    noise = torch.randint(len(SPECIAL), size, word.shape, generator=generator)
    return torch.where(chosen & (how >= 0.9), noise, corrupted), chosen


def predict(
    model: BertForMaskedLM, inputs: torch.Tensor, chosen: torch.Tensor, attention: torch.Tensor
) -> torch.Tensor:
    """Return logits [chosen tokens, vocabulary], computing the head only where it is needed."""
    hidden = model.bert(input_ids=inputs, attention_mask=attention).last_hidden_state
    logits: torch.Tensor = model.cls(hidden[chosen])
    return logits


def masked_loss(
    model: BertForMaskedLM, inputs: torch.Tensor, shares: torch.Tensor, generator: torch.Generator
) -> torch.Tensor:
    """Return the mean loss of a batch's masked words, in nats a token."""
    corrupted, chosen = mask(inputs, shares, model.config.vocab_size, generator)
    return cross_entropy(predict(model, corrupted, chosen, inputs.ne(0).long()), inputs[chosen])


def heading_loss(model: BertForMaskedLM, inputs: torch.Tensor) -> torch.Tensor:
    """Return the mean loss, in nats a text, of the headings' first words, told from the rest.

    The rest's [CLS] tells it, so that [CLS] sums a text up, as BERT's learns to by telling whether
    two sentences belong together (Devlin et al., 2019).
    """
    rest = torch.cat([inputs[:, :1], inputs[:, 1 + HEADING :]], dim=1)
    first = torch.zeros_like(rest, dtype=torch.bool)
    first[:, 0] = True
    return cross_entropy(predict(model, rest, first, rest.ne(0).long()), inputs[:, 1])


def pretrain(
    model: BertForMaskedLM,
    head: torch.nn.Linear,
    rows: list[list[int]],
    shares: torch.Tensor,
    questions: list[spans.Encoded],
) -> None:
    """Train the model in place, on masked words and now and then on spans to select."""
    generator = torch.Generator().manual_seed(SEED)
    short = [row for row in rows if len(row) <= SHORT]
    texts = chain(
        islice(batches_of_tokens(short, SHORT_BATCH_TOKENS, 0, generator), SHORT_STEPS),
        batches_of_tokens(rows, BATCH_TOKENS, 0, generator),
    )
    asked = spans.batches(questions, SPANS, generator)

    def loss(draw: float) -> torch.Tensor:
        if draw < SPAN_SHARE:
            return spans.loss(model.bert, head, next(asked))
        return masked_loss(model, next(texts), shares, generator)

    train(
        torch.nn.ModuleList([model, head]),
        chain(repeat(1.0, SHORT_STEPS), draws(generator)),
        loss,
        steps=STEPS,
        learning_rate=LEARNING_RATE,
        warmup=WARMUP,
        matrix_rate=MATRIX_RATE,
    )


def refresh(
    model: BertForMaskedLM,
    head: torch.nn.Linear,
    rows: list[list[int]],
    heads: set[int],
    shares: torch.Tensor,
    questions: list[spans.Encoded],
) -> None:
    """Train the model in place once more, on texts with a heading: one of `heads` is second.

    Spans and other short texts are among them, for else the model would forget.
    """
    generator = torch.Generator().manual_seed(SEED)
    headed = [row for row in rows if row[2] in heads]
    others = [row for row in rows if row[2] not in heads and len(row) <= SHORT]
    texts = batches_of_tokens(headed + others[: len(headed)], SHORT_BATCH_TOKENS, 0, generator)
    told = batches_of_tokens(headed, SHORT_BATCH_TOKENS, 0, generator)
    asked = spans.batches(questions, SPANS, generator)

    def loss(draw: float) -> torch.Tensor:
        if draw < SPAN_SHARE:
            return spans.loss(model.bert, head, next(asked))
        if draw < SPAN_SHARE + HEADING_SHARE:
            return heading_loss(model, next(told))
        return masked_loss(model, next(texts), shares, generator)

    train(
        torch.nn.ModuleList([model, head]),
        draws(generator),
        loss,
        steps=HEADED_STEPS,
        learning_rate=HEADED_RATE,
        warmup=HEADED_STEPS // 20,
        matrix_rate=HEADED_MATRIX_RATE,
    )


@torch.no_grad()
def measure(
    model: BertForMaskedLM, rows: list[list[int]], shares: torch.Tensor
) -> dict[str, float]:
    """Return the masked loss (nats a token) and accuracy on texts the model has not seen."""
    generator = torch.Generator().manual_seed(SEED + 1)
    model.eval()
    loss, right, count = 0.0, 0, 0
    stream = batches_of_tokens(rows, BATCH_TOKENS, 0, generator)
    while count < 4000:
        inputs = next(stream)
        corrupted, chosen = mask(inputs, shares, model.config.vocab_size, generator)
        logits = predict(model, corrupted, chosen, inputs.ne(0).long())
        loss += cross_entropy(logits, inputs[chosen], reduction="sum").item()
        right += int((logits.argmax(-1) == inputs[chosen]).sum())
        count += int(chosen.sum())
    return {"masked_loss": loss / count, "masked_accuracy": right / count}


def unigram(rows: list[list[int]], held_back: list[list[int]], size: int) -> dict[str, float]:
    """Return the baseline: accuracy of the commonest piece, loss of the pieces' frequencies."""
    seen = torch.bincount(torch.tensor([i for row in rows for i in row[1:-1]]), minlength=size)
    target = torch.tensor([i for row in held_back for i in row[1:-1]])
    shares = (seen + 1) / (seen + 1).sum()
    return {
        "baseline_loss": -float(shares.log()[target].mean()),
        "baseline_accuracy": float((target == seen.argmax()).float().mean()),
    }


def settings(model: BertForMaskedLM) -> dict[str, Any]:
    """Return what the card says of the recipe."""
    return {
        "layers": model.config.num_hidden_layers,
        "width": model.config.hidden_size,
        "positions": model.config.max_position_embeddings,
        "vocabulary": model.config.vocab_size,
        "initializer_range": model.config.initializer_range,
        "parameters": model.num_parameters(),
        "mask_share": MASK_SHARE,
        "name_mask_share": NAME_MASK_SHARE,
        "common_mask_share": COMMON_MASK_SHARE,
        "dropout": DROPOUT,
        "learning_rate": LEARNING_RATE,
        "matrix_rate": MATRIX_RATE,
        "warmup": WARMUP,
        "steps": STEPS,
        "batch_tokens": BATCH_TOKENS,
        "short_steps": SHORT_STEPS,
        "short": SHORT,
        "short_batch_tokens": SHORT_BATCH_TOKENS,
        "headed_steps": HEADED_STEPS,
        "headed_rate": HEADED_RATE,
        "headed_matrix_rate": HEADED_MATRIX_RATE,
        "heads": ", ".join(HEADS),
        "heading_share": HEADING_SHARE,
        "first_mask_share": FIRST_MASK_SHARE,
        "span_share": SPAN_SHARE,
        "spans": SPANS,
        "held_back": HELD_BACK,
    }


def build(output: Path) -> dict[str, Any]:
    """Train tokenizer and model, write checkpoint and card to `output`, return the metrics."""
    data = read_rows("corpus", "train")
    texts = [row["text"] for row in data]
    started = time.process_time()
    torch.set_num_threads(1)  # so that the same machine gives the same weights
    tokenizer = train_tokenizer(texts)
    # A text too long to be read at once becomes several.
    encoded = tokenizer(texts, truncation=True, return_overflowing_tokens=True)["input_ids"]
    rows, held_back = encoded[HELD_BACK:], encoded[:HELD_BACK]
    pieces = tokenizer.convert_ids_to_tokens(range(len(tokenizer)))
    counts = torch.bincount(torch.tensor([i for row in rows for i in row]), minlength=len(pieces))
    often = (counts / counts.sum()).tolist()
    shares = torch.tensor([mask_share(*pair) for pair in zip(pieces, often, strict=True)])
    rng = random.Random(SEED)
    found = [a for text in texts if (a := spans.asked(text, rng, tokenizer.mask_token))]
    questions = spans.encode(found, tokenizer)
    model = new_model(tokenizer)
    head = torch.nn.Linear(model.config.hidden_size, 2)  # not kept
    asked = questions[HELD_BACK:]
    pretrain(model, head, rows, shares, asked)
    heads = set(tokenizer.convert_tokens_to_ids(HEADS))
    refresh(model, head, rows, heads, shares, asked)
    seconds = round(time.process_time() - started)
    metrics = measure(model, held_back, shares) | unigram(rows, held_back, len(tokenizer))
    metrics["span_exact_match"] = spans.exact_match(model.bert, head, questions[:HELD_BACK])
    metrics = {name: round(value, 4) for name, value in metrics.items()}
    model.save_pretrained(output)
    tokenizer.save_pretrained(output)
    made = {"data": {"pocket/corpus": digest(data)}, "texts": len(texts), "asked": len(found)}
    write_card(output, "bert_mini", {**settings(model), **made, **metrics, "cpu_seconds": seconds})
    return {**metrics, "cpu_seconds": seconds, "parameters": model.num_parameters()}
