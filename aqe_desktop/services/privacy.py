"""What is private in a conversation: rules, own words, private files and what is copied from them, less what the user
called not private."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from aqe_desktop.core.chat import Attachment, Message
from aqe_desktop.core.feed import Feed
from aqe_desktop.core.findings import IMAGE, PRIVATE_PATH, UNREAD, Dismissal, Finding, Found, Part, PartKind, Taint
from aqe_desktop.core.project_files import PathReason
from aqe_desktop.privacy.own_words import own_words
from aqe_desktop.privacy.reading import Reading
from aqe_desktop.services.across import Pair, across
from aqe_desktop.services.dismissals import DismissalService
from aqe_desktop.services.fresh import Fresh
from aqe_desktop.services.policy import PolicyService
from aqe_desktop.services.private_texts import PrivateTexts
from aqe_desktop.services.remembered import Remembered
from aqe_desktop.services.scanning import Scanning

MARKERS = frozenset({"confidential-header"})
"""Kinds that say what a file calls itself: `public_paths` quiet them."""
UNCHECKED = "What an image shows, and what else its file says, cannot be checked, so it counts as private."
_PICTURES = 64 * 1024 * 1024  # bytes of images whose hashes are remembered with them
_Words = tuple[str, tuple[str, ...], tuple[Reading, ...]]
_ORDER = (PartKind.TEXT, PartKind.NAME, PartKind.FILE)


@dataclass(slots=True)
class _Text:
    """One text of a request. `name`: the file it is the content of, by its path in the project where it lies in it, as
    a rule may doubt what stands in tests; `file`: the attachment it is of."""

    part: Part
    text: str
    name: str = ""
    file: Attachment | None = None


class PrivacyService:
    """Methods may raise StorageFailed or a kind of it: then nothing may leave either."""

    def __init__(
        self,
        scanning: Scanning,
        policies: PolicyService,
        private_texts: PrivateTexts,
        dismissals: DismissalService,
    ) -> None:
        self._scanning = scanning
        self._policies = policies
        self._private_texts = private_texts
        self._dismissals = dismissals
        self._words: Remembered[_Words, tuple[Finding, ...]] = Remembered(
            lambda key: own_words(*key), lambda key: len(key[0])
        )
        self._digests: Remembered[bytes, str] = Remembered(
            lambda data: hashlib.sha256(data).hexdigest(), len, _PICTURES
        )
        self._reasons: Fresh[tuple[Path, ...], Mapping[Path, PathReason]] = Fresh(policies.private)
        self._own: Fresh[tuple[int, tuple[str, ...]], tuple[str, ...]] = Fresh(self._own_words)

    @property
    def ready(self) -> Feed[bool]:
        """Whether the scanner can read. Until it can, every text holds one binding finding of kind `unread`."""
        return self._scanning.ready

    def start(self) -> None:
        """Get the scanner ready in the background, whatever it takes; a scan alone only loads what is there."""
        self._scanning.start()

    async def aclose(self) -> None:
        await self._private_texts.aclose()
        await self._scanning.aclose()

    async def scan(
        self, messages: Sequence[Message], project: str | None = None, *, final: bool = False
    ) -> tuple[Found, ...]:
        """What may be private in every text of these messages, in order: what was written, files, and their names; and
        every image.

        `final`: it is about to leave, so everything is looked at as it is now, and waited for. Without it, each text is
        read once only, however often this is called."""
        texts = [each for each in _texts(messages, project) if each.text]
        if final:
            await self._scanning.wait()
        found = [
            *await self._in(texts, project, final=final),
            *await self._by_path(texts, project, final=final),
            *await self._images(messages),
        ]
        pairs = list(across(messages))
        joined = [_Text(Part(number, PartKind.TEXT), pair.joint.text) for number, pair in enumerate(pairs)]
        found += _besides(found, pairs, await self._in(joined, project, final=final), messages)
        quiet = await self._public(found, texts)
        told = [each for each in found if each.part not in quiet or each.finding.kind not in MARKERS]
        return await self._dismissals.applied(sorted(told, key=_place), project or "")

    async def placed(self, file: Attachment) -> Attachment:
        """The file with why its place makes it private now: that stays with it, wherever it goes and whatever becomes
        of the place."""
        path = Path(file.path)
        reason = (await self._policies.private((path,))).get(path) if file.path else None
        return file if reason is None else replace(file, private=reason.sentence)

    async def dismiss(self, found: Found, project: str | None) -> Dismissal:
        """The user says that this value is not private in this project; a row of the ledger says so.

        Raises KeyringUnusable where it cannot be remembered, UsageError for what cannot be dismissed."""
        return await self._dismissals.dismiss(found, project or "")

    async def recall(self, dismissal: Dismissal) -> None:
        """The value is private again. Raises UsageError where it was not dismissed."""
        await self._dismissals.recall(dismissal)

    async def dismissed(self, project: str | None = None) -> Sequence[Dismissal]:
        """Newest first; None means those of all projects, "" those of none."""
        return await self._dismissals.of(project)

    async def taints_of(self, found: Sequence[Found]) -> list[Taint]:
        """What is to be remembered of a request that is about to be answered."""
        return await self._dismissals.taints_of(found)

    async def tainted(
        self, taints: Collection[Taint], found: Sequence[Found], project: str | None
    ) -> tuple[Found, ...]:
        """What still binds a conversation though it is in no text of it any more."""
        return await self._dismissals.tainted(taints, found, project or "")

    async def _in(self, texts: Sequence[_Text], project: str | None, *, final: bool) -> list[Found]:
        return [
            *await self._by_rules(texts),
            *await self._by_words(texts, project, final=final),
            *await self._by_files(texts, project, final=final),
        ]

    async def _by_rules(self, texts: Sequence[_Text]) -> Iterator[Found]:
        return _found(texts, await self._scanning.findings([(each.text, each.name) for each in texts]))

    async def _by_words(self, texts: Sequence[_Text], project: str | None, *, final: bool) -> Iterator[Found]:
        folders = dict.fromkeys(
            [*([project] if project else []), *(str(Path(file.path).parent) for file in _files(texts))]
        )
        asked = self._policies.words_changed, tuple(folders)
        words = await self._own.of(asked, final=final) if folders else ()
        return _found(texts, await self._worded(texts, words) if words else ())

    async def _worded(self, texts: Sequence[_Text], words: tuple[str, ...]) -> Sequence[tuple[Finding, ...]]:
        readings = await self._scanning.readings([(each.text, each.name) for each in texts])
        return await self._words.all([(each.text, words, others) for each, others in zip(texts, readings, strict=True)])

    async def _own_words(self, asked: tuple[int, tuple[str, ...]]) -> tuple[str, ...]:
        return tuple(dict.fromkeys([each.word for at in asked[1] for each in await self._policies.words(at)]))

    async def _by_files(self, texts: Sequence[_Text], project: str | None, *, final: bool) -> Iterator[Found]:
        long = [each for each in texts if each.part.kind is not PartKind.NAME] if project else []
        if not project or not long:
            return iter(())
        readings = await self._scanning.readings([(each.text, each.name) for each in long])
        told = [each.text for each in long]
        return _found(long, await self._private_texts.findings(told, project, final=final, readings=readings))

    async def _by_path(self, texts: Sequence[_Text], project: str | None, *, final: bool) -> list[Found]:
        names = [each for each in texts if each.part.kind is PartKind.NAME]
        places = [_place_of(each, project) for each in names]
        paths = tuple(dict.fromkeys(path for path in places if path))
        reasons = await self._reasons.of(paths, final=final) if paths else {}
        same = await self._private_texts.other_names(paths, project, final=final) if paths and project else {}
        return [
            Found(each.part, Finding(PRIVATE_PATH, 0, len(each.text), 1.0, True, why), str(path))
            for each, path in zip(names, places, strict=True)
            if path and (why := _said(path, reasons, same, each.file))
        ]

    async def _images(self, messages: Sequence[Message]) -> list[Found]:
        """What an image shows is nobody's to check: each binds, until the user has looked at that very one."""
        places = {
            Part(number, PartKind.FILE, place): file.data
            for number, message in enumerate(messages)
            for place, file in enumerate(message.attachments)
            if file.is_image
        }
        digests = await self._digests.all(list(places.values()))
        return [
            Found(part, Finding(IMAGE, 0, 0, 1.0, True, UNCHECKED), digest)
            for part, digest in zip(places, digests, strict=True)
        ]

    async def _public(self, found: Sequence[Found], texts: Sequence[_Text]) -> set[Part]:
        """The files for which markers are quiet."""
        marked = {each.part for each in found if each.finding.kind in MARKERS}
        of = {each.part: Path(each.file.path) for each in texts if each.part in marked and each.file and each.file.path}
        public = await self._policies.public(of.values()) if of else set()
        return {part for part, path in of.items() if path in public}


