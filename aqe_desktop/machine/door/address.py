"""Where a server listens."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Address:
    """A Unix socket, a port of the loopback interface, or the base URL of a server elsewhere."""

    path: Path | None = None
    port: int | None = None
    url: str = ""

    def __str__(self) -> str:
        return self.url or (str(self.path) if self.path else f"127.0.0.1:{self.port}")

    @property
    def base_url(self) -> str:
        """What a client joins its paths to. A Unix socket has no host; the one here is only a word for the header."""
        if self.url:
            return self.url
        return f"http://127.0.0.1:{self.port}" if self.port else "http://engine"

    @property
    def host(self) -> str:
        """The name in a ledger row: host and, where it is not the usual one, port; a socket's path for one."""
        return urlsplit(self.url).netloc if self.url else str(self)
