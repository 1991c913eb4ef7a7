"""Several policies become one: key by key the stricter value, whatever the order and however often."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from aqe_desktop.core.globs import Glob
from aqe_desktop.core.models import Zone
from aqe_desktop.core.policy import DEFAULT, KEYS, LOCAL_ONLY, Mode, Policy, WhenNoLocal, loosened, stricter
from tests.core.policies import PATHS, POLICIES, no_order

ONE, OTHER = Glob("a", "/x"), Glob("b", "/x")
STRICT_AND_LOOSE: list[tuple[str, Any, Any]] = [
    ("mode", Mode.LOCAL, Mode.AUTO),
    ("mode", Mode.AUTO, Mode.CLOUD),
    ("sensitive_zone", Zone.DEVICE, Zone.LAN),
    ("allowed_providers", ("groq",), None),
    ("allowed_providers", (), ("groq",)),
    ("no_training", True, False),
    ("budget_usd_month", Decimal(1), Decimal(2)),
    ("budget_usd_month", Decimal(0), None),
    ("when_no_local", WhenNoLocal.REFUSE, WhenNoLocal.ASK),
    ("accept_declared", False, True),
    ("public_paths", (), ((ONE,),)),
    ("redact", (), ("email",)),
]


@pytest.mark.parametrize(("key", "strict", "loose"), STRICT_AND_LOOSE)
def test_of_each_key_the_stricter_value_wins(key: str, strict: Any, loose: Any) -> None:
    one, other = replace(DEFAULT, **{key: strict}), replace(DEFAULT, **{key: loose})
    assert getattr(stricter(one, other), key) == getattr(stricter(other, one), key) == strict
    assert loosened(other, one) == (key,)
    assert loosened(one, other) == loosened(one, one) == ()


def test_every_key_is_among_them() -> None:
    assert {key for key, _, _ in STRICT_AND_LOOSE} | {"private_paths"} == set(KEYS)


def test_lists_add_up_or_meet() -> None:
    one = Policy(private_paths=(ONE,), public_paths=((ONE,),), allowed_providers=("p", "q"), redact=("email", "phone"))
    other = Policy(private_paths=(OTHER,), public_paths=((OTHER,),), allowed_providers=("q",), redact=("phone",))
    both = stricter(one, other)
    assert both.private_paths == (ONE, OTHER)
    assert both.public_paths == ((ONE,), (OTHER,))
    assert (both.allowed_providers, both.redact) == (("q",), ("phone",))
    assert loosened(Policy(), one) == ("allowed_providers",), "who names fewer private paths takes none away"


@given(POLICIES, POLICIES, POLICIES)
def test_order_and_repetition_change_nothing(one: Policy, two: Policy, three: Policy) -> None:
    assert no_order(stricter(one, two)) == no_order(stricter(two, one))
    assert stricter(stricter(one, two), three) == stricter(one, stricter(two, three))
    assert no_order(stricter(one, one)) == no_order(one)
    assert no_order(stricter(stricter(one, two), two)) == no_order(stricter(one, two))


@given(POLICIES, POLICIES)
def test_the_result_is_never_looser_than_either(one: Policy, other: Policy) -> None:
    both = stricter(one, other)
    assert loosened(both, one) == loosened(both, other) == ()
    assert set(both.private_paths) >= {*one.private_paths, *other.private_paths}


@given(POLICIES, POLICIES, PATHS)
def test_a_second_policy_makes_no_path_public_or_open(one: Policy, other: Policy, path: str) -> None:
    both = stricter(one, other)
    assert not both.is_public(path) or (one.is_public(path) and other.is_public(path))


def test_closed_is_as_strict_as_the_defaults_or_stricter() -> None:
    assert loosened(LOCAL_ONLY, DEFAULT) == ()


def test_public_paths_quiet_the_rules_of_their_own_policy_only() -> None:
    outer, inner = "/w", "/w/inner"
    policy = Policy(private_paths=(Glob("secret/**", outer), Glob("**", inner)), public_paths=((Glob("**", inner),),))
    assert policy.private_by("/w/inner/a") is None
    assert policy.private_by("/w/secret/a") == Glob("secret/**", outer)
    nested = replace(policy, private_paths=(Glob("**/*.pem", outer), Glob("**", inner)))
    assert nested.private_by("/w/inner/k.PEM") == Glob("**/*.pem", outer), "an inner policy opens nothing of an outer"


def test_a_path_is_public_where_every_policy_that_names_some_says_so() -> None:
    policy = Policy(public_paths=((Glob("docs/**", "/w"),), (Glob("**/*.md", "/w/docs"), Glob("**/*.txt", "/w/docs"))))
    assert policy.is_public("/w/docs/a.md")
    assert not policy.is_public("/w/docs/a.py")
    assert not policy.is_public("/w/a.md")
    assert not Policy().is_public("/w/a.md")


def test_a_file_of_several_names_is_public_by_its_real_place_and_all_that_count() -> None:
    policy = Policy(public_paths=((Glob("docs/**", "/w"),),))
    assert policy.is_public("/short/docs/a.md", "/w/docs/a.md"), "a way to the project says nothing about the file"
    assert not policy.is_public("/w/secret/link", "/w/docs/a.md")
    assert not policy.is_public("/w/docs/link", "/elsewhere/secret")
    assert not policy.is_public("/w/docs/link", "/w/secret")
