"""pocket/marian-mini-en-fr: a small Marian that translates English into French.

Reads from top to bottom: the tokenizer, the batches, the model, translating, the baselines, the
metrics, the card. The training itself is in training.py.
"""

import math
import re
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import torch
from sacrebleu.metrics import BLEU
from tokenizers import (
    Regex,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)
from transformers import GenerationConfig, MarianConfig, MarianMTModel, PreTrainedTokenizerFast

from course_utils.hub.recipes.training import ALPHABET, digest, read_rows, train, write_card
from course_utils.world import manuals
from course_utils.world.names import World
from course_utils.world.translation import HELD, held_out

NAME = "marian-mini-en-fr"
MANUALS = "other manuals"  # what the card calls those that are no rows of a dataset
MANUALS_SEED = 31
MANUAL_PAIRS = 300  # of them are learnt: a large collection has a little of every domain
VOCABULARY = 4400  # pieces, of which 256 stand for single bytes
TRAINED = 1600  # of them found by the trainer; the rest are whole words
ROUNDS = 4  # of estimating how probable each is
MAX_TOKENS = 128  # the longest text read or written; also the number of positions
WIDTH, LAYERS, HEADS = 96, 2, 4
INIT_STD = 0.1  # the usual 0.02 suits widths of 512; here it learns too slowly
SCALE = True  # embeddings times the root of the width, else the positions' sines drown them
DROPOUT = 0.1
BATCH_TOKENS = 1024
STEPS = 4000
LEARNING_RATE = 2e-3
WARMUP = 200
AVERAGING = 0.998  # of the weights; the last ones alone do less well on new patterns
SEED = 0
MEASURED = 300  # sentences translated to measure each kind of held-out pair

EOS, UNK, PAD = 0, 1, 2
SPECIAL = ["</s>", "<unk>", "<pad>"]
Pairs = list[tuple[str, str]]


class Batch(NamedTuple):
    """Token ids of a batch, padded: source [pairs, width], target [pairs, width]."""

    source: torch.Tensor
    target: torch.Tensor


def pairs_of(rows: list[dict[str, Any]]) -> Pairs:
    """Return (English, French) of each row."""
    return [(row["translation"]["en"], row["translation"]["fr"]) for row in rows]


def manual_rows() -> list[dict[str, Any]]:
    """Return sentences in the patterns of pocket/en-fr-manuals, drawn anew, without its rows."""
    taken = {row["translation"]["en"] for row in read_rows("en-fr-manuals", "train")}
    drawn = manuals.rows(World(), "train", MANUALS_SEED)
    return [row for row in drawn if row["translation"]["en"] not in taken]


def _pre_tokenizer() -> pre_tokenizers.PreTokenizer:
    """Return what splits text into words and marks: ▁qu' il ▁a , …"""
    return pre_tokenizers.Sequence(
        [
            pre_tokenizers.Metaspace(),
            pre_tokenizers.Split("'", "merged_with_previous"),
            pre_tokenizers.Split(Regex("[^\\w\\s▁'-]"), "isolated"),
        ]
    )


def estimate(pieces: list[str], count: Counter[str]) -> dict[str, float]:
    """Return each piece's log probability, by hard EM from equal ones, over words and their counts.

    The trainer's own differ from run to run, since it sums in no fixed order; and with them the
    pieces of a word would.
    """
    found = dict.fromkeys(SPECIAL, 0.0) | dict.fromkeys(sorted(pieces), -1.0)
    for _ in range(ROUNDS):
        model = models.Unigram(list(found.items()), unk_id=UNK)
        used: Counter[str] = Counter()
        for word, times in count.items():
            for token in model.tokenize(word):
                used[token.value] += times
        total = sum(used.values())
        found |= {piece: math.log(max(used[piece], 0.5) / total) for piece in pieces}
    return found


