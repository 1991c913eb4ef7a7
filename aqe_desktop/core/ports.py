"""The few shapes through which services meet the outside world; adapters fit them, `app.py` joins them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from aqe_desktop.core.chat import Attachment, ChatEvent, Message, Parameters, Role, Sampling, State, Turn
from aqe_desktop.core.consent import Body
from aqe_desktop.core.embedding import Embedded
from aqe_desktop.core.feed import Feed
from aqe_desktop.core.findings import Dismissal, Taint
from aqe_desktop.core.history import Conversation, Draft, Head, Project, Reply, StoredMessage
from aqe_desktop.core.ledger import Anchor, Entry, Filter, Identity, Row, Totals, Verdict
from aqe_desktop.core.loading import LoadSettings
from aqe_desktop.core.models import Model, ModelDetails, ModelRef, Place, Removal, RuntimeStatus, SeenModels
from aqe_desktop.core.plan import Measured
from aqe_desktop.core.policy import OwnWord
from aqe_desktop.core.project_files import Fingerprinted
from aqe_desktop.core.transfers import Transfer


class Runtime(Protocol):
    """A local engine: what it has, how it stands, and the one way to let it answer.

    Nothing is started by `models`, `status` or `look`; `load` and `stream` start what they need, with the load settings
    that are saved for the model. Every method may raise ProviderFailed or one of its kinds."""

    @property
    def id(self) -> str: ...

    @property
    def takes(self) -> frozenset[str]:
        """Which of core.loading.SETTINGS it knows, by name; the others are shown as lacking."""

    @property
    def status(self) -> Feed[RuntimeStatus]: ...

    async def look(self) -> RuntimeStatus:
        """How it stands, read anew: also when another process of this profile runs it, which `status` does not show."""

    async def models(self, *, read: bool = True) -> list[Model]:
        """What can be loaded. With `read` False no model's file is read: names and sizes only, for who knows which.

        A runtime that is absent or does not run has none, and raises nothing."""

    async def load(self, model: ModelRef) -> None:
        """Returns when the model is ready; progress shows in `status`. Loading a loaded model is free."""

    async def unload(self, model: ModelRef | None = None) -> None:
        """Let go of the model, None of all; an engine of ours ends when no other process uses it. Also how a crashed
        one is cleared."""

    async def place(self, model: ModelRef) -> Place:
        """The zone of this model with its proof, read anew."""

    async def count(self, turn: Turn) -> int:
        """Prompt tokens of its messages, chat template included, by the engine's own tokenizer."""

    async def embed(self, turn: Turn) -> Embedded:
        """A vector for each message's text, in their order. The model need not be loaded.

        Raises ContextTooLong where one does not fit, for none is cut; ProviderFailed where the model or its server
        makes no vectors."""

    async def context(self, model: ModelRef) -> int:
        """Tokens one conversation can hold, as loaded."""

    async def body(self, model: ModelRef, messages: Sequence[Message], sampling: Sampling) -> Body | None:
        """Host and exact bytes that `stream` would send for a turn of this; None where none leave this device."""

    def stream(self, turn: Turn) -> AsyncGenerator[ChatEvent]:
        """The answer, as events from Loading to Finished. Closing the generator stops the engine's work.

        Raises ContextTooLong before any text, EngineCrashed in the middle."""

    async def aclose(self) -> None: ...


class Control(Protocol):
    """A runtime whose server this app can start and stop. Every method may raise ProviderFailed or a kind of it."""

    async def start(self) -> None:
        """Returns when it answers; free where it runs already, whoever started it."""

    async def stop(self) -> None:
        """End the server that this app started, and all it has started. UsageError for another's."""

    async def has_log(self) -> bool:
        """Whether there is a log to read: of the server that this app started, now or at any time before."""

    def logs(self, lines: int = 500) -> AsyncGenerator[str]:
        """Its log, line by line: the last so many, then what comes. No longer than this process can read it."""


class Stock(Protocol):
    """A runtime whose models can be brought in and removed. Every method may raise ProviderFailed or a kind of it."""

    def pull(self, name: str) -> AsyncGenerator[Transfer]:
        """Download a model by the name its registry knows. Closing the generator cancels; a later pull resumes."""

    @property
    def creates(self) -> bool:
        """Whether `create` and `copy` are to be offered; where not, they raise UsageError with the way there is."""

    def create(self, name: str, file: Path) -> AsyncGenerator[Transfer]:
        """Make a model of a GGUF file on this device. UsageError where the name is taken or is none, ModelBroken where
        the file is of another kind; closing the generator cancels."""

    async def copy(self, model: ModelRef, name: str) -> ModelRef:
        """The same model under another name as well. UsageError where the name is taken or is none."""

    @property
    def removes(self) -> Removal:
        """What `delete` does with the files."""

    async def delete(self, model: ModelRef) -> None:
        """Remove the model. ModelBroken where there is none, UsageError where it must stay."""

    async def used_by(self, model: ModelRef) -> tuple[str, ...]:
        """What else stands on its files beside the models of a list, or stays of them, one sentence each."""

    async def details(self, model: ModelRef) -> ModelDetails: ...


