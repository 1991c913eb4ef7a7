"""One row of the rule data, checked when it is read: a rule that cannot work is found at the start, by its name."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import MISSING, dataclass, fields
from typing import Any

from aqe_desktop.core.errors import RulesBroken


@dataclass(frozen=True, slots=True)
class Rule:
    """What one kind of private text looks like (regular expressions that Python's `re` and hyperscan both read).

    `pattern`: the group `value` is the finding, else the whole match. `(?&name)` stands for a row of `[fragments]`.
    `cue`: what the fast engine looks for instead, where it should be tighter or `pattern` uses a lookaround; it must
    end inside the match. `after`: looked for by the fast engine, and `pattern` is then matched right behind it.
    `lane`: cues of one lane are compiled together, apart from all others, for speed alone (database.py says why).
    `edges`: neither side of the match is a letter, digit or underscore. `back`, `ahead`: how many bytes before and
    behind the cue's end are read; a match that is longer is cut.
    `check`: names of functions in checks.py or values.py, all of which say yes to the value.
    `near`: words (any case) of which one stands within `reach` bytes of the match. `entropy`: least bits per character.
    `stop`: values that are placeholders, any case. `demote_in`: a pattern; where it is found in the line before
    the value or in the file's name, the finding is a hint. `drop_in`: a pattern; where it is found in the value's line,
    there is none: a file's name is a path, whose folders say nothing of one line. `drop_name`: likewise, in the
    file's name without its folders. `drop_before`: a pattern; where it is found right before the value, on its line,
    there is none.
    `parts`: a function in tables.py that says which spans of the value are the findings, as names in a table's column.
    `yes`, `no`: examples, in which {alnum:36} stands for so many drawn characters. `source`: where the format is said.
    """

    id: str
    kind: str
    pattern: str
    reason: str
    yes: tuple[str, ...]
    no: tuple[str, ...]
    source: str = ""
    confidence: float = 0.9
    binding: bool = True
    cue: str = ""
    after: str = ""
    lane: str = ""
    edges: bool = True
    back: int = 300
    ahead: int = 400
    check: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    reach: int = 80
    entropy: float = 0.0
    stop: tuple[str, ...] = ()
    demote_in: str = ""
    drop_in: str = ""
    drop_name: str = ""
    drop_before: str = ""
    parts: str = ""


def read_rules(files: Mapping[str, str]) -> tuple[Rule, ...]:
    """The rules of several TOML texts, by file name. Raises RulesBroken, which names the file and the rule.

    A file may hold `[fragments]` (usable in every file) and `[defaults]` (for its own rows)."""
    parsed = {name: _parsed(name, text) for name, text in sorted(files.items())}
    fragments: dict[str, str] = {}
    for content in parsed.values():
        fragments |= content.get("fragments", {})
    rules = tuple(
        _rule(name, {**content.get("defaults", {}), **row}, fragments)
        for name, content in parsed.items()
        for row in content.get("rule", [])
    )
    _refuse_doubles(rules)
    if not rules:
        raise RulesBroken("There are no privacy rules.")
    return rules


def _parsed(name: str, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RulesBroken(f"The privacy rules in {name} cannot be read: {error}.") from error


_FIELDS = {each.name: each for each in fields(Rule)}
_NEEDED = {each.name for each in fields(Rule) if each.default is MISSING}
_LISTS = {"yes", "no", "check", "near", "stop"}
_PATTERNS = {"pattern", "cue", "after", "demote_in", "drop_in", "drop_name", "drop_before"}


def _rule(name: str, row: dict[str, Any], fragments: Mapping[str, str]) -> Rule:
    what = f"The privacy rule “{row.get('id', '?')}” in {name}"
    strange, missing = row.keys() - _FIELDS.keys(), _NEEDED - row.keys()
    if strange or missing:
        wrong = f"has an unknown key “{min(strange)}”" if strange else f"has no “{min(missing)}”"
        raise RulesBroken(f"{what} {wrong}.")
    values: dict[str, Any] = {key: tuple(_listed(value)) if key in _LISTS else value for key, value in row.items()}
    for key, value in values.items():
        if not isinstance(value, _kinds(key)):
            raise RulesBroken(f"{what} has a “{key}” of the wrong kind.")
    for key in _PATTERNS & values.keys():
        values[key] = _expanded(values[key], fragments, what)
    return Rule(**values)


def _kinds(key: str) -> tuple[type, ...]:
    if key in _LISTS:
        return (tuple,)
    return {"confidence": (float, int), "entropy": (float, int), "binding": (bool,), "edges": (bool,)}.get(
        key, (int,) if key in ("back", "ahead", "reach") else (str,)
    )


def _listed(value: Any) -> Iterable[Any]:
    return value if isinstance(value, list) else [value]


def _expanded(pattern: str, fragments: Mapping[str, str], what: str, depth: int = 0) -> str:
    def put(found: re.Match[str]) -> str:
        if found[1] not in fragments or depth > 8:
            raise RulesBroken(f"{what} names a fragment “{found[1]}” that does not exist.")
        return f"(?:{_expanded(fragments[found[1]], fragments, what, depth + 1)})"

    return re.sub(r"\(\?&(\w+)\)", put, pattern)


def _refuse_doubles(rules: Iterable[Rule]) -> None:
    seen: set[str] = set()
    for rule in rules:
        if rule.id in seen:
            raise RulesBroken(f"Two privacy rules have the name “{rule.id}”.")
        seen.add(rule.id)
