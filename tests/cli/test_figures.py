"""Sizes, places and columns on a terminal."""

from __future__ import annotations

import pytest

from aqe_desktop.cli.figures import columns, duration, size, where, width
from aqe_desktop.cli.stock import told
from aqe_desktop.core.models import Place, Proof, Zone
from aqe_desktop.core.transfers import Transfer


@pytest.mark.parametrize(
    ("count", "words"),
    [(None, ""), (0, ""), (12, "12 B"), (1900, "1.9 kB"), (98_000_000, "98 MB"), (4_700_000_000, "4.7 GB")],
)
def test_a_size_has_two_figures(count: int | None, words: str) -> None:
    assert size(count) == words


@pytest.mark.parametrize(("seconds", "words"), [(0, "0:00"), (65.4, "1:05"), (3599.6, "1:00:00")])
def test_a_duration_is_minutes_and_seconds(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_every_zone_and_proof_has_its_own_words() -> None:
    told = {where(Place(zone, proof)) for zone in Zone for proof in Proof}
    assert len(told) == len(Zone) * len(Proof)
    assert where(Place(Zone.DEVICE, Proof.PROVED)) == "this device"
    assert where(None) == ""


def test_columns_stand_under_each_other_also_where_letters_are_wide() -> None:
    lines = columns([("模型", "a", ""), ("model-long", "b", "c")])
    assert lines == ["模型        a", "model-long  b  c"]
    assert [width(line.partition(mark)[0]) for line, mark in zip(lines, "ab", strict=True)] == [12, 12]


def test_a_transfer_says_how_far_how_fast_and_how_long_still() -> None:
    words = told(Transfer("Downloading", 50_000_000, 200_000_000, 2_500_000, 60, share=0.25))
    assert words == "Downloading   25%  50 MB of 200 MB  2.5 MB/s  1:00 left"
    assert told(Transfer("Checking")) == "Checking"
