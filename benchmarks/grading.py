"""Ten submissions of a torch assignment, graded by this grader, by nbgrader and by otter-grader.

    python benchmarks/grading.py [--tools FOLDER]

All three grade the same ten answers with the same nine checks, one after the other in one run. The
other two are installed into a virtual environment of their own (in FOLDER, if it is to be kept),
which borrows torch from this one. Writes benchmarks/results/grading.json.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook, new_raw_cell

ROOT = Path(__file__).parents[1]
RESULT = ROOT / "benchmarks" / "results" / "grading.json"
TOOLS = ("nbgrader==0.9.6", "otter-grader==7.0.0")
COUNT = 10
RUNS = 3

IMPORTS = "import torch"
#: The functions asked for: name, solution, and three checks as expressions.
QUESTIONS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "softmax",
        """\
def softmax(rows):
    values = torch.tensor(rows)
    values = torch.exp(values - values.max(dim=-1, keepdim=True).values)
    return (values / values.sum(dim=-1, keepdim=True)).tolist()""",
        (
            "softmax([[0.0, 0.0]]) == [[0.5, 0.5]]",
            "abs(sum(softmax([[1.0, 2.0, 3.0]])[0]) - 1) < 1e-5",
            "softmax([[1000.0, 0.0]]) == [[1.0, 0.0]]",
        ),
    ),
    (
        "accuracy",
        """\
def accuracy(predicted, labels):
    predicted, labels = torch.tensor(predicted), torch.tensor(labels)
    kept = labels != -100
    return (predicted[kept] == labels[kept]).float().mean().item()""",
        (
            "accuracy([1, 2], [1, 2]) == 1",
            "accuracy([1, 2], [1, 3]) == 0.5",
            "accuracy([1, 2, 3], [1, 3, -100]) == 0.5",
        ),
    ),
    (
        "pad_batch",
        """\
def pad_batch(rows):
    tensors = [torch.tensor(row) for row in rows]
    return torch.nn.utils.rnn.pad_sequence(tensors, batch_first=True).tolist()""",
        (
            "pad_batch([[1], [2, 3]]) == [[1, 0], [2, 3]]",
            "pad_batch([[1]]) == [[1]]",
            "pad_batch([[4, 5, 6], [7]]) == [[4, 5, 6], [7, 0, 0]]",
        ),
    ),
)
POINTS = sum(len(checks) for _, _, checks in QUESTIONS)


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tools", type=Path, help="where to keep the other graders")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        place = Path(scratch)
        tools = _tools(asked.tools or place / "tools")
        graders = {
            "course": _course(place / "course"),
            "nbgrader": _nbgrader(place / "nbgrader", tools),
            "otter": _otter(place / "otter", tools),
        }
        seconds: dict[str, list[float]] = {name: [] for name in graders}
        for _ in range(RUNS):  # in turn, so that a busy moment meets all three
            for name, grade in graders.items():
                seconds[name].append(round(grade(), 2))
    best = {name: min(times) for name, times in seconds.items()}
    result = {
        "measured": datetime.now(UTC).date().isoformat(),
        "machine": f"{os.cpu_count()} CPU cores, {platform.system()} {platform.machine()}",
        "versions": {
            "python": platform.python_version(),
            "torch": version("torch"),
            **dict(tool.split("==") for tool in TOOLS),
        },
        "submissions": COUNT,
        "checks": POINTS,
        "seconds": seconds,
        "times_faster_than": {
            name: round(best[name] / best["course"], 1) for name in ("nbgrader", "otter")
        },
    }
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps(result, indent=2) + "\n", "utf-8")
    print(json.dumps(result, indent=2))


def _tools(folder: Path) -> Path:
    """The folder of the other graders' commands; they are installed where they are not there."""
    commands = folder / "bin"
    if not (commands / "otter").exists():
        _run([sys.executable, "-m", "venv", str(folder)], ROOT)
        _run([str(commands / "python"), "-m", "pip", "install", "-q", *TOOLS], ROOT)
    ours = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = _run([str(commands / "python"), "-c", ours], ROOT).strip()
    Path(packages, "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n", "utf-8")
    return commands


def _course(folder: Path) -> Any:
    """This grader: from its command to its file of records, nothing kept from before."""
    assignment = folder / "assignments" / "functions"
    assignment.mkdir(parents=True)
    (folder / "mkdocs.yml").write_text("nav: []\n", "utf-8")
    shutil.copytree(ROOT / "keys", folder / "keys")
    ids = [f"{name}-{n}" for name, _, checks in QUESTIONS for n in range(len(checks))]
    (assignment / "assignment.yaml").write_text(
        f"title: Functions\nobjectives: {{write: Write functions}}\nmeets: []\nminutes: 5\n"
        f"rubric: [{{title: All, checks: [{', '.join(ids)}]}}]\nwarm: [torch]\n",
        "utf-8",
    )
    cells = [IMPORTS, *(solution for _, solution, _ in QUESTIONS)]
    (assignment / "solution.py").write_text("\n\n# %%\n".join(["", *cells]), "utf-8")
    (assignment / "checks.py").write_text(_course_checks(), "utf-8")
    (assignment / "mutants.yaml").write_text(
        "mutants: [{name: none, replace: import torch, by: '', fails: [softmax-0]}]\n", "utf-8"
    )
    paths = []
    for number in range(COUNT):
        paths.append(folder / f"{number}.ipynb")
        _write(paths[-1], [new_code_cell(cell) for cell in [*cells, f"# {number}"]])
    command = [sys.executable, "-m", "course_utils", "grade", "functions", *map(str, paths)]

    def grade() -> float:
        shutil.rmtree(folder / "build", ignore_errors=True)
        seconds = _timed([*command, "--jobs", "1", "--json", "records.json"], folder)
        records = json.loads((folder / "records.json").read_text("utf-8"))
        _expect([record["score"] for record in records])
        return seconds

    return grade


