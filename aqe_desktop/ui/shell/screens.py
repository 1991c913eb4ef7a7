"""The screens there are, in the rail's order; one that is not built yet has no line here and no empty room there."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """A place in the rail. `key` is the name of its folder in ui/screens/; `bottom` stands at the rail's foot."""

    key: str
    word: str
    icon: str
    shortcut: str
    bottom: bool = False


SCREENS = (
    Entry("chat", "Chat", "chat", "Ctrl+1"),
    Entry("models", "Models", "models", "Ctrl+2"),
    Entry("ledger", "Ledger", "ledger", "Ctrl+3"),
    Entry("help", "Help", "help", "F1", bottom=True),
    Entry("settings", "Settings", "settings", "Ctrl+,", bottom=True),
)
