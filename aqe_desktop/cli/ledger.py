"""`aqe ledger`: what left this machine, whether the record is whole, and a copy of it that anybody can check."""

from __future__ import annotations

import argparse
from contextlib import aclosing
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from aqe_desktop.app import App
from aqe_desktop.cli import output
from aqe_desktop.cli.parser import Subparsers, add_command, fields_text
from aqe_desktop.cli.running import Session
from aqe_desktop.core.errors import UsageError
from aqe_desktop.core.ledger import Entry, Filter, Purpose, Row, RowKind, Totals, Verdict, as_json
from aqe_desktop.core.models import Zone
from aqe_desktop.resources import resource
from aqe_desktop.services.export import when
from aqe_desktop.services.ledger_export import Form

BROKEN = 4
_ROW = (*(name for name in as_json(0, "", Entry(RowKind.SENT, 0)) if name != "files"), "hash")
ROW_FIELDS = (*(f"rows[].{name}" for name in _ROW), "rows[].files[].name", "rows[].files[].sha256")
SHOW_FIELDS = ("totals.rows", "totals.requests", "totals.bytes_out", "totals.begun", *ROW_FIELDS)
VERIFY_FIELDS = ("ok", "rows", "head", "broken", "what", "anchored", "tail", "why_unanchored", "notes", "script")
EXPORT_FIELDS = ("ledger", "begun", "count", "head", *ROW_FIELDS, "saved", "format")
NO_ANCHOR = "That rows were taken off the end, or that an older copy was put back, cannot be noticed."
UNCHECKED = "Not checked here: `aqe ledger verify` says whether these rows are as they were written."
UNSEEN = "Not seen here: engines that this app did not start, and what a runtime downloads by itself."


def add_ledger(commands: Subparsers) -> None:
    parser = add_command(commands, "ledger", "show, verify and export the record of what left", show, SHOW_FIELDS)
    actions = parser.add_subparsers(metavar="ACTION")
    _add_filters(parser)
    _add_filters(add_command(actions, "show", "list the rows, newest first", show, SHOW_FIELDS))
    check = add_command(actions, "verify", "read the whole chain and say what is wrong with it", verify, VERIFY_FIELDS)
    check.epilog = f"{fields_text(VERIFY_FIELDS)}\n\n{_without_us()}"
    give = add_command(actions, "export", "write the whole ledger for others to check", export, EXPORT_FIELDS)
    give.add_argument("file", nargs="?", type=Path, metavar="FILE", help="a new file, NAME.csv or NAME.json")


def _without_us() -> str:
    return f"without this app: python3 {resource('verify_ledger.py')} FILE\nchecks what `aqe ledger export FILE` wrote."


def _add_filters(parser: argparse.ArgumentParser) -> None:
    quiet = argparse.SUPPRESS  # a nested command's own default would overwrite what was given before its name
    parser.add_argument("--search", default=quiet, metavar="TEXT", help="rows that hold every word")
    parser.add_argument("--project", default=quiet, metavar="DIR", help="rows of this project")
    parser.add_argument("--zone", default=quiet, type=Zone, choices=list(Zone), help="rows that went there")
    parser.add_argument("--purpose", default=quiet, type=Purpose, choices=list(Purpose), help="rows with this purpose")
    parser.add_argument("--since", default=quiet, metavar="TIME", help="from this day or time on, e.g. 2026-11-24")
    parser.add_argument("--limit", default=quiet, type=int, metavar="N", help="at most so many rows; 100 without it")


def show(args: argparse.Namespace) -> int:
    wanted, limit = _wanted(args), getattr(args, "limit", 100)
    if limit < 1:
        raise UsageError("--limit takes a number above 0.", "`aqe ledger show --help` shows what can be given.")
    with Session("aqe ledger") as session:
        rows = session.run(_rows(session.app, wanted, limit))
        totals = session.run(session.app.ledger.totals(wanted))
    if args.json:
        output.as_json({"totals": asdict(totals), "rows": [_row_json(row) for row in rows]})
        return 0
    for row in rows:
        output.line(_line(row))
    output.note(_sum(totals, filtered=wanted != Filter()))
    return 0


async def _rows(app: App, wanted: Filter, limit: int) -> list[Row]:
    return list(await app.ledger.rows(wanted, limit=limit))


