"""What one line of the conversation list says; apart from the list and its painter, which both read it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt

ENTRY = Qt.ItemDataRole.UserRole
OPEN = Qt.ItemDataRole.UserRole + 1
DOT = "dot"  # painted, not an icon: the filled neutral light of what is at work
ANSWERING = "still answering"
_SPOKEN_ZONE = {"device": "This device", "lan": "LAN", "cloud": "Cloud", "": ""}


@dataclass(frozen=True, slots=True)
class Row:
    """A conversation as the list shows it. `zone` is device | lan | cloud | "" where nothing ran yet.

    `answering`: a reply of it is being written while another one is on show."""

    id: int
    title: str
    zone: str = ""
    pinned: bool = False
    bound: bool = False
    temporary: bool = False
    answering: bool = False
    snippet: str = ""

    def marks(self) -> list[str]:
        """The icons and the light at the end of the row, outermost first."""
        marks = ((DOT, self.answering), ("lock", self.bound), ("eye-off", self.temporary), ("pin", self.pinned))
        return [name for name, on in marks if on]

    def spoken(self) -> str:
        """The row for a screen reader: what the glyphs say, as words."""
        marks = (
            (ANSWERING, self.answering),
            ("pinned", self.pinned),
            ("bound", self.bound),
            ("temporary", self.temporary),
        )
        words = [self.title, _SPOKEN_ZONE[self.zone], *(word for word, on in marks if on), self.snippet]
        return ", ".join(word for word in words if word)


@dataclass(frozen=True, slots=True)
class Group:
    """A heading between rows."""

    title: str


Entry = Row | Group