def paths_of(messages: Sequence[Message]) -> tuple[Path, ...]:
    """Where the attached files lay, as far as it is known."""
    files = (file for message in messages for file in message.attachments)
    return tuple(dict.fromkeys(Path(file.path) for file in files if file.path))


def _texts(messages: Sequence[Message], project: str | None) -> Iterator[_Text]:
    for number, message in enumerate(messages):
        yield _Text(Part(number, PartKind.TEXT), message.text)
        for place, file in enumerate(message.attachments):
            yield _Text(Part(number, PartKind.NAME, place), file.name, file=file)
            yield _Text(Part(number, PartKind.FILE, place), file.text, _inside(file, project), file)


def _inside(file: Attachment, project: str | None) -> str:
    """Of a file outside of the project nothing but its name counts: its folders say what somebody else meant."""
    if project and file.path:
        with suppress(ValueError):
            return Path(file.path).relative_to(project).as_posix()
    return file.name


def _said(path: Path, reasons: Mapping[Path, PathReason], same: Mapping[Path, Path], file: Attachment | None) -> str:
    """Why a file is private by its path: as it is now, else as it was when it was attached; "" where it is not."""
    if path in reasons:
        return reasons[path].sentence
    if path in same:
        return f"It is another name of {same[path]}, which is private."
    return f"When the file was attached: {file.private}" if file is not None and file.private else ""


