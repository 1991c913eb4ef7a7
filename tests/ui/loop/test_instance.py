"""One window per profile, whatever the others do: start at once, die, hang, or belong to another user."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from aqe_desktop.core.errors import StorageFailed
from aqe_desktop.locks import FileLock
from aqe_desktop.ui import instance

_SEAT = Path(__file__).with_name("seat.py")
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def run_folder() -> Path:
    folder = Path(os.environ["XDG_RUNTIME_DIR"]) / "run"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def start(run_folder: Path) -> Iterator[Start]:
    started: list[subprocess.Popen[str]] = []

    def one(at: float = 0.0, patience: float = 15.0) -> subprocess.Popen[str]:
        command = [sys.executable, os.fspath(_SEAT), os.fspath(run_folder), str(at), str(patience)]
        started.append(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
        return started[-1]

    yield one
    for process in started:
        process.kill()
        process.communicate()


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_the_second_start_raises_the_first_and_ends_with_0(start: Start) -> None:
    first = start()
    assert line(first) == "seat"
    for _ in range(2):
        second = start()
        assert second.communicate(timeout=30)[0].strip() == "knocked"
        assert second.returncode == 0
        assert line(first) == "raised"


@pytest.mark.parametrize("number", [2, 6])
def test_of_those_started_at_the_same_instant_exactly_one_gets_the_window(start: Start, number: int) -> None:
    at = time.time() + 1.0
    several = [start(at) for _ in range(number)]
    said = sorted(line(process) for process in several)
    assert said == [*["knocked"] * (number - 1), "seat"]


def test_a_seat_whose_holder_was_killed_is_taken_over(start: Start, run_folder: Path) -> None:
    first = start()
    assert line(first) == "seat"
    first.kill()
    first.wait()
    assert (run_folder / "window.sock").exists()
    second = start()
    assert line(second) == "seat"
    assert start().communicate(timeout=30)[0].strip() == "knocked"


def test_a_start_while_the_first_is_closing_gets_the_seat(start: Start, run_folder: Path) -> None:
    """The socket is gone, the lock is still held: the second waits for its turn."""
    seat = instance.claim(run_folder)
    assert seat is not None
    (run_folder / "window.sock").unlink()
    second = start()
    time.sleep(0.5)
    seat.close()
    assert line(second) == "seat"


def test_a_window_that_hangs_is_named_by_its_process(start: Start) -> None:
    first = start()
    assert line(first) == "seat"
    first.send_signal(signal.SIGSTOP)
    second = start(0.0, 0.3)
    said = second.communicate(timeout=30)[0]
    assert "does not answer" in said
    assert f"process {first.pid} " in said
    assert second.returncode == 4
    first.send_signal(signal.SIGCONT)


def test_the_socket_is_private_and_goes_with_the_window(run_folder: Path) -> None:
    seat = instance.claim(run_folder)
    assert seat is not None
    assert stat.S_IMODE((run_folder / "window.sock").stat().st_mode) == 0o600
    seat.close()
    assert not (run_folder / "window.sock").exists()


def test_a_run_folder_that_cannot_be_used_is_explained(tmp_path: Path) -> None:
    with pytest.raises(StorageFailed, match="run folder"):
        instance.claim(tmp_path / "missing")


async def test_another_user_is_refused(run_folder: Path) -> None:
    """Doors opened wide on purpose: the kernel's word on the peer must do."""
    assert os.getuid() == 0, "changing to another user needs root; the test machines run as root"
    seat = instance.claim(run_folder)
    assert seat is not None
    raised: list[int] = []
    await seat.serve(lambda: raised.append(1))
    open_wide(run_folder)
    assert await knock_as(65534, run_folder / "window.sock") == b""
    assert not raised
    assert await knock_as(0, run_folder / "window.sock") == instance.RAISED
    assert raised == [1]
    seat.close()


@pytest.mark.parametrize("words", [b"", b"raise", b"drop\n", b"x" * 1000 + b"\n", b"\x00\xff\n"])
async def test_other_words_are_ignored(run_folder: Path, words: bytes) -> None:
    seat = instance.claim(run_folder)
    assert seat is not None
    raised: list[int] = []
    await seat.serve(lambda: raised.append(1))
    reader, writer = await asyncio.open_unix_connection(run_folder / "window.sock")
    writer.write(words)
    writer.write_eof()
    answer = b""
    with contextlib.suppress(ConnectionResetError):
        answer = await reader.read()
    writer.close()
    assert (answer, raised) == (b"", [])
    seat.close()


async def knock_as(user: int, path: Path) -> bytes:
    """What the window answers to a knock of that user; empty when it hangs up."""
    code = f"""
import os, socket
os.setuid({user})
line = socket.socket(socket.AF_UNIX)
line.settimeout(20)
line.connect({os.fspath(path)!r})
try:
    line.sendall(b"raise\\n")
    os.write(1, line.recv(20))
except (ConnectionResetError, BrokenPipeError):
    pass
"""
    child = await asyncio.create_subprocess_exec(sys.executable, "-Sc", code, stdout=asyncio.subprocess.PIPE)
    out, _ = await child.communicate()
    assert child.returncode == 0
    return out


def test_a_start_believes_no_window_of_another_user(run_folder: Path) -> None:
    """Another user's process put a socket there and says "raised" to everybody."""
    lock = FileLock(run_folder / "window.lock")
    assert lock.try_exclusive()
    open_wide(run_folder)
    code = f"""
import os, socket
os.setuid(65534)
door = socket.socket(socket.AF_UNIX)
door.bind({os.fspath(run_folder / "window.sock")!r})
os.chmod({os.fspath(run_folder / "window.sock")!r}, 0o666)
door.listen()
os.write(1, b"open\\n")
while True:
    door.accept()[0].sendall(b"raised\\n")
"""
    with subprocess.Popen([sys.executable, "-Sc", code], stdout=subprocess.PIPE, text=True) as impostor:
        assert line(impostor) == "open"
        with pytest.raises(instance.WindowHangs):
            instance.claim(run_folder, patience=0.3)
        impostor.kill()
    lock.release()


def open_wide(run_folder: Path) -> None:
    """Take away what else keeps others out, so that only the check of the peer is left."""
    run_folder.parent.chmod(0o755)
    run_folder.chmod(0o777)
    for socket_file in run_folder.glob("*.sock"):
        socket_file.chmod(0o666)
