"""`aqe scan`: JSON lines in, JSON lines out, so that another program can ask what is private in its texts."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from aqe_desktop.cli import output
from aqe_desktop.cli.parser import Subparsers, add_command
from aqe_desktop.cli.project import add_project, chosen_project
from aqe_desktop.cli.running import Session
from aqe_desktop.core.chat import Message, Role
from aqe_desktop.core.errors import UsageError
from aqe_desktop.core.findings import is_sensitive

if TYPE_CHECKING:
    from aqe_desktop.core.findings import Found

DOES = "find what is private in texts: JSON lines {id, text} in, {id, sensitive, findings} out"
FIELDS = """each line of standard input is an object with "id" and "text"; each is answered by one line, in order:
  id
  sensitive
  findings[].kind
  findings[].start      in Unicode code points
  findings[].end
  findings[].confidence
  findings[].binding
A line that cannot be read is told on standard error and left out; the exit code is then 2."""


def add_scan(commands: Subparsers) -> None:
    parser = add_command(commands, "scan", DOES, scan)
    parser.epilog = FIELDS
    add_project(parser)


def scan(args: argparse.Namespace) -> int:
    """The project's own words, private files and dismissals count, as they do for a chat in it."""
    folder = chosen_project(args.project)
    project, wrong = str(folder) if folder else None, 0
    with Session("aqe scan") as session:
        for number, line in _lines():  # between two runs of the loop: a signal ends the waiting for a silent pipe
            try:
                name, text = _item(line)
            except ValueError as error:
                wrong += 1
                output.note(f"aqe: line {number} is left out: {error}")
                continue
            # Every line is judged as one that is about to leave: scanner and index are waited for, and kept.
            found = session.run(session.app.privacy.scan([Message(Role.USER, text)], project, final=True))
            output.line(_answer(name, found))
    return UsageError.exit_code if wrong else 0


def _lines() -> Iterator[tuple[int, bytes]]:
    """Bytes, so that a line that is no UTF-8 does not end the reading of the rest."""
    for number, line in enumerate(sys.stdin.buffer, 1):
        if line.strip():
            yield number, line


def _item(line: bytes) -> tuple[Any, str]:
    """The line's id and text. Raises ValueError with what is wrong."""
    try:
        item = json.loads(line)
    except RecursionError as error:
        raise ValueError("it is nested too deeply.") from error
    except ValueError as error:
        raise ValueError("it is no JSON.") from error
    if not isinstance(item, dict) or "id" not in item or not isinstance(item.get("text"), str):
        raise ValueError('it is no object with "id" and "text".')
    return item["id"], item["text"]


def _answer(name: Any, found: tuple[Found, ...]) -> str:
    told = [each for each in found if not each.dismissed]
    answer = {"id": name, "sensitive": is_sensitive(told), "findings": [_told(each) for each in told]}
    return json.dumps(answer, ensure_ascii=False)


def _told(found: Found) -> dict[str, Any]:
    finding = found.finding
    return {
        "kind": finding.kind,
        "start": finding.start,
        "end": finding.end,
        "confidence": finding.confidence,
        "binding": finding.binding,
    }
