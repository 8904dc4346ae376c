"""pocket/pegasus-mini: a small PEGASUS pretrained by gap sentences and text infilling.

Reads from top to bottom: the tokenizer, the model, the three kinds of pairs, the loop, the card.
Gap sentences: the sentences of a text that share most words with the others are taken out, or
(to teach copying) left in, and are to be written (Zhang et al., 2020). Text infilling: stretches
of words become one <mask> each, sentences change places, and the text is to be written in full
(BART, Lewis et al., 2020).
"""

import random
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
from transformers import (
    PegasusConfig,
    PegasusForConditionalGeneration,
    PreTrainedTokenizerFast,
)

from course_utils.hub.recipes.training import digest, read_rows, train, write_card

NAME = "pegasus-mini"
VOCABULARY = 3000
WIDTH, LAYERS, HEADS = 96, 2, 4
POSITIONS = 256
STEPS = 6000
SHORT_STEPS = 600  # at first only short texts, from which the model learns to copy
BATCH_TOKENS = 1536  # of input and output together
LEARNING_RATE, MATRIX_RATE = 2e-3, 3e-3
WARMUP = 500
DROPOUT = 0.1
INIT_STD = 0.08
LONG = 7  # texts of as many sentences get gaps
KINDS = ("gap", "gap", "window", "short")  # how often which pairs, after the first steps
GAPS = (1, 2)  # sentences to write
KEPT_SHARE = 0.5  # gap sentences left in the input
WINDOW = 4  # neighbouring sentences of a long text, to be infilled
MASK_SHARE, MASK_LENGTH = 0.3, 3
MAX_INPUT, MAX_OUTPUT = 240, 80  # tokens, without the end
HELD_BACK = 300  # long texts kept apart to measure the loss
SEED = 0

SPECIAL = ["<pad>", "</s>", "<unk>", "<mask>", "<mask_1>"]  # <mask_1> stands for a sentence
PAD, EOS, _, MASK, GAP = range(len(SPECIAL))
_END_OF_SENTENCE = re.compile(r'(?<=[.?!]) (?=[A-Z"])')

Ids = list[int]
Pair = tuple[Ids, Ids]  # input, output


@dataclass(slots=True)
class Document:
    """A text's sentences as token ids, and how much of each the others say too (0 to 1)."""

    sentences: list[Ids]
    shared: list[float]


def train_tokenizer(texts: list[str]) -> PreTrainedTokenizerFast:
    """Return a byte-level BPE tokenizer trained on the texts; no character is unknown to it."""
    tokenizer = Tokenizer(models.BPE())
    # A blank before the first word too, so that a name is the same tokens wherever it stands.
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    tokenizer.decoder = decoders.Sequence([decoders.ByteLevel(), decoders.Strip(" ", 1, 0)])
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=SPECIAL,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A $B </s>", special_tokens=[("</s>", EOS)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_max_length=POSITIONS,
        model_input_names=["input_ids", "attention_mask"],
        extra_special_tokens=SPECIAL[-1:],
        **{f"{name}_token": SPECIAL[i] for i, name in enumerate(("pad", "eos", "unk", "mask"))},
    )


def new_model(tokenizer: PreTrainedTokenizerFast) -> PegasusForConditionalGeneration:
    """Return the untrained model."""
    torch.manual_seed(SEED)
    config = PegasusConfig(
        vocab_size=len(tokenizer),
        d_model=WIDTH,
        encoder_layers=LAYERS,
        decoder_layers=LAYERS,
        encoder_attention_heads=HEADS,
        decoder_attention_heads=HEADS,
        encoder_ffn_dim=4 * WIDTH,
        decoder_ffn_dim=4 * WIDTH,
        max_position_embeddings=POSITIONS,
        init_std=INIT_STD,  # the usual 0.02 suits widths of 1024
        dropout=DROPOUT,
        attention_dropout=0.0,
        activation_dropout=0.0,
        scale_embedding=True,
        pad_token_id=PAD,
        eos_token_id=EOS,
        decoder_start_token_id=PAD,
        forced_eos_token_id=None,
    )
    return PegasusForConditionalGeneration(config)


def sentences(text: str) -> list[str]:
    """Return the sentences of a text."""
    return _END_OF_SENTENCE.split(text)


