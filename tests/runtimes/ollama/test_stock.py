"""With a genuine Ollama and a registry on loopback: marked long, for its program is built by `make parts`."""

from __future__ import annotations

import asyncio
import itertools
import subprocess
import sys
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager
from pathlib import Path

import pytest

from aqe_desktop.core.errors import AqeError, ModelBroken, Offline, PrivacyRefused, ProviderFailed, UsageError
from aqe_desktop.core.ledger import Purpose, RowKind
from aqe_desktop.core.models import Model, ModelRef, Zone
from aqe_desktop.core.transfers import Transfer
from aqe_desktop.machine import sockets
from aqe_desktop.machine.door import Door
from aqe_desktop.runtimes.ollama import listing
from aqe_desktop.runtimes.ollama.client import native
from aqe_desktop.runtimes.ollama.places import Endpoint
from aqe_desktop.runtimes.ollama.server import Server
from aqe_desktop.runtimes.ollama.stock import OllamaStock, warnings_of
from tests.doors import always_offline, local_door, never_offline
from tests.runtimes.ollama.real import free_port, real_server, running, until
from tests.runtimes.ollama.rows import Rows

long = pytest.mark.long
_PROGRAMS = Path(__file__).parent
_SLOW = 25_000_000
_SMOL = ModelRef("ollama", "smol:latest")


