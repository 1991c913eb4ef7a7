"""Reads the whole chain once, row after row, and knows the first that is not as it was written."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime

from aqe_desktop.core.ledger import GENESIS, Anchor, Verdict, told_by

_BACK = 60_000  # milliseconds; processes that write at once may differ by less


class ChainReading:
    """Takes the rows in order and gives the verdict; `resources/verify_ledger.py` does the same with an export."""

    def __init__(self, anchor: Anchor | None, ledger: str) -> None:
        self._anchor = anchor
        self._ledger = ledger
        self._head = GENESIS
        self._latest = 0
        self._notes: list[str] = []
        self.rows = 0
        self.broken = 0
        self.what = ""

    def take(self, rows: Iterable[tuple[int, str, str]]) -> None:
        """Number, hash and text of each; the first that is wrong ends the reading."""
        for seq, digest, text in rows:
            if not self.broken:
                self._take(seq, digest, text)

    def verdict(self) -> Verdict:
        """After the last row."""
        if not self.broken:
            self._hold_against_the_anchor()
        held = self._anchor.seq if self._anchor is not None and not self.broken else 0
        return Verdict(self.rows, self._head, self.broken, self.what, held, "", tuple(self._notes))

    def _take(self, seq: int, digest: str, text: str) -> None:
        due = self.rows + 1
        what = self._wrong(due, seq, digest, text)
        if what:
            self.broken, self.what = due, what
            return
        self.rows, self._head = seq, digest
        if self._anchor is not None and self._anchor.seq == seq and self._anchor.hash != digest:
            self.broken, self.what = seq, f"Row {seq} is not the one that was anchored: the chain was written anew."
        self._note_the_time(seq, json.loads(text)["time"])

    def _wrong(self, due: int, seq: int, digest: str, text: str) -> str:
        if seq < due:
            return f"Row {seq} stands where row {due} is due: it was put in, or the file is damaged."
        if seq != due:
            return f"{_rows(due, seq - 1)} missing."
        told = told_by(text)
        if told is None or type(told.get("time")) is not int or hashlib.sha256(text.encode()).hexdigest() != digest:
            return f"Row {seq} was changed: it does not fit its hash."
        if told.get("seq") != seq:
            return f"Row {seq} was row {told.get('seq')} when it was written: rows changed places."
        if told.get("previous") != self._head:
            return f"Row {seq} does not follow row {seq - 1}: rows were put in, taken out or written anew."
        return ""

    def _note_the_time(self, seq: int, time: int) -> None:
        """A clock may be set back; the order of the rows does not come from it."""
        if time < self._latest - _BACK:
            self._notes.append(f"The clock went back before row {seq}, to {_moment(time)}.")
        self._latest = time

    def _hold_against_the_anchor(self) -> None:
        anchor = self._anchor
        if anchor is None:
            return
        if anchor.ledger != self._ledger:
            self.broken = 1
            self.what = f"Another ledger with {_count(anchor.seq)} was anchored here: this one took its place."
        elif anchor.seq > self.rows:
            self.broken = self.rows + 1
            self.what = f"{_rows(self.broken, anchor.seq)} missing at the end: row {anchor.seq} was anchored."


def _rows(first: int, last: int) -> str:
    return f"Row {first} is" if first == last else f"Rows {first} to {last} are"


def _count(rows: int) -> str:
    return f"{rows} row" if rows == 1 else f"{rows} rows"


def _moment(time: int) -> str:
    try:
        return datetime.fromtimestamp(time / 1000, UTC).isoformat(" ", "seconds")
    except (OSError, OverflowError, ValueError):
        return f"{time} ms"
