"""A small HTTP server that answers as llama.cpp's does: it prints the port it listens on; other words are ignored."""

from __future__ import annotations

import json
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

_MODEL = {"id": "smol", "object": "model", "owned_by": "llamacpp", "meta": {"n_ctx": 1024, "size": 9}}
_GETS: dict[str, Any] = {"/v1/models": {"data": [_MODEL]}, "/health": {}, "/props": {"build_info": "b99999-x"}}
_POSTS: dict[str, Any] = {"/apply-template": {"prompt": "x"}, "/tokenize": {"tokens": [1, 2, 3]}}
_EVENT = {"model": "smol", "choices": [{"delta": {"content": "Here"}, "finish_reason": "stop"}]}


class Answer(BaseHTTPRequestHandler):
    server_version = "llama.cpp"
    sys_version = ""

    def do_GET(self) -> None:
        self._send(json.dumps(_GETS[self.path]), "application/json")

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        if self.path in _POSTS:
            return self._send(json.dumps(_POSTS[self.path]), "application/json")
        return self._send(f"data: {json.dumps(_EVENT)}\n\ndata: [DONE]\n\n", "text/event-stream")

    def _send(self, text: str, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *words: object) -> None:
        pass


if __name__ == "__main__":
    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        print(server.server_address[1], flush=True)
        server.serve_forever()
