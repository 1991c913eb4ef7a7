"""Sampling on the command line: flags over a named preset over what the conversation has."""

from __future__ import annotations

import argparse
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from aqe_desktop.core.chat import THINK, Attachment, Origin, Parameters
from aqe_desktop.core.errors import UsageError
from aqe_desktop.core.ports import Presets
from aqe_desktop.core.tools import tools_of

Attach = Callable[[Path], Awaitable[Attachment]]
_NUMBERS: tuple[tuple[str, type, str], ...] = (
    ("temperature", float, "0 always takes the likeliest token"),
    ("top-p", float, "sample from the tokens that make up this share, 0 to 1"),
    ("top-k", int, "sample from this many tokens; 0 is all"),
    ("min-p", float, "drop tokens below this share of the likeliest one"),
    ("seed", int, "the same seed gives the same answer"),
    ("max-output", int, "tokens of answer at most"),
)


def add_sampling(parser: argparse.ArgumentParser) -> None:
    """The flags; none given leaves the engine's defaults."""
    group = parser.add_argument_group("sampling")
    for name, kind, does in _NUMBERS:
        group.add_argument(f"--{name}", type=kind, metavar="N", help=does)
    group.add_argument("--stop", action="append", default=None, metavar="TEXT", help="end before this text; repeatable")
    group.add_argument("--think", choices=THINK, help="whether, or how much, a model that can thinks first")
    group.add_argument("--schema", metavar="FILE", help="a JSON schema that the answer must fit")
    group.add_argument("--tools", metavar="FILE", help="a JSON list of functions that the model may ask to be called")
    group.add_argument("--system", metavar="TEXT", help="system prompt")
    group.add_argument("--preset", metavar="NAME", help="start from these saved parameters")


async def parameters_of(
    args: argparse.Namespace, presets: Presets, before: Parameters, attach: Attach
) -> Parameters | None:
    """The parameters asked for; None where no flag says anything. Raises UsageError for an unknown preset.

    `attach` reads a file as one that is attached: what is private there must not leave by another flag."""
    base = before if args.preset is None else await _preset(args.preset, presets)
    given: dict[str, Any] = {name.replace("-", "_"): getattr(args, name.replace("-", "_")) for name, _, _ in _NUMBERS}
    given = {name: value for name, value in given.items() if value is not None}
    if args.stop is not None:
        given["stop"] = tuple(args.stop)
    if args.think is not None:
        given["think"] = args.think
    if args.schema is not None:
        file = await attach(Path(args.schema))
        given["schema"], given["schema_from"] = _schema(file.text, args.schema), Origin(file.path, file.private)
    if args.tools is not None:
        file = await attach(Path(args.tools))
        given["tools"], given["tools_from"] = _tools(file.text), Origin(file.path, file.private)
    _require_sense(given)
    if not given and args.system is None and args.preset is None:
        return None
    return Parameters(base.system if args.system is None else args.system, replace(base.sampling, **given))


def _schema(text: str, name: str) -> str:
    """The text itself. Raises UsageError where it is no JSON object."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{name} is not JSON.", "Give --schema a file with a JSON schema.") from error
    if not isinstance(found, dict):
        raise UsageError(f"{name} is not a JSON object.", "Give --schema a file with a JSON schema.")
    return text


def _tools(text: str) -> str:
    """The text itself. Raises UsageError where it is no list of tools."""
    tools_of(text or "-")
    return text


async def _preset(name: str, presets: Presets) -> Parameters:
    known = await presets.list()
    if name not in known:
        listed = ", ".join(sorted(known)) or "none is saved yet"
        raise UsageError(f"There is no preset “{name}”.", f"Saved presets: {listed}.")
    return known[name]


_RANGES: dict[str, tuple[int, int]] = {
    "temperature": (0, 5),
    "top_p": (0, 1),
    "top_k": (0, 1_000_000),
    "min_p": (0, 1),
    "seed": (0, 2**32 - 2),
    "max_output": (1, 10_000_000),
}


def _require_sense(given: dict[str, Any]) -> None:
    for name, (low, high) in _RANGES.items():
        if name in given and not low <= given[name] <= high:
            flag = f"--{name.replace('_', '-')}"
            raise UsageError(f"{flag} {given[name]} is out of range.", f"Give {flag} from {low} to {high}.")
    if "" in given.get("stop", ()):
        raise UsageError("--stop is empty: every answer would end before its first word.", "Give --stop some text.")