def unigram(tokenizer: Tokenizer, texts: list[str]) -> list[tuple[str, float]]:
    """Return the pieces with their log probabilities, the specials first, the bytes last.

    The trainer of `tokenizers` only finds pieces that occur in two different words; frequent
    words that have no neighbours, such as "à", are added here.
    """
    trainer = trainers.UnigramTrainer(
        vocab_size=TRAINED,
        special_tokens=SPECIAL,
        unk_token="<unk>",  # noqa: S106 - no password
        initial_alphabet=ALPHABET,
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    pieces = [piece for piece in tokenizer.get_vocab() if piece not in SPECIAL]
    splitter = tokenizer.pre_tokenizer
    count = Counter(word for text in texts for word, _ in splitter.pre_tokenize_str(text))
    found = estimate(pieces, count)
    total = sum(count.values())
    free = VOCABULARY - 256 - len(found)
    by_count = sorted(count, key=lambda word: (-count[word], word))
    words = [word for word in by_count if word not in found][:free]
    found |= {word: math.log(count[word] / total) for word in words}
    least = min(found.values())
    return [*found.items(), *((f"<0x{byte:02X}>", least - 5) for byte in range(256))]


def train_tokenizer(texts: list[str]) -> PreTrainedTokenizerFast:
    """Return a Unigram tokenizer for both languages; unknown letters become bytes."""
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = _pre_tokenizer()
    pieces = unigram(tokenizer, texts)
    tokenizer.model = models.Unigram(pieces, unk_id=UNK, byte_fallback=True)
    tokenizer.decoder = decoders.Sequence(
        [
            decoders.Replace("▁", " "),
            decoders.ByteFallback(),
            decoders.Fuse(),
            decoders.Strip(" ", 1, 0),
        ]
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A $B </s>", special_tokens=[("</s>", EOS)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        model_max_length=MAX_TOKENS,
        model_input_names=["input_ids", "attention_mask"],
        eos_token="</s>",  # noqa: S106 - no password
        unk_token="<unk>",  # noqa: S106
        pad_token="<pad>",  # noqa: S106
    )


def new_model(size: int) -> MarianMTModel:
    """Return the untrained model; encoder, decoder and output share their embeddings."""
    torch.manual_seed(SEED)
    config = MarianConfig(
        vocab_size=size,
        d_model=WIDTH,
        encoder_layers=LAYERS,
        decoder_layers=LAYERS,
        encoder_attention_heads=HEADS,
        decoder_attention_heads=HEADS,
        encoder_ffn_dim=4 * WIDTH,
        decoder_ffn_dim=4 * WIDTH,
        max_position_embeddings=MAX_TOKENS,
        activation_function="swish",
        dropout=DROPOUT,
        init_std=INIT_STD,
        scale_embedding=SCALE,
        pad_token_id=PAD,
        eos_token_id=EOS,
        decoder_start_token_id=PAD,  # as in the Marian models of Helsinki-NLP
        forced_eos_token_id=EOS,
    )
    model = MarianMTModel(config)
    model.generation_config = GenerationConfig(
        max_length=MAX_TOKENS,
        num_beams=1,
        pad_token_id=PAD,
        eos_token_id=EOS,
        forced_eos_token_id=EOS,
        decoder_start_token_id=PAD,
        bad_words_ids=[[PAD]],
    )
    return model


def _padded(rows: list[list[int]]) -> torch.Tensor:
    width = max(map(len, rows))
    return torch.tensor([row + [PAD] * (width - len(row)) for row in rows])


def batches(
    source: list[list[int]], target: list[list[int]], generator: torch.Generator
) -> Iterator[Batch]:
    """Yield batches of about BATCH_TOKENS on either side, like lengths together, for ever."""
    size = [max(len(a), len(b)) for a, b in zip(source, target, strict=True)]
    while True:
        order = torch.randperm(len(size), generator=generator).tolist()
        for start in range(0, len(order), 4096):
            pool = sorted(order[start : start + 4096], key=lambda i: size[i])
            made: list[list[int]] = [[]]
            for i in pool:
                if made[-1] and (len(made[-1]) + 1) * size[i] > BATCH_TOKENS:
                    made.append([])
                made[-1].append(i)
            for b in torch.randperm(len(made), generator=generator).tolist():
                yield Batch(
                    _padded([source[i] for i in made[b]]), _padded([target[i] for i in made[b]])
                )


def loss_of(model: MarianMTModel, batch: Batch) -> torch.Tensor:
    """Return the mean cross-entropy, in nats a target token."""
    labels = batch.target.masked_fill(batch.target == PAD, -100)
    loss: torch.Tensor = model(
        input_ids=batch.source, attention_mask=batch.source.ne(PAD).long(), labels=labels
    ).loss
    return loss


@torch.no_grad()
def translate(
    model: MarianMTModel, tokenizer: PreTrainedTokenizerFast, texts: list[str]
) -> list[str]:
    """Return the greedy translations."""
    model.eval()
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    out = [""] * len(texts)
    for start in range(0, len(order), 50):
        chosen = order[start : start + 50]
        inputs = tokenizer([texts[i] for i in chosen], padding=True, return_tensors="pt")
        made = tokenizer.batch_decode(model.generate(**inputs), skip_special_tokens=True)
        for i, text in zip(chosen, made, strict=True):
            out[i] = text
    return out


def bleu(found: list[str], pairs: Pairs) -> float:
    """Return SacreBLEU, 0 to 100, of translations into French."""
    return float(BLEU().corpus_score(found, [[fr for _, fr in pairs]]).score)


def words(text: str) -> list[str]:
    """Return words and marks; l' and d' are words of their own."""
    return re.findall(r"[\w-]+'?|[^\w\s]", text)


class Dictionary:
    """The baseline that translates word by word, in the order of the English.

    Its entries are the likeliest French word for each English one under IBM model 1
    (Brown et al., 1993), from the same training pairs.
    """

    def __init__(self, pairs: Pairs, rounds: int = 4) -> None:
        sentences = [(["", *words(en.lower())], words(fr.lower())) for en, fr in pairs]
        share: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(lambda: 1.0))
        for _ in range(rounds):
            share = self._expected(sentences, share)
        # "" stood for French words that no English word accounts for
        self.entries = {en: max(fr, key=lambda w: (fr[w], w)) for en, fr in share.items()}

    @staticmethod
    def _expected(
        sentences: list[tuple[list[str], list[str]]], share: dict[str, dict[str, float]]
    ) -> dict[str, dict[str, float]]:
        """Return P(French word | English word) after one round: [English][French]."""
        count: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        for english, french in sentences:
            for fr in french:
                weights = [share[en].get(fr, 0.0) if share[en] else 1.0 for en in english]
                total = sum(weights) or 1.0
                for en, weight in zip(english, weights, strict=True):
                    count[en][fr] += weight / total
        for entries in count.values():
            total = sum(entries.values())
            for fr in entries:
                entries[fr] /= total
        return count

    def translate(self, text: str) -> str:
        """Return the word-by-word translation; words it lacks stay as they are."""
        found = [self.entries.get(word.lower(), word) for word in words(text)]
        line = re.sub(r" ([.,…])|' ", lambda m: m[1] or "'", " ".join(found))
        return line[:1].upper() + line[1:]


