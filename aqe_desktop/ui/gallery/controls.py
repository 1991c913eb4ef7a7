"""The gallery's controls: what is pressed, typed into and read, each in every state it can have."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLayout, QVBoxLayout, QWidget

from aqe_desktop.ui.theme import icons
from aqe_desktop.ui.theme.tokens import EMPTY_TITLE, FIGURE, MESSAGE, SECONDARY, SEMIBOLD, SMALL, TITLE, M, S
from aqe_desktop.ui.widgets.banner import Glyph
from aqe_desktop.ui.widgets.button import Button, IconButton
from aqe_desktop.ui.widgets.chip import Chip
from aqe_desktop.ui.widgets.combo import Combo
from aqe_desktop.ui.widgets.field import Field, SearchField, TextArea
from aqe_desktop.ui.widgets.key_hint import KeyHint
from aqe_desktop.ui.widgets.label import Label
from aqe_desktop.ui.widgets.menu import Menu
from aqe_desktop.ui.widgets.number import NumberField
from aqe_desktop.ui.widgets.param import FactRow, ParamRow
from aqe_desktop.ui.widgets.segmented import Segmented
from aqe_desktop.ui.widgets.sheet import Sheet
from aqe_desktop.ui.widgets.toast import ToastHost
from aqe_desktop.ui.widgets.toggle import Checkbox, Toggle

GERMAN = "Datenschutzgrundverordnungskonforme Verarbeitungsprotokolle"


def row(*widgets: QWidget, stretch: bool = True) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(S)
    for widget in widgets:
        row.addWidget(widget)
    if stretch:
        row.addStretch(1)
    return row


def stack(*items: QWidget | QLayout, spacing: int = S) -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(spacing)
    for item in items:
        if isinstance(item, QLayout):
            column.addLayout(item)
        else:
            column.addWidget(item)
    return column


def _off(widget: QWidget) -> QWidget:
    widget.setEnabled(False)
    return widget


def _with_ring(button: Button) -> Button:
    button.ringed = True
    return button


def _narrow(widget: QWidget, width: int) -> QWidget:
    widget.setFixedWidth(width)
    return widget


def _buttons() -> QLayout:
    undo = Button("Delete and offer undo", "plain", "trash")
    undo.clicked.connect(lambda: _toast(undo))
    sheet = Button("Open a sheet", "plain", "external")
    sheet.clicked.connect(lambda: _sheet(sheet))
    menu = Button("Open a menu", "plain", "more")
    menu.clicked.connect(lambda: _menu(menu))
    return stack(
        row(Button("Load", "primary", "play"), Button("Measure"), Button("Copy", "quiet", "copy")),
        row(Button("Send as written…", "danger"), Button("Precise", "link"), Button("Keep", "primary", "check", "K")),
        row(_off(Button("Load", "primary")), _off(Button("Measure")), Button("Small", small=True)),
        row(_with_ring(Button("Focus", "primary")), _with_ring(Button("Focus")), _with_ring(Button("Focus", "quiet"))),
        row(*(IconButton(name, name) for name in ("search", "panel-right", "paperclip", "refresh", "more"))),
        row(IconButton("plus", "New chat", framed=True), IconButton("stop", "Stop", framed=True, token="text")),
        row(undo, _narrow(Button(GERMAN), 160)),
        row(sheet, menu),
    )


def _chips() -> QLayout:
    return stack(
        row(Chip("bound to this device", icon="lock"), Chip("temporary", icon="eye-off")),
        row(Chip("config.py · 2 secrets", "danger", "file"), Chip("client.py · 1.2k tokens", icon="file")),
        row(Chip("notes.md · 300 tokens", icon="file", removable=True), _narrow(Chip(GERMAN, icon="file"), 170)),
    )


def _fields() -> QLayout:
    wrong = Field(name="Wrong")
    wrong.setText("not a number")
    wrong.set_invalid(True, "A number from 0 to 2.")
    filled = SearchField()
    filled.setText("billing")
    model = Combo([("SmolLM2-135M", 1), ("qwen2.5-coder:7b", 2)], "Model", icon="screen", quiet=True)
    return stack(
        row(SearchField(), filled, stretch=False),
        row(Field("Name of the preset"), wrong, stretch=False),
        row(_off(Field("Not now")), Combo([("Follow the system", 1), (GERMAN, 2)], "Theme"), stretch=False),
        row(model),
        TextArea("System prompt", lines=3),
        row(
            Toggle("Offline"), Toggle("Offline", True), _off(Toggle("Offline", True)), Checkbox("Wrap long lines", True)
        ),
        row(Segmented([("All", 1), ("Device", 2), ("LAN", 3)], "Zone"), Checkbox("Show reasoning")),
    )


def _parameters() -> QLayout:
    def number(value: float | None, empty: str, decimals: int = 0, bare: bool = True) -> NumberField:
        field = NumberField(0, 1_000_000, 0.05 if decimals else 1, decimals, empty, bare=bare)
        field.set_value(value)
        return field

    return stack(
        ParamRow("Temperature", number(0.2, "default", 2)),
        ParamRow("Top-p", number(0.95, "default", 2)),
        ParamRow("Max output", number(2048, "no limit")),
        ParamRow("Seed", number(None, "random")),
        ParamRow("GPU layers", number(None, "auto (31)", bare=False), "more is faster, until memory ends"),
        FactRow("First token", "0.31 s"),
        FactRow("Input", "4 102 (3 890 reused)"),
        spacing=4,
    )


def _words() -> QLayout:
    return stack(
        Label("24  $6.12", FIGURE, SEMIBOLD),
        Label("18  Ready on this device", EMPTY_TITLE, SEMIBOLD),
        Label("15  Retry logic in billing client", TITLE, SEMIBOLD),
        Label("14  A small wrapper keeps charge() as it is.", MESSAGE),
        Label("13  Interface"),
        Label("12  Secondary, muted", SECONDARY, token="muted"),
        Label("11  Small, faint", SMALL, token="faint"),
        Label("13  monospace 0O 1lI 8 192", mono=True),
        _narrow(Label(GERMAN), 220),
        row(KeyHint("Ctrl+K"), KeyHint("Esc"), KeyHint("Ctrl+Shift+N")),
    )


def _icons() -> QLayout:
    names = [name for name in icons.names() if name != "none"]
    lines = [names[at : at + 11] for at in range(0, len(names), 11)]
    return stack(*(row(*(Glyph(name, "muted", 20) for name in line)) for line in lines), spacing=M)


def _toast(button: QWidget) -> None:
    hosts = button.window().findChildren(ToastHost)
    hosts[0].offer("“Retry logic” was deleted.")


def _sheet(button: QWidget) -> None:
    sheet = Sheet(button.window(), "Rename the preset")
    sheet.body.addWidget(Field("Name"))
    sheet.add_button("Delete", "danger", "delete")
    sheet.add_button("Cancel", "plain", "cancel")
    sheet.add_button("Save", "primary", "save", default=True)
    sheet.open()


def _menu(button: QWidget) -> None:
    menu = Menu(button)
    menu.add("Rename", lambda: None, "pencil", "F2")
    menu.add("Pin", lambda: None, "pin")
    menu.addSeparator()
    menu.add("Delete", lambda: None, "trash", "Del", danger=True)
    menu.popup_under(button)


LEFT = (("Buttons", _buttons), ("Chips", _chips), ("Fields", _fields))
MIDDLE = (("Parameters", _parameters), ("Type", _words), ("Icons", _icons))
