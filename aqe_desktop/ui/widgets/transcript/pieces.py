"""What a segment of markdown becomes: pieces of flat text with formats, each laid out by itself.

`flat` is the one text of a piece: it is what is drawn, selected, copied, searched and read aloud."""

from __future__ import annotations

from dataclasses import dataclass


class Look:
    """How a run of text looks: bits of a plain int, for enum arithmetic costs more than the parsing around it."""

    PLAIN = 0
    BOLD = 1
    ITALIC = 2
    CODE = 4
    STRIKE = 8
    LINK = 16
    FAINT = 32
    MARKER = 64
    SPACED = 128


@dataclass(frozen=True, slots=True)
class Run:
    """Text of one look; `href` is the whole address of a link."""

    text: str
    look: int = Look.PLAIN
    href: str = ""


@dataclass(frozen=True, slots=True)
class Para:
    """One paragraph. `style` is p | h1..h6 | code | plain; `indent` counts list levels, `quote` quote levels.

    `marked` says that the first run is the list marker, `tight` that it follows without a gap."""

    runs: tuple[Run, ...]
    style: str = "p"
    indent: int = 0
    quote: int = 0
    marked: bool = False
    tight: bool = False

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)


@dataclass(frozen=True, slots=True)
class TextPiece:
    """Paragraphs, headings, lists and quotes."""

    paras: tuple[Para, ...]
    glued: bool = False

    @property
    def flat(self) -> str:
        return "\n".join(para.text for para in self.paras)


@dataclass(frozen=True, slots=True)
class TablePiece:
    """A table: the first row is its head; `aligns` per column, left | center | right."""

    rows: tuple[tuple[tuple[Run, ...], ...], ...]
    aligns: tuple[str, ...]
    indent: int = 0
    glued: bool = False

    @property
    def flat(self) -> str:
        return "\n".join("\t".join("".join(run.text for run in cell) for cell in row) for row in self.rows)


@dataclass(frozen=True, slots=True)
class CodePiece:
    """A slice of a code block: `first` draws the head with language and Copy, `last` the lower edge."""

    text: str
    info: str = ""
    group: int = 0
    first: bool = True
    last: bool = True
    indent: int = 0
    glued: bool = False

    @property
    def flat(self) -> str:
        return self.text

    @property
    def language(self) -> str:
        return self.info.split(maxsplit=1)[0].strip("{}.").lower()[:40] if self.info.strip() else ""


@dataclass(frozen=True, slots=True)
class RulePiece:
    """A thematic break."""

    indent: int = 0
    glued: bool = False

    @property
    def flat(self) -> str:
        return ""


Piece = TextPiece | TablePiece | CodePiece | RulePiece
