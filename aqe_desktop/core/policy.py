"""What a project allows, and how several policies become one: of each key the stricter value wins."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeVar

from aqe_desktop.core.globs import Glob
from aqe_desktop.core.models import Zone

T = TypeVar("T")


class Mode(StrEnum):
    """Where clean text may go, strictest first: never beyond this device and the LAN, by content, or out."""

    LOCAL = "local"
    AUTO = "auto"
    CLOUD = "cloud"


class WhenNoLocal(StrEnum):
    """What happens to a sensitive request that no local model can serve, strictest first; it never goes out."""

    REFUSE = "refuse"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Policy:
    """The keys of `.aqe/policy.toml` (product.md: Policy). Globs are relative to the folder that holds `.aqe/`.

    `public_paths`: one tuple for each policy that names some; a path is public where every one of them names it.
    `allowed_providers` None: all that have a key. `budget_usd_month` None: no budget is set. `redact`: kinds that go
    out redacted without asking."""

    mode: Mode = Mode.AUTO
    sensitive_zone: Zone = Zone.DEVICE
    private_paths: tuple[Glob, ...] = ()
    public_paths: tuple[tuple[Glob, ...], ...] = ()
    allowed_providers: tuple[str, ...] | None = None
    no_training: bool = True
    budget_usd_month: Decimal | None = None
    when_no_local: WhenNoLocal = WhenNoLocal.ASK
    accept_declared: bool = False
    redact: tuple[str, ...] = ()

    def is_public(self, *names: str) -> bool:
        """Whether path and marker rules are quiet for a file of these absolute names; a found secret never is.

        The last name is its real place. Of the others those count that lie where a policy names public paths."""
        globs = [each for some in self.public_paths for each in some]
        counted = (name for name in names[:-1] if any(each.reaches(name) for each in globs))
        return bool(globs) and all(_any(some, name) for name in (*counted, *names[-1:]) for some in self.public_paths)

    def private_by(self, path: str) -> Glob | None:
        """The rule that makes this absolute path private. A policy's public paths quiet its own rules, no other's."""
        ours = {each.base for globs in self.public_paths if _any(globs, path) for each in globs}
        return next((g for g in self.private_paths if g.base not in ours and g.matches(path, any_case=True)), None)


@dataclass(frozen=True, slots=True)
class OwnWord:
    """A word that the user calls private in a project, the real path of its folder, and in every folder below it."""

    word: str
    project: str


DEFAULT = Policy()
LOCAL_ONLY = Policy(mode=Mode.LOCAL, when_no_local=WhenNoLocal.REFUSE)
"""What holds where a policy file cannot be read."""
KEYS = tuple(each.name for each in fields(Policy))


def stricter(one: Policy, other: Policy) -> Policy:
    """Both hold. `private_paths` add up; a path is public, a kind redacted, a provider allowed where both say so."""
    return Policy(**{key: strictest(key, getattr(one, key), getattr(other, key)) for key in KEYS})


def strictest(key: str, one: Any, other: Any) -> Any:
    """The value of a key where both hold."""
    return _STRICTER[key](one, other)


def loosened(wanted: Policy, base: Policy) -> tuple[str, ...]:
    """The keys in which `wanted` is not as strict as `base`: those need the user's trust.

    `private_paths` is never one of them: a policy adds to what is private, and takes nothing away."""
    return tuple(key for key in KEYS if key != "private_paths" and _is_looser(key, wanted, base))


def _is_looser(key: str, wanted: Policy, base: Policy) -> bool:
    held, value = strictest(key, getattr(wanted, key), getattr(base, key)), getattr(wanted, key)
    return set(held) != set(value) if isinstance(held, tuple) and isinstance(value, tuple) else bool(held != value)


def _any(globs: tuple[Glob, ...], path: str) -> bool:
    return any(each.matches(path) for each in globs)


def _first_of(order: list[T]) -> Callable[[T, T], T]:
    return lambda one, other: min(one, other, key=order.index)


def _smaller(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return min((budget for budget in (one, other) if budget is not None), default=None)


def union(one: tuple[T, ...], other: tuple[T, ...]) -> tuple[T, ...]:
    """What either names, each once."""
    return tuple(dict.fromkeys(one + other))


def _both(one: tuple[T, ...], other: tuple[T, ...]) -> tuple[T, ...]:
    return union(one, other) if one and other else ()


def _common(one: tuple[T, ...], other: tuple[T, ...]) -> tuple[T, ...]:
    return tuple(each for each in dict.fromkeys(one) if each in other)


def _allowed(one: tuple[str, ...] | None, other: tuple[str, ...] | None) -> tuple[str, ...] | None:
    if one is None or other is None:
        return one if other is None else other
    return _common(one, other)


_STRICTER: Mapping[str, Callable[[Any, Any], Any]] = {
    "mode": _first_of(list(Mode)),
    "sensitive_zone": _first_of(list(Zone)),
    "private_paths": union,
    "public_paths": _both,
    "allowed_providers": _allowed,
    "no_training": lambda one, other: one or other,
    "budget_usd_month": _smaller,
    "when_no_local": _first_of(list(WhenNoLocal)),
    "accept_declared": lambda one, other: one and other,
    "redact": _common,
}
