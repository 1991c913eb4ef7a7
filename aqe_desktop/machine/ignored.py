"""Which files git keeps out of a repository: what was not meant to be published is private."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

from aqe_desktop.core.project_files import Ignored
from aqe_desktop.machine.git_files import odd_file
from aqe_desktop.machine.processes import built_environment

PATIENCE = 10.0  # seconds for one question to git
_AT_ONCE = 5000  # paths of one question
# A repository may come from a stranger, and its configuration with it: nothing in it may start a program or reach out.
_HARMLESS = ("core.fsmonitor=false", "core.hooksPath=", "protocol.allow=never", "core.untrackedCache=false")
_OF_THE_USER = ("HOME", "XDG_CONFIG_HOME", "USERPROFILE")


def ignored_by_git(paths: Iterable[Path]) -> Ignored:
    """Of these paths those that git ignores and does not track. A link, also one to a folder above, is asked for by
    its own name and its target's.

    A path outside of any repository is not ignored. Blocks; bounded by PATIENCE for each repository."""
    asked: dict[Path, list[tuple[Path, str]]] = {}
    repositories = cache(_repositories)
    for path in paths:
        for place in dict.fromkeys(_places(path)):
            for root in repositories(place.parent):
                asked.setdefault(root, []).append((path, place.relative_to(root).as_posix()))
                place = root  # of what lies in another repository git says nothing, of its folder it does
    git = shutil.which("git")
    if git is None:
        return Ignored(no_git=bool(asked))
    ignored: set[Path] = set()
    unknown: dict[Path, str] = {}
    for root, pairs in asked.items():
        for part in _parts(pairs):
            answer = _ask(git, root, [name for _, name in part])
            if isinstance(answer, str):
                unknown.update((path, answer) for path, _ in part)
            else:
                ignored.update(path for path, name in part if name in answer)
    return Ignored(frozenset(ignored), tuple(unknown.items()))


def _places(path: Path) -> Iterator[Path]:
    """git follows no links, so they are followed for it: each link on the way, and what is at its end."""
    named, place = Path(os.path.abspath(path)), Path(os.path.realpath(path))  # noqa: PTH100 - without following links
    yield place
    if named != place:
        links = (each for each in (named, *named.parents) if each.is_symlink())
        yield from (Path(os.path.realpath(each.parent)) / each.name for each in links)


def _repositories(folder: Path) -> tuple[Path, ...]:
    """Every one that this folder lies in, innermost first. One that is kept in the home folder, for its settings,
    ignores all that is in it: that says nothing about the projects there."""
    found = [at for at in (folder, *folder.parents) if os.path.lexists(at / ".git")]
    home = os.path.realpath(Path("~").expanduser())
    return tuple(at for at in found if at == found[0] or str(at) != home)


def _parts(pairs: Sequence[tuple[Path, str]]) -> Iterator[Sequence[tuple[Path, str]]]:
    for start in range(0, len(pairs), _AT_ONCE):
        yield pairs[start : start + _AT_ONCE]


def _ask(git: str, root: Path, names: Sequence[str]) -> set[str] | str:
    """The ignored ones, or why git does not say. A name that begins with a colon would be a pattern to it, were it not
    for the folder before it."""
    odd = odd_file(root, names)
    if odd is not None:
        return f"{odd} is no regular file, so git would wait for it"
    options = [word for value in _HARMLESS for word in ("-c", value)]
    try:
        done = subprocess.run(
            [git, *options, "check-ignore", "--stdin", "-z"],
            input=b"".join(b"./" + os.fsencode(name) + b"\0" for name in names),
            capture_output=True,
            cwd=root,
            env=_environment(),
            timeout=PATIENCE,
            check=False,
            start_new_session=True,
        )
    except subprocess.TimeoutExpired:
        return "git did not answer in time"
    except OSError as error:
        return f"git cannot be started: {error.strerror}"
    if done.returncode not in (0, 1):
        return f"git says “{_first_line(done.stderr)}”"
    return {os.fsdecode(name.removeprefix(b"./")) for name in done.stdout.split(b"\0") if name}


def _environment() -> dict[str, str]:
    """The user's own list of ignored files counts; nothing may ask a question or fetch what is missing."""
    own = {name: os.environ[name] for name in _OF_THE_USER if name in os.environ}
    return built_environment({**own, "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_LAZY_FETCH": "1"})


def _first_line(words: bytes) -> str:
    return words.decode(errors="replace").strip().partition("\n")[0] or "nothing"
