"""The recording sink: a program in a network namespace of its own, where every address leads to it.

It records, a JSON object a line: each TCP connection that is tried (`syn`), each datagram (`datagram`), each other
packet (`packet`), each HTTP request as it came (`request`). Every name has one address, TLS is ended with the
certificate of the test CA. Standard library only.  sink.py RECORD CERTIFICATE"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import json
import re
import socket
import ssl
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

PLAIN, TLS = (80, 8080), (443, 8443)
ANSWER = json.dumps({"choices": [{"message": {"role": "assistant", "content": "ok"}}]}).encode()
_TCP, _UDP = 6, 17
_EVERY_PROTOCOL = 3
_SYN, _SYN_ACK = 0x02, 0x12
_SETUP = (
    "ip link set lo up",
    "ip route add local default dev lo",
    "ip -6 route add local default dev lo",
    "mount --bind {names} /etc/resolv.conf",
)


class Record:
    """What was seen, written line by line, for the judge reads it while this runs."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", buffering=1)

    def add(self, what: str, **facts: Any) -> None:
        self._file.write(json.dumps({"what": what, **facts}) + "\n")


def note_packet(record: Record, packet: bytes) -> None:
    """Whatever its port: also what nobody listens to."""
    if packet[0] >> 4 == 4:
        protocol, start = packet[9], (packet[0] & 15) * 4
        source, target = (socket.inet_ntop(socket.AF_INET, packet[at : at + 4]) for at in (12, 16))
    else:
        protocol, start = packet[6], 40
        source, target = (socket.inet_ntop(socket.AF_INET6, packet[at : at + 16]) for at in (8, 24))
    if protocol not in (_TCP, _UDP):
        record.add("packet", protocol=protocol, target=target, bytes=_text(packet))
        return
    from_port, port = struct.unpack_from(">HH", packet, start)
    ends = {"source": source, "from_port": from_port, "target": target, "port": port}
    if protocol == _UDP:
        record.add("datagram", **ends, bytes=_text(packet[start + 8 :]))
    elif packet[start + 13] & _SYN_ACK == _SYN:
        record.add("syn", **ends)


def answer_name(question: bytes) -> bytes:
    """192.0.2.1 for a question of type A, no address for any other."""
    end = question.index(b"\0", 12) + 5
    wants_address = question[end - 4 : end - 2] == b"\0\1"
    head = question[:2] + b"\x81\x80\0\1" + (b"\0\1" if wants_address else b"\0\0") + b"\0\0\0\0"
    address = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4" + socket.inet_aton("192.0.2.1")
    return head + question[12:end] + (address if wants_address else b"")


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()


class Names(asyncio.DatagramProtocol):
    """The name server of the namespace."""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        with contextlib.suppress(ValueError):
            self._transport.sendto(answer_name(data), addr)


class Web:
    """Answers every HTTP request alike, after it was recorded whole."""

    def __init__(self, record: Record) -> None:
        self._record = record

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.closing(writer), contextlib.suppress(OSError, EOFError, ValueError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                self._note(head, await _body(head, reader), writer.get_extra_info("peername")[1])
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n")
                writer.write(b"Content-Length: %d\r\n\r\n" % len(ANSWER) + ANSWER)
                await writer.drain()

    def _note(self, head: bytes, body: bytes, from_port: int) -> None:
        method, path, _ = head.decode("latin-1").split(" ", 2)
        host = re.search(rb"(?im)^host: *([^\r\n]+)", head)
        self._record.add(
            "request",
            from_port=from_port,
            method=method,
            path=path,
            host=host[1].decode() if host else "",
            size=len(body),
            sha256=hashlib.sha256(body).hexdigest(),
            bytes=_text(head + body),
        )


async def _body(head: bytes, reader: asyncio.StreamReader) -> bytes:
    if re.search(rb"(?im)^transfer-encoding: *chunked", head):
        body = b""
        while size := int((await reader.readline()).split(b";")[0], 16):
            body += (await reader.readexactly(size + 2))[:-2]
        await reader.readline()
        return body
    length = re.search(rb"(?im)^content-length: *(\d+)", head)
    return await reader.readexactly(int(length[1])) if length else b""


def _capture(note: Callable[[bytes], None]) -> socket.socket:
    """Every packet once: the loopback interface shows each one on its way out and on its way in."""
    packets = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(_EVERY_PROTOCOL))
    packets.setblocking(False)
    packets.bind(("lo", _EVERY_PROTOCOL))

    def read() -> None:
        with contextlib.suppress(BlockingIOError):
            while True:
                packet, address = packets.recvfrom(65536)
                if address[2] == socket.PACKET_OUTGOING and packet:
                    note(packet)

    asyncio.get_running_loop().add_reader(packets, read)
    return packets


async def serve(record: Record, certificate: Path) -> None:
    """Until the input ends, which is how its owner ends it."""
    trusted = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trusted.load_cert_chain(certificate)
    loop = asyncio.get_running_loop()
    packets = _capture(lambda packet: note_packet(record, packet))
    names, _ = await loop.create_datagram_endpoint(Names, local_addr=("0.0.0.0", 53))
    servers = [await asyncio.start_server(Web(record), ["0.0.0.0", "::"], port) for port in PLAIN]
    servers += [await asyncio.start_server(Web(record), ["0.0.0.0", "::"], port, ssl=trusted) for port in TLS]
    print("ready", flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    names.close()
    packets.close()
    for server in servers:
        server.close()


def main() -> None:
    record, certificate = Path(sys.argv[1]), Path(sys.argv[2])
    names = record.with_name("resolv.conf")
    names.write_text("nameserver 192.0.2.53\noptions timeout:2 attempts:1\n")
    for command in _SETUP:
        subprocess.run(command.format(names=names).split(), check=True)
    asyncio.run(serve(Record(record), certificate))


if __name__ == "__main__":
    main()
