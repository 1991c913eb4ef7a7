"""A text as it is meant: without what nobody sees, with letters that only look otherwise, and blanks of every width.

One code point inside of a secret hides it from every rule, and a copy out of a page, a terminal or a chat has such."""

from __future__ import annotations

import re
import string
import unicodedata
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import lru_cache

from aqe_desktop.privacy.reading import Reading, Span

AROUND, LINE = 400, 200
"""Code points on both sides of an odd one that are read again, and how far beyond them a line may end."""
_FEW = 24
_GAP = "\n\n"
_PLAIN = bytes([9, 10, 13, *range(32, 127)])
# Of Unicode's Default_Ignorable_Code_Point those that are no format characters (category Cf).
_IGNORED = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0\u2800"
    + "".join(map(chr, range(0xFE00, 0xFE10)))
)
_UNSEEN = frozenset({"Cc", "Cf", "Cs"})
_USUAL = frozenset("ªº¹²³¼½¾™…№℃℉·‥´¨¯¸" + "，：；！？（）［］｛｝、。．－　～")
"""What a compatible form has too, and is common in text as it is."""
# Letters of other scripts that look like an ASCII letter or digit (after Unicode's confusables, UTS 39).
_LIKE = dict(
    zip(
        "аеорсхуіјѕһԁԛԝӏңАЕОРСХУІЈЅВКМНТҺԌԚԜҮ" + "ɡοαινρτυκχγηΑΒΕΖΗΙΚΜΝΟΡΤΥΧϲϳ" + "օսոհցքՏՕԼ",
        "aeopcxyijshdqwlhAEOPCXYIJSBKMHThGQWY" + "goaivptukxynABEZHIKMNOPTYXcj" + "ounhgqSOL",
        strict=True,
    )
)
_OTHER = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b\n]{0,200}(?:\x07|\x1b\\)|[^\n\x08]\x08|\xad\r?\n|\r(?!\n)|[^\n\r\t -~]"
)
_WORD = re.compile(r"\w+")
_ANY_LIKE = re.compile(f"[{''.join(_LIKE)}]")
_PLAIN_LETTERS = frozenset(string.ascii_letters + string.digits)


def normal(text: str, places: Iterable[int] | None = None) -> Reading | None:
    """What stands around everything odd in `text`, as it is meant; None where nothing is odd, as in most texts.

    `places`: where something odd is, if that is known."""
    odd = odd_in(text.encode("utf-8", "surrogatepass")) if places is None else places
    windows = _windows(text, sorted(set(odd)))
    return _read(text, windows) if windows else None


def odd_in(data: bytes) -> list[int]:
    """The code points of `data` that are not what they seem. Bytes are sifted at the speed of memory first."""
    rest = data.translate(None, _PLAIN)
    lone = b"\r" in data and data.count(b"\r") != data.count(b"\r\n")
    if not rest and not lone:
        return []
    letters = set(rest.decode("utf-8", "surrogatepass"))
    odd = {each for each in letters if is_odd(each)} | ({"\r"} if lone else set())
    alike = letters & _LIKE.keys()
    if not odd and not alike:
        return []
    text = data.decode("utf-8", "surrogatepass")
    padded = f" {text} " if alike else ""
    return [at for at in _places(text, odd) if _counts(text, at)] + [
        at for at in _places(text, alike) if padded[at] in _PLAIN_LETTERS or padded[at + 2] in _PLAIN_LETTERS
    ]


def _places(text: str, letters: set[str]) -> Iterator[int]:
    """Each place of each letter: few letters are looked for one by one, which is faster."""
    if len(letters) > _FEW:
        yield from (match.start() for match in re.finditer(f"[{re.escape(''.join(letters))}]", text))
        return
    for letter in letters:
        at = text.find(letter)
        while at >= 0:
            yield at
            at = text.find(letter, at + 1)


def _counts(text: str, at: int) -> bool:
    """A dash between blanks is one of prose; the end of a line by CR and LF is no odd one."""
    if text[at] == "\r":
        return text[at + 1 : at + 2] != "\n"
    if unicodedata.category(text[at]) != "Pd":
        return True
    return bool(text[max(0, at - 1) : at].strip() and text[at + 1 : at + 2].strip())


@lru_cache(1 << 12)
def is_odd(letter: str) -> bool:
    """Whether a letter beyond plain ASCII is another one as it is meant, or none."""
    meant = _meant(letter)
    return meant != letter and letter not in _USUAL


@lru_cache(1 << 12)
def _meant(letter: str) -> str:
    kind = unicodedata.category(letter)
    if letter in "\u2028\u2029":
        return "\n"
    if kind in _UNSEEN or letter in _IGNORED or "\U000e0000" <= letter <= "\U000e0fff":
        return ""
    if kind == "Zs":
        return " "
    if kind == "Pd" or letter in "\u2212\u2043":
        return "-"
    if kind == "Nd":
        return str(unicodedata.decimal(letter))
    meant = unicodedata.normalize("NFKC", letter)
    return meant if meant.isascii() else letter


def _windows(text: str, places: list[int]) -> list[Span]:
    found: list[Span] = []
    for at in places:
        if found and at + AROUND <= found[-1][1]:
            continue
        start = text.rfind("\n", max(0, at - AROUND - LINE), max(0, at - AROUND)) + 1 or max(0, at - AROUND)
        end = text.find("\n", at + AROUND, at + AROUND + LINE)
        end = min(len(text), at + AROUND) if end < 0 else end
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _read(text: str, windows: list[Span]) -> Reading:
    parts: list[str] = []
    here, there = array("L"), array("L")
    written = 0
    for start, end in windows:
        part, marks = _rewritten(text, start, end)
        for offset, origin in marks:
            here.append(written + offset)
            there.append(origin)
        parts.append(part)
        written += len(part) + len(_GAP)

    def source(offset: int) -> int:
        at = bisect_right(here, offset) - 1
        return min(len(text) - 1, there[at] + offset - here[at])

    def place(first: int, last: int) -> Span | None:
        start, end = source(first), source(last - 1) + 1
        return (start, end) if start < end else None

    return Reading(_GAP.join(parts), place)


def _rewritten(text: str, start: int, end: int) -> tuple[str, list[Span]]:
    """The part as it is meant, and marks: from one on, both run alike."""
    parts: list[str] = []
    marks = [(0, start)]
    written, at = 0, start
    for match in _OTHER.finditer(text, start, end):
        told = _meant(match[0]) if len(match[0]) == 1 and match[0] != "\r" else ""
        if told == match[0]:
            continue
        parts += (text[at : match.start()], told)
        written += match.start() - at
        at = match.end()
        marks += [(written + place, match.start()) for place in range(len(told))]
        written += len(told)
        marks.append((written, at))
    parts.append(text[at:end])
    told = "".join(parts)
    return _WORD.sub(_folded, told) if _ANY_LIKE.search(told) else told, marks


def _folded(word: re.Match[str]) -> str:
    """A word of two scripts in which every strange letter looks like one of ours is written with ours."""
    letters = word[0]
    if letters.isascii() or not any(each in _LIKE for each in letters) or not re.search("[A-Za-z0-9]", letters):
        return letters
    folded = "".join(_LIKE.get(each, each) for each in letters)
    return folded if folded.isascii() else letters
