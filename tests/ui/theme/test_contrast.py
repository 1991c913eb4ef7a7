"""Every pair of colours that carries text or a boundary, in both themes."""

from __future__ import annotations

import itertools

import pytest

from aqe_desktop.ui.theme.tokens import DARK, LIGHT, Tokens, with_contrast

_GROUNDS = ("app", "surface", "sunken", "raised", "hover", "accent_soft")
_TEXT_PAIRS = [
    *itertools.product(("text", "muted", "faint"), _GROUNDS),
    ("on_accent", "accent"),
    *itertools.product(("accent",), ("app", "surface", "raised", "accent_soft")),
    *((zone, f"{zone}_soft") for zone in ("device", "lan", "cloud", "danger")),
    *itertools.product(("device", "lan", "cloud", "danger"), ("app", "surface", "raised")),
    *itertools.product(("text", "muted"), ("danger_soft",)),
    *(
        (name, "code_ground")
        for name in ("text", "code_keyword", "code_string", "code_name", "code_function", "code_comment")
    ),
]
_EDGE_PAIRS = [
    *itertools.product(("line_strong", "accent"), ("app", "surface", "raised")),
    *itertools.product(("device", "lan", "cloud", "danger"), ("surface", "raised", "hover")),
]
_THEMES = (LIGHT, DARK, with_contrast(LIGHT), with_contrast(DARK))


def _luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _ratio(theme: Tokens, front: str, ground: str) -> float:
    one, other = sorted((_luminance(getattr(theme, front)), _luminance(getattr(theme, ground))), reverse=True)
    return (one + 0.05) / (other + 0.05)


@pytest.mark.parametrize("theme", _THEMES, ids=("light", "dark", "light-contrast", "dark-contrast"))
def test_all_text_has_a_contrast_of_at_least_four_and_a_half(theme: Tokens) -> None:
    poor = {pair: round(_ratio(theme, *pair), 2) for pair in _TEXT_PAIRS if _ratio(theme, *pair) < 4.5}
    assert not poor


@pytest.mark.parametrize("theme", _THEMES, ids=("light", "dark", "light-contrast", "dark-contrast"))
def test_edges_of_fields_the_ring_and_glyphs_have_a_contrast_of_at_least_three(theme: Tokens) -> None:
    poor = {pair: round(_ratio(theme, *pair), 2) for pair in _EDGE_PAIRS if _ratio(theme, *pair) < 3}
    assert not poor


def test_high_contrast_leaves_no_grey_text_and_no_faint_line() -> None:
    for theme in (LIGHT, DARK):
        strong = with_contrast(theme)
        assert strong.muted == strong.faint == strong.text
        assert _ratio(strong, "line", "surface") >= 3
