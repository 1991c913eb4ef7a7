"""A plain server of the user's own on loopback: what it was sent, and answers in OpenAI's protocol."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

MODELS = {"object": "list", "data": [{"id": "org/coder", "object": "model", "owned_by": "somebody"}]}
PIECES = (
    {"choices": [{"index": 0, "delta": {"role": "assistant", "content": "All is "}, "finish_reason": None}]},
    {"choices": [{"index": 0, "delta": {"content": "well."}, "finish_reason": None}]},
    {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
    {"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 3, "total_tokens": 12}},
)


@dataclass
class Box:
    """Where it listens, and the path and body of each request."""

    url: str = ""
    requests: list[tuple[str, bytes]] = field(default_factory=list)

    @property
    def chats(self) -> list[Any]:
        return [json.loads(body) for path, body in self.requests if path == "/v1/chat/completions"]

    def holds(self, text: str) -> bool:
        return any(text.encode() in body for _, body in self.requests)


@contextmanager
def serving() -> Iterator[Box]:
    """Until the block ends."""
    box = Box()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            box.requests.append((self.path, b""))
            self._answer(200, "application/json", json.dumps(MODELS).encode()) if self.path == "/v1/models" else (
                self._answer(404, "application/json", b'{"error": {"message": "no such thing"}}')
            )

        def do_POST(self) -> None:
            box.requests.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            lines = [f"data: {json.dumps(piece)}\n\n" for piece in PIECES]
            self._answer(200, "text/event-stream", "".join([*lines, "data: [DONE]\n\n"]).encode())

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class has it so
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    box.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield box
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
