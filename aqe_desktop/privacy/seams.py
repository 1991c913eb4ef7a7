"""Where a string goes on in the next: literals that languages put together, so that a secret in two halves is one."""

from __future__ import annotations

import re

_LETTER = r"[A-Za-z0-9_\-+/=.:@%]"
_QUOTE = "[\"'`]"
_PLUS = r"(?:\+\+?|\.\.?|&|\|\||<>|<<|[\^~*]|%\+%)"
_TURN = r"(?:[\\+.&~^]|\+\+|<>|<<|\.\.|\|\|)"
_METHOD = r",?\s?\)?\.(?:append|concat|push|plus)\("
_MORE = r";?\s{1,8}[$\w]{1,30}\s?[+.]="
_PARTS = r"(?:[A-Za-z]|\w{0,12}(?:(?i:part|half|piece|chunk|suffix|tail|second|rest|right)\d?|[A-Za-z_]2|_[bB]))"
_NEXT = rf"\s?;?\s{{1,4}}(?:(?:const|let|var|val|local|my|final|String|string) ){{0,2}}\$?{_PARTS}\s?:?="
_JOIN = r"(?i:join|mkstring|concat|reduce)"
_CALL = r"(?i:join|concat!?|paste0?|format!?|sprintf|implode|strcat|string|reduce|-f)"
_OPEN = r"[\[{(]{0,2}\s{0,20}"

SEAM_CUES: dict[str, str] = {
    "plus": rf"{_LETTER}{_QUOTE}(?:\)?\s{{0,3}}{_PLUS}\s{{0,3}}|(?:{_METHOD}|{_MORE}|{_NEXT})\s{{0,3}}|\}}[#$]?\{{)"
    rf"{_QUOTE}{_LETTER}|{_LETTER}(?:\"'|'\"){_LETTER}",
    "beside": rf"{_LETTER}{{3}}{_QUOTE}(?: {{1,3}}|\)?\s{{0,2}}{_TURN}?(?: _)?\r?\n\s{{0,60}}{_TURN}?\s{{0,2}})"
    rf"[bfrBFR]?{_QUOTE}{_LETTER}{{3}}",
    "continued": rf"{_LETTER}\\\r?\n\s{{0,40}}{_LETTER}",
    "array": rf"{_QUOTE},?\s{{0,20}}[\])}}]{{1,2}}\s{{0,3}}(?:\.|\||-|\|>)\s{{0,3}}(?:[A-Z]\w{{2,12}}\.)?{_JOIN}",
    "call": rf"{_CALL}\s{{0,2}}[\[{{(]{{0,3}}\s{{0,20}}(?:\[\]string)?{_OPEN}{_QUOTE}[^\"'`\n]{{0,120}}{_QUOTE}"
    rf"\s{{0,3}},\s{{0,60}}{_OPEN}{_QUOTE}{_LETTER}",
}
"""What hyperscan looks for, by the name of the reader."""

SEAM = re.compile(
    rf"{_QUOTE}(?:\)?\s{{0,3}}{_PLUS}\s{{0,60}}|(?:{_METHOD}|{_MORE}|{_NEXT})\s{{0,60}}|\}}[#$]?\{{|\s{{1,3}}|"
    rf"\)?\s{{0,2}}{_TURN}?(?: _)?\r?\n\s{{0,60}}{_TURN}?\s{{0,2}})[bfrBFR]?{_QUOTE}|\"'|'\"|\\\r?\n\s{{0,40}}".encode()
)
COMMA = re.compile(
    # The form that the pieces are put into, as "%s%s", counts as none of them.
    rf"{_QUOTE}(?:%[sv]|\{{\w{{0,2}}\}}|\$\d){{1,8}}{_QUOTE}\s{{0,3}},\s{{0,60}}{_QUOTE}"
    rf"|{_QUOTE}\s{{0,3}},?\s{{0,60}}{_OPEN}{_QUOTE}".encode()
)
_BETWEEN = re.compile(
    rb"join\w*\(\s{0,3}[\"']([-._:])[\"']\s{0,3}[,)]|[\"']([-._:])[\"']\.join|implode\([\"']([-._:])[\"']"
)


def between(data: bytes, start: int, end: int) -> bytes:
    """What a joined list has between its pieces."""
    found = _BETWEEN.search(data, start, end)
    return b"" if found is None else found[1] or found[2] or found[3]
