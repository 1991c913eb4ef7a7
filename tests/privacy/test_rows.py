"""Every row of the rule data by its own examples, drawn anew, and what the file as a whole must be."""

from __future__ import annotations

import random

import pytest

from aqe_desktop.privacy.patterns import compiled
from aqe_desktop.privacy.rule import Rule
from aqe_desktop.privacy.scanner import Scanner, _chunks
from aqe_desktop.upkeep import open_scanner
from tests.privacy.examples import whole

RULES = open_scanner().rules
SAMPLES = 5


def fires(scanner: Scanner, rule: Rule, text: str) -> bool:
    """Whether this very rule finds something, in the text or in what is read from it, whatever others find."""
    database = scanner._database
    assert database is not None
    (chunk,) = _chunks(text)
    return any(match.rule is rule for _, _, match in scanner._places(database, chunk, ""))


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_each_row_finds_its_positive_examples(scanner: Scanner, rule: Rule) -> None:
    own = next(each for each in scanner.rules if each.id == rule.id)
    for template in rule.yes:
        dice = random.Random(template)
        texts = [whole(template, dice) for _ in range(SAMPLES)]
        found = [text for text in texts if fires(scanner, own, text)]
        # What is drawn may look like no drawing, once in a while.
        assert len(found) >= SAMPLES - 1, (template, [text for text in texts if text not in found])


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_each_row_leaves_its_negative_examples(scanner: Scanner, rule: Rule) -> None:
    own = next(each for each in scanner.rules if each.id == rule.id)
    for template in rule.no:
        text = whole(template, random.Random(template))
        assert not fires(scanner, own, text), text


def test_every_pattern_compiles_and_every_row_says_what_it_is() -> None:
    for rule in RULES:
        for pattern in filter(None, (rule.pattern, rule.demote_in, rule.drop_in)):
            compiled(pattern, rule.id)
        assert rule.yes, rule.id
        assert rule.no, rule.id
        assert rule.reason.endswith("."), rule.id
        assert 0 < rule.confidence <= 1, rule.id


def test_tokens_of_at_least_150_services_have_rows_with_a_source() -> None:
    services = {
        rule.reason.rsplit(" of ", 1)[-1] for rule in RULES if rule.reason.startswith("A token") and rule.source
    }
    assert len(services) >= 150, len(services)


def test_no_row_holds_a_whole_token() -> None:
    """A published key in the rules would be refused by every push protection, and would be somebody's key."""
    for rule in RULES:
        for example in rule.yes:
            assert not any(mark in example for mark in ("AKIAQ", "ghp_a", "sk_live_a", "xoxb-1")), rule.id
