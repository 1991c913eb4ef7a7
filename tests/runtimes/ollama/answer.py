"""A small HTTP server that answers as Ollama does to /api/version and notes each body: `answer.py UID PORT FILE`."""

from __future__ import annotations

import json
import os
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path


class Answer(BaseHTTPRequestHandler):
    file: Path

    def do_GET(self) -> None:
        body = json.dumps({"version": "0.17.4"}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        with self.file.open("ab") as file:
            file.write(self.rfile.read(int(self.headers["Content-Length"])))
        self.do_GET()

    def log_message(self, *words: object) -> None:
        pass


if __name__ == "__main__":
    Answer.file = Path(sys.argv[3])
    if int(sys.argv[1]) != os.getuid():
        os.setuid(int(sys.argv[1]))
    with HTTPServer(("127.0.0.1", int(sys.argv[2])), Answer) as server:
        print(server.server_address[1], flush=True)
        server.serve_forever()
