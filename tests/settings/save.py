"""Another process that saves one setting again and again: `save.py FILE KEY COUNT`."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path.cwd()))

from aqe_desktop.settings.file import SettingsFile

file = SettingsFile(Path(sys.argv[1]))
for number in range(int(sys.argv[3])):
    file.change_now({sys.argv[2]: 400 + number})
