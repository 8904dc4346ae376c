"""pocket/sentence-mini: sentence embeddings, trained contrastively from pocket/bert-mini.

Reads from top to bottom: the pairs, the model, the loss, the measures, the files of
sentence-transformers, the card.
"""

import json
import random
import time
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import torch
from sklearn.feature_extraction.text import TfidfVectorizer
from torch.nn.functional import cross_entropy, normalize
from transformers import AutoTokenizer, BertModel, PreTrainedTokenizerFast

from course_utils.hub.recipes.training import digest, read_rows, train, write_card
from course_utils.world.names import World
from course_utils.world.sentence_pairs import Writer

NAME = "sentence-mini"
BASE = "bert-mini"
PAIRS = 12_000
QUESTION_SHARE = (
    0.1  # of the pairs: a question and a sentence with its answer; the others say the same
)
BATCH = 48  # pairs; each first sentence is told from the second ones of all the others
MISS_SHARE = 0.5  # of the pairs come with a near miss: the contrary, or the roles exchanged
STEPS = 700
LEARNING_RATE = 5e-4
WARMUP = 70
SCALE = 20.0  # cosines are multiplied by this: the inverse of a temperature of 0.05
SEED = 0
RETRIEVED = 300  # sentences searched to measure retrieval

Pairs = list[tuple[str, str]]
Triples = list[tuple[str, str, str]]  # a text, one that belongs to it, a near miss


def training_triples(world: World) -> Triples:
    """Return texts with one that belongs to each and a near miss, of the training part only."""
    rng = random.Random(f"{SEED} {NAME}")
    writer = Writer(world, rng, "train", fresh=False)
    found: Triples = []
    while len(found) < PAIRS:
        first, second, miss = writer.triple()
        asked, told = writer.question()
        asks = rng.random() < QUESTION_SHARE
        found.append((asked, told, miss) if asks else (first, second, miss))
    return found


def held_out(world: World, kind: str) -> Pairs:
    """Return pairs of names, words and patterns that no training pair has, no text twice."""
    rng = random.Random(f"{SEED} {NAME} {kind}")
    writer = Writer(world, rng, "test", fresh=True)
    found: dict[str, str] = {}
    while len(found) < RETRIEVED:
        query, text = getattr(writer, kind)()
        if query not in found and text not in found.values():
            found[query] = text
    return list(found.items())


def load_base(folder: Path) -> tuple[BertModel, PreTrainedTokenizerFast]:
    """Return bert-mini without its masked-language head; the pooler is new and stays unused."""
    torch.manual_seed(SEED)
    return BertModel.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)


def embed(model: BertModel, tokenizer: PreTrainedTokenizerFast, texts: list[str]) -> torch.Tensor:
    """Return [texts, width] unit vectors: the mean of each text's token vectors."""
    batch = tokenizer(texts, padding=True, truncation=True, return_tensors="pt")
    hidden = model(**batch).last_hidden_state
    real = batch["attention_mask"].unsqueeze(-1)
    return normalize((hidden * real).sum(1) / real.sum(1))


def batches(triples: Triples) -> Iterator[Triples]:
    """Yield shuffled batches, for ever."""
    rng = random.Random(SEED)
    while True:
        order = rng.sample(triples, len(triples))
        for start in range(0, len(order) - BATCH + 1, BATCH):
            yield order[start : start + BATCH]


def contrast(
    model: BertModel, tokenizer: PreTrainedTokenizerFast, triples: Triples
) -> torch.Tensor:
    """Return the multiple negatives ranking loss: which text belongs to each first one?

    Each is told from the second texts of all the others and from the near misses of some.
    """
    firsts, seconds, misses = zip(*triples, strict=True)
    near = misses[: round(MISS_SHARE * len(triples))]
    a, b = (embed(model, tokenizer, list(texts)) for texts in (firsts, seconds + near))
    return cross_entropy(SCALE * a @ b.T, torch.arange(len(triples)))


@torch.no_grad()
def vectors(model: BertModel, tokenizer: PreTrainedTokenizerFast, texts: list[str]) -> torch.Tensor:
    """Return [texts, width] unit vectors, without dropout."""
    model.eval()
    return torch.cat([embed(model, tokenizer, texts[i : i + 64]) for i in range(0, len(texts), 64)])


def ranks(values: torch.Tensor) -> torch.Tensor:
    """Return the rank of each value; values that are equal share the mean of their ranks."""
    _, where, counts = torch.unique(values, return_inverse=True, return_counts=True)
    means: torch.Tensor = counts.cumsum(0) - (counts - 1) / 2
    return means[where]


def rank_correlation(a: torch.Tensor, b: torch.Tensor) -> float:
    """Return Spearman's rank correlation."""
    return float(torch.corrcoef(torch.stack([ranks(a), ranks(b)]))[0, 1])


def recall_at_1(queries: torch.Tensor, texts: torch.Tensor) -> float:
    """Return how often the nearest text is the one that belongs to the query."""
    return float(((queries @ texts.T).argmax(1) == torch.arange(len(texts))).float().mean())


