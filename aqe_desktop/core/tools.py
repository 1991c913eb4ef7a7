"""What a question gives along as JSON, the tools that a model is offered (a list in OpenAI's form) and the schema of
its answer: checked once at the border, so that no server has to."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

from aqe_desktop.core.errors import UsageError
from aqe_desktop.core.figures import grouped
from aqe_desktop.core.shown import shown

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_LONGEST = 64
_NAMED = 3
_HINT = 'Give a list such as [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}].'


def strict_json(text: str) -> Any:
    """Its value. Raises ValueError also for what Python takes though no other program does, NaN and Infinity, and for
    a number so large that it would be written as one; RecursionError where it is too deep."""
    return json.loads(text, parse_constant=_refuse, parse_float=_finite)


def not_offered(names: Sequence[str]) -> str:
    """What to say of tools that a model asked for though it was not offered them: the first few, as they may be seen,
    and how many more, for it may name anything and any number."""
    found = list(dict.fromkeys(names))
    several, more = len(found) > 1, len(found) - _NAMED
    first = ", ".join(shown(each, _LONGEST) or "of an unknown name" for each in found[:_NAMED])
    rest = f" and {grouped(more)} more" if more > 0 else ""
    return f"The model asked for the tool{'s' * several} {first}{rest}, which it was not offered."


def tools_of(text: str) -> list[dict[str, Any]]:
    """The tools as they are sent; none for "". Raises UsageError that names what is wrong with the text."""
    if not text:
        return []
    try:
        tools = strict_json(text)
    except (ValueError, RecursionError) as error:
        raise UsageError("The tools are not JSON.", _HINT) from error
    if not isinstance(tools, list) or not tools:
        raise UsageError("The tools are not a JSON list of functions.", _HINT)
    names = [_name(place, tool) for place, tool in enumerate(tools, 1)]
    if twice := next((name for name in names if names.count(name) > 1), ""):
        raise UsageError(f"Two tools have the name {twice}.", "Give each tool a name of its own.")
    return tools


def schema_of(text: str) -> dict[str, Any]:
    """The form of an answer. Raises UsageError for a text that is no JSON object."""
    try:
        schema = strict_json(text)
    except (ValueError, RecursionError) as error:
        raise UsageError("The schema of the answer is not JSON.", "Give a JSON schema, such as an object.") from error
    if not isinstance(schema, dict):
        raise UsageError("The schema of the answer is not a JSON object.", "Give a JSON schema.")
    return schema


@lru_cache(16)
def in_the_clear(text: str) -> str:
    """What stands in JSON behind escapes, as whoever reads it will have it; "" where there are none."""
    if "\\" not in text:
        return ""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return ""
    escaped = (each for each in _strings(value) if json.dumps(each, ensure_ascii=False)[1:-1] != each)
    return "\n".join((json.dumps(value, ensure_ascii=False), *escaped))


def names_of(text: str) -> frozenset[str]:
    """The names of the tools; raises what `tools_of` raises."""
    return frozenset(tool["function"]["name"] for tool in tools_of(text))


def _strings(value: Any) -> Iterator[str]:
    """Every name and text of a value, in their order."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)
    elif isinstance(value, dict):
        for name, each in value.items():
            yield name
            yield from _strings(each)


def _refuse(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError("a number is too large")
    return value


def _name(place: int, tool: Any) -> str:
    function = tool.get("function") if isinstance(tool, dict) and tool.get("type") == "function" else None
    name = function.get("name") if isinstance(function, dict) else None
    if not isinstance(function, dict) or not isinstance(name, str):
        raise UsageError(f"Tool {place} is not a function with a name.", _HINT)
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"The name of tool {place} is no name for a function.", "Use letters, digits, “_”, “-” and “.”, at most 64."
        )
    if not isinstance(function.get("parameters", {}), dict) or not isinstance(function.get("description", ""), str):
        raise UsageError(f"The tool {name} has no proper description or parameters.", _HINT)
    return name
