"""Real public data, served to a rehearsal under the ids and in the schemas that lessons ask for.

Where the very dataset is at hand it is served; else other real data of the same schema is.
"""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, groupby
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from course_utils.errors import CourseError
from course_utils.world.schema import schema

__all__ = ["folder", "serve"]

Row = dict[str, Any]
Item = TypeVar("Item")
#: The organisation under which the Hub has them; aliases give them the ids that lessons use.
ORGANISATION = "real-data"
#: Of data without splits, a tenth is taken for each split but the first.
SHARE = 10
#: Characters. In a pocket tokenizer's pieces a longer question fills the windows of a rehearsal.
LONGEST_QUESTION = 150

WNUT_TYPES = ("corporation", "creative-work", "group", "location", "person", "product")
WNUT_NAMES = ["O", *(f"{part}-{kind}" for kind in WNUT_TYPES for part in "BI")]


@dataclass(frozen=True)
class _Source:
    """A dataset: where its files are, its configuration, features, and the rows of its splits."""

    place: str
    config: str
    features: dict[str, Any]
    splits: Callable[[Path], dict[str, list[Row]]]


def folder() -> Path:
    """Where the data is: ``COURSE_REAL_DATA``, else ``../shared/data``."""
    return Path(os.environ.get("COURSE_REAL_DATA", "../shared/data"))


def serve(data: Path, ids: Sequence[str], target: Path) -> dict[str, str]:
    """Write those of the datasets `ids` for which `data` has something as repositories of `target`.

    Returns the repository that stands for each.

    Raises:
        CourseError: there is no such folder, or nothing in it for any of `ids`.
    """
    if not data.is_dir():
        raise CourseError(f"{data} is no folder: set COURSE_REAL_DATA to the one with real data")
    found = {}
    for real_id in ids:
        source = _sources().get(real_id)
        if source and (data / source.place).is_dir():
            name = f"{ORGANISATION}/{real_id.replace('/', '--')}"
            _write(source, data / source.place, target / "datasets" / name)
            found[real_id] = name
    if not found:
        wanted = ", ".join(ids) or "these lessons"
        raise CourseError(f"{data} has nothing for {wanted}: leave --real-data out")
    return found


def _write(source: _Source, data: Path, repo: Path) -> None:
    """Write a repository that `datasets` reads with the configuration, splits and features."""
    from datasets import Features

    columns = Features.from_dict(source.features).arrow_schema
    files = []
    (repo / "data").mkdir(parents=True)
    for split, rows in source.splits(data).items():
        path = f"data/{split}.parquet"
        pq.write_table(pa.Table.from_pylist(rows, columns), repo / path, compression="zstd")
        files.append({"split": split, "path": path})
    configs = [{"config_name": source.config, "data_files": files}]
    (repo / "README.md").write_text(f"---\nconfigs: {json.dumps(configs)}\n---\n")


def _sources() -> dict[str, _Source]:
    text = {"dtype": "string", "_type": "Value"}
    tags = {"names": WNUT_NAMES, "_type": "ClassLabel"}
    wnut = {
        "id": text,
        "tokens": {"feature": text, "_type": "List"},
        "ner_tags": {"feature": tags, "_type": "List"},
    }
    return {
        "leondz/wnut_17": _Source("wnut17", "wnut_17", wnut, _wnut),
        "rajpurkar/squad": _like("reading", "xquad", _xquad),
        "rajpurkar/squad_v2": _like("reading", "xquad", _xquad_v2),
        "Helsinki-NLP/kde4": _like("en-fr-manuals", "tatoeba-en-fr", _tatoeba),
        "Helsinki-NLP/opus_books": _like("en-fr", "tatoeba-en-fr", _tatoeba),
        "FiscalNote/billsum": _like("reports", "scitldr", _scitldr),
        "Salesforce/wikitext": _like("pages", "tinyshakespeare", _shakespeare),
        "stanfordnlp/imdb": _like("film-reviews", "scitldr", _unlabelled),
    }


def _like(name: str, place: str, splits: Callable[[Path], dict[str, list[Row]]]) -> _Source:
    """Data in the schema of the dataset that pocket/`name` mirrors."""
    mirrored = schema(name)
    return _Source(place, mirrored.config, mirrored.features, splits)


def _wnut(data: Path) -> dict[str, list[Row]]:
    files = {
        "train": "wnut17train.conll",
        "validation": "emerging.dev.conll",
        "test": "emerging.test.annotated",
    }
    return {split: list(_sentences(data / file)) for split, file in files.items()}


