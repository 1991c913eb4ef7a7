"""The recording sink: a program in a network namespace of its own, where every address leads to it.

It records, a JSON object a line: each TCP connection that is tried (`syn`), each datagram (`datagram`), each other
packet (`packet`), each HTTP request as it came (`request`), whatever else a connection carried (`stray`), and how many
packets it had no room for (`lost`). Every name has one address, TLS is ended with the certificate of the test CA. A
line on its input is answered by one on its output when no connection is open and all that was sent is recorded.
Standard library only.  sink.py RECORD CERTIFICATE"""

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
ADDRESS = "192.0.2.1"
# As good for a question as for a list of models.
ANSWER = json.dumps(
    {
        "choices": [{"message": {"role": "assistant", "content": "ok"}}],
        "data": [{"id": "org/large", "object": "model", "owned_by": "vllm"}],
        "models": [{"name": "org/large:latest"}],
    }
).encode()
_TCP, _UDP = 6, 17
_EVERY_PROTOCOL, _IP = 3, {0x0800: 4, 0x86DD: 6}
_FRAGMENT = 0x3FFF
_SOL_PACKET, _STATISTICS, _BUFFER_FORCED = 263, 6, 33
_HELD = 16 << 20
_LARGEST = 1 << 17
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


class Packets:
    """Sorts packets, whatever their port: also what nobody listens to, and what nobody can read."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._tried: set[tuple[str, int, str, int]] = set()

    def note(self, packet: bytes, kind: int) -> None:
        """A packet of that EtherType."""
        try:
            self._read(packet, kind)
        except (ValueError, IndexError, struct.error):
            self._record.add("packet", protocol=f"0x{kind:04x}, unreadable", target="?", bytes=_text(packet))

    def _read(self, packet: bytes, kind: int) -> None:
        if packet[0] >> 4 != _IP.get(kind):
            raise ValueError
        protocol, start, source, target = _addresses(packet)
        if protocol not in (_TCP, _UDP):
            self._record.add("packet", protocol=protocol, target=target, bytes=_text(packet))
            return
        from_port, port = struct.unpack_from(">HH", packet, start)
        ends = {"source": source, "from_port": from_port, "target": target, "port": port}
        if protocol == _UDP:
            self._datagram(packet[start:], ends)
        else:
            self._segment(packet[start:], ends)

    def _datagram(self, datagram: bytes, ends: dict[str, Any]) -> None:
        if len(datagram) < 8:
            raise ValueError
        self._record.add("datagram", **ends, bytes=_text(datagram[8:]))

    def _segment(self, segment: bytes, ends: dict[str, Any]) -> None:
        """Beginnings are told by their first number, for the same ends may meet again. What belongs to no beginning
        was made by hand."""
        source, from_port, target, port = ends.values()
        if segment[13] & _SYN_ACK == _SYN:
            self._tried.add((source, from_port, target, port))
            self._record.add("syn", **ends, first=int.from_bytes(segment[4:8], "big"))
        elif not self._tried & {(source, from_port, target, port), (target, port, source, from_port)}:
            self._record.add("packet", protocol=_TCP, target=target, bytes=_text(segment))


def _addresses(packet: bytes) -> tuple[int, int, str, str]:
    """Protocol, where its header starts, source and target. Raises ValueError for a fragment: none is made here, for
    the loopback interface takes the largest packet whole."""
    if packet[0] >> 4 == 4:
        if int.from_bytes(packet[6:8], "big") & _FRAGMENT:
            raise ValueError
        source, target = (socket.inet_ntop(socket.AF_INET, packet[at : at + 4]) for at in (12, 16))
        return packet[9], (packet[0] & 15) * 4, source, target
    source, target = (socket.inet_ntop(socket.AF_INET6, packet[at : at + 16]) for at in (8, 24))
    return packet[6], 40, source, target


def answer_name(question: bytes) -> bytes:
    """192.0.2.1 for a question of type A, no address for any other."""
    end = question.index(b"\0", 12) + 5
    wants_address = question[end - 4 : end - 2] == b"\0\1"
    head = question[:2] + b"\x81\x80\0\1" + (b"\0\1" if wants_address else b"\0\0") + b"\0\0\0\0"
    address = b"\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4" + socket.inet_aton(ADDRESS)
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


class Wire:
    """What came over one connection; `taken` is what no request was made of yet."""

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self._reader = reader
        self.taken = b""

    async def until(self, end: bytes) -> bytes:
        """Everything up to that and with it."""
        start = len(self.taken)
        while not self.taken.endswith(end):
            await self.exactly(1)
        return self.taken[start:]

    async def exactly(self, size: int) -> bytes:
        """Raises EOFError for less."""
        try:
            got = await self._reader.readexactly(size)
        except asyncio.IncompleteReadError as error:
            self.taken += error.partial
            raise
        self.taken += got
        return got

    async def rest(self) -> bytes:
        """All that was taken and still comes. Raises OSError for a connection that is broken off: what was under way
        then is lost."""
        while got := await self._reader.read(_LARGEST):
            self.taken += got
        return self.taken


class Web:
    """Answers every HTTP request alike, after it was recorded whole; what is no request is recorded as stray."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._connections = 0
        self._open = 0
        self._idle = asyncio.Event()
        self._idle.set()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections += 1
        self._open += 1
        self._idle.clear()
        wire, ends = Wire(reader), {**_ends(writer), "connection": self._connections}
        with contextlib.closing(writer), contextlib.suppress(OSError):
            whole = False
            try:
                await self._serve(wire, writer, ends)
            except (EOFError, ValueError):
                whole = not await wire.rest()
            finally:
                if not whole:
                    self._record.add("stray", **ends, bytes=_text(wire.taken))
                self._open -= 1
                if not self._open:
                    self._idle.set()

    async def settled(self) -> None:
        """No connection is open; what the kernel still holds is read in a few more turns of the loop."""
        for _ in range(10):
            await asyncio.sleep(0.02)
            await self._idle.wait()

    async def _serve(self, wire: Wire, writer: asyncio.StreamWriter, ends: dict[str, Any]) -> None:
        while True:
            self._note(await wire.until(b"\r\n\r\n"), await _body(wire), wire.taken, ends)
            wire.taken = b""
            head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(ANSWER)
            writer.write(head + ANSWER)
            await writer.drain()

    def _note(self, head: bytes, body: bytes, whole: bytes, ends: dict[str, Any]) -> None:
        """Raises ValueError where the head is none. The body is kept beside the whole, for chunks may part a text."""
        line = re.match(rb"([A-Z]+) (\S+) HTTP/1\.1\r\n", head)
        if not line:
            raise ValueError
        host = re.search(rb"(?im)^host: *([^\r\n]+)", head)
        self._record.add(
            "request",
            **ends,
            method=line[1].decode(),
            path=line[2].decode("latin-1"),
            host=host[1].decode("latin-1") if host else "",
            size=len(body),
            sha256=hashlib.sha256(body).hexdigest(),
            bytes=_text(whole + b"\n" + body),
        )


