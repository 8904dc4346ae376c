"""Calls of the real client libraries against the Hub named by HF_ENDPOINT, printed as JSON."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import evaluate
from datasets import load_dataset, load_dataset_builder
from huggingface_hub import (
    DatasetCard,
    HfApi,
    HfFileSystem,
    ModelCard,
    hf_hub_download,
    snapshot_download,
)
from huggingface_hub.errors import (
    EntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)
from transformers import AutoConfig, AutoModelForMaskedLM, AutoTokenizer, pipeline

api = HfApi()
BERT, ENTITIES, REVIEWS = "pocket/bert-mini", "pocket/entities", "pocket/reviews"


def error_of(call: Callable[[], Any], kind: type[Exception]) -> bool:
    try:
        call()
    except kind:
        return True
    return False


def data(name: str, **options: Any) -> Any:
    return load_dataset(name, **options)


CALLS: dict[str, Callable[[], Any]] = {
    "whoami": lambda: api.whoami()["name"],
    "model_info": lambda: api.model_info(BERT).pipeline_tag,
    "model_info sizes": lambda: all(
        s.size for s in api.model_info(BERT, files_metadata=True).siblings
    ),
    "dataset_info": lambda: len(api.dataset_info(ENTITIES).sha),
    "space_info": lambda: api.space_info("evaluate-metric/f1").id,
    "list_models": lambda: BERT in [m.id for m in api.list_models()],
    "list_models filter": lambda: [m.id for m in api.list_models(filter="fill-mask")],
    "list_models search": lambda: [m.id for m in api.list_models(search="bert")],
    "list_models nothing": lambda: list(api.list_models(filter="depth-estimation")),
    "list_datasets": lambda: len(list(api.list_datasets(author="pocket"))) >= 3,
    "list_datasets task": lambda: [
        d.id for d in api.list_datasets(filter="task_categories:token-classification")
    ],
    "list_datasets limit": lambda: len(list(api.list_datasets(limit=1))),
    "list_spaces": lambda: len(list(api.list_spaces(search="seqeval"))),
    "list_repo_files": lambda: "model.safetensors" in api.list_repo_files(BERT),
    "list_repo_tree": lambda: [
        e.path for e in api.list_repo_tree(ENTITIES, repo_type="dataset", path_in_repo="data")
    ],
    "list_repo_refs": lambda: [b.name for b in api.list_repo_refs(BERT).branches],
    "list_repo_commits": lambda: len(api.list_repo_commits(BERT)),
    "get_paths_info": lambda: [p.path for p in api.get_paths_info(BERT, ["config.json", "none"])],
    "repo_exists": lambda: [api.repo_exists(BERT), api.repo_exists("pocket/none")],
    "file_exists": lambda: [api.file_exists(BERT, "config.json"), api.file_exists(BERT, "x")],
    "revision_exists": lambda: [api.revision_exists(BERT, r) for r in ("main", "v9")],
    "hf_hub_download": lambda: "bert" in Path(hf_hub_download(BERT, "config.json")).read_text(),
    "download by commit": lambda: bool(
        hf_hub_download(BERT, "config.json", revision=api.model_info(BERT).sha)
    ),
    "snapshot_download": lambda: bool(snapshot_download(REVIEWS, repo_type="dataset")),
    "HfFileSystem": lambda: HfFileSystem().exists(f"datasets/{ENTITIES}/README.md"),
    "ModelCard": lambda: ModelCard.load(BERT).data.license,
    "DatasetCard": lambda: DatasetCard.load(ENTITIES).data.license,
    "AutoConfig": lambda: AutoConfig.from_pretrained(BERT).model_type,
    "AutoTokenizer": lambda: AutoTokenizer.from_pretrained(BERT)("a b")["token_type_ids"],
    "AutoModel": lambda: AutoModelForMaskedLM.from_pretrained(BERT).config.hidden_size > 0,
    "pipeline": lambda: len(pipeline("fill-mask", model=BERT)("The [MASK] was cold.")),
    "load_dataset": lambda: sorted(data(ENTITIES)),
    "load_dataset split": lambda: data(REVIEWS, split="test").num_rows > 100,
    "load_dataset slice": lambda: data(REVIEWS, split="test[:5]").num_rows,
    "load_dataset streaming": lambda: sorted(
        next(iter(data(REVIEWS, split="train", streaming=True)))
    ),
    "load_dataset revision": lambda: data(ENTITIES, revision="main", split="test[:2]").num_rows,
    "ClassLabel": lambda: load_dataset_builder(REVIEWS).info.features["label"].names[0],
    "evaluate accuracy": lambda: evaluate.load("accuracy").compute(
        predictions=[0, 1], references=[0, 0]
    ),
    "evaluate f1": lambda: evaluate.load("f1").compute(
        predictions=[0, 1, 2], references=[0, 1, 1], average="macro"
    )["f1"],
    "evaluate seqeval": lambda: evaluate.load("seqeval").compute(
        predictions=[["B-PER", "I-PER", "O"]], references=[["B-PER", "O", "O"]], zero_division=0
    )["overall_accuracy"],
    "no repo": lambda: error_of(lambda: api.model_info("pocket/none"), RepositoryNotFoundError),
    "no revision": lambda: error_of(
        lambda: api.model_info(BERT, revision="v9"), RevisionNotFoundError
    ),
    "no entry": lambda: error_of(lambda: hf_hub_download(BERT, "none.txt"), EntryNotFoundError),
    "no model": lambda: error_of(lambda: AutoConfig.from_pretrained("pocket/none"), OSError),
    "no dataset": lambda: error_of(lambda: data("pocket/none"), FileNotFoundError),
}


def report(calls: dict[str, Callable[[], Any]]) -> None:
    """Make the calls in order and print what they gave."""
    results: dict[str, Any] = {}
    for name, call in calls.items():
        try:
            results[name] = call()
        except Exception as error:
            results[name] = f"{type(error).__name__}: {error}"
    json.dump(results, sys.stdout)


if __name__ == "__main__":
    report(CALLS)
