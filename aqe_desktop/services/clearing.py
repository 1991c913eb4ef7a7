"""From messages to a turn: where the model runs, and whether these messages may go there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aqe_desktop.core.chat import Message, Sampling
from aqe_desktop.core.errors import AqeError, ConsentNeeded, NothingLocal, PrivacyRefused
from aqe_desktop.core.ledger import Purpose
from aqe_desktop.core.models import ModelRef
from aqe_desktop.core.policy import LOCAL_ONLY
from aqe_desktop.routing.clear import Candidate, Clearance, Refused, clear
from aqe_desktop.services.models import ModelService

_ERRORS: dict[Refused, type[AqeError]] = {
    Refused.BLOCKED: PrivacyRefused,
    Refused.ASK: ConsentNeeded,
    Refused.NOTHING_LOCAL: NothingLocal,
}


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody wants to send: the exact messages, to the model that was chosen, for a purpose."""

    messages: Sequence[Message]
    model: ModelRef
    sampling: Sampling = Sampling()  # noqa: RUF009 - frozen
    project: str = ""
    purpose: Purpose = Purpose.CHAT


class Clearing:
    """The one way from a request to a Turn."""

    def __init__(self, models: ModelService) -> None:
        self._models = models

    async def clear(self, request: Request) -> Clearance:
        """The turn, by where the model runs now. Raises PrivacyRefused, ConsentNeeded or NothingLocal."""
        candidate = Candidate(request.model, await self._models.place(request.model))
        decided = clear(
            request.messages,
            (),
            (candidate,),
            LOCAL_ONLY,
            sampling=request.sampling,
            named=True,
            project=request.project,
            purpose=request.purpose,
        )
        if isinstance(decided, Clearance):
            return decided
        raise _ERRORS[decided.reason](decided.message, decided.hint)
