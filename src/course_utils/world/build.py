"""Builds the pocket world's datasets once, into a cache, as repositories the Hub can serve."""

import hashlib
import json
import os
import shutil
import tempfile
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import platformdirs
import pyarrow as pa
import pyarrow.parquet as pq

from course_utils.errors import CourseError
from course_utils.world import entities, reviews
from course_utils.world.cards import dataset_card
from course_utils.world.corpus import corpus
from course_utils.world.features import FEATURES
from course_utils.world.names import PARTS, World

Rows = dict[str, list[Any]]  # column name: values


class WorldError(CourseError):
    """The pocket world's data could not be built."""


def _arrow_type(feature: dict[str, Any]) -> pa.DataType:
    if feature["_type"] == "List":
        return pa.list_(_arrow_type(feature["feature"]))
    return pa.int64() if feature["_type"] == "ClassLabel" else pa.string()


def table(name: str, rows: Rows) -> pa.Table:
    """Return rows as an Arrow table whose metadata tells `datasets` the features."""
    features = FEATURES[name]
    schema = pa.schema(
        [(column, _arrow_type(feature)) for column, feature in features.items()],
        metadata={"huggingface": json.dumps({"info": {"features": features}})},
    )
    return pa.table(rows, schema=schema)


def _entity_rows(world: World, part: str) -> Rows:
    sentences = entities.split_sentences(world, part)
    ids = {
        column: {tag: i for i, tag in enumerate(names)}
        for column, names in (
            ("pos_tags", entities.POS_TAGS),
            ("chunk_tags", entities.CHUNK_TAGS),
            ("ner_tags", entities.NER_TAGS),
        )
    }
    rows: Rows = {"id": [str(i) for i in range(len(sentences))]}
    rows["tokens"] = [sentence.tokens for sentence in sentences]
    for column, numbers in ids.items():
        rows[column] = [[numbers[tag] for tag in getattr(s, column)] for s in sentences]
    return rows


def _review_rows(world: World, split: str) -> Rows:
    labels, texts = zip(*reviews.split_reviews(world, split), strict=True)
    return {"label": list(labels), "text": list(texts)}


def datasets() -> dict[str, dict[str, Rows]]:
    """Return every dataset of the world: {name: {split: rows}}."""
    world = World()
    return {
        "entities": {part: _entity_rows(world, part) for part in PARTS},
        "reviews": {split: _review_rows(world, split) for split in reviews.SIZES},
        "corpus": {"train": {"text": corpus(world)}},
    }


def _write(root: Path) -> None:
    for name, splits in datasets().items():
        folder = root / "datasets" / "pocket" / name
        (folder / "data").mkdir(parents=True)
        sizes = {}
        for split, rows in splits.items():
            path = folder / "data" / f"{split}-00000-of-00001.parquet"
            pq.write_table(table(name, rows), path, compression="zstd")
            sizes[split] = (len(next(iter(rows.values()))), path.stat().st_size)
        (folder / "README.md").write_text(dataset_card(name, sizes), encoding="utf-8")


@cache
def digest() -> str:
    """Return a digest of the generators' sources: the same digest means the same datasets."""
    sha = hashlib.sha256()
    folder = Path(str(files(__package__)))
    for path in sorted(folder.rglob("*")):
        if path.suffix in {".py", ".txt", ".md"}:
            sha.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return sha.hexdigest()[:16]


def corpus_digest(texts: list[str]) -> str:
    """Return a digest of the corpus itself, which a checkpoint records."""
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:16]


def cache_folder() -> Path:
    """Return where built data is kept: COURSE_CACHE, else the user's cache folder."""
    chosen = os.environ.get("COURSE_CACHE")
    return Path(chosen) if chosen else platformdirs.user_cache_path("course-utils")


def ensure(cache: Path | None = None) -> Path:
    """Build the datasets unless they are there already; return the folder with `datasets/`.

    The folder appears whole or not at all, also when two processes build at once.
    Raises WorldError where the cache cannot be written.
    """
    parent = (cache or cache_folder()) / "world"
    root = parent / digest()
    if root.is_dir():
        return root
    try:
        parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix="draft-", dir=parent))
        try:
            _write(draft)
            _publish(draft, root)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    except OSError as error:
        raise WorldError(
            f"{error.filename or parent}: cannot build the pocket world here ({error.strerror}); "
            "set COURSE_CACHE to a folder that can be written and has 100 MB free"
        ) from error
    return root


def _publish(draft: Path, root: Path) -> None:
    try:
        draft.rename(root)
    except OSError:
        if not root.is_dir():  # else another process finished first, with the same bytes
            raise
