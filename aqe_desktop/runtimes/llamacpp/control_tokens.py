"""Keeps a model's control tokens out of what users type: `<|im_end|>` in a pasted file must not end the message.

llama.cpp reads the finished prompt as one text, so the template's own tokens and a user's look alike to it. A
zero-width space inside the user's makes ordinary text of it; only the request is changed, never what is stored."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from aqe_desktop.core.chat import Message
from aqe_desktop.wires.attachments import shown_name

_BREAK = "\u200b"
NOTE = "Control tokens of the model in your text were sent as plain text, with an invisible space inside."


class ControlTokens:
    """Finds any of these tokens. Tokens of one character cannot be told from text and are left; one that itself holds
    the breaking space could never be broken, and no real model has it.

    Some models have tens of thousands. One alternation of them all would be tried, token by token, at each `<`, and no
    other thread runs meanwhile; so two characters decide what is looked up in a set."""

    def __init__(self, tokens: Sequence[str]) -> None:
        self._tokens = frozenset(token for token in tokens if len(token) > 1 and _BREAK not in token)
        lengths: dict[str, set[int]] = {}
        for token in self._tokens:
            lengths.setdefault(token[:2], set()).add(len(token))
        self._lengths = {start: tuple(sorted(found)) for start, found in lengths.items()}
        self._start = re.compile(_any_of(self._lengths)) if lengths else None

    def starts(self, text: str) -> Iterator[int]:
        """Where in the text a token begins, overlapping ones included."""
        if self._start is None:
            return
        for found in self._start.finditer(text):
            at = found.start()
            if any(text[at : at + length] in self._tokens for length in self._lengths[text[at : at + 2]]):
                yield at


def neutralise(text: str, tokens: ControlTokens) -> str:
    """The text with every control token broken after its first character. A break makes no new token, for no token
    holds one, so one pass is enough."""
    cuts = [at + 1 for at in tokens.starts(text)]
    return _BREAK.join(text[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(text)], strict=True))


def neutralise_messages(messages: Sequence[Message], tokens: ControlTokens) -> tuple[Message, ...]:
    return tuple(
        replace(
            message,
            text=neutralise(message.text, tokens),
            attachments=tuple(
                replace(each, name=_neutral_name(each.name, tokens), text=neutralise(each.text, tokens))
                for each in message.attachments
            ),
        )
        for message in messages
    )


def _neutral_name(name: str, tokens: ControlTokens) -> str:
    """As the model will read it: writing a name on one line could put a token together."""
    shown = shown_name(name)
    neutral = neutralise(shown, tokens)
    return name if neutral == shown else neutral


def _any_of(pairs: Iterable[str]) -> str:
    """A look ahead for any of these pairs of characters, by their first ones: `(?=<[s|]|\\[[IA])`."""
    seconds: dict[str, str] = {}
    for pair in pairs:
        seconds[pair[0]] = seconds.get(pair[0], "") + re.escape(pair[1])
    return "(?=" + "|".join(f"{re.escape(first)}[{rest}]" for first, rest in seconds.items()) + ")"
