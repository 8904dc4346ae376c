"""Reading requests: who asks, and bodies of limited size."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs

from starlette.requests import Request

from course_utils.hub.replies import HubError, bad_request

__all__ = ["body_of", "json_object", "json_of", "pieces_of", "posted_paths", "token_of"]

LARGEST_BODY = 1 << 20


def token_of(request: Request) -> str | None:
    """The token of a request, or None."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token or None if scheme.lower() == "bearer" else None


async def pieces_of(request: Request, limit: int) -> AsyncIterator[bytes]:
    """The body piece by piece; raises HubError 413 when it has more than `limit` bytes."""
    size = 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > limit:
            raise HubError(413, None, f"a body may have {limit:,} bytes at most")
        yield chunk


async def body_of(request: Request, limit: int = LARGEST_BODY) -> bytes:
    """The whole body."""
    return b"".join([chunk async for chunk in pieces_of(request, limit)])


async def json_of(request: Request) -> object:
    """The body as JSON."""
    try:
        return json.loads(await body_of(request))
    except ValueError as error:
        raise bad_request("the body is no JSON") from error


async def json_object(request: Request) -> dict[str, Any]:
    """The body as a JSON object; an empty body is an empty one."""
    body = await body_of(request)
    try:
        value = json.loads(body or b"{}")
    except ValueError as error:
        raise bad_request("the body is no JSON") from error
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise bad_request("the body is no JSON object")
    return value


async def posted_paths(request: Request) -> list[str]:
    """The `paths` of a form or of a JSON body."""
    if "json" in request.headers.get("Content-Type", ""):
        body = await json_of(request)
        paths = body.get("paths", []) if isinstance(body, dict) else []
        return [str(path) for path in paths] if isinstance(paths, list) else []
    return parse_qs((await body_of(request)).decode("utf-8", "replace")).get("paths", [])
