"""The table of what may leave, row by row: the mode, what was found, how far the model is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aqe_desktop.core.chat import Message, Role, Sampling
from aqe_desktop.core.consent import Consent
from aqe_desktop.core.findings import Finding, Found, Part, PartKind
from aqe_desktop.core.models import ModelRef, Place, Proof, Zone
from aqe_desktop.core.policy import DEFAULT, Mode, Policy, WhenNoLocal
from aqe_desktop.routing.clear import Candidate, Clearance, Refusal, Refused, Rule, clear

MESSAGES = (Message(Role.USER, "hello"),)
HERE = Place(Zone.DEVICE, Proof.PROVED, ("It runs in an empty network namespace.",))
SHA = "a" * 64


def found(*, binding: bool, dismissed: bool = False) -> Found:
    finding = Finding("aws-key", 0, 5, 0.9, binding, "An AWS access key")
    return Found(Part(0, PartKind.TEXT), finding, "hello", dismissed)


CONTENTS = {"clean": (), "hint": (found(binding=False),), "binding": (found(binding=True),)}
NEAR = Candidate(ModelRef("llamacpp", "small"), HERE)
DECLARED_HERE = Candidate(ModelRef("own", "small"), Place(Zone.DEVICE, Proof.DECLARED))
UNPROVED_HERE = Candidate(ModelRef("ollama", "small"), Place(Zone.DEVICE, Proof.UNPROVED), "127.0.0.1:11434", SHA)
LAN = Candidate(ModelRef("box", "large"), Place(Zone.LAN, Proof.PROVED), "box:8000", SHA)
CLOUD = Candidate(ModelRef("openrouter", "x/y"), Place(Zone.CLOUD, Proof.PROVED), "cloud.example", SHA)


def decide(candidate: Candidate, content: str, policy: Policy, *consents: Consent) -> Clearance | Refusal:
    return clear(MESSAGES, CONTENTS[content], (candidate,), policy, named=True, consents=consents)


def rule(candidate: Candidate, content: str, policy: Policy, *consents: Consent) -> str:
    decided = decide(candidate, content, policy, *consents)
    return decided.rule if isinstance(decided, Clearance) else decided.reason


@pytest.mark.parametrize("content", CONTENTS)
@pytest.mark.parametrize("mode", Mode)
def test_a_proved_place_on_this_device_takes_everything(mode: Mode, content: str) -> None:
    assert rule(NEAR, content, replace(DEFAULT, mode=mode)) == Rule.DEVICE


@pytest.mark.parametrize(
    ("mode", "content", "expected"),
    [
        (Mode.LOCAL, "clean", Refused.BLOCKED),
        (Mode.LOCAL, "hint", Refused.BLOCKED),
        (Mode.LOCAL, "binding", Refused.BLOCKED),
        (Mode.AUTO, "clean", Rule.CLEAN),
        (Mode.AUTO, "hint", Refused.ASK),
        (Mode.AUTO, "binding", Refused.ASK),
        (Mode.CLOUD, "clean", Rule.CLEAN),
        (Mode.CLOUD, "hint", Rule.HINTS),
        (Mode.CLOUD, "binding", Refused.ASK),
    ],
)
@pytest.mark.parametrize("candidate", [CLOUD, UNPROVED_HERE], ids=["cloud", "unproved counts as cloud"])
def test_what_may_leave_for_the_cloud(candidate: Candidate, mode: Mode, content: str, expected: str) -> None:
    assert rule(candidate, content, replace(DEFAULT, mode=mode)) == expected


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("content", CONTENTS)
def test_a_yes_sends_exactly_what_was_shown_and_there_is_none_in_local_mode(mode: Mode, content: str) -> None:
    policy = replace(DEFAULT, mode=mode)
    assert CLOUD.consent
    before, after = rule(CLOUD, content, policy), rule(CLOUD, content, policy, CLOUD.consent)
    assert after == (Rule.CONSENT if before == Refused.ASK else before)
    for other in (
        Consent(CLOUD.model, CLOUD.host, "b" * 64),
        Consent(LAN.model, CLOUD.host, SHA),
        Consent(CLOUD.model, LAN.host, SHA),
    ):
        assert rule(CLOUD, content, policy, other) == before


def test_a_dismissed_finding_decides_nothing() -> None:
    dismissed = (found(binding=True, dismissed=True), found(binding=False, dismissed=True))
    decided = clear(MESSAGES, dismissed, (CLOUD,), DEFAULT, named=True)
    assert isinstance(decided, Clearance)
    assert decided.rule is Rule.CLEAN


def test_sensitive_content_reaches_the_lan_only_where_the_policy_says_so() -> None:
    assert rule(LAN, "binding", DEFAULT) == Refused.ASK
    assert rule(LAN, "binding", replace(DEFAULT, sensitive_zone=Zone.LAN)) == Rule.SENSITIVE_ZONE
    assert rule(LAN, "binding", replace(DEFAULT, mode=Mode.LOCAL)) == Refused.BLOCKED
    assert rule(CLOUD, "binding", replace(DEFAULT, sensitive_zone=Zone.LAN)) == Refused.ASK


def test_a_place_that_is_only_declared_takes_what_is_clean_and_by_policy_what_is_not() -> None:
    assert rule(DECLARED_HERE, "clean", DEFAULT) == Rule.CLEAN
    assert rule(DECLARED_HERE, "binding", DEFAULT) == Refused.BLOCKED
    assert rule(DECLARED_HERE, "binding", replace(DEFAULT, accept_declared=True)) == Rule.SENSITIVE_ZONE


def test_no_yes_is_offered_where_the_policy_refuses_or_the_body_is_not_known() -> None:
    assert rule(CLOUD, "binding", replace(DEFAULT, when_no_local=WhenNoLocal.REFUSE)) == Refused.BLOCKED
    assert rule(replace(CLOUD, body_sha256=""), "binding", DEFAULT) == Refused.BLOCKED


def test_a_named_model_is_never_replaced_and_the_nearest_is_offered() -> None:
    policy = replace(DEFAULT, mode=Mode.LOCAL)
    decided = clear(MESSAGES, CONTENTS["binding"], (CLOUD, NEAR), policy, named=True)
    assert isinstance(decided, Refusal)
    assert (decided.reason, decided.nearest) == (Refused.BLOCKED, NEAR.model)
    assert str(NEAR.model) in decided.hint
    assert "hello" not in decided.message


def test_without_a_named_model_the_first_allowed_one_answers() -> None:
    decided = clear(MESSAGES, CONTENTS["binding"], (CLOUD, LAN, NEAR), DEFAULT)
    assert isinstance(decided, Clearance)
    assert [route.model for route in decided.turn.routes] == [NEAR.model]


def test_nothing_near_enough_is_said_as_such() -> None:
    decided = clear(MESSAGES, CONTENTS["binding"], (CLOUD, LAN), replace(DEFAULT, mode=Mode.LOCAL))
    assert isinstance(decided, Refusal)
    assert decided.reason is Refused.NOTHING_LOCAL


def test_a_turn_holds_its_messages_and_routes_no_farther_than_the_first() -> None:
    policy = replace(DEFAULT, mode=Mode.CLOUD)
    decided = clear(MESSAGES, (), (LAN, CLOUD, NEAR), policy, sampling=Sampling(seed=1), project="/home/someone/code")
    assert isinstance(decided, Clearance)
    turn = decided.turn
    assert [route.model for route in turn.routes] == [LAN.model, NEAR.model]
    assert (turn.messages, turn.farthest, turn.sampling.seed, turn.project) == (
        MESSAGES,
        Zone.LAN,
        1,
        "/home/someone/code",
    )


def test_the_facts_of_the_place_are_part_of_the_why() -> None:
    decided = decide(NEAR, "clean", DEFAULT)
    assert isinstance(decided, Clearance)
    assert decided.why == ("llamacpp/small runs on this device, and that is proved.", *HERE.facts)
