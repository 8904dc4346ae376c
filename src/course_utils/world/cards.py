"""The dataset cards: text from data/cards, figures filled in from what was built."""

import json
from importlib.resources import files
from string import Template
from typing import Any

from course_utils.world.schema import schema


def dataset_card(name: str, sizes: dict[str, tuple[int, int]]) -> str:
    """Return the README.md of a dataset; sizes gives each split's rows and bytes on disk."""
    text = files(__package__).joinpath("data", "cards", f"{name}.md").read_text("utf-8")
    rows = [f"| {split} | {count:,} |" for split, (count, _) in sizes.items()]
    return Template(text).substitute(
        dataset_info=json.dumps(_dataset_info(name, sizes)),  # JSON is YAML too
        splits="\n".join(["| split | rows |", "|---|---|", *rows]),
    )


def _dataset_info(name: str, sizes: dict[str, tuple[int, int]]) -> Any:
    """Return what a card's front matter says of features and splits, as `datasets` writes it."""
    from datasets import DatasetInfo, Features  # only where something is built: slow to import
    from datasets.info import DatasetInfosDict
    from huggingface_hub import DatasetCardData

    config, total = schema(name).config, sum(size for _, size in sizes.values())
    info = DatasetInfo(
        features=Features.from_dict(schema(name).features),
        splits={
            split: {"name": split, "num_bytes": size, "num_examples": count}
            for split, (count, size) in sizes.items()
        },
        download_size=total,
        dataset_size=total,
    )
    card = DatasetCardData()
    DatasetInfosDict({config: info}).to_dataset_card_data(card)
    return vars(card)["dataset_info"]
