"""What the start found of an earlier end that nobody had planned."""

from __future__ import annotations

from dataclasses import dataclass

from aqe_desktop.core.history import StoredMessage


@dataclass(frozen=True, slots=True)
class Recovered:
    """`processes`: what ended without cleaning up, by name; `answers`: the cut ones, whose text is kept as it was."""

    processes: tuple[str, ...] = ()
    answers: tuple[StoredMessage, ...] = ()

    @property
    def sentence(self) -> str:
        """What to tell the user of the window; empty where nothing of theirs was touched."""
        if self.answers and not self.arrived:
            return f"{self.cut} Retry asks once more."
        if self.answers:
            return f"{self.cut} What had arrived is kept; Continue goes on from there."
        if "window" in self.processes:
            return "The app ended unexpectedly last time. Nothing was lost."
        return ""

    @property
    def cut(self) -> str:
        """Which answers ended early; empty where none did."""
        if not self.answers:
            return ""
        count = len(self.answers)
        what = "An answer was" if count == 1 else f"{count} answers were"
        when = "" if self.arrived else ", before the first word"
        return f"{what} cut off when the app ended unexpectedly{when}."

    @property
    def conversations(self) -> tuple[int, ...]:
        """Those that the cut answers are in, each once."""
        return tuple(dict.fromkeys(answer.conversation for answer in self.answers))

    @property
    def arrived(self) -> bool:
        """Whether any of the cut answers had begun."""
        return any(answer.text or answer.reasoning for answer in self.answers)
