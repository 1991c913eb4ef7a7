"""What the planner learns from a header: made headers of every pattern, real files, and headers that lie.

The figures of the made ones are those that the models' makers publish in their configurations."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aqe_desktop.core.errors import ModelBroken
from aqe_desktop.core.plan import Attention
from aqe_desktop.runtimes.llamacpp.gguf_reader import Tensor
from aqe_desktop.runtimes.llamacpp.shape import read_shape, shape_from, shape_of
from tests.runtimes.llamacpp import gguf_files as made


def _values(architecture: str, **pairs: Any) -> dict[str, Any]:
    named = {f"{architecture}.{name.replace('__', '.')}": value for name, value in pairs.items()}
    return {"general.architecture": architecture.encode(), **named}


def _attention(architecture: str, **pairs: Any) -> tuple[Attention, ...]:
    return shape_from(_values(architecture, **pairs), []).attention


def test_grouped_heads() -> None:
    """Llama 3.1 8B."""
    told = {"block_count": 32, "embedding_length": 4096, "attention__head_count": 32, "attention__head_count_kv": 8}
    assert _attention("llama", **told) == (Attention(32, 1024, 1024),)


def test_one_head_for_all_and_as_many_as_there_are() -> None:
    told = {"block_count": 52, "embedding_length": 6144, "attention__head_count": 48}
    assert _attention("starcoder", **told, attention__head_count_kv=1) == (Attention(52, 128, 128),)
    assert _attention("starcoder", **told) == (Attention(52, 6144, 6144),)


def test_every_sixth_layer_of_gemma_3_looks_back_over_all() -> None:
    """Gemma 3 4B: 34 layers, 4 heads of 256 for keys and values, a window of 1024."""
    told = {
        "block_count": 34, "embedding_length": 2560, "attention__head_count": 8, "attention__head_count_kv": 4,
        "attention__key_length": 256, "attention__value_length": 256, "attention__sliding_window": 1024,
    }  # fmt: skip
    assert set(_attention("gemma3", **told)) == {Attention(29, 1024, 1024, 1024), Attention(5, 1024, 1024)}


def test_every_second_layer_of_gpt_oss_looks_back_over_all() -> None:
    told = {
        "block_count": 24, "embedding_length": 2880, "attention__head_count": 64, "attention__head_count_kv": 8,
        "attention__key_length": 64, "attention__value_length": 64, "attention__sliding_window": 128,
        "expert_count": 32, "expert_used_count": 4, "expert_feed_forward_length": 2880,
    }  # fmt: skip
    shape = shape_from(_values("gpt-oss", **told), [])
    assert set(shape.attention) == {Attention(12, 512, 512, 128), Attention(12, 512, 512)}
    assert (shape.experts, shape.experts_used, shape.expert_feed_forward) == (32, 4, 2880)


def test_a_pattern_in_the_header_counts_before_ours() -> None:
    told = {
        "block_count": 4, "embedding_length": 512, "attention__head_count": 4, "attention__sliding_window": 64,
        "attention__sliding_window_pattern": (True, True, True, False), "attention__key_length_swa": 32,
    }  # fmt: skip
    assert set(_attention("gemma4", **told)) == {Attention(3, 128, 512, 64), Attention(1, 512, 512)}


def test_a_window_of_an_unknown_pattern_counts_for_none() -> None:
    told = {"block_count": 2, "embedding_length": 512, "attention__head_count": 4, "attention__sliding_window": 64}
    assert _attention("qwen2", **told) == (Attention(2, 512, 512),)


def test_layers_that_share_anothers_cache_have_none() -> None:
    told = {"block_count": 30, "embedding_length": 2048, "attention__head_count": 8, "attention__head_count_kv": 2}
    (kind,) = _attention("llama", **told, attention__shared_kv_layers=10)
    assert kind.layers == 20


def test_compressed_keys_and_values_are_one_text() -> None:
    """DeepSeek V2 Lite: 27 layers, a rank of 512, 64 values of position."""
    told = {
        "block_count": 27, "embedding_length": 2048, "attention__head_count": 16, "attention__head_count_kv": 1,
        "attention__kv_lora_rank": 512, "attention__key_length": 576, "attention__value_length": 512,
        "attention__key_length_mla": 192, "attention__value_length_mla": 128, "rope__dimension_count": 64,
    }  # fmt: skip
    assert _attention("deepseek2", **told) == (Attention(27, 576, 0),)
    older = {name: value for name, value in told.items() if "mla" not in name}
    whole = {"attention__head_count_kv": 16, "attention__key_length": 192, "attention__value_length": 128}
    assert _attention("deepseek2", **{**older, **whole}) == (Attention(27, 3072, 2048),)


def test_a_hybrid_has_a_cache_in_some_layers_and_a_state_in_the_others() -> None:
    told = {
        "block_count": 4, "embedding_length": 512, "attention__head_count": 4, "attention__head_count_kv": (0, 2, 0, 0),
        "ssm__conv_kernel": 4, "ssm__inner_size": 1024, "ssm__state_size": 16, "ssm__group_count": 1,
    }  # fmt: skip
    shape = shape_from(_values("granitehybrid", **told), [])
    assert shape.attention == (Attention(1, 256, 256),)
    assert shape.recurrent == 3 * 4 * (3 * (1024 + 2 * 16) + 1024 * 16)


def test_one_layer_in_four_has_attention_where_the_header_says_so() -> None:
    told = {
        "block_count": 48, "embedding_length": 2048, "attention__head_count": 16, "attention__head_count_kv": 2,
        "attention__key_length": 256, "attention__value_length": 256, "full_attention_interval": 4,
        "ssm__conv_kernel": 4, "ssm__inner_size": 4096, "ssm__state_size": 128, "ssm__group_count": 16,
    }  # fmt: skip
    shape = shape_from(_values("qwen3next", **told), [])
    assert shape.attention == (Attention(12, 512, 512),)
    assert shape.recurrent == 36 * 4 * (3 * (4096 + 2 * 16 * 128) + 4096 * 128)


def test_states_alone_have_no_cache() -> None:
    told = {"block_count": 24, "embedding_length": 768, "attention__head_count": 0}
    mamba = shape_from(_values("mamba", **told, ssm__conv_kernel=4, ssm__inner_size=1536, ssm__state_size=16), [])
    assert mamba.attention == ()
    assert mamba.recurrent == 24 * 4 * (3 * 1536 + 1536 * 16)
    rwkv = shape_from(_values("rwkv6", **told, wkv__head_size=64), [])
    assert rwkv.recurrent == 24 * 4 * (768 * 64 + 2 * 768)


def test_weights_are_told_by_layer_and_what_is_stored_anew_with_them() -> None:
    q4_k, f32 = 12, 0
    tensors = [
        Tensor(q4_k, 2560, 0, "token_embd.weight"),
        Tensor(q4_k, 256, 0, "blk.0.ffn_up.weight"),
        Tensor(f32, 10, 0, "blk.1.attn_norm.weight"),
        Tensor(f32, 5, 0, "output_norm.weight"),
        Tensor(f32, 1, 0, "blk.9.stray"),
        Tensor(f32, 1, 0, "blk.x.stray"),
    ]
    shape = shape_from(_values("llama", block_count=2, embedding_length=256), tensors)
    assert shape.layer_bytes == (144, 40)
    assert (shape.input_bytes, shape.output_bytes, shape.repacked, shape.vocabulary) == (1440, 28, 144, 10)


def test_the_real_starter_is_read_in_a_process_of_its_own(starter_model: Path) -> None:
    shape = shape_of([starter_model])
    assert shape == read_shape([starter_model])
    assert shape.attention == (Attention(30, 192, 192),)
    assert (shape.layers, shape.vocabulary, shape.context, shape.repacked) == (30, 49_152, 8192, 0)
    assert 0.98 < shape.weights / starter_model.stat().st_size < 1


def test_the_parts_of_a_split_file_are_one_model(tmp_path: Path) -> None:
    first, second = tmp_path / "m-00001-of-00002.gguf", tmp_path / "m-00002-of-00002.gguf"
    pairs = made.model(extra={"block_count": 1})
    first.write_bytes(pairs)
    name = made.text("blk.0.ffn_up.weight") + struct.pack("<I1QIQ", 1, 64, 0, 0)
    second.write_bytes(made.header(0, 1) + name)
    shape = shape_of([first, second])
    assert shape.layer_bytes == (256,)
    assert shape.architecture == "llama"


@pytest.mark.parametrize("content", [b"", b"GGUF", b"no model at all", made.model()[:60]])
def test_a_file_that_is_no_model_says_why(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "m.gguf"
    file.write_bytes(content)
    with pytest.raises(ModelBroken, match=r"m\.gguf"):
        shape_of([file])


def test_a_file_that_is_gone_says_why(tmp_path: Path) -> None:
    with pytest.raises(ModelBroken, match="cannot be read"):
        shape_of([tmp_path / "m.gguf"])


def test_an_impossible_number_of_layers_is_refused_at_once(tmp_path: Path) -> None:
    file = tmp_path / "m.gguf"
    file.write_bytes(made.model(extra={"block_count": 4_000_000_000}))
    with pytest.raises(ModelBroken, match="impossible number of layers"):
        shape_of([file])


_figure = st.integers(-(1 << 63), (1 << 64) - 1) | st.integers(0, 64)
_value = _figure | st.booleans() | st.floats() | st.binary(max_size=4) | st.lists(_figure, max_size=5).map(tuple)
_keys = """block_count embedding_length attention__head_count attention__head_count_kv attention__key_length
attention__sliding_window attention__sliding_window_pattern attention__shared_kv_layers attention__kv_lora_rank
attention__key_length_mla full_attention_interval ssm__conv_kernel ssm__inner_size ssm__state_size ssm__group_count
wkv__head_size shortconv__l_cache vocab_size""".split()  # noqa: SIM905 - a list to read


@given(
    architecture=st.sampled_from(("llama", "gemma3", "llama4", "falcon-h1", "")),
    pairs=st.dictionaries(st.sampled_from(_keys), _value),
)
def test_no_header_makes_the_reading_raise_anything_else(architecture: str, pairs: dict[str, Any]) -> None:
    try:
        shape = shape_from(_values(architecture, **pairs), [Tensor(0, 1, 0, "token_embd.weight")])
    except ModelBroken:
        return
    assert shape.layers <= 4096
