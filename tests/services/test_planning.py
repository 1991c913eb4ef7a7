"""The arithmetic of the memory planner, on shapes of every kind and on figures that no model has."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aqe_desktop.core.errors import ModelBroken
from aqe_desktop.core.loading import KV_TYPES, LoadSettings
from aqe_desktop.core.models import Model, ModelRef
from aqe_desktop.core.plan import MEMORY, Attention, Device, Fit, Hardware, Plan, Shape, Use
from aqe_desktop.services.planning import PlanningService
from aqe_desktop.services.planning.deciding import planned
from aqe_desktop.services.planning.service import Sources

_GIB = 1024**3
# The shape of Llama 3.1 8B at about four bits: 32 layers, 8 heads of 128 for keys and values.
_LLAMA = Shape(
    "llama", 4096, 14_336, 128_256, 32, 131_072, (Attention(32, 1024, 1024),), (131_000_000,) * 32, 300_000_000,
    430_000_000,
)  # fmt: skip


def _machine(free: float, *gpus: float) -> Hardware:
    cards = tuple(
        Device(f"gpu{number}", f"GPU {number}", 64 * _GIB, int(each * _GIB), gpu=True)
        for number, each in enumerate(gpus)
    )
    return Hardware(memory=Device(MEMORY, "Memory", 64 * _GIB, int(free * _GIB)), gpus=cards)


def _plan(shape: Shape, hardware: Hardware | None = None, factor: float = 1.0, **settings: object) -> Plan:
    wanted = LoadSettings(**{"context": 8192, "slots": 1, "batch": 512, **settings})  # type: ignore[arg-type]
    return planned("The model", shape, wanted, hardware or _machine(64), factor=factor)


def _of(plan: Plan, use: Use, device: str = "") -> int:
    return sum(part.bytes for part in plan.parts if part.use is use and device in ("", part.device))


def test_grouped_heads_keep_what_the_published_figure_says() -> None:
    """Llama 3.1 8B: 128 KiB for a token at 16 bits, so 1 GiB for 8192."""
    assert _of(_plan(_LLAMA), Use.CACHE) == _GIB


def test_one_head_for_all_keeps_an_eighth_of_eight() -> None:
    single = replace(_LLAMA, attention=(Attention(32, 128, 128),))
    assert _of(_plan(single), Use.CACHE) == _GIB // 8


def test_a_cache_of_eight_bits_takes_its_scales_too() -> None:
    assert _of(_plan(_LLAMA, kv_type="q8_0"), Use.CACHE) == _GIB * 34 // 64
    assert _of(_plan(_LLAMA, kv_type="q4_0"), Use.CACHE) == _GIB * 18 // 64


@pytest.mark.parametrize("kind", KV_TYPES)
def test_every_type_of_the_cache_is_known(kind: str) -> None:
    usual = _of(_plan(_LLAMA), Use.CACHE)
    assert _of(_plan(_LLAMA, kv_type=kind), Use.CACHE) != usual or kind in ("f16", "bf16")


def test_each_conversation_has_a_cache_of_its_own() -> None:
    assert _of(_plan(_LLAMA, slots=3), Use.CACHE) == 3 * _GIB


def test_layers_with_a_window_keep_only_it_and_a_batch() -> None:
    """Gemma 3 4B's pattern: 29 of 34 layers look back 1024 tokens."""
    gemma = replace(
        _LLAMA, attention=(Attention(29, 1024, 1024, 1024), Attention(5, 1024, 1024)), layer_bytes=(70_000_000,) * 34
    )
    row = 2 * 2 * 1024
    assert _of(_plan(gemma), Use.CACHE) == 29 * (1024 + 512) * row + 5 * 8192 * row
    short = _of(_plan(gemma, context=512), Use.CACHE)
    assert short == 34 * 512 * row


def test_experts_count_as_weights_and_not_in_the_cache() -> None:
    mixed = replace(_LLAMA, experts=128, experts_used=8, expert_feed_forward=768, layer_bytes=(560_000_000,) * 32)
    assert _of(_plan(mixed), Use.CACHE) == _of(_plan(_LLAMA), Use.CACHE)
    assert _of(_plan(mixed), Use.WEIGHTS) == mixed.weights


def test_layers_without_attention_keep_a_state_however_long_the_context() -> None:
    hybrid = replace(_LLAMA, attention=(Attention(8, 1024, 1024),), recurrent=50_000_000)
    assert _of(_plan(hybrid), Use.CACHE) == _GIB // 4 + 50_000_000
    states_only = replace(_LLAMA, attention=(), recurrent=50_000_000)
    assert _of(_plan(states_only, context=131_072), Use.CACHE) == 50_000_000


