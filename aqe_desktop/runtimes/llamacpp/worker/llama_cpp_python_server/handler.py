"""The requests, each of which must bring the token."""

from __future__ import annotations

import contextlib
import hmac
import json
import select
import socket
from http.server import BaseHTTPRequestHandler
from typing import Any, ClassVar

from .answer import Answer
from .model import Model
from .refusals import Gone, Refused

_PAUSE_S = 0.2


class Handler(BaseHTTPRequestHandler):
    """One request of the app's; each closes its connection, by which a reader that left is noticed."""

    model: ClassVar[Model]
    token: ClassVar[str]
    props: ClassVar[dict[str, Any]]

    def do_GET(self) -> None:
        self._answer({"/props": lambda _body: self.props, "/health": lambda _body: {"status": "ok"}})

    def do_POST(self) -> None:
        self._answer(
            {
                "/apply-template": lambda body: {"prompt": self.model.prompt(body)},
                "/tokenize": self._tokenize,
                "/v1/embeddings": self._embed,
                "/v1/chat/completions": self._chat,
            }
        )

    def log_message(self, *_args: Any) -> None:
        """Nothing of a request is logged."""

    def address_string(self) -> str:
        return ""

    def require_reader(self) -> None:
        """Raises Gone when the other end has closed: there is nothing more that it could send."""
        if select.select([self.connection], [], [], 0)[0] and not self.connection.recv(1, socket.MSG_PEEK):
            raise Gone

    def write(self, text: str) -> None:
        self.wfile.write(text.encode())

    def _answer(self, known: dict[str, Any]) -> None:
        with contextlib.suppress(Gone, OSError):
            try:
                self._require_token()
                if self.path not in known:
                    raise Refused(404, "There is nothing at this path.")
                told = known[self.path](self._body())
                if told is not None:
                    self._send(200, told)
            except Refused as refused:
                self._send(refused.status, {"error": refused.detail})

    def _require_token(self) -> None:
        told = self.headers.get("Authorization", "")
        if not hmac.compare_digest(told.encode("utf-8", "replace"), f"Bearer {self.token}".encode()):
            raise Refused(401, "Invalid API key.")

    def _body(self) -> dict[str, Any]:
        try:
            told = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
        except ValueError as error:
            raise Refused(400, "The request is not JSON.") from error
        if not isinstance(told, dict):
            raise Refused(400, "The request is not an object.")
        return told

    def _tokenize(self, body: dict[str, Any]) -> dict[str, Any]:
        with self.model.lock:
            return {"tokens": self.model.tokens(str(body.get("content", "")), first=bool(body.get("add_special")))}

    def _embed(self, body: dict[str, Any]) -> dict[str, Any]:
        with self.model.lock:
            vectors, read = self.model.vectors(body.get("input"))
        rows = [{"index": place, "embedding": vector} for place, vector in enumerate(vectors)]
        return {"data": rows, "usage": {"prompt_tokens": read, "total_tokens": read}}

    def _chat(self, body: dict[str, Any]) -> None:
        while not self.model.lock.acquire(timeout=_PAUSE_S):
            self.require_reader()
        try:
            answer = Answer(self.model, body, self)
            self._head(200, "text/event-stream")
            answer.send()
        finally:
            self.model.lock.release()

    def _send(self, status: int, told: dict[str, Any]) -> None:
        data = json.dumps(told).encode()
        self._head(status, "application/json", len(data))
        self.wfile.write(data)

    def _head(self, status: int, kind: str, length: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Connection", "close")
        if length is not None:
            self.send_header("Content-Length", str(length))
        self.end_headers()
