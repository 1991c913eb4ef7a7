"""`aqe ledger`: what left is listed, checked and given away, with exit codes that a script can rely on."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from aqe_desktop.core.ledger import Entry, Purpose, RowKind, SentFile
from aqe_desktop.core.models import Zone
from aqe_desktop.machine.mark import machine_mark
from aqe_desktop.machine.paths import find_paths
from aqe_desktop.resources import resource
from aqe_desktop.store.ledger import LedgerStore
from tests.cli.conftest import Command
from tests.cli.test_help import fields, promised
from tests.machine.secret_service import secret_service
from tests.services.ledger.tampering import edit

SENT = Entry(
    RowKind.SENT,
    1_795_000_000_000,
    project="/home/someone/shop",
    zone=Zone.CLOUD,
    host="api.example.com",
    model="large-2",
    purpose=Purpose.CHAT,
    bytes=1234,
    files=(SentFile("a.py", "cd" * 32),),
)


def put(*entries: Entry) -> None:
    async def append() -> None:
        store = LedgerStore(find_paths().ledger, machine_mark())
        for entry in entries:
            await store.append(entry)
        await store.aclose()

    find_paths().home.mkdir(mode=0o700, exist_ok=True)
    asyncio.run(append())


@pytest.fixture
def sent(aqe: Command) -> Command:
    """A profile from which two requests left; one was answered."""
    put(
        SENT,
        Entry(RowKind.ENDED, SENT.time + 9, of=1, status="200", cost_usd="0.000100000000"),
        replace(SENT, time=SENT.time + 86_400_000, zone=Zone.LAN, host="box-4090", purpose=Purpose.COUNT, bytes=1),
    )
    return aqe


def test_a_fresh_ledger_is_the_poster_and_says_what_it_does_not_see(aqe: Command) -> None:
    result = aqe("ledger")
    assert result.out == ""
    assert "0 bytes. Nothing has left this machine through this app since 20" in result.err
    assert "Not seen here: engines that this app did not start" in result.err
    assert find_paths().ledger.exists()


def test_rows_are_listed_newest_first(sent: Command) -> None:
    result = sent("ledger", "show")
    lines = result.out.splitlines()
    assert [line.split()[0] for line in lines] == ["3", "2", "1"]
    for word in ("2026-11-18", "cloud", "api.example.com", "large-2", "chat", "1,234 bytes"):
        assert word in lines[2]
    assert "answers row 1: 200  0.000100000000" in lines[1]
    assert "1,235 bytes out in 2 requests since 20" in result.err


def test_a_row_is_one_line_whatever_it_holds(aqe: Command) -> None:
    put(replace(SENT, host="a\n     9  2026-11-24", note="b\r\nc"))
    assert len(aqe("ledger").out.splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "seqs"),
    [
        (["--zone", "lan"], [3]),
        (["--purpose", "chat"], [1]),
        (["--project", "/home/someone/shop"], [3, 1]),
        (["--search", "box 4090"], [3]),
        (["--since", "2026-11-19"], [3]),
        (["--limit", "1"], [3]),
        (["--limit", "9" * 23], [3, 2, 1]),
        (["--zone", "lan", "--purpose", "chat"], []),
    ],
)
def test_rows_are_filtered_before_and_after_the_action(sent: Command, words: list[str], seqs: list[int]) -> None:
    for command in (["ledger", "show", *words], ["ledger", *words]):
        assert [row["seq"] for row in sent(*command, "--json").json["rows"]] == seqs


def test_every_field_of_show_and_export_is_in_the_help(sent: Command) -> None:
    empty = {"rows[].files"}  # a row without files gives the list's own name
    for words in (("ledger",), ("ledger", "show")):
        assert fields(sent(*words, "--json").json) - empty == promised(sent(*words, "--help").out)
    whole = promised(sent("ledger", "export", "--help").out)
    assert (fields(sent("ledger", "export", "--json").json) - empty) | {"saved", "format"} == whole
    saved = sent("ledger", "export", sent.folder / "x.json", "--json").json
    assert fields(saved) == {"saved", "format", "count", "head"}


def test_every_field_of_verify_is_in_the_help_with_the_way_to_check_without_us(sent: Command) -> None:
    told = sent("ledger", "verify", "--help").out
    assert fields(sent("ledger", "verify", "--json").json) == promised(told)
    assert str(resource("verify_ledger.py")) in told


def test_a_whole_chain_is_verified_and_without_a_keyring_unanchored(sent: Command) -> None:
    told = sent("ledger", "verify").out
    assert "As written: 3 rows, the last is 3:" in told
    assert "Unanchored: This system has no keyring" in told
    verdict = sent("ledger", "verify", "--json").json
    assert (verdict["ok"], verdict["rows"], verdict["broken"], verdict["tail"]) == (True, 3, 0, 3)


def test_a_row_that_was_changed_is_named_with_exit_code_4(sent: Command) -> None:
    edit(find_paths().ledger, """UPDATE chain SET text = replace(text, '"bytes":1234', '"bytes":0')""")
    assert sent("ledger", "verify", code=4).out.startswith("NOT AS WRITTEN: Row 1 was changed")
    assert sent("ledger", "verify", "--json", code=4).json["broken"] == 1
    assert sent("ledger").out


def test_a_command_reads_the_anchor_that_another_left(
    sent: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from aqe_desktop.machine.anchors import KeyringAnchors
    from aqe_desktop.machine.files import write_private
    from aqe_desktop.machine.keyring import Keyring
    from aqe_desktop.services.ledger import LedgerService

    async def anchor() -> None:
        from keyring.backends import SecretService

        store = LedgerStore(find_paths().ledger, machine_mark())
        keyring = Keyring(SecretService.Keyring)
        await LedgerService(store, KeyringAnchors(keyring, find_paths().home), write_private).anchor()
        await store.aclose()

    with secret_service() as address:
        monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", address)
        asyncio.run(anchor())
        assert "Anchored in the keyring up to the last row." in sent("ledger", "verify").out
        put(SENT)
        assert "Anchored in the keyring up to row 3; 1 row after it not yet." in sent("ledger", "verify").out
        edit(find_paths().ledger, "DELETE FROM chain WHERE seq > 1")
        assert "Rows 2 to 3 are missing at the end" in sent("ledger", "verify", code=4).out


@pytest.mark.parametrize(
    ("field", "value"), [("bytes", "abc"), ("bytes", 2**62), ("time", [1]), ("time", 10**30), ("zone", [1])]
)
def test_an_edited_row_is_listed_and_told_and_given_away(sent: Command, field: str, value: object) -> None:
    edited = f"UPDATE chain SET text = json_set(text, '$.{field}', json('{json.dumps(value)}')) WHERE seq = 3"
    edit(find_paths().ledger, edited)
    assert sent("ledger", "verify", code=4).out.startswith("NOT AS WRITTEN: Row 3 ")
    assert len(sent("ledger").out.splitlines()) == len(sent("ledger", "--json").json["rows"]) == 3
    assert sent("ledger", "export").out


@pytest.mark.parametrize("name", ["ledger.csv", "ledger.json", "LEDGER.CSV"])
def test_an_export_is_verified_by_the_script(sent: Command, name: str) -> None:
    told = sent("ledger", "export", name).out
    head = told.split()[-1]
    assert told == f"Saved 3 rows to {name}. The last is {head}\n"
    script = [sys.executable, "-I", str(resource("verify_ledger.py")), str(sent.folder / name), head]
    assert subprocess.run(script, capture_output=True, text=True).stdout.startswith("As written: 3 rows")


def test_an_export_to_standard_output_is_the_same_as_to_a_file(sent: Command) -> None:
    for form, flags in (("csv", ()), ("json", ("--json",))):
        sent("ledger", "export", f"x.{form}")
        assert sent("ledger", "export", *flags).out == (sent.folder / f"x.{form}").read_text()
    assert json.loads((sent.folder / "x.json").read_text())["count"] == 3


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("ledger", "--since", "yesterday"), "2026-11-24"),
        (("ledger", "--zone", "moon"), "--help"),
        (("ledger", "--purpose", "fun"), "--help"),
        (("ledger", "--limit", "0"), "--help"),
        (("ledger", "export", "x.txt"), "Name the file"),
        (("ledger", "erase"), "--help"),
    ],
)
def test_what_cannot_be_asked_is_a_usage_error_with_the_next_step(
    aqe: Command, words: tuple[str, ...], hint: str
) -> None:
    error = aqe(*words, "--json", code=2).json["error"]
    assert (error["kind"], hint in error["hint"]) == ("usage", True)


def test_an_export_replaces_no_file(sent: Command) -> None:
    (sent.folder / "x.csv").write_text("mine")
    assert "exists already" in sent("ledger", "export", "x.csv", code=2).err
    assert (sent.folder / "x.csv").read_text() == "mine"


def test_a_damaged_ledger_is_said_and_stops_nothing_that_stays_here(aqe: Command) -> None:
    find_paths().home.mkdir(mode=0o700, exist_ok=True)
    find_paths().ledger.write_bytes(b"no database at all")
    assert "damaged" in aqe("ledger", "verify", code=4).err
    assert aqe("history").code == 0
