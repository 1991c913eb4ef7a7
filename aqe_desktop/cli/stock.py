"""`aqe pull`, `aqe create`, `aqe copy` and `aqe rm`: models brought in and removed, by whoever keeps them."""

from __future__ import annotations

import argparse
import sys
from contextlib import aclosing
from pathlib import Path

from aqe_desktop.app import App
from aqe_desktop.cli import output
from aqe_desktop.cli.figures import duration, size
from aqe_desktop.cli.parser import Subparsers, add_command
from aqe_desktop.cli.running import Session
from aqe_desktop.core.models import ModelRef, Removal
from aqe_desktop.core.shown import shown
from aqe_desktop.core.transfers import Transfer

PULL_FIELDS = ("pulled", "bytes")
CREATE_FIELDS = ("created", "warnings")
COPY_FIELDS = ("copied", "copy")
REMOVE_FIELDS = ("removed", "also_used_by")


def add_stock(commands: Subparsers) -> None:
    parsers = {}
    for name, does, command, fields in (
        ("pull", "download a model; Ctrl+C ends it, and a later pull goes on", pull, PULL_FIELDS),
        ("create", "make a model of a GGUF file on this device", create, CREATE_FIELDS),
        ("copy", "give a model a second name", copy, COPY_FIELDS),
        ("rm", "remove a model from this device", remove, REMOVE_FIELDS),
    ):
        parsers[name] = add_command(commands, name, does, command, fields)
        parsers[name].add_argument("model", metavar="REF", help="RUNTIME/MODEL, such as ollama/qwen2.5-coder:0.5b")
    parsers["create"].add_argument("file", metavar="FILE", help="the GGUF file")
    parsers["copy"].add_argument("name", metavar="NAME", help="the second name, such as notes:7b")


def pull(args: argparse.Namespace) -> int:
    model = ModelRef.parse(args.model)
    try:
        with Session("aqe pull") as session:
            last = session.run(_pull(session.app, model))
    finally:
        output.moving("")
    if args.json:
        output.as_json({"pulled": str(model), "bytes": last.done if last else 0})
    else:
        output.line(f"{shown(str(model))} is here.")
    return 0


def create(args: argparse.Namespace) -> int:
    model = ModelRef.parse(args.model)
    try:
        with Session("aqe create") as session:
            warnings = session.run(_create(session.app, model, Path(args.file)))
    finally:
        output.moving("")
    if args.json:
        output.as_json({"created": str(model), "warnings": list(warnings)})
    else:
        output.line(f"{shown(str(model))} is made.")
    return 0


def copy(args: argparse.Namespace) -> int:
    model = ModelRef.parse(args.model)
    with Session("aqe copy") as session:
        made = session.run(session.app.stock.copy(model, args.name))
    if args.json:
        output.as_json({"copied": str(model), "copy": str(made)})
    else:
        output.line(f"{shown(str(made))} is {shown(str(model))} by another name.")
    return 0


def remove(args: argparse.Namespace) -> int:
    model = ModelRef.parse(args.model)
    with Session("aqe rm") as session:
        others = session.run(_remove(session.app, model))
        trash = session.app.stock.removes(model.host) is Removal.TRASH
    if args.json:
        output.as_json({"removed": str(model), "also_used_by": list(others)})
    else:
        output.line(f"{shown(str(model))} is {'in the trash' if trash else 'removed'}.")
    return 0


async def _pull(app: App, model: ModelRef) -> Transfer | None:
    telling, last = _Telling(), None
    async with aclosing(app.stock.following(model)) as pulls:
        async for each in pulls:
            last = each.transfer
            if each.transfer is not None:
                telling.tell(each.transfer)
    return last


async def _create(app: App, model: ModelRef, file: Path) -> tuple[str, ...]:
    """What its template cannot do, which is said at once."""
    telling = _Telling()
    async with aclosing(app.stock.create(model.host, model.model, file)) as transfers:
        async for each in transfers:
            telling.tell(each)
    output.moving("")
    warnings = (await app.stock.details(model)).warnings
    for warning in warnings:
        output.note(f"aqe: {shown(warning, 300)}")
    return warnings


async def _remove(app: App, model: ModelRef) -> tuple[str, ...]:
    others = await app.stock.also_used_by(model)
    for each in others:
        output.note(f"aqe: {shown(each, 300)}")
    await app.stock.delete(model)
    return others


class _Telling:
    """On a terminal one line that moves; elsewhere a line for each tenth, so that a log stays short."""

    def __init__(self) -> None:
        self._told = ("", -1)

    def tell(self, now: Transfer) -> None:
        tenth = (now.what, int(now.share * 10))
        if sys.stderr.isatty():
            output.moving(told(now))
        elif tenth != self._told:
            output.note(told(now))
        self._told = tenth


def told(now: Transfer) -> str:
    """One look at a transfer: what, how far, how fast, how long still."""
    words = [now.what]
    if now.total:
        words.append(f"{now.share:4.0%}  {size(now.done) or '0 B'} of {size(now.total)}")
    if now.speed:
        words.append(f"{size(now.speed)}/s")
    if now.left_s is not None:
        words.append(f"{duration(now.left_s)} left")
    return "  ".join(words)
