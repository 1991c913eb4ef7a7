"""The gallery in both themes, at 100 and 200 %, larger text and mirrored: drawn, complete, and nothing cut off."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QPlainTextEdit, QWidget
from pytestqt.qtbot import QtBot

from aqe_desktop.ui.gallery import Gallery
from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import DARK, LIGHT
from tests.ui.clipping import clipped
from tests.ui.conftest import Look
from tests.ui.own_windows import OwnWindows

_SHOOT = "import sys; from aqe_desktop.ui.gallery import main; sys.exit(main(sys.argv[1:]))"


@pytest.mark.parametrize("scale", [1, 2])
@pytest.mark.parametrize("choice", ["light", "dark"])
def test_its_picture_is_taken_without_a_word_from_qt(tmp_path: Path, choice: str, scale: int) -> None:
    picture = tmp_path / "gallery.png"
    command = [sys.executable, "-c", _SHOOT, "--shot", str(picture), "--theme", choice, "--scale", str(scale)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, env={**os.environ, "AQE_TEST_FONTS": "1"})
    said = [line for line in ran.stderr.splitlines() if "propagateSizeHints" not in line]
    assert (ran.returncode, said) == (0, [])
    image = QImage(str(picture))
    assert image.width() == 1920 * scale
    assert image.height() > 1200 * scale
    tokens = DARK if choice == "dark" else LIGHT
    colours = {image.pixelColor(x, y).name().upper() for x in range(0, image.width(), 7) for y in range(0, 900, 7)}
    assert {tokens.surface, tokens.accent, tokens.raised} <= colours


@pytest.mark.parametrize("page", ["controls", "states"])
def test_one_page_of_it_is_drawn_whole(look: Look, tmp_path: Path, page: str) -> None:
    gallery = Gallery(page)
    gallery.shoot(str(tmp_path / "page.png"))
    assert QImage(str(tmp_path / "page.png")).height() >= gallery.content.sizeHint().height()


def _gallery(qtbot: QtBot) -> Gallery:
    gallery = Gallery()
    qtbot.addWidget(gallery)
    gallery.resize(1920, 900)
    gallery.show()
    QApplication.sendPostedEvents()
    gallery.resize(1920, gallery.content.heightForWidth(1900) + 60)
    return gallery


def test_no_control_in_it_is_a_window_of_its_own_for_a_moment(look: Look, qtbot: QtBot, qapp: QApplication) -> None:
    with OwnWindows(qapp) as windows:
        _gallery(qtbot)
    assert windows.seen == ["Gallery"]


@pytest.mark.parametrize(("scale", "rtl"), [(1.0, False), (1.0, True), (1.25, False), (1.5, False)])
def test_no_word_in_it_is_cut_off(look: Look, qtbot: QtBot, scale: float, rtl: bool) -> None:
    look("light", scale, rtl=rtl)
    gallery = _gallery(qtbot)
    assert clipped(gallery) == []


def test_everything_in_it_changes_with_the_theme_at_runtime(look: Look, qtbot: QtBot) -> None:
    look("light")
    gallery = _gallery(qtbot)
    light = gallery.grab().toImage()
    look("dark")
    dark = gallery.grab().toImage()
    grounds = {LIGHT.app, LIGHT.surface, LIGHT.sunken, LIGHT.hover}
    left = [
        (x, y)
        for x in range(0, dark.width(), 9)
        for y in range(0, dark.height(), 9)
        if light.pixelColor(x, y).name().upper() in grounds and dark.pixelColor(x, y).name().upper() in grounds
    ]
    assert left == []


def test_every_control_in_it_has_a_name_for_a_screen_reader(look: Look, qtbot: QtBot) -> None:
    gallery = _gallery(qtbot)
    kinds = (QAbstractButton, QLineEdit, QPlainTextEdit)
    found = [widget for widget in gallery.findChildren(QWidget) if isinstance(widget, kinds) and widget.isVisible()]
    # Qt's table has an invisible corner button of its own.
    own = [widget for widget in found if not widget.metaObject().className().startswith("QTable")]
    assert len(own) > 50
    assert [widget for widget in own if not widget.accessibleName()] == []


def test_a_larger_text_makes_the_gallery_larger(look: Look, qtbot: QtBot) -> None:
    look("light", 1.0)
    before = _gallery(qtbot).content.heightForWidth(1900)
    look("light", 1.5)
    assert theme().scale == 1.5
    assert _gallery(qtbot).content.heightForWidth(1900) > before * 1.2
