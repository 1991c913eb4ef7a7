"""The OpenAI chat dialect, replayed from what real servers sent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from aqe_desktop.core.chat import (
    Attachment,
    ChatEvent,
    Message,
    ReadingPrompt,
    ReasoningDelta,
    Role,
    Route,
    Sampling,
    TextDelta,
    Turn,
)
from aqe_desktop.core.errors import ContextTooLong, ProviderFailed, UsageError
from aqe_desktop.core.models import ModelRef, Place, Proof, Zone
from aqe_desktop.core.usage import Usage
from aqe_desktop.wires.attachments import render
from aqe_desktop.wires.openai_chat import Decoder, encode, encode_texts, failure
from aqe_desktop.wires.sse import SseParser

_RECORDED = Path(__file__).parent / "recorded"


def _recorded(name: str) -> dict[str, Any]:
    exchange: dict[str, Any] = json.loads((_RECORDED / f"{name}.json").read_text(encoding="utf-8"))
    return exchange


def _replay(name: str) -> tuple[Decoder, list[ChatEvent]]:
    parser, decoder = SseParser(), Decoder()
    events: list[ChatEvent] = []
    for _, text in _recorded(name)["response"]["chunks"]:
        for data in parser.feed(text.encode()):
            events += decoder.feed(data)
    return decoder, events


def _text(events: list[ChatEvent]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def _turn(*messages: Message, sampling: Sampling | None = None) -> Turn:
    return Turn(messages, (Route(ModelRef("llamacpp", "m"), Place(Zone.DEVICE, Proof.PROVED)),), sampling or Sampling())


def test_a_whole_answer_ends_with_its_reason_usage_and_speed() -> None:
    decoder, events = _replay("xllamacpp-chat-stream-length")
    finished = decoder.finish(ttft_s=0.1, total_s=1.0)
    last = _recorded("xllamacpp-chat-stream-length")["response"]["chunks"]
    usage = json.loads(next(t for _, t in last if '"usage"' in t).split("data: ")[-1])["usage"]
    assert _text(events)
    assert decoder.ended
    assert finished.reason == "length"
    assert finished.usage.output == usage["completion_tokens"]
    assert finished.usage.prompt == usage["prompt_tokens"]
    assert finished.timing.tokens_per_s is not None


def test_the_speed_is_known_even_where_usage_is_not_sent() -> None:
    decoder, _ = _replay("llama-server-chat-stream-usage-false")
    assert decoder.ended
    assert decoder.finish(ttft_s=None, total_s=1.0).timing.tokens_per_s


def test_two_events_in_one_network_chunk_are_both_read() -> None:
    _, events = _replay("llama-server-chat-stream-unicode")
    assert any(ord(character) > 127 for character in _text(events))


def test_progress_of_a_long_prompt_is_reported_with_what_was_reused() -> None:
    _, events = _replay("llama-server-chat-stream-prompt-progress")
    assert [event for event in events if isinstance(event, ReadingPrompt)] == [
        ReadingPrompt(24, 969, 24),
        ReadingPrompt(969, 969, 24),
    ]


def test_an_answer_that_breaks_off_has_not_ended() -> None:
    decoder, events = _replay("llama-server-server-killed-mid-stream")
    assert _text(events)
    assert not decoder.ended


def test_cached_tokens_are_counted_once() -> None:
    decoder = Decoder()
    decoder.feed('{"usage":{"prompt_tokens":40,"completion_tokens":3,"prompt_tokens_details":{"cached_tokens":30}}}')
    assert decoder.usage == Usage(input=10, cache_read=30, output=3)


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
def test_reasoning_is_kept_apart_from_the_answer(field: str) -> None:
    assert Decoder().feed(json.dumps({"choices": [{"delta": {field: "hm"}}]})) == [ReasoningDelta("hm")]


def test_an_error_in_mid_stream_is_raised() -> None:
    with pytest.raises(ProviderFailed, match="overloaded"):
        Decoder().feed('{"error":{"message":"overloaded","code":500}}')


@pytest.mark.parametrize("data", ["{", "[1]", "3", ""])
def test_a_malformed_event_is_a_clear_failure(data: str) -> None:
    with pytest.raises(ProviderFailed) as caught:
        Decoder().feed(data)
    assert caught.value.hint


@pytest.mark.parametrize("data", ['{"choices":[null,{}],"usage":null,"__verbose":null}', "{}", "[DONE]"])
def test_an_event_that_says_nothing_gives_nothing(data: str) -> None:
    assert Decoder().feed(data) == []


def test_the_context_error_gives_the_engines_own_counts() -> None:
    exchange = _recorded("xllamacpp-error-context-length-stream")["response"]
    error = failure(exchange["status"], exchange["body"])
    assert isinstance(error, ContextTooLong)
    assert (error.tokens, error.limit) == (6220, 1024)
    assert "6\u2009220" in error.message
    assert "1\u2009024" in error.message


@pytest.mark.parametrize(
    ("name", "part"),
    [
        ("llama-server-error-bad-json", "parse error"),
        ("llama-cpp-python-error-bad-json", "Internal Server Error"),
        ("vllm-auth-wrong", "Unauthorized"),
        ("xllamacpp-auth-missing", "Invalid API Key"),
    ],
)
def test_every_shape_of_error_body_gives_its_message_and_a_hint(name: str, part: str) -> None:
    exchange = _recorded(name)["response"]
    error = failure(exchange["status"], exchange["body"])
    assert part in error.message
    assert error.hint


@pytest.mark.parametrize("body", ["", "[]", "null", '{"detail":"no"}', '{"detail":[{"msg":"x"}]}', '{"error":null}'])
def test_an_unknown_error_body_is_still_a_sentence(body: str) -> None:
    assert failure(500, body).message.endswith((".", "no", "]", "[]", "None", "}"))


def test_only_what_was_set_is_sent() -> None:
    body = encode(_turn(Message(Role.USER, "hi"), sampling=Sampling(temperature=0.0, stop=("X",), max_output=5)), "m")
    assert body == {
        "model": "m",
        "messages": [{"role": "user", "content": "hi"}],
        "stream": True,
        "stream_options": {"include_usage": True},
        "temperature": 0.0,
        "stop": ["X"],
        "max_tokens": 5,
    }


def test_all_sampling_parameters_have_their_names_on_the_wire() -> None:
    sampling = Sampling(0.5, 0.9, 40, 0.1, 7, ("a", "b"), 9)
    body = encode(_turn(Message(Role.USER, "hi"), sampling=sampling), "m")
    sent = {name: body[name] for name in ("temperature", "top_p", "top_k", "min_p", "seed", "stop", "max_tokens")}
    assert list(sent.values()) == [0.5, 0.9, 40, 0.1, 7, ["a", "b"], 9]


def test_attachments_travel_inside_the_message() -> None:
    body = encode(_turn(Message(Role.USER, "why", (Attachment("a.py", "x = 1"),))), "m")
    assert "x = 1" in body["messages"][0]["content"]
    assert body["messages"][0]["content"].endswith("why")


def test_an_image_goes_as_a_part_and_is_not_counted_as_text() -> None:
    picture = Attachment("a.png", "", data=b"\x89PNG", media="image/png")
    message = Message(Role.USER, "Why?", (picture,))
    (said,) = encode(_turn(message), "m")["messages"]
    image, text = said["content"]
    assert image == {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw=="}}
    assert text == {"type": "text", "text": render(message)}
    assert encode_texts([message]) == [{"role": "user", "content": render(message)}]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            "image input is not supported - hint: if this is unexpected, you may need to provide the mmproj",
            "cannot see",
        ),
        ("smol is not a multimodal model", "cannot see"),
        ("Failed to load image or audio file", "cannot read this image"),
    ],
)
def test_a_refused_image_is_said_in_our_words(said: str, told: str) -> None:
    error = failure(500, json.dumps({"error": {"code": 500, "message": said, "type": "server_error"}}))
    assert told in error.message
    assert "mmproj" not in error.message
    assert error.hint


def test_a_schema_goes_as_the_format_of_the_answer() -> None:
    body = encode(_turn(Message(Role.USER, "When?"), sampling=Sampling(schema='{"type": "object"}')), "m")
    assert body["response_format"]["json_schema"]["schema"] == {"type": "object"}
    with pytest.raises(UsageError):
        encode(_turn(sampling=Sampling(schema="{")), "m")
