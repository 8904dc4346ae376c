"""pocket/gpt-mini: a small GPT-2 trained to continue pocket/corpus and encyclopaedia pages.

Reads from top to bottom: the texts, the tokenizer, the blocks, the metrics, their baseline, the
samples, the card.
"""

import math
import random
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast

from course_utils.hub.recipes.training import digest, read_rows, train, write_card
from course_utils.world import pages
from course_utils.world.names import World

NAME = "gpt-mini"
PAGES = "pages as running text"  # what the card calls those that are no rows of a dataset
END = "<|endoftext|>"  # between texts, and at the start of a text to come
VOCABULARY = 4000
LAYERS, WIDTH, HEADS = 2, 128, 4
POSITIONS = 256  # also the length of a block
BLOCKS = 4  # in a batch
STEPS = 8000
LEARNING_RATE, MATRIX_RATE = 3e-3, 3e-3
WARMUP = 700
DROPOUT = 0.0  # each text is read twice at most
INITIALIZER_RANGE = 0.02
SEED = 0
HELD_BACK = 1000  # texts kept apart to measure the perplexity
SAMPLES, SAMPLE_TOKENS = 20, 60
TEMPERATURE, TOP_P = 0.8, 0.95


def page_rows() -> list[dict[str, Any]]:
    """Return pages in the patterns of pocket/pages, drawn anew, as rows of running text."""
    return [{"text": text} for text in pages.reading_matter(World(), random.Random(SEED))]


