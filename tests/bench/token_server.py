"""An engine's wire without an engine: a Unix socket that answers every request with the same tokens at a steady rate.

    python token_server.py SOCKET TOKENS RATE

In the form and with the framing of the recorded streams of xllamacpp: one event per token, one chunk per event."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.bench.transcript_answer import answer

_ABOUT = {"created": 1795463086, "id": "chatcmpl-IWjSU4Ctmc1l9nIB0ABSbzedVLOfd7pq", "object": "chat.completion.chunk"}
_ABOUT |= {"model": "bench.gguf", "system_fingerprint": "b0-unknown"}
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


def _chunk(data: str) -> bytes:
    event = f"data: {data}\n\n".encode()
    return f"{len(event):x}\r\n".encode() + event + b"\r\n"


def _token(text: str) -> bytes:
    return _chunk(json.dumps({"choices": [{"finish_reason": None, "index": 0, "delta": {"content": text}}], **_ABOUT}))


def _end(count: int) -> bytes:
    usage = {"completion_tokens": count, "prompt_tokens": 30, "total_tokens": count + 30}
    last = {"choices": [{"finish_reason": "stop", "index": 0, "delta": {}}], **_ABOUT, "usage": usage}
    return _chunk(json.dumps(last)) + _chunk("[DONE]") + b"0\r\n\r\n"


class Server:
    """The tokens are made once, so that a request costs this process little besides the sending."""

    def __init__(self, tokens: int, rate: int) -> None:
        self._tokens = [_token(text) for text in answer(tokens)]
        self._rate = rate

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0]))
        writer.write(_HEAD)
        started, sent = time.perf_counter(), 0
        while sent < len(self._tokens):
            due = min(len(self._tokens), int((time.perf_counter() - started) * self._rate))
            for token in self._tokens[sent:due]:
                writer.write(token)
            sent = due
            await writer.drain()
            await asyncio.sleep(0.001)
        writer.write(_end(len(self._tokens)))
        await writer.drain()
        writer.close()


async def main() -> None:
    server = Server(int(sys.argv[2]), int(sys.argv[3]))
    async with await asyncio.start_unix_server(server.serve, sys.argv[1]):
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


asyncio.run(main())
