"""Tools are checked where they come in: what is wrong is named, and what is right goes out as it was."""

from __future__ import annotations

import json
from typing import Any

import pytest

from aqe_desktop.core.errors import UsageError
from aqe_desktop.core.tools import in_the_clear, names_of, not_offered, schema_of, strict_json, tools_of

WEATHER: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Weather of a city",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


def test_a_list_of_functions_is_taken_as_it_is() -> None:
    other = {"type": "function", "function": {"name": "now"}}
    assert tools_of(json.dumps([WEATHER, other])) == [WEATHER, other]
    assert names_of(json.dumps([WEATHER, other])) == {"get_weather", "now"}
    assert tools_of("") == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("{}", "not a JSON list"),
        ("[]", "not a JSON list"),
        ("[1]", "Tool 1 is not a function"),
        ('[{"type": "function"}]', "Tool 1 is not a function"),
        ('[{"type": "web", "function": {"name": "x"}}]', "Tool 1 is not a function"),
        ('[{"type": "function", "function": {"name": 3}}]', "Tool 1 is not a function"),
        ('[{"type": "function", "function": {"name": "a b"}}]', "name of tool 1"),
        ('[{"type": "function", "function": {"name": "a`b"}}]', "name of tool 1"),
        ('[{"type": "function", "function": {"name": "x", "parameters": []}}]', "The tool x has no proper"),
        ('[{"type": "function", "function": {"name": "x", "description": 1}}]', "The tool x has no proper"),
        (json.dumps([WEATHER, WEATHER]), "Two tools have the name get_weather"),
    ],
)
def test_what_is_wrong_is_named(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words) as raised:
        tools_of(text)
    assert raised.value.hint


@pytest.mark.parametrize("text", ["", "{", "[]", "7", "[" * 100_000])
def test_a_schema_is_a_json_object(text: str) -> None:
    with pytest.raises(UsageError, match="The schema of the answer is not"):
        schema_of(text)
    assert schema_of('{"type": "object"}') == {"type": "object"}


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "1e999", "-1e999"])
def test_a_number_that_no_other_program_takes_is_no_json(value: str) -> None:
    text = json.dumps({"type": "object", "default": "HERE"}).replace('"HERE"', value)
    with pytest.raises(ValueError, match=r".+"):
        strict_json(text)
    with pytest.raises(UsageError, match="not JSON"):
        schema_of(text)
    with pytest.raises(UsageError, match="not JSON"):
        tools_of(f"[{text}]")
    assert strict_json('{"a": [1.5, 1e300, 12345678901234567890]}') == {"a": [1.5, 1e300, 12345678901234567890]}


def test_tools_that_were_not_offered_are_named_in_bounds_and_as_they_may_be_seen() -> None:
    assert not_offered(["a", "a"]) == "The model asked for the tool a, which it was not offered."
    assert not_offered(["a", "b"]) == "The model asked for the tools a, b, which it was not offered."
    many = not_offered([f"tool{number}" for number in range(3000)])
    assert many == "The model asked for the tools tool0, tool1, tool2 and 2 997 more, which it was not offered."
    hostile = not_offered(["\x1b[2J\x07x\naqe: \u202eok" + "y" * 3_000_000])
    assert len(hostile) < 140
    assert not {"\x1b", "\x07", "\n", "\u202e"} & set(hostile)
    assert not_offered(["\x1b"]) == "The model asked for the tool of an unknown name, which it was not offered."


def test_what_stands_behind_escapes_is_told_as_it_is_read() -> None:
    assert in_the_clear('{"a": "ø"}') == ""
    assert in_the_clear("\\ no JSON") == ""
    told = in_the_clear(r'{"p\u00e5": ["C:\\keys", "one\ntwo", 1.5, null]}')
    assert told.splitlines() == [r'{"på": ["C:\\keys", "one\ntwo", 1.5, null]}', "C:\\keys", "one", "two"]
