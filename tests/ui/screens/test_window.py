"""The real app in a real window, driven by keys as a person would: type, send, stream, stop, restart, still there."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from aqe_desktop.core.chat import Role, State
from aqe_desktop.core.history import StoredMessage
from aqe_desktop.machine.paths import find_paths
from tests.ui.screens.conftest import opened_store

QUESTION = "Write a long story about a compiler, in twenty chapters."
# An empty network namespace: after the installation the app needs no network.
NETWORK = ("unshare", "--net") if os.geteuid() == 0 else ("unshare", "--map-current-user", "--net")
TRIES = 5
PATIENCE = 90


class Window:
    """The app as a process, and its window on the screen of the tests; keys arrive from its first paint on."""

    def __init__(self, *, without: Sequence[str] = ()) -> None:
        command = [*without, sys.executable, "-m", "aqe_desktop"]
        self.process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        until(lambda: bool(self._search()), "the window")
        self.id = self._search()
        xdotool("windowactivate", "--sync", self.id)

    def keys(self, *names: str) -> None:
        xdotool("key", "--window", self.id, *names)

    def write(self, text: str) -> None:
        xdotool("type", "--window", self.id, "--delay", "20", text)

    def stop_while_it_streams(self, database: Path) -> None:
        """A small model may end by itself before it is stopped: then it is asked to answer again."""
        for _ in range(TRIES):
            until(lambda: streams(database) or ended(database), "an answer")
            self.keys("Escape")
            until(lambda: ended(database), "the stop")
            if state(database) is State.STOPPED:
                return
            self.keys("ctrl+r")
            until(lambda: not ended(database), "another answer")
        raise AssertionError(f"it never streamed long enough: {told()}")

    def open_the_chat(self, database: Path) -> None:
        """The next chat is the first of the list. Until that is read there is none, and a comma goes into a new chat;
        at the end a comma stands in the chat."""
        for _ in range(TRIES):
            self.keys("ctrl+Next")
            self.write(",")
            until(lambda: draft(database).endswith(",") or bool(draft(database, of_a_new_chat=True)), "a comma")
            if draft(database).endswith(","):
                return
            self.keys("BackSpace")
            until(lambda: not draft(database, of_a_new_chat=True), "no comma")
        raise AssertionError(f"the chat was never opened: {told()}")

    def close(self) -> None:
        """As the window manager closes it; the app must end by itself, in order and without complaint."""
        xdotool("windowactivate", "--sync", self.id)
        xdotool("key", "alt+F4")
        _, complaints = self.process.communicate(timeout=PATIENCE)
        assert self.process.returncode == 0, complaints
        assert "Traceback" not in complaints

    def _search(self) -> str:
        return xdotool("search", "--onlyvisible", "--name", "AQE Desktop").partition("\n")[0]


def xdotool(*words: str) -> str:
    return subprocess.run(["xdotool", *words], capture_output=True, text=True, check=False).stdout.strip()


def until(condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"{what} did not come: {told()}"
        time.sleep(0.2)


def told() -> str:
    """For a failure: what is on disk instead."""
    database = find_paths().database
    rows = [(row.role.value, row.state.value, row.text[:60]) for row in branch(database)]
    return f"{rows}, draft {draft(database)!r}"


def branch(database: Path) -> Sequence[StoredMessage]:
    """What is on disk of the newest conversation, read as another program would."""

    async def read() -> Sequence[StoredMessage]:
        async with opened_store(database) as store:
            latest = await store.latest()
            return await store.branch(latest.id) if latest else ()

    return asyncio.run(read()) if database.exists() else ()


def last(database: Path) -> StoredMessage | None:
    messages = branch(database)
    return messages[-1] if messages else None


def draft(database: Path, *, of_a_new_chat: bool = False) -> str:
    async def read() -> str:
        async with opened_store(database) as store:
            latest = None if of_a_new_chat else await store.latest()
            return (await store.draft(latest.id if latest else None)).text

    return asyncio.run(read())


def streams(database: Path) -> bool:
    message = last(database)
    return message is not None and message.state is State.STREAMING and bool(message.text)


def state(database: Path) -> State | None:
    message = last(database)
    return message.state if message is not None and message.role is Role.ASSISTANT else None


def ended(database: Path) -> bool:
    return state(database) in (State.COMPLETE, State.STOPPED)


@pytest.mark.window
def test_a_chat_in_a_real_window_is_typed_streamed_stopped_and_still_there_after_a_restart_without_a_network() -> None:
    database = find_paths().database
    window = Window()
    try:
        window.write(QUESTION)
        until(lambda: draft(database) == QUESTION, "the draft of what was typed")
        window.keys("Return")
        window.stop_while_it_streams(database)
        question, answer = branch(database)
        assert question.text == QUESTION
        assert answer.text
        window.write("an unsent thought")
        window.close()
    finally:
        window.process.kill()
    assert draft(database) == "an unsent thought"
    again = Window(without=NETWORK)
    try:
        again.open_the_chat(database)
        again.write(" now sent")
        again.keys("Return")
        until(lambda: len(branch(database)) == 4, "a question in the same chat")
        again.stop_while_it_streams(database)
        messages = branch(database)
        *before, sent = (message.text for message in messages[:3])
        assert before == [QUESTION, answer.text]
        # What is typed before the chat stands begins a line of its own.
        assert sent.replace("\n", "") == "an unsent thought, now sent"
        again.close()
    finally:
        again.process.kill()
