"""Questions to a server that has just been started below the engine's process, before anybody else knows of it."""

from __future__ import annotations

import http.client
import json
import socket
from typing import Any

from aqe_desktop.machine.door import Address

_SECONDS = 5.0


class _OverUnixSocket(http.client.HTTPConnection):
    """The same protocol by the path of a socket."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=_SECONDS)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(_SECONDS)
        self.sock.connect(self._path)


def ask(address: Address, path: str, token: str) -> dict[str, Any] | None:
    """The JSON object at this path; None while there is none, for whatever reason."""
    connection = _OverUnixSocket(str(address.path)) if address.path else _over_loopback(address)
    try:
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
        response = connection.getresponse()
        told = json.loads(response.read()) if response.status == http.client.OK else None
    except (OSError, ValueError, http.client.HTTPException):
        return None
    finally:
        connection.close()
    return told if isinstance(told, dict) else None


def free_port() -> int:
    """On loopback, for a program that does not tell which one it took."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _over_loopback(address: Address) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", address.port or 0, timeout=_SECONDS)