def train_tokenizer(texts: list[str]) -> PreTrainedTokenizerFast:
    """Return a byte-level BPE tokenizer trained on the texts; it knows every text in Unicode."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY,
        special_tokens=[END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_max_length=POSITIONS,
        bos_token=END,
        eos_token=END,
        unk_token=END,  # as in gpt2; never needed
        pad_token=END,  # gpt2 has none, and its users choose this one
    )


def new_model(tokenizer: PreTrainedTokenizerFast) -> GPT2LMHeadModel:
    """Return the untrained model; its output layer is its input embeddings."""
    torch.manual_seed(SEED)
    end = tokenizer.eos_token_id
    config = GPT2Config(
        vocab_size=len(tokenizer),
        n_positions=POSITIONS,
        n_embd=WIDTH,
        n_layer=LAYERS,
        n_head=HEADS,
        resid_pdrop=DROPOUT,
        embd_pdrop=DROPOUT,
        attn_pdrop=0.0,  # costs a fifth of the time, since attention then has no fast way
        # More would drown the embeddings in what the first layer adds to them.
        initializer_range=INITIALIZER_RANGE,
        bos_token_id=end,
        eos_token_id=end,
        pad_token_id=end,
    )
    return GPT2LMHeadModel(config)


def packed(texts: list[str], tokenizer: PreTrainedTokenizerFast) -> torch.Tensor:
    """Return the token ids [tokens] of all texts in a row, an end before each and at the end."""
    end = tokenizer.eos_token_id
    encoded = tokenizer(texts, return_attention_mask=False, verbose=False)["input_ids"]
    return torch.tensor([*chain.from_iterable([end, *ids] for ids in encoded), end])


def batches(stream: torch.Tensor, generator: torch.Generator) -> Iterator[torch.Tensor]:
    """Yield [BLOCKS, POSITIONS] pieces of the stream for ever, cut elsewhere in every round."""
    while True:
        start = int(torch.randint(POSITIONS, (), generator=generator))
        count = (len(stream) - start) // POSITIONS
        blocks = stream[start : start + count * POSITIONS].view(count, POSITIONS)
        order = torch.randperm(count, generator=generator)
        for first in range(0, count, BLOCKS):
            yield blocks[order[first : first + BLOCKS]]


def continuation_loss(model: GPT2LMHeadModel, blocks: torch.Tensor) -> torch.Tensor:
    """Return the mean loss (nats a token) of predicting each token of blocks from those before."""
    loss: torch.Tensor = model(input_ids=blocks, labels=blocks).loss
    return loss


@torch.no_grad()
def perplexity(model: GPT2LMHeadModel, stream: torch.Tensor) -> float:
    """Return the perplexity per token of a stream read in blocks."""
    model.eval()
    count = len(stream) // POSITIONS
    blocks = stream[: count * POSITIONS].view(count, POSITIONS)
    losses = [continuation_loss(model, blocks[i : i + 1]).item() for i in range(count)]
    return math.exp(sum(losses) / len(losses))


class _Order:
    """The n-grams of one length: how likely the last word is after the others."""

    def __init__(self, counts: Counter[tuple[int, ...]]) -> None:
        self.counts = counts
        self.totals: Counter[tuple[int, ...]] = Counter()
        for gram, count in counts.items():
            self.totals[gram[:-1]] += count
        self.followers = Counter(gram[:-1] for gram in counts)
        once, twice = (sum(count == n for count in counts.values()) for n in (1, 2))
        self.discount = once / (once + 2 * twice) if once else 0.5

    def probability(self, gram: tuple[int, ...], shorter: float) -> float:
        """Return the probability of the last word, given what the order below says of it."""
        before = gram[:-1]
        if not (total := self.totals[before]):
            return shorter
        saved = self.discount * self.followers[before]
        return (max(self.counts[gram] - self.discount, 0) + saved * shorter) / total


def trigram_perplexity(known: Sequence[int], unknown: Sequence[int], size: int) -> float:
    """Return the perplexity per token of `unknown` under a trigram model of `known`.

    Interpolated Kneser-Ney smoothing (Chen and Goodman, 1999): the orders below the trigrams count
    in how many contexts a word stands, not how often. size: tokens in the vocabulary.
    """
    three: Counter[tuple[int, ...]] = Counter(zip(known, known[1:], known[2:], strict=False))
    two = Counter(gram[1:] for gram in three)
    one = Counter(gram[1:] for gram in two)
    orders = [_Order(counts) for counts in (one, two, three)]
    loss = 0.0
    for i in range(2, len(unknown)):
        chance = 1 / size
        for before, order in enumerate(orders):
            chance = order.probability(tuple(unknown[i - before : i + 1]), chance)
        loss -= math.log(chance)
    return math.exp(loss / (len(unknown) - 2))


def samples(model: GPT2LMHeadModel, tokenizer: PreTrainedTokenizerFast) -> list[str]:
    """Return texts that the model makes up, one for each seed from 0 on, none left out."""
    model.eval()
    start = torch.tensor([[tokenizer.bos_token_id]])
    texts = []
    for seed in range(SAMPLES):
        torch.manual_seed(seed)
        ids = model.generate(
            start,
            attention_mask=torch.ones_like(start),
            do_sample=True,
            temperature=TEMPERATURE,
            top_p=TOP_P,
            top_k=0,
            max_new_tokens=SAMPLE_TOKENS,
        )
        texts.append(" ".join(tokenizer.decode(ids[0], skip_special_tokens=True).split()))
    return texts


def settings(model: GPT2LMHeadModel) -> dict[str, Any]:
    """Return what the card says of the recipe."""
    return {
        "layers": LAYERS,
        "width": WIDTH,
        "heads": HEADS,
        "positions": POSITIONS,
        "vocabulary": model.config.vocab_size,
        "initializer_range": INITIALIZER_RANGE,
        "parameters": model.num_parameters(),
        "dropout": DROPOUT,
        "learning_rate": LEARNING_RATE,
        "matrix_rate": MATRIX_RATE,
        "warmup": WARMUP,
        "steps": STEPS,
        "batch_tokens": BLOCKS * POSITIONS,
        "held_back": HELD_BACK,
        "temperature": TEMPERATURE,
        "top_p": TOP_P,
    }


def build(output: Path) -> dict[str, Any]:
    """Train tokenizer and model, write checkpoint and card to `output`, return the metrics."""
    data = {"pocket/corpus": read_rows("corpus", "train"), PAGES: page_rows()}
    texts = [row["text"] for rows in data.values() for row in rows]
    random.Random(SEED).shuffle(texts)
    started = time.process_time()
    torch.set_num_threads(1)  # so that the same machine gives the same weights
    tokenizer = train_tokenizer(texts)
    known, unknown = (packed(part, tokenizer) for part in (texts[HELD_BACK:], texts[:HELD_BACK]))
    model = new_model(tokenizer)
    train(
        model,
        batches(known, torch.Generator().manual_seed(SEED)),
        lambda blocks: continuation_loss(model, blocks),
        steps=STEPS,
        learning_rate=LEARNING_RATE,
        warmup=WARMUP,
        matrix_rate=MATRIX_RATE,
    )
    seconds = round(time.process_time() - started)
    baseline = trigram_perplexity(known.tolist(), unknown.tolist(), len(tokenizer))
    metrics = {"perplexity": perplexity(model, unknown), "trigram_perplexity": baseline}
    metrics = {name: round(value, 3) for name, value in metrics.items()}
    model.save_pretrained(output)
    tokenizer.save_pretrained(output)
    made = {
        "data": {name: digest(rows) for name, rows in data.items()},
        "texts": len(texts),
        "pages": len(data[PAGES]),
        "tokens": len(known),
    }
    facts = {**settings(model), **made, **metrics, "cpu_seconds": seconds}
    told = "\n".join(f"{i}. {text}" for i, text in enumerate(samples(model, tokenizer), 1))
    write_card(output, "gpt_mini", {**facts, "samples": told})
    return {**metrics, "cpu_seconds": seconds, "parameters": model.num_parameters()}
