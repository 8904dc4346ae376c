"""The dataset cards: text from data/cards, figures filled in from what was built."""

import json
from importlib.resources import files
from string import Template
from typing import Any

from course_utils.world.features import FEATURES


def dataset_card(name: str, sizes: dict[str, tuple[int, int]]) -> str:
    """Return the README.md of a dataset; sizes gives each split's rows and bytes on disk."""
    text = files(__package__).joinpath("data", "cards", f"{name}.md").read_text("utf-8")
    rows = [f"| {split} | {count:,} |" for split, (count, _) in sizes.items()]
    return Template(text).substitute(
        dataset_info=json.dumps(_dataset_info(name, sizes)),  # JSON is YAML too
        splits="\n".join(["| split | rows |", "|---|---|", *rows]),
    )


def _dataset_info(name: str, sizes: dict[str, tuple[int, int]]) -> dict[str, Any]:
    total = sum(size for _, size in sizes.values())
    return {
        "features": [
            {"name": column, **_card_feature(feature)} for column, feature in FEATURES[name].items()
        ],
        "splits": [
            {"name": split, "num_bytes": size, "num_examples": count}
            for split, (count, size) in sizes.items()
        ],
        "download_size": total,
        "dataset_size": total,
    }


def _card_feature(feature: dict[str, Any]) -> dict[str, Any]:
    """Return a feature the way cards write it, which is not how Parquet metadata does."""
    if feature["_type"] == "List":
        return {"list": _card_feature(feature["feature"])["dtype"]}
    if feature["_type"] == "ClassLabel":
        names = {str(i): label for i, label in enumerate(feature["names"])}
        return {"dtype": {"class_label": {"names": names}}}
    return {"dtype": feature["dtype"]}
