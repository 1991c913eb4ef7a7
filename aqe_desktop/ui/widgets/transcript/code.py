"""Colours of closed code blocks: Pygments in a thread that gives the interpreter back every few tokens.

One interpreter lock serves the window and this thread, so a long file is coloured in short breaths."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from aqe_desktop.ui.widgets.transcript.render import Colours

_BREATH = 40  # tokens between two pauses
_LONGEST = 400_000  # characters; longer blocks stay plain


class Highlighter(QObject):
    """Takes whole blocks, answers with the colours of each slice through `coloured(key, list[Colours])`."""

    coloured = Signal(object, object)
    _done = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._wanted: deque[tuple[object, str, str, tuple[int, ...]]] = deque()
        self._lock = threading.Lock()
        self._running = False
        self._ended = False
        self._done.connect(self._hand_over, Qt.ConnectionType.QueuedConnection)

    def request(self, key: object, language: str, slices: list[str]) -> None:
        """Ask for colours; slices are the texts whose concatenation by line ends is the block."""
        if not language or sum(map(len, slices)) > _LONGEST:
            return
        with self._lock:
            self._wanted.append((key, language, "\n".join(slices), tuple(map(len, slices))))
            if self._running or self._ended:
                return
            self._running = True
        threading.Thread(target=self._work, name="highlight", daemon=True).start()

    def end(self) -> None:
        """No more answers; the thread leaves at its next breath."""
        with self._lock:
            self._ended = True
            self._wanted.clear()

    def _hand_over(self, key: object, colours: object) -> None:
        self.coloured.emit(key, colours)

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._wanted:
                    self._running = False
                    return
                key, language, text, lengths = self._wanted.popleft()
            colours = self._colour(language, text)
            if self._ended:
                return
            if colours:
                self._done.emit(key, cut(colours, lengths))

    def _colour(self, language: str, text: str) -> list[tuple[int, str]]:
        lexer = _lexer(language)
        if lexer is None:
            return []
        found: list[tuple[int, str]] = []
        for number, (kind, value) in enumerate(_tokens(lexer, text)):
            token = _token(kind)
            if found and (found[-1][1] == token or value.isspace()):
                found[-1] = (found[-1][0] + len(value), found[-1][1])
            else:
                found.append((len(value), token))
            if number % _BREATH == 0:
                if self._ended:
                    return []
                time.sleep(0.0005)
        return found


def cut(colours: list[tuple[int, str]], lengths: tuple[int, ...]) -> list[Colours]:
    """Runs over a whole block to runs per slice; a line end lies between two slices."""
    runs = deque(colours)
    cutted: list[Colours] = []
    for length in lengths:
        part, room = [], length
        while runs and room > 0:
            size, token = runs.popleft()
            part.append((min(size, room), token))
            if size > room:
                runs.appendleft((size - room, token))
            room -= min(size, room)
        _skip_line_end(runs)
        cutted.append(tuple(part))
    return cutted


def _skip_line_end(runs: deque[tuple[int, str]]) -> None:
    if runs:
        size, token = runs.popleft()
        if size > 1:
            runs.appendleft((size - 1, token))


def _lexer(language: str) -> Any:
    from pygments.lexers import get_lexer_by_name
    from pygments.util import ClassNotFound

    try:
        return get_lexer_by_name(language, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return None


def _tokens(lexer: Any, text: str) -> Iterator[tuple[Any, str]]:
    """Tokens whose values join to exactly `text`: the lexer's own preprocessing would drop or add characters."""
    for _, kind, value in lexer.get_tokens_unprocessed(text):
        yield kind, value


_COLOURS = (
    ("Keyword.Type", "code_name"),
    ("Keyword.Constant", "code_name"),
    ("Keyword", "code_keyword"),
    ("Operator.Word", "code_keyword"),
    ("Name.Tag", "code_keyword"),
    ("Literal.String", "code_string"),
    ("Literal.Number", "code_name"),
    ("Name.Function", "code_function"),
    ("Name.Decorator", "code_function"),
    ("Name.Class", "code_name"),
    ("Name.Builtin", "code_name"),
    ("Name.Exception", "code_name"),
    ("Name.Attribute", "code_name"),
    ("Comment", "code_comment"),
    ("Generic.Inserted", "code_string"),
    ("Generic.Deleted", "code_function"),
    ("Generic.Heading", "code_name"),
)
_known: dict[Any, str] = {}


def _token(kind: Any) -> str:
    """The colour token of a Pygments token kind."""
    if (known := _known.get(kind)) is not None:
        return known
    name = str(kind).removeprefix("Token.")
    for prefix, token in _COLOURS:
        if name == prefix or name.startswith(prefix + "."):
            return _known.setdefault(kind, token)
    return _known.setdefault(kind, "text")
