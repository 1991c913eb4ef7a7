"""Why a request gets no answer, or no more of it."""

from __future__ import annotations

from typing import Any


class Gone(Exception):
    """Whoever asked has left."""


class Refused(Exception):
    """A request that cannot be answered, with its status and what is wrong."""

    def __init__(self, status: int, message: str, **more: Any) -> None:
        super().__init__(message)
        self.status = status
        self.detail = {"code": status, "message": message, **more}
