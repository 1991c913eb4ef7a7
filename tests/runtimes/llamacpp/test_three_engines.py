"""Each engine of the family does the whole work: real programs, real models, and nothing left of them afterwards."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest

from aqe_desktop.core.chat import ChatEvent, ReadingPrompt, Sampling, TextDelta
from aqe_desktop.core.errors import ContextTooLong, EngineCrashed, ModelBroken, ProviderFailed
from aqe_desktop.core.models import ModelRef, Phase, Proof
from aqe_desktop.machine import seccomp
from aqe_desktop.machine.door import Address
from aqe_desktop.machine.paths import Paths, prepare
from aqe_desktop.runtimes.llamacpp import LlamaCpp
from aqe_desktop.runtimes.llamacpp.engines import Wanted
from aqe_desktop.runtimes.llamacpp.options import LLAMA_CPP_PYTHON, LLAMA_SERVER
from tests import parts
from tests.doors import local_door
from tests.runtimes.llamacpp.conversation import LONG_TEXT, SHORT, SMALL, answer, phase, turn
from tests.runtimes.llamacpp.engines import Engines, cpu_seconds, environment_of, kernel_file, parent_of
from tests.runtimes.llamacpp.gguf_files import pooling

pytestmark = pytest.mark.long

_ENDLESS = Sampling(temperature=0.9, seed=1)
_SCHEMA = json.dumps({"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]})
_ROOT = Path(__file__).parents[3]


@pytest.fixture(params=["xllamacpp", LLAMA_CPP_PYTHON, LLAMA_SERVER])
def wanted(request: pytest.FixtureRequest) -> Wanted:
    found = {LLAMA_CPP_PYTHON: parts.llama_cpp_python, LLAMA_SERVER: parts.llama_server_binary}
    name: str = request.param
    program = str(found[name]()) if name in found else ""
    return Wanted(name, program if name == LLAMA_SERVER else "", program if name == LLAMA_CPP_PYTHON else "")


@pytest.fixture
async def runtime(paths: Paths, engines: Engines, wanted: Wanted) -> AsyncIterator[LlamaCpp]:
    runtime = LlamaCpp(paths, local_door(), SMALL, wanted=wanted)
    yield runtime
    pid = runtime.status.value.pid
    await runtime.aclose()
    assert pid is None or await _gone(pid)


def _pid(runtime: LlamaCpp) -> int:
    pid = runtime.status.value.pid
    assert pid is not None
    return pid


async def _gone(pid: int) -> bool:
    """A zombie that nobody has waited for yet is gone too."""
    for _ in range(600):
        try:
            if kernel_file(pid, "stat").rsplit(")", 1)[1].split()[0] == "Z":
                return True
        except OSError:
            return True
        await asyncio.sleep(0.1)
    return False


async def test_it_chats_counts_and_says_what_it_used(runtime: LlamaCpp, starter: ModelRef, wanted: Wanted) -> None:
    asked = turn(starter, "Name three colours.", sampling=replace(SHORT, top_k=7, stop=("###",)))
    text, finished, events = await answer(runtime, asked)
    _, second, _ = await answer(runtime, asked)
    assert text
    assert any(isinstance(event, ReadingPrompt) for event in events)
    assert finished.usage.input + finished.usage.cache_read == await runtime.count(asked)
    assert second.usage.cache_read > 0
    assert 0 < finished.usage.output <= 8
    assert finished.reason == "length"
    used = {"temperature": 0.0, "top_k": 7, "seed": 1, "stop": ["###"], "max_output": 8}
    assert used.items() <= finished.received.items()
    assert dict(runtime.status.value.details)["Engine"].startswith(f"{wanted.engine} ")


async def test_its_settings_are_read_back(paths: Paths, engines: Engines, starter: ModelRef, wanted: Wanted) -> None:
    chosen = replace(SMALL, n_ctx=1024, n_threads=1, n_batch=32, kv_type="q8_0", flash_attention=True, mmap=False)
    runtime = LlamaCpp(paths, local_door(), replace(chosen, n_parallel=2), wanted=wanted)
    text, _, _ = await answer(runtime, turn(starter, "Hello"))
    confirmed = dict(runtime.status.value.loaded[0].confirmed)
    await runtime.aclose()
    assert text
    slots = 1 if wanted.engine == LLAMA_CPP_PYTHON else 2
    told = {"context": 1024, "slots": slots, "batch": 32, "kv_type": "q8_0", "flash_attention": True, "mmap": False}
    assert {name: confirmed.get(name) for name in told} == told


def _filters_of_tests() -> int:
    return seccomp.filters_of(os.getpid())


async def test_it_is_proved_to_be_cut_off_and_answers_only_to_its_token(
    runtime: LlamaCpp, starter: ModelRef, paths: Paths, wanted: Wanted
) -> None:
    await runtime.load(starter)
    place, pid = await runtime.place(starter), _pid(runtime)
    assert place.proof is Proof.PROVED
    assert f"process {pid}" in place.facts[0]
    assert kernel_file(pid, "net/tcp").count("\n") == 1
    assert [line.split(":")[0].strip() for line in kernel_file(pid, "net/dev").splitlines()[2:]] == ["lo"]
    facts = dict(line.split(":\t", 1) for line in kernel_file(pid, "status").splitlines() if ":\t" in line)
    assert [int(facts[name], 16) for name in ("CapPrm", "CapEff", "CapAmb")] == [0, 0, 0]
    assert int(facts["Seccomp_filters"]) > _filters_of_tests()
    assert "The kernel lets it start no program." in place.facts[2]
    assert ("may be able to read its memory" in place.facts[2]) == (wanted.engine == LLAMA_SERVER)
    assert "canary" not in kernel_file(pid, "cmdline")
    assert "LLAMA_API_KEY" not in environment_of(pid)
    assert "PATH=/dev/null" in environment_of(pid) or os.getuid()
    address = Address(next(paths.run.glob("*.sock")))
    async with await local_door().client(turn(starter, "Hi"), address, {"Authorization": "Bearer wrong"}) as client:
        refused = {path: (await client.get(path)).status_code for path in ("/v1/models", "/props", "/slots", "/")}
        posted = await client.post("/v1/chat/completions", json={"messages": []})
    assert set(refused.values()) <= {401, 404, 501}
    assert posted.status_code == 401


async def test_a_process_in_its_place_is_not_proved(runtime: LlamaCpp, starter: ModelRef, paths: Paths) -> None:
    await runtime.load(starter)
    path = next(paths.run.glob("*.sock"))
    path.unlink()
    before = os.umask(0o177)
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(path))
        os.umask(before)
        other.listen()
        place = await runtime.place(starter)
    assert place.proof is Proof.UNPROVED
    assert "not a process of this app" in place.facts[0]


@pytest.mark.parametrize("kind", [ReadingPrompt, TextDelta], ids=["while it reads", "while it writes"])
async def test_leaving_a_stream_makes_it_idle(
    kind: type[ChatEvent], paths: Paths, engines: Engines, starter: ModelRef, wanted: Wanted
) -> None:
    runtime = LlamaCpp(paths, local_door(), replace(SMALL, n_ctx=8192, n_parallel=1), wanted=wanted)
    await runtime.load(starter)
    text = LONG_TEXT if kind is ReadingPrompt else "Tell a long story."
    async with aclosing(runtime.stream(turn(starter, text, sampling=_ENDLESS))) as events:
        async for event in events:
            if isinstance(event, kind):
                break
    assert await _work_until_idle(_pid(runtime)) < 2.0
    text, _, _ = await answer(runtime, turn(starter, "Still there?"))
    await runtime.aclose()
    assert text


async def _work_until_idle(pid: int) -> float:
    """CPU seconds until a whole second passes without any."""
    begun = seen = cpu_seconds(pid)
    while True:
        await asyncio.sleep(1.0)
        now = cpu_seconds(pid)
        if now - seen < 0.03:
            return now - begun
        assert now - begun < 10, "the engine goes on"
        seen = now


async def test_killed_in_mid_stream_it_says_so_and_the_next_question_starts_another(
    runtime: LlamaCpp, starter: ModelRef
) -> None:
    await runtime.load(starter)
    first = _pid(runtime)
    with pytest.raises(EngineCrashed):
        await _killing_at_the_first_word(runtime, starter, first)
    assert phase(runtime) is Phase.FAILED
    assert await _gone(first)
    text, _, _ = await answer(runtime, turn(starter, "Hello"))
    assert text
    assert _pid(runtime) != first


async def _killing_at_the_first_word(runtime: LlamaCpp, model: ModelRef, pid: int) -> None:
    async with aclosing(runtime.stream(turn(model, "Tell a long story.", sampling=_ENDLESS))) as events:
        async for event in events:
            if isinstance(event, TextDelta):
                os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize("who", ["user", "keeper", "engine"])
def test_nothing_is_left_of_it_when_one_of_its_chain_is_killed(
    who: str, starter: ModelRef, engines: Engines, wanted: Wanted
) -> None:
    command = [sys.executable, "-m", "tests.runtimes.llamacpp.user", str(starter), "talk"]
    command += [wanted.engine, wanted.server, wanted.python]
    user = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=_ROOT)
    assert user.stdout is not None
    pid = int(user.stdout.readline())
    engine = pid if wanted.engine == "xllamacpp" else parent_of(pid)
    engines.alive()
    os.kill({"user": user.pid, "keeper": parent_of(engine), "engine": engine}[who], signal.SIGKILL)
    gone = asyncio.run(_gone(pid))
    user.kill()
    user.communicate()
    assert gone
    assert engines.wait_until_gone() == []


async def test_unloaded_it_is_gone_at_once(runtime: LlamaCpp, starter: ModelRef) -> None:
    await runtime.load(starter)
    pid = _pid(runtime)
    await runtime.unload(starter)
    assert await _gone(pid)
    assert phase(runtime) is Phase.STOPPED


async def test_a_prompt_that_is_too_long_is_refused_with_its_figures(runtime: LlamaCpp, starter: ModelRef) -> None:
    with pytest.raises(ContextTooLong) as caught:
        await answer(runtime, turn(starter, LONG_TEXT))
    assert caught.value.limit == 2048
    assert caught.value.tokens > 2048


async def test_an_answer_keeps_to_a_schema(runtime: LlamaCpp, starter: ModelRef) -> None:
    sampling = Sampling(temperature=0.0, seed=1, max_output=60, schema=_SCHEMA)
    text, _, _ = await answer(runtime, turn(starter, "Give a number.", sampling=sampling))
    assert isinstance(json.loads(text)["a"], int)


async def test_a_broken_model_is_named_with_the_cause(runtime: LlamaCpp, starter_model: Path, paths: Paths) -> None:
    prepare(paths)
    data = starter_model.read_bytes()
    (paths.models / "cut.gguf").write_bytes(data[: len(data) // 2])
    with pytest.raises(ModelBroken, match="cut"):
        await answer(runtime, turn(ModelRef("llamacpp", "cut"), "Hello"))
    assert phase(runtime) is Phase.FAILED


async def test_a_coder_model_writes_code(runtime: LlamaCpp, paths: Paths) -> None:
    prepare(paths)
    (paths.models / "coder.gguf").symlink_to(parts.coder_model())
    asked = turn(
        ModelRef("llamacpp", "coder"),
        "Write a Python function that adds two numbers. Code only.",
        sampling=Sampling(temperature=0.0, seed=1, max_output=40),
    )
    text, finished, _ = await answer(runtime, asked)
    assert "def " in text
    assert finished.usage.input + finished.usage.cache_read == await runtime.count(asked)


async def test_its_log_holds_nothing_of_what_was_said(runtime: LlamaCpp, starter: ModelRef, paths: Paths) -> None:
    await answer(runtime, turn(starter, "My password is tangerine-4711."))
    await runtime.aclose()
    assert "tangerine" not in (paths.logs / "engine.log").read_text()


async def test_a_model_made_for_it_gives_a_vector_of_each_text(
    runtime: LlamaCpp, starter_model: Path, paths: Paths
) -> None:
    prepare(paths)
    pooling(starter_model, paths.models / "vectors.gguf")
    model = ModelRef("llamacpp", "vectors")
    text = "A lighthouse on a rock. " * 40
    one, same = await runtime.embed(turn(model, text)), await runtime.embed(turn(model, text))
    assert one.dimensions == 576
    assert one.vectors[0] == pytest.approx(same.vectors[0], abs=1e-3)
    assert sum(each * each for each in one.vectors[0]) == pytest.approx(1.0, abs=1e-3)
    with pytest.raises(ContextTooLong):
        await runtime.embed(turn(model, LONG_TEXT))


async def test_two_ask_at_once_and_both_are_answered(runtime: LlamaCpp, starter: ModelRef) -> None:
    await runtime.load(starter)
    asked = [turn(starter, text) for text in ("Name a colour.", "Name an animal.", "Name a town.")]
    answers = await asyncio.gather(*(answer(runtime, each) for each in asked))
    assert all(text for text, _, _ in answers)


async def test_a_chosen_engine_that_is_missing_is_said_with_what_to_do(
    paths: Paths, engines: Engines, starter: ModelRef
) -> None:
    runtime = LlamaCpp(paths, local_door(), SMALL, wanted=Wanted(LLAMA_SERVER, "/nowhere/llama-server"))
    with pytest.raises(ProviderFailed, match="no program /nowhere/llama-server") as caught:
        await answer(runtime, turn(starter, "Hello"))
    assert "settings" in caught.value.hint
    await runtime.aclose()
