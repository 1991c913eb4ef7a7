"""An export is verified by a script that knows nothing of the app, and every tampering with it is seen."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aqe_desktop.core.errors import UsageError
from aqe_desktop.core.ledger import GENESIS, Entry, Purpose, RowKind, SentFile, as_json
from aqe_desktop.core.models import Zone
from aqe_desktop.resources import resource
from aqe_desktop.services.ledger import LedgerService
from aqe_desktop.services.ledger_export import Form
from aqe_desktop.store.ledger import LedgerStore
from tests.services.ledger.tampering import HOSTILE, fill, rewritten, script, with_hash, without_keyring


def test_the_script_is_short_and_imports_the_standard_library_only() -> None:
    lines = resource("verify_ledger.py").read_text().splitlines()
    assert len(lines) <= 60
    imported = {line.split()[1] for line in lines if line.startswith(("import ", "from "))}
    assert imported <= sys.stdlib_module_names


@pytest.fixture
async def exports(store: LedgerStore, service: LedgerService, tmp_path: Path) -> dict[Form, Path]:
    await fill(store)
    await store.append(Entry(RowKind.ENDED, HOSTILE.time + 99, of=8, status="200", cost_usd="0.000001"))
    paths = {form: tmp_path / f"export.{form}" for form in Form}
    for form, path in paths.items():
        assert (await service.save(path, form)).rows == 9
    return paths


@pytest.mark.parametrize("form", Form)
async def test_the_script_verifies_an_untouched_export_and_names_its_head(
    exports: dict[Form, Path], store: LedgerStore, form: Form
) -> None:
    head = (await store.head()).hash
    assert script(exports[form]) == (0, f"As written: 9 rows, the last is 9:{head}\n")
    assert script(exports[form], f"9:{head}")[0] == 0


@pytest.mark.parametrize("form", Form)
async def test_an_export_of_an_empty_ledger_verifies(service: LedgerService, tmp_path: Path, form: Form) -> None:
    path = tmp_path / f"empty.{form}"
    await service.save(path, form)
    assert script(path) == (0, "As written: 0 rows, the last is none\n")


async def test_an_export_replaces_nothing(exports: dict[Form, Path], service: LedgerService) -> None:
    with pytest.raises(UsageError, match="exists already"):
        await service.save(exports[Form.CSV], Form.CSV)


async def test_a_cell_of_the_csv_is_no_formula(exports: dict[Form, Path]) -> None:
    with exports[Form.CSV].open(encoding="utf-8", newline="") as file:
        first = next(csv.DictReader(file))
    assert {name: first[name] for name in ("project", "host", "model")} == {
        "project": '\'=HYPERLINK("http://x")',
        "host": "'-",
        "model": "''+1",
    }


async def test_the_json_has_exactly_the_fields_that_were_hashed(exports: dict[Form, Path], store: LedgerStore) -> None:
    told = json.loads(exports[Form.JSON].read_text())
    rows = list(reversed(await store.rows()))
    expected = [{**as_json(row.seq, row.previous, row.entry), "hash": row.hash} for row in rows]
    assert told["rows"] == json.loads(json.dumps(expected))
    assert (told["count"], told["head"], told["ledger"]) == (9, rows[-1].hash, (await store.identity()).id)


Rows = list[dict[str, Any]]
EXPORT_TAMPERINGS: dict[str, Callable[[Rows], Any]] = {
    "edit": lambda rows: rows[3].update(bytes=0),
    "edit of a file's name": lambda rows: rows[3]["files"][0].update(name="other.py"),
    "edit of a hash": lambda rows: rows[3].update(hash="0" * 64),
    "delete": lambda rows: rows.pop(3),
    "delete the first": lambda rows: rows.pop(0),
    "reorder": lambda rows: rows.insert(3, rows.pop(5)),
    "insert": lambda rows: rows.insert(4, dict(rows[3])),
    "another field": lambda rows: rows[3].update(extra="x"),
}


def tampered(path: Path, change: Callable[[Rows], Any]) -> None:
    if path.suffix == ".json":
        told = json.loads(path.read_text())
        change(told["rows"])
        path.write_text(json.dumps(told))
        return
    out = io.StringIO()
    with path.open(encoding="utf-8", newline="") as file:
        rows: Rows = [{**row, "files": json.loads(row["files"])} for row in csv.DictReader(file)]
    change(rows)
    writer = csv.DictWriter(out, list(dict.fromkeys(name for row in rows for name in row)), restval="")
    writer.writeheader()
    writer.writerows({**row, "files": json.dumps(row["files"])} for row in rows)
    path.write_text(out.getvalue(), newline="")


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize("name", EXPORT_TAMPERINGS)
async def test_the_script_sees_each_tampering(exports: dict[Form, Path], form: Form, name: str) -> None:
    tampered(exports[form], lambda rows: None)
    assert script(exports[form])[0] == 0
    tampered(exports[form], EXPORT_TAMPERINGS[name])
    code, told = script(exports[form])
    assert (code, told[:14]) == (1, "NOT AS WRITTEN")


async def test_the_script_sees_rows_that_were_numbered_anew(exports: dict[Form, Path]) -> None:
    """Every hash fits, and every row names the one before it."""
    told = json.loads(exports[Form.JSON].read_text())
    before = GENESIS
    for number, row in enumerate(told["rows"]):
        row |= with_hash({**row, "seq": number + (number > 3) + 1, "previous": before})
        before = row["hash"]
    told["head"] = f"{before}"
    exports[Form.JSON].write_text(json.dumps(told))
    code, words = script(exports[Form.JSON])
    assert (code, "row 5 does not follow" in words) == (1, True)


@pytest.mark.parametrize("form", Form)
async def test_the_script_sees_a_shortened_export_by_a_row_that_was_noted(
    exports: dict[Form, Path], store: LedgerStore, form: Form
) -> None:
    head = await store.head()
    tampered(exports[form], lambda rows: rows.pop())
    if form is Form.CSV:
        assert script(exports[form])[0] == 0, "nothing in a CSV tells of its end"
    code, told = script(exports[form], f"{head.seq}:{head.hash}")
    assert (code, f"does not hold row '9:{head.hash}'" in told) == (1, True)


async def test_the_script_sees_a_chain_that_was_written_anew_by_a_row_that_was_noted(
    store: LedgerStore, service: LedgerService, tmp_path: Path
) -> None:
    await fill(store)
    noted = await store.head()
    await store.aclose()
    rewritten(store.path)
    await service.save(tmp_path / "export.json", Form.JSON)
    assert script(tmp_path / "export.json")[0] == 0
    assert script(tmp_path / "export.json", f"8:{noted.hash}")[0] == 1


@pytest.mark.parametrize("form", Form)
async def test_an_empty_note_is_not_taken_for_a_row(exports: dict[Form, Path], form: Form) -> None:
    """A variable of the shell that is not set must not make a shortened export pass."""
    assert script(exports[form], "")[0] == 1


def test_a_name_that_is_given_twice_in_a_row_is_seen(exports: dict[Form, Path]) -> None:
    text = exports[Form.JSON].read_text()
    assert text.count('"bytes": 3,') == 1
    exports[Form.JSON].write_text(text.replace('"bytes": 3,', '"bytes": 0, "bytes": 3,'))
    assert script(exports[Form.JSON])[0] == 1


def test_a_second_column_of_one_name_is_seen(exports: dict[Form, Path]) -> None:
    """People see the first, a reader of the names takes the last."""
    with exports[Form.CSV].open(encoding="utf-8", newline="") as file:
        names, *rows = csv.reader(file)
    with exports[Form.CSV].open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["bytes", *names], *(["0", *row] for row in rows)])
    assert script(exports[Form.CSV])[0] == 1


@pytest.mark.parametrize("form", ["+{}", " {}", "0{}", "{}_0"])
def test_a_number_in_another_form_is_seen(exports: dict[Form, Path], form: str) -> None:
    text = exports[Form.CSV].read_bytes().decode()
    old = f'"{HOSTILE.time + 4}"'
    assert text.count(old) == 1
    spelled = form.format(HOSTILE.time + 4) if form != "{}_0" else f"1_{str(HOSTILE.time + 4)[1:]}"
    exports[Form.CSV].write_bytes(text.replace(old, f'"{spelled}"').encode())
    assert script(exports[Form.CSV])[0] == 1


@pytest.mark.parametrize(
    "content", [b"[" * 90_000, b"", b"{", b"[]", b'{"rows": 1}', b'{"rows": [1], "count": 1, "head": ""}', b"\xff"]
)
@pytest.mark.parametrize("form", Form)
def test_the_script_says_of_what_is_no_export_that_it_is_none(tmp_path: Path, content: bytes, form: Form) -> None:
    path = tmp_path / f"odd.{form}"
    path.write_bytes(content)
    code, told = script(path)
    assert (code, told[:14]) == (1, "NOT AS WRITTEN") or (form is Form.CSV and "0 rows" in told)


words = st.text(max_size=12) | st.sampled_from(["-", "'", "=1", "", "\r", "\n", '"', "\0"])


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(entries=st.lists(st.builds(
    Entry, kind=st.sampled_from(RowKind), time=st.integers(-(2**40), 2**45), project=words, host=words, model=words,
    zone=st.none() | st.sampled_from(Zone), purpose=st.none() | st.sampled_from(Purpose), bytes=st.integers(0, 2**53),
    sha256=words, files=st.lists(st.builds(SentFile, words, words), max_size=2).map(tuple), rule=words, consent=words,
    redactions=st.lists(words, max_size=2).map(tuple), via=words, of=st.integers(0, 99), status=words, cost_usd=words,
    note=words), max_size=5))  # fmt: skip
def test_whatever_the_rows_hold_both_forms_verify(tmp_path: Path, entries: list[Entry]) -> None:
    folder = tmp_path / uuid.uuid4().hex
    folder.mkdir()

    async def check() -> None:
        store = LedgerStore(folder / "ledger.db", "this machine")
        service = without_keyring(store, folder)
        for entry in entries:
            await store.append(entry)
        assert (await service.verify()).ok
        for form in Form:
            await service.save(folder / f"x.{form}", form)
            assert script(folder / f"x.{form}")[0] == 0
        await store.aclose()

    asyncio.run(check())


@pytest.mark.parametrize("name", ["by\u200btes", "bytes ", "Bytes", "b\u0443tes"])
def test_a_column_with_a_name_that_only_looks_like_another_is_seen(exports: dict[Form, Path], name: str) -> None:
    rows = list(csv.reader(io.StringIO(exports[Form.CSV].read_text(), newline="")))
    out = io.StringIO()
    csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(
        [name if place == 0 else "-", *row] for place, row in enumerate(rows)
    )
    exports[Form.CSV].write_text(out.getvalue())
    assert script(exports[Form.CSV])[0] == 1


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("count", "\r\x1b[2KAs written: 12 rows, the last is 12"),
        ("head", "HASH\x1b[8m"),
        ("count", "\ud800"),
        ("head", "ä\u202e"),
    ],
)
def test_nothing_of_a_hostile_export_reaches_the_terminal(exports: dict[Form, Path], key: str, value: str) -> None:
    told = json.loads(exports[Form.JSON].read_text())
    exports[Form.JSON].write_text(json.dumps({**told, key: value}))
    code, said = script(exports[Form.JSON])
    assert (code, said.isascii(), said.rstrip("\n").isprintable()) == (1, True, True)
    assert said.startswith("NOT AS WRITTEN: it does not hold row")
