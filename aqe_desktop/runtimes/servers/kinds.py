"""The kinds of servers that are known, from a table that ships with the app: what each tells beyond the dialect."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from aqe_desktop.resources import resource


@dataclass(frozen=True, slots=True)
class Kind:
    """One row of resources/runtimes/servers.toml, where its keys are explained."""

    kind: str = ""
    name: str = "OpenAI-compatible server"
    port: int = 0
    owned_by: tuple[str, ...] = ()
    server: str = ""
    mark: str = ""
    programs: tuple[str, ...] = ()
    forwards: bool = False
    health: str = ""
    version: str = ""
    key: str = ""
    rows: str = ""
    facts: str = ""
    loaded: str = ""
    trained: str = ""
    tokenize: str = ""
    checked: str = ""


# What nobody knows may do anything, so it counts as one that forwards.
UNKNOWN = Kind(forwards=True)


@dataclass(frozen=True, slots=True)
class Remote:
    """What in a reply names another machine that made it."""

    fields: tuple[str, ...]
    headers: tuple[str, ...]


@cache
def kinds() -> tuple[Kind, ...]:
    """In the order of the file. Blocks."""
    return tuple(Kind(**_frozen(row)) for row in _table()["server"])


@cache
def remote() -> Remote:
    """Blocks."""
    return Remote(**_frozen(_table()["remote"]))


def candidates(row: Mapping[str, Any], server: str) -> tuple[Kind, ...]:
    """The kinds that such a row of GET /v1/models and such a header could be of: one with a `mark` is to be asked for
    that, and none may be left."""
    owner, name = str(row.get("owned_by", "")), str(row.get("id", ""))
    return tuple(
        each
        for each in kinds()
        if any(sign.replace("{id}", name) == owner for sign in each.owned_by)
        and (not each.server or server.startswith(each.server))
    )


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(resource("runtimes", "servers.toml").read_text(encoding="utf-8"))


def _frozen(row: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
