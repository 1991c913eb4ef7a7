"""Requests to a server whose connections close as it likes and whose answers may be anything."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from aqe_desktop.core.errors import ProviderFailed
from aqe_desktop.runtimes.servers import failures
from aqe_desktop.runtimes.servers.places import Options, Trace
from aqe_desktop.wires.packing import JSON

if TYPE_CHECKING:
    import httpx

LIMIT = 32 * 1024 * 1024
_OF_ERROR = 256 * 1024


class _Line:
    """Notes whether a request went over a new connection, and lets `guard` look at that."""

    def __init__(self, guard: Trace | None) -> None:
        self.fresh = False
        self._guard = guard

    async def __call__(self, event: str, info: dict[str, Any]) -> None:
        if event.endswith("connect_tcp.complete"):
            self.fresh = True
        if self._guard is not None:
            await self._guard(event, info)


@asynccontextmanager
async def answered(
    http: httpx.AsyncClient, method: str, path: str, body: Any = None, guard: Trace | None = None
) -> AsyncGenerator[httpx.Response]:
    """The answer once its headers are there. Where a kept connection turns out to be closed before any byte of an
    answer, the request goes once more over a new one. `body`: an object, or its bytes."""
    response = await _sent(http, method, path, body, guard)
    try:
        yield response
    finally:
        await response.aclose()


async def ask(
    http: httpx.AsyncClient, options: Options, path: str, body: Any = None, guard: Trace | None = None, model: str = ""
) -> tuple[Any, httpx.Headers]:
    """The parsed answer and its headers; a GET without a body. Raises what `failures` makes of anything else."""
    with failures.translated(options):
        async with answered(http, "GET" if body is None else "POST", path, body, guard) as response:
            text = await bounded(response, LIMIT if response.status_code == 200 else _OF_ERROR)
    if text is None or response.status_code != 200:
        raise failures.refused(options, response.status_code, text or "", model)
    return _parsed(options, text), response.headers


async def works(http: httpx.AsyncClient, options: Options, path: str) -> bool:
    """Whether it answers 200 there, whatever it says."""
    with failures.translated(options):
        async with answered(http, "GET", path) as response:
            return response.status_code == 200


async def bounded(response: httpx.Response, limit: int) -> str | None:
    """The whole body as text; None for one that is no answer of such a server by its sheer size."""
    body = bytearray()
    async for piece in response.aiter_bytes():
        body += piece
        if len(body) > limit:
            return None
    return body.decode("utf-8", "replace")


async def _sent(http: httpx.AsyncClient, method: str, path: str, body: Any, guard: Trace | None) -> httpx.Response:
    import httpx

    line = _Line(guard)
    try:
        return await http.send(_request(http, method, path, body, line), stream=True)
    except (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError) as error:
        if line.fresh or not _closed(error):
            raise
        return await http.send(_request(http, method, path, body, line), stream=True)


def _request(http: httpx.AsyncClient, method: str, path: str, body: Any, line: _Line) -> httpx.Request:
    told: dict[str, Any] = {"content": body, "headers": JSON} if isinstance(body, bytes) else {"json": body}
    return http.build_request(method, path, **told, extensions={"trace": line})


def _closed(error: httpx.HTTPError) -> bool:
    """Closed before a byte of an answer; the words are httpcore's."""
    import httpx

    return not isinstance(error, httpx.RemoteProtocolError) or "without sending" in str(error)


def _parsed(options: Options, text: str) -> Any:
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise failures.other_protocol(options) from error
    if not isinstance(found, dict):
        raise failures.other_protocol(options)
    if found.get("error") and not found.get("data"):
        raise ProviderFailed(
            f"The server answered with an error: {failures.shown(json.dumps(found['error'], ensure_ascii=False))}",
            "Look at the server's own log.",
        )
    return found
