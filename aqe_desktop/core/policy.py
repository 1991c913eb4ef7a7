"""What a project allows, and how several policies become one: of each key the stricter value wins."""

from __future__ import annotations

from dataclasses import dataclass, fields
from decimal import Decimal
from enum import StrEnum
from typing import Any

from aqe_desktop.core.models import Zone


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

    `allowed_providers` None: all that have a key. `budget_usd_month` None: no budget is set. `redact`: kinds that go
    out redacted without asking."""

    mode: Mode = Mode.AUTO
    sensitive_zone: Zone = Zone.DEVICE
    private_paths: tuple[str, ...] = ()
    public_paths: tuple[str, ...] = ()
    allowed_providers: tuple[str, ...] | None = None
    no_training: bool = True
    budget_usd_month: Decimal | None = None
    when_no_local: WhenNoLocal = WhenNoLocal.ASK
    accept_declared: bool = False
    redact: tuple[str, ...] = ()


DEFAULT = Policy()
LOCAL_ONLY = Policy(mode=Mode.LOCAL, when_no_local=WhenNoLocal.REFUSE)
"""What holds where a policy file cannot be read."""


def stricter(one: Policy, other: Policy) -> Policy:
    """Both hold. `private_paths` add up; `public_paths` and `redact` are what both name; a provider must be in both."""
    return Policy(
        mode=min(one.mode, other.mode, key=list(Mode).index),
        sensitive_zone=min(one.sensitive_zone, other.sensitive_zone, key=list(Zone).index),
        private_paths=_union(one.private_paths, other.private_paths),
        public_paths=_common(one.public_paths, other.public_paths),
        allowed_providers=_allowed(one.allowed_providers, other.allowed_providers),
        no_training=one.no_training or other.no_training,
        budget_usd_month=min(
            (b for b in (one.budget_usd_month, other.budget_usd_month) if b is not None), default=None
        ),
        when_no_local=min(one.when_no_local, other.when_no_local, key=list(WhenNoLocal).index),
        accept_declared=one.accept_declared and other.accept_declared,
        redact=_common(one.redact, other.redact),
    )


def loosened(wanted: Policy, base: Policy) -> tuple[str, ...]:
    """The keys in which `wanted` is not as strict as `base`: those need the user's trust."""
    held = stricter(wanted, base)
    return tuple(key for key in KEYS if _differs(getattr(held, key), getattr(wanted, key)))


KEYS = tuple(each.name for each in fields(Policy))


def _differs(held: Any, wanted: Any) -> bool:
    return set(held) != set(wanted) if isinstance(held, tuple) and isinstance(wanted, tuple) else bool(held != wanted)


def _smaller(one: Decimal | None, other: Decimal | None) -> Decimal | None:
    return min((budget for budget in (one, other) if budget is not None), default=None)


def _union(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one + other))


def _common(one: tuple[str, ...], other: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(each for each in one if each in other)


def _allowed(one: tuple[str, ...] | None, other: tuple[str, ...] | None) -> tuple[str, ...] | None:
    if one is None or other is None:
        return one if other is None else other
    return _common(one, other)
