"""What a question gives along as JSON, the tools that a model is offered (a list in OpenAI's form) and the schema of
its answer: checked once at the border, so that no server has to."""

from __future__ import annotations

import json
import re
from typing import Any

from aqe_desktop.core.errors import UsageError

_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_HINT = 'Give a list such as [{"type": "function", "function": {"name": "weather", "parameters": {"type": "object"}}}].'


def tools_of(text: str) -> list[dict[str, Any]]:
    """The tools as they are sent; none for "". Raises UsageError that names what is wrong with the text."""
    if not text:
        return []
    try:
        tools = json.loads(text)
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
        schema = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError("The schema of the answer is not JSON.", "Give a JSON schema, such as an object.") from error
    if not isinstance(schema, dict):
        raise UsageError("The schema of the answer is not a JSON object.", "Give a JSON schema.")
    return schema


def names_of(text: str) -> frozenset[str]:
    """The names of the tools; raises what `tools_of` raises."""
    return frozenset(tool["function"]["name"] for tool in tools_of(text))


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
