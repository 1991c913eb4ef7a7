"""The doctor looks at everything, whatever breaks on the way."""

from __future__ import annotations

from aqe_desktop.core.errors import ModelBroken
from aqe_desktop.services.doctor import Check, DoctorService, Finding


def refused() -> str:
    raise PermissionError(13, "Permission denied")


def deep() -> str:
    raise RecursionError("maximum recursion depth exceeded")


def broken() -> str:
    raise ModelBroken("It is damaged.", "Replace it.")


async def test_a_check_that_breaks_hides_none_of_the_others() -> None:
    looks = {"deep": deep, "refused": refused, "broken": broken, "sound": lambda: "fine"}
    found = await DoctorService([Check(name, look) for name, look in looks.items()]).run()
    assert [finding.name for finding in found] == list(looks)
    assert [finding.ok for finding in found] == [False, False, False, True]
    assert all(finding.detail and finding.hint for finding in found[:3])
    assert "RecursionError" in found[0].detail
    assert found[2] == Finding("broken", False, "It is damaged.", "Replace it.")
