"""The window's modules alone, before anything is asked of them: nothing heavy may come with them."""

from __future__ import annotations

from tests.test_imports import HEAVY, loaded


def test_the_window_imports_nothing_heavy() -> None:
    assert loaded("import aqe_desktop.ui.main") & set(HEAVY) == set()
