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


def confirmed_by(props: dict[str, Any]) -> dict[str, int]:
    """What llama.cpp's own server says of its slots, by the names of core.loading.LoadSettings: a conversation gets no
    more than its model was trained for, however much was asked for."""
    settings = props.get("default_generation_settings")
    told = {
        "context": settings.get("n_ctx") if isinstance(settings, dict) else None,
        "slots": props.get("total_slots"),
    }
    return {name: value for name, value in told.items() if isinstance(value, int)}


def free_port() -> int:
    """On loopback, for a program that does not tell which one it took."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _over_loopback(address: Address) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", address.port or 0, timeout=_SECONDS)
