"""A deliberate yes: bound to the exact bytes, the host and the model, so that it can serve for nothing else."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from aqe_desktop.core.models import ModelRef


@dataclass(frozen=True, slots=True)
class Consent:
    """The user's yes to send this body there. `host` is the network name, with its port where that is not the usual
    one; `sha256` is of the body as it would be sent. Any change voids it."""

    model: ModelRef
    host: str
    sha256: str

    def __str__(self) -> str:
        """As a ledger row keeps it."""
        return f"{self.host} {self.model} {self.sha256}"


@dataclass(frozen=True, slots=True)
class Body:
    """A request as it would be sent: to which host, and its exact bytes. Two made of the same content are equal."""

    host: str
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()
