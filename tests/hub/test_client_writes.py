"""The client libraries, unchanged, writing to the pocket Hub."""

from collections.abc import Callable
from typing import Any

import pytest

EXPECTED: dict[str, Any] = {
    "create_repo": "learner/demo",
    "create_repo exist_ok": "learner/demo",
    "create_repo twice": 409,
    "create_repo elsewhere": 403,
    "upload_file": "Upload a.txt with huggingface_hub",
    "upload_folder": ["a.txt", "b.md", "sub/weights.bin"],
    "download": "one",
    "list_repo_commits": ["A folder", "Upload a.txt with huggingface_hub", "initial commit"],
    "get_paths_info lfs": True,
    "create_branch": None,
    "create_branch twice": 409,
    "create_tag": None,
    "list_repo_refs": [["dev", "main"], ["v1"]],
    "revision pins content": ["a.txt"],
    "create_commit": ["a.txt", "c.txt", "copy.bin", "sub/weights.bin"],
    "main is as it was": ["a.txt", "b.md", "sub/weights.bin"],
    "parent_commit": 412,
    "delete_file": "Delete c.txt with huggingface_hub",
    "delete_folder": "Delete folder sub with huggingface_hub",
    "delete_branch": None,
    "delete_tag": None,
    "pull request": [False, "four", "merged", True],
    "conflict": [["a.txt"], 409],
    "discussion": ["An answer", "closed", "comment", "comment", "title-change", "status-change"],
    "comments": ["Second", True, 2, True, 409],
    "get_repo_discussions": 4,
    "commit elsewhere": 403,
    "pull request elsewhere": 1,
    "model.push_to_hub": [
        "True",
        "README.md",
        "config.json",
        "model.safetensors",
        "tokenizer.json",
        "tokenizer_config.json",
    ],
    "adapter.push_to_hub": "PeftModelForSequenceClassification",
    "card.push_to_hub": ["mit", True],
    "dataset.push_to_hub": [1, 2, 3],
    "splits.push_to_hub": ["test", "train"],
    "list_models of mine": ["learner/adapter", "learner/demo", "learner/tuned"],
    "nobody else sees them": 0,
    "update_repo_settings": None,
    "private": True,
    "super_squash_history": [True, "All in one"],
    "move_repo": None,
    "moved": [False, True],
    "delete_repo": None,
    "deleted": False,
    "delete_repo elsewhere": 403,
}


@pytest.fixture(scope="module")
def results(answers_of: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    return answers_of("real_writes.py")


@pytest.mark.parametrize("call", EXPECTED)
def test_call(results: dict[str, Any], call: str) -> None:
    assert results[call] == EXPECTED[call]


def test_every_call_has_an_expectation(results: dict[str, Any]) -> None:
    assert set(results) == set(EXPECTED)
