"""Screens are measured and pictured in fixed fonts; a machine without them must say so, not differ quietly."""

from __future__ import annotations

from PySide6.QtGui import QFontDatabase, QFontInfo
from PySide6.QtWidgets import QApplication


def test_the_interface_font_of_tests_is_inter(qapp: QApplication) -> None:
    assert QFontInfo(qapp.font()).family() == "Inter"


def test_the_code_font_of_tests_is_jetbrains_mono(qapp: QApplication) -> None:
    fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
    assert QFontInfo(fixed).family() == "JetBrains Mono"
