"""`aqe plan`: what a model would take of this computer's memory, said before it is loaded."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from aqe_desktop.app import App
from aqe_desktop.cli import output
from aqe_desktop.cli.figures import columns
from aqe_desktop.cli.load_settings import add_set, changes_of
from aqe_desktop.cli.parser import Subparsers, add_command
from aqe_desktop.cli.running import Session
from aqe_desktop.core.figures import size_text
from aqe_desktop.core.models import ModelRef
from aqe_desktop.core.plan import Device, Plan, Use
from aqe_desktop.core.shown import shown

_PLAIN = ("ref", "fit", "sentence", "needed", "context", "largest_context", "layers", "gpu_layers", "factor", "notes")
FIELDS = (
    *_PLAIN,
    *(f"devices[].{name}" for name in ("id", "name", "total", "free", "needed", "gpu", "shared")),
    *(f"parts[].{name}" for name in ("device", "use", "bytes", "mapped")),
)
_WIDE = 32


def add_plan(commands: Subparsers) -> None:
    parser = add_command(commands, "plan", "what a model would take of memory, before it is loaded", plan, FIELDS)
    parser.add_argument("model", metavar="REF", help="RUNTIME/MODEL, as `aqe models` lists them")
    add_set(parser, "plan with this in place of what is saved")


def plan(args: argparse.Namespace) -> int:
    model, changes = ModelRef.parse(args.model), changes_of(args.changes)
    with Session("aqe plan") as session:
        found = session.run(_planned(session.app, model, changes))
    if args.json:
        output.as_json(_as_json(model, found))
    else:
        for line in lines_of(found):
            output.line(line)
    return 0


async def _planned(app: App, ref: ModelRef, changes: dict[str, Any]) -> Plan:
    model = await app.models.choose(ref)
    return await app.planning.plan(model, replace(await app.load_settings.get(model.ref), **changes))


def lines_of(found: Plan) -> list[str]:
    """The sentence, a bar and the parts of each device, and the notes."""
    told = [shown(found.sentence, 400)]
    for device in found.devices:
        if found.on(device.id):
            told += ["", _bar(device, found.on(device.id)), *_parts(found, device)]
    if found.largest_context:
        told += ["", f"Largest context that fits: {found.largest_context} tokens"]
    return [*told, *(["", *map(shown, found.notes)] if found.notes else [])]


def _bar(device: Device, needed: int) -> str:
    name = shown(device.name)
    if not device.free:
        return f"{name}: {size_text(needed)} needed, how much is free is not known"
    filled = min(_WIDE, -(-needed * _WIDE // device.free))
    over = " (more than there is)" if needed > device.free else ""
    return f"{name} [{'#' * filled}{'.' * (_WIDE - filled)}] {size_text(needed)} of {size_text(device.free)} free{over}"


def _parts(found: Plan, device: Device) -> list[str]:
    mine = [part for part in found.parts if part.device == device.id]
    by_use = {use: sum(part.bytes for part in mine if part.use is use) for use in Use}
    rows = [(f"  {use}", size_text(amount), _WHAT[use]) for use, amount in by_use.items() if amount]
    return columns(rows)


_WHAT = {
    Use.WEIGHTS: "the model itself",
    Use.CACHE: "what it remembers of its conversations",
    Use.COMPUTE: "room to compute in",
    Use.ENGINE: "the program and the vocabulary",
    Use.MARGIN: "for what differs, and for chats that wait",
    Use.SPARE: "not counted: the system takes it back when it needs it",
}


def _as_json(ref: ModelRef, found: Plan) -> dict[str, Any]:
    return {
        "ref": str(ref),
        **{name: getattr(found, name) for name in _PLAIN[1:-1]},
        "notes": list(found.notes),
        "devices": list(_devices(found)),
        "parts": [{"device": e.device, "use": e.use, "bytes": e.bytes, "mapped": e.mapped} for e in found.parts],
    }


def _devices(found: Plan) -> Iterable[dict[str, Any]]:
    for each in found.devices:
        told = {name: getattr(each, name) for name in ("id", "name", "total", "free", "gpu", "shared")}
        yield {**told, "needed": found.on(each.id)}
