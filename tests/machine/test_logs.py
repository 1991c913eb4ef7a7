"""The log: several processes, three files, no content, no keys."""

from __future__ import annotations

import logging
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from aqe_desktop.core.errors import UsageError
from aqe_desktop.machine import logs
from aqe_desktop.machine.logs import last_lines, redacted, start_logging, stop_logging

log = logging.getLogger("aqe_desktop.test")

WRITER = """
import logging, sys
from pathlib import Path
from aqe_desktop.machine import logs
logs.MAX_BYTES, logs.FILES = 2_000, 200
logs.start_logging(Path(sys.argv[1]), sys.argv[2])
for number in range(400):
    logging.getLogger("aqe_desktop.test").info("%s %d", sys.argv[2], number)
"""


@pytest.mark.parametrize(
    "secret",
    [
        "sk-proj-abcdEFGH1234567890",
        "ghp_0123456789abcdefghijABCDEFGHIJ",
        "hf_abcdefghijklmnopqrstuv",
        "AKIAIOSFODNN7EXAMPLE1",
        "Bearer abc.def-ghi",
        "b179c9523d0e6a0f98a330c7562b682750a6f8c8",
    ],
)
def test_anything_like_a_key_is_redacted(secret: str) -> None:
    assert secret.split()[-1] not in redacted(f"got {secret}, failed")
    assert redacted(f"got {secret}, failed").startswith("got ")


@pytest.mark.parametrize("text", ["/home_of/me/models/SmolLM2-135M-Instruct.Q4_1.gguf", "answer 12: complete stop"])
def test_ordinary_words_are_left(text: str) -> None:
    assert redacted(text) == text


def test_an_exception_is_told_by_kinds_and_places_without_its_words(tmp_path: Path) -> None:
    handler = start_logging(tmp_path, "test")
    try:
        raise_from_a_prompt("my secret prompt")
    except ValueError:
        log.exception("failed")
    stop_logging(handler)
    text = (tmp_path / logs.NAME).read_text()
    assert "secret" not in text
    assert "builtins.KeyError" in text
    assert "builtins.ValueError" in text
    assert "test_logs.py" in text
    assert "in raise_from_a_prompt" in text


def raise_from_a_prompt(prompt: str) -> None:
    try:
        raise KeyError(prompt)
    except KeyError as error:
        raise ValueError(prompt) from error


def test_our_own_errors_keep_their_words(tmp_path: Path) -> None:
    handler = start_logging(tmp_path, "test")
    log.error("refused", exc_info=UsageError("The prompt is empty."))
    stop_logging(handler)
    assert "UsageError: The prompt is empty." in "\n".join(last_lines(tmp_path))


def test_the_log_is_private_and_names_its_process(tmp_path: Path) -> None:
    handler = start_logging(tmp_path, "aqe chat")
    log.info("hello")
    stop_logging(handler)
    assert stat.S_IMODE((tmp_path / logs.NAME).stat().st_mode) == 0o600
    assert "aqe chat[" in last_lines(tmp_path)[0]


def test_processes_that_rotate_together_lose_no_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    writers = [subprocess.Popen([sys.executable, "-c", WRITER, str(tmp_path), f"p{number}"]) for number in range(3)]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    monkeypatch.setattr(logs, "FILES", 200)
    lines = last_lines(tmp_path, 10_000)
    for name in ("p0", "p1", "p2"):
        assert [int(line.rsplit(" ", 1)[1]) for line in lines if f": {name} " in line] == list(range(400))


def test_three_files_are_kept_and_none_grows_over_its_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "MAX_BYTES", 2_000)
    handler = start_logging(tmp_path, "test")
    for number in range(200):
        log.info("line %d", number)
    stop_logging(handler)
    files = sorted(tmp_path.glob("aqe.log*"))
    assert [path.name for path in files if path.suffix != ".lock"] == ["aqe.log", "aqe.log.1", "aqe.log.2"]
    assert all(path.stat().st_size <= 2_000 for path in files)
    assert last_lines(tmp_path)[-1].endswith("line 199")


def test_a_key_in_a_message_is_redacted_in_the_file(tmp_path: Path) -> None:
    handler = start_logging(tmp_path, "test")
    log.warning("answered 401 to %s", "sk-proj-abcdEFGH1234567890")
    stop_logging(handler)
    assert last_lines(tmp_path)[0].endswith("answered 401 to [redacted]")


def test_a_log_that_cannot_be_written_is_gone_without(tmp_path: Path) -> None:
    handler = start_logging(tmp_path / "missing", "test")
    log.info("into the void")
    stop_logging(handler)
    assert last_lines(tmp_path / "missing") == []


def test_a_link_in_the_place_of_the_log_is_not_followed(tmp_path: Path) -> None:
    other = tmp_path / "other"
    (tmp_path / logs.NAME).symlink_to(other)
    handler = start_logging(tmp_path, "test")
    log.info("hello")
    stop_logging(handler)
    assert not other.exists()
    assert last_lines(tmp_path) == []


def test_a_pipe_in_the_place_of_the_log_holds_nobody_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / logs.NAME)
    program = WRITER + "assert logs.last_lines(Path(sys.argv[1])) == []"
    subprocess.run([sys.executable, "-c", program, str(tmp_path), "p"], check=True, timeout=60)
