"""The client libraries, unchanged, against the pocket Hub as it ships."""

from collections.abc import Callable
from typing import Any

import pytest

from course_utils.hub.recipes import RECIPES
from course_utils.world.build import MODULES
from course_utils.world.schema import schema

EXPECTED: dict[str, Any] = {
    "whoami": "learner",
    "model_info": "fill-mask",
    "model_info sizes": True,
    "dataset_info": 40,
    "space_info": "evaluate-metric/f1",
    "list_models": True,
    "list_models filter": ["pocket/bert-mini"],
    "list_models search": sorted(f"pocket/{name}" for name in RECIPES if "bert" in name),
    "list_models nothing": [],
    "list_datasets": True,
    "list_datasets task": ["pocket/entities"],
    "list_datasets limit": 1,
    "list_spaces": 1,
    "list_repo_files": True,
    "list_repo_tree": [
        "data/test-00000-of-00001.parquet",
        "data/train-00000-of-00001.parquet",
        "data/validation-00000-of-00001.parquet",
    ],
    "list_repo_refs": ["main"],
    "list_repo_commits": 1,
    "get_paths_info": ["config.json"],
    "repo_exists": [True, False],
    "file_exists": [True, False],
    "revision_exists": [True, False],
    "hf_hub_download": True,
    "download by commit": True,
    "snapshot_download": True,
    "HfFileSystem": True,
    "ModelCard": "apache-2.0",
    "DatasetCard": "cc0-1.0",
    "AutoConfig": "bert",
    "AutoTokenizer": [0, 0, 0, 0],
    "AutoModel": True,
    "pipeline": 5,
    "load_dataset": ["test", "train", "validation"],
    "load_dataset split": True,
    "load_dataset slice": 5,
    "load_dataset streaming": ["label", "text"],
    "load_dataset revision": 2,
    "ClassLabel": "1 star",
    "evaluate accuracy": {"accuracy": 0.5},
    "evaluate f1": pytest.approx(5 / 9),
    "evaluate seqeval": pytest.approx(2 / 3),
    "evaluate sacrebleu": pytest.approx(100),
    "evaluate rouge": pytest.approx(0.5),
    "evaluate squad": {"exact_match": 100.0, "f1": 100.0},
    "evaluate squad_v2": {
        "exact": 50.0,
        "f1": pytest.approx(100 * (1 + 2 / 3 + 0 + 1) / 4),
        "total": 4,
        "HasAns_exact": 50.0,
        "HasAns_f1": pytest.approx(100 * (1 + 2 / 3) / 2),
        "HasAns_total": 2,
        "NoAns_exact": 50.0,
        "NoAns_f1": 50.0,
        "NoAns_total": 2,
        "best_exact": 75.0,
        "best_exact_thresh": pytest.approx(0.1),
        "best_f1": pytest.approx(100 * (2 + 1 + 2 / 3) / 4),
        "best_f1_thresh": pytest.approx(0.2),
    },
    "every dataset": {
        f"pocket/{name}": sorted(schema(name).splits) for name in MODULES if name != "reviews"
    },
    "load_dataset config": [""],
    "Translation": ["en", "fr"],
    "Image": [48, 48],
    "text-classification": ["Business", "Sports"],
    "token-classification": ["LOC", "PER"],
    "AutoModelForQuestionAnswering": 2,
    "text-generation": True,
    "translation": True,
    "SentenceTransformer": [128],
    "stars": ["1", "5"],
    "summarisation base": "pegasus",
    "zero-shot-image-classification": True,
    "no repo": True,
    "no revision": True,
    "no entry": True,
    "no model": True,
    "no dataset": True,
}


@pytest.fixture(scope="module")
def results(answers_of: Callable[[str], dict[str, Any]]) -> dict[str, Any]:
    return answers_of("real_clients.py")


@pytest.mark.parametrize("call", EXPECTED)
def test_call(results: dict[str, Any], call: str) -> None:
    assert results[call] == EXPECTED[call]


def test_every_call_has_an_expectation(results: dict[str, Any]) -> None:
    assert set(results) == set(EXPECTED)
