"""A genuine Ollama calls tools, makes vectors and dies in the middle of a load: long, for `make parts` builds it."""

from __future__ import annotations

import asyncio
import json
import math
from collections.abc import Iterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest

from aqe_desktop.core.chat import Finished, Message, Role, Sampling, ToolCalled
from aqe_desktop.core.errors import ContextTooLong, EngineCrashed, ProviderFailed
from aqe_desktop.core.ledger import Purpose
from aqe_desktop.core.loading import LoadSettings
from aqe_desktop.core.models import Capability, Phase
from aqe_desktop.machine.door import Door
from aqe_desktop.machine.paths import find_paths
from aqe_desktop.runtimes.ollama.server import Options, Server
from aqe_desktop.runtimes.ollama.stock import OllamaStock
from tests.doors import never_offline
from tests.parts import coder_model, ollama_binary
from tests.runtimes.ollama.pairs import Serving, ref, runtime_of, serving
from tests.runtimes.ollama.replay import RECORDED
from tests.runtimes.ollama.replayed import Kept
from tests.runtimes.ollama.rows import Rows, turn

pytestmark = pytest.mark.long
_SMALL = LoadSettings(context=1024, threads=1, keep_alive_s=120)
_ASKS = "What is the weather in Paris? Use the get_weather tool."
_RECORDED = json.loads((RECORDED / "0.17.4" / "chat-tools-call-stream.json").read_text(encoding="utf-8"))
_TOOLS = Sampling(temperature=0, seed=1, max_output=60, tools=json.dumps(_RECORDED["request"]["body"]["tools"]))
_PLAIN = {"stop": ["<|im_end|>"], "repeat_penalty": 1.0}
# A small model follows an example.
_CALLS = (
    "{{- if .Tools }}<|im_start|>system\nYou can call these functions: {{ range .Tools }}{{ . }}{{ end }}\n"
    "To call one, answer with one JSON object only, such as "
    '{"name": "get_weather", "arguments": {"city": "Rome"}}<|im_end|>\n{{ end }}\n'
    "{{- range .Messages }}<|im_start|>{{ .Role }}\n{{ if .ToolCalls }}{{ range .ToolCalls }}"
    '{"name": "{{ .Function.Name }}", "arguments": {{ .Function.Arguments }}}{{ end }}{{ else }}{{ .Content }}{{ end }}'
    "<|im_end|>\n{{ end }}<|im_start|>assistant\n"
)


@pytest.fixture
def server(tmp_path: Path, starter_model: Path) -> Iterator[Serving]:
    with serving(tmp_path / "first") as server:
        server.create("smol", starter_model)
        yield server


async def test_a_model_that_can_calls_a_tool_and_one_that_cannot_is_sent_nothing(server: Serving) -> None:
    await asyncio.to_thread(server.create, "coder", coder_model(), template=_CALLS, parameters=_PLAIN)
    async with runtime_of(server, kept=Kept(_SMALL)) as runtime:
        told = {each.ref: each.capabilities for each in await runtime.models()}
        assert (Capability.TOOLS in told[ref("coder")], Capability.TOOLS in told[ref("smol")]) == (True, False)
        place = await runtime.place(ref("coder"))
        async with aclosing(runtime.stream(turn(place, model=ref("coder"), text=_ASKS, sampling=_TOOLS))) as events:
            seen = [event async for event in events]
        (call,) = [each for each in seen if isinstance(each, ToolCalled)]
        assert (call.name, json.loads(call.arguments)["city"]) == ("get_weather", "Paris")
        assert call.id
        assert isinstance(seen[-1], Finished)
        with pytest.raises(ProviderFailed, match="cannot call tools, so nothing was sent"):
            async with aclosing(runtime.stream(turn(place, model=ref("smol"), text=_ASKS, sampling=_TOOLS))) as events:
                await anext(events)


async def test_texts_become_vectors_near_ones_near_and_none_is_cut(server: Serving) -> None:
    rows = Rows()
    async with runtime_of(server, rows, kept=Kept(replace(_SMALL, context=256))) as runtime:
        asked = turn(await runtime.place(ref("smol")), model=ref("smol"))
        texts = ("A cat sleeps on the sofa.", "A cat lies on the couch.", "def f(x): return x * 2")
        asked = replace(asked, messages=tuple(Message(Role.USER, each) for each in texts), purpose=Purpose.EMBED)
        found = await runtime.embed(asked)
        assert (len(found.vectors), found.dimensions) == (3, 576)
        one, like, other = found.vectors
        assert _near(one, like) > _near(one, other)
        with pytest.raises(ContextTooLong):
            await runtime.embed(replace(asked, messages=(Message(Role.USER, "word " * 600),)))
    assert rows.entries == []


async def test_a_models_files_are_found_and_it_is_told_when_a_server_dies_while_it_loads(
    server: Serving, tmp_path: Path
) -> None:
    async with runtime_of(server, kept=Kept(_SMALL)) as runtime:
        options = Options(url=server.url, binary=ollama_binary(), models=tmp_path / "first" / "models")
        runtime._server._options = options
        (model,) = await runtime.models()
        assert model.file is not None
        assert model.file.name == f"sha256-{model.sha256}"
        loading = asyncio.create_task(runtime.load(ref("smol")))
        async with aclosing(runtime.status.follow()) as statuses:
            async for status in statuses:
                if status.phase is Phase.LOADING:
                    break
        await asyncio.sleep(0.1)
        await asyncio.to_thread(server.end)
        with pytest.raises(ProviderFailed) as raised:
            await loading
        assert raised.value.hint


async def test_a_server_that_dies_while_a_model_is_made_has_made_none(server: Serving, tmp_path: Path) -> None:
    door = Door(Rows(), never_offline)
    stock = OllamaStock(Server(find_paths(), door, Options(url=server.url, binary=ollama_binary()), {}), door)
    with pytest.raises(EngineCrashed, match="The connection to the server broke off"):
        await _made(stock, server)
    await door.aclose()


async def _made(stock: OllamaStock, server: Serving) -> None:
    """The server is killed in the middle of the file."""
    async with aclosing(stock.create("coder", coder_model())) as transfers:
        async for each in transfers:
            if each.what == "Copying" and server.process is not None:
                server.kill()
                server.process = None


def _near(one: tuple[float, ...], other: tuple[float, ...]) -> float:
    """The cosine of their angle."""
    return math.fsum(a * b for a, b in zip(one, other, strict=True)) / (math.hypot(*one) * math.hypot(*other))
