"""The bundle is what the preview showed, holds no key, and is for its owner only."""

from __future__ import annotations

import stat
import zipfile
from pathlib import Path

import pytest

from aqe_desktop.core.errors import SettingsBroken, StorageFailed, UsageError
from aqe_desktop.machine.files import write_private
from aqe_desktop.machine.logs import redacted
from aqe_desktop.services.diagnostics import DiagnosticsService, Sources
from aqe_desktop.services.doctor import Check, DoctorService, Finding

CANARY = "sk-live-" + "a1b2c3d4" * 4


def broken() -> str:
    raise UsageError("It is broken.", "Mend it.")


def unreadable() -> dict[str, str]:
    raise SettingsBroken("settings.toml, line 3 cannot be read.")


DOCTOR = DoctorService((Check("one", lambda: f"fine {CANARY}"), Check("two", broken)))


def service(settings: object = dict) -> DiagnosticsService:
    sources = Sources(
        versions=lambda: {"aqe-desktop": "0"},
        settings=settings,  # type: ignore[arg-type]
        log=lambda: ["a line", f"Authorization: Bearer {CANARY}"],
        redact=redacted,
        write=write_private,
    )
    return DiagnosticsService(DOCTOR, sources)


async def test_a_failing_check_is_a_finding_with_its_next_step_and_stops_no_other() -> None:
    findings = await DoctorService((Check("bad", broken), Check("good", lambda: "well"))).run()
    assert findings == [Finding("bad", False, "It is broken.", "Mend it."), Finding("good", True, "well")]


async def test_what_is_saved_is_what_was_shown(tmp_path: Path) -> None:
    diagnostics = service()
    bundle = await diagnostics.collect()
    path = tmp_path / "report.zip"
    await diagnostics.save(bundle, path)
    with zipfile.ZipFile(path) as archive:
        saved = {name: archive.read(name).decode() for name in archive.namelist()}
    assert saved == dict(bundle.files)
    assert all(text.rstrip() in bundle.preview for text in saved.values())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_no_key_gets_into_a_bundle() -> None:
    preview = (await service().collect()).preview
    assert CANARY not in preview
    assert "[redacted]" in preview


async def test_settings_that_cannot_be_read_say_so_in_their_place() -> None:
    files = dict((await service(unreadable).collect()).files)
    assert "line 3 cannot be read" in files["settings.json"]


async def test_a_bundle_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    diagnostics = service()
    with pytest.raises(StorageFailed):
        await diagnostics.save(await diagnostics.collect(), tmp_path / "none" / "report.zip")
    assert list(tmp_path.glob("**/report*")) == []
