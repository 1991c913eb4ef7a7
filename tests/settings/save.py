"""Another process that saves one setting again and again, and looks each time whether the last save is still there.

`save.py FILE KEY COUNT`; begins with a line on standard input, so that several begin together."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path.cwd()))

from aqe_desktop.settings.file import SettingsFile

file = SettingsFile(Path(sys.argv[1]))
section, key = sys.argv[2].split(".")
file.load()
sys.stdin.readline()
for number in range(int(sys.argv[3])):
    file.change_now({sys.argv[2]: 400 + number})
    kept = getattr(getattr(file.load(), section), key)
    if kept != 400 + number:
        sys.exit(f"{sys.argv[2]} was {400 + number} and became {kept}")
