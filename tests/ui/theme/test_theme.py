"""Switching theme, scale, contrast and fonts at runtime."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QScrollBar, QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from aqe_desktop.resources import resource
from aqe_desktop.ui.theme import icons, style
from aqe_desktop.ui.theme.current import Theme, theme
from aqe_desktop.ui.theme.tokens import DARK, LIGHT
from tests.ui.conftest import Look


def test_a_new_theme_reaches_palette_style_sheet_and_listeners(look: Look, qapp: QApplication, qtbot: QtBot) -> None:
    look("light")
    with qtbot.waitSignal(theme().changed):
        look("dark")
    assert qapp.palette().color(QPalette.ColorRole.Window).name().upper() == DARK.app
    assert DARK.line_strong in qapp.styleSheet()
    assert LIGHT.line_strong not in qapp.styleSheet()


def test_the_same_theme_again_wakes_nobody(look: Look) -> None:
    look("dark", 1.25)
    woken: list[int] = []
    theme().changed.connect(lambda: woken.append(1))
    look("dark", 1.25)
    assert woken == []


def test_the_scale_moves_fonts_and_what_holds_text(look: Look) -> None:
    look("light", 1.0)
    field = QLineEdit()
    low = field.sizeHint().height()
    look("light", 1.5)
    assert theme().font(13).pixelSize() == 20
    assert theme().dp(28) == 42
    assert field.sizeHint().height() > low


def test_high_contrast_can_be_asked_for_and_given_back(look: Look) -> None:
    look("light", contrast=True)
    assert theme().tokens.muted == LIGHT.text
    look("light", contrast=False)
    assert theme().tokens == LIGHT


def test_numbers_are_tabular_and_the_named_families_are_used(look: Look) -> None:
    look()
    assert theme().font().families() == ["Inter"]
    assert theme().font(mono=True).families() == ["JetBrains Mono"]
    widths = {_advance(digit) for digit in "0123456789"}
    assert len(widths) == 1


def _advance(text: str) -> int:
    from PySide6.QtGui import QFontMetrics

    return QFontMetrics(theme().font()).horizontalAdvance(text * 20)


def test_without_named_families_the_systems_are_used(qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AQE_TEST_FONTS", raising=False)
    fresh = Theme()
    assert fresh.font().family()
    assert fresh.font(mono=True).family() != fresh.font().family()


def test_every_placeholder_of_the_style_sheet_is_filled(look: Look) -> None:
    for choice in ("light", "dark"):
        look(choice)
        assert "@" not in style.sheet()


def test_no_colour_is_written_into_the_template() -> None:
    template = resource("themes", "app.qss").read_text(encoding="utf-8")
    assert re.findall(r"#[0-9A-Fa-f]{3,8}\b(?!content)", template.replace("QWidget#content", "")) == []


def test_no_module_of_the_interface_writes_a_colour_of_its_own() -> None:
    root = Path(style.__file__).parents[1]
    written = {
        str(path.relative_to(root)): found
        for path in root.rglob("*.py")
        if path.name != "tokens.py" and (found := re.findall(r"[\"']#[0-9A-Fa-f]{6}[\"']", path.read_text("utf-8")))
    }
    assert not written


@pytest.mark.parametrize("kind", [QLineEdit, QScrollBar, QComboBox, QSpinBox])
def test_stock_widgets_do_not_warn_when_they_are_drawn(look: Look, qtbot: QtBot, kind: type[QWidget]) -> None:
    look("dark")
    widget = kind()
    qtbot.addWidget(widget)
    assert not widget.grab().isNull()


def test_every_icon_is_of_the_family_and_drawn_in_the_asked_colour(look: Look) -> None:
    look("light")
    for name in icons.names():
        source = resource("icons", f"{name}.svg").read_text(encoding="utf-8")
        assert 'viewBox="0 0 24 24"' in source, name
        assert 'stroke-width="1.75"' in source, name
        assert 'stroke-linecap="round"' in source, name
        assert "#" not in source, name
        picture = icons.pixmap(name, "danger", 16, 2.0).toImage()
        assert (picture.width(), picture.devicePixelRatio()) == (32, 2.0)
        strongest = max(
            (picture.pixelColor(x, y) for x in range(32) for y in range(32)), key=lambda color: color.alpha()
        )
        if name != "none":
            assert strongest.red() > strongest.green() + 60, name


def test_an_icon_changes_with_the_theme(look: Look) -> None:
    look("light")
    before = icons.pixmap("chat").toImage()
    look("dark")
    assert icons.pixmap("chat").toImage() != before


def test_a_missing_icon_is_an_error_and_not_an_empty_square(look: Look) -> None:
    with pytest.raises(KeyError):
        icons.pixmap("unicorn")


def test_an_icon_for_native_views_is_sharp_at_every_usual_ratio(look: Look) -> None:
    sizes = {size.width() for size in icons.icon("chat").availableSizes()}
    assert {16, 20, 24, 32, 48} <= sizes
