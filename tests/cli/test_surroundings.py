"""What the surroundings do is told as theirs: folders that are gone or closed, rows that no version wrote."""

from __future__ import annotations

import shlex
import sqlite3
import subprocess
from pathlib import Path

import pytest

from aqe_desktop.machine.paths import find_paths
from tests.cli.conftest import AQE, Command

SHORT = "--max-output 4 --temperature 0"


def test_a_working_folder_that_is_gone_is_no_project(aqe: Command) -> None:
    gone = aqe.folder / "gone"
    gone.mkdir()
    line = f"rmdir {shlex.quote(str(gone))}; {shlex.join(AQE)} chat Hi {SHORT}"
    done = subprocess.run(["sh", "-c", line], cwd=gone, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert aqe("history", "--json").json["conversations"][0]["project"] is None


@pytest.mark.parametrize(("words", "code"), [((), 0), (("--project", "{closed}/inner"), 2)], ids=["here", "named"])
def test_a_folder_that_may_not_be_looked_into_is_no_fault(
    aqe: Command, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], code: int
) -> None:
    """In this process, whose look at the folder is refused: a test may run as root, whom no folder refuses."""
    from aqe_desktop.cli import project
    from aqe_desktop.cli.main import main

    def refused(path: Path) -> Path:
        raise PermissionError(13, "Permission denied", str(path))

    for name in ("project_of", "named_project"):
        monkeypatch.setattr(project, name, refused)
    named = [word.format(closed=aqe.folder) for word in words]
    assert main(["chat", "Hi", *SHORT.split(), *named]) == code


def test_a_row_with_an_impossible_time_hides_no_conversation(aqe: Command) -> None:
    aqe("chat", "Hi", *SHORT.split())
    with sqlite3.connect(find_paths().database) as connection:
        connection.execute("UPDATE conversations SET created = ?, updated = ?", (2**62, -(2**62)))
        connection.execute("UPDATE messages SET created = ?", (2**62,))
    connection.close()
    (row,) = aqe("history", "--json").json["conversations"]
    assert (row["created"], row["updated"]) == ("", "")
    assert aqe("history").out.endswith("  Hi\n")
    assert "time unknown" in aqe("history", "show", "1").out
    assert aqe("history", "show", "1", "--json").json["messages"][0]["created"] == ""
