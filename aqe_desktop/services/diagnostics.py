"""A report that a user can read before giving it away: versions, settings, checks and the log's end, no content."""

from __future__ import annotations

import asyncio
import io
import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Protocol

from aqe_desktop.core.errors import AqeError
from aqe_desktop.services.doctor import DoctorService


@dataclass(frozen=True, slots=True)
class Bundle:
    """The files of a bundle by name, as they will be saved."""

    files: tuple[tuple[str, str], ...]

    @property
    def preview(self) -> str:
        """Everything that would be saved, as one text."""
        return "\n".join(f"--- {name} ---\n{text.rstrip()}\n" for name, text in self.files)


class Write(Protocol):
    """Writes a file; an existing one goes only with `replace`."""

    def __call__(self, path: Path, data: bytes, *, replace: bool) -> None: ...


@dataclass(frozen=True, slots=True)
class Sources:
    """What a bundle is made of, read when asked. `settings` without anything the user wrote; `redact` strips keys."""

    versions: Callable[[], Mapping[str, str]]
    settings: Callable[[], Mapping[str, Any]]
    log: Callable[[], list[str]]
    redact: Callable[[str], str]
    write: Write


class DiagnosticsService:
    """First `collect` and show `preview`, then `save` exactly that."""

    def __init__(self, doctor: DoctorService, sources: Sources) -> None:
        self._doctor = doctor
        self._sources = sources

    async def collect(self) -> Bundle:
        """Gather what there is; an unreadable part says so in its place."""
        findings = [asdict(finding) for finding in await self._doctor.run()]
        log = await asyncio.to_thread(self._sources.log)
        files = (
            ("versions.json", _json(self._sources.versions())),
            ("settings.json", _json(_readable(self._sources.settings))),
            ("doctor.json", _json(findings)),
            ("log.txt", "\n".join(log)),
        )
        return Bundle(tuple((name, self._sources.redact(text)) for name, text in files))

    async def save(self, bundle: Bundle, path: Path, *, replace: bool = True) -> None:
        """Write the bundle as a zip file for its owner only; without `replace` an existing file is a UsageError.

        Raises StorageFailed or a kind of it."""
        await asyncio.to_thread(self._sources.write, path, _zipped(bundle), replace=replace)


def _readable(read: Callable[[], Mapping[str, Any]]) -> Mapping[str, Any]:
    try:
        return read()
    except AqeError as error:
        return {"error": error.as_json()}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def _zipped(bundle: Bundle) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in bundle.files:
            archive.writestr(name, text)
    return data.getvalue()
