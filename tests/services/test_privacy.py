"""What counts as private in a conversation, and what the user can say about it."""

from __future__ import annotations

import asyncio
import base64
from dataclasses import replace
from pathlib import Path

import pytest

from aqe_desktop.core.chat import Attachment, Message, Role
from aqe_desktop.core.errors import DiskFull, KeyringUnusable, RulesBroken, UsageError
from aqe_desktop.core.findings import OWN_WORD, PRIVATE_FILE, PRIVATE_PATH, UNREAD, PartKind
from aqe_desktop.core.ledger import RowKind
from aqe_desktop.privacy.scanner import Scanner
from aqe_desktop.store.database import Database
from tests.rules import compiled_scanner
from tests.services.privately import CODE, Privately, asks, git, kinds, policy, privately, written

SECRET = "Vq7#kT93mZpL2wX"
PRIVATE = f'db_password = "{SECRET}"'


async def test_every_text_of_a_request_is_read(parts: Privately) -> None:
    messages = (
        Message(Role.SYSTEM, f"Be brief. {PRIVATE}"),
        Message(Role.USER, "Look.", (Attachment(f"{SECRET}.md", ""), Attachment("conf.py", f"\n{PRIVATE}\n"))),
        Message(Role.ASSISTANT, f"You wrote {PRIVATE}"),
    )
    found = await parts.privacy.scan(messages)
    where = [(each.part.message, each.part.kind, each.part.file) for each in found]
    assert where == [(0, PartKind.TEXT, 0), (1, PartKind.FILE, 1), (2, PartKind.TEXT, 0)]
    assert all(SECRET in each.value for each in found)
    assert all(each.binds for each in found)


async def test_the_name_of_a_file_is_a_text_too(parts: Privately) -> None:
    (found,) = await parts.privacy.scan(asks("Look.", Attachment("jane.roe@brightwater.io (mail).txt", "Hi.")))
    assert (found.part.kind, found.value) == (PartKind.NAME, "jane.roe@brightwater.io")