def test_without_flash_attention_the_scores_of_a_batch_need_memory() -> None:
    with_it, without = _plan(_LLAMA), _plan(_LLAMA, flash_attention=False)
    assert _of(without, Use.COMPUTE) - _of(with_it, Use.COMPUTE) > 32 * 512 * 8192 * 4 // 2


def test_what_is_stored_anew_is_needed_once_and_its_pages_are_spare() -> None:
    stored = replace(_LLAMA, repacked=3_000_000_000)
    plan = _plan(stored)
    assert _of(plan, Use.WEIGHTS) == stored.weights
    assert _of(plan, Use.SPARE) == 3_000_000_000
    assert plan.needed == sum(part.bytes for part in plan.parts) - 3_000_000_000
    assert _of(_plan(stored, mmap=False), Use.SPARE) == 0


def test_it_fits_where_there_is_room_and_says_so() -> None:
    plan = _plan(_LLAMA, _machine(16))
    assert plan.fit is Fit.FITS
    assert plan.sentence == (
        f"The model needs about {plan.needed / 1e9:.1f} GB for a context of 8\u2009192 tokens and fits: "
        "17.2 GB are free."
    )


def test_it_does_not_fit_and_the_context_that_would_is_named() -> None:
    plan = _plan(_LLAMA, _machine(7), context=131_072)
    assert plan.fit is Fit.NOT
    assert 0 < plan.largest_context < 131_072
    assert "does not fit" in plan.sentence
    assert f"{plan.largest_context:,}".replace(",", "\u2009") in plan.sentence


def test_the_largest_context_fits_and_one_step_more_does_not() -> None:
    largest = _plan(_LLAMA, _machine(7)).largest_context
    assert _plan(_LLAMA, _machine(7), context=largest).fit is Fit.FITS
    assert _plan(_LLAMA, _machine(7), context=largest + 256).fit is Fit.NOT


def test_no_context_is_named_where_none_fits() -> None:
    plan = _plan(_LLAMA, _machine(2))
    assert (plan.fit, plan.largest_context) == (Fit.NOT, 0)
    assert "would fit" not in plan.sentence


def test_as_many_layers_as_fit_go_to_the_gpu() -> None:
    plan = _plan(_LLAMA, _machine(16, 4))
    assert plan.fit is Fit.PARTLY
    assert 0 < plan.gpu_layers < 32
    assert plan.on("gpu0") <= 4 * _GIB
    assert _plan(_LLAMA, _machine(16, 4), gpu_layers=plan.gpu_layers + 1).fit is Fit.NOT
    assert plan.sentence.endswith(f"fits with {plan.gpu_layers} of 32 layers on the GPU.")


def test_all_layers_go_where_there_is_room_and_the_token_table_stays() -> None:
    plan = _plan(_LLAMA, _machine(16, 12))
    assert (plan.fit, plan.gpu_layers) == (Fit.FITS, 32)
    assert _of(plan, Use.WEIGHTS, MEMORY) == _LLAMA.input_bytes
    assert _of(plan, Use.CACHE, "gpu0") == _GIB
    assert any("not measured" in note for note in plan.notes)


def test_weights_and_cache_are_whole_however_they_are_divided() -> None:
    for layers in range(34):
        plan = _plan(_LLAMA, _machine(16, 6, 3), gpu_layers=layers)
        assert abs(_of(plan, Use.WEIGHTS) - _LLAMA.weights) <= 2
        assert abs(_of(plan, Use.CACHE) - _GIB) <= 2


def test_two_gpus_share_as_the_user_says() -> None:
    plan = _plan(_LLAMA, _machine(16, 12, 12), gpu_layers=32, tensor_split=(3.0, 1.0))
    assert _of(plan, Use.CACHE, "gpu0") == 3 * _of(plan, Use.CACHE, "gpu1")


@pytest.mark.parametrize("share", [float("nan"), float("inf"), -1.0, 0.0])
def test_a_share_that_is_no_number_counts_for_none(share: float) -> None:
    plan = _plan(_LLAMA, _machine(16, 12, 12), gpu_layers=32, tensor_split=(share, 1.0))
    assert _of(plan, Use.CACHE, "gpu0") == 0


def test_a_gpu_without_memory_of_its_own_takes_the_computers() -> None:
    shared = Device("gpu0", "Shared", gpu=True, shared=True)
    plan = _plan(_LLAMA, replace(_machine(16), gpus=(shared,)))
    assert plan.on("gpu0") == 0
    assert plan.on(MEMORY) == plan.needed


def test_unknown_free_memory_refuses_nothing() -> None:
    plan = _plan(_LLAMA, Hardware())
    assert plan.fit is Fit.FITS
    assert "unknown" in plan.sentence


