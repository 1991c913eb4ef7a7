"""Attached images on screen: made small in a thread, and nothing but an image is ever taken for one."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QSize
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from aqe_desktop.ui.widgets.image_sheet import BROKEN, ImageView, show_image
from aqe_desktop.ui.widgets.pictures import Pictures, decoded, fitted, pictures
from tests.pictures import GIF, JPEG, WEBP_LOSSLESS, WEBP_LOSSY, WEBP_SEE_THROUGH, png
from tests.ui.conftest import Look, Stage

KINDS = {"png": png(), "jpeg": JPEG, "gif": GIF, "lossy": WEBP_LOSSY, "lossless": WEBP_LOSSLESS, "x": WEBP_SEE_THROUGH}


@pytest.mark.parametrize("data", KINDS.values(), ids=KINDS)
def test_every_kind_that_can_be_attached_is_shown(data: bytes) -> None:
    assert decoded(data, 100).size() == QSize(5, 3)


def test_a_large_image_is_made_as_small_as_it_is_shown() -> None:
    assert decoded(png(900, 300), 90).size() == QSize(90, 30)
    assert fitted(QSize(1, 9000), 90, 90) == QSize(1, 90)


def test_what_is_broken_or_no_image_is_none(tmp_path: Path) -> None:
    red = tmp_path / "red.png"
    red.write_bytes(png())
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg"><image href="file://{red}"/></svg>'.encode()
    for data in (drawing, b"GIF89a" + drawing, png(20_000, 20_000), png()[:60], b""):
        assert decoded(data, 100).isNull()


def test_an_image_is_there_when_it_is_ready_and_made_once(qtbot: QtBot) -> None:
    store = Pictures()
    data = png(40, 20)
    with qtbot.waitSignal(store.ready):
        assert store.get(data, 20) is None
        assert store.get(data, 20) is None
    found = store.get(data, 20)
    assert found is not None
    assert found.size() == QSize(20, 10)
    assert store.get(data, 20) is found
    store.end()


def test_an_image_opens_as_large_as_the_window_allows(look: Look, stage: Stage, qtbot: QtBot) -> None:
    window = stage(QWidget(), width=700)
    window.resize(700, 500)
    sheet = show_image(window, "a\u202eb.png", png(3000, 1000), QSize(3000, 1000), "3 000 × 1 000 pixels")
    view = sheet.findChild(ImageView)
    assert view is not None
    assert window.rect().contains(sheet.panel.geometry())
    assert view.width() == pytest.approx(3 * view.height(), abs=3)
    assert view.accessibleName() == "Image a⟨U+202E⟩b.png" or "\u202e" not in view.accessibleName()
    qtbot.waitUntil(lambda: view.grab().toImage().pixelColor(view.width() // 2, view.height() // 2).red() == 200)
    sheet.close_with("")


def test_a_broken_image_says_so_in_its_place(look: Look, stage: Stage, qtbot: QtBot) -> None:
    view = ImageView("a.png", png(40, 30)[:60], QSize(40, 30))
    stage(view)
    qtbot.waitUntil(lambda: view.grab() is not None and view.broken)
    assert view.accessibleDescription() == BROKEN


def test_after_the_end_of_one_program_the_next_has_a_store_of_its_own(qtbot: QtBot) -> None:
    before = pictures()
    application = QCoreApplication.instance()
    assert application is not None
    application.aboutToQuit.emit()
    assert pictures() is not before
    with qtbot.waitSignal(pictures().ready):
        pictures().get(png(7, 7), 7)
