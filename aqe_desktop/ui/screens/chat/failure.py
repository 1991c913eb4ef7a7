"""What the banner says when a reply failed: what happened, the next step, and the one act that helps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from aqe_desktop.core.chat import Role, State
from aqe_desktop.core.errors import AqeError
from aqe_desktop.core.history import StoredMessage


class Act(StrEnum):
    """The words on the banner's button; NONE shows no button."""

    RETRY = "Retry"
    START_ENGINE = "Start the engine again"
    CONTINUE = "Continue"
    NONE = ""


# Trying again changes nothing about these: the hint says what would.
_NO_RETRY = {"context_too_long", "usage", "model_broken", "database_too_new", "settings_broken", "nothing_local"}
_ENGINE = {"engine_crashed", "unreachable", "not_enough_memory"}


@dataclass(frozen=True, slots=True)
class Failure:
    """One failure as it is shown; `message_id` is the failed answer, or None where the question was never stored."""

    message: str
    hint: str
    kind: str
    message_id: int | None = None

    @property
    def acts(self) -> tuple[Act, ...]:
        """The acts that help, the first one first; a failure of no message can only be dismissed or sent again."""
        if self.kind in _ENGINE:
            return (Act.START_ENGINE, Act.RETRY) if self.message_id else (Act.START_ENGINE,)
        return (Act.RETRY,) if self.message_id and self.kind not in _NO_RETRY else ()


def of_error(error: AqeError, message_id: int | None = None) -> Failure:
    """The failure for an error that was raised."""
    return Failure(error.message, error.hint, error.kind, message_id)


def at_the_end_of(branch: Sequence[StoredMessage]) -> Failure | None:
    """The failure a chat ends with, read from disk: it is still there after a restart."""
    last = branch[-1] if branch else None
    if last is None or last.role is not Role.ASSISTANT or last.state is not State.FAILED:
        return None
    error = last.reply.error or {}
    message = error.get("message", "The reply failed.")
    return Failure(message, error.get("hint", ""), error.get("kind", "error"), last.id)
