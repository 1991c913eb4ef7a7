"""The rows of the ledger's file: put at the end, found, and read back as they were hashed."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeVar, cast

from aqe_desktop.core.errors import StorageFailed
from aqe_desktop.core.ledger import (
    GENESIS,
    Anchor,
    Entry,
    Filter,
    Purpose,
    Row,
    RowKind,
    SentFile,
    Totals,
    canonical,
    chained,
    told_by,
)
from aqe_desktop.core.models import Zone
from aqe_desktop.store.rows import select, storable

if TYPE_CHECKING:
    import apsw

E = TypeVar("E", bound=StrEnum)
_BYTES = "CAST(hash AS BLOB), CAST(text AS BLOB)"
_FIELDS = {field.name for field in fields(Entry)}
_KINDS = {field.name: kind for field in fields(Entry) for kind in (int, str) if field.type == kind.__name__}
_LAST = 2**62  # a row so far out was put there by hand, and the next one would not fit
_LARGEST = 2**40  # bytes; an edited row must not make the sum overflow
_MOST = 2**63 - 1  # rows; SQLite takes no larger number
_HEXES = 8  # a shorter word would be found by chance in every other hash


def add(connection: apsw.Connection, entry: Entry) -> Row:
    """Called inside BEGIN IMMEDIATE: no other process can come between the last row and this one.

    Raises StorageFailed for a row that is not there when it is read back."""
    last = head(connection)
    if not 0 <= last.seq < _LAST:
        raise StorageFailed("The ledger ends with a row that no app wrote.", "`aqe ledger verify` says more.")
    row = chained(last.seq + 1, last.hash, clean(entry))
    kept = (row.seq, row.hash, canonical(row.seq, row.previous, row.entry))
    connection.execute("INSERT INTO chain (seq, hash, text) VALUES (?, ?, ?)", kept)
    if select(connection, "SELECT seq, hash, text FROM chain WHERE seq = ?", (row.seq,)) != [kept]:
        raise StorageFailed("The ledger did not keep its new row.", "Keep a copy of it, then move it away.")
    return row


def clean(entry: Entry) -> Entry:
    """The entry with text that UTF-8 can hold: a file's name need not be any."""
    words: dict[str, Any] = {name: storable(v) for name in _FIELDS if type(v := getattr(entry, name)) is str}
    files = tuple(SentFile(storable(file.name), file.sha256) for file in entry.files)
    return replace(entry, **words, files=files, redactions=tuple(storable(each) for each in entry.redactions))


def head(connection: apsw.Connection, ledger: str = "") -> Anchor:
    """The last row's number and hash; 0 and GENESIS in an empty chain."""
    found = select(connection, f"SELECT seq, {_BYTES} FROM chain ORDER BY seq DESC LIMIT 1")  # noqa: S608
    return Anchor(ledger, found[0][0], _text(found[0][1])) if found else Anchor(ledger, 0, GENESIS)


def hash_of(connection: apsw.Connection, seq: int) -> str:
    """Empty where there is no such row."""
    found = select(connection, f"SELECT {_BYTES} FROM chain WHERE seq = ?", (seq,))  # noqa: S608
    return _text(found[0][0]) if found else ""


def page(connection: apsw.Connection, after: int | None, upto: int | None, count: int) -> list[tuple[int, str, str]]:
    """Number, hash and text of rows above `after`, oldest first; None begins with the smallest, which may be below 1.

    Without `upto` there is no bound in the query: in a damaged file it would end at a number that is garbage."""
    start = "" if after is None else "AND seq > :after"
    bound = "" if upto is None else "AND seq <= :upto"
    sql = f"SELECT seq, {_BYTES} FROM chain WHERE 1 {start} {bound} ORDER BY seq LIMIT :count"  # noqa: S608
    found = select(connection, sql, {"after": after, "upto": upto, "count": count})
    return [(seq, _text(digest), _text(text)) for seq, digest, text in found]


