"""A load setting makes sense by itself and beside the others, or it is named with what to give instead."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from aqe_desktop.core.errors import UsageError
from aqe_desktop.core.load_checks import checked, chosen, require
from aqe_desktop.core.loading import ALL, KV_TYPES, NEVER, LoadSettings

FULL = LoadSettings(
    context=4096, gpu_layers=ALL, kv_type="q8_0", flash_attention=True, threads=2, batch=64, slots=1,
    keep_alive_s=NEVER, mmap=False, mlock=True, main_gpu=0, tensor_split=(3, 1.5), rope_base=1e6, rope_scale=0.5,
    lora=("/a.gguf", "/b.gguf"), draft="/c.gguf",
)  # fmt: skip


def test_settings_in_their_bounds_pass_and_defaults_do() -> None:
    require(FULL)
    require(LoadSettings())
    for kind in KV_TYPES:
        require(LoadSettings(kv_type=kind))


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("context", 255, "a number from 256 to 1048576"),
        ("context", 4096.5, "a number from 256"),
        ("context", True, "a number from 256"),
        ("gpu_layers", -2, "a number from -1 to 1000"),
        ("threads", 0, "a number from 1 to 1024"),
        ("keep_alive_s", 1e9, "a number from -1 to 31536000"),
        ("kv_type", "q3_k", "one of f16, bf16"),
        ("mmap", 1, "yes or no"),
        ("tensor_split", (0, 0), "one of them above 0"),
        ("tensor_split", (1, -1), "0 or more"),
        ("tensor_split", (float("nan"),), "numbers with commas"),
        ("rope_base", float("inf"), "a number from 1 to 1000000000"),
        ("lora", ("",), "the path of a file"),
        ("draft", "a\0b", "the path of a file"),
        ("draft", 7, "the path of a file"),
    ],
)
def test_one_that_makes_no_sense_is_named_with_what_to_give(name: str, value: Any, said: str) -> None:
    with pytest.raises(UsageError) as refused:
        require(replace(LoadSettings(), **{name: value}))
    assert said in refused.value.hint


def test_a_small_cache_type_needs_flash_attention() -> None:
    require(LoadSettings(kv_type="bf16", flash_attention=False))
    with pytest.raises(UsageError, match="q8_0 needs flash attention"):
        require(LoadSettings(kv_type="q8_0", flash_attention=False))


def test_what_is_left_to_the_engine_is_the_default_of_its_kind() -> None:
    assert [checked(name, value) for name, value in (("context", None), ("kv_type", None), ("lora", []))] == [
        None,
        "",
        (),
    ]
    assert checked("tensor_split", [1, 2]) == (1, 2)
    assert chosen(LoadSettings(mmap=False, kv_type="f16")) == {"kv_type": "f16", "mmap": False}
    with pytest.raises(UsageError, match="“speed” is no load setting"):
        checked("speed", 1)
