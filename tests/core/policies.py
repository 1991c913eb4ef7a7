"""Policies and policy files as hypothesis draws them."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import strategies as st

from aqe_desktop.core.effective import PolicyFile
from aqe_desktop.core.globs import Glob
from aqe_desktop.core.models import Zone
from aqe_desktop.core.policy import KEYS, Mode, Policy, WhenNoLocal

FOLDERS = ("/a", "/a/b", "/a/b/c")
_GLOBS = st.builds(Glob, st.sampled_from(("**", "*.pem", "docs/**", "x")), st.sampled_from(FOLDERS))
_NAMES = st.lists(st.sampled_from(("p", "q", "r")), max_size=3, unique=True).map(tuple)
POLICIES = st.builds(
    Policy,
    st.sampled_from(Mode),
    st.sampled_from((Zone.DEVICE, Zone.LAN)),
    st.lists(_GLOBS, max_size=3, unique=True).map(tuple),
    st.lists(st.lists(_GLOBS, min_size=1, max_size=2, unique=True).map(tuple), max_size=2, unique=True).map(tuple),
    st.one_of(st.none(), _NAMES),
    st.booleans(),
    st.one_of(st.none(), st.integers(0, 5).map(Decimal)),
    st.sampled_from(WhenNoLocal),
    st.booleans(),
    _NAMES,
)
FILES = st.builds(
    lambda number, policy, given: PolicyFile(f"{FOLDERS[number]}/policy.toml", FOLDERS[number], "x", policy, given),
    st.integers(0, 2),
    POLICIES,
    st.lists(st.sampled_from(KEYS), unique=True).map(tuple),
)
CHAINS = st.lists(FILES, max_size=3, unique_by=lambda file: file.path)
PATHS = st.sampled_from(("/a/x", "/a/k.pem", "/a/b/docs/x", "/a/b/c/k.pem", "/a/docs/y", "/z/x"))


def no_order(policy: Policy) -> dict[str, object]:
    """The values, lists as sets."""
    values = {key: getattr(policy, key) for key in KEYS}
    return {key: frozenset(value) if isinstance(value, tuple) else value for key, value in values.items()}
