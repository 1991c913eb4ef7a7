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
        """What to tell the user; empty where nothing of theirs was touched."""
        if self.answers:
            count = len(self.answers)
            what = "An answer was" if count == 1 else f"{count} answers were"
            how = "cut off when the app ended unexpectedly"
            if not any(answer.text or answer.reasoning for answer in self.answers):
                return f"{what} {how}, before the first word. Retry asks once more."
            return f"{what} {how}. What had arrived is kept; Continue goes on from there."
        if "window" in self.processes:
            return "The app ended unexpectedly last time. Nothing was lost."
        return ""