def _sentences(path: Path) -> Iterator[Row]:
    """The sentences of a file of lines TOKEN TAB TAG, with blank lines between them."""
    lines = path.read_text("utf-8").split("\n")
    blocks = (list(block) for filled, block in groupby(lines, lambda x: bool(x.strip())) if filled)
    for number, block in enumerate(blocks):
        pairs = [line.strip("\r").split("\t") for line in block]
        tags = [WNUT_NAMES.index(tag) for _, tag in pairs]
        yield {"id": str(number), "tokens": [token for token, _ in pairs], "ner_tags": tags}


def _xquad(data: Path) -> dict[str, list[Row]]:
    return {
        split: [row for title, paragraph in part for row in _questions(title, paragraph)]
        for split, part in _paragraphs(data).items()
    }


def _xquad_v2(data: Path) -> dict[str, list[Row]]:
    """As many unanswerable questions as SQuAD 2.0 has: every third, asked of another paragraph."""
    found: dict[str, list[Row]] = {}
    for split, part in _paragraphs(data).items():
        asked = [
            (row, part[n - 1][1]["context"])  # mostly of the same article
            for n, (title, paragraph) in enumerate(part)
            for row in _questions(title, paragraph)
            if len(row["question"]) <= LONGEST_QUESTION
        ]
        found[split] = [
            _asked_elsewhere(row, context) if number % 3 == 2 else row
            for number, (row, context) in enumerate(asked)
        ]
    return found


def _paragraphs(data: Path) -> dict[str, list[tuple[str, dict[str, Any]]]]:
    """The paragraphs of each split, with the titles of their articles."""
    articles = json.loads((data / "xquad.en.json").read_text("utf-8"))["data"]
    paragraphs = [
        (article.get("title", ""), paragraph)
        for article in articles
        for paragraph in article["paragraphs"]
    ]
    return _cut(paragraphs, "validation")


def _questions(title: str, paragraph: dict[str, Any]) -> Iterator[Row]:
    for question in paragraph["qas"]:
        yield {
            "id": question["id"],
            "title": title,
            "context": paragraph["context"],
            "question": question["question"],
            "answers": {
                "text": [answer["text"] for answer in question["answers"]],
                "answer_start": [answer["answer_start"] for answer in question["answers"]],
            },
        }


def _asked_elsewhere(row: Row, context: str) -> Row:
    """The question without an answer, asked of `context`; the row as it is where that has it."""
    if any(text in context for text in row["answers"]["text"]):
        return row
    return row | {"context": context, "answers": {"text": [], "answer_start": []}}


def _tatoeba(data: Path) -> dict[str, list[Row]]:
    with gzip.open(data / "fra.txt.gz", "rt", encoding="utf-8") as lines:
        pairs = [line.rstrip("\n").split("\t")[:2] for line in lines]
    rows = [
        {"id": str(number), "translation": {"en": en, "fr": fr}}
        for number, (en, fr) in enumerate(pairs)
    ]
    return {"train": rows}


def _scitldr(data: Path) -> dict[str, list[Row]]:
    files = {"train": "train.jsonl", "test": "test.jsonl", "ca_test": "dev.jsonl"}
    return {split: list(_papers(data / file)) for split, file in files.items()}


def _unlabelled(data: Path) -> dict[str, list[Row]]:
    """Abstracts as texts without labels; no split `train`, whose labels nobody could give."""
    papers = _scitldr(data)
    parts = {"unsupervised": papers["train"] + papers["ca_test"], "test": papers["test"]}
    return {
        split: [{"text": row["text"], "label": -1} for row in rows] for split, rows in parts.items()
    }


def _papers(path: Path) -> Iterator[Row]:
    for line in path.read_text("utf-8").splitlines():
        paper = json.loads(line)
        text, summary = " ".join(paper["source"]), paper["target"][0]
        yield {"text": text, "summary": summary, "title": paper.get("title", "")}


def _shakespeare(data: Path) -> dict[str, list[Row]]:
    """Speeches laid out as pages: the speaker as the title, a blank row before and after."""
    found = (data / "input.txt").read_text("utf-8").strip().split("\n\n")
    speeches = [block.partition(":\n") for block in found]
    pages = [
        [{"text": row} for row in ("", f" = {who} = \n", "", f" {' '.join(said.split())} \n")]
        for who, _, said in speeches
    ]
    cut = _cut(pages, "test", "validation")
    return {split: list(chain.from_iterable(rows)) for split, rows in cut.items()}


def _cut(items: list[Item], *names: str) -> dict[str, list[Item]]:
    """A tenth of the items for each of `names`, and the rest to train on."""
    size = len(items) // SHARE
    parts = {name: items[n * size : (n + 1) * size] for n, name in enumerate(names)}
    return {"train": items[len(names) * size :], **parts}
