"""`aqe pull` and `aqe rm`: models brought in and removed, by whoever keeps them."""

from __future__ import annotations

import argparse
import sys
from contextlib import aclosing

from aqe_desktop.app import App
from aqe_desktop.cli import output
from aqe_desktop.cli.figures import duration, size
from aqe_desktop.cli.parser import Subparsers, add_command
from aqe_desktop.cli.running import Session
from aqe_desktop.core.models import ModelRef
from aqe_desktop.core.shown import shown
from aqe_desktop.core.transfers import Transfer
from aqe_desktop.services.stock import Pull

PULL_FIELDS = ("pulled", "bytes")
REMOVE_FIELDS = ("removed", "also_used_by")


def add_stock(commands: Subparsers) -> None:
    for name, does, command, fields in (
        ("pull", "download a model; Ctrl+C ends it, and a later pull goes on", pull, PULL_FIELDS),
        ("rm", "remove a model from this device", remove, REMOVE_FIELDS),
    ):
        parser = add_command(commands, name, does, command, fields)
        parser.add_argument("model", metavar="REF", help="RUNTIME/MODEL, such as ollama/qwen2.5-coder:0.5b")


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


def remove(args: argparse.Namespace) -> int:
    model = ModelRef.parse(args.model)
    with Session("aqe rm") as session:
        others = session.run(_remove(session.app, model))
    if args.json:
        output.as_json({"removed": str(model), "also_used_by": list(others)})
    else:
        output.line(f"{shown(str(model))} is removed.")
    return 0


async def _pull(app: App, model: ModelRef) -> Transfer | None:
    telling, last = _Telling(), None
    async with aclosing(app.stock.following(model)) as pulls:
        async for each in pulls:
            last = each.transfer
            telling.tell(each)
    return last


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

    def tell(self, pull: Pull) -> None:
        if (now := pull.transfer) is None:
            return
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
