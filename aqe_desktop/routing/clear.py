"""The only maker of a Turn, so that no backend can be handed content that nobody has cleared. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from aqe_desktop.core.chat import Message, Route, Sampling, Turn
from aqe_desktop.core.consent import Consent
from aqe_desktop.core.findings import Found, is_sensitive
from aqe_desktop.core.ledger import Purpose
from aqe_desktop.core.models import ModelRef, Place, Zone
from aqe_desktop.core.policy import Mode, Policy, WhenNoLocal
from aqe_desktop.routing.zones import effective, is_beyond, is_here, takes_sensitive


class Rule(StrEnum):
    """The name of what decided; shown with a turn, kept in its ledger row."""

    DEVICE = "device.only"
    CLEAN = "clean"
    HINTS = "hints"
    SENSITIVE_ZONE = "sensitive.zone"
    CONSENT = "consent"


class Refused(StrEnum):
    """Why there is no turn: the named model is beyond the allowed zone, a yes is due, or nothing is near enough."""

    BLOCKED = "blocked"
    ASK = "ask"
    NOTHING_LOCAL = "nothing_local"


@dataclass(frozen=True, slots=True)
class Clearance:
    """A cleared turn with the name of the rule that let it go, and why, one plain sentence each."""

    turn: Turn
    rule: Rule
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refusal:
    """No turn. `nearest`: the model that could answer instead, where there is one; `asks`: what a yes would send there.

    `message` says what happened, `hint` the one next step."""

    reason: Refused
    message: str
    hint: str
    nearest: ModelRef | None = None
    asks: Consent | None = None


@dataclass(frozen=True, slots=True)
class Candidate:
    """A model that could answer: where it runs, and host and SHA-256 of what it would be sent ("" while unknown)."""

    model: ModelRef
    place: Place
    host: str = ""
    body_sha256: str = ""

    @property
    def consent(self) -> Consent | None:
        """The yes that would send this very body there; there is none to a body or host that is not known."""
        known = self.host and self.body_sha256
        return Consent(self.model, self.host, self.body_sha256) if known else None


def clear(
    messages: Sequence[Message],
    findings: Collection[Found],
    candidates: Sequence[Candidate],
    policy: Policy,
    *,
    sampling: Sampling | None = None,
    named: bool = False,
    project: str = "",
    purpose: Purpose = Purpose.CHAT,
    consents: Collection[Consent] = (),
) -> Clearance | Refusal:
    """The turn, or why there is none, by the table of product.md (Policy).

    `candidates`: best first, at least one. `named`: the user chose the first one, and it is never replaced."""
    table = _Table(is_sensitive(findings), any(each.hints for each in findings), policy, consents)
    ruled = [(each, table.rule(each)) for each in (candidates[:1] if named else candidates)]
    allowed = [(each, rule) for each, rule in ruled if rule is not None]
    if not allowed:
        return table.refusal(candidates, findings, named=named)
    first, rule = allowed[0]
    farthest = effective(first.place)
    turn = Turn(
        tuple(messages),
        tuple(Route(each.model, each.place) for each, _ in allowed if not is_beyond(effective(each.place), farthest)),
        sampling or Sampling(),
        farthest,
        rule,
        project,
        str(first.consent) if rule is Rule.CONSENT else "",
        purpose,
    )
    return Clearance(turn, rule, (_WHY[rule].format(model=first.model), *first.place.facts))


_WHY = {
    Rule.DEVICE: "{model} runs on this device, and that is proved.",
    Rule.CLEAN: "Nothing private was found, so {model} may answer.",
    Rule.HINTS: "The policy's mode is cloud: what is only a hint does not hold it back from {model}.",
    Rule.SENSITIVE_ZONE: "The policy lets sensitive content go as far as {model}.",
    Rule.CONSENT: "You said yes to sending exactly this to {model}.",
}


@dataclass(frozen=True, slots=True)
class _Table:
    """The table of product.md for one request."""

    sensitive: bool
    hints: bool
    policy: Policy
    consents: Collection[Consent]

    def rule(self, candidate: Candidate) -> Rule | None:
        """What lets the request go to this candidate; None where nothing does."""
        zone, policy = effective(candidate.place), self.policy
        if is_here(candidate.place):
            return Rule.DEVICE
        if policy.mode is Mode.LOCAL and zone is Zone.CLOUD:
            return None
        if self.sensitive:
            near = takes_sensitive(candidate.place, policy)
            return Rule.SENSITIVE_ZONE if near else self._consent(candidate)
        if self.hints and policy.mode is not Mode.CLOUD:
            return self._consent(candidate)
        return Rule.HINTS if self.hints else Rule.CLEAN

    def _consent(self, candidate: Candidate) -> Rule | None:
        """In local mode there is no yes."""
        given = self.policy.mode is not Mode.LOCAL and candidate.consent in self.consents
        return Rule.CONSENT if given and candidate.consent is not None else None

    def refusal(self, candidates: Sequence[Candidate], findings: Collection[Found], *, named: bool) -> Refusal:
        """Why nothing may go, and what would help."""
        near = next((each.model for each in candidates if is_here(each.place)), None)
        what = _what(findings, self.policy)
        first = candidates[0]
        if self._may_ask(first) and (named or near is None):
            return Refusal(Refused.ASK, f"{what} {first.model} is not on this device.", _ASK, near, first.consent)
        if named or near is not None:
            hint = f"Choose {near}." if near else _NO_MODEL
            message = f"{what} {first.model} is beyond what the policy allows."
            return Refusal(
                Refused.BLOCKED, " ".join((message, *first.place.facts[-1:])), first.place.hint or hint, near
            )
        return Refusal(Refused.NOTHING_LOCAL, f"{what} No model near enough can answer.", _NO_MODEL)

    def _may_ask(self, candidate: Candidate) -> bool:
        """A yes is offered where the mode knows one, and never for a sensitive text under `refuse`."""
        refused = self.sensitive and self.policy.when_no_local is WhenNoLocal.REFUSE
        return self.policy.mode is not Mode.LOCAL and candidate.consent is not None and not refused


_ASK = "Keep it on this device, or say yes to sending exactly this text there (`--send-anyway`)."
_NO_MODEL = "Choose a model that runs on this device; `aqe models` lists them and `aqe doctor` says what is missing."


def _what(findings: Collection[Found], policy: Policy) -> str:
    """The cause in one sentence, never the found text."""
    kinds = sorted({each.finding.kind for each in findings if each.binds or each.hints})
    if kinds:
        return f"The text may hold something private ({', '.join(kinds)})."
    return f"The policy's mode is {policy.mode}."
