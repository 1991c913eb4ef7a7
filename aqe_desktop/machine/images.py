"""Images by their own first bytes: which kind, and how large a picture they unpack to, without decoding any of it."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from aqe_desktop.core.errors import UsageError

MOST_PIXELS, LONGEST_SIDE = 50_000_000, 30_000
"""What a picture may unpack to: whoever decodes it, here or in an engine, holds four bytes of each pixel."""
_PNG, _GIF = b"\x89PNG\r\n\x1a\n", (b"GIF87a", b"GIF89a")
# The frames of a JPEG that state its size: SOF0 to SOF15, without the tables that share their range.
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_ALONE = frozenset((0x01, *range(0xD0, 0xD9)))
_SMALLER = "Attach a smaller picture, or the part of it that matters."


@dataclass(frozen=True, slots=True)
class Picture:
    """`media` is one of core.chat.MEDIA; width and height in pixels, both at least 1."""

    media: str
    width: int
    height: int


def is_image(data: bytes) -> bool:
    """Whether this says of itself that it is an image of a kind that can be attached."""
    return bool(_media(data))


def picture(data: bytes, name: str) -> Picture:
    """What the header says. Raises UsageError for a header that is damaged or states an absurd size."""
    media = _media(data)
    try:
        width, height = _SIZES[media](data)
    except (KeyError, ValueError, IndexError, struct.error) as error:
        raise UsageError(
            f"{name} is a damaged image, or of a kind that cannot be attached.", "Save it as PNG or JPEG again."
        ) from error
    if width > LONGEST_SIDE or height > LONGEST_SIDE or width * height > MOST_PIXELS:
        raise UsageError(f"{name} unpacks to {width} × {height} pixels, which is too many.", _SMALLER)
    return Picture(media, width, height)


def _media(data: bytes) -> str:
    if data.startswith(_PNG):
        return "image/png"
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "image/webp"
    return "image/gif" if data.startswith(_GIF) else ""


def _png(data: bytes) -> tuple[int, int]:
    if data[12:16] != b"IHDR":
        raise ValueError("no header")
    return _whole(*struct.unpack_from(">II", data, 16))


def _gif(data: bytes) -> tuple[int, int]:
    return _whole(*struct.unpack_from("<HH", data, 6))


def _jpeg(data: bytes) -> tuple[int, int]:
    for marker, at in _segments(data):
        if marker in _FRAMES:
            height, width = struct.unpack_from(">HH", data, at + 3)
            return _whole(width, height)
    raise ValueError("no frame")


def _segments(data: bytes) -> Iterator[tuple[int, int]]:
    """The marker of each segment, and where its length stands, up to the picture itself."""
    at = 2
    while data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # any number of them may fill up
            at += 1
        elif marker in _ALONE:
            at += 2
        elif marker == 0xDA:
            return
        else:
            yield marker, at + 2
            at += 2 + max(2, *struct.unpack_from(">H", data, at + 2))


def _webp(data: bytes) -> tuple[int, int]:
    """Three kinds: with a header of its own, without loss, and the first one, a frame of VP8."""
    kind = data[12:16]
    if kind == b"VP8X" and len(data) >= 30:
        return _whole(*(1 + int.from_bytes(data[at : at + 3], "little") for at in (24, 27)))
    if kind == b"VP8L" and data[20] == 0x2F:
        (bits,) = struct.unpack_from("<I", data, 21)
        return _whole(1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF))
    if kind == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", data, 26)
        return _whole(width & 0x3FFF, height & 0x3FFF)
    raise ValueError("no header")


def _whole(width: int, height: int) -> tuple[int, int]:
    if not width or not height:
        raise ValueError("no pixels")
    return width, height


_SIZES = {"image/png": _png, "image/jpeg": _jpeg, "image/webp": _webp, "image/gif": _gif}
