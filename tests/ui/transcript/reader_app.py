"""A window with one conversation, for a screen reader's bridge to look into; runs until it is ended."""

from __future__ import annotations

import signal

from PySide6.QtWidgets import QApplication

from aqe_desktop.ui.widgets.transcript import Transcript
from tests.ui.transcript.conftest import messages


def main() -> None:
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    application = QApplication(["reader-app"])
    view = Transcript()
    view.resize(800, 600)
    view.set_messages(messages("A first question", "An **answer** with `code`.\n\n- one\n- two"))
    view.show()
    application.exec()


if __name__ == "__main__":
    main()
