"""The part of the settings about what is private: one project's policy, own words, and what was called not private."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from aqe_desktop.core.effective import Loosening
from aqe_desktop.core.errors import AqeError
from aqe_desktop.core.findings import Dismissal
from aqe_desktop.core.policy import OwnWord
from aqe_desktop.ui.kinds import title
from aqe_desktop.ui.policy_words import in_one_line
from aqe_desktop.ui.screens.settings.privacy_model import ProjectPrivacyViewModel
from aqe_desktop.ui.theme.tokens import SECONDARY, M, S
from aqe_desktop.ui.widgets.button import Button
from aqe_desktop.ui.widgets.card import Line
from aqe_desktop.ui.widgets.combo import Combo
from aqe_desktop.ui.widgets.field import Field
from aqe_desktop.ui.widgets.label import Label

_ABOUT = "What counts as private is kept for each project."
_WORDS = "Code names, customers: they count as private in this project and in every folder below it."
_NO_WORDS = "There are none yet."
_NO_PROJECT = "Own words belong to a project. Choose one above."
_DISMISSED = "What you called not private. Only a keyed hash is kept, so the value itself cannot be shown."
_NONE_DISMISSED = "Nothing was called not private here."
_DEFAULTS = "There is no policy file: your defaults hold."


class PrivacyPart(QWidget):
    """Drawn anew with every reading; an act is shown when it counts."""

    def __init__(self, privacy: ProjectPrivacyViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._privacy = privacy
        self.project = Combo([("No project", "")], "Project")
        self.policy, self.words, self.dismissed = _Rows(), _Rows(), _Rows()
        self.word = Field("A code name or a customer", "New own word")
        self.add = Button("Add")
        self.trouble = Label("", SECONDARY, token="danger", wrap=True)
        self.trouble.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(_pair("Project", _ABOUT, self.project))
        column.addWidget(Line())
        column.addWidget(self.policy)
        column.addWidget(Line())
        column.addWidget(self._own_words())
        column.addWidget(Line())
        column.addWidget(_pair("Called not private", _DISMISSED))
        column.addWidget(self.dismissed)
        self.project.chosen.connect(privacy.choose)
        self.add.clicked.connect(self._add)
        self.word.returnPressed.connect(self._add)
        privacy.changed.connect(self._show)
        privacy.refused.connect(self._refuse)
        privacy.load()

    def _own_words(self) -> QWidget:
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, S)
        column.setSpacing(0)
        line = QHBoxLayout()
        line.setSpacing(S)
        line.addWidget(self.word, 1)
        line.addWidget(self.add)
        column.addWidget(_pair("Own words", _WORDS))
        column.addWidget(self.words)
        column.addLayout(line)
        column.addWidget(self.trouble)
        return holder

    def _show(self) -> None:
        privacy = self._privacy
        self.project.set_options([("No project", ""), *((each.name, each.path) for each in privacy.recent)])
        self.project.select(privacy.project)
        self.policy.show_rows(self._policy_rows())
        self.words.show_rows([self._word_row(word) for word in privacy.words] or [_note(self._no_words())])
        self.dismissed.show_rows([self._dismissed_row(each) for each in privacy.dismissed] or [_note(_NONE_DISMISSED)])
        for control in (self.word, self.add):
            control.setEnabled(bool(privacy.project))
        self.trouble.hide()

    def _no_words(self) -> str:
        return _NO_WORDS if self._privacy.project else _NO_PROJECT

    def _policy_rows(self) -> list[QWidget]:
        effective = self._privacy.effective
        rows = [_pair("Policy", in_one_line(effective))]
        rows += [_note(each.path, mono=True) for each in effective.files] or [_note(_DEFAULTS)]
        rows += [_note(problem, "danger") for problem in effective.problems]
        rows += [self._loosening_row(each, trusted=False) for each in effective.untrusted]
        rows += [self._loosening_row(each, trusted=True) for each in effective.trusted]
        return rows

    def _loosening_row(self, each: Loosening, *, trusted: bool) -> QWidget:
        """A file that is a link can only tighten: there is nothing to trust."""
        keys = ", ".join(each.keys)
        said = f"You trust {each.path}: it loosens {keys}." if trusted else str(each)
        if each.linked:
            return _note(said)
        act = self._privacy.distrust if trusted else self._privacy.trust
        word = "Distrust" if trusted else "Trust"
        return _acted(said, word, f"{word} {each.path}", partial(act, each))

    def _word_row(self, word: OwnWord) -> QWidget:
        above = "" if word.project == self._privacy.project else f" · from {word.project}"
        return _acted(f"{word.word}{above}", "Remove", f"Remove {word.word}", partial(self._privacy.remove_word, word))

    def _dismissed_row(self, each: Dismissal) -> QWidget:
        when = datetime.fromtimestamp(each.made / 1000).astimezone()
        said = f"{title(each.kind)} · {when:%Y-%m-%d %H:%M}"
        return _acted(said, "Recall", f"Recall {said}", partial(self._privacy.recall, each))

    def _add(self) -> None:
        word = self.word.text().strip()
        if word and self._privacy.project:
            self.trouble.hide()
            self._privacy.add_word(word)
            self.word.clear()

    def _refuse(self, error: AqeError) -> None:
        self.trouble.set_text(f"{error.message} {error.hint}".strip())
        self.trouble.show()


class _Rows(QWidget):
    """Rows that come and go together."""

    def __init__(self) -> None:
        super().__init__()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, S)
        self._column.setSpacing(S - 4)

    def show_rows(self, rows: Sequence[QWidget]) -> None:
        """The keyboard stays in the list when the row goes that had it."""
        held = self.isAncestorOf(self.window().focusWidget() or self.window())
        while item := self._column.takeAt(0):
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        for row in rows:
            self._column.addWidget(row)
            row.show()
        first = next((button for row in rows for button in row.findChildren(Button)), None)
        if held and first is not None:
            first.setFocus(Qt.FocusReason.TabFocusReason)


def _pair(name: str, description: str, editor: QWidget | None = None) -> QWidget:
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, S, 0, S if editor is not None else S - 4)
    row.setSpacing(M)
    words = QVBoxLayout()
    words.setSpacing(2)
    words.addWidget(Label(name))
    words.addWidget(Label(description, SECONDARY, token="muted", wrap=True))
    row.addLayout(words, 1)
    if editor is not None:
        row.addWidget(editor, 0, Qt.AlignmentFlag.AlignVCenter)
    return holder


def _note(text: str, colour: str = "muted", *, mono: bool = False) -> Label:
    return Label(text.replace("/", "/\u200b") if mono else text, SECONDARY, token=colour, wrap=True, mono=mono)


def _acted(text: str, verb: str, name: str, act: Callable[[], None]) -> QWidget:
    holder = QWidget()
    row = QHBoxLayout(holder)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(M)
    button = Button(verb, small=True)
    button.setAccessibleName(name)
    button.clicked.connect(act)
    row.addWidget(Label(text, SECONDARY, wrap=True), 1)
    row.addWidget(button, 0, Qt.AlignmentFlag.AlignVCenter)
    return holder
