"""Opening a link: only after the whole address was shown, because the text of an answer can say anything."""

from __future__ import annotations

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QWidget

from aqe_desktop.ui.theme.tokens import SECONDARY
from aqe_desktop.ui.widgets.label import Label
from aqe_desktop.ui.widgets.sheet import Sheet

OPENED = ("http", "https", "mailto")


def ask_to_open(window: QWidget, address: str) -> Sheet:
    """Show the address and what opening means; the default act is to copy it, which nothing leaves by."""
    sheet = Sheet(window, "Open a link")
    url = QUrl(address, QUrl.ParsingMode.StrictMode)
    sheet.body.addWidget(Label(_breakable(address), mono=True, wrap=True, selectable=True))
    opens = url.isValid() and url.scheme().lower() in OPENED
    sheet.body.addWidget(Label(_words(url, opens=opens), SECONDARY, token="muted", wrap=True))
    if opens:
        sheet.add_button("Open in the browser", key="open")
    sheet.add_button("Copy the address", "primary", key="copy", default=True)
    sheet.finished.connect(lambda key: _act(key, address, window))
    sheet.open()
    return sheet


def _act(key: str, address: str, window: QWidget) -> None:
    if key == "open" and not QDesktopServices.openUrl(QUrl(address)):
        QGuiApplication.clipboard().setText(address)
        _say_copied(window)
    elif key == "copy":
        QGuiApplication.clipboard().setText(address)


def _say_copied(window: QWidget) -> None:
    sheet = Sheet(window, "The link was not opened", width=400)
    sheet.body.addWidget(Label("No browser was found. The address was copied instead.", wrap=True))
    sheet.add_button("Close", key="close", default=True)
    sheet.open()


def _words(url: QUrl, *, opens: bool) -> str:
    if not opens:
        return "This kind of address is not opened from here. It can be copied."
    host = url.host() or url.path()
    return f"The browser would contact {host}. The address itself can carry text out of here."


def _breakable(address: str) -> str:
    """Zero-width spaces let a long address wrap; the copied one has none."""
    return "\u200b".join(address[start : start + 40] for start in range(0, len(address), 40))
