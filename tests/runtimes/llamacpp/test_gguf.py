"""Our reader of model files believes nothing: whatever the bytes, a clear error or sane figures, soon and small."""

from __future__ import annotations

import resource
import struct
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aqe_desktop.core.errors import ModelBroken
from aqe_desktop.runtimes.llamacpp.gguf import Metadata, read_metadata
from tests.runtimes.llamacpp import gguf_files as gguf

_ANY_TMP = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)


def _read(folder: Path, content: bytes) -> Metadata:
    file = folder / "m.gguf"
    file.write_bytes(content)
    return read_metadata(file)


def test_the_starters_own_figures_are_read(starter_model: Path) -> None:
    found = read_metadata(starter_model)
    assert (found.architecture, found.context, found.quantization, found.blocks) == ("llama", 8192, "Q4_1", 30)
    # 30 layers, 3 key-value heads of 64, keys and values, 2 bytes each: what llama.cpp allocates.
    assert found.kv_bytes_per_token == 30 * 3 * 64 * 2 * 2
    assert {"<|im_start|>", "<|im_end|>", "<|endoftext|>"} <= set(found.control_tokens)


def test_a_small_valid_header_is_described(tmp_path: Path) -> None:
    found = _read(tmp_path, gguf.model())
    assert found == Metadata("llama", "Tiny", "Q4_K_M", 512, 2, 2 * 4 * (16 + 16) * 2, ("<|end|>",))


_LONG = struct.pack("<Q", 2**62)
_EMPTY = struct.pack("<IQ", gguf.U32, 0)


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"", "ends too early"),
        (b"hello world, I am no model", "not a GGUF file"),
        (gguf.header(0, version=1), "version 1"),
        (gguf.header(0, version=99), "version 99"),
        (gguf.header(2**63), "impossible number"),
        (gguf.header(0, tensors=2**63), "impossible number"),
        (gguf.header(1) + _LONG, "impossibly long"),
        (gguf.header(1) + gguf.pair("k", gguf.STRING, _LONG), "impossibly long"),
        (gguf.header(1) + gguf.pair("k", gguf.ARRAY, struct.pack("<I", gguf.U32) + _LONG), "impossibly long"),
        (gguf.header(1) + gguf.pair("k", 77, b""), "unknown type"),
        (gguf.header(1) + gguf.pair("k", gguf.ARRAY, struct.pack("<IQ", gguf.ARRAY, 1) * 50), "unknown type"),
        (gguf.header(1) + gguf.pair("k", gguf.ARRAY, struct.pack("<IQ", gguf.ARRAY, 30_000) + _EMPTY * 30_000), "long"),
        (gguf.header(0, tensors=1) + gguf.tensors([(0, [2**40, 2**40], 0)]), "impossible shape"),
        (gguf.header(0, tensors=1) + gguf.tensors([(0, [1] * 9, 0)]), "impossible shape"),
        (
            gguf.header(1) + gguf.texts("tokenizer.ggml.tokens", [f"<|{n:05000}|>" for n in range(500)]),
            "control tokens",
        ),
        (gguf.model()[:-5], "ends too early"),
    ],
)
def test_a_header_that_cannot_be_is_refused_with_its_cause(tmp_path: Path, content: bytes, cause: str) -> None:
    with pytest.raises(ModelBroken, match=cause) as caught:
        _read(tmp_path, content)
    assert caught.value.hint


@_ANY_TMP
@given(data=st.data())
def test_a_damaged_header_is_a_clear_error_or_sane_figures(tmp_path: Path, data: st.DataObject) -> None:
    content = bytearray(gguf.model())
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(content)))
    _clear_or_sane(tmp_path, bytes(content[:cut] if data.draw(st.booleans()) else content))


@_ANY_TMP
@given(tail=st.binary(max_size=400), keys=st.integers(0, 2**64 - 1), tensors=st.integers(0, 2**64 - 1))
def test_arbitrary_bytes_after_the_magic_are_a_clear_error_or_sane_figures(
    tmp_path: Path, tail: bytes, keys: int, tensors: int
) -> None:
    _clear_or_sane(tmp_path, gguf.header(keys, tensors) + tail)


def _clear_or_sane(folder: Path, content: bytes) -> None:
    try:
        found = _read(folder, content)
    except ModelBroken:
        return
    assert 0 <= found.context < 2**64
    assert 0 <= found.kv_bytes_per_token <= 2**40


def test_the_largest_header_that_is_read_stays_within_time_and_memory(tmp_path: Path) -> None:
    """Three million empty texts are the most one file may hold: read in a process that is limited to 10 s and 1 GiB."""
    file = tmp_path / "m.gguf"
    count = 3_000_000
    file.write_bytes(
        gguf.header(1) + gguf.pair("general.x", gguf.ARRAY, struct.pack("<IQ", gguf.STRING, count) + bytes(8 * count))
    )
    code = (
        "import sys; from pathlib import Path; from aqe_desktop.runtimes.llamacpp.gguf import read_metadata;"
        "read_metadata(Path(sys.argv[1]))"
    )

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (10, 10))
        resource.setrlimit(resource.RLIMIT_AS, (2**30, 2**30))

    subprocess.run([sys.executable, "-c", code, str(file)], preexec_fn=limited, check=True, capture_output=True)
