"""The window in the sealed network of tests/proof: a chat leaves nothing there, and a way out that Qt has is caught."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from aqe_desktop.machine.paths import find_paths
from tests.proof.judge import holds, judge
from tests.proof.seal import REPOSITORY, Seal, sealed
from tests.ui.screens.test_window import Window, branch, ended, until

CANARY = "canary-4711-heron-in-the-reeds"


@pytest.fixture
def seal(tmp_path: Path) -> Iterator[Seal]:
    with sealed(tmp_path, sys.executable) as seal:
        yield seal


@pytest.mark.window
def test_a_chat_in_the_window_is_seen_by_nobody(seal: Seal, kept_rules: None) -> None:
    database = find_paths().database
    window = Window(without=seal.enter)
    try:
        window.write(f"What is {CANARY}?")
        window.keys("Return")
        until(lambda: ended(database), "an answer")
        window.close()
    finally:
        window.process.kill()
    assert branch(database)[0].text == f"What is {CANARY}?"
    assert seal.seen() == []


def test_a_leak_by_qt_is_caught(seal: Seal) -> None:
    environment = {"PATH": os.environ["PATH"], "CANARY": CANARY, "QT_QPA_PLATFORM": "offscreen"}
    done = seal.run([sys.executable, str(REPOSITORY / "tests/proof/programs/leaks.py"), "qt"], environment)
    assert done.returncode == 0, done.stderr
    assert judge(seal.seen(), []) != []
    assert holds(seal.seen(), CANARY)
