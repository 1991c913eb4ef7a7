"""The one place that makes an HTTP client, so that every way out of the app is found, and closed, in one file."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server of this machine listens: a Unix socket, or a port of the loopback interface."""

    path: Path | None = None
    port: int | None = None

    def __str__(self) -> str:
        return str(self.path) if self.path else f"127.0.0.1:{self.port}"


def warm_up() -> None:
    """Import the client library; a fifth of a second when cold, so callers do it in a thread."""
    import httpx  # noqa: F401


def local_client(address: Address, token: str) -> httpx.AsyncClient:
    """A client for one server of this machine. Proxies and .netrc of the environment are not asked, redirects not
    followed, the token travels as a header only. Reads wait for ever: a busy engine holds back even its headers."""
    import httpx

    return httpx.AsyncClient(
        transport=httpx.AsyncHTTPTransport(
            uds=str(address.path) if address.path else None,
            verify=_trusts_nobody(),
            trust_env=False,
            limits=httpx.Limits(max_keepalive_connections=0),
        ),
        base_url=f"http://127.0.0.1:{address.port}" if address.port else "http://engine",
        headers={"Authorization": f"Bearer {token}"},
        timeout=httpx.Timeout(None, connect=5.0),
        trust_env=False,
        follow_redirects=False,
    )


def _trusts_nobody() -> ssl.SSLContext:
    """No TLS is spoken here; an empty trust store spares the 0.1 s and more of loading the usual one."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
