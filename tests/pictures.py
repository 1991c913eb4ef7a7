"""Real images for tests, made without a library: some of every kind that can be attached."""

from __future__ import annotations

import struct
import zlib
from base64 import b64decode

_JPEG = (
    "/9j/4AAQSkZJRgABAQEAZABkAAD/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+MzZGNywtQFdBRkxOUlNSMj5aYV"
    "pQYEpRUk//2wBDAQ4ODhMREyYVFSZPNS01T09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT09PT0//wAARCAAD"
    "AAUDASIAAhEBAxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUFBAQAAAF9AQIDAAQRBRIhMUEGE1FhBy"
    "JxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVWV1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKT"
    "lJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi4+Tl5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEBAQEBAQAAAA"
    "AAAAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcFBAQAAQJ3AAECAxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRom"
    "JygpKjU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVmZ2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0tba3uLm6wsPExc"
    "bHyMnK0tPU1dbX2Nna4uPk5ebn6Onq8vP09fb3+Pn6/9oADAMBAAIRAxEAPwDEooornPrz/9k="
)
JPEG = b64decode(_JPEG)
"""5 by 3 pixels, as the next three."""
WEBP_LOSSY = b64decode("UklGRjQAAABXRUJQVlA4ICgAAABwAQCdASoFAAMAAsBMJaACdAFAAAD+7L2IwmknR/89M/9gf/JHwsAA")
WEBP_LOSSLESS = b64decode(
    "UklGRkgAAABXRUJQVlA4TDsAAAAvBIAAAHfw+/+BUBhJkpk6vG3OfwRFMiU1LT0jMys7JzcvPyhoJKn5Xuha8IQWPKEFYRH9j7Xl3Hx/AAA="
)
WEBP_SEE_THROUGH = b64decode(
    "UklGRlgAAABXRUJQVlA4WAoAAAAQAAAABAAAAgAAQUxQSAoAAAARB1DAiAhERP8DVlA4ICgAAABwAQCdASoFAAMAAsBMJaACdAFAAAD+7L2IwmknR"
    "/89M/9gf/JHwsAA"
)
GIF = b"GIF89a\x05\0\x03\0\x80\0\0\xff\0\0\0\0\xff,\0\0\0\0\x05\0\x03\0\0\x02\x04\x84\x8f\xa9Y\0;"


def png(width: int = 5, height: int = 3, colour: tuple[int, int, int] = (200, 30, 60)) -> bytes:
    """One colour; a size that is not said to the header's reader costs no memory where it is not decoded."""
    row = b"\0" + bytes(colour) * width
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(row * height) if width * height < 10_000_000 else zlib.compress(b"\0")
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
