"""The lock on a file that tells processes over one data folder who is alive."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from aqe_desktop.locks import FileLock

_HOLD = (
    "import sys; from pathlib import Path; from aqe_desktop.locks import FileLock;"
    "lock = FileLock(Path(sys.argv[1])); print(lock.try_exclusive(), flush=True); sys.stdin.read()"
)


def test_a_lock_has_one_holder_and_is_free_again_when_that_one_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    lock = FileLock(path)
    with holder:
        assert holder.stdout is not None
        assert holder.stdout.readline().strip() == "True"
        assert not lock.try_exclusive()
        holder.kill()
    assert lock.try_exclusive()
    lock.release()


def test_shared_holders_stand_beside_each_other_and_keep_an_exclusive_one_out(tmp_path: Path) -> None:
    first, second, alone = (FileLock(tmp_path / "lock") for _ in range(3))
    assert first.try_shared()
    assert second.try_shared()
    assert not alone.try_exclusive()
    first.release()
    second.release()
    assert alone.try_exclusive()
    alone.release()
