"""Small private files of what was found out once: hashes, speeds, facts of models. Losing one costs only time."""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

# Seconds after which a draft was left by a process that is gone: writing one takes a thousandth of that.
_STALE = 60.0


def read(path: Path) -> dict[str, Any]:
    """What stands there, or nothing where it cannot be read."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def write(path: Path, values: Mapping[str, Any]) -> None:
    """Replace the file in one step, for its owner only. The draft has one name, so that killed processes leave one file
    at most; where it is taken, or the folder cannot be written, the note is not kept."""
    draft = path.with_name(f"{path.name}.part")
    with contextlib.suppress(OSError):
        if draft.exists() and time.time() - draft.stat().st_mtime > _STALE:
            draft.unlink()
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(json.dumps(values))
            draft.replace(path)
        except OSError:
            draft.unlink()
