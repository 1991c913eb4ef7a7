"""Nothing in an answer loads, opens or imitates: threats T5, T6 and T18, on the drawn view."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QColor, QImage, QTextDocument
from pytestqt.qtbot import QtBot

from aqe_desktop.ui.widgets.transcript import TranscriptMessage
from aqe_desktop.ui.widgets.transcript.render import Sheet
from tests.ui.transcript.conftest import Show


@pytest.fixture
def sink() -> Iterator[tuple[str, list[bytes]]]:
    """A web server that counts who comes."""
    hits: list[bytes] = []
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            hits.append(connection.recv(200))
            connection.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.getsockname()[1]}", hits
    server.shutdown(socket.SHUT_RDWR)
    server.close()
    thread.join(5)


def red_picture(folder: Path) -> Path:
    image = QImage(64, 64, QImage.Format.Format_RGB32)
    image.fill(QColor("#FF0000"))
    path = folder / "red.png"
    assert image.save(str(path))
    return path


def has_red(image: QImage) -> bool:
    small = image.convertToFormat(QImage.Format.Format_RGB32)
    return any(
        small.pixel(x, y) & 0xFFFFFF == 0xFF0000
        for y in range(0, small.height(), 2)
        for x in range(0, small.width(), 2)
    )


def corpus(remote: str, local: str) -> str:
    return "\n\n".join(
        line.replace("URL", url)
        for url in (remote, local)
        for line in (
            "![a](URL)", "![a](<URL> \"title\")", "[![a](URL)](URL)", "![a][ref]", "[ref]: URL", '<img src="URL">',
            "<svg><image href='URL'/></svg>", "<style>body{background:url(URL)}</style>", "<iframe src=URL>",
            "| a |\n|---|\n| ![a](URL) |", "> ![a](URL)", "- ![a](URL)", "<URL>", "`![a](URL)`", "# ![a](URL)",
            "<object data='URL'>", "<link rel=stylesheet href=URL>", "&lt;img src=URL&gt;", "![a](URL",
        )
    )  # fmt: skip


def test_no_picture_is_fetched_and_no_local_one_shown(
    qtbot: QtBot, show: Show, sink: tuple[str, list[bytes]], tmp_path: Path
) -> None:
    address, hits = sink
    red = red_picture(tmp_path)
    text = corpus(f"{address}/track.png", red.as_uri()) + "\n\n" + corpus(str(red), f"//127.0.0.1/{red}")
    view = show(text, text, size=(900, 3_000))
    view.find_text("track")
    view.selection.all()
    qtbot.wait(300)
    assert hits == []
    assert not has_red(view.viewport().grab().toImage())
    assert "image not loaded" in view.selection.text()


def test_the_sink_and_the_red_picture_would_show_if_something_loaded(
    tmp_path: Path, sink: tuple[str, list[bytes]]
) -> None:
    """The two judges above can say no."""
    document = QTextDocument()
    document.setHtml(f'<img src="{red_picture(tmp_path).as_uri()}">')
    image = QImage(80, 80, QImage.Format.Format_RGB32)
    from PySide6.QtGui import QPainter

    painter = QPainter(image)
    document.drawContents(painter)
    painter.end()
    assert has_red(image)
    address, hits = sink
    socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2]))).close()
    while not hits:
        pass


def test_a_document_of_ours_loads_nothing(tmp_path: Path) -> None:
    sheet = Sheet()
    sheet.setHtml(f'<img src="{red_picture(tmp_path).as_uri()}">')
    loaded = sheet.resource(2, QUrl(red_picture(tmp_path).as_uri()))
    assert not isinstance(loaded, QImage) or loaded.isNull()


def test_an_answer_cannot_draw_the_zone_chip(show: Show) -> None:
    """What looks like a chip in the text stays text: no zone colour appears without a chip from the app."""
    view = show("Q")
    fake = "| \U0001f5b5 This device |\n|---|\n\n`This device` qwen\n\n<span style='color:#1B7A4B'>This device</span>"
    view.append(TranscriptMessage(1, "assistant", fake))
    image = view.viewport().grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    zone = {0x1B7A4B, 0xE2F3E9, 0xA9D9BD}
    seen = {image.pixel(x, y) & 0xFFFFFF for y in range(image.height()) for x in range(image.width())}
    assert not seen & zone


def test_a_click_on_a_link_only_says_so(qtbot: QtBot, show: Show) -> None:
    from PySide6.QtCore import QPointF, Qt
    from PySide6.QtTest import QTest

    from aqe_desktop.ui.widgets.transcript.selection import Place

    view = show("Q", "go [here](https://example.org/x) now")
    rect = view.place_rect(Place(view.column.items[1], 0, 5))
    assert rect is not None
    point = QPointF(rect.left() + view.column_left, rect.center().y() - view.top).toPoint()
    with qtbot.waitSignal(view.link_hovered) as hovered:
        QTest.mouseMove(view.viewport(), point)
    assert hovered.args == ["https://example.org/x"]
    with qtbot.waitSignal(view.link_activated) as activated:
        QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, point)
    assert activated.args == ["https://example.org/x"]
