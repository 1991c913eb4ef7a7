"""From messages to a turn: what is private in them, where the model runs, and whether these messages may go there."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import KW_ONLY, dataclass

from aqe_desktop.core.chat import Attachment, Message, Role, Sampling, Turn
from aqe_desktop.core.errors import AqeError, ConsentNeeded, NothingLocal, PrivacyRefused
from aqe_desktop.core.findings import Found, Taint
from aqe_desktop.core.ledger import Purpose
from aqe_desktop.core.models import ModelRef
from aqe_desktop.core.tools import in_the_clear
from aqe_desktop.routing.clear import Candidate, Clearance, Refused, clear
from aqe_desktop.routing.zones import is_here
from aqe_desktop.services.models import ModelService
from aqe_desktop.services.policy import PolicyService
from aqe_desktop.services.privacy import PrivacyService, paths_of

_ERRORS: dict[Refused, type[AqeError]] = {
    Refused.BLOCKED: PrivacyRefused,
    Refused.ASK: ConsentNeeded,
    Refused.NOTHING_LOCAL: NothingLocal,
}


@dataclass(frozen=True, slots=True)
class Content:
    """What may be private: the exact messages and what goes beside them, in a project, and what they were made with."""

    messages: Sequence[Message]
    project: str = ""
    taints: Collection[Taint] = ()
    _: KW_ONLY
    sampling: Sampling = Sampling()  # noqa: RUF009 - frozen


@dataclass(frozen=True, slots=True)
class Request(Content):
    """What somebody wants to send, to the model that was chosen, for a purpose.

    `anyway`: the user has seen the findings and said yes to this."""

    _: KW_ONLY
    model: ModelRef
    purpose: Purpose = Purpose.CHAT
    anyway: bool = False


@dataclass(frozen=True, slots=True)
class Cleared:
    """The clearance of a request, and the findings that it was decided by."""

    clearance: Clearance
    found: tuple[Found, ...]

    @property
    def turn(self) -> Turn:
        return self.clearance.turn


class Clearing:
    """The one way from a request to a Turn."""

    def __init__(self, models: ModelService, policies: PolicyService, privacy: PrivacyService) -> None:
        self._models = models
        self._policies = policies
        self._privacy = privacy

    async def clear(self, request: Request) -> Cleared:
        """The turn, by the policies of the project and of its files, by every text of the request as it is now, and by
        where the model runs now. Raises PrivacyRefused, ConsentNeeded or NothingLocal.

        What stays on this device, proved, is not held up: what is not read yet counts as private, and may go there."""
        candidate = await self._candidate(request)
        here = is_here(candidate.place)
        found = await self.found(request, final=not here)
        policy = (await self._policies.effective(request.project or None, paths_of(texts_of(request)))).policy
        decided = clear(
            request.messages,
            found,
            (candidate,),
            policy,
            sampling=request.sampling,
            named=True,
            project=request.project,
            purpose=request.purpose,
            consents=(candidate.consent,) if request.anyway and candidate.consent else (),
        )
        if isinstance(decided, Clearance):
            return Cleared(decided, found)
        raise _ERRORS[decided.reason](decided.message, decided.hint)

    async def _candidate(self, request: Request) -> Candidate:
        """Where the body would leave this device: with the host and hash that a yes is bound to.

        Nobody says yes to a count, for which nothing leaves; its body would be made at each pause while typing."""
        place = await self._models.place(request.model)
        if is_here(place) or request.purpose is Purpose.COUNT:
            return Candidate(request.model, place)
        body = await self._models.runtime(request.model).body(request.model, request.messages, request.sampling)
        if body is None:
            return Candidate(request.model, place)
        return Candidate(request.model, place, body.host, await asyncio.to_thread(lambda: body.sha256))

    async def found(self, content: Content, *, final: bool = False) -> tuple[Found, ...]:
        """What binds or hints in a request: what its texts hold, by their places in `texts_of` it, and what they were
        made with."""
        found = await self._privacy.scan(texts_of(content), content.project, final=final)
        return (*found, *await self._privacy.tainted(content.taints, found, content.project))

    async def placed(self, file: Attachment) -> Attachment:
        """A file that is attached now, with why its place makes it private."""
        return await self._privacy.placed(file)

    async def taints_of(self, found: Sequence[Found]) -> list[Taint]:
        """What is to be remembered of the findings of a request."""
        return await self._privacy.taints_of(found)


def texts_of(content: Content) -> tuple[Message, ...]:
    """All that a person gave and that would be sent, the question last."""
    beside = beside_of(content.sampling)
    return (beside, *content.messages) if beside.text or beside.attachments else tuple(content.messages)


def beside_of(sampling: Sampling) -> Message:
    """What goes along with the messages: words that end an answer, a schema and tools, those of a file as that file;
    and as they are sent, for JSON is read and written anew."""
    told = (sampling.written, *(in_the_clear(each) for each in (sampling.schema, sampling.tools)))
    return Message(Role.SYSTEM, "\n".join(filter(None, told)), sampling.files)
