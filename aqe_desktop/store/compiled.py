"""The privacy rules as the fast engine reads them: made once for a machine and a version, then loaded in no time."""

from __future__ import annotations

import logging
from contextlib import suppress
from pathlib import Path

from aqe_desktop.core.errors import AqeError
from aqe_desktop.machine.files import write_private

log = logging.getLogger(__name__)
_KEPT = 2
"""Compiled rules that stay: those in use, and those of the version before."""


class CompiledRules:
    """A folder of compiled rules by their key. It is a cache: what cannot be read or written is made again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, key: str) -> bytes | None:
        try:
            return self._path(key).read_bytes()
        except OSError:
            return None

    def put(self, key: str, compiled: bytes) -> None:
        """A full or read-only disk costs the next start its seconds, and no more."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write_private(self._path(key), compiled)
        except (AqeError, OSError) as error:
            log.warning("the compiled privacy rules cannot be kept: %s", error)
            return
        self._remove_old()

    def _path(self, key: str) -> Path:
        return self._folder / f"rules-{key}.bin"

    def _remove_old(self) -> None:
        with suppress(OSError):
            kept = sorted(self._folder.glob("rules-*.bin"), key=lambda path: path.stat().st_mtime, reverse=True)
            for path in kept[_KEPT:]:
                path.unlink(missing_ok=True)