def _ends(writer: asyncio.StreamWriter) -> dict[str, Any]:
    """As a packet has them: the target is the address that was asked for, for every address leads here."""
    source, target = writer.get_extra_info("peername"), writer.get_extra_info("sockname")
    return {"source": source[0], "from_port": source[1], "target": target[0], "port": target[1]}


async def _body(wire: Wire) -> bytes:
    """Raises ValueError for chunks that carry more than the body."""
    head = wire.taken
    if re.search(rb"(?im)^transfer-encoding: *chunked", head):
        body = b""
        while size := _size_of_chunk(await wire.until(b"\r\n")):
            body += (await wire.exactly(size + 2))[:-2]
        if await wire.exactly(2) != b"\r\n":
            raise ValueError
        return body
    length = re.search(rb"(?im)^content-length: *(\d+)", head)
    return await wire.exactly(int(length[1])) if length else b""


def _size_of_chunk(line: bytes) -> int:
    if not re.fullmatch(rb"[0-9a-fA-F]{1,8}\r\n", line):
        raise ValueError
    return int(line, 16)


def _capture(note: Callable[[bytes, int], None]) -> socket.socket:
    """Every packet once: the loopback interface shows each one on its way out and on its way in."""
    packets = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(_EVERY_PROTOCOL))
    packets.setblocking(False)
    packets.setsockopt(socket.SOL_SOCKET, _BUFFER_FORCED, _HELD)
    packets.bind(("lo", _EVERY_PROTOCOL))

    def read() -> None:
        with contextlib.suppress(BlockingIOError):
            while True:
                packet, address = packets.recvfrom(_LARGEST)
                if address[2] == socket.PACKET_OUTGOING:
                    note(packet, address[1])

    asyncio.get_running_loop().add_reader(packets, read)
    return packets


def _note_losses(record: Record, packets: socket.socket) -> None:
    """Since it was asked last: what the capture had no room for."""
    _, lost = struct.unpack("II", packets.getsockopt(_SOL_PACKET, _STATISTICS, 8))
    if lost:
        record.add("lost", packets=lost)


async def serve(record: Record, certificate: Path) -> None:
    """Until the input ends, which is how its owner ends it."""
    trusted = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trusted.load_cert_chain(certificate)
    loop = asyncio.get_running_loop()
    packets = _capture(Packets(record).note)
    names, _ = await loop.create_datagram_endpoint(Names, local_addr=("0.0.0.0", 53))
    web = Web(record)
    servers = [await asyncio.start_server(web, ["0.0.0.0", "::"], port) for port in PLAIN]
    servers += [await asyncio.start_server(web, ["0.0.0.0", "::"], port, ssl=trusted) for port in TLS]
    print("ready", flush=True)
    while await loop.run_in_executor(None, sys.stdin.readline):
        await web.settled()
        _note_losses(record, packets)
        print("settled", flush=True)
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
