"""The installed Qt binding keeps its reference counts: 6.12.0 on Python 3.11 loses one per call and kills the process.

Judged by exit status, in a process of its own: the damage shows as an abort, after pytest has said "passed"."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import PySide6
import shiboken6

_BUSY = """
import sys
from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal

class Talker(QObject):
    flag = Signal(bool)
    thing = Signal(object)

application = QCoreApplication([])
talker, heard = Talker(), [0]

def hear(value):
    heard[0] += 1

talker.flag.connect(hear)
talker.thing.connect(hear)
singletons = (None, True, False)
before = [sys.getrefcount(one) for one in singletons]
for number in range(20_000):
    talker.setObjectName(f"talker {number}")
    talker.flag.emit(number % 2 == 0)
    talker.thing.emit(singletons[number % 3])
left = [2_000]

def tick():
    left[0] -= 1
    if not left[0]:
        application.exit(0)

timer = QTimer()
timer.timeout.connect(tick)
timer.start(0)
application.exec()
lost = [old - sys.getrefcount(one) for old, one in zip(before, singletons)]
assert heard[0] == 40_000, heard
# A sound binding loses none; the counts move by a handful for other reasons.
assert all(number < 1_000 for number in lost), lost
"""


def test_twenty_thousand_calls_and_signals_lose_no_reference() -> None:
    done = subprocess.run([sys.executable, "-c", _BUSY], capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_binding_is_of_the_sound_range() -> None:
    for version in (PySide6.__version__, shiboken6.__version__):
        assert (6, 10) <= tuple(int(part) for part in version.split(".")[:2]) < (6, 12)


def test_the_package_asks_for_the_sound_range() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))
    gui = project["project"]["optional-dependencies"]["gui"]
    assert {"PySide6_Essentials>=6.10,<6.12", "shiboken6>=6.10,<6.12"} <= set(gui)
