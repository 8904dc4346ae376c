"""Repository cards: the YAML front matter of a README, and the tags the Hub derives from it."""

from __future__ import annotations

import re
from typing import Any

import yaml

__all__ = ["card_tags", "parse_card", "summary"]

_FRONT_MATTER = re.compile(r"\A---\r?\n(.*?)\r?\n---\s*(?:\r?\n|\Z)", re.DOTALL)

#: Card keys that become ``key:value`` tags, for models and datasets; others become plain tags.
_PREFIXED = {
    "models": {"license": "license", "datasets": "dataset", "base_model": "base_model"},
    "datasets": {
        key: key
        for key in ("task_categories", "task_ids", "language", "license", "size_categories")
    },
    "spaces": {"license": "license"},
}
_PLAIN = {"models": ("library_name", "pipeline_tag", "language", "tags"), "datasets": ("tags",)}


def parse_card(readme: str) -> dict[str, Any]:
    """The front matter of `readme`; empty where there is none or it is no mapping."""
    match = _FRONT_MATTER.match(readme)
    if match is None:
        return {}
    try:
        data = yaml.safe_load(match[1])
    except yaml.YAMLError:
        return {}
    return data if isinstance(data, dict) else {}


def card_tags(kind: str, card: dict[str, Any]) -> list[str]:
    """The tags by which a repository of `kind` can be found, as the Hub derives them."""
    plain = [value for key in _PLAIN.get(kind, ("tags",)) for value in _values(card.get(key))]
    prefixed = [
        f"{prefix}:{value}"
        for key, prefix in _PREFIXED[kind].items()
        for value in _values(card.get(key))
    ]
    return list(dict.fromkeys([*plain, *prefixed, "region:us"]))


def summary(readme: str) -> str:
    """The first sentence of prose under the card's title."""
    body = _FRONT_MATTER.sub("", readme)
    paragraphs = (block.strip() for block in body.split("\n\n"))
    prose = next((p for p in paragraphs if p and not p.startswith(("#", "|", "```", "<"))), "")
    return re.split(r"(?<=[.!?])\s", " ".join(prose.split()), maxsplit=1)[0]


def _values(value: object) -> list[str]:
    if value is None:
        return []
    return [str(item) for item in value] if isinstance(value, list) else [str(value)]
