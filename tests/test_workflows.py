"""The workflows: what they may do, and that no fork's code reaches a runner of ours."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
FILES = sorted((ROOT / ".github/workflows").glob("*.yml"))
OWN_REPOSITORY = "github.event.pull_request.head.repo.full_name == github.repository"

each_workflow = pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)


def load(path: Path) -> dict[str, Any]:
    workflow: dict[str, Any] = yaml.safe_load(path.read_text())
    workflow["on"] = workflow.pop(True)  # YAML 1.1 reads `on` as a truth
    return workflow


def steps(job: dict[str, Any]) -> list[dict[str, Any]]:
    return list(job["steps"])


GPU = load(ROOT / ".github/workflows/gpu.yml")


@each_workflow
def test_a_job_may_do_only_what_it_names(path: Path) -> None:
    workflow = load(path)
    assert workflow["permissions"] == {}
    for name, job in workflow["jobs"].items():
        assert job.get("permissions"), name
        assert "timeout-minutes" in job, name
    assert "pull_request_target" not in workflow["on"]


@each_workflow
def test_actions_are_pinned_and_keep_no_token(path: Path) -> None:
    for job in load(path)["jobs"].values():
        for step in steps(job):
            if "uses" in step:
                assert re.fullmatch(r"[\w.-]+/[\w./-]+@[0-9a-f]{40}", step["uses"])
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False


@each_workflow
def test_no_expression_is_pasted_into_a_script(path: Path) -> None:
    for job in load(path)["jobs"].values():
        assert not [step["run"] for step in steps(job) if "${{" in step.get("run", "")]


def test_the_same_action_has_the_same_commit_everywhere() -> None:
    used = re.findall(r"uses: (\S+)@(\S+)", "\n".join(path.read_text() for path in FILES))
    commits = {name: {commit for other, commit in used if other == name} for name, _ in used}
    assert {name for name, found in commits.items() if len(found) > 1} == set()


def test_gpu_runs_at_night_by_hand_and_by_label() -> None:
    assert set(GPU["on"]) == {"schedule", "workflow_dispatch", "pull_request"}
    assert GPU["on"]["pull_request"] == {"types": ["labeled"]}
    condition = GPU["jobs"]["plan"]["if"]
    assert "github.event.label.name == 'gpu' &&" in condition
    assert OWN_REPOSITORY in condition


def test_the_jobs_on_our_runners_wait_for_that_condition() -> None:
    """A job that needs one that was skipped is skipped too, unless its own `if` says otherwise."""
    ours = {name: job for name, job in GPU["jobs"].items() if "matrix" in str(job["runs-on"])}
    assert set(ours) == {"run"}
    assert ours["run"]["needs"] == "plan"
    assert "if" not in ours["run"]


def test_runner_time_and_lessons_come_from_the_plan() -> None:
    job = GPU["jobs"]["run"]
    assert job["runs-on"] == "${{ matrix.runner }}"
    assert job["timeout-minutes"] == "${{ matrix.timeout }}"
    command = [sys.executable, "-m", "course_utils", "plan", "--"]
    planned = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True).stdout
    keys = {key for shard in json.loads(planned)["include"] for key in shard}
    text = (ROOT / ".github/workflows/gpu.yml").read_text()
    assert set(re.findall(r"matrix\.(\w+)", text)) <= keys


def test_the_token_goes_to_the_lessons_alone() -> None:
    for name, job in GPU["jobs"].items():
        assert "secrets." not in str(job.get("env", ""))
        told = [step.get("name") for step in steps(job) if "secrets." in str(step)]
        assert told == (["The full scale"] if name == "run" else [])


def test_only_the_job_that_runs_no_lesson_may_write() -> None:
    allowed = {name: job["permissions"] for name, job in GPU["jobs"].items()}
    assert allowed.pop("publish") == {"contents": "write"}
    assert set(map(str, allowed.values())) == {"{'contents': 'read'}"}
    assert not [s for s in steps(GPU["jobs"]["publish"]) if "course" in s.get("run", "")]
    assert "default_branch" in GPU["jobs"]["publish"]["if"]


def test_zizmor_finds_nothing() -> None:
    tool = shutil.which("zizmor", path=str(Path(sys.executable).parent)) or shutil.which("zizmor")
    if tool is None:
        pytest.skip("zizmor is not installed: the extra `test` brings it")
    command = [tool, "--offline", "--no-progress", str(ROOT / ".github/workflows")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
