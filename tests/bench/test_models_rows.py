"""Prints what five thousand models cost the window beside fifty; never judges by the clock."""

from __future__ import annotations

import pytest

from tests.bench.scripts import run, say


@pytest.mark.bench
@pytest.mark.window
def test_how_long_five_thousand_models_hold_up_the_window(capsys: pytest.CaptureFixture[str]) -> None:
    found = run("models_rows.py")
    say(capsys, "5,000 models in the list, beside 50", found)
    assert found["models"] == 5000