class LoadSettingsKept(Protocol):
    """The load settings of each model. Every method may raise StorageFailed or a kind of it."""

    async def get(self, model: ModelRef) -> LoadSettings:
        """All defaults where none are saved."""

    async def save(self, model: ModelRef, settings: LoadSettings) -> None: ...


class ModelsSeen(Protocol):
    """The models that each runtime had last. Every method may raise StorageFailed or a kind of it."""

    async def all(self) -> Mapping[str, SeenModels]:
        """By the runtime's id."""

    async def keep(self, runtime: str, seen: SeenModels) -> None: ...

    async def speeds(self) -> Mapping[ModelRef, float]:
        """Tokens a second of the last complete answer of each model, as far back as is worth looking."""


class MeasuredKept(Protocol):
    """What loads of models took. Every method may raise StorageFailed or a kind of it."""

    async def of(self, model: str, engine: str) -> Sequence[Measured]:
        """Of the model of this name in this version of an engine."""

    async def keep(self, model: str, engine: str, settings: str, found: Measured) -> None:
        """`settings` names a way of loading; of each one row is kept."""


class PullsKept(Protocol):
    """Downloads that were begun and not ended. Every method may raise StorageFailed or a kind of it."""

    async def all(self) -> Sequence[ModelRef]:
        """Oldest first."""

    async def add(self, model: ModelRef) -> None: ...

    async def remove(self, model: ModelRef) -> None: ...


class Ledger(Protocol):
    """The egress ledger as the door needs it."""

    async def append(self, entry: Entry) -> Row:
        """Chain the entry to the newest row, durably, across processes. Raises StorageFailed or a kind of it; whoever
        was about to send then does not."""


class Conversations(Protocol):
    """The kept conversations. Every method may raise StorageFailed or a kind of it; unknown ids raise UsageError."""

    async def create(
        self,
        title: str,
        *,
        project: str | None = None,
        model: ModelRef | None = None,
        parameters: Parameters | None = None,
    ) -> Conversation: ...

    async def get(self, conversation: int) -> Conversation: ...

    async def list(
        self, search: str = "", *, project: str | None = None, limit: int = 500, offset: int = 0
    ) -> Sequence[Conversation]:
        """Pinned first, then newest first. With `search`, those whose title or any message matches every word (prefixes
        count), `snippet` showing the first match. `project` None means all."""

    async def latest(self) -> Conversation | None: ...

    async def branch(self, conversation: int) -> Sequence[StoredMessage]:
        """The branch on show, first question to head."""

    async def messages(self, conversation: int) -> Sequence[StoredMessage]:
        """Every message of the tree, oldest first, partial and abandoned ones included."""

    async def message(self, message: int) -> StoredMessage: ...

    async def add(
        self,
        conversation: int,
        parent: int | Head | None,
        role: Role,
        text: str,
        *,
        state: State = State.COMPLETE,
        attachments: Sequence[Attachment] = (),
        reply: Reply | None = None,
    ) -> StoredMessage:
        """Append under `parent` and show the branch that ends here; durable when it returns.

        Under HEAD, the end of the branch on show, raises UsageError while another process asks or answers there."""

    async def keep(self, message: int, text: str, reasoning: str = "", reply: Reply | None = None) -> None:
        """Write what has arrived so far of a streaming answer; called about once a second.

        `reply` is what is known of it by now; without one, what was known stays."""

    async def finish(
        self, message: int, state: State, text: str, reasoning: str = "", reply: Reply | None = None
    ) -> None: ...

    async def show(self, message: int) -> None:
        """Make the branch through this message, to its newest leaf, the one on show."""

    async def rename(self, conversation: int, title: str) -> None: ...

    async def pin(self, conversation: int, pinned: bool) -> None: ...

    async def delete(self, conversation: int) -> None:
        """Hide it at once; it can be brought back with `restore` until it is purged seven days later."""

    async def restore(self, conversation: int) -> None: ...

    async def set_parameters(self, conversation: int, parameters: Parameters) -> None: ...

    async def set_model(self, conversation: int, model: ModelRef) -> None: ...

    async def set_draft(
        self, conversation: int | None, text: str, attachments: Sequence[Attachment] | None = None
    ) -> None:
        """The unsent text of a conversation, or of the new one that does not exist yet (None).

        `attachments` None leaves the unsent files as they are: they are large, and rarely change."""

    async def draft(self, conversation: int | None) -> Draft: ...

    async def questions(self, limit: int = 100) -> Sequence[str]:
        """The last texts the user sent, newest first, without repeats: the composer's input history."""

    async def recover(self) -> Sequence[StoredMessage]:
        """Mark answers whose writer is gone as cut, and return them."""

    async def taint(self, message: int, taints: Collection[Taint]) -> None:
        """Remember what a message was made with, as long as it lives."""

    async def taints(self, messages: Collection[int]) -> Collection[Taint]:
        """What any of these messages was made with."""

    async def data_version(self) -> int:
        """A number that differs after any other process has written."""


