"""Change single values in TOML text and leave every other line as the user or a newer version wrote it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from typing import Any

Changes = Mapping[tuple[str, str], Any]
_HEADER = re.compile(r"\s*\[\s*([A-Za-z0-9_-]+)\s*\]\s*(#.*)?$")
_ANY_HEADER = re.compile(r"\s*\[")
_KEY = re.compile(r"\s*([A-Za-z0-9_-]+)\s*=")
_COMMENT = re.compile(r"""^\s*[A-Za-z0-9_-]+\s*=\s*(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^"'#\[{]*?)(\s*#.*)$""")


def changed(text: str, changes: Changes) -> str:
    """The text with `(section, key): value` set; None takes a key out. Raises tomllib.TOMLDecodeError on broken text.

    Where editing lines does not give what is meant (dotted keys, inline tables), the file is written anew."""
    wanted = merged(tomllib.loads(text), changes)
    edited = text
    for (section, key), value in changes.items():
        edited = _with_value(edited, section, key, value)
    return edited if _says(edited, wanted) else written(wanted)


def merged(stored: Mapping[str, Any], changes: Changes) -> dict[str, Any]:
    """The parsed values with the changes in them."""
    result = {name: dict(value) if isinstance(value, dict) else value for name, value in stored.items()}
    for (section, key), value in changes.items():
        table = result.get(section)
        table = result[section] = table if isinstance(table, dict) else {}
        if value is None:
            table.pop(key, None)
        else:
            table[key] = value
    return result


def line_of(text: str, section: str, key: str = "") -> int:
    """The line, counted from 1, of a key or of its section's header; 0 if it is not found."""
    lines = _lines(text)
    start = _section_start(lines, section)
    found = _key_line(lines, start, key) if key and start is not None else None
    return found + 1 if found is not None else (start or 0)


def _with_value(text: str, section: str, key: str, value: Any) -> str:
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = _lines(text)
    start = _section_start(lines, section)
    if start is None:
        start = _append_section(lines, section)
    found = _key_line(lines, start, key)
    if found is None:
        lines[start:start] = [] if value is None else [f"{key} = {_literal(value)}"]
    elif value is None:
        del lines[found]
    else:
        lines[found] = f"{key} = {_literal(value)}{_comment(lines[found])}"
    return newline.join(lines) + newline if lines else ""


def _lines(text: str) -> list[str]:
    """Without `splitlines`, which also ends a line at characters that TOML allows inside one."""
    return text.replace("\r\n", "\n").removesuffix("\n").split("\n") if text else []


def _append_section(lines: list[str], section: str) -> int:
    if lines and lines[-1].strip():
        lines.append("")
    lines.append(f"[{section}]")
    return len(lines)


def _section_start(lines: list[str], section: str) -> int | None:
    """The index of the first line after the header."""
    for place, line in enumerate(lines):
        match = _HEADER.match(line)
        if match and match[1] == section:
            return place + 1
    return None


def _key_line(lines: list[str], start: int, key: str) -> int | None:
    for place in range(start, len(lines)):
        if _ANY_HEADER.match(lines[place]):
            return None
        match = _KEY.match(lines[place])
        if match and match[1] == key:
            return place
    return None


def _comment(line: str) -> str:
    match = _COMMENT.match(line)
    return match[1] if match else ""


def _literal(value: Any) -> str:
    """On one line, also a list."""
    import tomli_w

    if isinstance(value, list):
        return f"[{', '.join(map(_literal, value))}]"
    return tomli_w.dumps({"x": value}).removeprefix("x = ").rstrip("\n")


def written(values: dict[str, Any]) -> str:
    """The file anew, where its lines cannot be edited to say this."""
    import tomli_w

    return tomli_w.dumps(values)


def _says(text: str, wanted: dict[str, Any]) -> bool:
    try:
        return tomllib.loads(text) == wanted
    except tomllib.TOMLDecodeError:
        return False
