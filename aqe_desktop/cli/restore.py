"""`aqe restore`: bring back a copy of the database that was made before a migration."""

from __future__ import annotations

import argparse

from aqe_desktop.cli import output
from aqe_desktop.cli.parser import Subparsers, add_command
from aqe_desktop.core.errors import UsageError
from aqe_desktop.services.export import when
from aqe_desktop.upkeep import list_copies, restore_copy

FIELDS = ("backups[].name", "backups[].made", "backups[].size", "backups[].reason", "restored", "kept")


def add_restore(commands: Subparsers) -> None:
    parser = add_command(commands, "restore", "list the database's copies, or bring one back", restore, FIELDS)
    parser.add_argument("copy", nargs="?", metavar="COPY", help="name of the copy, as --list shows it")
    parser.add_argument("--list", action="store_true", help="list the copies, newest first")


def restore(args: argparse.Namespace) -> int:
    if args.list == (args.copy is not None):
        raise UsageError("Give either --list or a copy's name.", "`aqe restore --list` names the copies.")
    return _list(args) if args.list else _bring_back(args)


def _list(args: argparse.Namespace) -> int:
    copies = list_copies()
    if args.json:
        told = [{"name": c.name, "made": when(c.made), "size": c.size, "reason": c.reason} for c in copies]
        output.as_json({"backups": told})
        return 0
    for each in copies:
        output.line(f"{each.name}  {when(each.made)}  {each.size / 1e6:.1f} MB  {each.reason}")
    if not copies:
        output.note("There are no copies yet; one is made before each migration.")
    return 0


def _bring_back(args: argparse.Namespace) -> int:
    kept = restore_copy(args.copy)
    if args.json:
        output.as_json({"restored": args.copy, "kept": None if kept is None else str(kept)})
    else:
        output.line(f"Restored {args.copy}." + (f" What was there is kept as {kept}." if kept else ""))
    return 0
