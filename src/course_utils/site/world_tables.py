"""Tables of the pocket world for hand-written pages: its datasets, its checkpoints."""

from __future__ import annotations

import json

from course_utils.hub import checkpoint_folder
from course_utils.hub.recipes import RECIPES
from course_utils.world.build import MODULES
from course_utils.world.schema import schema

__all__ = ["checkpoint_table", "dataset_table", "samples"]


def dataset_table() -> str:
    """One row per dataset: its columns, its splits, the real dataset whose schema it has."""
    lines = ["| Dataset | Columns | Rows | Schema of |", "|---|---|---|---|"]
    for name, module in MODULES.items():
        found = schema(name)
        columns = ", ".join(f"`{column}`" for column in found.features)
        sizes: dict[str, int] = getattr(module, "SIZES", {})
        rows = ", ".join(f"{split} {sizes[split]:,}" for split in found.splits if split in sizes)
        real = f"`{found.mirrors}`" if found.mirrors else "its own"
        lines.append(f"| `pocket/{name}` | {columns} | {rows or 'one split'} | {real} |")
    return "\n".join(lines)


def checkpoint_table() -> str:
    """One row per checkpoint: what its card measures, the baseline, size, seconds of training."""
    lines = [
        "| Checkpoint | Measured | Result | Baseline | Parameters | Core seconds |",
        "|---|---|---|---|---|---|",
    ]
    for name in RECIPES:
        folder = checkpoint_folder(name)
        facts = json.loads((folder / "training.json").read_text("utf-8"))
        head = facts["headline"]
        cells = [
            f"`pocket/{name}`",
            head["measured"],
            _figure(head["result"]),
            f"{_figure(head['baseline'])} ({head['baseline_name']})",
            f"{facts['parameters']:,}",
            f"{facts['cpu_seconds']:,}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def _figure(value: float) -> str:
    return f"{value:.3f}" if abs(value) < 1 else f"{value:.1f}"


def samples(name: str) -> str:
    """The texts that a checkpoint wrote, as its card keeps them."""
    text = (checkpoint_folder(name) / "README.md").read_text("utf-8")
    _, found, after = text.partition("## Samples\n")
    return after.partition("\n## ")[0].strip() if found else ""
