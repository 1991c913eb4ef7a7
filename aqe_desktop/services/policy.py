"""What holds for a project: its policy files, the user's trust in them, its private files and its own words."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from aqe_desktop.core.effective import Effective, Loosening, PolicyFile, loosenings, merged, together
from aqe_desktop.core.errors import UsageError
from aqe_desktop.core.policy import DEFAULT, OwnWord, Policy
from aqe_desktop.core.ports import PolicyTrust, ProjectWords
from aqe_desktop.core.project_files import Cause, Ignored, PathReason, PrivateFiles, Walk

MOST_LISTED = 20_000
"""Files of a project that are looked at: it takes some seconds, and a send waits for it."""
_LONGEST_WORD, _SHOWN = 200, 40  # characters


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the service asks of the machine; each may block, and is asked in a thread.

    `above`: the policy files on the way up from an absolute path, nearest first, following no link in it. `names`:
    every absolute path that leads to a file or folder, with `/`, its real place last. `real`: the real path of a
    folder. `below`: the files of a folder, at most so many."""

    above: Callable[[Path], tuple[PolicyFile, ...]]
    names: Callable[[Path], tuple[str, ...]]
    real: Callable[[Path | str], str]
    ignored: Callable[[Iterable[Path]], Ignored]
    below: Callable[[Path, int], Walk]


class PolicyService:
    """The policy of every place. Methods may raise StorageFailed or a kind of it: then nothing may leave either."""

    def __init__(
        self, around: Surroundings, trust: PolicyTrust, words: ProjectWords, default: Policy = DEFAULT
    ) -> None:
        self._around = around
        self._trust = trust
        self._words = words
        self._default = default
        self.words_changed = 0
        """How often this process has changed the own words."""

    async def effective(self, folder: Path | str | None, files: Iterable[Path] = ()) -> Effective:
        """What holds for a folder, and for these files where they go with it: of each key the stricter value.

        Without a folder the user's defaults hold, and the files' own policies. Never raises for a broken policy file:
        then it closes everything, and `warnings` say why."""
        trusted = await self._trust.trusted()
        around = _remembering(self._around)
        found = await asyncio.to_thread(lambda: _found(around, folder, tuple(files)))
        return together(merged(each, trusted, self._default) for each in found)

    async def private(self, paths: Iterable[Path]) -> dict[Path, PathReason]:
        """Those that are private by a rule of a policy above them or because git keeps them out, with the reason."""
        return dict((await self._look(tuple(paths))).private)

    async def public(self, paths: Iterable[Path]) -> set[Path]:
        """Those for which path and marker rules are quiet, by the `public_paths` of every policy above that has some.

        A found secret is never quiet."""
        trusted = await self._trust.trusted()
        around = _remembering(self._around)
        placed = await asyncio.to_thread(lambda: [_placed(around, path) for path in paths])
        policies = ((each, merged(each.above, trusted, self._default).policy) for each in placed)
        return {each.path for each, policy in policies if policy.is_public(*each.names)}

    async def private_files(self, folder: Path, most: int = MOST_LISTED) -> PrivateFiles:
        """The private files of a project; what programs keep for themselves in it is left out."""
        walk = await asyncio.to_thread(self._around.below, folder, most)
        marks = dict.fromkeys((*walk.made.values(), *walk.cut))
        looked = await self._look(tuple(dict.fromkeys((*walk.files, *walk.made, *marks))))
        made_here = {each for each in marks if _is_ignored(looked.private.get(each))}
        private = {
            path: reason
            for path, reason in looked.private.items()
            if not (_is_ignored(reason) and walk.made.get(path, path) in made_here)
        }
        more = walk.more or bool(walk.cut - made_here)
        notes = (*looked.notes, _MORE.format(most)) if more else looked.notes
        return PrivateFiles(private, looked.looked_at, more, notes)

    async def trust(self, folder: Path | str, sha256: str | None = None) -> Loosening:
        """Let the folder's policy file loosen the defaults as long as it is what it is now; returns what it loosens.

        `sha256`: of the file that the user was shown. Raises UsageError where it is another now, where there is none,
        where it cannot be used, and where it is a link to elsewhere."""
        file = await self._own(folder)
        if sha256 is not None and file.sha256 != sha256:
            raise UsageError(f"{file.path} has changed since it was shown.", "Read it again, then decide.")
        if file.linked:
            raise UsageError(
                f"The policy of {folder} is a link to {file.path}, and can only tighten.",
                "Put a file in its place, then trust it.",
            )
        await self._trust.trust(file.path, file.sha256)
        return Loosening(file.path, file.folder, file.sha256, loosenings(file, self._default))

    async def distrust(self, folder: Path | str) -> str:
        """Take the trust back; returns the file's path. Raises UsageError where the folder has no policy file."""
        file = await self._own(folder, broken=True)
        await self._trust.revoke(file.path)
        return file.path

    async def words(self, project: Path | str | None) -> tuple[OwnWord, ...]:
        """The own words that are private here: those of the project and of every folder above it."""
        if project is None:
            return ()
        at = Path(await asyncio.to_thread(self._around.real, project))
        return await self._words.words([str(each) for each in (at, *at.parents)])

    async def add_words(self, project: Path | str, words: Iterable[str]) -> None:
        """All of them, or none: raises UsageError for one that would find nothing, or everything."""
        kept = [_word(word) for word in words]
        at = await asyncio.to_thread(self._around.real, project)
        for word in kept:
            await self._words.add(at, word)
            self.words_changed += 1

    async def add_word(self, project: Path | str, word: str) -> None:
        """Raises UsageError as `add_words` does."""
        await self.add_words(project, (word,))

    async def remove_word(self, project: Path | str, word: str) -> None:
        """Raises UsageError where the project itself has no such word."""
        at = await asyncio.to_thread(self._around.real, project)
        if not await self._words.remove(at, " ".join(word.split())):
            raise UsageError(f"“{word}” is not one of the words of {at}.", "`aqe policy words list` shows them.")
        self.words_changed += 1

    async def _own(self, folder: Path | str, *, broken: bool = False) -> PolicyFile:
        at = await asyncio.to_thread(self._around.real, folder)
        files = await asyncio.to_thread(self._around.above, Path(at))
        file = next((each for each in files if Path(each.folder) == Path(at)), None)
        if file is None:
            raise UsageError(f"{folder} has no policy of its own.", "Name the folder that holds .aqe/policy.toml.")
        if file.problem and not broken:
            raise UsageError(file.problem, "Correct the file, then trust it.")
        return file

    async def _look(self, paths: Sequence[Path]) -> PrivateFiles:
        trusted = await self._trust.trusted()
        around = _remembering(self._around)
        return await asyncio.to_thread(lambda: _looked(paths, around, trusted, self._default))


