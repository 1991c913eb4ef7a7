"""What is private in a project, in the settings and on the project's card: policy and trust, own words, dismissals."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from aqe_desktop.core.chat import Message, Role
from aqe_desktop.ui.policy_words import BROKEN
from aqe_desktop.ui.screens.settings.privacy import PrivacyPart
from aqe_desktop.ui.screens.settings.view import SettingsView
from aqe_desktop.ui.widgets.button import Button
from aqe_desktop.ui.widgets.label import Label
from tests.ui.screens.chat_scene import Play
from tests.ui.screens.conftest import until
from tests.ui.screens.test_findings import KEY
from tests.ui.screens.test_offline import House, house


def project(tmp_path: Path, policy: str = "") -> Path:
    folder = tmp_path / "payments-api"
    (folder / ".aqe").mkdir(parents=True)
    if policy:
        (folder / ".aqe" / "policy.toml").write_text(policy)
    return folder.resolve()


async def work_in(here: House, folder: Path) -> None:
    here.rooms.chat.projects.open(str(folder))
    await until(lambda: here.rooms.chat.projects.current is not None)


async def settings(here: House) -> PrivacyPart:
    here.window.show_screen("settings")
    view = here.window._built["settings"].work
    assert isinstance(view, SettingsView)
    await until(lambda: bool(view.rows))
    await until(lambda: bool(said(view.private)))
    return view.private


def said(part: PrivacyPart) -> list[str]:
    return [label.text() for label in part.policy.findChildren(Label) if not label.isHidden()]


def button(part: PrivacyPart, name: str) -> Button | None:
    found = [each for each in part.findChildren(Button) if each.isVisible() and each.accessibleName().startswith(name)]
    return found[0] if found else None


async def press(part: PrivacyPart, name: str) -> None:
    await until(lambda: button(part, name) is not None)
    pressed = button(part, name)
    assert pressed is not None
    pressed.setFocus(Qt.FocusReason.TabFocusReason)
    QTest.keyClick(pressed, Qt.Key.Key_Space)


def test_the_projects_card_says_its_policy_and_follows_the_file(play: Play, tmp_path: Path) -> None:
    folder = project(tmp_path, 'mode = "local"\nbudget_usd_month = 20.0\n')

    async def run() -> None:
        async with house() as here:
            await work_in(here, folder)
            switcher = here.rooms.chat.sidebar.switcher
            await until(lambda: switcher._detail == "local · secrets stay · $20/month")
            assert str(folder) in switcher.toolTip()
            (folder / ".aqe" / "policy.toml").write_text("mode = \n")
            await until(lambda: switcher._detail == BROKEN)
            assert "line 1" in switcher.toolTip()
            (folder / ".aqe" / "policy.toml").unlink()
            await until(lambda: switcher._detail == "auto · secrets stay")

    play(run())


def test_a_policy_that_loosens_counts_only_once_it_is_trusted(play: Play, tmp_path: Path) -> None:
    folder = project(tmp_path, 'mode = "cloud"\n')

    async def run() -> None:
        async with house() as here:
            await work_in(here, folder)
            part = await settings(here)
            await until(lambda: part.project.value == str(folder))
            assert "auto · secrets stay · not trusted" in said(part)
            assert any("loosens mode" in line for line in said(part))
            await press(part, "Trust ")
            await until(lambda: "cloud · secrets stay" in said(part))
            assert (await here.app.policy.effective(folder)).policy.mode == "cloud"
            await press(part, "Distrust ")
            await until(lambda: "auto · secrets stay · not trusted" in said(part))

    play(run())


def test_own_words_are_added_and_removed_and_found(play: Play, tmp_path: Path) -> None:
    folder = project(tmp_path)

    async def run() -> None:
        async with house() as here:
            await work_in(here, folder)
            part = await settings(here)
            await until(part.word.isEnabled)
            QTest.keyClicks(part.word, "Project Heron")
            QTest.keyClick(part.word, Qt.Key.Key_Return)
            await until(lambda: button(part, "Remove Project Heron") is not None)
            here.app.privacy.start()
            await until(lambda: here.app.privacy.ready.value)
            (found,) = await here.app.privacy.scan([Message(Role.USER, "ask project heron")], str(folder))
            assert found.binds
            QTest.keyClicks(part.word, "-")
            part.add.click()
            await until(part.trouble.isVisible)
            await press(part, "Remove Project Heron")
            await until(lambda: button(part, "Remove") is None)
            assert await here.app.policy.words(folder) == ()

    play(run())


def test_without_a_project_there_are_no_own_words(play: Play) -> None:
    async def run() -> None:
        async with house() as here:
            part = await settings(here)
            assert not part.word.isEnabled()
            assert "Own words belong to a project." in part.words.findChildren(Label)[0].text()

    play(run())


def test_what_was_called_not_private_is_listed_and_recalled(play: Play, tmp_path: Path) -> None:
    folder = project(tmp_path)

    async def run() -> None:
        async with house() as here:
            await work_in(here, folder)
            here.app.privacy.start()
            await until(lambda: here.app.privacy.ready.value)
            message = Message(Role.USER, f"token {KEY}")
            (found,) = await here.app.privacy.scan([message], str(folder))
            await here.app.privacy.dismiss(found, str(folder))
            part = await settings(here)
            await until(lambda: button(part, "Recall GitHub token") is not None)
            await press(part, "Recall")
            await until(lambda: button(part, "Recall") is None)
            (again,) = await here.app.privacy.scan([message], str(folder))
            assert again.binds

    play(run())
