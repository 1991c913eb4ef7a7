"""The command line's own grammar: argparse, but a mistake is one of our errors, so that `--json` can tell of it."""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable
from typing import Any, NoReturn

from aqe_desktop.core.errors import UsageError

Subparsers = Any  # argparse's own type for it is private
Command = Callable[[argparse.Namespace], int | Awaitable[int]]


class Parser(argparse.ArgumentParser):
    """Raises UsageError where argparse would print and exit; help still exits with 0."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        kwargs.setdefault("allow_abbrev", False)
        super().__init__(*args, **kwargs)

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message[:1].upper()}{message[1:]}.", f"`{self.prog} --help` shows what can be given.")


def add_command(commands: Subparsers, name: str, does: str, command: Command, fields: tuple[str, ...] = ()) -> Parser:
    """A subcommand that runs `command`; with `fields` it has `--json` and lists them in its help."""
    parser: Parser = commands.add_parser(name, help=does, description=does, epilog=fields_text(fields))
    parser.set_defaults(command=command)
    if fields:
        # A nested command's own default would overwrite the flag where it was given before the nested command's name.
        parser.add_argument(
            "--json", action="store_true", default=argparse.SUPPRESS, help="print one JSON object instead"
        )
    return parser


def fields_text(fields: tuple[str, ...]) -> str:
    """The promise in the help: the names of every field that `--json` prints."""
    if not fields:
        return ""
    listed = "\n".join(f"  {field}" for field in fields)
    return f"fields of --json:\n{listed}\nand when it fails:\n  error.kind\n  error.message\n  error.hint"
