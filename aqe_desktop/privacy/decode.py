"""One level of other writing: base64, hex, dumps, percent signs, backslashes, entities, and strings that are put
together."""

from __future__ import annotations

import base64
import re
from binascii import Error as NotBase64
from collections.abc import Callable, Iterable

from aqe_desktop.privacy.dumps import DUMP_CUES, dumped
from aqe_desktop.privacy.pieces import Piece
from aqe_desktop.privacy.seams import COMMA, SEAM, SEAM_CUES, between

# Base64 of ASCII text, group by group: the top bit of each of three bytes is 0, which rules out most other words.
_GROUP = "[A-Za-f][A-HQ-Xg-nw-z0-3][ABEFIJMNQRUVYZcdghklopstwx014589][A-Za-z0-9+/_-]"
_GROUPS, _HEX = 4, 20

CUES: dict[str, str] = {
    "base64": rf"(?:^|[^A-Za-z0-9+/_-])(?:{_GROUP}){{{_GROUPS}}}",
    "hex": rf"(?:^|[^A-Za-z0-9])(?:0x)?(?:[2-7][0-9a-fA-F]){{{_HEX // 2}}}",
    "percent": r"%(?:2[1-9A-Fa-f]|3[A-Fa-f]|40|5[BbDdFf]|[46][1-9A-Fa-f]|7[BbCcDd])",
    "backslash": r"\\(?:x[2-7][0-9a-fA-F]\\x[2-7][0-9a-fA-F]|x[4-7][0-9a-fA-F][A-Za-z]|u00[2-7][0-9a-fA-F]|"
    r"u\{0{0,4}[2-7][0-9a-fA-F]\}|1[0-7][0-7]\\[01][0-7][0-7])",
    "entity": r"&(?:quot|apos|#0?3[49]|#[xX]0{0,2}[2-7][0-9a-fA-F]|"
    r"#0{0,2}(?:58|61|6[5-9]|[7-9][0-9]|1[01][0-9]|12[0-6]));",
    **DUMP_CUES,
    **SEAM_CUES,
}
"""What hyperscan looks for, by the name of the reader in READERS."""
LANES = {
    "base32": "runs",
    "base64": "groups",
    "beside": "runs",
    "decimal": "numbers",
    "dump": "runs",
    "hex": "runs",
    "percent": "numbers",
    "plus": "names",
    "spaced": "runs",
}
"""Which of them is compiled apart, as the rows of rules say by `lane`."""

_RUN_BACK, _RUN_AHEAD = 4 * _GROUPS, 1 << 18
_RUN = re.compile(rb"[A-Za-z0-9+/_-]+={0,2}")
_WRAPPED = re.compile(rb"(?:[A-Za-z0-9+/_-]{48,}(?:\\r)?(?:\\n|\r?\n[ \t>]{0,40}))+[A-Za-z0-9+/_-]*={0,2}")
_HEX_RUN = re.compile(rb"(?:[0-9a-fA-F]{2})+")
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_READABLE = re.compile(rb"[\t\n\r\x20-\x7e\x80-\xff]*")
_BLANKS = re.compile(rb"[^A-Za-z0-9+/_=-]|\\[rn]")


def _base64(data: bytes, end: int) -> Piece | None:
    start = end - _RUN_BACK
    limit = start + _RUN_AHEAD
    run = _WRAPPED.match(data, start, limit) or _RUN.match(data, start, limit)
    if run is None:
        return None
    letters = _BLANKS.sub(b"", run[0].replace(b"\\n", b"").replace(b"\\r", b"")).rstrip(b"=").translate(_URL_SAFE)
    letters = letters[: len(letters) - (len(letters) % 4 == 1)]
    try:
        content = base64.b64decode(letters + b"=" * (-len(letters) % 4))
    except NotBase64:
        return None
    return _readable(run.start(), run.end(), content)


def _hex(data: bytes, end: int) -> Piece | None:
    run = _HEX_RUN.match(data, end - _HEX, end + _RUN_AHEAD)
    return None if run is None else _readable(run.start(), run.end(), bytes.fromhex(run[0].decode()))


