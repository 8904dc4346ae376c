"""Builds the pocket world's datasets once, into a cache, as repositories the Hub can serve."""

import gc
import hashlib
import logging
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import ModuleType
from typing import Any

import platformdirs
import pyarrow as pa
import pyarrow.parquet as pq

from course_utils.errors import CourseError
from course_utils.world import (
    clinic_notes,
    corpus,
    entities,
    film_reviews,
    instructions,
    manuals,
    newswire,
    pages,
    preferences,
    reading,
    reports,
    reviews,
    sentence_pairs,
    shapes,
    tickets,
    translation,
)
from course_utils.world.cards import dataset_card
from course_utils.world.names import World
from course_utils.world.schema import schema


class WorldError(CourseError):
    """The pocket world's data could not be built."""


_LOG = logging.getLogger(__name__)
#: Each dataset's module: SIZES gives its splits, rows(world, split) the rows of one.
MODULES: dict[str, ModuleType] = {
    "corpus": corpus,
    "entities": entities,
    "reviews": reviews,
    "film-reviews": film_reviews,
    "newswire": newswire,
    "tickets": tickets,
    "reading": reading,
    "reports": reports,
    "pages": pages,
    "clinic-notes": clinic_notes,
    "en-fr": translation,
    "en-fr-manuals": manuals,
    "sentence-pairs": sentence_pairs,
    "instructions": instructions,
    "preferences": preferences,
    "shapes": shapes,
}


def table(name: str, rows: list[dict[str, Any]]) -> pa.Table:
    """Return rows as an Arrow table whose metadata tells `datasets` the features."""
    from datasets import Features  # only where something is built: it takes a second to import

    return pa.Table.from_pylist(rows, Features.from_dict(schema(name).features).arrow_schema)


def _write(root: Path) -> None:
    world = World()
    for name, module in MODULES.items():
        folder = root / "datasets" / "pocket" / name
        (folder / "data").mkdir(parents=True)
        sizes = {}
        for split in schema(name).splits:
            path = folder / "data" / f"{split}-00000-of-00001.parquet"
            rows = module.rows(world, split)
            pq.write_table(table(name, rows), path, compression="zstd")
            sizes[split] = (len(rows), path.stat().st_size)
        (folder / "README.md").write_text(dataset_card(name, sizes), encoding="utf-8")


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Leave the search for cycles out: the rows have none, and it takes a sixth of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


@cache
def digest() -> str:
    """Return a digest of the generators' sources: the same digest means the same datasets."""
    sha = hashlib.sha256()
    folder = Path(str(files(__package__)))
    for path in sorted(folder.rglob("*")):
        if path.suffix in {".py", ".txt", ".md", ".json"} and path.name != "README.md":
            sha.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return sha.hexdigest()[:16]


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
    _LOG.warning("building the pocket world, once: about half a minute")
    try:
        parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix="draft-", dir=parent))
        try:
            with _no_garbage_collection():
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
