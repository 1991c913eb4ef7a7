"""`aqe models folders`: the folders whose model files are listed."""

from __future__ import annotations

import argparse
from pathlib import Path

from aqe_desktop.cli import output
from aqe_desktop.cli.figures import columns, size
from aqe_desktop.cli.parser import Parser, Subparsers, add_command
from aqe_desktop.cli.running import Session
from aqe_desktop.core.folders import FolderKind, ModelFolder
from aqe_desktop.core.shown import shown

_FOLDER = ("path", "kind", "name", "models", "bytes", "problem")
FOLDER_FIELDS = tuple(f"folders[].{name}" for name in _FOLDER)


def add_folders(actions: Subparsers) -> None:
    """`actions` are those of `aqe models`."""
    listing = add_command(actions, "folders", "the folders of GGUF files, and what they hold", folders, FOLDER_FIELDS)
    below = listing.add_subparsers(metavar="ACTION", parser_class=Parser)
    add_command(below, "list", "the same", folders, FOLDER_FIELDS)
    for name, does, command, fields in (
        ("add", "list the models of a folder too; nothing is copied", add, ("added",)),
        ("remove", "list them no more; nothing is deleted", remove, ("removed",)),
    ):
        add_command(below, name, does, command, fields).add_argument("folder", metavar="DIR", type=_whole)


def _whole(path: str) -> Path:
    """As the shell's folder makes it; an empty name is a variable that was not set, not that folder."""
    if not path:
        raise argparse.ArgumentTypeError("name a folder")
    return Path(path).expanduser().absolute()


def folders(args: argparse.Namespace) -> int:
    with Session("aqe models folders") as session:
        listed = session.run(session.app.folders.list())
    if args.json:
        output.as_json({"folders": [_json(each) for each in listed]})
        return 0
    for line in columns([("FOLDER", "MODELS", "SIZE", "", ""), *map(_row, listed)]):
        output.line(line)
    if any(each.kind is FolderKind.FOUND for each in listed):
        output.note("Models of a found folder are listed once it is added: aqe models folders add DIR")
    return 0


def add(args: argparse.Namespace) -> int:
    with Session("aqe models folders add") as session:
        session.run(session.app.folders.add(args.folder))
    if args.json:
        output.as_json({"added": str(args.folder)})
    else:
        output.line(f"The models of {shown(str(args.folder), 300)} are listed now.")
    return 0


def remove(args: argparse.Namespace) -> int:
    with Session("aqe models folders remove") as session:
        session.run(session.app.folders.remove(args.folder))
    if args.json:
        output.as_json({"removed": str(args.folder)})
    else:
        output.line(f"The models of {shown(str(args.folder), 300)} are listed no more. Nothing was deleted.")
    return 0


def _row(folder: ModelFolder) -> tuple[str, ...]:
    return (
        shown(str(folder.path), 300),
        str(folder.models),
        size(folder.bytes),
        folder.name,
        folder.problem or str(folder.kind),
    )


def _json(folder: ModelFolder) -> dict[str, object]:
    return {
        "path": str(folder.path),
        "kind": folder.kind,
        "name": folder.name,
        "models": folder.models,
        "bytes": folder.bytes,
        "problem": folder.problem,
    }
