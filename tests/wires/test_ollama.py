"""Ollama's dialect where no recording tells: bodies, hostile lines, and characters that are no ends of lines."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aqe_desktop.core.chat import Attachment, Message, Role, Sampling, TextDelta
from aqe_desktop.core.errors import EngineCrashed, NotEnoughMemory, ProviderFailed, UsageError
from aqe_desktop.wires.attachments import render
from aqe_desktop.wires.ndjson import NdjsonParser
from aqe_desktop.wires.ollama import Decoder, Promise, encode, object_of, remote_of
from aqe_desktop.wires.ollama_failures import failure

ASKED = (Message(Role.SYSTEM, "Be short."), Message(Role.USER, "Look.", (Attachment("a.py", "x = 1\n"),)))


def _lines(data: bytes, piece: int) -> list[str]:
    parser, lines = NdjsonParser(), list[str]()
    for at in range(0, len(data), piece):
        lines += parser.feed(data[at : at + piece])
    return [*lines, *parser.end()]


def test_a_body_says_that_nothing_may_be_cut_and_holds_the_context() -> None:
    body = encode("smol", ASKED, Sampling(temperature=0, stop=("END",), max_output=9), {"num_ctx": 4096}, 300)
    assert (body["truncate"], body["shift"], body["stream"]) == (False, False, True)
    assert body["options"] == {"num_ctx": 4096, "temperature": 0, "stop": ["END"], "num_predict": 9}
    assert body["keep_alive"] == 300
    assert [each["role"] for each in body["messages"]] == ["system", "user"]
    assert "x = 1" in body["messages"][1]["content"]
    assert "think" not in body
    assert "format" not in body


@pytest.mark.parametrize(("think", "sent"), [("on", True), ("off", False), ("high", "high")])
def test_thinking_is_a_switch_or_a_level(think: str, sent: object) -> None:
    assert encode("m", ASKED, Sampling(think=think), {"num_ctx": 1})["think"] == sent


def test_an_image_goes_beside_the_text_in_base64() -> None:
    """As `ollama/error-image-on-text-model.json` has it; a message without one has no such key."""
    picture = Attachment("a.png", "", data=b"\x89PNG", media="image/png")
    asked, plain = Message(Role.USER, "Why?", (picture,)), Message(Role.USER, "And?")
    first, second = encode("m", (asked, plain), Sampling(), {"num_ctx": 1})["messages"]
    assert first == {"role": "user", "content": render(asked), "images": ["iVBORw=="]}
    assert second == {"role": "user", "content": "And?"}


def test_a_refused_image_is_said_in_our_words() -> None:
    blind = failure(500, '{"error":"this model is missing data required for image input"}', "m")
    assert blind.message == "The model “m” cannot see images."
    broken = failure(500, '{"error":"image: unknown format"}', "m")
    assert broken.message == "The server cannot read this image."
    assert blind.hint
    assert broken.hint


def test_a_schema_goes_as_the_format() -> None:
    body = encode("m", ASKED, Sampling(schema='{"type": "object"}'), {"num_ctx": 1})
    assert body["format"] == {"type": "object"}


@pytest.mark.parametrize("schema", ["{", "[]", "1", "[" * 100_000])
def test_what_is_no_schema_is_refused_before_anything_is_sent(schema: str) -> None:
    with pytest.raises(UsageError):
        encode("m", ASKED, Sampling(schema=schema), {"num_ctx": 1})


def test_a_line_ends_at_a_line_feed_and_nowhere_else() -> None:
    """Go leaves U+0085 as it is in JSON; readers that split text into lines cut there."""
    line = json.dumps({"message": {"content": "a\x85b\u2028c\x0bd"}}, ensure_ascii=False)
    (told,) = [object_of(each) for each in _lines(f"{line}\n".encode(), 3)]
    events = Decoder(Promise("")).feed(told)
    assert events == [TextDelta("a\x85b\u2028c\x0bd")]


@given(st.lists(st.text(st.characters(codec="utf-8"))), st.integers(1, 9))
def test_lines_are_the_same_in_whatever_pieces_they_come(texts: list[str], piece: int) -> None:
    data = "".join(f"{json.dumps(each)}\n" for each in texts).encode()
    assert [json.loads(each) for each in _lines(data, piece)] == texts


def test_a_line_without_an_end_does_not_fill_the_memory() -> None:
    parser = NdjsonParser(limit=100)
    for _ in range(10):
        assert parser.feed(b"x" * 10) == []
    with pytest.raises(ProviderFailed, match="without an end"):
        parser.feed(b"x")


@pytest.mark.parametrize("line", ["", "nonsense", "[1]", "null", '"text"', "[" * 100_000])
def test_a_line_that_is_no_object_is_another_protocol(line: str) -> None:
    with pytest.raises(ProviderFailed):
        object_of(line)


_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.just("function"), inner),
)
_MESSAGE = st.dictionaries(st.sampled_from(["content", "thinking", "tool_calls"]), _ANY)
_FIELDS = st.sampled_from(["message", "done", "done_reason", "eval_count", "eval_duration", "prompt_eval_count"])


@given(st.dictionaries(_FIELDS, _ANY | _MESSAGE))
def test_any_object_is_read_without_a_fault_of_ours(told: dict[str, object]) -> None:
    decoder = Decoder(Promise(""), "m", 10, 1)
    decoder.feed(told)
    decoder.notes()
    decoder.finish(ttft_s=None, total_s=0)


@pytest.mark.parametrize(
    ("told", "remote"),
    [
        ({}, ""),
        ({"remote_host": "", "remote_model": ""}, ""),
        ({"remote_host": "https://ollama.com:443", "remote_model": "m"}, "ollama.com:443"),
        ({"remote_host": "somewhere"}, "somewhere"),
        ({"remote_model": "m"}, "unknown machine"),
        ({"remote_host": 7}, "7"),
        ({"remote_host": "https://[evil"}, "https://[evil"),
        ({"remote_host": "\x1b\u202e"}, "unknown machine"),
        ({"remote_host": "a\nb\x1b" + "c" * 3_000_000}, "a b" + "c" * 116 + "…"),
    ],
)
def test_any_remote_field_is_a_remote(told: dict[str, object], remote: str) -> None:
    assert remote_of(told) == remote


def test_names_of_tools_that_nobody_offered_are_bounded() -> None:
    decoder = Decoder(Promise(""))
    names = ["\x1b[2J\n" + "x" * 3_000_000, *map(str, range(3000))]
    decoder.feed({"message": {"tool_calls": [{"function": {"name": name, "arguments": {}}} for name in names]}})
    decoder.feed({"done": True})
    (noted,) = decoder.notes()
    assert len(noted.text) < 180
    assert "and 2 998 more" in noted.text
    assert not {"\x1b", "\n"} & set(noted.text)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
def test_a_line_that_no_other_program_could_read_is_refused(number: str) -> None:
    with pytest.raises(ProviderFailed):
        object_of(f'{{"message": {{"tool_calls": [{{"function": {{"name": "a", "arguments": {{"a": {number}}}}}}}]}}}}')


def test_memory_that_is_missing_is_said_in_figures() -> None:
    said = '{"error":"model requires more system memory (5.5 GiB) than is available (1.2 GiB)"}'
    error = failure(500, said, "big")
    assert isinstance(error, NotEnoughMemory)
    assert "5.5 GiB" in error.message
    assert "1.2 GiB" in error.message


def test_a_runner_that_ended_while_it_loaded_is_a_crash() -> None:
    assert isinstance(failure(500, '{"error":"llama runner process has terminated: signal: killed"}'), EngineCrashed)


@pytest.mark.parametrize("text", ["", "<html>", "[1]", "null", '{"error":{"a":1}}', "[" * 100_000, "\udcff"])
@pytest.mark.parametrize("status", [200, 302, 404, 500, 599])
def test_any_refusal_has_a_message_and_a_next_step(status: int, text: str) -> None:
    error = failure(status, text)
    assert error.message
    assert error.hint
