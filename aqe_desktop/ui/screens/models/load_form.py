"""The load settings of the chosen model: each with its sentence, empty where the engine chooses, saved for it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from aqe_desktop.core.errors import AqeError
from aqe_desktop.core.loading import SETTINGS, Explained, LoadSettings
from aqe_desktop.core.plan import Plan
from aqe_desktop.ui.screens.models.load_editors import AUTO, ChoiceEditor, FilesEditor, NumberEditor, editor_of
from aqe_desktop.ui.screens.models.load_view_model import LoadViewModel
from aqe_desktop.ui.screens.models.words import lacking_words, tokens_words
from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import SECONDARY, SMALL, M, S
from aqe_desktop.ui.widgets.banner import Banner
from aqe_desktop.ui.widgets.button import Button
from aqe_desktop.ui.widgets.label import Label, SectionLabel

_WIDE = 104
_SHORT = {"seconds": "s"}
_MORE, _LESS = "More settings", "Fewer settings"
LATER = "What was changed takes effect at the next load."
LACKING = "lacking"


class SettingRow(QWidget):
    """One setting: name and unit, its editor, and what it does. What the engine lacks cannot be edited, and says who
    has it."""

    def __init__(self, row: Explained, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.row = row
        self.editor = editor_of(row)
        self.lacking = Label(LACKING, token="muted")
        self.text = Label(row.explanation, SMALL, token="muted", wrap=True)
        name = Label(row.label)
        name.setBuddy(self.editor)
        line = QHBoxLayout()
        line.setSpacing(S)
        line.addWidget(name)
        if unit := row.unit and row.unit not in row.label.casefold():
            line.addWidget(Label(_SHORT.get(row.unit, row.unit), SMALL, token="muted"))
        line.addStretch(1)
        line.addWidget(self.lacking)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(line)
        if isinstance(self.editor, FilesEditor):
            column.addWidget(self.editor)
        else:
            line.addWidget(self.editor)
        column.addWidget(self.text)
        self.editor.setAccessibleName(f"{row.label}, {row.unit}" if unit else row.label)
        if not isinstance(self.editor, ChoiceEditor):
            self.editor.setAccessibleDescription(row.explanation)
        theme().changed.connect(self.restyle)
        self.restyle()

    def restyle(self) -> None:
        if not isinstance(self.editor, FilesEditor):
            self.editor.setFixedWidth(theme().dp(_WIDE))

    def show_value(self, value: object, *, lacks: str = "") -> None:
        """`lacks` says that the engine does not know it; empty where it does. What is being typed is left alone."""
        self.editor.setVisible(not lacks)
        self.lacking.setVisible(bool(lacks))
        self.text.set_text(lacks or self.row.explanation)
        if not self.editor.hasFocus():
            self.editor.set_value(value)  # type: ignore[arg-type]


class LoadForm(QWidget):
    """`again_asked`: let the model go and load it with what is saved now."""

    again_asked = Signal()

    def __init__(self, load: LoadViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._load = load
        self._own = ""
        self.rows = {row.name: SettingRow(row) for row in SETTINGS}
        self.nothing = Label("", SECONDARY, token="muted", wrap=True)
        self.more = Button(_MORE, "link", small=True)
        self.sentence = Label("", SECONDARY, wrap=True)
        self.failed = Banner("failed")
        self.failed.hide()
        self.save = Button("Save")
        self.back = Button("Reset", "quiet")
        self.later = Label(LATER, SECONDARY, wrap=True)
        self.again = Button("Load again", icon="refresh")
        self._first, self._folded, self._foot = QWidget(), QWidget(), QWidget()
        self._lay_out()
        self._connect()
        self._folded.hide()
        self.show_all()

    def show_for(self, runtime: str) -> None:
        """The name of the runtime whose model is chosen."""
        self._own = runtime
        self.show_all()

    def show_plan(self, plan: Plan | None) -> None:
        """What comes of it, where it is edited; and what the engine's own choice would be."""
        self.sentence.set_text("" if plan is None else plan.sentence)
        self.sentence.setVisible(bool(self.sentence.text()))
        layers = plan.gpu_layers if plan is not None else 0
        self._suggest("gpu_layers", str(layers) if layers else "")
        context = plan.context if plan is not None and self._load.draft.context is None else 0
        self._suggest("context", tokens_words(context) if context else "")

    def show_all(self) -> None:
        """Values and words as they are now."""
        load = self._load
        known = load.saved is not None
        for name, row in self.rows.items():
            lacks = "" if name in load.takes or not load.takes else lacking_words(self._own, load.others_with(name))
            row.show_value(getattr(load.draft, name), lacks=lacks)
        takes = bool(load.takes)
        self.nothing.set_text("" if takes else f"{self._own or 'Its server'} loads its models by its own settings.")
        self.nothing.setVisible(not takes)
        for part in (self._first, self.more, self._foot):
            part.setVisible(takes)
        self._folded.setVisible(takes and self.more.text() == _LESS)
        self.setEnabled(known or not takes)
        self._show_acts()

    @property
    def valid(self) -> bool:
        """Whether everything that stands in it can be taken."""
        return all(row.editor.valid for row in self.rows.values())

    def _lay_out(self) -> None:
        for holder, more in ((self._first, False), (self._folded, True)):
            inside = QVBoxLayout(holder)
            inside.setContentsMargins(0, 0, 0, 0)
            inside.setSpacing(M)
            for row in self.rows.values():
                if row.row.more is more:
                    inside.addWidget(row)
        foot = QVBoxLayout(self._foot)
        foot.setContentsMargins(0, 0, 0, 0)
        foot.setSpacing(S)
        acts = QHBoxLayout()
        acts.setSpacing(S)
        acts.addWidget(self.save)
        acts.addWidget(self.back)
        acts.addStretch(1)
        foot.addWidget(self.sentence)
        foot.addWidget(self.failed)
        foot.addLayout(acts)
        foot.addWidget(self.later)
        foot.addWidget(self.again, 0, Qt.AlignmentFlag.AlignLeading)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(S)
        for part in (SectionLabel("Load settings"), self.nothing, self._first, self.more, self._folded, self._foot):
            column.addWidget(part)

    def _connect(self) -> None:
        for name, row in self.rows.items():
            row.editor.value_changed.connect(partial(self._load.edit, name))
            if isinstance(row.editor, NumberEditor):
                row.editor.textEdited.connect(lambda _text: self._show_acts())
        self._load.changed.connect(self.show_all)
        self._load.edited.connect(self._show_acts)
        self._load.failed.connect(self._say_failed)
        for signal in (self._load.changed, self._load.edited):
            signal.connect(self.failed.hide)
        self.more.clicked.connect(self._toggle)
        self.save.clicked.connect(self._load.save)
        self.back.clicked.connect(self._load.take_back)
        self.again.clicked.connect(self.again_asked)

    def _say_failed(self, error: AqeError) -> None:
        """Said where it was written; that stays."""
        self.failed.show_error(error.message, error.hint)
        self.failed.show()

    def _show_acts(self) -> None:
        load = self._load
        self.save.setEnabled(load.dirty and self.valid)
        self.back.setText("Discard" if load.dirty else "Reset")
        self.back.setAccessibleName("Discard what is not saved" if load.dirty else "Leave every setting to the engine")
        self.back.setToolTip(self.back.accessibleName())
        self.back.setEnabled(load.dirty or load.draft != LoadSettings())
        self.back.updateGeometry()
        for part in (self.later, self.again):
            part.setVisible(bool(load.waiting))
        if self.more.text() != _LESS:
            self._name_more()

    def _toggle(self) -> None:
        opened = self._folded.isHidden()
        self._folded.setVisible(opened)
        self.more.setText(_LESS)
        if not opened:
            self._name_more()
        self.more.setAccessibleName(self.more.text())
        self.more.updateGeometry()

    def _name_more(self) -> None:
        """What is folded away and set is said."""
        folded = [row.name for row in SETTINGS if row.more]
        count = sum(getattr(self._load.draft, name) != getattr(LoadSettings(), name) for name in folded)
        self.more.setText(f"{_MORE} ({count} set)" if count else _MORE)
        self.more.setAccessibleName(self.more.text())
        self.more.updateGeometry()

    def _suggest(self, name: str, value: str) -> None:
        editor = self.rows[name].editor
        assert isinstance(editor, NumberEditor)
        editor.setPlaceholderText(f"{AUTO} ({value})" if value else AUTO)
