"""Text as numbers: hex dumps, lists of bytes as programs and debuggers write them, and base32."""

from __future__ import annotations

import base64
import re
from binascii import Error as NotBase32
from collections.abc import Callable

_AHEAD = 1 << 18
"""Bytes that one run is read for."""
_BACK = 160
"""Bytes before a cue's end in which its run, or for a dump its line, begins."""
_HEX = "(?:[2-7][0-9a-fA-F]|0[9aAdD])"
_DEC = "(?:9|1[03]|3[2-9]|[4-9][0-9]|1[01][0-9]|12[0-6])"
# Base32 of ASCII: the top bit of each of five bytes is 0, which rules out most other words.
_GROUP = "[A-P][ABEFIJMNQRUVYZ45][A-Z2-7][A-HQ-X][ACEGIKMOQSUWY246][A-Z2-7][A-DI-LQ-TYZ23][A-Z2-7]"

DUMP_CUES: dict[str, str] = {
    "dump": rf"^[ \t>]{{0,8}}[0-9a-fA-F]{{6,16}}:?[ \t]{{1,4}}(?:{_HEX}[ \t]{{0,2}}){{4}}",
    "spaced": rf"(?:^|[^0-9A-Za-z])(?:{_HEX}[ :,-]{{1,2}}){{7}}{_HEX}",
    "numbers": rf"(?:0[xX]{_HEX}\s?,\s{{0,8}}){{5}}",
    "decimal": rf"(?:^|[^0-9.])(?:{_DEC}(?:,\s{{0,3}}| )){{8}}",
    "base32": rf"(?:^|[^A-Za-z0-9])(?:{_GROUP}){{2}}",
}
"""What hyperscan looks for, by the name of the reader."""

_DUMP = re.compile(
    rb"^[ \t>]{0,8}[0-9a-fA-F]{6,16}:?[ \t]{1,4}((?:[0-9a-fA-F]{2}[ \t]{0,2}){1,16})[^\n]{0,80}\n?", re.MULTILINE
)
_RUNS: dict[str, re.Pattern[bytes]] = {
    "spaced": re.compile(rb"(?:[0-9a-fA-F]{2}[ :,-]{1,2}|[0-9a-fA-F]{2}\r?\n[ \t]{0,40})*[0-9a-fA-F]{2}"),
    "numbers": re.compile(rb"(?:0[xX][0-9a-fA-F]{1,2}\s{0,2},\s{0,40})*(?:0[xX][0-9a-fA-F]{1,2})?"),
    "decimal": re.compile(rb"(?:[0-9]{1,3}(?:,\s{0,40}|\s{1,3}))*[0-9]{1,3}"),
    "base32": re.compile(rb"[A-Z2-7]+"),
}
_FIRST: dict[str, re.Pattern[bytes]] = {
    "spaced": re.compile(rb"(?:[0-9a-fA-F]{2}[ :,-]{1,2}){7}[0-9a-fA-F]{2}\Z"),
    "numbers": re.compile(rb"(?:0[xX][0-9a-fA-F]{1,2}\s?,\s{0,8}){5}\Z"),
    "decimal": re.compile(rb"(?:[0-9]{1,3}(?:,\s{0,3}| )){8}\Z"),
    "base32": re.compile(rb"[A-Z2-7]{16}\Z"),
}
"""Where a run begins, by the end of its cue."""
_PAIR = re.compile(rb"[0-9a-fA-F]{2}")
_ONE = re.compile(rb"0[xX]([0-9a-fA-F]{1,2})")
_NUMBER = re.compile(rb"[0-9]+")


def dumped(name: str, data: bytes, end: int) -> tuple[int, int, bytes] | None:
    """The run around the cue that ends at `end`: where it begins and ends, and the bytes that it tells of."""
    if name == "dump":
        return _dump(data, end)
    first = _FIRST[name].search(data, max(0, end - _BACK), end)
    run = _RUNS[name].match(data, first.start(), first.start() + _AHEAD) if first else None
    told = _TOLD[name](run[0]) if run else None
    return None if run is None or told is None else (run.start(), run.end(), told)


def _dump(data: bytes, end: int) -> tuple[int, int, bytes] | None:
    """Line after line that begins with an offset; what a dump shows as letters at the end of a line is left out."""
    start = at = data.rfind(b"\n", max(0, end - _BACK), end) + 1
    told: list[bytes] = []
    while (line := _DUMP.match(data, at, start + _AHEAD)) is not None:
        told.append(_hex(line[1]))
        at = line.end()
    return (start, at, b"".join(told)) if told else None


def _hex(run: bytes) -> bytes:
    return bytes.fromhex(b"".join(_PAIR.findall(run)).decode())


def _numbers(run: bytes) -> bytes:
    return bytes(int(each, 16) for each in _ONE.findall(run))


def _decimal(run: bytes) -> bytes | None:
    numbers = [int(each) for each in _NUMBER.findall(run)]
    return bytes(numbers) if max(numbers) < 256 else None


def _base32(run: bytes) -> bytes | None:
    run = run[: len(run) - (len(run) % 8 in (1, 3, 6))]
    try:
        return base64.b32decode(run + b"=" * (-len(run) % 8))
    except NotBase32:
        return None


_TOLD: dict[str, Callable[[bytes], bytes | None]] = {
    "spaced": _hex,
    "numbers": _numbers,
    "decimal": _decimal,
    "base32": _base32,
}
