"""The ledger in words: what a row's cells say, what the sums are, and what a check has shown."""

from __future__ import annotations

from datetime import datetime

from aqe_desktop.core.figures import grouped
from aqe_desktop.core.ledger import Row, RowKind, Totals, Verdict
from aqe_desktop.core.models import Zone

ZERO = "0 bytes"
SINCE = "Nothing has left this machine through this app since {0}."
SEEN = "Every request that leaves is written here first: where, why, how much, and a hash of what."
UNSEEN = "Not seen here: engines this app did not start, and what Ollama downloads by itself."
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_NO_ANCHOR = "That rows were taken off the end, or that an older copy was put back, cannot be noticed."


def counted(number: int, noun: str) -> str:
    """ "1 row", "2 413 rows"."""
    return f"{grouped(number)} {noun}" if number == 1 else f"{grouped(number)} {noun}s"


def day(milliseconds: int) -> str:
    """The day in this machine's time, as a person writes it: "2 November 2026"."""
    moment = _moment(milliseconds)
    return f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}" if moment else "an unknown day"


def time_of(row: Row) -> str:
    """This machine's time, to the second; a damaged row may hold none."""
    moment = _moment(row.entry.time)
    return f"{moment:%Y-%m-%d %H:%M:%S}" if moment else "unknown"


def place_of(row: Row) -> str:
    """The zone's word: this device, the machine's name, or the provider's."""
    entry = row.entry
    if entry.zone is Zone.DEVICE:
        return "This device"
    if entry.zone is Zone.CLOUD and "/" in entry.model:
        return entry.model.partition("/")[0]
    return entry.host if entry.zone is not None else ""


def purpose_of(row: Row) -> str:
    """Why it left; of the other kinds of rows, what they tell."""
    entry = row.entry
    if entry.kind is RowKind.ENDED:
        return f"row {entry.of} ended"
    if entry.kind is RowKind.SENT:
        return str(entry.purpose or "")
    return "called not private" if entry.kind is RowKind.DISMISSED else "private again"


def outcome_of(row: Row) -> str:
    """The rule that let it go, how it ended, or which kind of finding it was about."""
    entry = row.entry
    if entry.kind is RowKind.ENDED:
        return " · ".join(part for part in (entry.status, f"${entry.cost_usd}" if entry.cost_usd else "") if part)
    return entry.rule if entry.kind is RowKind.SENT else entry.note


def size_of(row: Row) -> str:
    """Bytes of the body, exactly; nothing for rows that sent none."""
    return grouped(row.entry.bytes) if row.entry.kind is RowKind.SENT else ""


def facts_of(row: Row) -> tuple[tuple[str, str], ...]:
    """Every field of a row that holds something, by its name."""
    entry = row.entry
    all_of = (
        ("Row", f"{row.seq}, {entry.kind}"),
        ("Time", time_of(row)),
        ("Project", entry.project),
        ("Zone and host", " ".join(part for part in (entry.zone or "", entry.host) if part)),
        ("Model", entry.model),
        ("Purpose", purpose_of(row)),
        ("Bytes of the body", size_of(row)),
        ("SHA-256 of the body", entry.sha256),
        ("Files", "\n".join(f"{file.name} {file.sha256}" for file in entry.files)),
        ("Rule", entry.rule),
        ("Redactions", ", ".join(entry.redactions)),
        ("Consent", entry.consent),
        ("Sent by another process", entry.via),
        ("How it ended", entry.status),
        ("Cost in USD", entry.cost_usd),
        ("Note", entry.note),
        ("Hash of this row", row.hash),
        ("Hash of the row before", row.previous),
    )
    return tuple((name, value) for name, value in all_of if value)


def sums(totals: Totals, all_rows: int) -> str:
    """What stands above the list. `all_rows`: in the ledger, of which these are a part."""
    rows = counted(totals.rows, "row")
    if totals.rows != all_rows:
        rows = f"{grouped(totals.rows)} of {counted(all_rows, 'row')}"
    return f"{rows} · {counted(totals.bytes_out, 'byte')} out in {counted(totals.requests, 'request')}"


def verdict_words(verdict: Verdict) -> tuple[str, str]:
    """The result, and what else there is to know."""
    if not verdict.ok:
        return f"Not as written: {verdict.what}", " ".join((*_anchor(verdict), *verdict.notes))
    last = f" The last is {verdict.rows}:{verdict.head[:16]}…" if verdict.rows else ""
    result = f"As written: {counted(verdict.rows, 'row')}.{last}"
    return result, " ".join((*_anchor(verdict), *verdict.notes))


def _anchor(verdict: Verdict) -> tuple[str, ...]:
    if verdict.why_unanchored:
        return (f"Unanchored: {verdict.why_unanchored} {_NO_ANCHOR}",)
    if not verdict.ok:
        return ()
    if verdict.tail:
        after = counted(verdict.tail, "row")
        return (f"Anchored in the keyring up to row {verdict.anchored}; {after} after it not yet.",)
    return ("Anchored in the keyring up to the last row.",)


def _moment(milliseconds: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(milliseconds / 1000).astimezone()
    except (OSError, OverflowError, ValueError):
        return None
