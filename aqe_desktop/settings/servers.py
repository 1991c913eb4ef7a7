"""The user's own servers in settings.toml: a row each, checked at the border, edited with no other line touched."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from aqe_desktop.core.errors import UsageError
from aqe_desktop.settings.lines import written

TABLE = "servers"
TAKEN = frozenset(
    """ollama llamacpp lmstudio openai anthropic google gemini perplexity modal openrouter groq mistral deepseek
    together fireworks cohere huggingface xai azure bedrock cerebras""".split()  # noqa: SIM905 - a list to read
)
"""Ids of runtimes and providers, also of ones to come: a model reference must name one host for good."""
PATIENCE_S = 300
"""Seconds without a byte until a server counts as stalled: its queue may hold back even the first one."""
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
_HEADER = re.compile(r"\s*\[\[\s*servers\s*\]\]\s*(#.*)?$")
_ANY_HEADER = re.compile(r"\s*\[")
_COMMENT = re.compile(r"""^\s*[A-Za-z0-9_-]+\s*=\s*(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^"'#\[{]*?)(\s*#.*)$""")


class ServerRow(BaseModel):
    """One `[[servers]]` table. `zone` is what the user says of where it runs, "" nothing; `program` the file that the
    server runs from where it is on this device, by which it can be proved; `patience` in seconds without a byte;
    `vision`: its models can see images where it does not say what they can."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    id: str
    url: str
    zone: Literal["", "device", "lan", "cloud"] = ""
    name: str = Field(default="", max_length=80)
    program: str = ""
    patience: int = Field(default=PATIENCE_S, ge=5, le=86_400)
    vision: bool = False

    @field_validator("id")
    @classmethod
    def _is_a_slug(cls, value: str) -> str:
        if not _ID.fullmatch(value):
            raise ValueError("an id has small letters, digits and hyphens, 32 at most, and begins with no hyphen")
        if value in TAKEN:
            raise ValueError(f"{value} is the name of a runtime or provider")
        return value

    @field_validator("url")
    @classmethod
    def _is_an_address(cls, value: str) -> str:
        return address(value)

    @field_validator("program")
    @classmethod
    def _is_a_whole_path(cls, value: str) -> str:
        # Another one would name another program in each folder that a command is run in.
        if value and not (PurePath(value).is_absolute() and value.isprintable()):
            raise ValueError("a program is named by its whole path")
        return value

    @field_validator("name")
    @classmethod
    def _can_be_shown(cls, value: str) -> str:
        if not value.isprintable():
            raise ValueError("a name is one line of text that can be shown")
        return value


def address(text: str) -> str:
    """The base of a server's URL, without a last slash and without /v1. Raises ValueError for what is none."""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise ValueError("it is not the URL of a server") from error
    if parts.scheme not in ("http", "https") or not host or port == 0:
        raise ValueError("a server's URL begins with http:// or https:// and names a host")
    if parts.username is not None or parts.password is not None:
        raise ValueError("a server's URL holds no name or password")
    if "?" in text or "#" in text:
        raise ValueError("a server's URL ends with its path")
    if not text.isascii() or not text.isprintable() or set(text) & set(' \\"<>^`{|}'):
        raise ValueError("a server's URL has only the plain characters of URLs")
    path = parts.path.rstrip("/").removesuffix("/v1").rstrip("/")
    return f"{parts.scheme}://{parts.netloc.lower()}{path}"


def require_unique(rows: Sequence[ServerRow]) -> None:
    """Raises ValueError where two rows have one id."""
    ids = [row.id for row in rows]
    twice = next((each for each in ids if ids.count(each) > 1), "")
    if twice:
        raise ValueError(f"two servers have the id {twice}")


def with_row(text: str, values: Mapping[str, Any]) -> str:
    """The text with one more server. Raises UsageError for a row that is not valid, or an id that is there."""
    stored = _rows(text)
    if any(_id(row) == values["id"] for row in stored):
        raise UsageError(
            f"There is a server {values['id']} already.", f"Choose another id, or: aqe runtimes set {values['id']}"
        )
    _check(values)
    said = {key: value for key, value in values.items() if value != ""}
    block = "\n".join(["", f"[[{TABLE}]]", *(f"{key} = {_literal(value)}" for key, value in said.items())])
    edited = (text.rstrip("\n") + "\n" + block if text.strip() else block.lstrip("\n")) + "\n"
    return _meant(edited, text, [*stored, said])


