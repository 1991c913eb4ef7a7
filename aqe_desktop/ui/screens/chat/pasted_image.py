"""A picture from the clipboard as a file: a screenshot has no name and no place."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QByteArray
from PySide6.QtGui import QImage, QImageWriter


def as_png(pasted: bytes | QImage) -> bytes:
    """The bytes as they came, or the pixels written without loss; empty where there are none. For a thread."""
    if isinstance(pasted, bytes):
        return pasted
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(pasted)
    return bytes(buffer.data().data())