def verify(args: argparse.Namespace) -> int:
    """0 where the chain is whole, 4 otherwise."""
    with Session("aqe ledger") as session:
        verdict = session.run(session.app.ledger.verify())
    if args.json:
        told = {**asdict(verdict), "notes": list(verdict.notes)}
        script = str(resource("verify_ledger.py"))
        output.as_json({"ok": verdict.ok, **told, "tail": verdict.tail, "script": script})
    else:
        for text in _verdict(verdict):
            output.line(text)
    return 0 if verdict.ok else BROKEN


def export(args: argparse.Namespace) -> int:
    """Without a file to standard output, as CSV, or as JSON with --json."""
    with Session("aqe ledger") as session:
        if args.file is None:
            session.run(_write(session.app, Form.JSON if args.json else Form.CSV))
            return 0
        form = _form(args.file)
        saved = session.run(session.app.ledger.save(args.file, form))
    if args.json:
        output.as_json({"saved": str(args.file), "format": form, "count": saved.rows, "head": saved.head})
    else:
        output.line(f"Saved {_count(saved.rows, 'row')} to {args.file}. The last is {saved.rows}:{saved.head}")
    return 0


async def _write(app: App, form: Form) -> None:
    async with aclosing(app.ledger.export(form)) as pieces:
        async for piece in pieces:
            output.write(piece)


def _form(path: Path) -> Form:
    try:
        return Form(path.suffix.lower().removeprefix("."))
    except ValueError as error:
        raise UsageError(f"{path} ends neither in .csv nor in .json.", "Name the file by the form you want.") from error


def _wanted(args: argparse.Namespace) -> Filter:
    project = getattr(args, "project", None)
    return Filter(
        search=getattr(args, "search", ""),
        project=None if project is None else str(Path(project).resolve()),
        zone=getattr(args, "zone", None),
        purpose=getattr(args, "purpose", None),
        since=_since(getattr(args, "since", "")),
    )


def _since(text: str) -> int | None:
    """Milliseconds. A time without a zone is this machine's."""
    if not text:
        return None
    try:
        return round(datetime.fromisoformat(text).timestamp() * 1000)
    except (OSError, OverflowError, ValueError) as error:
        raise UsageError(
            f"“{text}” is no time.", "Write a day as 2026-11-24, or a time as 2026-11-24T15:30."
        ) from error


def _row_json(row: Row) -> dict[str, Any]:
    return {**as_json(row.seq, row.previous, row.entry), "hash": row.hash}


def _line(row: Row) -> str:
    """One line, whatever its texts hold: none of them may look like a row of its own."""
    entry = row.entry
    moment = (when(entry.time) or "time unknown")[:19].replace("T", " ")
    what = (
        f"answers row {entry.of}: {entry.status}" if entry.kind is RowKind.ENDED else str(entry.purpose or entry.kind)
    )
    via = f"via {entry.via}" if entry.via else ""
    size = _count(entry.bytes, "byte") if entry.kind is RowKind.SENT else ""
    parts = (moment, entry.zone or "", entry.host, entry.model, what, size, entry.cost_usd, via, entry.note)
    return "  ".join((f"{row.seq:>6}", *(" ".join(part.split()) for part in parts if part)))


def _sum(totals: Totals, *, filtered: bool) -> str:
    if filtered:
        rows = _count(totals.rows, "row")
        sent = f"{_count(totals.bytes_out, 'byte')} out in {_count(totals.requests, 'request')}."
        return f"{rows}: {sent}\n{UNCHECKED}"
    since = when(totals.begun)[:10] or "an unknown day"
    if totals.requests == 0:
        return f"0 bytes. Nothing has left this machine through this app since {since}.\n{UNCHECKED}\n{UNSEEN}"
    sent = f"{_count(totals.bytes_out, 'byte')} out in {_count(totals.requests, 'request')} since {since}."
    return f"{sent}\n{UNCHECKED}\n{UNSEEN}"


def _verdict(verdict: Verdict) -> list[str]:
    whole = f"As written: {_count(verdict.rows, 'row')}, the last is {verdict.rows}:{verdict.head}"
    lines = [whole if verdict.ok else f"NOT AS WRITTEN: {verdict.what}"]
    if verdict.why_unanchored:
        lines.append(f"Unanchored: {verdict.why_unanchored} {NO_ANCHOR}")
    elif verdict.ok and verdict.tail:
        lines.append(
            f"Anchored in the keyring up to row {verdict.anchored}; {_count(verdict.tail, 'row')} after it not yet."
        )
    elif verdict.ok:
        lines.append("Anchored in the keyring up to the last row.")
    return [*lines, *verdict.notes]


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"
