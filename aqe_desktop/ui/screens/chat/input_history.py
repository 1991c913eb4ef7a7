"""What Up and Down bring back in the composer: the questions already sent, with the unsent text kept at the end."""

from __future__ import annotations

from collections.abc import Sequence


class InputHistory:
    """A walk over past questions, newest first; leaving it returns to the text that was being written."""

    def __init__(self) -> None:
        self._past: list[str] = []
        self._at = -1
        self._unsent = ""

    def fill(self, questions: Sequence[str]) -> None:
        """Replace the past, newest first; a walk under way begins anew."""
        self._past = list(questions)
        self._at = -1

    def remember(self, question: str) -> None:
        """Put a sent question first, once."""
        if question:
            self._past = [question, *(past for past in self._past if past != question)]
        self._at = -1

    def leave(self) -> None:
        """The user typed: what is in the field is the unsent text again."""
        self._at = -1

    def older(self, current: str) -> str | None:
        """The question before, None at the oldest."""
        if self._at + 1 >= len(self._past):
            return None
        if self._at < 0:
            self._unsent = current
        self._at += 1
        return self._past[self._at]

    def newer(self) -> str | None:
        """The question after, at last the unsent text; None when no walk is under way."""
        if self._at < 0:
            return None
        self._at -= 1
        return self._past[self._at] if self._at >= 0 else self._unsent
