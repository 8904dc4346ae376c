"""Calls of the real client libraries that write, in order, printed as JSON."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from datasets import Dataset, DatasetDict, load_dataset
from huggingface_hub import (
    CommitOperationAdd,
    CommitOperationCopy,
    CommitOperationDelete,
    HfApi,
    ModelCard,
    ModelCardData,
    hf_hub_download,
    metadata_update,
)
from huggingface_hub.errors import HfHubHTTPError
from peft import LoraConfig, PeftModel, get_peft_model
from real_clients import report
from transformers import AutoModelForSequenceClassification, AutoTokenizer

api, other = HfApi(), HfApi(token="hf_course_somebody_else")
BERT, DEMO = "pocket/bert-mini", "learner/demo"
seen: dict[str, Any] = {}


def status_of(call: Callable[[], Any]) -> int | None:
    try:
        call()
    except HfHubHTTPError as error:
        return error.response.status_code if error.response is not None else None
    return None


def first_upload() -> str:
    done = api.upload_file(path_or_fileobj=b"one", path_in_repo="a.txt", repo_id=DEMO)
    seen["first"] = done.oid
    return done.commit_message


def folder() -> list[str]:
    with tempfile.TemporaryDirectory() as name:
        (Path(name) / "sub").mkdir()
        (Path(name) / "sub/weights.bin").write_bytes(bytes(range(256)) * 8000)  # 2 MB, by LFS
        (Path(name) / "b.md").write_text("# b")
        api.upload_folder(folder_path=name, repo_id=DEMO, commit_message="A folder")
    return sorted(api.list_repo_files(DEMO))


def text_of(repo: str, path: str, **options: Any) -> str:
    return Path(hf_hub_download(repo, path, **options)).read_text()


def commit(*operations: Any, repo: str = DEMO, **options: Any) -> Any:
    return api.create_commit(repo, list(operations), commit_message="Changes", **options)


def operations() -> list[str]:
    commit(
        CommitOperationDelete("b.md"),
        CommitOperationCopy("a.txt", "c.txt"),
        CommitOperationCopy("sub/weights.bin", "copy.bin"),
        revision="dev",
    )
    return sorted(api.list_repo_files(DEMO, revision="dev"))


def pull_request() -> list[Any]:
    made = commit(CommitOperationAdd("d.txt", b"four"), create_pr=True)
    before = "d.txt" in api.list_repo_files(DEMO)
    there = text_of(DEMO, "d.txt", revision=f"refs/pr/{made.pr_num}")
    api.merge_pull_request(DEMO, made.pr_num, comment="Thanks")
    details = api.get_discussion_details(DEMO, made.pr_num)
    return [before, there, details.status, "d.txt" in api.list_repo_files(DEMO)]


def conflict() -> list[Any]:
    made = commit(CommitOperationAdd("a.txt", b"theirs"), create_pr=True)
    commit(CommitOperationAdd("a.txt", b"ours"))
    files = api.get_discussion_details(DEMO, made.pr_num).conflicting_files
    return [files, status_of(lambda: api.merge_pull_request(DEMO, made.pr_num))]


def discussion() -> list[str]:
    num = api.create_discussion(DEMO, "A question", description="Why?").num
    api.comment_discussion(DEMO, num, "Because.")
    api.rename_discussion(DEMO, num, new_title="An answer")
    api.change_discussion_status(DEMO, num, "closed")
    found = api.get_discussion_details(DEMO, num)
    return [found.title, found.status, *(event.type for event in found.events)]


def comments() -> list[Any]:
    num = api.create_discussion(DEMO, "Comments", description="First").num
    second = api.comment_discussion(DEMO, num, "Secnd")
    edited = api.edit_discussion_comment(DEMO, num, second.id, "Second")
    hidden = api.hide_discussion_comment(DEMO, num, second.id)
    again = status_of(lambda: api.edit_discussion_comment(DEMO, num, second.id, "Third"))
    return [edited.content, edited.edited, edited.number_of_edits, hidden.hidden, again]


def squash() -> list[Any]:
    before = sorted(api.list_repo_files(DEMO))
    api.super_squash_history(DEMO, commit_message="All in one")
    same = sorted(api.list_repo_files(DEMO)) == before
    return [same, *(commit.title for commit in api.list_repo_commits(DEMO))]


def push_model() -> list[str]:
    model = AutoModelForSequenceClassification.from_pretrained(BERT, num_labels=3)
    model.push_to_hub("tuned")
    AutoTokenizer.from_pretrained(BERT).push_to_hub("tuned")
    again = AutoModelForSequenceClassification.from_pretrained("learner/tuned")
    same = all(a.equal(b) for a, b in zip(model.parameters(), again.parameters(), strict=True))
    return [str(same), *sorted(api.list_repo_files("learner/tuned"))]


def push_adapter() -> str:
    model = AutoModelForSequenceClassification.from_pretrained(BERT)
    get_peft_model(model, LoraConfig(task_type="SEQ_CLS")).push_to_hub("adapter")
    fresh = AutoModelForSequenceClassification.from_pretrained(BERT)
    return type(PeftModel.from_pretrained(fresh, "learner/adapter")).__name__


def push_card() -> list[Any]:
    ModelCard.from_template(ModelCardData(license="mit")).push_to_hub("learner/tuned")
    metadata_update("learner/tuned", {"tags": ["mine"]})
    info = api.model_info("learner/tuned")
    return [info.card_data.license if info.card_data else None, "mine" in (info.tags or [])]


def push_dataset() -> list[Any]:
    Dataset.from_dict({"n": [1, 2, 3]}).push_to_hub("numbers")
    return list(load_dataset("learner/numbers", split="train")["n"])


def push_splits() -> list[str]:
    rows = Dataset.from_dict({"n": [1]})
    DatasetDict({"train": rows, "test": rows}).push_to_hub("splits", config_name="small")
    return sorted(load_dataset("learner/splits", "small"))


CALLS: dict[str, Callable[[], Any]] = {
    "create_repo": lambda: api.create_repo("demo").repo_id,
    "create_repo exist_ok": lambda: api.create_repo("demo", exist_ok=True).repo_id,
    "create_repo twice": lambda: status_of(lambda: api.create_repo("demo")),
    "create_repo elsewhere": lambda: status_of(lambda: api.create_repo("pocket/mine")),
    "upload_file": first_upload,
    "upload_folder": folder,
    "download": lambda: text_of(DEMO, "a.txt"),
    "list_repo_commits": lambda: [c.title for c in api.list_repo_commits(DEMO)],
    "get_paths_info lfs": lambda: api.get_paths_info(DEMO, "sub/weights.bin")[0].lfs is not None,
    "create_branch": lambda: api.create_branch(DEMO, branch="dev"),
    "create_branch twice": lambda: status_of(lambda: api.create_branch(DEMO, branch="dev")),
    "create_tag": lambda: api.create_tag(DEMO, tag="v1", revision=seen["first"]),
    "list_repo_refs": lambda: [
        sorted(ref.name for ref in refs)
        for refs in (api.list_repo_refs(DEMO).branches, api.list_repo_refs(DEMO).tags)
    ],
    "revision pins content": lambda: api.list_repo_files(DEMO, revision="v1"),
    "create_commit": operations,
    "main is as it was": lambda: sorted(api.list_repo_files(DEMO)),
    "parent_commit": lambda: status_of(
        lambda: commit(CommitOperationAdd("x", b"x"), parent_commit=seen["first"])
    ),
    "delete_file": lambda: api.delete_file("c.txt", DEMO, revision="dev").commit_message,
    "delete_folder": lambda: api.delete_folder("sub", DEMO, revision="dev").commit_message,
    "delete_branch": lambda: api.delete_branch(DEMO, branch="dev"),
    "delete_tag": lambda: api.delete_tag(DEMO, tag="v1"),
    "pull request": pull_request,
    "conflict": conflict,
    "discussion": discussion,
    "comments": comments,
    "get_repo_discussions": lambda: len(list(api.get_repo_discussions(DEMO))),
    "commit elsewhere": lambda: status_of(lambda: commit(CommitOperationAdd("x", b"x"), repo=BERT)),
    "pull request elsewhere": lambda: (
        commit(CommitOperationAdd("note.md", b"x"), repo=BERT, create_pr=True).pr_num
    ),
    "model.push_to_hub": push_model,
    "adapter.push_to_hub": push_adapter,
    "card.push_to_hub": push_card,
    "dataset.push_to_hub": push_dataset,
    "splits.push_to_hub": push_splits,
    "list_models of mine": lambda: sorted(m.id for m in api.list_models(author="learner")),
    "nobody else sees them": lambda: len(list(other.list_models(author="learner"))),
    "update_repo_settings": lambda: api.update_repo_settings(DEMO, private=True),
    "private": lambda: api.model_info(DEMO).private,
    "super_squash_history": squash,
    "move_repo": lambda: api.move_repo(DEMO, "learner/moved"),
    "moved": lambda: [api.repo_exists(DEMO), api.repo_exists("learner/moved")],
    "delete_repo": lambda: api.delete_repo("learner/moved"),
    "deleted": lambda: api.repo_exists("learner/moved"),
    "delete_repo elsewhere": lambda: status_of(lambda: api.delete_repo(BERT)),
}


if __name__ == "__main__":
    report(CALLS)
