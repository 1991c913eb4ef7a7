"""The shipped list of models: every row whole and true to itself, and the order for three kinds of computers."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace

import pytest

from aqe_desktop.core.models import Capability
from aqe_desktop.core.plan import MEMORY, Device, Fit, Hardware, Recommended
from aqe_desktop.core.planning.asked import Asked
from aqe_desktop.core.planning.needs import cache
from aqe_desktop.resources import resource
from aqe_desktop.services.planning.recommended import recommended, shape_of_row

_TEXT = resource("recommended", "models.toml").read_text("utf-8")
_ROWS = tomllib.loads(_TEXT)["models"]
_GIB = 1024**3
_FAMILIES = {
    "Qwen2.5-Coder", "Qwen3-Coder", "DeepSeek-Coder", "DeepSeek-R1 distills", "Codestral", "Code Llama", "Llama 3",
    "Gemma", "gpt-oss",
}  # fmt: skip


def _machine(free: float, gpu: float = 0) -> Hardware:
    cards = (Device("gpu0", "GPU", 80 * _GIB, int(gpu * _GIB), gpu=True),) if gpu else ()
    return Hardware(memory=Device(MEMORY, "Memory", 128 * _GIB, int(free * _GIB)), gpus=cards)


def _named(found: tuple[Recommended, ...], name: str) -> Recommended:
    return next(each for each in found if each.name == name)


def test_every_family_is_there_and_no_name_twice() -> None:
    assert {row["family"] for row in _ROWS} == _FAMILIES
    assert len({row["name"] for row in _ROWS}) == len({row["pull"] for row in _ROWS}) == len(_ROWS)


@pytest.mark.parametrize("row", _ROWS, ids=lambda row: row["name"])
def test_a_row_is_whole_and_agrees_with_itself(row: dict[str, object]) -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", str(row["as_of"]))
    assert set(row["capabilities"]) <= set(Capability)  # type: ignore[call-overload]
    assert str(row["good_for"]).endswith(".")
    assert row["licence"]
    assert row["source"]
    shape = shape_of_row(row)
    size, parameters = float(str(row["size"])), float(str(row["parameters"])) * 1e9
    assert shape.weights == pytest.approx(size, rel=0.001)
    assert 4 <= size * 8 / parameters <= 9  # bits of each parameter, as four- to eight-bit files have
    assert shape.context >= 16_384


def test_only_files_that_were_here_count_as_seen() -> None:
    seen = {row["name"]: row["size"] for row in _ROWS if row["seen"]}
    assert seen == {"Qwen2.5-Coder 0.5B": 491_400_064, "Qwen2.5-Coder 1.5B": 1_117_320_768}


def test_the_cache_of_a_row_is_the_published_one() -> None:
    """Llama 3.1 8B: 1 GiB for 8192 tokens at 16 bits."""
    row = next(row for row in _ROWS if row["name"] == "Llama 3.1 8B")
    assert cache(shape_of_row(row), Asked(8192, slots=1)) == _GIB


def test_without_a_gpu_what_answers_quickly_comes_first_and_the_rest_says_why() -> None:
    found = recommended(_TEXT, _machine(24))
    assert len(found) == len(_ROWS)
    assert found[0].fit is Fit.FITS
    assert "slowly" not in found[0].reason
    slow = [place for place, each in enumerate(found) if "slowly" in each.reason]
    assert slow
    assert all("slowly" in each.reason or each.fit is Fit.NOT for each in found[slow[0] :])
    assert _named(found, "Llama 3.3 70B").reason == (
        f"It needs about {_named(found, 'Llama 3.3 70B').memory / 1e9:.1f} GB, more than is free."
    )


def test_few_experts_at_a_time_are_quick_on_a_processor() -> None:
    found = recommended(_TEXT, _machine(64))
    assert "slowly" not in _named(found, "Qwen3-Coder 30B-A3B").reason
    assert "slowly" in _named(found, "Qwen2.5-Coder 32B").reason


def test_with_a_gpu_the_largest_that_it_holds_comes_first() -> None:
    found = recommended(_TEXT, _machine(32, 23))
    assert found[0].fit is Fit.FITS
    assert "all layers on the GPU" in found[0].reason
    assert found[0].size > 12e9
    assert any(each.fit is Fit.PARTLY for each in found)


def test_a_small_machine_is_told_what_is_too_large() -> None:
    found = recommended(_TEXT, _machine(2))
    fits = [each.fit for each in found]
    assert fits == sorted(fits, key=(Fit.FITS, Fit.PARTLY, Fit.NOT).index)
    assert _named(found, "Qwen2.5-Coder 0.5B").fit is Fit.FITS
    assert _named(found, "Qwen2.5-Coder 7B").fit is Fit.NOT


def test_unknown_free_memory_promises_no_figure() -> None:
    found = recommended(_TEXT, replace(_machine(1), memory=Device(MEMORY, "Memory")))
    assert all("free" not in each.reason for each in found)
