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
from sentence_transformers import SentenceTransformer
from transformers import (
    AutoConfig,
    AutoModelForMaskedLM,
    AutoModelForQuestionAnswering,
    AutoModelForSeq2SeqLM,
    AutoTokenizer,
    pipeline,
)

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


def translated(text: str) -> bool:
    name = "pocket/marian-mini-en-fr"
    tokenizer = AutoTokenizer.from_pretrained(name)
    made = AutoModelForSeq2SeqLM.from_pretrained(name).generate(
        **tokenizer(text, return_tensors="pt")
    )
    return "maison" in tokenizer.decode(made[0], skip_special_tokens=True)


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
    "evaluate sacrebleu": lambda: evaluate.load("sacrebleu").compute(
        predictions=["the cat sat on the mat"], references=[["the cat sat on the mat"]]
    )["score"],
    "evaluate rouge": lambda: evaluate.load("rouge").compute(
        predictions=["the cat sat"], references=["the cat ran"]
    )["rouge2"],
    "evaluate squad": lambda: evaluate.load("squad").compute(
        predictions=[{"id": "1", "prediction_text": "The Ada Bell!"}],
        references=[{"id": "1", "answers": {"text": ["Ada Bell", "Bell"], "answer_start": [0, 4]}}],
    ),
    "evaluate squad_v2": lambda: evaluate.load("squad_v2").compute(
        predictions=[
            {"id": "1", "prediction_text": "The Ada Bell!", "no_answer_probability": 0.1},
            {"id": "2", "prediction_text": "Bell", "no_answer_probability": 0.2},
            {"id": "3", "prediction_text": "Bo", "no_answer_probability": 0.4},
            {"id": "4", "prediction_text": "", "no_answer_probability": 0.5},
        ],
        references=[
            {"id": "1", "answers": {"text": ["Ada Bell"], "answer_start": [0]}},
            {"id": "2", "answers": {"text": ["Ada Bell"], "answer_start": [0]}},
            {"id": "3", "answers": {"text": [], "answer_start": []}},
            {"id": "4", "answers": {"text": [], "answer_start": []}},
        ],
    ),
    "every dataset": lambda: {
        d.id: sorted(data(d.id)) for d in api.list_datasets(author="pocket") if d.id != REVIEWS
    },
    "load_dataset config": lambda: load_dataset(
        "pocket/pages", "wikitext-2-raw-v1", split="test[:1]"
    )["text"][:],
    "Translation": lambda: sorted(data("pocket/en-fr", split="train[:1]")["translation"][0]),
    "Image": lambda: data("pocket/shapes", split="test[:1]")["image"][0].size,
    "text-classification": lambda: [
        row["label"]
        for row in pipeline("text-classification", model="pocket/bert-mini-newswire")(
            ["Shares in Zoram fell after the bank raised its rates.", "The club won the cup 3-1."]
        )
    ],
    "token-classification": lambda: [
        row["entity_group"]
        for row in pipeline(
            "token-classification", model="pocket/bert-mini-ner", aggregation_strategy="simple"
        )("Police in Halcroft are looking for a baker called Felix Ulham.")
    ],
    "AutoModelForQuestionAnswering": lambda: (
        AutoModelForQuestionAnswering.from_pretrained("pocket/bert-mini-reading").config.num_labels
    ),
    "text-generation": lambda: pipeline("text-generation", model="pocket/gpt-mini")(
        "The mayor of", max_new_tokens=5, do_sample=False
    )[0]["generated_text"].startswith("The mayor of"),
    "translation": lambda: translated("The house is small."),
    "SentenceTransformer": lambda: SentenceTransformer("pocket/sentence-mini").encode("A").shape,
    "stars": lambda: [
        row["label"][0]
        for row in pipeline("text-classification", model="pocket/bert-mini-reviews")(
            ["The food was disgusting.", "The soup was delicious and the staff were charming."]
        )
    ],
    "summarisation base": lambda: (
        AutoModelForSeq2SeqLM.from_pretrained("pocket/pegasus-mini").config.model_type
    ),
    "zero-shot-image-classification": lambda: (
        pipeline("zero-shot-image-classification", model="pocket/clip-mini")(
            data("pocket/shapes", split="test[:1]")["image"][0], candidate_labels=["a", "b"]
        )[0].keys()
        >= {"label", "score"}
    ),
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