def shared_words(parts: list[str]) -> list[float]:
    """Return for each sentence the share of its words that the others have too."""
    words = [set(re.findall(r"[\w']+", part.lower())) for part in parts]
    counts: dict[str, int] = {}
    for word in (word for some in words for word in some):
        counts[word] = counts.get(word, 0) + 1
    return [sum(counts[w] > 1 for w in some) / max(len(some), 1) for some in words]


def documents(texts: list[str], tokenizer: PreTrainedTokenizerFast) -> list[Document]:
    """Return the texts as documents."""
    parts = [sentences(text) for text in texts]
    flat = tokenizer([part for some in parts for part in some], add_special_tokens=False)
    ids = iter(flat["input_ids"])
    return [Document([next(ids) for _ in some], shared_words(some)) for some in parts]


def gap_pair(document: Document, rng: random.Random) -> Pair:
    """Return a pair that asks for the sentences which share most with the rest."""
    noisy = [share * rng.uniform(0.8, 1.2) for share in document.shared]
    best = sorted(range(len(noisy)), key=lambda i: -noisy[i])[: rng.choice(GAPS)]
    kept = rng.random() < KEPT_SHARE
    given, wanted = [], []
    for i, sentence in enumerate(document.sentences):
        given += [GAP] if i in best and not kept else sentence
        wanted += sentence if i in best else []
    return given[:MAX_INPUT], wanted[:MAX_OUTPUT]


def masked(ids: Ids, rng: random.Random) -> Ids:
    """Return the tokens with about MASK_SHARE of them masked, each stretch by one <mask>."""
    out: Ids = []
    i = 0
    while i < len(ids):
        if rng.random() < MASK_SHARE / MASK_LENGTH:
            i += 1 + min(int(rng.expovariate(1 / (MASK_LENGTH - 1))), 7)
            out.append(MASK)
        else:
            out.append(ids[i])
            i += 1
    return out


def infilling_pair(parts: list[Ids], rng: random.Random) -> Pair:
    """Return a pair that asks for sentences in order which are given in disorder, with masks."""
    mixed = rng.sample(parts, len(parts))
    whole = [token for part in parts for token in part]
    return masked([token for part in mixed for token in part], rng), whole


def window(document: Document, size: int, rng: random.Random) -> list[Ids]:
    """Return some neighbouring sentences."""
    start = rng.randrange(max(1, len(document.sentences) - size + 1))
    return document.sentences[start : start + size]


def new_pair(kind: str, long: list[Document], short: list[Document], rng: random.Random) -> Pair:
    """Return a fresh pair of one kind."""
    if kind == "gap":
        return gap_pair(rng.choice(long), rng)
    if kind == "window":
        return infilling_pair(window(rng.choice(long), WINDOW, rng), rng)
    source = rng.choice(long if rng.random() < 0.5 else short)
    return infilling_pair(window(source, rng.choice((1, 2)), rng), rng)