def measure(
    model: MarianMTModel,
    tokenizer: PreTrainedTokenizerFast,
    tests: dict[str, Pairs],
    dictionary: Dictionary,
) -> dict[str, float]:
    """Return SacreBLEU of the model, of the dictionary and of copying, for each kind of test."""
    metrics = {}
    for kind, pairs in tests.items():
        english = [en for en, _ in pairs]
        metrics[f"{kind}_bleu"] = bleu(translate(model, tokenizer, english), pairs)
        metrics[f"{kind}_dictionary"] = bleu([dictionary.translate(x) for x in english], pairs)
        metrics[f"{kind}_copy"] = bleu(english, pairs)
    return {name: round(value, 1) for name, value in metrics.items()}


def settings(model: MarianMTModel) -> dict[str, Any]:
    """Return what the card says of the recipe."""
    return {
        "layers": LAYERS,
        "width": WIDTH,
        "positions": MAX_TOKENS,
        "vocabulary": model.config.vocab_size,
        "initializer_range": INIT_STD,
        "parameters": model.num_parameters(),
        "dropout": DROPOUT,
        "learning_rate": LEARNING_RATE,
        "warmup": WARMUP,
        "averaging": AVERAGING,
        "steps": STEPS,
        "batch_tokens": BATCH_TOKENS,
        "measured": MEASURED,
    }


def build(output: Path) -> dict[str, Any]:
    """Train tokenizer and model, write checkpoint and card to `output`, return the metrics."""
    data, others = read_rows("en-fr", "train"), manual_rows()
    pairs = pairs_of([row for row in data if not row["id"].startswith("held-")])
    tests = {kind: pairs_of(held_out(data, kind))[:MEASURED] for kind in HELD}
    tests = {kind.removeprefix("held-"): found for kind, found in tests.items()}
    tests["manuals"] = pairs_of(read_rows("en-fr-manuals", "train"))[:MEASURED]
    started = time.process_time()
    torch.set_num_threads(1)  # so that the same machine gives the same weights
    tokenizer = train_tokenizer([text for pair in (*pairs, *pairs_of(others)) for text in pair])
    read = pairs + pairs_of(others)[:MANUAL_PAIRS]
    source = tokenizer([en for en, _ in read])["input_ids"]
    target = tokenizer([fr for _, fr in read])["input_ids"]
    model = new_model(len(tokenizer))
    train(
        model,
        batches(source, target, torch.Generator().manual_seed(SEED)),
        lambda batch: loss_of(model, batch),
        steps=STEPS,
        learning_rate=LEARNING_RATE,
        warmup=WARMUP,
        averaging=AVERAGING,
    )
    seconds = round(time.process_time() - started)
    metrics = measure(model, tokenizer, tests, Dictionary(pairs))
    model.save_pretrained(output)
    tokenizer.save_pretrained(output)
    made = {
        "data": {"pocket/en-fr": digest(data), MANUALS: digest(others)},
        "pairs": len(pairs),
        "manuals": len(others),
        "manual_pairs": MANUAL_PAIRS,
        "cpu_seconds": seconds,
    }
    write_card(output, "marian_mini", {**settings(model), **made, **metrics})
    return {**metrics, "cpu_seconds": seconds, "parameters": model.num_parameters()}
