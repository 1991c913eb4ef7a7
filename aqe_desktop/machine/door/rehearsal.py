"""A request that is made and not sent: what a consent names must be the very bytes that would leave."""

from __future__ import annotations

from functools import cache
from typing import Any, NoReturn

from aqe_desktop.core.consent import Body


class Rehearsed(Exception):
    """Ends a request that was only rehearsed; no transport of the network has seen it."""

    def __init__(self, body: Body) -> None:
        super().__init__("a rehearsed request")
        self.body = body


@cache
def rehearsing_class(http: Any) -> Any:
    """The transport class for the package `http` (httpx or httpx2)."""

    class Rehearsing(http.AsyncBaseTransport):  # type: ignore[misc]
        """Reads a request to its end and raises what it was."""

        def __init__(self, host: str) -> None:
            self._host = host

        async def handle_async_request(self, request: Any) -> NoReturn:
            raise Rehearsed(Body(self._host, await request.aread()))

    return Rehearsing
