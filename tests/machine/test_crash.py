"""A marker tells of a process that was killed, once, and never of one that lives or left in order."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from aqe_desktop.machine.crash import marked


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "running"
    made.mkdir()
    return made


HOLDER = """
import sys
from collections.abc import Callable
from pathlib import Path
from aqe_desktop.machine.crash import marked
with marked(Path(sys.argv[1]), "window"):
    print("held", flush=True)
    sys.stdin.readline()
"""


def holder(folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", HOLDER, str(folder)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_a_killed_process_is_told_of_once(folder: Path) -> None:
    killed = holder(folder)
    killed.kill()
    killed.communicate()
    with marked(folder, "aqe chat") as crashes:
        assert [(crash.process, crash.pid) for crash in crashes] == [("window", killed.pid)]
        with marked(folder, "aqe models") as again:
            assert again == ()
    assert list(folder.iterdir()) == []


def test_a_living_process_and_one_that_left_in_order_are_no_crashes(folder: Path) -> None:
    living, leaving = holder(folder), holder(folder)
    leaving.communicate("\n")
    with marked(folder, "aqe chat") as crashes:
        assert crashes == ()
    living.communicate("\n")
    assert list(folder.iterdir()) == []


def test_an_exception_is_no_crash(folder: Path) -> None:
    try:
        with marked(folder, "aqe chat"):
            raise KeyboardInterrupt
    except KeyboardInterrupt:
        assert list(folder.iterdir()) == []


def test_a_damaged_marker_is_cleared_away(folder: Path) -> None:
    (folder / "0.json").write_text("{")
    with marked(folder, "aqe chat") as crashes:
        assert crashes == ()
    assert list(folder.iterdir()) == []


def no_folder(folder: Path) -> None:
    folder.rmdir()
    folder.touch()


def no_room(folder: Path) -> None:
    """Names of markers do not fit: as with no inodes left, none can be made."""
    folder.rmdir()
    folder.symlink_to("/proc/self/task")


@pytest.mark.parametrize("damage", [no_folder, no_room])
def test_a_folder_that_takes_no_marker_is_gone_without(folder: Path, damage: Callable[[Path], None]) -> None:
    damage(folder)
    with marked(folder, "aqe chat") as crashes:
        assert crashes == ()


def test_an_error_of_the_work_itself_passes_as_it_is(folder: Path) -> None:
    with pytest.raises(PermissionError), marked(folder, "aqe chat"):
        raise PermissionError(13, "of the work")
    assert list(folder.iterdir()) == []


def test_a_marker_whose_lock_cannot_be_opened_hides_no_other(folder: Path) -> None:
    (folder / "0.json").write_text("{}")
    (folder / "0.lock").mkdir()
    killed = holder(folder)
    killed.kill()
    killed.communicate()
    with marked(folder, "aqe chat") as crashes:
        assert [crash.pid for crash in crashes] == [killed.pid]


def test_a_process_with_a_marker_writes_no_core_dump(folder: Path) -> None:
    code = HOLDER.replace(
        'print("held", flush=True)', "import resource; print(resource.getrlimit(resource.RLIMIT_CORE))"
    )
    ended = subprocess.run([sys.executable, "-c", code, str(folder)], input="\n", capture_output=True, text=True)
    assert ended.stdout.strip() == "(0, 0)"
