"""Keeps a model's control tokens out of what users type: `<|im_end|>` in a pasted file must not end the message.

llama.cpp reads the finished prompt as one text, so the template's own tokens and a user's look alike to it. A
zero-width space inside the user's makes ordinary text of it; only the request is changed, never what is stored."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from aqe_desktop.core.chat import Attachment, Message

_BREAK = "\u200b"
NOTE = "Control tokens of the model in your text were sent as plain text, with an invisible space inside."


def pattern_of(tokens: Sequence[str]) -> re.Pattern[str] | None:
    """Matches any of these tokens, longest first. Tokens of one character cannot be told from text and are left; one
    that itself holds the breaking space could never be broken, and no real model has it."""
    long = sorted({token for token in tokens if len(token) > 1 and _BREAK not in token}, key=len, reverse=True)
    if not long:
        return None
    # The look ahead for a first character skips plain text fast; some models have hundreds of tokens.
    first = "".join(re.escape(character) for character in sorted({token[0] for token in long}))
    return re.compile(f"(?=[{first}])(?:{'|'.join(map(re.escape, long))})")


def neutralise(text: str, pattern: re.Pattern[str] | None) -> str:
    """The text with every control token broken; breaking one may leave another that overlapped it, so again."""
    while pattern is not None and pattern.search(text):
        text = pattern.sub(lambda found: found.group()[0] + _BREAK + found.group()[1:], text)
    return text


def neutralise_messages(messages: Sequence[Message], pattern: re.Pattern[str] | None) -> tuple[Message, ...]:
    return tuple(
        replace(
            message,
            text=neutralise(message.text, pattern),
            attachments=tuple(
                Attachment(neutralise(each.name, pattern), neutralise(each.text, pattern))
                for each in message.attachments
            ),
        )
        for message in messages
    )
