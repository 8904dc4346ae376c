"""The schemas of the pocket datasets: those of the real datasets they mirror, kept as snapshots."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any


@dataclass(frozen=True)
class Schema:
    """Splits, config and features (as `datasets` writes them as JSON) of one dataset."""

    mirrors: str | None  # the real dataset's id on the Hub, None where there is none
    source: str | None  # where the snapshot was taken
    config: str
    splits: tuple[str, ...]
    features: dict[str, Any]


@cache
def schema(name: str) -> Schema:
    """Return the schema of the dataset pocket/NAME, read from data/schemas."""
    text = files(__package__).joinpath("data", "schemas", f"{name}.json").read_text("utf-8")
    found = json.loads(text)
    return Schema(**{**found, "splits": tuple(found["splits"])})


def label_names(name: str, column: str) -> list[str]:
    """Return the names of a column's classes, of a list's too."""
    feature = schema(name).features[column]
    names: list[str] = feature.get("feature", feature)["names"]
    return names
