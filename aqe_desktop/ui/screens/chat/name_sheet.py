"""A sheet that asks for one name."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from aqe_desktop.ui.widgets.field import Field
from aqe_desktop.ui.widgets.sheet import Sheet


def ask_name(window: QWidget, title: str, proposed: str, take: Callable[[str], None]) -> Sheet:
    """Call `take` with a name that is not empty, once it was confirmed; returns at once."""
    sheet = Sheet(window, title, width=400)
    field = Field("Name", title)
    field.setText(proposed)
    sheet.body.addWidget(field)
    sheet.add_button("Cancel", key="cancel")
    save = sheet.add_button("Save", "primary", key="save", default=True)
    save.setEnabled(bool(proposed))
    field.textChanged.connect(lambda text: save.setEnabled(bool(text.strip())))
    sheet.finished.connect(lambda key: take(field.text().strip()) if key == "save" else None)
    sheet.open()
    field.setFocus()
    return sheet
