"""The start of this process: an order comes in, a server comes to be."""

from __future__ import annotations

import json
import os
import socket
import socketserver
import sys
import threading
from typing import Any

from .devices import devices
from .handler import Handler
from .model import Model

_LINE = 64 * 1024 * 1024


def main() -> None:
    """The first line of our input is the order, or the question what there is; its end is ours."""
    _hide_memory()
    order = json.loads(sys.stdin.buffer.readline(_LINE))
    line = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)  # whatever native code prints goes to the log
    if order.get("ask"):
        line.write(json.dumps({"devices": devices(), "version": _version()}) + "\n")
        line.flush()
        return
    Handler.model, Handler.token = Model(order), order["token"]
    confirmed = Handler.model.confirmed()
    Handler.props = {"default_generation_settings": {"n_ctx": confirmed["context"]}, "total_slots": 1}
    server = _server(order["path"])
    threading.Thread(target=server.serve_forever, daemon=True).start()
    port = None if order["path"] else server.socket.getsockname()[1]
    line.write(json.dumps({"port": port, "confirmed": confirmed}) + "\n")
    line.flush()
    sys.stdin.buffer.read()
    os._exit(0)


def _server(path: str) -> socketserver.TCPServer:
    """Its socket is made with the rights that our umask leaves."""

    class Server(socketserver.ThreadingMixIn, socketserver.TCPServer):
        daemon_threads = True
        address_family = socket.AF_UNIX if path else socket.AF_INET
        request_queue_size = 64

        def handle_error(self, *_request: Any) -> None:
            """Nothing: what stands in its message could be of a prompt, and the cut answer tells that it failed."""

    return Server(path or ("127.0.0.1", 0), Handler)  # type: ignore[arg-type]


def _version() -> str:
    from importlib.metadata import version

    return version("llama-cpp-python")


def _hide_memory() -> None:
    """From other programs of this user; the kernel ends us with whoever started us, which was arranged there."""
    if sys.platform.startswith("linux"):
        import ctypes

        ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)  # PR_SET_DUMPABLE


if __name__ == "__main__":
    main()