@dataclass(frozen=True, slots=True)
class _Placed:
    """A file with all its absolute names, and the policy files above any of them, nearest first."""

    path: Path
    names: tuple[str, ...]
    above: tuple[PolicyFile, ...]


def _placed(around: Surroundings, path: Path) -> _Placed:
    names = around.names(path)
    return _Placed(path, names, _above(around, (str(Path(name).parent) for name in names)))


def _remembering(around: Surroundings) -> Surroundings:
    """For one question: many files lie in one folder."""
    return replace(around, above=cache(around.above))


def _above(around: Surroundings, folders: Iterable[str]) -> tuple[PolicyFile, ...]:
    """Of every way up, each file once."""
    return tuple(dict.fromkeys(file for each in folders for file in around.above(Path(each))))


def _found(around: Surroundings, folder: Path | str | None, files: Sequence[Path]) -> list[tuple[PolicyFile, ...]]:
    """The policy files of each place, those of a place that has none included: then the defaults hold there."""
    own = [_above(around, around.names(Path(folder)))] if folder is not None else [] if files else [()]
    return list(dict.fromkeys((*own, *(_placed(around, file).above for file in files))))


def _looked(paths: Sequence[Path], around: Surroundings, trusted: Mapping[str, str], default: Policy) -> PrivateFiles:
    ignored = around.ignored(paths)
    unknown = dict(ignored.unknown)
    private: dict[Path, PathReason] = {}
    policies: dict[tuple[PolicyFile, ...], Effective] = {}
    for path in paths:
        placed = _placed(around, path)
        if placed.above not in policies:
            policies[placed.above] = merged(placed.above, trusted, default)
        reason = _reason(placed, policies[placed.above], ignored.paths, unknown)
        if reason is not None:
            private[path] = reason
    notes = (_NO_GIT,) if ignored.no_git else ()
    return PrivateFiles(private, len(paths), False, notes)


_MORE = "There are more than {:,} files here, so every text counts as private when it is about to leave."
_NO_GIT = "There is no git here, so files that git ignores were not looked for."


def _is_ignored(reason: PathReason | None) -> bool:
    """A folder says itself that it can be made again: that is believed where git ignores the mark, which then came with
    no clone, and of what is private only because git ignores it."""
    return reason is not None and reason.cause is Cause.IGNORED


def _reason(
    placed: _Placed, effective: Effective, ignored: Collection[Path], unknown: Mapping[Path, str]
) -> PathReason | None:
    """What the policy names public is quiet about git too, not about what could not be found out."""
    if (reason := _by_rule(placed.names, effective)) is not None:
        return reason
    if placed.path in unknown:
        why = unknown[placed.path]
        return PathReason(Cause.UNKNOWN, f"It could not be found out whether git ignores this file: {why}.")
    if placed.path in ignored and not effective.policy.is_public(*placed.names):
        return PathReason(Cause.IGNORED, "git ignores this file, so it was not meant to be published.")
    return None


def _by_rule(names: Iterable[str], effective: Effective) -> PathReason | None:
    for name in names:
        glob = effective.policy.private_by(name)
        if glob is not None:
            file = next((each for each in effective.files if each.folder == glob.base), None)
            how = f"makes {glob} private" if file is None or not file.problem else "cannot be read"
            return PathReason(Cause.RULE, f"The policy of {glob.base} {how}.", file.path if file else "")
    return None


def _word(word: str) -> str:
    word = " ".join(word.split())
    if sum(each.isalnum() for each in word) < 2:
        raise UsageError(f"“{word}” is too short: a private word has two letters or digits.", "Give the whole word.")
    if len(word) > _LONGEST_WORD:
        raise UsageError(
            f"“{word[:_SHOWN]}…” is too long: a private word has at most {_LONGEST_WORD} characters.",
            "Give the part that matters.",
        )
    return word
