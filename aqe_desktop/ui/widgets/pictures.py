"""Attached images made small: decoded in a thread, with a bound on what they may unpack to, and kept for a while."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque

from PySide6.QtCore import QBuffer, QByteArray, QCoreApplication, QObject, QRect, QSize, Qt, Signal
from PySide6.QtGui import QImage, QImageReader, QPainter, QPainterPath

from aqe_desktop.core.errors import UsageError
from aqe_desktop.machine.images import picture
from aqe_desktop.ui.theme.current import theme

_MOST_MB = 256  # one image decoded: what an attachment may have of pixels, and a little more
_KEPT = 48 * 1024 * 1024  # bytes of decoded pixels that are remembered
_FORMATS = {"image/png": b"png", "image/jpeg": b"jpeg", "image/webp": b"webp", "image/gif": b"gif"}
_Key = tuple[int, int, int]
"""Hash and length of the bytes, so that what is remembered does not hold them, and the longest side."""


def decoded(data: bytes, longest: int) -> QImage:
    """The image with its sides at most so many pixels; a null one where it is broken. For a thread.

    Only the reader of the kind that its first bytes say is asked, so that nothing is taken for a drawing with links."""
    try:
        media = picture(data, "").media
    except UsageError:
        return QImage()
    held = QByteArray(data)
    buffer = QBuffer(held)
    buffer.open(QBuffer.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer, QByteArray(_FORMATS[media]))
    reader.setAutoDetectImageFormat(False)
    reader.setAutoTransform(True)
    size = reader.size()
    if size.isValid() and max(size.width(), size.height()) > longest:
        reader.setScaledSize(fitted(size, longest, longest))
    return reader.read()


def fitted(size: QSize, width: int, height: int) -> QSize:
    """As large as it is, or smaller in the same shape; at least one pixel each way."""
    if size.width() <= width and size.height() <= height:
        return size
    return size.scaled(width, height, Qt.AspectRatioMode.KeepAspectRatio).expandedTo(QSize(1, 1))


class Pictures(QObject):
    """`ready` says that there are more. What is asked for last is made first: it is what is on show."""

    ready = Signal()
    _done = Signal(object, object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._made: OrderedDict[_Key, QImage] = OrderedDict()
        self._wanted: deque[tuple[_Key, bytes, int]] = deque()
        self._asked: set[_Key] = set()
        self._lock = threading.Lock()
        self._running = False
        self._ended = False
        QImageReader.setAllocationLimit(_MOST_MB)
        self._done.connect(self._take, Qt.ConnectionType.QueuedConnection)

    def get(self, data: bytes, longest: int) -> QImage | None:
        """The image, a null one where it is broken; None until `ready`."""
        key = hash(data), len(data), longest
        found = self._made.get(key)
        if found is not None:
            self._made.move_to_end(key)
        elif key not in self._asked:
            self._ask(key, data, longest)
        return found

    def end(self) -> None:
        """No more answers."""
        with self._lock:
            self._ended = True
            self._wanted.clear()

    def _ask(self, key: _Key, data: bytes, longest: int) -> None:
        self._asked.add(key)
        with self._lock:
            self._wanted.append((key, data, longest))
            if self._running or self._ended:
                return
            self._running = True
        threading.Thread(target=self._work, name="pictures", daemon=True).start()

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._wanted:
                    self._running = False
                    return
                key, data, longest = self._wanted.pop()
            image = decoded(data, longest)
            with self._lock:
                if self._ended:
                    return
                self._done.emit(key, image)

    def _take(self, key: _Key, image: QImage) -> None:
        self._asked.discard(key)
        self._made[key] = image
        held = sum(each.sizeInBytes() for each in self._made.values())
        while held > _KEPT and len(self._made) > 1:
            held -= self._made.popitem(last=False)[1].sizeInBytes()
        self.ready.emit()


_pictures: Pictures | None = None


def pictures() -> Pictures:
    """The one store of the process, made on first use, until the program ends."""
    global _pictures
    if _pictures is None:
        _pictures = Pictures()
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(_end)
    return _pictures


def _end() -> None:
    """Its thread must not speak to widgets that go."""
    global _pictures
    if _pictures is not None:
        _pictures.end()
        _pictures = None


def draw(painter: QPainter, data: bytes, area: QRect, radius: float) -> bool:
    """Paint it into the middle of the area, as large as fits; nothing while it is being made. False: it is broken."""
    ratio = painter.device().devicePixelRatio() if painter.device() else 1.0
    image = pictures().get(data, round(max(area.width(), area.height()) * ratio))
    if image is None:
        return True
    if image.isNull():
        return False
    size = fitted(image.size() / ratio, area.width(), area.height())
    place = QRect(area.center().x() - size.width() // 2, area.center().y() - size.height() // 2, *size.toTuple())
    painter.save()
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
    path = QPainterPath()
    path.addRoundedRect(place, radius, radius)
    painter.setClipPath(path)
    painter.drawImage(place, image)
    painter.setClipping(False)
    painter.setPen(theme().color("line"))
    painter.drawPath(path)
    painter.restore()
    return True
