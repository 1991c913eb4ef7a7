"""What the transcript shows, as plain values: the chat screen fills these, the view draws them."""

from __future__ import annotations

from dataclasses import dataclass, field

MessageId = int | str


@dataclass(frozen=True, slots=True)
class ZoneChip:
    """Where an answer ran. Drawn by the view beside the content, so that no answer can imitate it.

    `zone` is device | lan | cloud, `proof` proved | declared | unproved; `facts` is the tooltip."""

    zone: str
    word: str
    model: str = ""
    proof: str = "proved"
    facts: str = ""


@dataclass(frozen=True, slots=True)
class FileChip:
    """An attachment of a question: its name, and its size in bytes. Of an image also its `data`, and its width and
    height as the header says, by which its place is kept before it is decoded."""

    name: str
    size: int = 0
    data: bytes = field(default=b"", repr=False)
    pixels: tuple[int, int] = (0, 0)

    @property
    def is_image(self) -> bool:
        return bool(self.data)


@dataclass(frozen=True, slots=True)
class Offer:
    """One button the view may show: the action it asks for, and the verb on it. At most one of a row is primary."""

    action: str
    label: str
    icon: str = ""
    primary: bool = False


@dataclass(frozen=True, slots=True)
class TranscriptMessage:
    """One message. `role` is user | assistant | system; `state` complete | streaming | stopped | failed | cut.

    `reason` and `hint` stand under a message that did not end well, `offers` are the buttons beside them; `progress`
    stands where the text will be while there is none ("Reading the prompt"). `actions` appear on hover and in the menu.
    `reasoning` is folded until the reader asks for it. `inner` is for our own words only: links to the guide work."""

    id: MessageId
    role: str
    text: str = ""
    attachments: tuple[FileChip, ...] = ()
    chip: ZoneChip | None = None
    meta: str = ""
    state: str = "complete"
    reason: str = ""
    hint: str = ""
    offers: tuple[Offer, ...] = ()
    progress: str = ""
    versions: tuple[int, int] = (1, 1)
    actions: tuple[Offer, ...] | None = None
    reasoning: str = ""
    inner: bool = False

    @property
    def own(self) -> bool:
        return self.role == "user"


USER_ACTIONS = (Offer("copy", "Copy", "copy"), Offer("edit", "Edit", "pencil"), Offer("branch", "Branch"))
ASSISTANT_ACTIONS = (
    Offer("copy", "Copy", "copy"),
    Offer("regenerate", "Regenerate", "refresh"),
    Offer("branch", "Branch"),
)


def actions_of(message: TranscriptMessage) -> tuple[Offer, ...]:
    """The actions of a message: its own list, or the usual one of its role; none but copy while it streams."""
    if message.actions is not None:
        return message.actions
    if message.state == "streaming":
        return ASSISTANT_ACTIONS[:1]
    return USER_ACTIONS if message.own else ASSISTANT_ACTIONS
