"""`aqe models`, `aqe load` and `aqe unload`: what can answer, where it would, and what is in memory."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any

from aqe_desktop.app import App
from aqe_desktop.cli import output
from aqe_desktop.cli.figures import columns, size, where
from aqe_desktop.cli.folders import add_folders
from aqe_desktop.cli.load_settings import add_set, as_json, changes_of, lines_of
from aqe_desktop.cli.parser import Parser, Subparsers, add_command
from aqe_desktop.cli.running import Session
from aqe_desktop.core.chat import Loading
from aqe_desktop.core.loading import NEVER, LoadSettings
from aqe_desktop.core.models import Loaded, ModelRef, Phase, Place, RuntimeStatus
from aqe_desktop.core.shown import shown
from aqe_desktop.services.models import ListedModel, RuntimeList

_MODEL = """ref runtime name size parameters quantization context capabilities architecture licence note remote file
files folder sha256 digest phase loaded memory vram until speed zone proof facts hint default""".split()  # noqa: SIM905 - a list to read
MODEL_FIELDS = (
    *(f"models[].{name}" for name in _MODEL),
    *(f"runtimes[].{name}" for name in ("id", "answered", "message", "hint")),
)
LOAD_FIELDS = ("loaded", "phase", "context", "memory", "until", "settings", "confirmed", "zone", "proof", "facts")

_LATER = "not known to be in memory; its server loads it when it is asked"


def add_models(commands: Subparsers) -> None:
    listing = add_command(commands, "models", "the models that can answer, and where", models, MODEL_FIELDS)
    add_folders(listing.add_subparsers(metavar="ACTION", parser_class=Parser))
    loading = add_command(commands, "load", "load a model into memory", load, LOAD_FIELDS)
    unloading = add_command(commands, "unload", "let a model go from memory", unload, ("unloaded",))
    for each in (loading, unloading):
        each.add_argument("model", metavar="REF", help="RUNTIME/MODEL, as `aqe models` lists them")
    add_set(loading, "keep this for every load of the model")


def models(args: argparse.Namespace) -> int:
    with Session("aqe models") as session:
        parts = session.run(session.app.models.settled(anew=True, places=True))
    listed = [each for part in parts for each in part.models]
    if args.json:
        told = [{"id": e.status.id, "answered": e.fresh, "message": e.message, "hint": e.hint} for e in parts]
        output.as_json({"models": [_model_json(each) for each in listed], "runtimes": told})
    else:
        _print(listed, parts)
    return 0


def load(args: argparse.Namespace) -> int:
    model, changes = ModelRef.parse(args.model), changes_of(args.changes)
    with Session("aqe load") as session:
        ref, settings, status, place = session.run(_load(session.app, model, changes))
    output.moving("")
    loaded = next((each for each in status.loaded if each.model == ref), None)
    if args.json:
        output.as_json(_loaded_json(loaded, settings, status, place))
    else:
        output.line(f"{shown(str(model))} is {_LATER if loaded is None else 'loaded'}.")
        for line in lines_of(settings, loaded.confirmed if loaded else {}):
            output.line(line)
    return 0


def unload(args: argparse.Namespace) -> int:
    model = ModelRef.parse(args.model)
    with Session("aqe unload") as session:
        session.run(session.app.models.unload(model.host, model))
    if args.json:
        output.as_json({"unloaded": str(model)})
    else:
        output.line(f"{shown(str(model))} is no longer in memory.")
    return 0


async def _load(
    app: App, model: ModelRef, changes: dict[str, Any]
) -> tuple[ModelRef, LoadSettings, RuntimeStatus, Place]:
    """In a server that stays, where there is one. The reference is as its runtime lists the model.

    Nothing is loaded in a server that loads by itself, nor where the model is not proved to be on this device."""
    found = await app.models.choose(model)
    settings = await app.load_settings.get(found.ref)
    if changes:
        await app.load_settings.save(found.ref, replace(settings, **changes))
        settings = await app.load_settings.get(found.ref)
    if app.stock.can_control(model.host):
        await app.stock.start(model.host)
    async with aclosing(app.models.loading(found.ref)) as steps:
        async for step in steps:
            output.moving(_step(step))
    if not app.stock.can_control(model.host) and "keep_alive_s" in app.load_settings.takes(model):
        output.note(f"aqe: {_how_long(settings.keep_alive_s)}")
    status = next(each for each in await app.models.look() if each.id == model.host)
    return found.ref, settings, status, await app.models.place(model)


def _how_long(keep_alive_s: int | None) -> str:
    if keep_alive_s in (None, NEVER):
        return (
            "An engine of this app ends with the last command or window that uses it; "
            "`--set keep_alive_s=SECONDS` keeps it for so long after its last answer."
        )
    return f"It stays in memory for {keep_alive_s} s after its last answer; `aqe unload` lets it go before."


def _loaded_json(loaded: Loaded | None, settings: LoadSettings, status: RuntimeStatus, place: Place) -> dict[str, Any]:
    """`loaded` is None where the runtime does not say that it holds the model."""
    return {
        "loaded": None if loaded is None else str(loaded.model),
        "phase": Phase.STOPPED if loaded is None else status.phase if loaded.model == status.model else Phase.READY,
        "context": 0 if loaded is None else loaded.context,
        "memory": None if loaded is None else loaded.memory,
        "until": None if loaded is None else loaded.until,
        "zone": place.zone,
        "proof": place.proof,
        "facts": list(place.facts),
        "settings": as_json(settings),
        "confirmed": as_json(LoadSettings(**(loaded.confirmed if loaded else {}))),
    }


def _step(step: Loading) -> str:
    return step.what if step.progress is None else f"{step.what} {step.progress:.0%}"


def _print(listed: Sequence[ListedModel], parts: Sequence[RuntimeList]) -> None:
    rows = [("MODEL", "SIZE", "WHERE", "STATE", "SPEED", "CAN")] if listed else []
    for line in columns([*rows, *map(_row, listed)]) if listed else ():
        output.line(line)
    for part in parts:
        if part.message:
            output.note(f"aqe: {' '.join((part.message, part.hint)).rstrip()}")
    if not listed:
        output.note("There is no model on this device. `aqe doctor` says what is missing.")


def _row(each: ListedModel) -> tuple[str, ...]:
    state = "" if each.phase is Phase.STOPPED else str(each.phase)
    return (
        shown(str(each.model.ref), 60),
        size(each.model.size),
        where(each.place),
        ", ".join(word for word in (state, "default" if each.default else "") if word),
        f"{each.speed:.0f} tok/s" if each.speed else "",
        ", ".join(each.model.capabilities),
    )


def _model_json(each: ListedModel) -> dict[str, Any]:
    model, place, loaded = each.model, each.place, each.loaded
    return {
        "ref": str(model.ref),
        "runtime": model.ref.host,
        "name": model.name,
        "size": model.size,
        "parameters": model.parameters,
        "quantization": model.quantization,
        "context": model.context,
        "capabilities": list(model.capabilities),
        "architecture": model.architecture,
        "licence": model.licence,
        "note": model.note,
        "remote": model.remote,
        "file": None if model.file is None else str(model.file),
        "files": [str(file) for file in model.files],
        "folder": None if model.folder is None else str(model.folder),
        "sha256": model.sha256,
        "digest": model.digest,
        "phase": each.phase,
        "loaded": loaded is not None or each.phase is Phase.READY,
        "memory": loaded.memory if loaded else None,
        "vram": loaded.vram if loaded else None,
        "until": loaded.until if loaded else None,
        "speed": each.speed,
        "zone": None if place is None else place.zone,
        "proof": None if place is None else place.proof,
        "facts": [] if place is None else list(place.facts),
        "hint": "" if place is None else place.hint,
        "default": each.default,
    }