async def test_a_long_chat_is_read_once_and_then_only_what_is_new(
    parts: Privately, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    scan = Scanner.read

    def counted(self: Scanner, text: str, *, name: str = "") -> object:
        read.append(text)
        return scan(self, text, name=name)

    monkeypatch.setattr(Scanner, "read", counted)
    chat = tuple(Message(Role.USER, f"Question {number}. {PRIVATE}") for number in range(200))
    for length in range(1, 20):
        found = await parts.privacy.scan((*chat, *asks("x" * length)))
    assert len(found) == 200
    assert len(read) == len(set(read))
    # Each message by itself, and where it meets the one before it.
    assert len(read) < 4 * (200 + 19)
    await parts.privacy.scan((*chat, *asks("x" * 19)), final=True)
    assert len(read) == len(set(read))
    # Each message by itself, and where it meets the one before it.
    assert len(read) < 4 * (200 + 19)


async def test_one_text_that_many_wait_for_is_read_once(parts: Privately, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    scan = Scanner.read

    def counted(self: Scanner, text: str, *, name: str = "") -> object:
        read.append(text)
        return scan(self, text, name=name)

    monkeypatch.setattr(Scanner, "read", counted)
    message = asks("\n".join(f"{PRIVATE} # {number}" for number in range(2000)))
    first = asyncio.create_task(parts.privacy.scan(message))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    others = [asyncio.create_task(parts.privacy.scan(message)) for _ in range(3)]
    await asyncio.sleep(0)
    first.cancel()
    assert {len(found) for found in await asyncio.gather(*others)} == {2000}
    assert len(read) == 1


async def test_until_the_scanner_is_ready_every_text_is_private(database: Database) -> None:
    parts = privately(database)
    found = await parts.privacy.scan(asks("Hello.", Attachment("a.txt", "World.")))
    assert kinds(found) == [UNREAD] * 3
    assert all(each.binds for each in found)
    with pytest.raises(UsageError, match="not private"):
        await parts.privacy.dismiss(found[0], None)
    assert await parts.privacy.scan(asks("Hello."), final=True) == ()
    await parts.privacy.aclose()


async def test_what_is_about_to_leave_waits_for_a_scanner_that_has_to_be_made(database: Database) -> None:
    asked: list[bool] = []
    loaded = asyncio.Event()
    tell = asyncio.get_running_loop().call_soon_threadsafe

    def opened(make: bool) -> Scanner | None:
        asked.append(make)
        tell(loaded.set)
        return compiled_scanner() if make else None

    parts = privately(database)
    parts.scanning._open = opened
    assert kinds(await parts.privacy.scan(asks("Hello."))) == [UNREAD]
    await loaded.wait()
    assert kinds(await parts.privacy.scan(asks("Hello."))) == [UNREAD]
    states = [parts.privacy.ready.value]
    assert await parts.privacy.scan(asks("Hello."), final=True) == ()
    assert asked == [False, True]
    assert [*states, parts.privacy.ready.value] == [False, True]
    await parts.privacy.aclose()


async def test_rules_that_are_broken_keep_every_text_private_and_say_so(database: Database) -> None:
    def broken(make: bool) -> Scanner | None:
        raise RulesBroken("The rule “x” is broken.")

    parts = privately(database)
    parts.scanning._open = broken
    (found,) = await parts.privacy.scan(asks("Hello."), final=True)
    assert (found.finding.kind, found.binds) == (UNREAD, True)
    assert "“x”" in found.finding.reason
    await parts.privacy.aclose()


async def test_own_words_are_found_in_sentences_and_in_identifiers(parts: Privately, project: Path) -> None:
    await parts.policies.add_word(project, "blue heron")
    messages = asks("Ask Blue  Heron about BlueHeronClient, not about a bluish heron.", Attachment("blue_heron.py", ""))
    found = await parts.privacy.scan(messages, str(project))
    assert [each.value for each in found] == ["Blue  Heron", "BlueHeron", "blue_heron"]
    assert kinds(found) == [OWN_WORD] * 3
    assert await parts.privacy.scan(messages, str(project.parent)) == ()
    await parts.policies.remove_word(project, "blue heron")
    assert await parts.privacy.scan(messages, str(project)) == ()


async def test_an_own_word_counts_from_the_next_look_on(parts: Privately, project: Path) -> None:
    for wanted, change in ((0, parts.policies.add_word), (1, parts.policies.remove_word), (0, None)):
        assert len(await parts.privacy.scan(asks("The heron."), str(project))) == wanted
        if change is not None:
            await change(project, "heron")


async def test_the_words_of_an_attached_file_s_project_count_too(parts: Privately, project: Path) -> None:
    await parts.policies.add_word(project, "heron")
    found = await parts.privacy.scan(asks("Heron?", written(project / "a.txt", "x")))
    assert kinds(found) == [OWN_WORD]


async def test_a_private_path_binds_by_the_file_s_name(parts: Privately, project: Path) -> None:
    policy(project, 'private_paths = ["src/payments/**"]')
    file, other = written(project / "src/payments/fees.txt", "Four percent."), written(project / "a.txt", "x")
    found = await parts.privacy.scan(asks("Why?", other, file), str(project))
    assert [(each.finding.kind, each.part.kind, each.part.file) for each in found] == [(PRIVATE_PATH, PartKind.NAME, 1)]
    assert found[0].finding.end == len("fees.txt")
    assert "src/payments/**" in found[0].finding.reason
    assert found[0].binds
    assert kinds(await parts.privacy.scan(asks("Why?", file))) == [PRIVATE_PATH], "the file's own project counts"


async def test_a_file_of_an_earlier_version_counts_as_lying_in_the_project(parts: Privately, project: Path) -> None:
    policy(project, 'private_paths = [".env*"]')
    assert kinds(await parts.privacy.scan(asks("Why?", Attachment(".env.local", "A=1")), str(project))) == [
        PRIVATE_PATH
    ]


async def test_a_file_that_git_ignores_is_private_until_it_is_not(parts: Privately, project: Path) -> None:
    git(project, "init", "-q")
    (project / ".gitignore").write_text("notes.txt\n")
    messages = asks("Why?", written(project / "notes.txt", "Nothing much."))
    assert kinds(await parts.privacy.scan(messages, str(project))) == [PRIVATE_PATH]
    (project / ".gitignore").write_text("")
    assert await parts.privacy.scan(messages, str(project), final=True) == ()


async def test_public_paths_quiet_markers_and_no_secret(parts: Privately, project: Path) -> None:
    header = "CONFIDENTIAL - Internal use only. Do not distribute.\n"
    file = written(project / "docs/a.txt", f"{header}\n{PRIVATE}\n")
    before = await parts.privacy.scan(asks("Look.", file), str(project))
    assert "confidential-header" in kinds(before)
    policy(project, 'public_paths = ["docs/**"]')
    await parts.policies.trust(project)
    after = await parts.privacy.scan(asks("Look.", file), str(project), final=True)
    assert kinds(after) == [kind for kind in kinds(before) if kind != "confidential-header"]
    assert after


async def test_a_paste_out_of_a_private_file_is_private(parts: Privately, project: Path) -> None:
    policy(project, 'private_paths = ["core/**"]')
    written(project / "core/settle.py", CODE)
    paste = "    ".join(CODE.splitlines(keepends=True)[1:5])
    (found,) = await parts.privacy.scan(asks(f"What is wrong?\n\n{paste}\nThank you."), str(project), final=True)
    assert (found.finding.kind, found.binds) == (PRIVATE_FILE, True)
    assert found.value.strip().startswith("remaining = invoice.total")
    assert "settle.py" in found.finding.reason
    assert await parts.privacy.scan(asks("How do I sum the parts of an invoice?"), str(project), final=True) == ()
    other = project.parent / "other"
    other.mkdir()
    assert await parts.privacy.scan(asks(paste), str(other), final=True) == ()


async def test_the_index_of_private_files_follows_them(parts: Privately, project: Path, database: Database) -> None:
    policy(project, 'private_paths = ["core/**"]')
    file = project / "core/settle.py"
    written(file, "print()\n")
    assert await parts.privacy.scan(asks(CODE), str(project), final=True) == ()
    file.write_text(CODE)
    again = privately(database)
    assert kinds(await again.privacy.scan(asks(CODE), str(project), final=True)) == [PRIVATE_FILE]
    file.unlink()
    later = privately(database)
    assert await later.privacy.scan(asks(CODE), str(project), final=True) == ()
    for each in (again, later):
        await each.privacy.aclose()


async def test_an_index_that_cannot_be_made_stops_what_leaves_and_nobody_who_types(
    parts: Privately, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object) -> None:
        raise DiskFull("The disk is full.")

    policy(project, 'private_paths = ["core/**"]')
    written(project / "core/settle.py", CODE)
    monkeypatch.setattr(parts.privacy._private_texts._shingles, "put", full)
    assert await parts.privacy.scan(asks("Hello."), str(project)) == ()
    with pytest.raises(DiskFull):
        await parts.privacy.scan(asks("Hello."), str(project), final=True)


async def test_a_dismissed_value_is_not_private_in_this_project_until_it_is_recalled(
    parts: Privately, project: Path
) -> None:
    (found,) = await parts.privacy.scan(asks(PRIVATE), str(project))
    dismissal = await parts.privacy.dismiss(found, str(project))
    (again,) = await parts.privacy.scan(asks(f"Once more: {PRIVATE}"), str(project))
    assert again.dismissed
    assert not again.binds
    assert (await parts.privacy.scan(asks(PRIVATE), "/another"))[0].binds
    assert (await parts.privacy.scan(asks(PRIVATE)))[0].binds
    assert (await parts.privacy.scan(asks(PRIVATE.replace("V", "W")), str(project)))[0].binds
    assert list(await parts.privacy.dismissed(str(project))) == [dismissal]
    assert list(await parts.privacy.dismissed("/another")) == []
    await parts.privacy.recall(dismissal)
    assert (await parts.privacy.scan(asks(PRIVATE), str(project)))[0].binds
    with pytest.raises(UsageError, match="not dismissed"):
        await parts.privacy.recall(dismissal)


LOGIN = base64.b64encode(f"karin.svensson@nordbygg.se:{SECRET}".encode()).decode()


async def test_a_login_is_shown_as_one_and_no_dismissed_address_frees_it(parts: Privately, project: Path) -> None:
    at = str(project)
    (found,) = await parts.privacy.scan(asks(f"Authorization: Basic {LOGIN}"), at)
    assert found.finding.kind == "generic-high-entropy"
    (address,) = found.finding.also
    assert address.kind == "pii-email"
    await parts.privacy.dismiss(replace(found, finding=address), at)
    (again,) = await parts.privacy.scan(asks(f"Authorization: Basic {LOGIN}"), at)
    assert again.binds
    await parts.privacy.dismiss(again, at)
    both = await parts.privacy.scan(asks(f"Authorization: Basic {LOGIN}"), at)
    assert [(each.finding.kind, each.binds) for each in both] == [
        ("generic-high-entropy", False),
        ("pii-email", False),
    ]


async def test_what_else_an_encoded_text_holds_shows_once_the_gravest_is_taken_away(parts: Privately) -> None:
    encoded = base64.b64encode(f"write to karin.svensson@nordbygg.se and password = '{SECRET}'".encode()).decode()
    (found,) = await parts.privacy.scan(asks(encoded))
    assert found.finding.kind == "password-assign"
    await parts.privacy.dismiss(found, None)
    again = await parts.privacy.scan(asks(encoded))
    assert [(each.finding.kind, each.binds) for each in again] == [("password-assign", False), ("pii-email", True)]


async def test_a_dismissal_and_its_recall_are_rows_that_never_hold_the_value(
    parts: Privately, project: Path, database: Database
) -> None:
    (found,) = await parts.privacy.scan(asks(PRIVATE), str(project))
    await parts.privacy.recall(await parts.privacy.dismiss(found, str(project)))
    rows = [row.entry for row in await parts.ledger.rows()]
    assert [row.kind for row in rows] == [RowKind.RECALLED, RowKind.DISMISSED]
    assert {(row.project, row.note) for row in rows} == {(str(project), found.finding.kind)}
    await parts.privacy.dismiss(found, str(project))
    kept = b"".join(path.read_bytes() for path in project.parent.glob("*.db*"))
    assert SECRET.encode() not in kept


async def test_with_another_key_nothing_is_dismissed(parts: Privately) -> None:
    (found,) = await parts.privacy.scan(asks(PRIVATE))
    await parts.privacy.dismiss(found, None)
    assert (await parts.privacy.scan(asks(PRIVATE)))[0].dismissed

    async def another() -> bytes:
        return b"o" * 32

    parts.dismissals._read_key = another
    assert (await parts.privacy.scan(asks(PRIVATE)))[0].binds


async def test_without_the_key_nothing_is_dismissed_and_the_keyring_is_left_in_peace(parts: Privately) -> None:
    (found,) = await parts.privacy.scan(asks(PRIVATE))
    await parts.privacy.dismiss(found, None)
    asked = []

    async def away() -> bytes:
        asked.append(1)
        raise KeyringUnusable("The keyring is locked.")

    parts.dismissals._read_key = away
    for _ in range(5):
        assert (await parts.privacy.scan(asks(PRIVATE)))[0].binds
    assert len(asked) == 1
    with pytest.raises(KeyringUnusable):
        await parts.privacy.dismiss(found, None)


async def test_a_dismissal_that_the_ledger_cannot_hold_is_none(
    parts: Privately, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(*_: object) -> None:
        raise DiskFull("The disk is full.")

    (found,) = await parts.privacy.scan(asks(PRIVATE))
    monkeypatch.setattr(parts.ledger, "append", full)
    with pytest.raises(DiskFull):
        await parts.privacy.dismiss(found, None)
    assert (await parts.privacy.scan(asks(PRIVATE)))[0].binds


async def test_the_copy_of_a_private_file_is_dismissed_by_its_place(parts: Privately, project: Path) -> None:
    policy(project, 'private_paths = ["a/**", "b/**"]')
    one, two = written(project / "a/x.txt", "1"), written(project / "b/x.txt", "1")
    found = await parts.privacy.scan(asks("Look.", one, two), str(project))
    await parts.privacy.dismiss(found[0], str(project))
    again = await parts.privacy.scan(asks("Look.", one, two), str(project))
    assert [each.dismissed for each in again] == [True, False]