def _course_checks() -> str:
    """The same expressions as checks: the name becomes a call through the line."""
    lines = ["from course_utils.grade.check import Trial, check", ""]
    for name, _, checks in QUESTIONS:
        for number, expression in enumerate(checks):
            asked = expression.replace(f"{name}(", f"trial.call({name!r}, ")
            lines += [
                f'@check(id="{name}-{number}", points=1, hint="None.")',
                f"def {name}_{number}(trial: Trial) -> None:",
                f'    trial.expect({asked}, "")',
                "",
            ]
    return "\n".join(lines)


def _nbgrader(folder: Path, tools: Path) -> Any:
    """nbgrader autograde, as its documentation has it; its database made beforehand."""
    cells = [new_code_cell(IMPORTS)]
    for name, solution, checks in QUESTIONS:
        cells.append(_nbgrader_cell(solution, name, solution=True))
        cells += [
            _nbgrader_cell(f"assert {expression}", f"{name}-{n}", solution=False)
            for n, expression in enumerate(checks)
        ]
    _write(folder / "source" / "ps1" / "ps1.ipynb", cells)
    (folder / "nbgrader_config.py").write_text(
        "c = get_config()\nc.CourseDirectory.course_id = 'course'\n"
        "c.ClearSolutions.enforce_metadata = False\n",
        "utf-8",
    )
    environment = _environment(tools)
    _run([str(tools / "nbgrader"), "generate_assignment", "ps1"], folder, environment)
    for number in range(COUNT):
        copy = [*cells, new_code_cell(f"# {number}")]
        _write(folder / "submitted" / f"s{number}" / "ps1" / "ps1.ipynb", copy)

    def grade() -> float:
        shutil.rmtree(folder / "autograded", ignore_errors=True)
        command = [str(tools / "nbgrader"), "autograde", "ps1", "--force"]
        seconds = _timed(command, folder, environment)
        _run([str(tools / "nbgrader"), "export"], folder, environment)
        rows = (folder / "grades.csv").read_text("utf-8").splitlines()
        column = rows[0].split(",").index("raw_score")
        _expect([float(row.split(",")[column]) for row in rows[1:]])
        return seconds

    return grade


def _nbgrader_cell(source: str, name: str, *, solution: bool) -> NotebookNode:
    marks: dict[str, Any] = {
        "schema_version": 3,
        "grade_id": name,
        "grade": not solution,
        "solution": solution,
        "locked": not solution,
        "task": False,
    }
    if not solution:
        marks["points"] = 1
    return new_code_cell(source, metadata={"nbgrader": marks})


def _otter(folder: Path, tools: Path) -> Any:
    """otter run, once for each submission, as it has no batch without Docker."""
    cells = [
        new_raw_cell("# ASSIGNMENT CONFIG\ngenerate: true\nexport_cell: false\nrun_tests: false"),
        new_code_cell(IMPORTS),
    ]
    for name, solution, checks in QUESTIONS:
        cells += [
            new_raw_cell(f"# BEGIN QUESTION\nname: {name}\npoints: {len(checks)}"),
            new_raw_cell("# BEGIN SOLUTION"),
            new_code_cell(solution),
            new_raw_cell("# END SOLUTION"),
            new_raw_cell("# BEGIN TESTS"),
            *[new_code_cell(f"assert {expression}") for expression in checks],
            new_raw_cell("# END TESTS"),
            new_raw_cell("# END QUESTION"),
        ]
    _write(folder / "master.ipynb", cells)
    environment = _environment(tools)
    _run([str(tools / "otter"), "assign", "master.ipynb", "dist"], folder, environment)
    archive = next((folder / "dist" / "autograder").glob("*.zip"))
    plain = [new_code_cell(cell) for cell in [IMPORTS, *(one for _, one, _ in QUESTIONS)]]
    for number in range(COUNT):
        _write(folder / f"s{number}" / "master.ipynb", [*plain, new_code_cell(f"# {number}")])

    def grade() -> float:
        total, scores = 0.0, []
        for number in range(COUNT):
            place = folder / f"s{number}"
            command = [str(tools / "otter"), "run", "-a", str(archive), "master.ipynb"]
            total += _timed(command, place, environment)
            tests = json.loads((place / "results.json").read_text("utf-8"))["tests"]
            scores.append(sum(test.get("score", 0) for test in tests))
        _expect(scores)
        return total

    return grade


def _environment(tools: Path) -> dict[str, str]:
    return {**os.environ, "PATH": f"{tools}:{os.environ['PATH']}", "OMP_NUM_THREADS": "1"}


def _write(path: Path, cells: Sequence[NotebookNode]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(new_notebook(cells=list(cells), metadata={"kernelspec": kernel}), path)


def _timed(
    command: Sequence[str], folder: Path, environment: dict[str, str] | None = None
) -> float:
    started = time.perf_counter()
    _run(command, folder, environment)
    return time.perf_counter() - started


def _run(command: Sequence[str], folder: Path, environment: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(f"{' '.join(command[:4])}: {done.stdout}{done.stderr}")
    return done.stdout


def _expect(scores: Sequence[float]) -> None:
    """All three must have graded all ten, and found them right: else the times mean nothing."""
    if [round(score, 3) for score in scores] != [POINTS] * COUNT:
        sys.exit(f"not all points: {scores}")


if __name__ == "__main__":
    main()
