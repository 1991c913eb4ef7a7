"""Patterns for paths: what each form names, and that no pattern and no path makes the matching slow or wrong."""

from __future__ import annotations

import unicodedata
from fnmatch import fnmatchcase
from functools import lru_cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aqe_desktop.core import globs
from aqe_desktop.core.globs import Glob

BASE = "/src/app"


@pytest.mark.parametrize(
    ("pattern", "named", "others"),
    [
        ("src/payments/**", ["src/payments/a.py", "src/payments/deep/er/b"], ["src/payment/a", "x/src/payments/a"]),
        (".env*", [".env", ".env.local", "deep/.env", ".env.d/inner"], ["a.env", "env"]),
        ("**/*.pem", ["a.pem", "deep/er/a.pem"], ["a.pem.txt", "pem"]),
        ("docs/**", ["docs/a.md", "docs/x/y", "docs"], ["docs2/a", "x/docs/a"]),
        ("src/payments", ["src/payments", "src/payments/a", "src/payments/b/c"], ["src/payments2"]),
        ("secrets/", ["secrets/a", "deep/secrets/a/b"], ["secrets2/a"]),
        ("a?c.[ch]", ["abc.c", "x/a-c.h"], ["abc.x", "a/c.c"]),
        ("src/*.py", ["src/a.py"], ["src/deep/a.py", "a.py"]),
        ("a/**/z", ["a/z", "a/b/z", "a/b/c/z", "a/z/q"], ["a", "b/a/z"]),
        ("**", ["a", "b/c"], []),
        ("[!a]*", ["b"], ["a"]),
    ],
)
def test_a_pattern_names_what_it_says(pattern: str, named: list[str], others: list[str]) -> None:
    glob = Glob(pattern, BASE)
    assert [name for name in named if not glob.matches(f"{BASE}/{name}")] == []
    assert [name for name in others if glob.matches(f"{BASE}/{name}")] == []


def test_a_pattern_names_nothing_outside_of_its_folder() -> None:
    glob = Glob("**", BASE)
    assert not any(map(glob.matches, (BASE, "/src", "/src/application/a", "/other/src/app/a")))
    assert Glob("*.pem", "/").matches("/anywhere/a.pem")


def test_upper_case_and_the_form_of_an_accent_hide_nothing() -> None:
    assert Glob(".env*", BASE).matches(f"{BASE}/.ENV", any_case=True)
    assert not Glob("docs/**", BASE).matches(f"{BASE}/DOCS/a")
    folder = unicodedata.normalize("NFD", "Größe")
    assert Glob("Größe/**", BASE).matches(f"{BASE}/{folder}/a")
    assert Glob("**", f"/{folder}").matches("/Größe/a")


def test_a_hostile_pattern_ends() -> None:
    """Each of these makes a matcher that goes back through every star take longer than anybody lives."""
    name = "a" * 250
    assert not Glob("*a" * 120 + "b", BASE).matches(f"{BASE}/{name}")
    assert not Glob("**/a/" * 100 + "b", BASE).matches(f"{BASE}/{'/'.join('a' * 300)}")


def test_many_hostile_patterns_for_a_deep_file_read_each_name_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a name fits is found out once for each pattern, however often it occurs in a path."""
    asked: list[str] = []

    def counted(name: str, pattern: str) -> int:
        asked.append(name)
        return once(name, pattern)

    once = globs._fitting.__wrapped__
    monkeypatch.setattr(globs, "_fitting", lru_cache(counted))
    for number in range(299):
        hostile = Glob("**/" * 3 + "a/" * 140 + f"{number}", BASE)
        assert not hostile.matches(f"{BASE}/{'/'.join('a' * 700)}")
    assert len(asked) == 299


NAMES = st.text("ab.", min_size=1, max_size=4)
PATHS = st.lists(NAMES, min_size=1, max_size=5)
PARTS = st.one_of(st.just("**"), st.text("ab.*?", min_size=1, max_size=4).filter(lambda part: "**" not in part))


@given(st.lists(PARTS, min_size=2, max_size=5), PATHS)
def test_it_matches_as_the_plain_definition_does(pattern: list[str], path: list[str]) -> None:
    expected = any(plain(path[:count], pattern) for count in range(1, len(path) + 1))
    assert Glob("/".join(pattern), BASE).matches("/".join((BASE, *path))) == expected


def plain(names: list[str], pattern: list[str]) -> bool:
    """By the definition, with no thought of time."""
    if not pattern:
        return not names
    if pattern[0] == "**":
        return plain(names, pattern[1:]) or bool(names and plain(names[1:], pattern))
    return bool(names) and fnmatchcase(names[0], pattern[0]) and plain(names[1:], pattern[1:])
