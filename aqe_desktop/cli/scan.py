"""`aqe scan`: JSON lines in, JSON lines out, so that another program can ask what is private in its texts."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from aqe_desktop.cli import output
from aqe_desktop.cli.parser import Subparsers, add_command

if TYPE_CHECKING:
    from aqe_desktop.core.findings import Finding
    from aqe_desktop.privacy.scanner import Scanner

DOES = "read JSON lines {id, text}, write JSON lines {id, sensitive, findings}"
WRONG_INPUT = 2


def add_scan(commands: Subparsers) -> None:
    parser = add_command(commands, "scan", DOES, scan)
    parser.epilog = "each finding: kind, start, end, confidence, binding; offsets are Unicode code points"


def scan(_: argparse.Namespace) -> int:
    """A line that cannot be read is told on standard error; the others are answered all the same."""
    from aqe_desktop.upkeep import make_ready, open_scanner

    scanner, wrong = open_scanner(), 0
    make_ready(scanner)
    for number, line in _lines():
        try:
            output.line(_answer(scanner, line))
        except ValueError as error:
            wrong += 1
            output.note(f"aqe: line {number} is left out: {error}")
    return WRONG_INPUT if wrong else 0


def _lines() -> Iterator[tuple[int, bytes]]:
    """Bytes, so that one line that is no UTF-8 does not end the reading of the rest."""
    for number, line in enumerate(sys.stdin.buffer, 1):
        if line.strip():
            yield number, line


def _answer(scanner: Scanner, line: bytes) -> str:
    """Raises ValueError with what is wrong with the line."""
    item = _item(line)
    findings = scanner.scan(item["text"], name=item.get("name") or "")
    sensitive = any(each.binding for each in findings)
    answer = {"id": item["id"], "sensitive": sensitive, "findings": [_told(each) for each in findings]}
    return json.dumps(answer, ensure_ascii=False)


def _item(line: bytes) -> dict[str, Any]:
    try:
        item = json.loads(line)
    except ValueError as error:
        raise ValueError("it is no JSON.") from error
    except RecursionError as error:
        raise ValueError("it is nested too deeply.") from error
    if not isinstance(item, dict) or "id" not in item or not isinstance(item.get("text"), str):
        raise ValueError('it is no object with "id" and "text".')
    return item


def _told(finding: Finding) -> dict[str, Any]:
    return {
        "kind": finding.kind,
        "start": finding.start,
        "end": finding.end,
        "confidence": finding.confidence,
        "binding": finding.binding,
    }
