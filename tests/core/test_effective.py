"""From the files above a folder to what holds: anybody may tighten, only what the user trusts may loosen."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import given

from aqe_desktop.core.effective import PolicyFile, broken, loosenings, merged, together
from aqe_desktop.core.globs import Glob
from aqe_desktop.core.models import Zone
from aqe_desktop.core.policy import DEFAULT, KEYS, LOCAL_ONLY, Mode, Policy, WhenNoLocal, loosened, stricter
from tests.core.policies import CHAINS, POLICIES, no_order

OPEN = Policy(mode=Mode.CLOUD, public_paths=((Glob("docs/**", "/w/in"),),), no_training=False)


def file(folder: str, policy: Policy, *given: str, linked: bool = False) -> PolicyFile:
    return PolicyFile(f"{folder}/.aqe/policy.toml", folder, f"hash of {folder}", policy, given, linked=linked)


def trust(*files: PolicyFile) -> dict[str, str]:
    return {each.path: each.sha256 for each in files}


def test_without_a_file_the_defaults_hold() -> None:
    effective = merged((), {})
    assert (effective.policy, effective.warnings) == (DEFAULT, ())
    assert set(effective.sources) == set(KEYS)
    assert not any(effective.sources.values())


def test_a_file_that_loosens_counts_only_once_it_is_trusted() -> None:
    wanted = file("/w", OPEN, "mode", "no_training", "public_paths")
    asked = merged((wanted,), {})
    assert asked.policy == DEFAULT
    (loosening,) = asked.untrusted
    assert loosening.keys == ("mode", "public_paths", "no_training")
    assert asked.warnings == (str(loosening),)
    assert "mode, public_paths, no_training" in asked.warnings[0]
    held = merged((wanted,), trust(wanted))
    assert held.policy == OPEN
    assert (held.untrusted, held.trusted, held.warnings) == ((), (loosening,), ())
    assert held.sources["mode"] == (wanted.path,)
    assert held.sources["redact"] == held.sources["when_no_local"] == ()


def test_other_bytes_and_another_place_are_not_trusted() -> None:
    wanted = file("/w", OPEN, "mode")
    assert merged((wanted,), {wanted.path: "hash of other bytes"}).policy == DEFAULT
    assert merged((wanted,), {"/elsewhere/.aqe/policy.toml": wanted.sha256}).policy == DEFAULT


def test_a_link_to_a_trusted_file_borrows_no_trust() -> None:
    trusted = file("/w", OPEN, "mode")
    link = PolicyFile(trusted.path, "/cloned", trusted.sha256, OPEN, ("mode",), linked=True)
    effective = merged((link,), trust(trusted))
    assert effective.policy == DEFAULT
    assert "link" in effective.warnings[0]


def test_what_an_untrusted_file_tightens_holds_at_once() -> None:
    mixed = Policy(mode=Mode.CLOUD, budget_usd_month=Decimal(5), when_no_local=WhenNoLocal.REFUSE)
    effective = merged((file("/w", mixed, "mode", "budget_usd_month", "when_no_local"),), {})
    assert effective.policy == Policy(budget_usd_month=Decimal(5), when_no_local=WhenNoLocal.REFUSE)
    assert effective.untrusted[0].keys == ("mode",)


def test_an_inner_folder_cannot_escape_an_outer_one() -> None:
    outer = file("/w", Policy(mode=Mode.LOCAL, allowed_providers=("p",)), "mode", "allowed_providers")
    inner = file("/w/in", Policy(mode=Mode.CLOUD, allowed_providers=("p", "q")), "mode", "allowed_providers")
    effective = merged((inner, outer), trust(inner, outer))
    assert (effective.policy.mode, effective.policy.allowed_providers) == (Mode.LOCAL, ("p",))
    assert effective.sources["mode"] == (outer.path,)
    assert effective.sources["allowed_providers"] == (inner.path, outer.path)


def test_a_key_that_the_outer_file_leaves_out_is_the_inner_files() -> None:
    outer = file("/w", Policy(budget_usd_month=Decimal(9)), "budget_usd_month")
    inner = file("/w/in", Policy(sensitive_zone=Zone.LAN), "sensitive_zone")
    effective = merged((inner, outer), trust(inner))
    assert effective.policy == Policy(budget_usd_month=Decimal(9), sensitive_zone=Zone.LAN)


def test_an_untrusted_inner_file_loosens_nothing_within_a_trusted_outer_one() -> None:
    outer, inner = file("/w", OPEN, "mode"), file("/w/in", Policy(accept_declared=True), "accept_declared", "mode")
    effective = merged((inner, outer), trust(outer))
    assert (effective.policy.mode, effective.policy.accept_declared) == (Mode.AUTO, False)


def test_a_broken_file_closes_everything_and_is_never_trusted() -> None:
    outer, lost = file("/w", OPEN, "mode"), broken("/w/in/.aqe/policy.toml", "/w/in", "line 3 is wrong")
    effective = merged((lost, outer), {**trust(outer), lost.path: ""})
    assert loosened(effective.policy, LOCAL_ONLY) == ()
    assert effective.policy.private_by("/w/in/any/file") == Glob("**", "/w/in")
    assert effective.problems == effective.warnings == ("line 3 is wrong",)


def test_the_users_own_defaults_are_what_is_tightened() -> None:
    default = Policy(mode=Mode.LOCAL, private_paths=(Glob("*.pem", "/"),))
    wanted = file("/w", Policy(private_paths=(Glob(".env", "/w"),)), "mode", "private_paths")
    assert merged((wanted,), {}, default).policy.mode is Mode.LOCAL
    held = merged((wanted,), trust(wanted), default).policy
    assert held.mode is Mode.AUTO
    assert held.private_paths == (Glob(".env", "/w"), Glob("*.pem", "/")), "what is private by default stays so"


def test_files_of_two_projects_go_out_under_both_policies() -> None:
    one = merged((file("/one", Policy(mode=Mode.CLOUD), "mode"),), {"/one/.aqe/policy.toml": "hash of /one"})
    other = merged((file("/other", Policy(allowed_providers=("p",)), "allowed_providers"),), {})
    both = together((one, other))
    assert (one.policy.mode, both.policy.mode, both.policy.allowed_providers) == (Mode.CLOUD, Mode.AUTO, ("p",))
    assert both.files == (*one.files, *other.files)
    assert together((one,)) == one
    assert together(()).policy == DEFAULT


@given(CHAINS, POLICIES)
def test_untrusted_files_never_loosen(files: list[PolicyFile], default: Policy) -> None:
    effective = merged(files, {}, default)
    assert loosened(effective.policy, default) == ()
    assert {each.path for each in effective.untrusted} == {each.path for each in files if loosenings(each, default)}


@given(CHAINS)
def test_every_key_is_as_strict_as_each_file_that_sets_it(files: list[PolicyFile]) -> None:
    effective = merged(files, trust(*files))
    for each in files:
        held = stricter(effective.policy, each.policy)
        looser = [key for key in each.given if no_order(held)[key] != no_order(effective.policy)[key]]
        assert looser == []


@given(CHAINS)
def test_the_order_of_files_changes_no_value(files: list[PolicyFile]) -> None:
    there, back = merged(files, trust(*files[:1])), merged(files[::-1], trust(*files[:1]))
    assert no_order(there.policy) == no_order(back.policy)
