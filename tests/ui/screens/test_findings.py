"""What is private while somebody types: underlined, on the chips, in one line, and called not private with undo."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCharFormat
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QTextEdit

from aqe_desktop.core.chat import Attachment
from aqe_desktop.core.figures import grouped
from aqe_desktop.core.findings import UNREAD, Finding, Found, Part, PartKind
from aqe_desktop.core.ledger import RowKind
from aqe_desktop.ui.kinds import title
from aqe_desktop.ui.screens.chat.finding_words import amount, exact_place, summary, value_in_words
from aqe_desktop.ui.screens.chat.findings_popover import MOST as ROWS
from aqe_desktop.ui.screens.chat.findings_popover import FindingsPopover
from aqe_desktop.ui.screens.chat.underlines import MOST, underline
from aqe_desktop.ui.widgets.plain_text import PlainText
from tests.rules import forget_rules, keep_rules
from tests.ui.screens.chat_scene import Play, Scene, scene
from tests.ui.screens.conftest import until

KEY = "github_" + "pat_11ABCDEFG0aBcDeFgHiJkL_" + "4kTz9Wq2Xv7Rn5Mb8Lc1Jd6Hs3Gf0Pa4Yu7Ie2Ot9Qw5Er8Ty1Ui6Zx3"
MAIL = "jane.doe@initech-payments.com"


async def looked(on: Scene) -> None:
    """The scanner is there, and has seen what stands in the composer now."""
    on.app.privacy.start()
    await until(lambda: on.app.privacy.ready.value)
    findings = on.screen.findings
    await until(lambda: not findings.checking and findings.text == on.editor.toPlainText() and not findings.unread)


def marks(on: Scene) -> list[str]:
    selections: list[QTextEdit.ExtraSelection] = on.editor.extraSelections()
    return [each.cursor.selectedText() for each in selections]


def popover(on: Scene) -> FindingsPopover:
    (found,) = [each for each in on.view.findChildren(FindingsPopover) if each.isVisible()]
    return found


def test_a_secret_is_underlined_and_told_while_it_is_typed(play: Play) -> None:
    async def run() -> None:
        async with scene() as on:
            await on.ready()
            on.editor.insertPlainText(f"Why does 𝄞 my token {KEY} fail?")
            await looked(on)
            assert marks(on) == [KEY]
            assert on.view.route.chip.text() == "Stays on this device"
            assert "1 secret, prompt" in on.view.route.detail.text()
            assert on.view.route.findings.text() == "1 finding"
            assert on.screen.inspector.route.private.text() == "Private: 1 secret, prompt"
            assert on.editor.accessibleDescription() == "Private: 1 secret"
            on.editor.clear()
            await looked(on)
            assert marks(on) == []
            assert on.view.route.findings.isHidden()
            assert on.screen.inspector.route.private.text() == "Nothing private found"

    play(run())


def test_an_open_list_follows_what_is_found(play: Play) -> None:
    forget_rules()

    async def run() -> None:
        async with scene() as on:
            on.editor.insertPlainText(f"use {KEY} now")
            await until(lambda: on.screen.findings.unread)
            on.screen.marks.show_list()
            assert not popover(on).rows[0].button.isVisible()
            keep_rules()
            on.app.privacy.start()
            await looked(on)
            assert popover(on).rows[0].button.accessibleName().startswith("Not private: GitHub token")
            assert popover(on).testAttribute(Qt.WidgetAttribute.WA_TranslucentBackground) is False

    play(run())


def test_a_file_says_on_its_chip_what_it_holds(play: Play, tmp_path: Path) -> None:
    (tmp_path / "config.py").write_text(f'TOKEN = "{KEY}"\n')
    (tmp_path / "client.py").write_text("def charge(): ...\n")

    async def run() -> None:
        async with scene() as on:
            on.screen.state.attach([tmp_path / "config.py", tmp_path / "client.py"])
            await until(lambda: len(on.view.composer.chips) == 2)
            await looked(on)
            await until(lambda: on.view.composer.chips[0].text() == "config.py · 1 secret")
            assert "secret" not in on.view.composer.chips[1].text()
            assert "1 secret, config.py" in on.view.route._found
            (listed,) = on.screen.marks.listed()
            assert listed[1] == "config.py, line 1"

    play(run())


def test_not_private_is_said_by_key_undone_by_toast_and_told_in_the_ledger(play: Play) -> None:
    async def run() -> None:
        async with scene() as on:
            on.editor.insertPlainText(f"token = '{KEY}'")
            await looked(on)
            (command,) = [each for each in on.window.commands.all() if each.name == "Show what is private here"]
            on.window.commands.run(command)
            button = popover(on).rows[0].button
            assert button.accessibleName().startswith(f"Not private: GitHub token, {KEY[:28]}…{KEY[-12:]}, prompt")
            assert not button.hasFocus()
            QTest.keyClick(popover(on), Qt.Key.Key_Tab)
            assert button.hasFocus()
            QTest.keyClick(button, Qt.Key.Key_Space)
            await until(lambda: marks(on) == [])
            (toast,) = on.window.toasts._toasts
            assert "not private in this project" in toast.label.text()
            toast.button.click()
            await until(lambda: marks(on) == [KEY])
            kinds = [row.entry.kind for row in await on.app.ledger.rows()]
            assert kinds == [RowKind.RECALLED, RowKind.DISMISSED]

    play(run())


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Space])
def test_the_key_that_opens_the_list_and_another_call_nothing_not_private(play: Play, key: Qt.Key) -> None:
    async def run() -> None:
        async with scene() as on:
            on.editor.insertPlainText(f"token = '{KEY}'")
            await looked(on)
            on.screen.marks.show_list()
            QTest.keyClick(popover(on), key)
            await until(lambda: not [each for each in on.view.findChildren(FindingsPopover) if each.isVisible()])
            assert await on.app.ledger.rows() == []
            assert marks(on) == [KEY]

    play(run())


def test_esc_closes_the_list_and_changes_nothing(play: Play) -> None:
    async def run() -> None:
        async with scene() as on:
            on.editor.insertPlainText(f"token = '{KEY}'")
            await looked(on)
            on.view.route.findings.click()
            shown = popover(on)
            QTest.keyClick(shown, Qt.Key.Key_Escape)
            await until(lambda: not [each for each in on.view.findChildren(FindingsPopover) if each.isVisible()])
            assert marks(on) == [KEY]

    play(run())


def test_before_the_scanner_is_there_everything_counts_as_private(play: Play) -> None:
    forget_rules()

    async def run() -> None:
        async with scene() as on:
            on.editor.insertPlainText("hello")
            await until(lambda: on.screen.findings.unread and "counts as private" in on.view.route._found)
            assert marks(on) == []
            keep_rules()
            on.app.privacy.start()
            await until(lambda: not on.screen.findings.unread and on.view.route._found == "")

    play(run())


def test_a_long_paste_is_marked_only_as_far_as_it_costs_little(play: Play) -> None:
    async def run() -> None:
        async with scene() as on:
            lines = "\n".join(f"line {n} of mail to jane.doe{n}@corp-{n}.io" for n in range(1200))
            assert 45_000 < len(lines) < 60_000
            on.editor.insertPlainText(lines)
            await looked(on)
            assert len(on.screen.findings.found) > MOST
            assert len(marks(on)) == MOST
            on.view.route.findings.click()
            shown = popover(on)
            assert len(shown.rows) == ROWS
            count = len(on.screen.findings.found)
            assert shown.more.text() == f"Show {ROWS} more of {grouped(count - ROWS)}"
            shown.more.click()
            assert len({row.accessibleName() for row in shown.rows}) == 2 * ROWS
            assert shown.rows[ROWS].button.hasFocus()
            shown.close()

    play(run())


def test_the_loop_goes_on_while_megabytes_are_looked_through(play: Play) -> None:
    async def run() -> None:
        async with scene() as on:
            await looked(on)
            beats = 0

            async def beat() -> None:
                nonlocal beats
                while True:
                    await asyncio.sleep(0.001)
                    beats += 1

            text = "\n".join(f"value_{n} = compute(previous, {n})" for n in range(200_000))
            on.screen.state._attach(Attachment("large.py", text))
            on.screen.findings.look()
            heart = asyncio.create_task(beat())
            await until(lambda: on.screen.findings.files != ())
            heart.cancel()
            assert beats > 5

    play(run())


def test_a_chat_with_a_secret_is_bound_and_says_so(play: Play) -> None:
    async def run() -> None:
        async with scene() as on:
            await on.ready()
            on.editor.insertPlainText(f"say hi to {KEY}")
            await looked(on)
            assert on.view.header.bound.isHidden()
            QTest.keyClick(on.editor, Qt.Key.Key_Return)
            await on.writing(1)
            on.chat.stop()
            await on.ended()
            await until(lambda: not on.view.header.bound.isHidden())
            await until(lambda: [row.bound for row in on.screen.sidebar.rows.rows()] == [True])
            await looked(on)
            await until(lambda: "earlier in this chat" in on.view.route.detail.text())
            on.screen.new_chat()
            await until(lambda: on.view.header.bound.isHidden())

    play(run())


def found(kind: str, start: int = 0, part: PartKind = PartKind.TEXT, file: int = 0, *, binding: bool = True) -> Found:
    return Found(Part(0, part, file), Finding(kind, start, start + 4, 0.9, binding, "A reason."), "value")


def test_findings_are_counted_and_placed_in_words() -> None:
    files = (Attachment("config.py", "a\nb\nsecret"), Attachment("b.py", ""), Attachment("c.py", ""))
    two = [found("aws-key"), found("jwt", 4, PartKind.FILE)]
    assert amount(two) == "2 secrets"
    assert summary(two, files) == "2 secrets, prompt and config.py"
    mixed = [*two, found("pii-email", 0, PartKind.NAME, 1), found("pii-name", binding=False)]
    assert amount(mixed) == "2 secrets, 1 e-mail address, 1 hint"
    assert summary(mixed, files).endswith("prompt, config.py and b.py")
    assert summary([], files, [found("jwt")]) == "1 secret earlier in this chat"
    assert summary([], files) == ""
    assert exact_place(two[1], "", files) == "config.py, line 3"
    assert exact_place(mixed[2], "", files) == "name of b.py"
    assert exact_place(two[0], "abcd", files) == "prompt, line 1"
    assert (title("aws-key"), title("acme-token"), title("pii-email")) == ("AWS key", "Acme token", "E-mail address")


def test_behind_the_scanners_limit_a_number_is_only_the_least() -> None:
    assert amount([found("jwt")] * 20_001) == f"more than {grouped(20_000)} secrets"
    many = [*[found("jwt")] * 19_999, found("pii-email"), found("pii-email")]
    assert amount(many).endswith("secrets, at least 2 e-mail addresses")
    unread = [found(UNREAD), found(UNREAD, 0, PartKind.NAME), found(UNREAD, 0, PartKind.FILE)]
    assert amount(unread) == "2 unread texts"
    assert amount(unread[1:]) == "1 unread text"


def test_a_value_is_told_on_one_line_by_its_beginning_and_end() -> None:
    def told(value: str) -> str:
        return value_in_words(replace(found("jwt"), value=value))

    assert told("a\n\tb\u202ec") == "a b c"
    assert told("x" * 41) == "x" * 41
    assert told("a" * 30 + "b" * 900_000 + "c" * 30) == "a" * 28 + "…" + "c" * 12


def test_a_hint_has_another_line_than_what_binds(play: Play) -> None:
    async def run() -> None:
        editor = PlainText()
        editor.setPlainText("0123456789")
        underline(editor, "0123456789", [found("jwt"), found("pii-name", 5, binding=False)])
        styles = [each.format.underlineStyle() for each in editor.extraSelections()]
        assert styles == [QTextCharFormat.UnderlineStyle.WaveUnderline, QTextCharFormat.UnderlineStyle.DashUnderline]
        underline(editor, "another text", [])
        assert len(editor.extraSelections()) == 2

    play(run())