@contextmanager
def registry(
    gguf: Path, a_second: int = 0, fault: str = "none", port: int = 0
) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The name of its model, and its process."""
    words = [sys.executable, str(_PROGRAMS / "registry.py"), str(port), str(gguf), str(a_second), fault]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout is not None
        yield f"127.0.0.1:{int(process.stdout.readline())}/library/smol", process
    finally:
        process.kill()
        process.communicate()


def _worked(*words: str) -> bool:
    return subprocess.run(words, check=False, stderr=subprocess.DEVNULL).returncode == 0


def _door(rows: Rows) -> Door:
    return Door(rows, never_offline)


async def _all(transfers: AsyncGenerator[Transfer]) -> list[Transfer]:
    async with aclosing(transfers):
        return [each async for each in transfers]


async def _until_done(transfers: AsyncGenerator[Transfer], bytes_done: int) -> Transfer:
    """Followed as far as that, then closed."""
    async with aclosing(transfers):
        async for each in transfers:
            if each.done >= bytes_done:
                return each
    raise AssertionError("it ended before")


async def _names(server: Server) -> list[str]:
    async with await server.client(Purpose.MODELS) as client:
        return [str(row["name"]) for row in await listing.tags(native(client))]


def _monotone(seen: list[Transfer]) -> bool:
    return all(a.done <= b.done and a.share <= b.share for a, b in itertools.pairwise(seen))


@long
async def test_a_model_is_pulled_with_its_bytes_its_speed_and_two_rows(tmp_path: Path, starter_model: Path) -> None:
    rows = Rows()
    with registry(starter_model, _SLOW) as (name, _):
        async with running(tmp_path, _door(rows)) as server:
            seen = await _all(OllamaStock(server, _door(rows)).pull(name))
            assert await _names(server) == [f"{name}:latest"]
    size = starter_model.stat().st_size
    assert _monotone(seen)
    assert (seen[-1].what, seen[-1].done, seen[-1].share) == ("Done", seen[-1].total, 1.0)
    assert seen[-1].parts[0].total == size
    assert any(each.speed and each.left_s for each in seen)
    sent, ended = rows.entries
    assert (sent.kind, sent.purpose, sent.via, sent.zone) == (RowKind.SENT, Purpose.PULL, "ollama", Zone.CLOUD)
    assert (sent.host, sent.model) == (name.partition("/")[0], f"ollama/{name}")
    assert (ended.kind, ended.of, ended.status, ended.via) == (RowKind.ENDED, 1, "200", "ollama")


@long
async def test_offline_the_server_is_told_nothing(tmp_path: Path, starter_model: Path) -> None:
    rows = Rows()
    with registry(starter_model) as (name, _):
        async with running(tmp_path) as server:
            with pytest.raises(Offline):
                await _all(OllamaStock(server, Door(rows, always_offline)).pull(name))
            assert rows.entries == []
            assert await _names(server) == []


@long
async def test_a_pull_that_was_cancelled_goes_on_where_it_was(tmp_path: Path, starter_model: Path) -> None:
    """Also after the server was started anew, which by itself throws away what is unfinished."""
    rows = Rows()
    with registry(starter_model, _SLOW) as (name, _):
        async with running(tmp_path, _door(rows)) as server:
            stock = OllamaStock(server, _door(rows))
            left = await _until_done(stock.pull(name), 30_000_000)
            assert rows.entries[-1].status == "left"
            await asyncio.sleep(1.0)
            assert not await _names(server)
            first = await _until_done(stock.pull(name), 1)
            assert first.done >= 0.5 * left.done
            left = await _until_done(stock.pull(name), 50_000_000)
            await server.stop()
            await server.start()
            seen = await _all(stock.pull(name))
            begun = next(each for each in seen if each.done)
            assert begun.done >= 0.5 * left.done
            assert _monotone(seen)
            assert await _names(server) == [f"{name}:latest"]


@long
async def test_a_damaged_layer_is_thrown_away_and_said(tmp_path: Path, starter_model: Path) -> None:
    rows = Rows()
    with registry(starter_model, fault="corrupt") as (name, _):
        async with running(tmp_path, _door(rows)) as server:
            with pytest.raises(ProviderFailed, match="damaged and was thrown away"):
                await _all(OllamaStock(server, _door(rows)).pull(name))
            assert await _names(server) == []
    assert rows.entries[-1].status == "provider_failed"


@long
async def test_a_registry_that_dies_is_noticed_long_before_the_server_says_so(
    tmp_path: Path, starter_model: Path
) -> None:
    rows, seen = Rows(), list[Transfer]()
    with registry(starter_model, _SLOW) as (name, process):
        async with (
            running(tmp_path, _door(rows)) as server,
            aclosing(OllamaStock(server, _door(rows)).pull(name)) as transfers,
        ):
            async for each in transfers:
                seen.append(each)
                if each.done > 20_000_000:
                    process.kill()
                if each.what.startswith("Waiting"):
                    break
    assert seen[-1].what.startswith("Waiting: no bytes for 1")
    assert not seen[-1].speed
    assert _monotone(seen)


@long
async def test_an_unknown_name_is_said_with_its_registry(tmp_path: Path, starter_model: Path) -> None:
    with registry(starter_model) as (name, _):
        async with running(tmp_path, _door(Rows())) as server:
            with pytest.raises(ModelBroken, match=r"127\.0\.0\.1:\d+ has no model “127"):
                await _all(OllamaStock(server, _door(Rows())).pull(name.replace("smol", "nope")))


@long
async def test_a_registry_that_is_not_there_is_said(tmp_path: Path) -> None:
    name = f"127.0.0.1:{free_port()}/library/smol"
    async with running(tmp_path, _door(Rows())) as server:
        with pytest.raises(AqeError, match="does not answer"):
            await _all(OllamaStock(server, _door(Rows())).pull(name))


@long
async def test_a_full_disk_is_said_and_nothing_is_left_half(tmp_path: Path, starter_model: Path) -> None:
    """A small disk is for those to make who may mount one; for anybody else there is only the large one."""
    models = tmp_path / "models"
    models.mkdir()
    small = await asyncio.to_thread(_worked, "mount", "-t", "tmpfs", "-o", "size=40m", "tmpfs", str(models))
    try:
        with registry(starter_model) as (name, _):
            async with running(tmp_path, _door(Rows()), models=models) as server:
                stock = OllamaStock(server, _door(Rows()))
                if small:
                    with pytest.raises(ProviderFailed, match="disk of Ollama's models is full"):
                        await _all(stock.pull(name))
                    assert await _names(server) == []
                else:
                    assert (await _all(stock.pull(name)))[-1].what == "Done"
    finally:
        if small:
            assert await asyncio.to_thread(_worked, "umount", str(models))


@long
async def test_a_model_is_made_of_a_file_described_copied_and_removed(tmp_path: Path, starter_model: Path) -> None:
    async with running(tmp_path) as server:
        stock = OllamaStock(server, local_door())
        seen = await _all(stock.create("smol", starter_model))
        assert _monotone(seen)
        assert {each.what for each in seen} >= {"Reading the file", "Done"}
        assert (seen[-1].done, seen[-1].total, seen[-1].share) == (
            seen[-1].total,
            2 * starter_model.stat().st_size,
            1.0,
        )
        details = await stock.details(_SMOL)
        assert (details.model.ref, details.model.quantization, details.model.remote) == (_SMOL, "Q4_1", "")
        assert details.model.architecture == "llama"
        assert details.model.size > starter_model.stat().st_size
        assert "chat" in details.model.capabilities
        assert "<|im_start|>" in details.template
        assert details.warnings == ("Its template has no place for tools (.Tools), so it cannot call any.",)
        assert await stock.copy(_SMOL, "diary") == ModelRef("ollama", "diary:latest")
        await stock.delete(_SMOL)
        assert await _names(server) == ["diary:latest"]
        for gone in (stock.delete(_SMOL), stock.copy(_SMOL, "again"), stock.details(_SMOL)):
            with pytest.raises(ModelBroken, match="is not on the server"):
                await gone
        again = await _all(stock.create("smol", starter_model))
        assert "Copying" not in {each.what for each in again}, "the server has that content"


@long
@pytest.mark.parametrize("content", [b"no model at all", b"GGUF half"])
async def test_what_is_no_whole_gguf_is_said(tmp_path: Path, starter_model: Path, content: bytes) -> None:
    file = tmp_path / "bad.gguf"
    half = starter_model.read_bytes()[:20_000_000]
    await asyncio.to_thread(file.write_bytes, half if content.startswith(b"GGUF") else content)
    async with running(tmp_path) as server:
        with pytest.raises(ModelBroken, match="not a whole GGUF file"):
            await _all(OllamaStock(server, local_door()).create("bad", file))
        assert await _names(server) == []


@long
async def test_a_file_is_not_given_to_a_server_behind_a_tunnel(tmp_path: Path, starter_model: Path) -> None:
    near = free_port()
    async with running(tmp_path) as server:
        words = [sys.executable, str(_PROGRAMS / "forward.py"), str(server.endpoint.port), str(near)]
        tunnel = await asyncio.create_subprocess_exec(*words, stdout=subprocess.DEVNULL)
        try:
            await until(lambda: bool(sockets.listeners(near)))
            server._record = None
            other = real_server(tmp_path)
            other._configured = Endpoint(port=near)
            other._look = lambda: None  # type: ignore[method-assign]
            rows = Rows()
            with pytest.raises(PrivacyRefused, match="the file was not given to it"):
                await _all(OllamaStock(other, _door(rows)).create("smol", starter_model))
            assert rows.entries == []
        finally:
            tunnel.kill()
            await tunnel.wait()


@long
async def test_a_file_that_is_a_part_of_a_model_is_refused_with_the_way_to_join_it(tmp_path: Path) -> None:
    file = tmp_path / "large-00001-of-00003.gguf"
    file.write_bytes(b"GGUF")
    async with running(tmp_path) as server:
        with pytest.raises(UsageError, match="one part of a model"):
            await _all(OllamaStock(server, local_door()).create("large", file))
        with pytest.raises(UsageError, match="cannot be read"):
            await _all(OllamaStock(server, local_door()).create("none", tmp_path / "none.gguf"))


@pytest.mark.parametrize(
    ("template", "capabilities", "remote", "words"),
    [
        ("{{ .Prompt }}", ("chat",), "", "only the prompt"),
        ("", ("chat",), "", "only the prompt"),
        ("{{ range .Messages }}{{ .Content }}{{ end }}", ("chat",), "", "no place for tools"),
        ("{{ if .Tools }}{{ end }}", ("chat",), "", ""),
        ("{{ .Prompt }}", ("embeddings",), "", ""),
        ("{{ .Prompt }}", ("chat",), "https://ollama.com", ""),
    ],
)
def test_a_template_is_judged_by_what_it_cannot_do(
    template: str, capabilities: tuple[str, ...], remote: str, words: str
) -> None:
    model = Model(_SMOL, "smol", capabilities=capabilities, remote=remote)
    told = warnings_of(model, template)
    assert (words in told[0]) if words else told == ()
