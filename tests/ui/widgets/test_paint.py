"""The few lines that stand for a class of Qt's which is dear to load: they must say the same."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRect, Qt
from PySide6.QtWidgets import QStyle

from aqe_desktop.ui.widgets.paint import mirrored

_RECTS = st.builds(QRect, *[st.integers(-500, 500)] * 2, *[st.integers(0, 900)] * 2)


@given(rect=_RECTS, within=_RECTS, direction=st.sampled_from(Qt.LayoutDirection))
def test_a_rectangle_is_mirrored_as_qt_does_it(rect: QRect, within: QRect, direction: Qt.LayoutDirection) -> None:
    if direction != Qt.LayoutDirection.LayoutDirectionAuto:
        assert mirrored(rect, within, direction) == QStyle.visualRect(direction, within, rect)
