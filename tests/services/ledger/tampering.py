"""Ledgers with something in every field, what somebody may do to them, and the script that is to see it."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import apsw

from aqe_desktop.core.ledger import GENESIS, Entry, Purpose, RowKind, SentFile
from aqe_desktop.core.models import Zone
from aqe_desktop.machine.anchors import KeyringAnchors
from aqe_desktop.machine.files import write_private
from aqe_desktop.machine.keyring import Keyring
from aqe_desktop.resources import resource
from aqe_desktop.services.ledger import LedgerService
from aqe_desktop.store.ledger import LedgerStore

HOSTILE = Entry(
    RowKind.SENT,
    1_795_000_000_000,
    project='=HYPERLINK("http://x")',
    zone=Zone.CLOUD,
    host="-",
    model="'+1",
    purpose=Purpose.CHAT,
    bytes=12,
    sha256="ab" * 32,
    files=(SentFile('a,"b"\r\n.py', "cd" * 32), SentFile("Prüfung 試験", "")),
    redactions=("@mail",),
    note="line\nnext\0\rback",
)


def without_keyring(store: LedgerStore, home: Path) -> LedgerService:
    from keyring.backends import fail

    return LedgerService(store, KeyringAnchors(Keyring(fail.Keyring), home), write_private)


async def fill(store: LedgerStore, count: int = 8) -> None:
    for number in range(count):
        await store.append(replace(HOSTILE, time=HOSTILE.time + number, bytes=number))


def edit(path: Path, *statements: str) -> None:
    """What somebody with a database tool does; the triggers are no wall against the file's owner."""
    with without_triggers(path) as raw:
        for sql in statements:
            raw.execute(sql)


@contextmanager
def without_triggers(path: Path) -> Iterator[apsw.Connection]:
    """They are put back at the end, so that the file is built as before.

    Through the library that the app has loaded: a second one in this process would not see its locks."""
    with closing(apsw.Connection(str(path))) as raw:
        triggers = raw.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            raw.execute(f"DROP TRIGGER {name}")
        yield raw
        for _, sql in triggers:
            raw.execute(str(sql))


def rewritten(path: Path) -> None:
    """The whole chain made anew around an edited row: every hash fits."""
    with without_triggers(path) as raw:
        before = GENESIS
        for seq, text in raw.execute("SELECT seq, text FROM chain ORDER BY seq").fetchall():
            told = json.loads(str(text)) | {"previous": before} | ({"bytes": 0} if seq == 3 else {})
            text = json.dumps(told, sort_keys=True, separators=(",", ":"))
            before = hashlib.sha256(text.encode()).hexdigest()
            raw.execute("UPDATE chain SET text = ?, hash = ? WHERE seq = ?", (text, before, seq))


def with_hash(row: dict[str, Any]) -> dict[str, Any]:
    """A row with the hash that fits it."""
    body = {name: value for name, value in row.items() if name != "hash"}
    text = json.dumps(body, sort_keys=True, separators=(",", ":"))
    return {**body, "hash": hashlib.sha256(text.encode()).hexdigest()}


def forged(path: Path) -> None:
    """One row made anew with a hash that fits it; the row after it still names the old one."""
    with without_triggers(path) as raw:
        ((text,),) = raw.execute("SELECT text FROM chain WHERE seq = 4").fetchall()
        row = with_hash(json.loads(str(text)) | {"bytes": 0})
        digest = row.pop("hash")
        raw.execute(
            "UPDATE chain SET text = ?, hash = ? WHERE seq = 4",
            (json.dumps(row, sort_keys=True, separators=(",", ":")), digest),
        )


def script(*arguments: object) -> tuple[int, str]:
    """As a sceptic runs it: isolated, so that it cannot import anything of ours."""
    command = [sys.executable, "-I", str(resource("verify_ledger.py")), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, cwd="/")
    assert done.stderr == ""
    return done.returncode, done.stdout
