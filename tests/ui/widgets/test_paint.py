"""What every control is painted with: the mirror that stands for a class of Qt's, and words that hide nothing."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import QStyle

from aqe_desktop.ui.widgets.paint import elided, mirrored
from aqe_desktop.ui.widgets.tip import plain_tip
from tests.ui.conftest import Look

_RECTS = st.builds(QRect, *[st.integers(-500, 500)] * 2, *[st.integers(0, 900)] * 2)


@given(rect=_RECTS, within=_RECTS, direction=st.sampled_from(Qt.LayoutDirection))
def test_a_rectangle_is_mirrored_as_qt_does_it(rect: QRect, within: QRect, direction: Qt.LayoutDirection) -> None:
    if direction != Qt.LayoutDirection.LayoutDirectionAuto:
        assert mirrored(rect, within, direction) == QStyle.visualRect(direction, within, rect)


def test_a_direction_override_in_a_title_is_spelt_out_and_reverses_nothing(look: Look) -> None:
    title = "report\u202egpj.exe"
    assert elided(title, QFont(), 10_000) == "report[U+202E]gpj.exe"
    assert "\u202e" not in plain_tip(f"first line\n{title}")
    assert "first line\n" in plain_tip(f"first line\n{title}")
