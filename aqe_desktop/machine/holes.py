"""Versions of servers that are known to be unsafe, from a dated table that ships with the app: a warning asks no
server on the network (threats T15)."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache

from aqe_desktop.resources import resource

_NAMES = {"ollama": "Ollama", "llama.cpp": "llama.cpp"}


@dataclass(frozen=True, slots=True)
class Hole:
    """One row; a version has it below `fixed`, or up to `up_to`. `source` is where it can be read."""

    product: str
    id: str
    what: str
    source: str
    fixed: str = ""
    up_to: str = ""

    def is_in(self, version: str) -> bool:
        if self.fixed:
            return numbers(version) < numbers(self.fixed)
        return numbers(version) <= numbers(self.up_to)


@cache
def table() -> tuple[Hole, ...]:
    """In the order of the file: for each product the gravest of today first. Blocks."""
    rows = tomllib.loads(resource("runtimes", "known_holes.toml").read_text(encoding="utf-8"))["hole"]
    return tuple(Hole(**row) for row in rows)


def holes(product: str, version: str) -> tuple[Hole, ...]:
    """Those of this version; none of one that is not told (a build of one's own says 0.0.0)."""
    if not any(numbers(version)):
        return ()
    return tuple(each for each in table() if each.product == product and each.is_in(version))


def warning(product: str, version: str) -> str:
    """One sentence about the first of them and how many more there are; "" where none is known."""
    found = holes(product, version)
    if not found:
        return ""
    first, more = found[0], len(found) - 1
    others = f", and {more} more {'is' if more == 1 else 'are'} known" if more else ""
    safe = f"{first.fixed} or later" if first.fixed else f"a version after {first.up_to}"
    return (
        f"{_NAMES.get(product, product)} {version} has a known security fault, {first.id}: {first.what}{others}; "
        f"update it to {safe}."
    )


def numbers(version: str) -> tuple[int, ...]:
    """0.17.4-rc1 as (0, 17, 4), b8146 as (8146,); () where it is no version."""
    found = re.match(r"[vb]?(\d{1,9}(?:\.\d{1,9}){0,3})", version.strip())
    return tuple(int(each) for each in found.group(1).split(".")) if found else ()
