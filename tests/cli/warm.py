"""`aqe` as processes whose imports are done: forked, one per command, from one that has loaded the app and run nothing.

A command has streams, a folder, an environment, signals and an end of its own, as any process. Only the half second of
imports, the same each time, is spent once; what tests start by `Command.start` or by `AQE` still spends it."""

from __future__ import annotations

import gc
import json
import os
import pkgutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

PATIENCE_S = 120
_ROOT = Path(__file__).parents[2]
_LENGTH = 8


class Warm:
    """The client's end. One command at a time."""

    def __init__(self, line: socket.socket) -> None:
        self._line = line
        self._line.settimeout(PATIENCE_S)

    def run(self, words: Sequence[str], folder: Path, given: bytes) -> tuple[int, bytes, bytes]:
        """The exit code, negative for a signal as in subprocess, and what came on both streams."""
        theirs, ours = zip(os.pipe(), *(end[::-1] for end in (os.pipe(), os.pipe())), strict=True)
        order = json.dumps([list(words), str(folder), dict(os.environ)]).encode()
        socket.send_fds(self._line, [len(order).to_bytes(_LENGTH)], theirs)
        self._line.sendall(order)
        for number in theirs:
            os.close(number)
        got: dict[int, bytes] = {}
        threads = [threading.Thread(target=_write, args=(ours[0], given))]
        threads += [threading.Thread(target=_read, args=(number, got)) for number in ours[1:]]
        for thread in threads:
            thread.start()
        code = int.from_bytes(self._line.recv(_LENGTH), signed=True)
        for thread in threads:
            thread.join(PATIENCE_S)
        return code, got[ours[1]], got[ours[2]]


@contextmanager
def warm() -> Iterator[Warm]:
    ours, theirs = socket.socketpair()
    command = [sys.executable, "-m", "tests.cli.warm", str(theirs.fileno())]
    # Pipes, as a command's own streams are: what Python makes of a stream at its start depends on its kind.
    with (
        ours,
        subprocess.Popen(
            command,
            pass_fds=[theirs.fileno()],
            cwd=_ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as server,
    ):
        theirs.close()
        yield Warm(ours)
        ours.close()
        _, complaints = server.communicate(timeout=PATIENCE_S)
    assert (server.returncode, complaints) == (0, b"")


def _write(number: int, data: bytes) -> None:
    with open(number, "wb", buffering=0) as stream:
        rest = memoryview(data)
        try:
            while rest:
                rest = rest[stream.write(rest) :]
        except BrokenPipeError:  # nobody asked for all of it
            pass


def _read(number: int, into: dict[int, bytes]) -> None:
    with open(number, "rb") as stream:
        into[number] = stream.read()


def _import_all() -> None:
    """Whatever a command may import late: it is loaded as it was, and nothing of it has run."""
    import aqe_desktop

    for found in pkgutil.walk_packages(aqe_desktop.__path__, "aqe_desktop.", onerror=lambda name: None):
        if not found.name.startswith("aqe_desktop.ui") and not found.name.endswith("__main__"):
            import_module(found.name)
    for name in ("apsw", "httpx", "hyperscan", "pydantic"):
        import_module(name)


def _serve(line: socket.socket) -> int:
    """Returns in the child of each command with its exit code, and in the server at the end with 0."""
    while True:
        head, streams, _, _ = socket.recv_fds(line, _LENGTH, 3)
        if not head:
            return 0
        order = b""
        while len(order) < int.from_bytes(head):
            order += line.recv(1 << 20)
        child = os.fork()
        if not child:
            line.close()
            words, folder, environment = json.loads(order)
            return _command(words, folder, environment, streams)
        for number in streams:
            os.close(number)
        _, status = os.waitpid(child, 0)
        line.sendall(os.waitstatus_to_exitcode(status).to_bytes(_LENGTH, signed=True))


def _command(words: list[str], folder: str, environment: dict[str, str], streams: Sequence[int]) -> int:
    from aqe_desktop.cli.main import main

    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    return main(words)


if __name__ == "__main__":
    _import_all()
    gc.freeze()  # else the first collection of each command touches, and so copies, all that was imported
    raise SystemExit(_serve(socket.socket(fileno=int(sys.argv[1]))))
