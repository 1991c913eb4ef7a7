"""What stands in a project's private files, so that a paste out of one is known. The index follows the files."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from aqe_desktop.core.errors import AqeError
from aqe_desktop.core.findings import PRIVATE_FILE, Finding
from aqe_desktop.core.ports import Shingles
from aqe_desktop.core.project_files import Cause, Fingerprinted, PrivateFiles, Stamp
from aqe_desktop.privacy.reading import Reading
from aqe_desktop.privacy.shingles import Known, fingerprints
from aqe_desktop.services.policy import MOST_LISTED, PolicyService
from aqe_desktop.services.remembered import Remembered

MOST_FILES, LARGEST, MOST_BYTES = 20_000, 512 * 1024, 16 * 1024 * 1024
"""Files of one index, bytes that are read of each, and bytes of all that are text."""
TOO_MUCH = (
    f"This project has more than {MOST_BYTES // 2**20} MB of private text, or {MOST_FILES:,} files of it, and this may "
    "be in what was not compared. Name what git ignores and is not private in public_paths of .aqe/policy.toml, and "
    "trust that file."
)
TOO_MANY = (
    f"This project has more than {MOST_LISTED:,} files, and this may be in a private one that was not looked at. Open "
    "a smaller folder as the project, or put a CACHEDIR.TAG into ignored folders that can be made again."
)
TOO_LARGE = (
    f"{{}} is private and larger than {LARGEST // 1024} KB, and this may be in the part of it that was not compared. "
    "Split that file."
)
"""Why what was not found may still be private, and what to do about it."""
EVERY, FRESH = 60.0, 3.0
"""Seconds after which the files are looked at again: while somebody types, and before something leaves."""
_log = logging.getLogger(__name__)
_NOTHING = Known({})


@dataclass(slots=True)
class _Index:
    """What is known of a project, since when (monotonic seconds), and who looks again now. `missing`: why that is not
    all of it, "" where it is. `shared`: private files that have other names as well."""

    known: Known = _NOTHING
    since: float = -EVERY
    looking: asyncio.Task[None] | None = None
    trouble: AqeError | None = None
    missing: str = ""
    shared: Mapping[tuple[int, int], Path] = field(default_factory=dict)


class PrivateTexts:
    """Methods may raise StorageFailed or a kind of it, where the text is about to leave."""

    def __init__(
        self,
        policies: PolicyService,
        shingles: Shingles,
        stamp: Callable[[Path], Stamp | None],
        read: Callable[[Path, int], str],
        shared: Callable[[Path], tuple[int, int] | None],
    ) -> None:
        self._policies = policies
        self._shingles = shingles
        self._stamp = stamp
        self._read = read
        self._shared = shared
        self._indexes: dict[str, _Index] = {}
        self._matched: Remembered[tuple[str, Known, tuple[Reading, ...]], tuple[Finding, ...]] = Remembered(
            lambda key: key[1].matches(key[0], key[2]), lambda key: len(key[0])
        )

    async def findings(
        self,
        texts: Sequence[str],
        project: str,
        *,
        final: bool = False,
        readings: Sequence[tuple[Reading, ...]] = (),
    ) -> list[tuple[Finding, ...]]:
        """What of each text, or of its `readings`, stands in a private file. Unless `final`, by the index as it is by
        now.

        `final`: where there is too much for one index, what is not found in it is not known to be clean either."""
        index = await self._looked_up(project, final=final)
        known = index.known
        found: list[tuple[Finding, ...]] = [()] * len(texts)
        if len(known):
            found = await self._matched.all(
                [(text, known, others) for text, others in zip(texts, readings or [()] * len(texts), strict=True)]
            )
        if not final or not index.missing:
            return found
        return [each or _may_be(text, index.missing) for each, text in zip(found, texts, strict=True)]

    async def other_names(self, paths: Sequence[Path], project: str, *, final: bool = False) -> dict[Path, Path]:
        """For those of these paths that are one file with a private one of the project, that one."""
        marks = await asyncio.to_thread(lambda: {path: mark for path in paths if (mark := self._shared(path))})
        if not marks:
            return {}
        shared = (await self._looked_up(project, final=final)).shared
        return {path: shared[mark] for path, mark in marks.items() if mark in shared}

    async def aclose(self) -> None:
        """Stop looking; what is not looked at yet is next time."""
        for task in [index.looking for index in self._indexes.values() if index.looking is not None]:
            task.cancel()
            await asyncio.wait({task})

    async def _looked_up(self, project: str, *, final: bool) -> _Index:
        index = self._indexes.setdefault(project, _Index())
        if index.looking is None and time.monotonic() - index.since > (FRESH if final else EVERY):
            index.looking = asyncio.create_task(self._look(project, index), name="look at private files")
        if final and index.looking is not None:
            await asyncio.shield(index.looking)
            if index.trouble is not None:
                raise index.trouble
        return index

    async def _look(self, project: str, index: _Index) -> None:
        """Somebody types: what goes wrong here is said when something is to leave."""
        try:
            await self._renew(project, index)
            index.trouble = None
        except AqeError as error:
            index.trouble = error
            _log.warning("the private files cannot be indexed: %s", error.kind)
        finally:
            index.looking = None

    async def _renew(self, project: str, index: _Index) -> None:
        began = time.monotonic()
        private = await self._policies.private_files(Path(project))
        before = await self._shingles.load(project)
        now, missing = await asyncio.to_thread(self._fingerprinted, private, before)
        index.shared = await asyncio.to_thread(
            lambda: {mark: path for path in private.private if (mark := self._shared(path))}
        )
        changed = {path: each for path, each in now.items() if before.get(path) is not each}
        gone = before.keys() - now.keys()
        if changed or gone:
            await self._shingles.put(project, changed, gone)
        if changed or gone or index.known is _NOTHING:
            index.known = await asyncio.to_thread(lambda: Known({path: each.prints for path, each in now.items()}))
        index.missing, index.since = TOO_MANY if private.more else missing, began

    def _fingerprinted(
        self, private: PrivateFiles, before: Mapping[str, Fingerprinted]
    ) -> tuple[dict[str, Fingerprinted], str]:
        """What a rule names comes before what git ignores; and why that is not all of it."""
        found: dict[str, Fingerprinted] = {}
        left, missing = MOST_BYTES, ""
        for path in sorted(private.private, key=lambda path: private.private[path].cause is not Cause.RULE):
            stamp = self._stamp(path)
            if stamp is None:
                continue
            known = before.get(str(path))
            if known is None or known.stamp != stamp:
                known = Fingerprinted(stamp, fingerprints(self._read(path, LARGEST)))
            left -= min(stamp.size, LARGEST) if known.prints else 0
            if left < 0 or len(found) == MOST_FILES:
                return found, TOO_MUCH
            if stamp.size > LARGEST and known.prints and private.private[path].cause is Cause.RULE:
                missing = TOO_LARGE.format(path)
            found[str(path)] = known
        return found, missing


def _may_be(text: str, why: str) -> tuple[Finding, ...]:
    return (Finding(PRIVATE_FILE, 0, len(text), 0.5, True, why),) if text else ()
