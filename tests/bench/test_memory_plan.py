"""What the planner says beside what an engine takes: PSS after a prompt that fills the context, before any learning.

The figures were set by the first two models. The third was not used for that; its log of one load had been read, and
confirmed which weights are stored anew."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest

from aqe_desktop.core.chat import Finished, Message, Role, Route, Sampling, Turn
from aqe_desktop.core.loading import LoadSettings
from aqe_desktop.core.models import ModelRef, Place, Proof, Zone
from aqe_desktop.core.plan import Hardware, Part, Use
from aqe_desktop.machine import hardware
from aqe_desktop.machine.paths import find_paths, prepare
from aqe_desktop.runtimes.llamacpp import LlamaCpp, LoadOptions
from aqe_desktop.runtimes.llamacpp.shape import shape_of
from aqe_desktop.services.planning.deciding import planned
from tests import parts
from tests.doors import local_door

_CONTEXTS = (512, 1024, 2048)
_KV_TYPES = ("f16", "q8_0")
_BATCH, _ANSWER, _ROOM = 64, 8, 64
_OPTIONS = LoadOptions(n_batch=_BATCH, n_threads=hardware.cores(), nice=5)
_LINE = "The lamp of the lighthouse turned, and the sea was grey. "


_MODELS: dict[str, tuple[str, Callable[[], Path] | None]] = {
    "SmolLM2 135M (tuned on)": ("smol", None),
    "Qwen2.5-Coder 0.5B (tuned on)": ("coder", parts.coder_model),
    "Qwen2.5-Coder 1.5B (not tuned on)": ("larger", parts.larger_coder_model),
}


@pytest.mark.bench
@pytest.mark.parametrize("name", _MODELS)
async def test_predicted_against_measured_memory(
    name: str, own_home: None, starter_model: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    short, part = _MODELS[name]
    paths = find_paths()
    prepare(paths)
    # A file of its own: one that another process maps too would be counted by halves.
    file = paths.models / f"{short}.gguf"
    shutil.copyfile(starter_model if part is None else part(), file)
    lines = []
    for context in _CONTEXTS:
        for kv_type in _KV_TYPES:
            predicted = _predicted(file, context, kv_type)
            measured, tokens = await _measured(file, context, kv_type)
            error = (predicted - measured) / measured
            lines.append(
                f"  {context:>5} {kv_type:>5}  prompt {tokens:>5} tokens  predicted {predicted / 2**20:>7.0f} MiB  "
                f"measured {measured / 2**20:>7.0f} MiB  error {error:+.1%}"
            )
            with capsys.disabled():
                sys.stdout.write(f"\n{name}{lines[-1]}")


def _predicted(file: Path, context: int, kv_type: str) -> int:
    """Without margin, and with the pages that the system could take back: nobody takes them here."""
    settings = LoadSettings(context=context, kv_type=kv_type, batch=_BATCH, slots=_OPTIONS.n_parallel)
    plan = planned(file.stem, shape_of([file]), settings, Hardware())
    return sum(part.bytes for part in plan.parts if _is_taken(part))


def _is_taken(part: Part) -> bool:
    return part.use is not Use.MARGIN


async def _measured(file: Path, context: int, kv_type: str) -> tuple[int, int]:
    options = replace(_OPTIONS, n_ctx=context, kv_type=kv_type)
    runtime = LlamaCpp(find_paths(), local_door(), options)
    try:
        ref = ModelRef("llamacpp", file.stem)
        await runtime.load(ref)
        tokens = await _fill(runtime, ref, context)
        pid = runtime.status.value.pid
        assert pid is not None
        return _pss(pid), tokens
    finally:
        await runtime.aclose()


async def _fill(runtime: LlamaCpp, ref: ModelRef, context: int) -> int:
    """One question that leaves just enough room for a short answer; the tokens of its prompt."""
    routes = (Route(ref, Place(Zone.DEVICE, Proof.PROVED)),)

    def turn(lines: int) -> Turn:
        sampling = Sampling(temperature=0.0, seed=1, max_output=_ANSWER)
        return Turn((Message(Role.USER, _LINE * lines),), routes, sampling)

    few, many = await runtime.count(turn(4)), await runtime.count(turn(14))
    asked = turn(4 + (context - _ROOM - few) * 10 // (many - few))
    finished = None
    async with aclosing(runtime.stream(asked)) as events:
        async for event in events:
            finished = event if isinstance(event, Finished) else finished
    assert finished is not None
    return await runtime.count(asked)


def _pss(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
