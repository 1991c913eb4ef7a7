"""`aqe models` and `aqe runtimes`: what can run, and what is up."""

from __future__ import annotations

import argparse
from typing import Any

from aqe_desktop.cli import output
from aqe_desktop.cli.parser import Subparsers, add_command
from aqe_desktop.cli.running import Session
from aqe_desktop.core.models import RuntimeStatus
from aqe_desktop.services.models import ListedModel

MODEL_FIELDS = tuple(
    f"models[].{name}"
    for name in (
        "ref",
        "name",
        "size",
        "quantization",
        "context",
        "capabilities",
        "note",
        "file",
        "sha256",
        "phase",
        "default",
    )
)
RUNTIME_FIELDS = tuple(
    f"runtimes[].{name}"
    for name in (
        "id",
        "name",
        "phase",
        "version",
        "model",
        "progress",
        "zone",
        "proof",
        "facts",
        "pid",
        "context",
        "message",
        "hint",
        "details",
    )
)


def add_models(commands: Subparsers) -> None:
    add_command(commands, "models", "the models that can answer", models, MODEL_FIELDS)
    add_command(commands, "runtimes", "the engines and what they are doing", runtimes, RUNTIME_FIELDS)


def models(args: argparse.Namespace) -> int:
    with Session("aqe models") as session:
        listed = session.run(session.app.models.list())
    if args.json:
        output.as_json({"models": [_model_json(each) for each in listed]})
    else:
        for each in listed:
            default = "  (default)" if each.default else ""
            output.line(f"{each.model.ref}  {each.model.size / 1e6:.0f} MB  {each.phase}{default}")
            if each.model.note:
                output.line(f"    {each.model.note}")
        if not listed:
            output.note("There is no model on this device. `aqe doctor` says what is missing.")
    return 0


def runtimes(args: argparse.Namespace) -> int:
    with Session("aqe runtimes") as session:
        statuses = session.run(session.app.models.look())
    if args.json:
        output.as_json({"runtimes": [_status_json(status) for status in statuses]})
    else:
        for status in statuses:
            output.line(_status_row(status))
    return 0


def _model_json(each: ListedModel) -> dict[str, Any]:
    model = each.model
    return {
        "ref": str(model.ref),
        "name": model.name,
        "size": model.size,
        "quantization": model.quantization,
        "context": model.context,
        "capabilities": list(model.capabilities),
        "note": model.note,
        "file": None if model.file is None else str(model.file),
        "sha256": model.sha256,
        "phase": each.phase,
        "default": each.default,
    }


def _status_json(status: RuntimeStatus) -> dict[str, Any]:
    return {
        "id": status.id,
        "name": status.name,
        "phase": status.phase,
        "version": status.version,
        "model": None if status.model is None else str(status.model),
        "progress": status.progress,
        "zone": None if status.place is None else status.place.zone,
        "proof": None if status.place is None else status.place.proof,
        "facts": [] if status.place is None else list(status.place.facts),
        "pid": status.pid,
        "context": status.context,
        "message": status.message,
        "hint": status.hint,
        "details": dict(status.details),
    }


def _status_row(status: RuntimeStatus) -> str:
    version = f" {status.version}" if status.version else ""
    model = f"  {status.model}" if status.model else ""
    trouble = f"\n    {status.message} {status.hint}".rstrip() if status.message else ""
    return f"{status.id}  {status.name}{version}  {status.phase}{model}{trouble}"