class Presets(Protocol):
    """Named sets of parameters."""

    async def list(self) -> dict[str, Parameters]: ...

    async def save(self, name: str, parameters: Parameters) -> None: ...

    async def remove(self, name: str) -> None: ...


class Projects(Protocol):
    """Folders the user opened, newest first."""

    async def list(self) -> Sequence[Project]: ...

    async def open(self, path: str) -> Project: ...

    async def remove(self, path: str) -> None: ...


class Dismissals(Protocol):
    """What the user called not private. Every method may raise StorageFailed or a kind of it."""

    async def marks(self, project: str) -> frozenset[str]: ...

    async def list(self, project: str | None = None) -> Sequence[Dismissal]:
        """Newest first; `project` None means all."""

    async def add(self, dismissal: Dismissal) -> None: ...

    async def remove(self, project: str, mark: str) -> bool:
        """Whether it was there."""


class Shingles(Protocol):
    """The fingerprints of a project's private files. Every method may raise StorageFailed or a kind of it."""

    async def load(self, project: str) -> Mapping[str, Fingerprinted]:
        """By path, as they were put."""

    async def put(self, project: str, changed: Mapping[str, Fingerprinted], gone: Collection[str]) -> None: ...


class Chain(Ledger, Protocol):
    """The whole ledger, as who shows and checks it needs it. Every method may raise StorageFailed or a kind of it."""

    @property
    def appended(self) -> int:
        """Number of the last row that this process has put there; 0 where it has put none."""

    async def begin(self) -> None:
        """Make the file where there is none, so that it can say since when it sees what leaves."""

    async def rows(self, wanted: Filter | None = None, *, limit: int = 200, offset: int = 0) -> Sequence[Row]:
        """Newest first."""

    def texts(self, after: int | None = None, upto: int | None = None) -> AsyncGenerator[tuple[str, str]]:
        """Every row as it was hashed, and its hash, oldest first: `seq` above `after` and not above `upto`.

        Without `after` also rows below 1, which only somebody else can have put there."""

    async def verify(self, anchor: Anchor | None = None) -> Verdict:
        """Read the whole chain, and hold it against the anchor where there is one."""

    async def identity(self) -> Identity: ...

    async def head(self) -> Anchor:
        """The last row; number 0 and GENESIS where there is none."""

    async def holds(self, anchor: Anchor) -> bool:
        """Whether the anchored row is there as it was."""

    async def totals(self, wanted: Filter | None = None) -> Totals: ...

    async def data_version(self) -> int:
        """A number that differs after any other process has written."""


class Anchors(Protocol):
    """Where a ledger's head is kept beside it. Every method may raise KeyringUnusable, with the reason."""

    async def read(self) -> Anchor | None: ...

    async def write(self, anchor: Anchor) -> None: ...


class PolicyTrust(Protocol):
    """Which policy files may loosen the user's defaults. Every method may raise StorageFailed or a kind of it."""

    async def trusted(self) -> Mapping[str, str]:
        """For a file's real path the SHA-256 of the bytes that are trusted."""

    async def trust(self, path: str, sha256: str) -> None: ...

    async def revoke(self, path: str) -> None: ...


class ProjectWords(Protocol):
    """A project's own words. Every method may raise StorageFailed or a kind of it."""

    async def words(self, projects: Sequence[str]) -> tuple[OwnWord, ...]: ...

    async def add(self, project: str, word: str) -> None: ...

    async def remove(self, project: str, word: str) -> bool:
        """Whether it was there."""
