"""How the policy files above a folder become one policy, and where each value of it comes from. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial, reduce

from aqe_desktop.core.globs import Glob
from aqe_desktop.core.policy import DEFAULT, KEYS, LOCAL_ONLY, Policy, loosened, stricter, strictest, union


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """One `.aqe/policy.toml` as it was read. `given`: the keys that it sets, the others of `policy` mean nothing.

    `path` is its real path, `folder` the one that holds `.aqe/`, `sha256` of its bytes. `problem`: why it cannot be
    used, naming the line; then it is as strict as can be. `linked`: it lies elsewhere, so that trust in its real place
    would be trust borrowed by a stranger: it never loosens anything."""

    path: str
    folder: str
    sha256: str = ""
    policy: Policy = DEFAULT
    given: tuple[str, ...] = ()
    problem: str = ""
    linked: bool = False


@dataclass(frozen=True, slots=True)
class Loosening:
    """Keys of a file that are looser than the user's defaults: they count only once the user trusts these bytes."""

    path: str
    folder: str
    sha256: str
    keys: tuple[str, ...]
    linked: bool = False

    def __str__(self) -> str:
        held = "values of your defaults hold" if len(self.keys) > 1 else "value of your defaults holds"
        why = "it is a link to a file elsewhere" if self.linked else "it is not trusted"
        return f"{self.path} loosens {', '.join(self.keys)}; {why}, so the stricter {held}."


@dataclass(frozen=True, slots=True)
class Effective:
    """What holds for a folder and the files that go with it.

    `sources`: for each key the policy files that its value comes from, none where it is the user's default. `files`:
    all that were found, nearest first. `untrusted`: what some of them would loosen; `trusted`: those whose loosening
    counts."""

    policy: Policy = DEFAULT
    sources: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    files: tuple[PolicyFile, ...] = ()
    untrusted: tuple[Loosening, ...] = ()
    trusted: tuple[Loosening, ...] = ()

    @property
    def problems(self) -> tuple[str, ...]:
        """Why some of the files cannot be used."""
        return tuple(each.problem for each in self.files if each.problem)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the user should hear of, one sentence each."""
        return (*self.problems, *map(str, self.untrusted))


def broken(path: str, folder: str, problem: str) -> PolicyFile:
    """A file that cannot be read closes everything that it could have closed."""
    closed = replace(LOCAL_ONLY, private_paths=(Glob("**", folder),))
    return PolicyFile(path, folder, policy=closed, given=KEYS, problem=problem)


def merged(files: Sequence[PolicyFile], trusted: Mapping[str, str], default: Policy = DEFAULT) -> Effective:
    """All files hold over the user's defaults. `trusted`: for a file's path the SHA-256 that the user trusts."""
    loose = {each.path: keys for each in files if (keys := loosenings(each, default))}
    sure = {each.path for each in files if each.path in loose and is_trusted(each, trusted)}
    held = [each if each.path in sure else _held(each, default) for each in files]
    told = [Loosening(f.path, f.folder, f.sha256, loose[f.path], f.linked) for f in files if f.path in loose]
    policy = _policy(held, default)
    return Effective(
        policy,
        {key: tuple(f.path for f in files if _gives(f, key, policy)) for key in KEYS},
        tuple(files),
        tuple(each for each in told if each.path not in sure),
        tuple(each for each in told if each.path in sure),
    )


def together(all_of: Iterable[Effective]) -> Effective:
    """What holds where content of several folders goes out as one: the stricter value of each key."""
    return reduce(_both, all_of, _NONE)


def loosenings(file: PolicyFile, default: Policy = DEFAULT) -> tuple[str, ...]:
    """The keys that the file sets looser than the defaults are."""
    return tuple(key for key in loosened(file.policy, default) if key in file.given)


def is_trusted(file: PolicyFile, trusted: Mapping[str, str]) -> bool:
    """By its real place and its bytes; one that cannot be read has none that anybody could trust."""
    return not file.linked and bool(file.sha256) and trusted.get(file.path) == file.sha256


def _held(file: PolicyFile, default: Policy) -> PolicyFile:
    return replace(file, policy=stricter(file.policy, default))


def _policy(files: Sequence[PolicyFile], default: Policy) -> Policy:
    """A key that no file sets has its default; what is private by default stays so."""
    values = {}
    for key in KEYS:
        given = [getattr(file.policy, key) for file in files if key in file.given]
        if key == "private_paths" or not given:
            given.append(getattr(default, key))
        values[key] = reduce(partial(strictest, key), given)
    return Policy(**values)


def _gives(file: PolicyFile, key: str, policy: Policy) -> bool:
    """Whether the value that holds is this file's, or a part of it is."""
    value, held = getattr(file.policy, key), getattr(policy, key)
    if key not in file.given:
        return False
    return bool(set(value) & set(held)) if isinstance(value, tuple) and isinstance(held, tuple) else bool(value == held)


_NONE = Effective()


def _both(one: Effective, other: Effective) -> Effective:
    if one is _NONE:
        return other
    policy = stricter(one.policy, other.policy)
    files = union(one.files, other.files)
    return Effective(
        policy,
        {key: tuple(f.path for f in files if _gives(f, key, policy)) for key in KEYS},
        files,
        union(one.untrusted, other.untrusted),
        union(one.trusted, other.trusted),
    )
