"""A small registry of models on loopback, as a process that a test may kill: one model, `library/smol`.

`registry.py PORT GGUF BYTES_A_SECOND FAULT`: 0 a second is as fast as can be; FAULT is `corrupt`, which turns a byte of
the weights, or `none`. As the public one does it sends for each blob to another host, where ranges of it can be had."""

from __future__ import annotations

import hashlib
import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

TEMPLATE = "{{- range .Messages }}<|im_start|>{{ .Role }}\n{{ .Content }}<|im_end|>\n{{ end }}<|im_start|>assistant\n"
_PIECE = 1 << 16


def _digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


class Registry(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    blobs: dict[str, bytes] = {}  # noqa: RUF012 - one registry per process
    manifest = b""
    a_second = 0

    def do_HEAD(self) -> None:
        self._blob(send=False)

    def do_GET(self) -> None:
        if self.path == "/v2/library/smol/manifests/latest":
            self._send(200, self.manifest)
        elif self.path.startswith("/v2/library/smol/blobs/"):
            where = f"http://localhost:{self.headers['Host'].rpartition(':')[2]}/direct/{self.path.rpartition('/')[2]}"
            self._send(307, b"", {"Location": where})
        else:
            self._blob(send=True)

    def _blob(self, *, send: bool) -> None:
        data = self.blobs.get(self.path.rpartition("/")[2])
        if data is None:
            self._send(404, b'{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}')
            return
        first, last = 0, len(data) - 1
        wanted = self.headers.get("Range", "")
        if wanted:
            begin, _, end = wanted.removeprefix("bytes=").partition("-")
            first, last = int(begin), int(end or last)
        self.send_response(206 if wanted else 200)
        self.send_header("Content-Length", str(last - first + 1))
        self.end_headers()
        for at in range(first, last + 1, _PIECE) if send else ():
            self.wfile.write(data[at : min(at + _PIECE, last + 1)])
            if self.a_second:
                time.sleep(_PIECE / self.a_second)

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words: object) -> None:
        pass


def main(port: str, gguf: str, a_second: str, fault: str) -> None:
    weights = Path(gguf).read_bytes()
    named = _digest(weights)
    layers = []
    for kind, data in (
        ("model", weights),
        ("template", TEMPLATE.encode()),
        ("params", b'{"stop":["<|im_end|>"]}'),
    ):
        Registry.blobs[_digest(data)] = data
        described = {"mediaType": f"application/vnd.ollama.image.{kind}", "digest": _digest(data), "size": len(data)}
        layers.append(described)
    diffs = [layer["digest"] for layer in layers]
    told = {"model_format": "gguf", "model_family": "llama", "rootfs": {"type": "layers", "diff_ids": diffs}}
    config = json.dumps({"architecture": "amd64", "os": "linux", **told}).encode()
    Registry.blobs[_digest(config)] = config
    if fault == "corrupt":
        Registry.blobs[named] = weights[:-1] + bytes([weights[-1] ^ 1])
    kind = "application/vnd.docker.distribution.manifest.v2+json"
    head = {"mediaType": "application/vnd.docker.container.image.v1+json", "digest": _digest(config)}
    manifest = {"schemaVersion": 2, "mediaType": kind, "config": {**head, "size": len(config)}, "layers": layers}
    Registry.manifest = json.dumps(manifest).encode()
    Registry.a_second = int(a_second)
    with ThreadingHTTPServer(("127.0.0.1", int(port)), Registry) as server:
        server.daemon_threads = True
        print(server.server_address[1], flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main(*sys.argv[1:])
