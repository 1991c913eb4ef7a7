"""The gate in a client: a transport that lets a request through once its passage is granted.

httpx and httpx2 are two packages of one shape; the gate is made for whichever is handed in, so neither is imported
here. Requests are seen here as they are sent: after every library on top has changed its body."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from functools import cache
from typing import Any

from aqe_desktop.core.errors import AqeError, PrivacyRefused
from aqe_desktop.machine.door.cut import Cut
from aqe_desktop.machine.door.passage import Passage
from aqe_desktop.machine.door.upload import Upload


@cache
def gate_class(http: Any) -> Any:
    """The transport class for the package `http` (httpx or httpx2)."""
    watched, streamed = _watched_class(http), _streamed_class(http)

    class Gate(http.AsyncBaseTransport):  # type: ignore[misc]
        """Lets through what its passage grants, to one origin; the inner transport belongs to the door."""

        def __init__(self, passage: Passage, inner: Any, origin: Any) -> None:
            self._passage = passage
            self._inner = inner
            self._origin = _origin(origin)

        async def handle_async_request(self, request: Any) -> Any:
            if _origin(request.url) != self._origin or request.headers["Host"] != request.url.netloc.decode("ascii"):
                raise PrivacyRefused(f"A request turned to {request.url.host}, which is not where it was cleared for.")
            upload = request.extensions.get("upload")
            if isinstance(upload, Upload):
                # Not whatever content came with it: what is measured is what is sent.
                request.stream = streamed(upload)
            row = await self._passage.begin(*await _measured(request))
            cut = Cut(self._passage)
            if row is not None:
                cut.begin()
            try:
                async with cut.held():
                    response = await self._inner.handle_async_request(request)
            except BaseException as error:
                await cut.aclose()
                await self._passage.end(row, _name(error))
                raise
            response.stream = watched(response.stream, self._passage, row, str(response.status_code), cut)
            return response

        async def aclose(self) -> None:
            """The connections are the door's, and live on."""

    return Gate


@cache
def _watched_class(http: Any) -> Any:
    class Watched(http.AsyncByteStream):  # type: ignore[misc]
        """A reply's stream: its end, or what broke it off, is the second row."""

        def __init__(self, stream: Any, passage: Passage, row: int | None, status: str, cut: Cut) -> None:
            self._stream = stream
            self._passage = passage
            self._row = row
            self._status = status
            self._cut = cut
            self._end = " left"

        async def __aiter__(self) -> AsyncIterator[bytes]:
            pieces, over = aiter(self._stream), object()
            try:
                while (piece := await self._next(pieces, over)) is not over:
                    yield piece
                self._end = ""
            except Exception as error:
                self._end = f" {_name(error)}"
                raise

        async def _next(self, pieces: AsyncIterator[bytes], over: object) -> Any:
            async with self._cut.held():
                return await anext(pieces, over)

        async def aclose(self) -> None:
            try:
                await self._cut.aclose()
                await self._stream.aclose()
            finally:
                row, self._row = self._row, None
                await self._passage.end(row, self._status + self._end)

    return Watched


@cache
def _streamed_class(http: Any) -> Any:
    class Streamed(http.AsyncByteStream):  # type: ignore[misc]
        """The content of an upload, read as it is sent."""

        def __init__(self, upload: Upload) -> None:
            self._upload = upload

        async def __aiter__(self) -> AsyncIterator[bytes]:
            async for piece in self._upload:
                yield piece

    return Streamed


async def _measured(request: Any) -> tuple[int, str]:
    """Bytes and SHA-256 of the body; a file tells its own, anything else that streams is gathered first."""
    upload = request.extensions.get("upload")
    if isinstance(upload, Upload):
        return upload.size, upload.sha256
    body: bytes = await request.aread()
    return len(body), (await asyncio.to_thread(hashlib.sha256, body)).hexdigest()


def _origin(url: Any) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _name(error: BaseException) -> str:
    return error.kind if isinstance(error, AqeError) else type(error).__name__
