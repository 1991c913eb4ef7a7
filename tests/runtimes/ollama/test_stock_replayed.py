"""Stock over a server that answers as the real ones did; `test_stock.py` has a real one."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import struct
import sys
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, asynccontextmanager
from pathlib import Path

import pytest

from aqe_desktop.core.errors import (
    AqeError,
    EngineCrashed,
    ModelBroken,
    Offline,
    PrivacyRefused,
    ProviderFailed,
    UsageError,
)
from aqe_desktop.core.ledger import Purpose, RowKind
from aqe_desktop.core.models import ModelRef, Zone
from aqe_desktop.core.transfers import Transfer
from aqe_desktop.machine.door import Door
from aqe_desktop.machine.door import cut as cut_module
from aqe_desktop.machine.paths import find_paths
from aqe_desktop.runtimes.ollama import stock as stock_module
from aqe_desktop.runtimes.ollama.server import Options, Server
from aqe_desktop.runtimes.ollama.stock import OllamaStock
from tests.doors import always_offline, never_offline
from tests.runtimes.ollama.replay import Answer, Asked, Replay, of_json, of_lines, recorded
from tests.runtimes.ollama.rows import Rows

_RECORDED = Path(__file__).parent / "recorded"
_SMOL = ModelRef("ollama", "smol:latest")
_HEAD = struct.pack("<4sIQQ", b"GGUF", 3, 1, 0)


def _stream(name: str) -> Answer:
    response = json.loads((_RECORDED / f"{name}.json").read_text(encoding="utf-8"))["response"]
    return Answer(200, [text for _, text in response["chunks"]])


@asynccontextmanager
async def stocked(
    replay: Replay, rows: Rows | None = None, *, here: bool = True, declared: Zone | None = None, offline: bool = False
) -> AsyncGenerator[OllamaStock]:
    """This very Python counts as Ollama where the server is to be proved `here`."""
    program = Path(sys.executable).resolve() if here else Path("/nowhere/ollama")
    async with replay.listening() as port:
        door = Door(rows or Rows(), always_offline if offline else never_offline)
        options = Options(url=f"http://127.0.0.1:{port}", binary=program, declared=declared)
        yield OllamaStock(Server(find_paths(), door, options, {}), door)
        await door.aclose()


async def _all(transfers: AsyncGenerator[Transfer]) -> list[Transfer]:
    async with aclosing(transfers):
        return [each async for each in transfers]


async def test_a_pull_is_asked_for_by_name_and_keeps_the_machine_awake(monkeypatch: pytest.MonkeyPatch) -> None:
    held = list[str]()

    @contextlib.contextmanager
    def awake(why: str) -> Iterator[None]:
        held.append(why)
        yield
        held.append("let go")

    monkeypatch.setattr(stock_module, "awake", awake)
    replay, rows = Replay(), Rows()
    replay.answer("/api/pull", _stream("0.17.4/pull-progress-resumed"))
    async with stocked(replay, rows) as stock:
        seen = await _all(stock.pull("smol"))
    assert seen[-1].what == "Done"
    assert replay.bodies("/api/pull") == [{"model": "smol", "stream": True}]
    assert held == ["Downloading smol", "let go"]
    assert [(row.kind, row.host, row.via, row.status) for row in rows.entries] == [
        (RowKind.SENT, "registry.ollama.ai", "ollama", ""),
        (RowKind.ENDED, "registry.ollama.ai", "ollama", "200"),
    ]


async def test_a_pull_by_a_server_that_is_only_declared_has_its_requests_row_too() -> None:
    replay, rows = Replay(), Rows()
    replay.answer("/api/pull", _stream("0.17.4/pull-progress-resumed"))
    async with stocked(replay, rows, here=False, declared=Zone.DEVICE) as stock:
        await _all(stock.pull("hf.co/someone/smol"))
    sent = [row for row in rows.entries if row.kind is RowKind.SENT]
    assert [(row.purpose, row.via, row.zone) for row in sent] == [
        (Purpose.PULL, "ollama", Zone.CLOUD),
        (Purpose.PULL, "", Zone.DEVICE),
    ]
    assert sent[0].host == "hf.co"
    assert sent[1].host.startswith("127.0.0.1:")


async def test_offline_nothing_is_asked() -> None:
    replay, rows = Replay(), Rows()
    async with stocked(replay, rows, offline=True) as stock:
        with pytest.raises(Offline):
            await _all(stock.pull("smol"))
    assert (replay.asked, rows.entries) == ([], [])


async def test_the_switch_ends_a_pull_that_is_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cut_module, "EVERY_S", 0.02)
    replay, rows, switch = Replay(), Rows(), [False]

    async def offline() -> bool:
        return switch[0]

    async def stand_still(number: int) -> None:
        if number == 3:
            switch[0] = True
            await asyncio.sleep(30)

    pulled = _stream("0.17.4/pull-progress-resumed")
    pulled.after = stand_still
    replay.answer("/api/pull", pulled)
    async with replay.listening() as port:
        door = Door(rows, offline)
        options = Options(url=f"http://127.0.0.1:{port}", binary=Path(sys.executable).resolve())
        stock = OllamaStock(Server(find_paths(), door, options, {}), door)
        with pytest.raises(Offline, match=r"the request to registry\.ollama\.ai was broken off"):
            await asyncio.wait_for(_all(stock.pull("smol")), 20)
        await asyncio.wait_for(replay.left.wait(), 20)
        await door.aclose()
    assert rows.entries[-1].status == "offline"


async def test_a_pull_that_fails_says_so_in_its_second_row() -> None:
    replay, rows = Replay(), Rows()
    replay.answer("/api/pull", _stream("0.17.4/pull-unknown"))
    async with stocked(replay, rows) as stock:
        with pytest.raises(ModelBroken, match=r"registry\.ollama\.ai has no model “nope”"):
            await _all(stock.pull("nope"))
    assert rows.entries[-1].status == "model_broken"


async def test_a_file_is_sent_once_and_made_a_model(tmp_path: Path) -> None:
    content = _HEAD + bytes(5_000_000)
    file = tmp_path / "own.gguf"
    file.write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()
    replay, there = Replay(), list[bytes]()

    def blob(asked: Asked) -> Answer:
        if asked.method == "HEAD":
            return Answer(200 if there else 404)
        there.append(asked.content)
        return Answer(201)

    replay.answer(f"/api/blobs/sha256:{digest}", blob)
    replay.answer("/api/create", _stream("0.9.3/create-gguf"))
    async with stocked(replay) as stock:
        seen = await _all(stock.create("own", file))
        again = await _all(stock.create("again", file))
    assert "Copying" not in {each.what for each in again}
    assert there == [content]
    assert replay.bodies("/api/create")[0] == {
        "model": "own",
        "files": {"own.gguf": f"sha256:{digest}"},
        "stream": True,
    }
    assert (seen[-1].what, seen[-1].done, seen[-1].total, seen[-1].share) == (
        "Done",
        2 * len(content),
        2 * len(content),
        1,
    )


async def test_a_server_that_takes_no_file_is_quoted_in_our_words(tmp_path: Path) -> None:
    file = tmp_path / "own.gguf"
    file.write_bytes(_HEAD)
    replay = Replay()
    path = f"/api/blobs/sha256:{hashlib.sha256(_HEAD).hexdigest()}"
    replay.answer(
        path, lambda asked: Answer(404) if asked.method == "HEAD" else of_json({"error": "no space left"}, 500)
    )
    async with stocked(replay) as stock:
        with pytest.raises(ProviderFailed, match="disk of Ollama's models is full") as raised:
            await _all(stock.create("own", file))
    assert raised.value.hint == "Free some disk space and try again."


@pytest.mark.parametrize("declared", [None, Zone.DEVICE, Zone.LAN])
async def test_a_file_stays_here_where_the_server_is_not_proved(tmp_path: Path, declared: Zone | None) -> None:
    file = tmp_path / "own.gguf"
    file.write_bytes(_HEAD)
    replay, rows = Replay(), Rows()
    async with stocked(replay, rows, here=False, declared=declared) as stock:
        with pytest.raises(PrivacyRefused, match="the file was not given to it"):
            await _all(stock.create("own", file))
    assert (replay.asked, rows.entries) == ([], [])


async def test_a_copy_and_a_delete_name_the_model(tmp_path: Path) -> None:
    replay = Replay()
    for path in ("/api/copy", "/api/delete"):
        replay.answer(path, Answer(200))
    async with stocked(replay) as stock:
        assert await stock.copy(_SMOL, "diary") == ModelRef("ollama", "diary:latest")
        assert await stock.copy(_SMOL, "diary:old") == ModelRef("ollama", "diary:old")
        await stock.delete(_SMOL)
    assert replay.bodies("/api/copy")[0] == {"source": "smol:latest", "destination": "diary"}
    assert replay.bodies("/api/delete") == [{"model": "smol:latest"}]


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("own.gguf", b"no model at all", ModelBroken),
        ("own.gguf", b"GGUF", ModelBroken),
        ("own.gguf", struct.pack("<4sIQQ", b"GGUF", 1, 1, 0), ModelBroken),
        ("own.gguf", struct.pack("<4sIQQ", b"GGUF", 3, 0, 0), ModelBroken),
        ("own-00001-of-00002.gguf", _HEAD, UsageError),
        ("own.gguf", None, UsageError),
    ],
)
async def test_what_is_no_whole_gguf_is_refused_before_the_server_is_asked(
    tmp_path: Path, name: str, content: bytes | None, error: type[AqeError]
) -> None:
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)
    replay = Replay()
    async with stocked(replay) as stock:
        with pytest.raises(error) as raised:
            await _all(stock.create("own", file))
    assert raised.value.hint
    assert replay.asked == []


@pytest.mark.parametrize("name", ["smol", "SMOL:latest", "library/smol", "registry.ollama.ai/library/smol:latest"])
async def test_a_name_that_is_taken_is_refused_for_the_server_would_overwrite_it(tmp_path: Path, name: str) -> None:
    file = tmp_path / "own.gguf"
    file.write_bytes(_HEAD)
    replay = Replay()
    async with stocked(replay) as stock:
        with pytest.raises(UsageError, match="has a model smol:latest already"):
            await stock.copy(ModelRef("ollama", "other:latest"), name)
        with pytest.raises(UsageError, match="has a model smol:latest already"):
            await _all(stock.create(name, file))
    assert {each.path for each in replay.asked} == {"/api/tags"}


@pytest.mark.parametrize("name", ["", "a b", "../x", "-x", "a/b/c/d", "x:", "naïve", "x" * 81, "a\nb"])
async def test_what_cannot_be_a_name_is_refused_before_the_server_is_asked(tmp_path: Path, name: str) -> None:
    replay = Replay()
    async with stocked(replay) as stock:
        with pytest.raises(UsageError, match="cannot be the name"):
            await stock.copy(_SMOL, name)
        with pytest.raises(UsageError, match="cannot be the name"):
            await _all(stock.create(name, tmp_path / "own.gguf"))
    assert replay.asked == []


@pytest.mark.parametrize("path", ["/api/blobs/", "/api/create"])
async def test_a_server_that_dies_while_a_model_is_made_is_said(tmp_path: Path, path: str) -> None:
    file = tmp_path / "own.gguf"
    file.write_bytes(_HEAD)
    replay = Replay()
    blob = f"/api/blobs/sha256:{hashlib.sha256(_HEAD).hexdigest()}"
    dies = Answer(200, ["{"], cut=True)
    replay.answer(blob, lambda asked: dies if path in asked.path and asked.method == "POST" else Answer(404))
    if path == "/api/create":
        replay.answer(blob, Answer(200))
        replay.answer(path, dies)
    async with stocked(replay) as stock:
        with pytest.raises(EngineCrashed, match="connection to the server broke off"):
            await _all(stock.create("own", file))


async def test_a_server_that_ends_a_create_without_a_word_has_not_made_it(tmp_path: Path) -> None:
    file = tmp_path / "own.gguf"
    file.write_bytes(_HEAD)
    replay = Replay()
    replay.answer(f"/api/blobs/sha256:{hashlib.sha256(_HEAD).hexdigest()}", Answer(200))
    replay.answer("/api/create", of_lines({"status": "parsing GGUF"}))
    async with stocked(replay) as stock:
        with pytest.raises(ProviderFailed, match="stopped before own was complete") as raised:
            await _all(stock.create("own", file))
    assert raised.value.hint == "Try again."


async def test_what_is_not_there_cannot_be_removed() -> None:
    replay = Replay()
    replay.answer("/api/delete", of_json({"error": "model 'smol:latest' not found"}, 404))
    async with stocked(replay) as stock:
        with pytest.raises(ModelBroken, match="is not on the server"):
            await stock.delete(_SMOL)


async def test_details_are_the_template_and_what_it_cannot_do() -> None:
    replay = Replay()
    async with stocked(replay) as stock:
        details = await stock.details(_SMOL)
        assert (details.model.ref, details.model.quantization) == (_SMOL, "Q4_1")
        assert details.template.startswith("{{- range .Messages }}")
        assert details.warnings == ("Its template has no place for tools (.Tools), so it cannot call any.",)
        shown = json.loads(recorded("0.17.4/show").chunks[0])
        replay.answer("/api/show", of_json({**shown, "template": "{{ .Prompt }}"}))
        assert "only the prompt" in (await stock.details(_SMOL)).warnings[0]


async def test_a_name_that_is_none_is_refused_before_anything_is_asked() -> None:
    replay = Replay()
    replay.answer("/api/pull", of_lines({"status": "success"}))
    async with stocked(replay) as stock:
        with pytest.raises(UsageError):
            await _all(stock.pull("a b"))
    assert replay.asked == []