def listed(connection: apsw.Connection, wanted: Filter, limit: int, offset: int) -> list[Row]:
    where, values = _condition(wanted)
    sql = f"SELECT seq, {_BYTES} FROM chain WHERE {where} ORDER BY seq DESC LIMIT ? OFFSET ?"  # noqa: S608
    found = select(connection, sql, (*values, min(limit, _MOST), offset))
    return [row_from(seq, _text(digest), _text(text)) for seq, digest, text in found]


def summed(connection: apsw.Connection, wanted: Filter, begun: int) -> Totals:
    """Rows of zone `device` count too: one that is proved to stay here has none."""
    where, values = _condition(wanted)
    size = f"iif(kind = 'sent' AND typeof(bytes) = 'integer', max(0, min(bytes, {_LARGEST})), 0)"
    sql = f"""SELECT count(*), coalesce(sum(kind = 'sent'), 0), coalesce(sum({size}), 0)
        FROM chain WHERE {where}"""  # noqa: S608 - every value is bound
    ((rows, requests, total),) = select(connection, sql, values)
    return Totals(rows, requests, total, begun)


def _text(stored: bytes) -> str:
    """An edited row may hold bytes that are no UTF-8, which the driver would not hand over as text."""
    return stored.decode("utf-8", "backslashreplace")


def row_from(seq: int, digest: str, text: str) -> Row:
    """What is no row any more is shown as one that says so; `verify` tells what is wrong with it."""
    try:
        told = told_by(text) or {}
        return Row(seq, str(told["previous"]), digest, _entry_from(told))
    except (KeyError, TypeError, ValueError, AttributeError):
        return Row(seq, "", digest, Entry(RowKind.SENT, 0, note="This row cannot be read."))


def _entry_from(told: dict[str, Any]) -> Entry:
    """A field of a later version is left out, a word of one is kept as it is."""
    known = {name: value for name, value in told.items() if name in _FIELDS}
    known["kind"] = _word(RowKind, told["kind"])
    known["zone"] = told.get("zone") and _word(Zone, told["zone"])
    known["purpose"] = told.get("purpose") and _word(Purpose, told["purpose"])
    known["files"] = tuple(SentFile(file["name"], file["sha256"]) for file in told.get("files", ()))
    known["redactions"] = tuple(told.get("redactions", ()))
    entry = Entry(**known)
    texts = [entry.kind, entry.zone or "", entry.purpose or "", *entry.redactions]
    texts += [text for file in entry.files for text in (file.name, file.sha256)]
    kept = all(type(getattr(entry, name)) is kind for name, kind in _KINDS.items())
    if not kept or not all(isinstance(text, str) for text in texts):
        raise TypeError("a field of another kind than was written")
    return entry


def _word(kind: type[E], value: str) -> E:
    try:
        return kind(value)
    except ValueError:
        return cast(E, value)


def _condition(wanted: Filter) -> tuple[str, list[Any]]:
    parts, values = ["1"], list[Any]()
    for part, value in (
        ("project = ?", wanted.project),
        ("zone = ?", wanted.zone),
        ("purpose = ?", wanted.purpose),
        ("time >= ?", wanted.since),
        ("time <= ?", wanted.until),
    ):
        if value is not None:
            parts.append(part)
            values.append(str(value) if isinstance(value, StrEnum) else value)
    for word in storable(wanted.search).split():
        parts.append(_HOLDS)
        long = len(word) >= _HEXES
        values += [long, f"{_escaped(word)}%", _like(json.dumps(word)[1:-1]), _like(word), long]
    return " AND ".join(parts), values


# The row's own hash; else first a quick look at the text as it lies there, then a true one at the values of its fields.
_HOLDS = r"""((? AND hash LIKE ? ESCAPE '\') OR (text LIKE ? ESCAPE '\' AND json_valid(text) AND EXISTS (
    SELECT 1 FROM json_tree(text) WHERE type = 'text' AND atom LIKE ? ESCAPE '\'
    AND key IS NOT 'previous' AND (key IS NOT 'sha256' OR ?))))"""


def _like(word: str) -> str:
    return f"%{_escaped(word)}%"


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
