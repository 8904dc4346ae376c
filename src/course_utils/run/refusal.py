"""What the real Hub or a GPU refused to a lesson, and what to do about it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from course_utils.run.place import plain

__all__ = ["advice"]

PUBLIC_HUB = "https://huggingface.co"

#: By their exceptions, which other exceptions may wrap: the traceback names the whole chain.
_GATED = re.compile(r"^GatedRepoError:|^DatasetNotFoundError: .* is a gated dataset", re.MULTILINE)
_REVISION = re.compile(r"^(?:\w+\.)*RevisionNotFoundError:", re.MULTILINE)
_MISSING = re.compile(r"^RepositoryNotFoundError:|^DatasetNotFoundError:", re.MULTILINE)
_OFFLINE = re.compile(r"^LocalEntryNotFoundError:|^OfflineModeIsEnabled:|"
                      r"^ConnectionError: Couldn't reach '", re.MULTILINE)  # fmt: skip
_MEMORY = re.compile(r"^OutOfMemoryError:", re.MULTILINE)


def advice(
    traceback: object, ids: Sequence[str], environment: Mapping[str, str], gpus: int = 0
) -> str:
    """What to say after the error of a lesson that reads the repositories `ids`, or nothing.

    `environment` is the lesson's, `traceback` its text or lines. Whether there is a token is
    asked of huggingface_hub in this process, so `environment` should come from it.
    """
    text = plain(traceback)
    if gpus and _MEMORY.search(text):
        return "; raise resources.memory_gb in the lesson's header, or lower its batch size"
    if not ids:
        return ""
    named = max(ids, key=text.rfind)
    repo = named if named in text else " and ".join(ids)
    hub = environment.get("HF_ENDPOINT") or PUBLIC_HUB
    if _GATED.search(text):
        page = f"{hub}/{'datasets/' if f'datasets/{repo}' in text else ''}{repo}"
        return f"; {repo} is gated: accept its licence on {page}, {_with_token('that account')}"
    if _REVISION.search(text):
        return f"; {hub} has {repo}, but not this revision: correct it in the lesson's header"
    if _MISSING.search(text):
        return (
            f"; {hub} has no {repo}, or it is private: correct the name in the lesson's header, "
            f"or, if it is private, {_with_token('an account that may read it')}"
        )
    if _OFFLINE.search(text):
        return f"; {_unreached(environment, hub)}, or fill the cache in HF_HOME with {repo} first"
    return ""


def _with_token(account: str) -> str:
    from huggingface_hub import get_token

    if get_token():
        return f"and see that your token belongs to {account}: it was refused"
    return f"then set HF_TOKEN to a token of {account}: none is set"


def _unreached(environment: Mapping[str, str], hub: str) -> str:
    if environment.get("HF_HUB_OFFLINE", "0").upper() in ("1", "ON", "YES", "TRUE"):
        return "HF_HUB_OFFLINE forbids to ask the Hub: unset it"
    return f"{hub} cannot be reached: mend the network, or HF_ENDPOINT"
