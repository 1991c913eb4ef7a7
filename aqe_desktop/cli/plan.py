"""`aqe plan`: what a model would take of this computer's memory, said before it is loaded."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Sequence
from typing import Any

from aqe_desktop.app import App
from aqe_desktop.cli import output
from aqe_desktop.cli.figures import columns
from aqe_desktop.cli.parser import Subparsers, add_command
from aqe_desktop.cli.running import Session
from aqe_desktop.core.errors import UsageError
from aqe_desktop.core.loading import SETTINGS, Explained, LoadSettings
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
_YES, _NO = ("yes", "true", "on"), ("no", "false", "off")
_SWITCHES = ("flash_attention", "mmap", "mlock")
_FRACTIONS = ("rope_base", "rope_scale")
_WORDS = ("kv_type", "draft")


def add_plan(commands: Subparsers) -> None:
    parser = add_command(commands, "plan", "what a model would take of memory, before it is loaded", plan, FIELDS)
    parser.add_argument("model", metavar="REF", help="RUNTIME/MODEL, as `aqe models` lists them")
    names = ", ".join(each.name for each in SETTINGS)
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", dest="changes", help=f"load with this: {names}"
    )


def plan(args: argparse.Namespace) -> int:
    model, settings = ModelRef.parse(args.model), settings_of(args.changes)
    with Session("aqe plan") as session:
        found = session.run(_planned(session.app, model, settings))
    if args.json:
        output.as_json(_as_json(model, found))
    else:
        for line in lines_of(found):
            output.line(line)
    return 0


async def _planned(app: App, ref: ModelRef, settings: LoadSettings | None) -> Plan:
    return await app.planning.plan(await app.models.choose(ref), settings)


def settings_of(changes: Sequence[str]) -> LoadSettings | None:
    """What `--set` says; None where it was not given, so that the saved settings hold. Raises UsageError."""
    if not changes:
        return None
    known = {each.name: each for each in SETTINGS}
    values: dict[str, Any] = {}
    for change in changes:
        name, equals, text = change.partition("=")
        if name not in known or not equals:
            raise UsageError(
                f"“{shown(change)}” is no load setting.", f"Write KEY=VALUE with one of {', '.join(known)}."
            )
        values[name] = _value(known[name], text.strip())
    return LoadSettings(**values)


def _value(setting: Explained, text: str) -> Any:
    try:
        return _read(setting, text)
    except ValueError:
        raise UsageError(f"“{shown(text)}” cannot be {setting.name}.", f"Give {_expected(setting)}.") from None


def _read(setting: Explained, text: str) -> Any:
    if setting.name in _SWITCHES:
        if text.lower() not in (*_YES, *_NO):
            raise ValueError(text)
        return text.lower() in _YES
    if setting.name == "tensor_split":
        return tuple(float(each) for each in text.split(","))
    if setting.name == "lora":
        return tuple(text.split(","))
    if setting.name in _WORDS:
        if setting.choices and text not in setting.choices:
            raise ValueError(text)
        return text
    number: float = float(text) if setting.name in _FRACTIONS else int(text)
    if setting.low is not None and setting.high is not None and not setting.low <= number <= setting.high:
        raise ValueError(text)
    return number


def _expected(setting: Explained) -> str:
    if setting.choices:
        return f"one of {', '.join(setting.choices)}"
    if setting.name in _SWITCHES:
        return "yes or no"
    if setting.low is not None and setting.high is not None:
        return f"a number from {setting.low:g} to {setting.high:g}"
    return "numbers with commas between them"


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
        return f"{name}: {_gib(needed)} needed, how much is free is not known"
    filled = min(_WIDE, -(-needed * _WIDE // device.free))
    over = " (more than there is)" if needed > device.free else ""
    return f"{name} [{'#' * filled}{'.' * (_WIDE - filled)}] {_gib(needed)} of {_gib(device.free)} free{over}"


def _parts(found: Plan, device: Device) -> list[str]:
    mine = [part for part in found.parts if part.device == device.id]
    by_use = {use: sum(part.bytes for part in mine if part.use is use) for use in Use}
    rows = [(f"  {use}", _gib(amount), _WHAT[use]) for use, amount in by_use.items() if amount]
    return columns(rows)


def _gib(amount: int) -> str:
    return f"{amount / 1024**3:.2f} GiB"


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
