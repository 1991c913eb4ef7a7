"""Calls of tools in OpenAI's dialect, replayed from what real servers sent and from what others may send."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from aqe_desktop.core.chat import ChatEvent, Message, Noted, Role, Sampling, TextDelta, ToolCalled
from aqe_desktop.core.errors import UsageError
from aqe_desktop.wires.openai_calls import Calls
from aqe_desktop.wires.openai_chat import Decoder, encode_request
from aqe_desktop.wires.sse import SseParser
from tests.core.test_tools import WEATHER

_RECORDED = Path(__file__).parent / "recorded"
_OFFERED = frozenset({"get_weather"})


def _replay(name: str, offered: frozenset[str] = _OFFERED) -> tuple[Decoder, list[ChatEvent]]:
    exchange = json.loads((_RECORDED / f"{name}.json").read_text(encoding="utf-8"))
    parser, decoder, events = SseParser(), Decoder(calls=Calls(offered)), list[ChatEvent]()
    for _, text in exchange["response"]["chunks"]:
        for data in parser.feed(text.encode()):
            events += decoder.feed(data)
    return decoder, events


def _calls(events: list[ChatEvent]) -> list[ToolCalled]:
    return [each for each in events if isinstance(each, ToolCalled)]


def _left_out(events: list[ChatEvent]) -> list[str]:
    return [each.text for each in events if isinstance(each, Noted)]


def test_a_call_is_joined_from_its_pieces() -> None:
    decoder, events = _replay("llama-server-chat-tools-call-parallel-stream")
    (call,) = _calls(events)
    assert (call.name, call.id) == ("get_weather", "PaDk8QyV9CQ4ItJlIOFOI0DwnKFY6eDC")
    assert json.loads(call.arguments)["city"] == {"type": "string", "description": "Paris"}
    assert decoder.reason == "stop"


def test_pieces_of_several_calls_may_come_in_turns() -> None:
    calls = Calls(_OFFERED)
    for number, text in ((0, '{"city": '), (1, "{"), (0, '"Paris"}'), (1, "}")):
        calls.take([{"index": number, "id": f"c{number}", "function": {"name": "get_weather", "arguments": text}}])
    assert calls.end() == [
        ToolCalled("get_weather", '{"city": "Paris"}', "c0"),
        ToolCalled("get_weather", "{}", "c1"),
    ]


@pytest.mark.parametrize(
    ("name", "reason"),
    [("llama-server-chat-tools-call-length-stream", "length"), ("vllm-chat-tools-named-stream", "stop")],
)
def test_a_call_without_whole_arguments_is_a_note_and_no_call(name: str, reason: str) -> None:
    decoder, events = _replay(name)
    assert _calls(events) == []
    assert _left_out(events) == [
        "A call of the tool get_weather was cut off or has no proper arguments, so it is left out."
    ]
    assert decoder.reason == reason


def test_text_before_a_call_stays_before_it() -> None:
    _, events = _replay("llama-server-chat-tools-content-then-call-stream")
    kinds = [type(each) for each in events if isinstance(each, TextDelta | ToolCalled)]
    assert kinds == [*(TextDelta for _ in kinds[:-1]), ToolCalled]
    assert len(kinds) > 2


def test_a_call_of_a_tool_that_nobody_offered_is_told_of() -> None:
    _, events = _replay("vllm-chat-tools-named-stream", frozenset())
    assert _calls(events) == []
    assert "which it was not offered" in _left_out(events)[0]


def test_many_calls_of_tools_that_nobody_offered_are_one_note() -> None:
    calls = Calls(_OFFERED)
    names = ["get_weather", *(f"\x1b{number}" for number in range(3000))]
    calls.take([{"function": {"name": name, "arguments": "{}"}} for name in names])
    called, noted = calls.end()
    assert called == ToolCalled("get_weather", "{}", "")
    assert isinstance(noted, Noted)
    assert noted.text == "The model asked for the tools 0, 1, 2 and 2 997 more, which it was not offered."


@pytest.mark.parametrize("number", ["NaN", "-Infinity", "1e999"])
def test_arguments_that_no_other_program_could_read_are_no_call(number: str) -> None:
    calls = Calls(_OFFERED)
    calls.take([{"function": {"name": "get_weather", "arguments": f'{{"a": {number}, "c": 1}}'}}])
    (noted,) = calls.end()
    assert isinstance(noted, Noted)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999", "9" * 400])
def test_a_figure_that_is_no_number_is_not_told(number: str) -> None:
    decoder = Decoder()
    decoder.feed(f'{{"timings": {{"predicted_per_second": {number}}}, "choices": []}}')
    assert decoder.finish(ttft_s=None, total_s=1.0).timing.tokens_per_s is None


@pytest.mark.parametrize(
    "pieces",
    [
        [{"id": "a", "function": {"name": "get_weather", "arguments": {"city": "Paris"}}}],
        [{"id": "a", "function": {"name": "get_weather", "arguments": '{"city": "Paris"}'}}],
    ],
)
def test_whole_calls_without_a_number_are_taken(pieces: list[Any]) -> None:
    calls = Calls(_OFFERED)
    calls.take(pieces)
    (call,) = calls.end()
    assert isinstance(call, ToolCalled)
    assert json.loads(call.arguments) == {"city": "Paris"}
    assert calls.end() == []


@pytest.mark.parametrize("pieces", [None, "x", 7, {}, [None], [{"function": 3}], [{"index": 0}]])
def test_what_is_no_call_changes_nothing(pieces: Any) -> None:
    calls = Calls(_OFFERED)
    calls.take(pieces)
    assert calls.end() == []


def test_tools_go_along_as_they_are_and_only_where_there_are_any() -> None:
    asked = (Message(Role.USER, "Hi"),)
    assert encode_request("m", asked, Sampling(tools=json.dumps([WEATHER])))["tools"] == [WEATHER]
    assert "tools" not in encode_request("m", asked, Sampling())
    with pytest.raises(UsageError):
        encode_request("m", asked, Sampling(tools="{"))
