"""A deliberate yes: bound to the exact bytes, the host and the model, so that it can serve for nothing else."""

from __future__ import annotations

from dataclasses import dataclass

from aqe_desktop.core.models import ModelRef


@dataclass(frozen=True, slots=True)
class Consent:
    """The user's yes to send this body there. `sha256` is of the body as it would be sent; any change voids it."""

    model: ModelRef
    sha256: str

    def __str__(self) -> str:
        return f"{self.model} {self.sha256}"