def test_what_was_measured_changes_the_figures_and_is_said() -> None:
    plain, learned = _plan(_LLAMA), _plan(_LLAMA, factor=1.2)
    assert learned.needed == pytest.approx(plain.needed * 1.2, abs=10)
    assert any("measured when" in note for note in learned.notes)


@pytest.mark.parametrize(
    "broken",
    [
        replace(_LLAMA, layer_bytes=()),
        replace(_LLAMA, layer_bytes=(1 << 62,) * 32),
        replace(_LLAMA, layer_bytes=(-1,) * 32),
        replace(_LLAMA, attention=()),
        replace(_LLAMA, attention=(Attention(1 << 60, 1 << 60, 1 << 60),)),
        replace(_LLAMA, attention=(Attention(32, -1, 0),)),
        replace(_LLAMA, embedding=0),
        replace(_LLAMA, vocabulary=1 << 63),
        replace(_LLAMA, recurrent=-5),
        replace(_LLAMA, repacked=1 << 49),
    ],
)
def test_a_header_of_impossible_figures_is_not_planned_and_says_why(broken: Shape) -> None:
    plan = _plan(broken)
    assert plan.fit is Fit.UNKNOWN
    assert plan.sentence.startswith("The model cannot be planned: its header ")


@pytest.mark.parametrize("settings", [{"context": 1 << 62}, {"slots": -1}, {"batch": 1 << 40}, {"context": -3}])
def test_settings_beyond_all_measure_are_not_planned(settings: dict[str, Any]) -> None:
    assert _plan(_LLAMA, **settings).fit is Fit.UNKNOWN


_anything = st.integers(-(1 << 64), 1 << 64) | st.integers(0, 300)
_shapes = st.builds(
    Shape,
    st.just("x"),
    *[_anything] * 5,
    st.lists(st.builds(Attention, _anything, _anything, _anything, _anything), max_size=4).map(tuple),
    st.lists(_anything, max_size=6).map(tuple),
    *[_anything] * (len(fields(Shape)) - 8),
)
_settings = st.builds(
    LoadSettings,
    context=st.none() | _anything,
    gpu_layers=st.none() | _anything,
    kv_type=st.sampled_from(("", "q8_0", "no such type")),
    batch=st.none() | _anything,
    slots=st.none() | _anything,
    tensor_split=st.lists(st.floats(), max_size=3).map(tuple),
)


@given(shape=_shapes, settings=_settings, free=st.integers(0, 64), gpu=st.integers(0, 64))
def test_no_figures_make_the_planner_raise(shape: Shape, settings: LoadSettings, free: int, gpu: int) -> None:
    plan = planned("x", shape, settings, _machine(free, gpu))
    assert plan.sentence
    assert all(part.bytes >= 0 for part in plan.parts)


@given(context=st.integers(1, 500), more=st.integers(1, 200))
def test_a_longer_context_never_needs_less(context: int, more: int) -> None:
    assert _plan(_LLAMA, context=256 * context).needed < _plan(_LLAMA, context=256 * (context + more)).needed


async def _asked(model: Model, shape: Shape | ModelBroken) -> Plan:
    def read(_files: object) -> Shape:
        if isinstance(shape, ModelBroken):
            raise shape
        return shape

    return await PlanningService(Sources(read, lambda: _machine(64), lambda _: 64, lambda: "")).plan(model)


_FILED = Model(ModelRef("llamacpp", "m"), "The model", file=Path("/nowhere/m.gguf"))


async def test_a_model_whose_file_is_broken_is_not_planned() -> None:
    plan = await _asked(_FILED, ModelBroken("It ends too early."))
    assert (plan.fit, plan.sentence) == (Fit.UNKNOWN, "The model cannot be planned: it ends too early.")


async def test_a_model_that_another_machine_computes_is_not_planned_here() -> None:
    plan = await _asked(replace(_FILED, remote="example.com"), _LLAMA)
    assert plan.fit is Fit.UNKNOWN
    assert "example.com" in plan.sentence


async def test_a_model_without_a_known_file_is_not_planned() -> None:
    assert (await _asked(replace(_FILED, file=None), _LLAMA)).fit is Fit.UNKNOWN


async def test_a_header_is_read_once_for_all_settings(tmp_path: Path) -> None:
    reads = []
    file = tmp_path / "m.gguf"
    file.write_bytes(b"x")

    def read(files: object) -> Shape:
        reads.append(files)
        return _LLAMA

    service = PlanningService(Sources(read, lambda: _machine(64), lambda _: 64, lambda: ""))
    plans = [await service.plan(replace(_FILED, file=file), LoadSettings(context=size)) for size in (1024, 2048)]
    assert plans[0].needed < plans[1].needed
    assert len(reads) == 1
    file.write_bytes(b"another")
    await service.plan(replace(_FILED, file=file))
    assert len(reads) == 2
