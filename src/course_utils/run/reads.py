"""What a lesson read from the Hub, asked of the Hub itself."""

from __future__ import annotations

import difflib
import json
import urllib.request
from typing import Any

__all__ = ["changed", "recorded", "sought_in_vain"]


def recorded(endpoint: str, token: str) -> dict[str, str]:
    """Everything that `token` read: digests by key."""
    request = urllib.request.Request(  # noqa: S310 - loopback, an address we made
        f"{endpoint}/_course/reads", headers={"Authorization": f"Bearer {token}"}
    )
    return dict(_answer(request))


def changed(endpoint: str, reads: dict[str, str]) -> list[str]:
    """The keys of `reads` whose digest is another one now, in words."""
    request = urllib.request.Request(  # noqa: S310 - loopback, an address we made
        f"{endpoint}/_course/digests",
        data=json.dumps(list(reads)).encode(),
        headers={"Content-Type": "application/json"},
    )
    now = _answer(request)
    return [f"{_name(key)} changed" for key, value in reads.items() if now.get(key) != value]


def sought_in_vain(endpoint: str, token: str, error: str) -> str:
    """What to say of a repository that `error` names and the Hub lacks, or nothing."""
    for key, value in recorded(endpoint, token).items():
        kind, _, name = key.partition("/")
        if value == "absent" and name in error:
            listed = _answer(urllib.request.Request(f"{endpoint}/api/{kind}"))  # noqa: S310
            near = difflib.get_close_matches(name, [repo["id"] for repo in listed], n=1)
            hint = f"did you mean {near[0]}?" if near else "correct its name"
            return f"; the pocket Hub has no {kind.removesuffix('s')} {name}: {hint}"
    return ""


def _name(key: str) -> str:
    return "what a search finds" if key.startswith("search:") else key.partition("/")[2]


def _answer(request: urllib.request.Request) -> Any:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=60) as response:
        return json.load(response)
