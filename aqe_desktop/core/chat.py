"""The values of a conversation: what is asked, how it is sampled, and the events that come back."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import PurePath
from typing import Any

from aqe_desktop.core.ledger import Purpose
from aqe_desktop.core.models import ModelRef, Place, Zone
from aqe_desktop.core.money import Cost
from aqe_desktop.core.usage import Timing, Usage


class Role(StrEnum):
    """Who speaks; a system prompt is a parameter of the chat, and becomes a message only on the wire."""

    SYSTEM = "system"
    USER = "user"
    ASSISTANT = "assistant"


class State(StrEnum):
    """How a stored message stands. `streaming` on disk without a living writer means a crash: it becomes `cut`."""

    COMPLETE = "complete"
    STREAMING = "streaming"
    STOPPED = "stopped"
    FAILED = "failed"
    CUT = "cut"


MEDIA = ("image/png", "image/jpeg", "image/webp", "image/gif")
"""The kinds of images that can be attached, by their names on the wire."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A text file or an image as it was when attached: the snapshot is what is sent, whatever the file becomes.

    Of an image `text` is "", `data` its bytes as they were, and `media` one of MEDIA.

    `path`: where it lay, absolute, for the policies there; "" where it never was a file. It is not sent.
    `private`: why that place made it private when it was attached, whatever becomes of the place; "" where nothing
    did, and where nobody kept it."""

    name: str
    text: str
    path: str = field(default="", compare=False)
    private: str = field(default="", compare=False)
    data: bytes = field(default=b"", repr=False)
    media: str = ""

    @property
    def is_image(self) -> bool:
        return bool(self.media)

    @property
    def content(self) -> bytes:
        """The snapshot: an image as it is, text in UTF-8."""
        return self.data if self.media else self.text.encode()

    @property
    def size(self) -> int:
        """Bytes of the snapshot."""
        return len(self.content)


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it is sent to a model."""

    role: Role
    text: str
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True, slots=True)
class Origin:
    """The file that a text was read from: its absolute path, and why that made it private then, as of an Attachment."""

    path: str
    private: str = ""


THINK = ("off", "on", "low", "medium", "high")
"""Values of `Sampling.think` beside "", the model's own way. The last three are for models that know levels."""


@dataclass(frozen=True, slots=True)
class Sampling:
    """Sampling parameters; None and "" leave the engine's default. `seed` None is random, `max_output` in tokens.

    `think`: whether, or how much, a model that can reasons first, one of THINK. `schema`: a JSON schema, as text, that
    the answer must fit. `tools`: what the model may ask to be called, as text in the form of core.tools.

    `schema_from` and `tools_from`: the files that these were read from, for the policies there; they are not sent."""

    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()
    max_output: int | None = None
    think: str = ""
    schema: str = ""
    tools: str = ""
    schema_from: Origin | None = field(default=None, compare=False)
    tools_from: Origin | None = field(default=None, compare=False)

    @property
    def files(self) -> tuple[Attachment, ...]:
        """What is sent of files beside the messages."""
        pairs = ((self.schema, self.schema_from), (self.tools, self.tools_from))
        return tuple(
            Attachment(PurePath(origin.path).name, text, origin.path, origin.private)
            for text, origin in pairs
            if text and origin
        )

    @property
    def written(self) -> str:
        """What is sent of texts beside the messages, and is of no file."""
        typed = ("" if self.schema_from else self.schema, "" if self.tools_from else self.tools)
        return "\n".join((*self.stop, *typed)).strip()


@dataclass(frozen=True, slots=True)
class Parameters:
    """What the inspector sets for one chat: the system prompt and the sampling; also the body of a named preset.

    `preset` is the name these were chosen by; it makes no difference between two that say the same."""

    system: str = ""
    sampling: Sampling = field(default_factory=Sampling)
    preset: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Route:
    """A model with the place where it would answer."""

    model: ModelRef
    place: Place


@dataclass(frozen=True, slots=True)
class Turn:
    """A request that routing has cleared: exact messages, a farthest zone, and the routes it may take, best first.

    Made by `routing` only. A failover moves along `routes`: nearer or as near, never farther, never beside them.
    `project` is the folder whose policy counted, "" without one; `consent` names the yes that widened the zone."""

    messages: tuple[Message, ...]
    routes: tuple[Route, ...]
    sampling: Sampling = field(default_factory=Sampling)
    farthest: Zone = Zone.DEVICE
    rule: str = ""
    project: str = ""
    consent: str = ""
    purpose: Purpose = Purpose.CHAT

    @property
    def model(self) -> ModelRef:
        return self.routes[0].model

    @property
    def place(self) -> Place:
        return self.routes[0].place


@dataclass(frozen=True, slots=True)
class Stored:
    """The rows that hold this exchange: the conversation, the question, and the answer that is being written."""

    conversation: int
    question: int
    answer: int


@dataclass(frozen=True, slots=True)
class Routed:
    """Where the turn goes and why; always before the first word of an answer."""

    model: ModelRef
    place: Place
    rule: str
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Loading:
    """The engine is getting ready; `progress` 0..1, None where no total is known; `what` is a short participle."""

    what: str
    progress: float | None = None


@dataclass(frozen=True, slots=True)
class ReadingPrompt:
    """The model reads the prompt: tokens done of tokens in all, `reused` of them from its cache."""

    done: int
    total: int
    reused: int = 0


@dataclass(frozen=True, slots=True)
class FirstToken:
    """The answer begins, so many seconds after its question was kept; sent once, the figure is final."""

    after_s: float


@dataclass(frozen=True, slots=True)
class TextDelta:
    """Some more text of the answer, never empty."""

    text: str


@dataclass(frozen=True, slots=True)
class ReasoningDelta:
    """Some more of the model's reasoning, where it keeps that apart from its answer."""

    text: str


@dataclass(frozen=True, slots=True)
class ToolCalled:
    """The model asks for one of the tools that it was offered; nothing here calls it. `arguments` is a JSON object as
    text; `id` is the server's own name for the call, "" where it gives none."""

    name: str
    arguments: str
    id: str = ""


@dataclass(frozen=True, slots=True)
class Noted:
    """Something the user should know about this reply, said in one sentence."""

    text: str


@dataclass(frozen=True, slots=True)
class Finished:
    """The end of an answer: `reason` is stop | length | cancelled, `received` the sampling the engine says it used."""

    reason: str
    usage: Usage
    timing: Timing
    received: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Metered:
    """The bill of the reply, sent once after `Finished`."""

    usage: Usage
    timing: Timing
    cost: Cost


ChatEvent = (
    Stored
    | Routed
    | Loading
    | ReadingPrompt
    | FirstToken
    | TextDelta
    | ReasoningDelta
    | ToolCalled
    | Noted
    | Finished
    | Metered
)
