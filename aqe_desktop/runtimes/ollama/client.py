"""The `ollama` package's client over a client of the door, so that whatever it sends has been let through."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from aqe_desktop.core.errors import EngineCrashed, ProviderFailed, Unreachable
from aqe_desktop.wires.ndjson import NdjsonParser
from aqe_desktop.wires.ollama import object_of
from aqe_desktop.wires.ollama_failures import failure
from aqe_desktop.wires.packing import JSON

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

_LIMIT = 64 * 1024 * 1024
SILENT = "Start Ollama, or check the address: `aqe runtimes` shows it."


def native(http: httpx.AsyncClient) -> Any:
    """The client; half a second to import when cold, so `warm_up` does it in a thread."""
    return _native_class()(http)


def warm_up() -> None:
    """Import the package, and the client library under it."""
    _native_class()


@contextmanager
def translated() -> Iterator[None]:
    """What the client library and the package raise, in our words."""
    import httpx
    import ollama

    try:
        yield
    except ollama.ResponseError as error:
        raise failure(error.status_code, json.dumps({"error": error.error})) from error
    except (httpx.ConnectError, httpx.ConnectTimeout, ConnectionError) as error:
        raise Unreachable("Nothing answers where Ollama should be.", SILENT) from error
    except httpx.TimeoutException as error:
        raise Unreachable("The server accepted the connection and then said nothing.", SILENT) from error
    except httpx.HTTPError as error:
        raise EngineCrashed("The connection to the server broke off.") from error


@cache
def _native_class() -> Any:
    import ollama

    class Native(ollama.AsyncClient):
        """All that the package can, through a client that is not its own: the one it makes sends the environment's
        OLLAMA_API_KEY to every host and follows redirects. Two ways more, because its answers leave out where a model
        runs, and its reader of streams cuts lines at characters that are none of their ends."""

        def __init__(self, http: httpx.AsyncClient) -> None:
            self._client = http

        async def ask(
            self,
            method: str,
            path: str,
            body: Mapping[str, Any] | None = None,
            model: str = "",
            extensions: Mapping[str, Any] | None = None,
        ) -> dict[str, Any]:
            """The whole answer as it came; `model` is for the words of an error."""
            with translated():
                async with self._client.stream(method, path, json=body, extensions=dict(extensions or {})) as response:
                    text = (await _bounded(response)).decode("utf-8", "replace")
            if response.status_code != 200:
                raise failure(response.status_code, text, model)
            return object_of(text)

        async def lines(
            self,
            path: str,
            body: Mapping[str, Any] | bytes,
            extensions: Mapping[str, Any] | None = None,
            model: str = "",
        ) -> AsyncGenerator[dict[str, Any]]:
            """The objects of a stream as they come, those with an `error` too. Closing it closes the connection, which
            is what ends the server's work. `body`: the object, or its bytes; `model` is for the words of an error."""
            parser = NdjsonParser()
            sent: dict[str, Any] = {"content": body, "headers": JSON} if isinstance(body, bytes) else {"json": body}
            with translated():
                async with self._client.stream("POST", path, **sent, extensions=dict(extensions or {})) as response:
                    if response.status_code != 200:
                        text = (await _bounded(response)).decode("utf-8", "replace")
                        raise failure(response.status_code, text, model)
                    async for piece in response.aiter_bytes():
                        for line in parser.feed(piece):
                            yield object_of(line)
            for line in parser.end():
                yield object_of(line)

    return Native


async def _bounded(response: httpx.Response) -> bytes:
    """The whole body. Raises ProviderFailed for one that is no answer of such a server by its sheer size."""
    body = bytearray()
    async for piece in response.aiter_bytes():
        body += piece
        if len(body) > _LIMIT:
            raise ProviderFailed("The server's answer has no end.", SILENT)
    return bytes(body)
