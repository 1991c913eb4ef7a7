from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from shutil import copyfile

import pytest

from aqe_desktop.machine import sockets
from aqe_desktop.machine.sockets import Holder, parsed

TCP = """  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:2CAA 00000000:0000 0A 00000000:00000000 00:00000000 00000000   998        0 41000 1 0 100 0 0 10 0
   1: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 41001 1 0 100 0 0 10 0
   2: 0100007F:2CAA 0100007F:D431 01 00000000:00000000 00:00000000 00000000   998        0 41002 1 0 20 4 30 10 -1
 a line that is none
   3: 0100007F:XX 0 0A
"""
TCP6 = """  sl  local_address                         remote_address                        st tx_queue rx_queue
   0: 00000000000000000000000000000000:2CAA 00000000000000000000000000000000:0000 0A 0:0 0:0 0 1000 0 41003 1 0 100
   1: 0000000000000000FFFF00000100007F:2CAB 00000000000000000000000000000000:0000 0A 0:0 0:0 0 1000 0 41004 1 0 100
   2: 00000000000000000000000001000000:2CAA 00000000000000000000000000000000:0000 0A 0:0 0:0 0 1000 0 41005 1 0 100
"""
_HOLDS = """
import os, socket, sys, time
uid = int(sys.argv[1])
if uid: os.setuid(uid)
server = socket.socket()
server.bind((sys.argv[2], 0)); server.listen()
print(server.getsockname()[1], flush=True)
kept = []
while True: kept.append(server.accept())
"""
Started = Callable[..., tuple[subprocess.Popen[str], int]]


@pytest.fixture
def holding() -> Iterator[Started]:
    """Starts a process that listens, as another user where one is named; ends it afterwards."""
    with ExitStack() as stack:

        def start(
            python: str = sys.executable, uid: int = 0, host: str = "127.0.0.1"
        ) -> tuple[subprocess.Popen[str], int]:
            words = [python, "-I", "-c", _HOLDS, str(uid), host]
            process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd="/")
            stack.callback(_end, process)
            assert process.stdout is not None
            return process, int(process.stdout.readline())

        yield start


def _end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


def _only(holders: tuple[Holder, ...] | None) -> Holder:
    assert holders is not None
    assert len(holders) == 1
    return holders[0]


def test_the_kernels_table_is_read() -> None:
    rows = parsed(TCP)
    assert [(row.local, row.state, row.uid, row.inode) for row in rows] == [
        ((b"\x7f\0\0\1", 11434), "0A", 998, 41000),
        ((bytes(4), 8080), "0A", 0, 41001),
        ((b"\x7f\0\0\1", 11434), "01", 998, 41002),
    ]
    assert rows[2].remote == (b"\x7f\0\0\1", 54321)
    assert [row.local for row in parsed(TCP6)] == [
        (bytes(16), 11434),
        (bytes(10) + b"\xff\xff\x7f\0\0\1", 11435),
        (bytes(15) + b"\1", 11434),
    ]