def batches(long: list[Document], short: list[Document]) -> Iterator[list[Pair]]:
    """Yield batches of one kind of about BATCH_TOKENS, like lengths together, for ever."""
    rng = random.Random(SEED)
    given = 0
    while True:
        made: list[list[Pair]] = []
        for kind in KINDS if given >= SHORT_STEPS else ("short",):
            pool = [new_pair(kind, long, short, rng) for _ in range(256)]
            made += _batched(sorted(pool, key=lambda pair: (len(pair[0]) // 8, len(pair[1]))))
        rng.shuffle(made)
        given += len(made)
        yield from made


def _batched(pool: list[Pair]) -> list[list[Pair]]:
    made: list[list[Pair]] = [[]]
    width = height = 0
    for pair in pool:
        width, height = max(width, len(pair[0]) + 1), max(height, len(pair[1]) + 1)
        if made[-1] and (len(made[-1]) + 1) * (width + height) > BATCH_TOKENS:
            made.append([])
            width, height = len(pair[0]) + 1, len(pair[1]) + 1
        made[-1].append(pair)
    return made


def padded(rows: list[Ids], filler: int) -> torch.Tensor:
    """Return rows, each ended, as one tensor [rows, longest + 1]."""
    width = max(map(len, rows)) + 1
    return torch.tensor([[*row, EOS] + [filler] * (width - len(row) - 1) for row in rows])


def loss_of(model: PegasusForConditionalGeneration, batch: list[Pair]) -> torch.Tensor:
    """Return the mean loss of the outputs' tokens, in nats."""
    inputs = padded([given for given, _ in batch], PAD)
    labels = padded([wanted for _, wanted in batch], -100)
    loss: torch.Tensor = model(
        input_ids=inputs, attention_mask=inputs.ne(PAD).long(), labels=labels
    ).loss
    return loss


@torch.no_grad()
def measure(model: PegasusForConditionalGeneration, held_back: list[Document]) -> dict[str, float]:
    """Return the loss of the best-connected sentence, left in and taken out (nats a token)."""
    model.eval()
    losses: dict[str, list[float]] = {"kept": [], "gap": []}
    for document in held_back:
        best = max(range(len(document.shared)), key=document.shared.__getitem__)
        for name in losses:
            given = [
                token
                for i, sentence in enumerate(document.sentences)
                for token in ([GAP] if i == best and name == "gap" else sentence)
            ]
            pair = (given[:MAX_INPUT], document.sentences[best][:MAX_OUTPUT])
            losses[name].append(loss_of(model, [pair]).item())
    return {f"{name}_loss": sum(values) / len(values) for name, values in losses.items()}


def unigram(seen: list[Document], held_back: list[Document], size: int) -> float:
    """Return the baseline: the loss of the pieces' frequencies, in nats a token."""
    counts = torch.bincount(_tokens(seen), minlength=size) + 1
    return -float((counts / counts.sum()).log()[_tokens(held_back)].mean())


def _tokens(some: list[Document]) -> torch.Tensor:
    return torch.tensor([token for each in some for part in each.sentences for token in part])


def settings(model: PegasusForConditionalGeneration) -> dict[str, Any]:
    """Return what the card says of the recipe."""
    return {
        "layers": LAYERS,
        "width": WIDTH,
        "positions": POSITIONS,
        "vocabulary": model.config.vocab_size,
        "initializer_range": INIT_STD,
        "parameters": model.num_parameters(),
        "long": LONG,
        "kept_share": KEPT_SHARE,
        "window": WINDOW,
        "mask_share": MASK_SHARE,
        "short_steps": SHORT_STEPS,
        "dropout": DROPOUT,
        "learning_rate": LEARNING_RATE,
        "matrix_rate": MATRIX_RATE,
        "warmup": WARMUP,
        "steps": STEPS,
        "batch_tokens": BATCH_TOKENS,
        "held_back": HELD_BACK,
    }


def build(output: Path) -> dict[str, Any]:
    """Train tokenizer and model, write checkpoint and card to `output`, return the metrics."""
    corpus, reports = read_rows("corpus", "train"), read_rows("reports", "train")
    started = time.process_time()
    torch.set_num_threads(1)  # so that the same machine gives the same weights
    texts = [row["text"] for row in (*corpus, *reports)]
    tokenizer = train_tokenizer(texts)
    every = documents(texts, tokenizer)
    long = [document for document in every if len(document.sentences) >= LONG]
    short = [document for document in every if len(document.sentences) < LONG]
    held_back, long = long[:HELD_BACK], long[HELD_BACK:]
    model = new_model(tokenizer)
    train(
        model,
        batches(long, short),
        lambda batch: loss_of(model, batch),
        steps=STEPS,
        learning_rate=LEARNING_RATE,
        warmup=WARMUP,
        matrix_rate=MATRIX_RATE,
    )
    seconds = round(time.process_time() - started)
    metrics = measure(model, held_back)
    metrics["baseline_loss"] = unigram(long, held_back, len(tokenizer))
    metrics = {name: round(value, 4) for name, value in metrics.items()}
    model.save_pretrained(output)
    tokenizer.save_pretrained(output)
    data = {"pocket/corpus": digest(corpus), "pocket/reports": digest(reports)}
    made = {"data": data, "texts": len(texts), "cpu_seconds": seconds}
    write_card(output, "pegasus_mini", {**settings(model), **made, **metrics})
    return {**metrics, "cpu_seconds": seconds, "parameters": model.num_parameters()}
