"""Where the open chat is answered, with the facts that prove it: the first thing the inspector says."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from aqe_desktop.core.models import Model, RuntimeStatus
from aqe_desktop.ui.screens.chat.engine import EngineViewModel
from aqe_desktop.ui.theme.tokens import SECONDARY, SEMIBOLD, SMALL, XS
from aqe_desktop.ui.widgets.button import Button
from aqe_desktop.ui.widgets.card import Card
from aqe_desktop.ui.widgets.label import Label
from aqe_desktop.ui.widgets.tip import plain_tip
from aqe_desktop.ui.widgets.zone_chip import RouteState, ZoneChip

NOTHING = "Nothing private found"


class RouteCard(Card):
    """Follows the engine: chip and proof, the model, what runs it; the facts that prove it are one click away."""

    def __init__(self, engine: EngineViewModel, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        self._engine = engine
        self.chip = ZoneChip()
        self.proof = Label("", SMALL + 0.5, token="muted")
        self.model = Label("", weight=SEMIBOLD, wrap=True)
        self.runtime = Label("", SECONDARY, token="muted", wrap=True)
        self.private = Label(NOTHING, SECONDARY)
        self.fold = Button("Facts", "link", small=True)
        # While nothing is known its place is kept: the parameters below must not move when an engine ends.
        policy = self.fold.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self.fold.setSizePolicy(policy)
        self.fold.clicked.connect(self._toggle)
        self.facts = QWidget()
        self._facts = QVBoxLayout(self.facts)
        self._facts.setContentsMargins(0, 0, 0, 0)
        self._facts.setSpacing(XS)
        self._shown: Sequence[str] = ()
        head = QHBoxLayout()
        head.addWidget(self.chip)
        head.addStretch(1)
        head.addWidget(self.proof)
        self.body.setSpacing(XS)
        self.body.addLayout(head)
        self.body.addSpacing(XS)
        self.body.addWidget(self.model)
        self.body.addWidget(self.runtime)
        self.body.addWidget(self.private)
        self.body.addWidget(self.fold, 0, Qt.AlignmentFlag.AlignLeading)
        self.body.addWidget(self.facts)
        self._unfold(False)
        engine.changed.connect(self.show_engine)
        self.show_engine()

    def show_private(self, told: str) -> None:
        """What decides, in one line whose place is kept: the parameters below must not move while somebody types."""
        self.private.set_text(f"Private: {told}" if told else NOTHING)

    def show_engine(self) -> None:
        place, model = self._engine.place, self._engine.model
        if place is None:
            self.chip.show_state(RouteState.NOTHING_LOCAL if self._engine.down else RouteState.CHECKING)
        else:
            self.chip.show_place(place, model.ref.host if model else "")
        self.proof.set_text(place.proof.value if place else "")
        self.model.set_text(model.name if model else "No model")
        self.runtime.set_text(runtime_words(model, self._engine.status))
        self.runtime.setToolTip(plain_tip("\n".join(detail_lines(self._engine.status))))
        self._show_facts(place.facts if place else ())

    def _show_facts(self, facts: Sequence[str]) -> None:
        if facts == self._shown:
            return
        self._shown = facts
        self.fold.setVisible(bool(facts))
        while item := self._facts.takeAt(0):
            if widget := item.widget():
                widget.hide()
                widget.deleteLater()
        # Facts that are gone leave their place to the next ones, as long as they are unfolded.
        self.facts.setMinimumHeight(0 if facts or self.facts.isHidden() else self.facts.height())
        for fact in facts:
            self._facts.addWidget(Label(breakable(fact), SECONDARY, token="muted", wrap=True))

    def _toggle(self) -> None:
        self._unfold(self.facts.isHidden())

    def _unfold(self, opened: bool) -> None:
        self.facts.setMinimumHeight(0)
        self.facts.setVisible(opened)
        self.fold.setText("Hide facts" if opened else "Facts")
        self.fold.setAccessibleName("Hide the facts" if opened else "Show the facts that prove it")
        self.fold.updateGeometry()


def runtime_words(model: Model | None, status: RuntimeStatus | None) -> str:
    """ "llama.cpp 2026.10.11549 · Q4_1 · CPU", as far as it is known."""
    details = dict(status.details) if status else {}
    layers = details.get("Layers on the accelerator")
    where = f"{layers} layers on {details.get('Accelerator')}" if layers else "CPU" if "Accelerator" in details else ""
    engine = f"{status.name} {status.version}".strip() if status else ""
    return " · ".join(part for part in (engine, model.quantization if model else "", where) if part)


def detail_lines(status: RuntimeStatus | None) -> tuple[str, ...]:
    """Everything the engine says of itself, for the tooltip."""
    return tuple(f"{name}: {value}" for name, value in status.details) if status else ()


def breakable(text: str) -> str:
    """A path may wrap after each slash: a zero-width space is put there."""
    return text.replace("/", "/\u200b")