def _files(texts: Sequence[_Text]) -> list[Attachment]:
    return [each.file for each in texts if each.file is not None and each.file.path]


def _place_of(name: _Text, project: str | None) -> Path | None:
    """Where the file lay; one of an earlier version, whose place nobody kept, may have lain in the project itself."""
    assert name.file is not None
    if name.file.path:
        return Path(name.file.path)
    last = Path(name.text).name
    return Path(project) / last if project and last else None


def _found(texts: Sequence[_Text], findings: Sequence[Sequence[Finding]]) -> Iterator[Found]:
    for text, of_text in zip(texts, findings, strict=False):
        for each in of_text:
            yield Found(text.part, each, text.text[each.start : each.end])


def _besides(
    found: Sequence[Found], pairs: Sequence[Pair], joined: Sequence[Found], messages: Sequence[Message]
) -> Iterator[Found]:
    """What binds by two messages together, and by none of them alone. `joined`: a part's message is its pair's
    position."""
    spans: dict[Part, list[tuple[int, int]]] = {}
    for each in found:
        if each.finding.binding:
            spans.setdefault(each.part, []).append((each.finding.start, each.finding.end))
    for each in joined:
        pair, finding = pairs[each.part.message], each.finding
        span = pair.joint.place(finding.start, finding.end)
        if span is None or not finding.binding or finding.kind == UNREAD:
            continue
        part = Part(pair.later, PartKind.TEXT)
        before = spans.get(Part(pair.earlier, PartKind.TEXT), ())
        if _meets(spans.get(part, ()), *span) or (
            not pair.joint.inside and _meets(before, pair.first + finding.start, pair.first + pair.joint.seam)
        ):
            continue
        spans.setdefault(part, []).append(span)
        yield Found(part, replace(finding, start=span[0], end=span[1]), messages[pair.later].text[slice(*span)])


def _meets(spans: Iterable[tuple[int, int]], start: int, end: int) -> bool:
    return any(one < end and start < other for one, other in spans)


def _place(found: Found) -> tuple[int, int, int, int, int]:
    part = found.part
    return part.message, part.file, _ORDER.index(part.kind), found.finding.start, -found.finding.end
