"""What the list of models says of a file: read in a hurry, and never another answer than without one."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aqe_desktop.core.errors import ModelBroken
from aqe_desktop.runtimes.llamacpp.gguf_reader import Reader
from aqe_desktop.runtimes.llamacpp.library import header
from aqe_desktop.runtimes.llamacpp.library.header import details_of, facts_of
from tests.runtimes.llamacpp import gguf_files as gguf

_ANY_TMP = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150, deadline=None)
_TEMPLATE = "tokenizer.chat_template"
_WORDS = [f"word{number}" for number in range(1500)]


def _facts(folder: Path, **pairs: Any) -> dict[str, Any]:
    file = folder / "m.gguf"
    told = {name.replace("__", "."): value for name, value in pairs.items()}
    file.write_bytes(gguf.described({"general.architecture": "llama", **told}))
    return facts_of([file])


def test_the_starter_is_described_whole(starter_model: Path) -> None:
    assert facts_of([starter_model]) == {
        "name": "Smollm2 135M 8k Lc100K Mix1 Ep2",
        "architecture": "llama",
        "parameters": 134_515_008,
        "quantization": "Q4_1",
        "context": 8192,
        "licence": "apache-2.0",
        "capabilities": ["chat"],
        "error": "",
    }


def test_details_count_the_tensors_of_each_type_and_hold_the_whole_template(starter_model: Path) -> None:
    told = details_of([starter_model])
    assert [fact for fact in told["facts"] if fact[0].startswith("tensors.")] == [
        ("tensors.Q4_1", "210"),
        ("tensors.F32", "61"),
        ("tensors.Q8_0", "1"),
    ]
    assert told["template"].startswith("{% for message in messages %}")
    assert ("llama.block_count", "30") in told["facts"]
    assert not [name for name, _ in told["facts"] if name in (_TEMPLATE, "tokenizer.ggml.tokens")]


@pytest.mark.parametrize(
    ("pairs", "can"),
    [
        ({_TEMPLATE: "{% if tools %}x{% endif %}"}, ["chat", "tools"]),
        ({_TEMPLATE: "these are my 'tools' and <think>thoughts</think>"}, ["chat", "thinking"]),
        ({f"{_TEMPLATE}.tool_use": "{{ x }}"}, ["chat", "tools"]),
        ({"general.name": "Some Coder 7B"}, ["chat", "code"]),
        ({"general.tags": ["Code", "x"]}, ["chat", "code"]),
        ({"llama.pooling_type": 1}, ["embeddings"]),
        ({"llama.pooling_type": 0}, ["chat"]),
        ({"general.architecture": "nomic-bert"}, ["embeddings"]),
        ({"general.architecture": "clip"}, []),
    ],
)
def test_what_a_model_can_do_is_read_from_its_header(tmp_path: Path, pairs: dict[str, Any], can: list[str]) -> None:
    file = tmp_path / "m.gguf"
    file.write_bytes(gguf.described({"general.architecture": "llama", **pairs}))
    assert facts_of([file])["capabilities"] == can


def test_a_licence_is_its_first_line_and_a_type_that_is_not_named_is_that_of_most_weights(tmp_path: Path) -> None:
    file = tmp_path / "m.gguf"
    figures = [(0, [4], 0), (12, [256, 4], 32), (0, [4], 608)]
    file.write_bytes(gguf.described({"general.license": "MIT\nPermission is"}, figures) + bytes(1024))
    assert (facts_of([file])["licence"], facts_of([file])["quantization"]) == ("MIT", "Q4_K")
    assert details_of([file])["licence"] == "MIT\nPermission is"


def test_the_weights_that_are_not_in_the_file_are_counted_over_all_parts(tmp_path: Path, starter_model: Path) -> None:
    whole = starter_model.read_bytes()
    (tmp_path / "half.gguf").write_bytes(whole[:40_000_000])
    assert "at least 58.4 MB are missing" in facts_of([tmp_path / "half.gguf"])["error"]
    assert header.read_header([starter_model, tmp_path / "half.gguf"]).missing == len(whole) - 40_000_000


def test_a_type_of_weights_that_is_not_known_is_not_called_incomplete(tmp_path: Path) -> None:
    file = tmp_path / "m.gguf"
    file.write_bytes(gguf.header(0, tensors=1) + gguf.tensors([(999, [64], 0)]) + bytes(64))
    assert (facts_of([file])["error"], facts_of([file])["quantization"]) == ("", "type 999")


def test_a_vocabulary_is_passed_over_without_a_walk_through_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Reader, "_strings", _no_walk)
    told = _facts(tmp_path, tokenizer__ggml__tokens=_WORDS, tokenizer__chat_template="{{ tools }}")
    assert told["capabilities"] == ["chat", "tools"]


def _no_walk(*_: object, **__: object) -> list[bytes]:
    raise AssertionError("every word was looked at")


def test_a_vocabulary_that_looks_like_keys_is_walked_through(tmp_path: Path) -> None:
    words = [*_WORDS, *_WORDS, "tokenizer.x", "general.name", "word"]
    file = tmp_path / "m.gguf"
    file.write_bytes(
        gguf.described({"tokenizer.ggml.tokens": words, _TEMPLATE: "{{ tools }}"}, [(0, [8], 0)]) + bytes(64)
    )
    assert facts_of([file])["capabilities"] == ["chat", "tools"]


def test_a_file_that_ends_in_its_vocabulary_is_told_so(tmp_path: Path) -> None:
    file = tmp_path / "m.gguf"
    content = gguf.described({"tokenizer.ggml.tokens": _WORDS, _TEMPLATE: "x"})
    for cut in (len(content) // 2, len(content) - 40):
        file.write_bytes(content[:cut])
        with pytest.raises(ModelBroken, match="ends too early"):
            facts_of([file])


@_ANY_TMP
@given(data=st.data())
def test_a_hurried_reader_says_what_an_unhurried_one_says(tmp_path: Path, data: st.DataObject) -> None:
    content = bytearray(
        gguf.described(
            {"general.architecture": "llama", "tokenizer.ggml.tokens": _WORDS, _TEMPLATE: "x", "general.file_type": 2},
            [(0, [64], 0)],
        )
    )
    for _ in range(data.draw(st.integers(0, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    file = tmp_path / "m.gguf"
    file.write_bytes(content[: data.draw(st.integers(0, len(content)))] if data.draw(st.booleans()) else content)
    walked, hurried = (_result(file, hurried=each) for each in (False, True))
    if walked is not None and hurried is not None:
        assert walked == hurried
    if walked is not None:
        told = facts_of([file])
        assert all(len(told[name]) <= 200 for name in ("name", "architecture", "licence"))
        assert 0 <= told["context"] < 2**64


def _result(file: Path, *, hurried: bool) -> header.Header | None:
    try:
        return header._read_by(file, hurried=hurried)
    except ModelBroken:
        return None


def test_a_fraction_is_told_with_the_digits_that_its_file_has() -> None:
    (kept,) = struct.unpack("<f", struct.pack("<f", 1e-6))
    assert [header._shown(each) for each in (kept, 10_000.0, False, 7)] == ["1e-06", "10000", "False", "7"]


def test_absurd_texts_and_nested_lists_are_cut_to_what_can_be_shown(tmp_path: Path) -> None:
    file = tmp_path / "m.gguf"
    nested = struct.pack("<IQ", gguf.ARRAY, 3) + (struct.pack("<IQ", gguf.U32, 2) + bytes(8)) * 3
    pairs = [
        gguf.pair("general.name", gguf.STRING, gguf.text("n" * 100_000)),
        gguf.pair("general.license", gguf.STRING, gguf.text("l" * 3_000_000)),
        gguf.pair("general.x", gguf.ARRAY, nested),
        *(gguf.number(f"general.n{number}", number) for number in range(500)),
    ]
    file.write_bytes(gguf.header(len(pairs)) + b"".join(pairs))
    told = details_of([file])
    assert len(told["facts"]) <= 200
    assert max(len(value) for _, value in told["facts"]) <= 300
    assert len(told["licence"]) == 1 << 20
    assert len(facts_of([file])["name"]) == 200
