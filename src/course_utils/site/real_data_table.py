"""The table of what the walkthroughs reach on real texts, for hand-written pages."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

__all__ = ["real_data_table"]

_RESULT = "benchmarks/results/real_data.json"


def real_data_table(root: Path) -> str:
    """One row per task and measure, as benchmarks/real_data.py measured them: means of seeds."""
    lines = [
        "| Task | Measure, mean of three seeds | Result | Baseline | Verdict |",
        "|---|---|---|---|---|",
    ]
    for task, metrics in json.loads((root / _RESULT).read_text("utf-8")).items():
        lines += [_row(task.replace("_", " "), metric) for metric in metrics]
    return "\n".join(lines)


def _row(task: str, metric: dict[str, Any]) -> str:
    value, baseline = metric["value"], metric["baseline"]
    ahead = value > baseline if metric["higher_is_better"] else value < baseline
    name = metric["name"].removesuffix(", mean")
    compared = f"{_figure(baseline)} ({metric['baseline_name']})"
    verdict = "ahead" if ahead else "**not ahead**"
    return f"| {task} | {name} | {_figure(value)} {metric['unit']} | {compared} | {verdict} |"


def _figure(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
