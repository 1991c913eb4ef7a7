"""The scanner of the shipped rules, compiled once for all tests of this folder: that takes seconds."""

from __future__ import annotations

import pytest

from aqe_desktop.privacy.scanner import Scanner
from tests.rules import compiled_scanner


@pytest.fixture(scope="session")
def scanner() -> Scanner:
    return compiled_scanner()
