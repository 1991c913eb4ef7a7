"""Everything the chat can do, by name and key: for the palette, the shortcuts sheet and the keyboard."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

if TYPE_CHECKING:
    from aqe_desktop.ui.screens.chat.screen import ChatScreen
    from aqe_desktop.ui.shell.window import MainWindow

SECTION = "Chat"


def add_commands(screen: ChatScreen, window: MainWindow) -> None:
    """Register them with the window; one that makes no sense now is disabled by its own test."""
    chat, view, sidebar = screen.chat, screen.view, screen.sidebar

    def here() -> bool:
        return window.current_screen == "chat"

    def begun() -> bool:
        return here() and chat.conversation is not None

    def answering() -> bool:
        return here() and chat.exchange is not None

    rows: tuple[tuple[str, Callable[[], object], str, Callable[[], bool]], ...] = (
        ("New chat", partial(_new, screen, window, temporary=False), "Ctrl+N", _always),
        ("New temporary chat", partial(_new, screen, window, temporary=True), "Ctrl+Shift+N", _always),
        ("Find in this chat", view.open_find, "Ctrl+F", lambda: here() and bool(chat.messages)),
        ("Write a message", view.focus_composer, "Ctrl+L", here),
        ("Search conversations", partial(_search, screen, window), "Ctrl+Shift+F", here),
        ("Attach files", screen.attach, "Ctrl+O", here),
        ("Open a project", screen.open_folder, "Ctrl+Shift+O", here),
        ("Switch the project", sidebar.switcher.open_menu, "Ctrl+P", here),
        ("Stop the reply", chat.stop, "Ctrl+.", answering),
        ("Answer again", partial(_last, screen, "regenerate"), "Ctrl+R", lambda: begun() and not answering()),
        ("Change the last question", partial(_last, screen, "edit"), "Ctrl+E", lambda: begun() and not answering()),
        ("Rename this chat", sidebar.rename_open, "", begun),
        ("Pin or unpin this chat", screen.pin_open, "", begun),
        ("Delete this chat", screen.delete_open, "", begun),
        ("Next chat", partial(screen.step, 1), "Ctrl+PgDown", here),
        ("Previous chat", partial(screen.step, -1), "Ctrl+PgUp", here),
        ("Show why it stays here", view.route.show_facts, "", here),
        (
            "Show what is private here",
            screen.marks.show_list,
            "Ctrl+Shift+L",
            lambda: here() and bool(screen.marks.listed(0, 1)),
        ),
        ("Choose a preset", screen.inspector.form.open_presets, "", here),
        ("Start the engine again", screen.engine.start_again, "", _always),
    )
    for name, run, shortcut, enabled in rows:
        window.commands.add(name, run, shortcut, SECTION, enabled)


def _always() -> bool:
    return True


def _new(screen: ChatScreen, window: MainWindow, *, temporary: bool) -> None:
    window.show_screen("chat")
    screen.new_chat(temporary=temporary)


def _search(screen: ChatScreen, window: MainWindow) -> None:
    if not screen.sidebar.isVisible():
        window.toggle_sidebar()
    screen.sidebar.search.setFocus(Qt.FocusReason.ShortcutFocusReason)


def _last(screen: ChatScreen, action: str) -> None:
    """Act on the newest message that this action is for."""
    screen.view.act_on_last(action)
