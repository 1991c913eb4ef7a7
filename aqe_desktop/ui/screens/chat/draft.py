"""What is written and attached but not sent, as the composer holds it: more than is kept on disk of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from aqe_desktop.core.chat import Attachment
from aqe_desktop.ui.screens.chat.intake import size_in_words, tokens_in_words


@dataclass
class Attached:
    """A file in the composer; `tokens` is None until the engine has counted them, which it does of no image."""

    attachment: Attachment
    tokens: int | None = None

    @property
    def label(self) -> str:
        """As on its chip: "config.py · 1.2k tokens", with the size until tokens are known."""
        return f"{self.attachment.name} · {self.amount}"

    @property
    def amount(self) -> str:
        return size_in_words(self.attachment.size) if self.tokens is None else tokens_in_words(self.tokens)


@dataclass
class Draft:
    """The unsent part of one chat; `editing` is the message that it will replace.

    While it is `unread`, what is on disk has not been brought back yet and must not be written over."""

    text: str = ""
    files: list[Attached] = field(default_factory=list)
    saved: str = ""
    saved_files: tuple[Attachment, ...] = ()
    editing: int | None = None
    unread: bool = False

    @property
    def attachments(self) -> tuple[Attachment, ...]:
        return tuple(file.attachment for file in self.files)

    @property
    def kept(self) -> bool:
        """What is on disk is this."""
        return self.text == self.saved and self.attachments == self.saved_files
