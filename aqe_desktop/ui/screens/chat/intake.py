"""What a paste becomes: text in the editor, an attachment, or a refusal; a text field freezes on megabytes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto

# QPlainTextEdit lays out a whole paragraph at once: 200 KB took 1.8 s and then 0.9 s per key on the build machine.
PASTE_LIMIT = 64 * 1024
LINE_LIMIT = 10 * 1024
PASTED_NAME, PASTED_IMAGE = "pasted.txt", "pasted.png"

_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f\ufffd]")


class Kind(Enum):
    """Where a paste goes."""

    TEXT = auto()
    ATTACH = auto()
    REFUSE = auto()


@dataclass(frozen=True, slots=True)
class Intake:
    """The decision over one paste; `reason` is the sentence for the user, empty for plain text."""

    kind: Kind
    text: str = ""
    reason: str = ""

    @property
    def is_text(self) -> bool:
        """It goes into the editor as it is."""
        return self.kind is Kind.TEXT


def judge(text: str) -> Intake:
    """Decide by content alone; linear in the text, and never cuts it."""
    if is_binary(text):
        return Intake(Kind.REFUSE, reason="That is binary data, not text. Nothing was added; your text is unchanged.")
    if len(text) > PASTE_LIMIT or (len(text) > PASTE_LIMIT // 4 and len(text.encode(errors="replace")) > PASTE_LIMIT):
        return Intake(Kind.ATTACH, text, "The pasted text is long, so it was attached as a file.")
    if max(map(len, text.splitlines()), default=0) > LINE_LIMIT:
        return Intake(Kind.ATTACH, text, "A pasted line is very long, so the text was attached as a file.")
    return Intake(Kind.TEXT, text)


def is_binary(text: str) -> bool:
    """True for a NUL, or where more than one in fifty of the first characters are control characters.

    Escape sequences of a terminal (0x1b) count as text: pasted logs have them."""
    if "\0" in text:
        return True
    head = text[:4096]
    return len(_CONTROL.findall(head)) * 50 > len(head)


def size_in_words(size: int) -> str:
    """Bytes as a person reads them: "812 B", "64 KB", "5.0 MB"."""
    if size < 1000:
        return f"{size} B"
    if size < 1_000_000:
        return f"{size / 1000:.0f} KB"
    return f"{size / 1_000_000:.1f} MB"


def tokens_in_words(tokens: int) -> str:
    """A token count in the space of a chip: "63 tokens", "1.2k tokens", "1.9M tokens"."""
    if tokens == 1:
        return "1 token"
    if tokens < 1000:
        return f"{tokens} tokens"
    if tokens < 999_500:
        return f"{tokens / 1000:.1f}k tokens" if tokens < 9950 else f"{tokens / 1000:.0f}k tokens"
    return f"{tokens / 1_000_000:.1f}M tokens"
