"""Makes hidden characters visible, in answers, titles and file names: what cannot be seen must not hide or reverse."""

from __future__ import annotations

import re

# C0 and C1 controls but tab; bidi embeddings, overrides and isolates; zero-width and other invisible format characters
# (joiners and plain direction marks are left: Persian and emoji need them); tag characters; line separators.
_HIDDEN = (
    "\x00-\x08\x0a-\x1f\x7f-\x9f\u00ad\u061c\u115f\u1160\u180e\u200b\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0"
    "\ufff9-\ufffb\U000e0000-\U000e0fff"
)
# Lone surrogates and noncharacters have no picture; U+FFFC and U+FDD0.. mean objects and frames inside Qt's documents.
_IMPOSSIBLE = "\ud800-\udfff\ufdd0-\ufdef\ufffc\ufffe\uffff" + "".join(
    f"{chr(plane * 0x10000 + 0xFFFE)}{chr(plane * 0x10000 + 0xFFFF)}" for plane in range(1, 17)
)
_SPECIAL = re.compile(f"[{_HIDDEN}{_IMPOSSIBLE}]")
_NO_PICTURE = re.compile(f"[{_IMPOSSIBLE}]")
SOFT_BREAK = "\u2028"  # ours: marks where an overlong line was cut, and is dropped again on copy


def visible(line: str) -> str:
    """One line without its line end, with every hidden character spelt out."""
    if line.isascii() and line.isprintable():
        return line
    return _SPECIAL.sub(_shown, line)


def _shown(match: re.Match[str]) -> str:
    char = match.group()
    code = ord(char)
    if _NO_PICTURE.match(char):
        return "\ufffd"
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    return f"[U+{code:04X}]"


def utf16_length(text: str) -> int:
    """Length in the units Qt counts in; equal to len() unless the text has characters beyond U+FFFF."""
    return len(text) if text.isascii() else len(text) + sum(1 for char in text if char > "\uffff")


def utf16_slice(text: str, start: int, end: int) -> str:
    """The part of a text between two positions counted as Qt counts."""
    if text.isascii() or max(text, default="") <= "\uffff":
        return text[start:end]
    return text.encode("utf-16-le")[2 * start : 2 * end].decode("utf-16-le", "replace")
