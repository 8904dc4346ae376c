"""The comparisons of the six tasks on real texts, at the pocket scale's sizes, three seeds each.

    COURSE_REAL_DATA=FOLDER python benchmarks/real_data.py [--only TASK …]

Runs the lessons unchanged, as `course run --scale full --rehearse --real-data` does, and keeps what
they measured beside the trivial baselines in benchmarks/results/real_data.json.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from course_utils.catalog import load_catalog
from course_utils.run import Options, run_lessons
from course_utils.run.real_data import folder

ROOT = Path(__file__).parents[1]
RESULT = ROOT / "benchmarks" / "results" / "real_data.json"
TASKS = (
    "causal_lm",
    "masked_lm",
    "translation",
    "summarisation",
    "token_classification",
    "question_answering",
)
MEAN = ", mean"  # how the names of means over seeds end
UNMARKED = "exact where two are told"  # real rows do not say where two are told: all would count
KEPT = ("name", "value", "unit", "baseline", "baseline_name", "higher_is_better")


def measured(task: str) -> list[dict[str, Any]]:
    """Run a comparison; return its means over the seeds that have a baseline."""
    catalog = load_catalog(ROOT)
    lesson = catalog.lesson(f"tasks/{task}/comparison")
    options = Options(scale="full", rehearse=True, real_data=folder())
    outcome = run_lessons(catalog, [lesson], options, lambda event: None).outcomes[lesson.id]
    if outcome.status == "failed":
        raise SystemExit(f"{lesson.file}: {outcome.error}")
    return [
        {key: metric[key] for key in KEPT}
        for metric in outcome.metrics
        if metric["name"].endswith(MEAN)
        and not metric["name"].startswith(UNMARKED)
        and metric["baseline"] is not None
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=TASKS, default=TASKS, metavar="TASK")
    only = parser.parse_args().only
    if not folder().is_dir():
        print(f"{folder()} is no folder, so nothing is measured: set COURSE_REAL_DATA")
        return
    found = json.loads(RESULT.read_text("utf-8")) if RESULT.exists() else {}
    for task in only:
        found[task] = measured(task)
        kept = {name: found[name] for name in TASKS if name in found}
        RESULT.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
        print(task, *(f"{m['name']} {m['value']:.3g}" for m in found[task]), sep="\n  ")


if __name__ == "__main__":
    main()
