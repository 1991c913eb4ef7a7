"""What stands in a project's private files, so that a paste out of one is known. The index follows the files."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from aqe_desktop.core.errors import AqeError
from aqe_desktop.core.findings import Finding
from aqe_desktop.core.ports import Shingles
from aqe_desktop.core.project_files import Cause, Fingerprinted, PrivateFiles, Stamp
from aqe_desktop.privacy.shingles import Known, fingerprints
from aqe_desktop.services.policy import PolicyService
from aqe_desktop.services.remembered import Remembered

MOST_FILES, LARGEST, MOST_BYTES = 2000, 512 * 1024, 8 * 1024 * 1024
"""Files of one index, bytes that are read of each, and bytes of all."""
EVERY, FRESH = 60.0, 3.0
"""Seconds after which the files are looked at again: while somebody types, and before something leaves."""
_log = logging.getLogger(__name__)
_NOTHING = Known({})


@dataclass(slots=True)
class _Index:
    """What is known of a project, since when (monotonic seconds), and who looks again now."""

    known: Known = _NOTHING
    since: float = -EVERY
    looking: asyncio.Task[None] | None = None
    trouble: AqeError | None = None


class PrivateTexts:
    """Methods may raise StorageFailed or a kind of it, where the text is about to leave."""

    def __init__(
        self,
        policies: PolicyService,
        shingles: Shingles,
        stamp: Callable[[Path], Stamp | None],
        read: Callable[[Path, int], str],
    ) -> None:
        self._policies = policies
        self._shingles = shingles
        self._stamp = stamp
        self._read = read
        self._indexes: dict[str, _Index] = {}
        self._matched: Remembered[tuple[str, Known], tuple[Finding, ...]] = Remembered(
            lambda key: key[1].matches(key[0]), lambda key: len(key[0])
        )

    async def findings(self, texts: Sequence[str], project: str, *, final: bool = False) -> list[tuple[Finding, ...]]:
        """What of each text stands in a private file. Unless `final`, by the index as it is by now."""
        known = await self._known(project, final=final)
        return await self._matched.all([(text, known) for text in texts]) if len(known) else [()] * len(texts)

    async def aclose(self) -> None:
        """Stop looking; what is not looked at yet is next time."""
        for task in [index.looking for index in self._indexes.values() if index.looking is not None]:
            task.cancel()
            await asyncio.wait({task})

    async def _known(self, project: str, *, final: bool) -> Known:
        index = self._indexes.setdefault(project, _Index())
        if index.looking is None and time.monotonic() - index.since > (FRESH if final else EVERY):
            index.looking = asyncio.create_task(self._look(project, index), name="look at private files")
        if final and index.looking is not None:
            await asyncio.shield(index.looking)
            if index.trouble is not None:
                raise index.trouble
        return index.known

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
        now = await asyncio.to_thread(lambda: dict(self._fingerprinted(private, before)))
        changed = {path: each for path, each in now.items() if before.get(path) is not each}
        gone = before.keys() - now.keys()
        if changed or gone:
            await self._shingles.put(project, changed, gone)
        if changed or gone or index.known is _NOTHING:
            index.known = await asyncio.to_thread(lambda: Known({path: each.prints for path, each in now.items()}))
        index.since = began

    def _fingerprinted(
        self, private: PrivateFiles, before: Mapping[str, Fingerprinted]
    ) -> Iterator[tuple[str, Fingerprinted]]:
        """What a rule names comes before what git ignores, where there is too much of both."""
        left = MOST_BYTES
        ruled_first = sorted(private.private, key=lambda path: private.private[path].cause is not Cause.RULE)
        for path in ruled_first[:MOST_FILES]:
            stamp = self._stamp(path)
            if stamp is None or (left := left - min(stamp.size, LARGEST)) < 0:
                continue
            known = before.get(str(path))
            if known is None or known.stamp != stamp:
                known = Fingerprinted(stamp, fingerprints(self._read(path, LARGEST)))
            yield str(path), known
