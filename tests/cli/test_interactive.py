"""The chat on a terminal: a line is a question, Ctrl+C stops the reply, Ctrl+D leaves."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.cli.conftest import AQE, Command
from tests.cli.terminal import Terminal

PROMPT = "> "
EARLY = Path(__file__).parent / "programs" / "interrupted_early.py"
CTRL_C, CTRL_D = "\x03", "\x04"


@contextmanager
def talking(aqe: Command, *words: str, program: tuple[str, ...] = (*AQE, "chat")) -> Iterator[Terminal]:
    """The child gets a controlling terminal by `setsid -c`, so that Ctrl+C is a signal as it is for people."""
    terminal = Terminal(["setsid", "-c", "-w", *program, *words], aqe.folder)
    try:
        terminal.wait_for(PROMPT)
        yield terminal
    finally:
        terminal.close()


def test_two_questions_are_one_conversation_and_ctrl_d_leaves(aqe: Command) -> None:
    with talking(aqe, "--max-output", "8") as terminal:
        terminal.type("Say one.\n")
        terminal.wait_for("conversation 1")
        terminal.wait_for(PROMPT)
        terminal.type("Say two.\n")
        terminal.wait_for("conversation 1")
        terminal.wait_for(PROMPT)
        terminal.type(CTRL_D)
        assert terminal.end() == 0
    shown = aqe("history", "show", "1", "--json").json
    assert [message["text"] for message in shown["messages"] if message["role"] == "user"] == ["Say one.", "Say two."]


def test_ctrl_c_stops_the_reply_keeps_it_and_asks_again(aqe: Command) -> None:
    with talking(aqe, "--temperature", "0") as terminal:
        terminal.type("Write a very long story about a dragon and a knight.\n")
        terminal.wait_for("Once upon")
        terminal.type(CTRL_C)
        terminal.wait_for("Stopped. What arrived is kept.")
        terminal.wait_for(PROMPT)
        terminal.type("half a line")
        terminal.wait_for("half a line")
        terminal.type(CTRL_C)
        terminal.wait_for("Ctrl+D leaves.")
        terminal.wait_for(PROMPT)
        terminal.type(CTRL_D)
        assert terminal.end() == 0
        assert "Traceback" not in terminal.seen
    (_, answer) = aqe("history", "show", "1", "--json").json["messages"]
    assert answer["state"] == "stopped"
    assert answer["text"].startswith("Once upon")


def test_ctrl_c_before_the_wait_for_a_key_is_noticed_and_no_line_is_lost(aqe: Command) -> None:
    with talking(aqe, program=(sys.executable, str(EARLY))) as terminal:
        terminal.wait_for("Ctrl+D leaves.")
        terminal.wait_for(PROMPT)
        terminal.type("/none\n")
        terminal.wait_for("There is no command /none")
        terminal.wait_for(PROMPT)
        terminal.type(CTRL_D)
        assert terminal.end() == 0


def test_small_commands_and_mistakes_leave_the_chat_open(aqe: Command) -> None:
    with talking(aqe, "--max-output", "8") as terminal:
        terminal.type("/help\n")
        terminal.wait_for("/new")
        terminal.type("/none\n")
        terminal.wait_for("There is no command /none")
        terminal.type("   \n")
        terminal.wait_for(PROMPT)
        terminal.type("Say one.\n")
        terminal.wait_for("conversation 1")
        terminal.type("/new\nSay two.\n")
        terminal.wait_for("conversation 2")
        terminal.wait_for(PROMPT)
        terminal.type(CTRL_D)
        assert terminal.end() == 0
