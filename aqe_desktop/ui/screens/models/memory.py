"""What a model would take of each device's free memory, as a picture with its sentence."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from aqe_desktop.core.figures import size_text
from aqe_desktop.core.plan import Device, Fit, Plan, Use
from aqe_desktop.ui.theme.current import theme
from aqe_desktop.ui.theme.tokens import SECONDARY, SEMIBOLD, SMALL, XS, M, S
from aqe_desktop.ui.widgets.banner import Glyph
from aqe_desktop.ui.widgets.card import Card
from aqe_desktop.ui.widgets.label import Label, SectionLabel
from aqe_desktop.ui.widgets.meter import STEPS, ContextBar

LEGEND = ("weights", "cache", "computing", "engine and margin")
_DOT = 8


class MemoryPicture(QWidget):
    """Bars of the parts against what is free; what does not fit is red and said."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.glyph = Glyph("check", "text")
        self.sentence = Label("", weight=SEMIBOLD, wrap=True)
        self.notes = Label("", SMALL, token="muted", wrap=True)
        self._card = Card()
        line = QHBoxLayout()
        line.setSpacing(S)
        line.addWidget(self.glyph)
        line.addWidget(self.sentence, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(S)
        column.addWidget(SectionLabel("Memory plan"))
        column.addWidget(self._card)
        column.addLayout(line)
        column.addWidget(self.notes)

    def show_plan(self, plan: Plan | None) -> None:
        _empty(self._card.body)
        devices = [] if plan is None else [each for each in plan.devices if plan.on(each.id)]
        for device in devices:
            assert plan is not None
            self._card.body.addWidget(_bar(plan, device))
        if devices:
            full = all(_is_full(plan, device) for device in devices if plan is not None)
            self._card.body.addWidget(Legend("danger" if full else "accent"))
        self._card.setVisible(bool(devices))
        self.sentence.set_text("Reckoning" if plan is None else plan.sentence)
        fits = plan is not None and plan.fit in (Fit.FITS, Fit.PARTLY)
        self.glyph.show_icon("check" if fits else "clock" if plan is None else "warning", "text")
        notes = () if plan is None else plan.notes
        self.notes.set_text(" ".join(notes))
        self.notes.setVisible(bool(notes))


class Legend(QWidget):
    """What each step of the bars stands for, in their colour."""

    def __init__(self, token: str = "accent", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(M)
        grid.setVerticalSpacing(2)
        for at, (word, strength) in enumerate(zip(LEGEND, STEPS, strict=True)):
            line = QHBoxLayout()
            line.setSpacing(6)
            line.addWidget(_Dot(token, strength))
            line.addWidget(Label(word, SMALL, token="muted"), 1)
            grid.addLayout(line, at // 2, at % 2)


class _Dot(QWidget):
    def __init__(self, token: str, strength: float) -> None:
        super().__init__()
        self._token, self._strength = token, strength
        self.setFixedSize(theme().dp(_DOT) + 2, theme().dp(_DOT) + 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme().color(self._token, self._strength))
        painter.drawEllipse(QRectF(self.rect()).adjusted(1, 1, -1, -1))


def _bar(plan: Plan, device: Device) -> QWidget:
    needs, free = plan.on(device.id), _free(device)
    holder = QWidget()
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, XS)
    column.setSpacing(XS)
    head = QHBoxLayout()
    head.setSpacing(M)
    head.addWidget(Label(device.name, SECONDARY, SEMIBOLD), 1)
    head.addWidget(Label(f"{size_text(needs)} of {size_text(free)} free", SECONDARY, token="muted"))
    column.addLayout(head)
    bar = ContextBar(f"{device.name}: {size_text(needs)} of {size_text(free)} free", 16)
    bar.set_parts(_parts(plan, device), free)
    bar.set_full(_is_full(plan, device))
    column.addWidget(bar)
    return holder


def _free(device: Device) -> int:
    return device.free if device.free is not None else device.total or 0


def _is_full(plan: Plan, device: Device) -> bool:
    return plan.on(device.id) > _free(device)


def _parts(plan: Plan, device: Device) -> list[float]:
    """Four steps are as many as the eye tells apart: engine and margin stand together."""

    def taken(*uses: Use) -> float:
        return sum(part.bytes for part in plan.parts if part.device == device.id and part.use in uses)

    return [taken(Use.WEIGHTS), taken(Use.CACHE), taken(Use.COMPUTE), taken(Use.ENGINE, Use.MARGIN)]


def _empty(column: QVBoxLayout) -> None:
    while item := column.takeAt(0):
        if widget := item.widget():
            widget.hide()
            widget.deleteLater()