def with_changes(text: str, server: str, changes: Mapping[str, Any]) -> str:
    """The text with some keys of a server set. Raises UsageError for one that is unknown, or a value not valid."""
    stored = _rows(text)
    at = _index(stored, server)
    row = {**stored[at], **changes}
    _check(row)
    edited = text
    for key, value in changes.items():
        edited = _with_key(edited, at, key, value)
    return _meant(edited, text, [*stored[:at], row, *stored[at + 1 :]])


def without_row(text: str, server: str) -> str:
    """The text without a server. Raises UsageError for an unknown one."""
    stored = _rows(text)
    at = _index(stored, server)
    lines = text.split("\n")
    first, end = _block(lines, at)
    edited = "\n".join([*lines[:first], *lines[end:]]) if end else text
    return _meant(edited, text, [*stored[:at], *stored[at + 1 :]])


def _meant(edited: str, text: str, rows: Sequence[Mapping[str, Any]]) -> str:
    """The edited lines where they say what is meant; else (inline tables) the file is written anew."""
    wanted = {key: value for key, value in tomllib.loads(text).items() if key != TABLE}
    if rows:
        wanted[TABLE] = [dict(row) for row in rows]
    try:
        return edited if tomllib.loads(edited) == wanted else written(wanted)
    except tomllib.TOMLDecodeError:
        return written(wanted)


def _rows(text: str) -> list[dict[str, Any]]:
    found = tomllib.loads(text).get(TABLE, [])
    return [row for row in found if isinstance(row, dict)] if isinstance(found, list) else []


def _id(row: Mapping[str, Any]) -> Any:
    return row.get("id")


def _index(rows: Sequence[Mapping[str, Any]], server: str) -> int:
    at = next((number for number, row in enumerate(rows) if _id(row) == server), None)
    if at is None:
        raise UsageError(f"There is no server {server} in the settings.", "`aqe runtimes` lists them.")
    return at


def _block(lines: Sequence[str], number: int) -> tuple[int, int]:
    """First and end line of the numbered table; (0, 0) where lines do not show it."""
    starts = [at for at, line in enumerate(lines) if _HEADER.match(line)]
    if number >= len(starts):
        return 0, 0
    first = starts[number]
    end = next((at for at in range(first + 1, len(lines)) if _ANY_HEADER.match(lines[at])), len(lines))
    # Comments just above the next table belong to that one.
    while end < len(lines) and end > first + 1 and lines[end - 1].lstrip().startswith("#"):
        end -= 1
    return first, end


def _with_key(text: str, number: int, key: str, value: Any) -> str:
    lines = text.split("\n")
    first, end = _block(lines, number)
    if not end:
        return text
    ending = "\r" if lines[first].endswith("\r") else ""
    at = next((at for at in range(first + 1, end) if re.match(rf"\s*{key}\s*=", lines[at])), None)
    if at is None:
        lines.insert(first + 1, f"{key} = {_literal(value)}{ending}")
    else:
        comment = _COMMENT.match(lines[at].removesuffix("\r"))
        lines[at] = f"{key} = {_literal(value)}{comment[1] if comment else ''}{ending}"
    return "\n".join(lines)


def _check(values: Mapping[str, Any]) -> None:
    try:
        ServerRow.model_validate(dict(values))
    except ValidationError as error:
        first = error.errors()[0]
        key = str(first["loc"][0]) if first["loc"] else "It"
        words = first["msg"].removeprefix("Value error, ").rstrip(".")
        raise UsageError(
            f"The server's {key} cannot be {str(values.get(key, ''))[:80]!a}: {words[:1].lower() + words[1:]}.",
            "Write it such as: aqe runtimes add box --url http://192.0.2.7:8000 --zone lan",
        ) from error


def _literal(value: Any) -> str:
    import tomli_w

    return tomli_w.dumps({"x": value}).removeprefix("x = ").rstrip("\n")
