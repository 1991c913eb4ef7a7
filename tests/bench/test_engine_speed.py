"""What our engine costs against the bare library, and what a second turn costs against the first: ratios of one run."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from aqe_desktop.core.chat import Finished, Message, Role, Route, Sampling, TextDelta, Turn
from aqe_desktop.core.models import ModelRef, Place, Proof, Zone
from aqe_desktop.machine import hardware
from aqe_desktop.machine.paths import find_paths
from aqe_desktop.runtimes.llamacpp import LlamaCpp, LoadOptions
from tests.doors import local_door

_PAIRS = 15
_TOKENS = 120
_OPTIONS = LoadOptions(n_ctx=4096, n_threads=max(1, hardware.cores() - 1), n_batch=64, nice=5)
_HISTORY = " ".join(f"Line {number} of the report says nothing new." for number in range(180))


@pytest.fixture
async def runtime(own_home: None, starter_model: Path) -> AsyncIterator[LlamaCpp]:
    runtime = LlamaCpp(find_paths(), local_door(), _OPTIONS)
    await runtime.load(ModelRef("llamacpp", starter_model.stem))
    yield runtime
    await runtime.aclose()


class _Bare:
    """The bare library with the same settings, niced like our engine, so that only what we add is measured."""

    def __init__(self, model: Path) -> None:
        command = [sys.executable, str(Path(__file__).parent / "bare_xllamacpp.py")]
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        told = {name: getattr(_OPTIONS, name) for name in ("n_ctx", "n_parallel", "n_batch", "n_threads", "nice")}
        assert self.ask({"model": str(model), **told}) == "ready"

    def ask(self, body: dict[str, Any]) -> str:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(body) + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip()

    def speed(self, text: str) -> float:
        body = {
            "messages": [{"role": "user", "content": text}],
            "max_tokens": _TOKENS,
            "temperature": 0.0,
            "seed": 1,
        }
        tokens, seconds = self.ask(body).split()
        return int(tokens) / float(seconds)


@pytest.fixture
def bare(starter_model: Path) -> Iterator[_Bare]:
    bare = _Bare(starter_model)
    yield bare
    bare.process.kill()
    bare.process.communicate()


async def _answer(runtime: LlamaCpp, *texts: str, tokens: int = _TOKENS) -> tuple[str, list[float], Finished]:
    """The text, when each piece of it arrived, and the end."""
    roles = (Role.USER, Role.ASSISTANT)
    messages = tuple(Message(roles[n % 2], text) for n, text in enumerate(texts))
    model = runtime.status.value.model
    assert model is not None
    sampling = Sampling(temperature=0.0, seed=1, max_output=tokens)
    asked = Turn(messages, (Route(model, Place(Zone.DEVICE, Proof.PROVED)),), sampling)
    parts, times, finished = [], [], None
    async with aclosing(runtime.stream(asked)) as events:
        async for event in events:
            if isinstance(event, TextDelta):
                parts.append(event.text)
                times.append(time.monotonic())
            elif isinstance(event, Finished):
                finished = event
    assert finished is not None
    return "".join(parts), times, finished


@pytest.mark.bench
async def test_decode_speed_against_the_bare_library(
    runtime: LlamaCpp, bare: _Bare, capsys: pytest.CaptureFixture[str]
) -> None:
    question = "Tell a long story about a lighthouse keeper and the sea."
    ours, theirs = [], []
    for _ in range(_PAIRS):
        _, times, _ = await _answer(runtime, question)
        ours.append((len(times) - 1) / (times[-1] - times[0]))
        theirs.append(bare.speed(question))
    ratio = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
    with capsys.disabled():
        sys.stdout.write(
            f"\ndecode: {statistics.median(ours):.1f} tok/s here, {statistics.median(theirs):.1f} bare, "
            f"ratio {ratio:.3f} (median of {_PAIRS} interleaved pairs)\n"
        )


@pytest.mark.bench
async def test_second_turn_of_a_long_chat_against_its_first(
    runtime: LlamaCpp, capsys: pytest.CaptureFixture[str]
) -> None:
    ratios, lines = [], []
    for number in range(3):
        question = f"Report {number}. {_HISTORY}"
        text, _, first = await _answer(runtime, question, tokens=16)
        _, _, second = await _answer(runtime, question, text, "Go on.", tokens=16)
        assert first.timing.ttft_s
        assert second.timing.ttft_s
        ratios.append(second.timing.ttft_s / first.timing.ttft_s)
        lines.append(
            f"first {first.usage.input} tokens {first.timing.ttft_s:.2f} s, "
            f"second {second.usage.input} new of {second.usage.prompt} {second.timing.ttft_s:.2f} s"
        )
    with capsys.disabled():
        sys.stdout.write("\n" + "\n".join(lines) + f"\nratio of times to first token {statistics.median(ratios):.3f}\n")
