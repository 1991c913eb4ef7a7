"""With a genuine Ollama: marked long, for its program is built by `make parts`."""

from __future__ import annotations

import asyncio
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from aqe_desktop.core.errors import ProviderFailed, Unreachable, UsageError
from aqe_desktop.core.models import Proof, Zone
from aqe_desktop.machine import sockets
from aqe_desktop.machine.paths import find_paths
from aqe_desktop.runtimes.ollama import started
from aqe_desktop.runtimes.ollama.places import Endpoint
from aqe_desktop.runtimes.ollama.server import Options, Server
from tests.doors import local_door
from tests.parts import ollama_binary
from tests.runtimes.ollama.real import (
    environment,
    free_port,
    load,
    real_server,
    running,
    session,
    until,
    with_model,
)

pytestmark = pytest.mark.long
_ROOT = Path(__file__).parents[3]
_FORWARD = str(Path(__file__).parent / "forward.py")


def _record() -> started.Record:
    record = started.running(find_paths().run)
    assert record is not None
    return record


def _begun(*words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(words, stdout=subprocess.DEVNULL, start_new_session=True)


def _gone(processes: tuple[sockets.Process, ...]) -> bool:
    return all(sockets.started(each.pid) != each.started for each in processes)


@contextmanager
def another_process(folder: Path, then: str, port: int) -> Iterator[subprocess.Popen[str]]:
    """A second process of this profile that starts the server, ready when it has."""
    words = [str(port), str(ollama_binary()), environment(folder)["HOME"], then]
    command = [sys.executable, "-m", "tests.runtimes.ollama.start_program", *words]
    process = subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert int(process.stdout.readline()) > 0
        yield process
    finally:
        process.kill()
        process.communicate()


@contextmanager
def by_hand(folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Somebody's own `ollama serve`."""
    told = {**environment(folder), "OLLAMA_HOST": f"127.0.0.1:{port}"}
    process = subprocess.Popen(
        [str(ollama_binary()), "serve"], env=told, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(10)


async def test_a_server_of_ours_starts_answers_and_ends_with_its_runner(tmp_path: Path, starter_model: Path) -> None:
    async with running(tmp_path) as server:
        place = await server.place("")
        assert (place.zone, place.proof) == (Zone.DEVICE, Proof.PROVED)
        assert await server.version() == "0.17.4"
        assert server.ours
        await with_model(server, starter_model)
        await load(server)
        all_of_it = session(server)
        assert len(all_of_it) == 2
        await server.stop()
        assert _gone(all_of_it)
        assert (await server.find(), server.ours)[1] is False
        with pytest.raises(Unreachable, match="No Ollama server runs"):
            await server.version()
        assert not (find_paths().run / started.RECORD).exists()


async def test_its_surroundings_hold_no_key_and_its_cloud_is_off(tmp_path: Path) -> None:
    async with running(tmp_path) as server:
        assert server.pid is not None
        told = Path(f"/proc/{server.pid}/environ").read_bytes()
        assert b"canary" not in told
        assert b"OLLAMA_NO_CLOUD=1" in told
        assert await server.cloud_off() is True
        assert await server.warnings(await server.version()) == ()
        log = find_paths().logs / started.LOG
        assert stat.S_IMODE(log.stat().st_mode) == 0o600
        assert "Listening on" in await anext(line async for line in server.logs() if "Listening" in line)


async def test_a_wanted_cloud_is_left_on(tmp_path: Path) -> None:
    async with running(tmp_path, cloud=True) as server:
        assert await server.cloud_off() is False
        assert await server.warnings("0.17.4") == ()


async def test_a_start_where_one_of_ours_runs_is_free(tmp_path: Path) -> None:
    async with running(tmp_path) as server:
        pid = server.pid
        await server.start()
        other = real_server(tmp_path)
        await other.start()
        assert (server.pid, other.pid) == (pid, pid)
        assert other.endpoint == server.endpoint
        await other.aclose()
        assert await server.version()


async def test_two_starts_at_once_make_one_server(tmp_path: Path) -> None:
    one, two = real_server(tmp_path), real_server(tmp_path)
    try:
        await asyncio.gather(one.start(), two.start())
        assert one.endpoint == two.endpoint
        assert one.pid == two.pid
    finally:
        await one.stop()
        await two.aclose()
        await one.aclose()


async def test_a_kill_of_the_app_leaves_no_server_and_no_runner(tmp_path: Path, starter_model: Path) -> None:
    with another_process(tmp_path, "stay", port=free_port()) as app:
        server = real_server(tmp_path)
        await server.find()
        await with_model(server, starter_model)
        await load(server)
        left = session(server)
        assert len(left) == 2
        app.send_signal(signal.SIGKILL)
        await until(lambda: _gone(left))
        await until(lambda: not started.is_starting(find_paths().run))
    assert not (await server.find(), server.ours)[1]


async def test_a_kill_of_the_keeper_leaves_no_server_and_no_runner(tmp_path: Path, starter_model: Path) -> None:
    async with running(tmp_path) as server:
        await with_model(server, starter_model)
        await load(server)
        left = session(server)
        os.kill(_record().keeper, signal.SIGKILL)
        await until(lambda: _gone(left))


async def test_a_kill_of_the_server_leaves_no_runner(tmp_path: Path, starter_model: Path) -> None:
    async with running(tmp_path) as server:
        await with_model(server, starter_model)
        await load(server)
        left = session(server)
        os.kill(_record().server, signal.SIGKILL)
        await until(lambda: _gone(left))
        await until(lambda: not started.is_starting(find_paths().run))
        await server.start()
        assert await server.version()


async def test_a_runner_that_outlived_both_is_found_at_the_next_start(tmp_path: Path, starter_model: Path) -> None:
    async with running(tmp_path) as server:
        await with_model(server, starter_model)
        await load(server)
        record, left = _record(), session(server)
        os.kill(record.keeper, signal.SIGSTOP)
        os.kill(record.server, signal.SIGKILL)
        os.kill(record.keeper, signal.SIGKILL)
        (runner,) = (each for each in left if each.pid != record.server)
        await until(lambda: not started.is_starting(find_paths().run))
        assert sockets.started(runner.pid) == runner.started
        await real_server(tmp_path).find()
        assert _gone((runner,))
        assert not (find_paths().run / started.RECORD).exists()


async def test_what_a_stale_record_names_is_left_alone(tmp_path: Path) -> None:
    """Its number is another process's by now: of another start, or of another program."""
    innocent = _begun("/bin/sleep", "60")
    begun = sockets.started(innocent.pid)
    assert begun is not None
    run = find_paths().run
    run.mkdir(parents=True)
    try:
        for server_started in (begun - 5, begun):
            record = started.Record(innocent.pid, 1, innocent.pid, server_started, 1, ollama_binary(), sockets.boot())
            started.write(run / started.RECORD, record)
            assert started.sweep(run) == ()
            assert innocent.poll() is None
    finally:
        innocent.kill()
        innocent.wait()


async def test_a_server_that_is_to_stay_outlives_its_starter_and_is_stopped_by_another(tmp_path: Path) -> None:
    with another_process(tmp_path, "leave", port=free_port()) as app:
        await asyncio.to_thread(app.wait, 30)
        server = real_server(tmp_path)
        await server.find()
        assert server.ours
        assert await server.version()
        left = session(server)
        await server.stop()
        assert _gone(left)


async def test_somebody_elses_server_is_used_and_left_alone(tmp_path: Path) -> None:
    port = free_port()
    with by_hand(tmp_path, port) as theirs:
        server = real_server(tmp_path, url=f"127.0.0.1:{port}")
        await until(lambda: bool(sockets.listeners(port)))
        await server.start()
        assert not server.ours
        place = await server.place()
        assert (place.proof, place.facts[0].endswith("run by you.")) == (Proof.PROVED, True)
        with pytest.raises(UsageError, match="did not start that server"):
            await server.stop()
        await server.aclose()
        assert theirs.poll() is None


async def _yes() -> bool:
    return True


async def test_a_tunnel_on_the_usual_port_is_passed_by(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ours starts on another one; nothing is asked of who has the usual one. On the one that was chosen nothing is
    started beside it, and that is said."""
    port, near = free_port(), free_port()
    with by_hand(tmp_path, port):
        await until(lambda: bool(sockets.listeners(port)))
        tunnel = _begun(sys.executable, _FORWARD, str(port), str(near))
        await until(lambda: bool(sockets.listeners(near)))
        try:
            server = real_server(tmp_path, url="")
            server._configured = Endpoint(port=near)
            assert (await server.place()).proof is Proof.UNPROVED
            with pytest.raises(UsageError, match="did not start that server"):
                await server.stop()
            await server.start()
            assert server.endpoint.port not in (near, port)
            assert (await server.place()).proof is Proof.PROVED
            await server.stop()
            chosen = real_server(tmp_path, url=f"127.0.0.1:{near}")
            monkeypatch.setattr(chosen, "_answers", _yes)
            with pytest.raises(UsageError, match="so none was started"):
                await chosen.start()
        finally:
            tunnel.kill()
            tunnel.wait()


async def test_a_port_that_is_taken_between_look_and_start_costs_only_the_port(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    other = _begun(sys.executable, _FORWARD, "1", str(port))
    await until(lambda: bool(sockets.listeners(port)))
    try:
        server = real_server(tmp_path, url="")

        async def looked() -> int:
            return port

        monkeypatch.setattr(server, "_port", looked)
        await server.start()
        assert server.endpoint.port != port
        assert await server.version() == "0.17.4"
        await server.stop()
    finally:
        other.kill()
        other.wait()


async def test_a_program_that_fails_is_quoted(tmp_path: Path) -> None:
    broken = tmp_path / "ollama"
    broken.write_text("#!/bin/sh\necho 'Error: could not create directory' >&2\nexit 1\n")
    broken.chmod(0o700)
    server = real_server(tmp_path, binary=broken)
    with pytest.raises(ProviderFailed, match="ended while it started: Error: could not create directory") as caught:
        await server.start()
    assert started.LOG in caught.value.hint
    assert not started.is_starting(find_paths().run)


async def test_without_a_program_the_step_is_to_install_it(tmp_path: Path) -> None:
    server = Server(find_paths(), local_door(), Options(binary=tmp_path / "none"), environment(tmp_path))
    server._configured = Endpoint(port=free_port())
    with pytest.raises(ProviderFailed, match="not installed"):
        await server.start()


async def test_a_start_that_is_given_up_leaves_nothing(tmp_path: Path) -> None:
    server = real_server(tmp_path)
    starting = asyncio.create_task(server.start())
    await until(lambda: started.is_starting(find_paths().run))
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    await until(lambda: not started.is_starting(find_paths().run))
    await server.find()
    assert not server.ours
