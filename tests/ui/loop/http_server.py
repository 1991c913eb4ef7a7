"""A local HTTP/1.1 server on a Unix socket for the soak test: every request gets a short stream of chunks."""

from __future__ import annotations

import asyncio
import contextlib
import sys

_HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
_CHUNKS = b"".join(b"%x\r\n%s\r\n" % (len(text), text) for text in (b"data: one\n\n", b"data: two\n\n")) + b"0\r\n\r\n"


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.closing(writer), contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(
                (int(line[15:]) for line in head.lower().split(b"\r\n") if line[:15] == b"content-length:"), 0
            )
            await reader.readexactly(length)
            writer.write(_HEAD + _CHUNKS)
            await writer.drain()


async def main() -> None:
    server = await asyncio.start_unix_server(answer, sys.argv[1])
    sys.stdout.write("up\n")
    sys.stdout.flush()
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