def test_whatever_could_take_the_connection_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also a wildcard of IPv6, and an IPv4 address as IPv6 sees it; not ::1 alone."""
    (tmp_path / "net").mkdir()
    (tmp_path / "net/tcp").write_text(TCP)
    (tmp_path / "net/tcp6").write_text(TCP6)
    monkeypatch.setattr(sockets, "PROC", tmp_path)
    assert sockets.listeners(11434) == (Holder(998, 41000), Holder(1000, 41003, everywhere=True))
    assert sockets.listeners(11435) == (Holder(1000, 41004),)
    assert sockets.listeners(8080) == (Holder(0, 41001, everywhere=True),)
    assert sockets.listeners(1) == ()


def test_where_there_is_no_table_nobody_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "PROC", tmp_path)
    assert sockets.listeners(11434) is None


def test_a_listener_is_known_by_its_process_and_program(holding: Started) -> None:
    process, port = holding()
    holder = _only(sockets.listeners(port))
    (found,) = holder.processes
    assert (holder.uid, found.uid, found.pid) == (os.getuid(), os.getuid(), process.pid)
    assert found.binary == sockets.identity(Path(sys.executable))
    assert found.argv[1:3] == ("-I", "-c")
    assert found.started == sockets.started(process.pid)
    assert not holder.everywhere


def test_a_forwarder_under_another_name_is_no_other_program(holding: Started, tmp_path: Path) -> None:
    """It may call itself what it likes: the file that it runs is another."""
    named = tmp_path / "ollama"
    named.symlink_to(sys.executable)
    process = subprocess.Popen(
        [str(named), "-I", "-c", _HOLDS, "0", "127.0.0.1"], stdout=subprocess.PIPE, text=True, cwd="/"
    )
    assert process.stdout is not None
    try:
        (found,) = _only(sockets.listeners(int(process.stdout.readline()))).processes
    finally:
        _end(process)
    genuine = tmp_path / "genuine"
    copyfile(sys.executable, genuine)
    assert found.argv[0] == str(named)
    assert found.binary != sockets.identity(genuine)


def test_another_users_socket_is_theirs(holding: Started) -> None:
    """Only root can start one as another; for anybody else it is their own."""
    uid = 65534 if os.getuid() == 0 else os.getuid()
    _, port = holding(python="/usr/bin/python3", uid=uid)
    assert _only(sockets.listeners(port)).uid == uid


async def test_the_other_end_of_a_connection_is_known_once_it_is_taken(holding: Started) -> None:
    process, port = holding()
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    client = writer.get_extra_info("sockname")[1]
    for _ in range(200):
        if (holder := sockets.server_end(client, port)) is not None:
            break
        await asyncio.sleep(0.01)
    assert holder is not None
    assert [each.pid for each in holder.processes] == [process.pid]
    assert sockets.server_end(client, port, process.pid) == holder
    assert sockets.server_end(client, port, os.getpid()) == holder, "a guess that is wrong changes nothing"
    assert sockets.server_end(client, port + 1) is None
    writer.close()


def test_a_connection_that_nobody_has_taken_has_no_owner() -> None:
    with socket.socket() as server, socket.socket() as client:
        server.bind(("127.0.0.1", 0))
        server.listen()
        client.connect(server.getsockname())
        assert sockets.server_end(client.getsockname()[1], server.getsockname()[1]) is None
        taken, _ = server.accept()
        with taken:
            holder = sockets.server_end(client.getsockname()[1], server.getsockname()[1])
            assert holder is not None
            assert [each.pid for each in holder.processes] == [os.getpid()]


def test_a_socket_that_two_processes_hold_names_both(holding: Started) -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        heir = subprocess.Popen(["/bin/sleep", "60"], pass_fds=[server.fileno()])
        try:
            holder = _only(sockets.listeners(server.getsockname()[1]))
        finally:
            heir.kill()
            heir.wait()
    assert {each.pid for each in holder.processes} == {os.getpid(), heir.pid}


def test_a_process_is_its_number_and_its_start(holding: Started) -> None:
    process, _ = holding()
    before = sockets.process(process.pid)
    assert before is not None
    process.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 10
    while sockets.started(process.pid) is not None:
        assert time.monotonic() < deadline
    assert sockets.process(process.pid) is None, "a zombie serves nobody"


def test_a_session_is_found_by_its_number() -> None:
    leader = subprocess.Popen(["/bin/sh", "-c", "sleep 60 & wait"], start_new_session=True)
    try:
        deadline = time.monotonic() + 10
        while len(sockets.of_session(leader.pid)) < 2:
            assert time.monotonic() < deadline
        assert {each.exe for each in sockets.of_session(leader.pid)} <= {
            os.path.realpath("/bin/sh"),
            os.path.realpath("/bin/sleep"),
        }
    finally:
        os.killpg(leader.pid, signal.SIGKILL)
        leader.wait()
    deadline = time.monotonic() + 10
    while sockets.of_session(leader.pid):
        assert time.monotonic() < deadline


def test_a_unit_is_active_where_it_has_processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sockets, "CGROUPS", tmp_path)
    assert sockets.members("ollama.service") == ()
    (tmp_path / "system.slice/ollama.service").mkdir(parents=True)
    (tmp_path / "system.slice/ollama.service/cgroup.procs").write_text("12\n34\n")
    assert sockets.members("ollama.service") == (12, 34)