def measure(
    model: BertModel, tokenizer: PreTrainedTokenizerFast, world: World, prefix: str = ""
) -> dict[str, float]:
    """Return rank correlation with the scores of sentence-pairs, and recall at 1."""
    rows = read_rows("sentence-pairs", "test")
    a, b = (
        vectors(model, tokenizer, [row[column] for row in rows])
        for column in ("sentence1", "sentence2")
    )
    scores = [row["score"] for row in rows]
    found = {"spearman": rank_correlation((a * b).sum(1), torch.tensor(scores))}
    for kind in ("paraphrase", "question"):
        queries, texts = zip(*held_out(world, kind), strict=True)
        a, b = (vectors(model, tokenizer, list(part)) for part in (queries, texts))
        found[f"{kind}_recall"] = recall_at_1(a, b)
    return {f"{prefix}{name}": value for name, value in found.items()}


def overlap(world: World) -> dict[str, float]:
    """Return the same measures for the cosine of TF-IDF vectors, which only sees shared words."""
    seen = [row[f"sentence{i}"] for row in read_rows("sentence-pairs", "train") for i in (1, 2)]
    tfidf = TfidfVectorizer().fit(seen)

    def of(texts: list[str]) -> torch.Tensor:
        return torch.tensor(tfidf.transform(texts).toarray())

    rows = read_rows("sentence-pairs", "test")
    a, b = (of([row[column] for row in rows]) for column in ("sentence1", "sentence2"))
    scores = [row["score"] for row in rows]
    found = {"tfidf_spearman": rank_correlation((a * b).sum(1), torch.tensor(scores))}
    for kind in ("paraphrase", "question"):
        queries, texts = zip(*held_out(world, kind), strict=True)
        found[f"tfidf_{kind}_recall"] = recall_at_1(of(list(queries)), of(list(texts)))
    return found


def write_modules(output: Path, width: int) -> None:
    """Write what sentence-transformers 6 reads: a transformer, then the mean of its tokens."""
    place = "sentence_transformers"
    described: dict[str, Any] = {
        "modules.json": [
            {
                "idx": 0,
                "name": "0",
                "path": "",
                "type": f"{place}.base.modules.transformer.Transformer",
            },
            {
                "idx": 1,
                "name": "1",
                "path": "1_Pooling",
                "type": f"{place}.sentence_transformer.modules.pooling.Pooling",
            },
        ],
        "1_Pooling/config.json": {
            "embedding_dimension": width,
            "pooling_mode": "mean",
            "include_prompt": True,
        },
        "sentence_bert_config.json": {
            "transformer_task": "feature-extraction",
            "modality_config": {
                "text": {"method": "forward", "method_output_name": "last_hidden_state"}
            },
            "module_output_name": "token_embeddings",
        },
        "config_sentence_transformers.json": {
            "model_type": "SentenceTransformer",
            "prompts": {"query": "", "document": ""},
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
    }
    for name, content in described.items():
        path = output / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def read_data(base: Path) -> dict[str, str]:
    """Return the digests of what the base model was made from: if they change, so must this."""
    made = json.loads((base / "training.json").read_text(encoding="utf-8"))
    data: dict[str, str] = made["data"]
    return data


def build(output: Path) -> dict[str, Any]:
    """Train the model, write checkpoint and card to `output`, return the metrics."""
    started = time.process_time()
    torch.set_num_threads(1)  # so that the same machine gives the same weights
    world = World()
    base = Path(str(files("course_utils.hub"))) / "repos/models/pocket" / BASE
    model, tokenizer = load_base(base)
    before = measure(model, tokenizer, world, "base_")
    triples = training_triples(world)
    train(
        model,
        batches(triples),
        lambda batch: contrast(model, tokenizer, batch),
        steps=STEPS,
        learning_rate=LEARNING_RATE,
        warmup=WARMUP,
    )
    seconds = round(time.process_time() - started)
    metrics = measure(model, tokenizer, world) | before | overlap(world)
    metrics = {name: round(value, 4) for name, value in metrics.items()}
    model.save_pretrained(output)
    tokenizer.save_pretrained(output)
    write_modules(output, model.config.hidden_size)
    seen = read_rows("sentence-pairs", "train")
    facts = {
        "base": f"pocket/{BASE}",
        "pairs": len(triples),
        "question_share": QUESTION_SHARE,
        "batch": BATCH,
        "miss_share": MISS_SHARE,
        "steps": STEPS,
        "learning_rate": LEARNING_RATE,
        "warmup": WARMUP,
        "scale": SCALE,
        "width": model.config.hidden_size,
        "positions": model.config.max_position_embeddings,
        "parameters": model.num_parameters(),
        "retrieved": RETRIEVED,
        "data": read_data(base) | {"pocket/sentence-pairs": digest(seen)},
        **metrics,
        "cpu_seconds": seconds,
    }
    write_card(output, "sentence_mini", facts)
    return {**metrics, "cpu_seconds": seconds, "parameters": model.num_parameters()}