def _readable(start: int, end: int, content: bytes) -> Piece | None:
    if content[1:16:2].count(0) > 4:  # two bytes a letter, as PowerShell encodes
        content = content[::2]
    text = _READABLE.match(content)
    if text is None or len(text[0]) < max(8, len(content) * 2 // 3):
        return None
    try:
        text[0].decode()
    except UnicodeDecodeError as error:
        if error.start < len(text[0]) - 3:
            return None
    return Piece(start, end, text[0])


_PERCENT = re.compile(rb"%([0-9a-fA-F]{2})")
_BACKSLASH = re.compile(rb"\\(?:x([0-9a-fA-F]{2})|u(?:00|\{0{0,4})([0-9a-fA-F]{2})\}?|([01][0-7]{2})|([\"'/\\]))")
_ENTITY = re.compile(rb"&(?:(quot|apos|amp|lt|gt)|#[xX]0{0,2}([0-9a-fA-F]{2})|#0{0,2}([0-9]{2,3}));")
_ENTITIES = {b"quot": b'"', b"apos": b"'", b"amp": b"&", b"lt": b"<", b"gt": b">"}


def _percent(found: re.Match[bytes]) -> bytes:
    return bytes.fromhex(found[1].decode())


def _backslash(found: re.Match[bytes]) -> bytes:
    if found[3]:
        return bytes([int(found[3], 8)])
    return found[4] or bytes.fromhex((found[1] or found[2]).decode())


def _entity(found: re.Match[bytes]) -> bytes:
    if found[1]:
        return _ENTITIES[found[1]]
    number = int(found[2], 16) if found[2] else int(found[3])
    return bytes([number]) if 32 <= number < 127 else b" "


def _nothing(_: re.Match[bytes]) -> bytes:
    return b""


def _rewritten(
    pattern: re.Pattern[bytes], put: Callable[[re.Match[bytes]], bytes], back: int, ahead: int
) -> Callable[[bytes, int], Piece | None]:
    """A reader that takes the line, bounded, and writes what `pattern` finds as `put` says."""

    def read(data: bytes, end: int) -> Piece | None:
        start = max(data.rfind(b"\n", max(0, end - back), max(0, end - 80)) + 1, end - back, 0)
        last = data.find(b"\n", end, end + ahead)
        return rewrite(data, start, min(len(data), end + ahead) if last < 0 else last, pattern, put)

    return read


def rewrite(
    data: bytes, start: int, end: int, pattern: re.Pattern[bytes], put: Callable[[re.Match[bytes]], bytes]
) -> Piece:
    """The span with each match replaced, and where every byte of it came from."""
    parts: list[bytes] = []
    marks = [(0, start)]
    written, at = 0, start
    for found in pattern.finditer(data, start, end):
        told = put(found)
        parts += (data[at : found.start()], told)
        written += found.start() - at
        marks.append((written, found.start()))
        written += len(told)
        at = found.end()
        marks.append((written, at))
    parts.append(data[at:end])
    return Piece(start, end, b"".join(parts), tuple(marks))


def _list(data: bytes, end: int) -> Piece:
    """A list of strings that are joined, over its lines, with what the call puts between them."""
    start = max(0, end - 600)
    last = data.find(b")", end, end + 600)
    last = min(len(data), end + 600) if last < 0 else last + 1
    put = between(data, start, last)
    return rewrite(data, start, last, COMMA, lambda _: put)


def _dumped(name: str) -> Callable[[bytes, int], Piece | None]:
    def read(data: bytes, end: int) -> Piece | None:
        run = dumped(name, data, end)
        return None if run is None else _readable(*run)

    return read


_SEAMS = _rewritten(SEAM, _nothing, 240, 600)
READERS: dict[str, Callable[[bytes, int], Piece | None]] = {
    "base64": _base64,
    "hex": _hex,
    **{name: _dumped(name) for name in DUMP_CUES},
    "percent": _rewritten(_PERCENT, _percent, 300, 600),
    "backslash": _rewritten(_BACKSLASH, _backslash, 300, 2000),
    "entity": _rewritten(_ENTITY, _entity, 300, 600),
    "plus": _SEAMS,
    "beside": _SEAMS,
    "continued": _SEAMS,
    "array": _list,
    "call": _list,
}


def pieces_at(data: bytes, hits: Iterable[tuple[str, int]]) -> list[Piece]:
    """What stands in another form in `data`: `hits` are the ends of the cues above, in order."""
    found: list[Piece] = []
    read_to: dict[str, int] = {}
    for name, end in hits:
        if end <= read_to.get(name, 0):
            continue
        piece = READERS[name](data, end)
        if piece is not None and piece.data:
            found.append(piece)
            read_to[name] = piece.end
    return found
