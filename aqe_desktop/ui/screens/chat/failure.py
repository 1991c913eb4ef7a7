"""What is said when a reply failed, under the message or in the banner: what happened, and the acts that help."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from aqe_desktop.core.chat import Role, State
from aqe_desktop.core.errors import AqeError, EngineCrashed
from aqe_desktop.core.history import StoredMessage
from aqe_desktop.core.models import Phase, RuntimeStatus

IDLE = "No answer was under way, and nothing is lost."


class Act(StrEnum):
    """The words on a button; NONE shows no button."""

    RETRY = "Retry"
    START_ENGINE = "Start the engine again"
    CONTINUE = "Continue"
    NONE = ""


# Trying again changes nothing about these: the hint says what would.
_NO_RETRY = {"context_too_long", "usage", "model_broken", "database_too_new", "settings_broken", "nothing_local"}
_ENGINE = {"engine_crashed", "unreachable", "not_enough_memory"}
# Over as soon as a model is loaded; and as soon as the disk takes what it refused.
_LOADING = {*_ENGINE, "model_broken", "nothing_local", "provider_failed"}
_STORAGE = {"disk_full", "read_only", "storage_failed"}


@dataclass(frozen=True, slots=True)
class Failure:
    """One failure as it is shown; `message_id` is the failed answer, or None where the question was never stored.

    One of an answer stands under it, whole and with its buttons; the banner is for all others."""

    message: str
    hint: str
    kind: str
    message_id: int | None = None

    def acts(self, *, engine_up: bool) -> tuple[Act, ...]:
        """The acts that help, the first one first; a failure of no message can only be dismissed or sent again."""
        again = (Act.RETRY,) if self.message_id and self.kind not in _NO_RETRY else ()
        start = (Act.START_ENGINE,) if self.kind in _ENGINE and not engine_up else ()
        return (*start, *again)

    def next_step(self, *, engine_up: bool, begun: bool) -> str:
        """The hint, or what to do now that the engine is there again; `begun`: some of the answer had arrived."""
        if not engine_up or self.kind not in _ENGINE:
            return self.hint
        on = "; Continue goes on from what is kept" if begun else ""
        return f"The engine is running again. Retry asks once more{on}."

    @property
    def of_loading(self) -> bool:
        """It kept the model from being loaded; what it did to an answer stands under that."""
        return self.message_id is None and self.kind in _LOADING

    @property
    def of_asking(self) -> bool:
        """The question could not be asked as things stood; it is still in the composer."""
        return self.message_id is None and self.kind == "usage"

    @property
    def of_storage(self) -> bool:
        return self.kind in _STORAGE

    def stands_in(self, messages: Sequence[StoredMessage]) -> bool:
        """Whether its message is among these and says it itself."""
        return any(message.id == self.message_id and message.state is State.FAILED for message in messages)


def of_error(error: AqeError, message_id: int | None = None) -> Failure:
    """The failure for an error that was raised."""
    return Failure(error.message, error.hint, error.kind, message_id)


def of_engine(status: RuntimeStatus | None) -> Failure | None:
    """The failure of an engine that ended while nothing was asked; None while it has not."""
    if status is None or status.phase is not Phase.FAILED:
        return None
    # That of a crash speaks of an answer which was broken off.
    hint = IDLE if status.hint == EngineCrashed.default_hint else status.hint
    return Failure(status.message or "The engine ended.", hint, EngineCrashed.kind)


def of_message(message: StoredMessage) -> Failure:
    """The failure that a failed answer keeps."""
    error = message.reply.error or {}
    text = error.get("message", "The reply failed.")
    return Failure(text, error.get("hint", ""), error.get("kind", "error"), message.id)


def at_the_end_of(branch: Sequence[StoredMessage]) -> Failure | None:
    """The failure a chat ends with, read from disk: it is still there after a restart."""
    last = branch[-1] if branch else None
    if last is None or last.role is not Role.ASSISTANT or last.state is not State.FAILED:
        return None
    return of_message(last)
