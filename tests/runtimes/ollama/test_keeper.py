"""The keeper with a stand-in for Ollama, which has a runner as the real one does: quick. `test_server.py` has the real
one."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import pytest

from aqe_desktop.core.errors import UsageError
from aqe_desktop.machine import sockets
from aqe_desktop.machine.paths import find_paths
from aqe_desktop.runtimes.ollama import started, words
from aqe_desktop.runtimes.ollama.server import Options, Server
from tests.doors import local_door

_STAND_IN = f"""#!{sys.executable}
import http.server, json, os, signal, subprocess, sys
runner = subprocess.Popen(["/bin/sleep", "600"])
class Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        told = {{"version": "0.16.0"}} if self.path == "/api/version" else {{"cloud": {{"disabled": False}}}}
        body = json.dumps(told).encode()
        self.send_response(200); self.send_header("Content-Length", str(len(body))); self.end_headers()
        self.wfile.write(body)
    def log_message(self, *words): pass
def end(*_):
    if "stubborn" not in os.environ["HOME"]:
        runner.kill()
        os._exit(0)
signal.signal(signal.SIGTERM, end)
server = http.server.HTTPServer(("127.0.0.1", 0), Answer)
print("key", "sk-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa1", flush=True)
print(f'msg="Listening on 127.0.0.1:{{server.server_address[1]}} (version 0.16.0)"', flush=True)
server.serve_forever()
"""


@asynccontextmanager
async def stand_in(folder: Path, home: str = "home") -> AsyncGenerator[Server]:
    program = folder / "ollama"
    program.write_text(_STAND_IN)
    program.chmod(0o700)
    environ = {"HOME": str(folder / home), "PATH": "/usr/bin:/bin"}
    server = Server(find_paths(), local_door(), Options(url="127.0.0.1:1", binary=program), environ)
    try:
        await server.start()
        yield server
    finally:
        await server.aclose()


def _family() -> tuple[sockets.Process, ...]:
    record = started.running(find_paths().run)
    assert record is not None
    return sockets.of_session(record.server)


async def _until_gone(family: tuple[sockets.Process, ...]) -> None:
    for _ in range(400):
        if all(sockets.started(each.pid) != each.started for each in family):
            return
        await asyncio.sleep(0.05)
    raise AssertionError("it lives")


async def test_it_starts_where_it_says_that_it_listens_and_ends_when_told(tmp_path: Path) -> None:
    async with stand_in(tmp_path) as server:
        family = _family()
        assert len(family) == 2
        assert server.endpoint.port > 1
        assert await server.version() == "0.16.0"
        await server.stop()
        await _until_gone(family)
        assert not started.is_starting(find_paths().run)
        await server.stop()


@pytest.mark.long
async def test_one_that_heeds_no_request_is_killed_with_its_runner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with stand_in(tmp_path, home="stubborn") as server:
        family = _family()
        await server.stop()
        await _until_gone(family)


@pytest.mark.parametrize("victim", ["keeper", "server"])
async def test_whichever_is_killed_nothing_is_left(tmp_path: Path, victim: str) -> None:
    async with stand_in(tmp_path):
        record, family = started.running(find_paths().run), _family()
        assert record is not None
        os.kill(record.keeper if victim == "keeper" else record.server, signal.SIGKILL)
        await _until_gone(family)


async def test_the_end_of_the_app_is_its_end(tmp_path: Path) -> None:
    async with stand_in(tmp_path):
        family = _family()
    await _until_gone(family)


@pytest.mark.parametrize("on_purpose", [True, False])
async def test_only_what_was_started_on_purpose_outlives_its_starter(tmp_path: Path, on_purpose: bool) -> None:
    program = tmp_path / "ollama"
    program.write_text(_STAND_IN)
    program.chmod(0o700)
    environ = {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    options = Options(url="127.0.0.1:1", binary=program, outlives=True)
    server = Server(find_paths(), local_door(), options, environ)
    await (server.start() if on_purpose else server.ensure())
    family = _family()
    assert len(family) == 2
    await server.aclose()
    assert started.is_starting(find_paths().run) is on_purpose
    await Server(find_paths(), local_door(), options, environ).stop()
    await _until_gone(family)


async def test_a_cloud_that_stays_on_and_a_known_hole_are_said(tmp_path: Path) -> None:
    async with stand_in(tmp_path) as server:
        hole, cloud = await server.warnings("0.16.0")
        assert "CVE-2026-7482" in hole
        assert cloud == "Ollama was told to keep its cloud off, and says that it is on."


async def test_one_that_listens_everywhere_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with stand_in(tmp_path) as server:
        open_to_all = sockets.Holder(os.getuid(), 1, everywhere=True)
        monkeypatch.setattr(sockets, "listeners", lambda port: (open_to_all,))
        assert server._is_open_to_all()
    server = Server(find_paths(), local_door(), Options(), {"OLLAMA_HOST": "0.0.0.0:1"})
    (told,) = await server.warnings("0.17.4")
    assert told.startswith("Ollama listens on every network address of this machine and asks for no password")


async def test_its_log_is_shown_and_followed_without_what_looks_like_a_key(tmp_path: Path) -> None:
    async with stand_in(tmp_path) as server, aclosing(server.logs(2)) as lines:
        assert await anext(lines) == "key [redacted]"
        assert "Listening on" in await anext(lines)
        with (find_paths().logs / started.LOG).open("a") as log:
            log.write("more\nhalf")
        assert await anext(lines) == "more"


async def test_a_log_that_begins_anew_is_followed(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    log.write_text("one\n")
    async with aclosing(words.follow(log, 5)) as lines:
        assert await anext(lines) == "one"
        log.rename(tmp_path / "x.log.1")
        log.write_text("two\n")
        assert await anext(lines) == "two"


async def test_without_a_log_it_is_said_where_to_look(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="has not started Ollama"):
        await anext(words.follow(tmp_path / "none", 5))


async def test_a_server_elsewhere_is_not_started(tmp_path: Path) -> None:
    server = Server(find_paths(), local_door(), Options(url="http://192.0.2.1:11434"), {"HOME": str(tmp_path)})
    await server.ensure()
    assert not server.ours
