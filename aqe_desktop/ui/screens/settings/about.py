"""What this program is made of: versions, and the licences of every package it runs with."""

from __future__ import annotations

import platform
from collections.abc import Iterator, Sequence
from importlib import metadata

from PySide6.QtCore import qVersion
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from aqe_desktop import __version__
from aqe_desktop.core.models import RuntimeStatus
from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import SECONDARY
from aqe_desktop.ui.widgets.sheet import Sheet

LICENCE = "Apache-2.0"
STARTER = "SmolLM2-135M-Instruct, Apache-2.0"


def facts(statuses: Sequence[RuntimeStatus]) -> list[tuple[str, str]]:
    """Name and value, one row each."""
    engines = [(status.name, status.version or "not installed") for status in statuses]
    return [
        ("AQE Desktop", f"{__version__}, {LICENCE}"),
        *engines,
        ("Python", platform.python_version()),
        ("Qt", qVersion()),
        ("Starter model", STARTER),
        ("Telemetry", "none"),
    ]


def licences() -> Iterator[str]:
    """One line per installed package: name, version, licence as the package states it."""
    found = {each.metadata["Name"]: each for each in metadata.distributions() if each.metadata["Name"]}
    for name in sorted(found, key=str.lower):
        yield f"{name} {found[name].version}: {_licence(found[name])}"


def show_licences(window: QWidget) -> Sheet:
    """Open the sheet; returns at once."""
    sheet = Sheet(window, "Licences", width=640)
    text = QPlainTextEdit("\n".join(licences()))
    text.setReadOnly(True)
    text.setProperty("field", True)
    text.setAccessibleName("Licences of the packages in use")
    text.setFont(theme().font(SECONDARY, mono=True))
    text.setMinimumHeight(theme().dp(320))
    sheet.body.addWidget(text)
    sheet.open()
    return sheet


def _licence(package: metadata.Distribution) -> str:
    stated = package.metadata["License-Expression"] or package.metadata["License"] or ""
    first = stated.strip().splitlines()[0] if stated.strip() else ""
    if first and len(first) < 80:
        return first
    classified = [
        each.rpartition(":: ")[2] for each in package.metadata.get_all("Classifier") or () if "License" in each
    ]
    return ", ".join(classified) or "see the package"
