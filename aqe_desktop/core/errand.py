"""An outbound request without user content: key test, model list, health poll, download, balance."""

from __future__ import annotations

from dataclasses import dataclass

from aqe_desktop.core.ledger import Purpose
from aqe_desktop.core.models import Place


@dataclass(frozen=True, slots=True)
class Errand:
    """What the door asks before it opens: why, whom (`of` is the runtime's or provider's id), and where that runs."""

    purpose: Purpose
    of: str
    place: Place
