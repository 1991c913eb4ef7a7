from __future__ import annotations

import pytest

from aqe_desktop.machine.holes import holes, numbers, table, warning


@pytest.mark.parametrize(
    ("version", "read"),
    [
        ("0.17.4", (0, 17, 4)),
        ("0.17.4-rc1", (0, 17, 4)),
        ("v0.9.0", (0, 9, 0)),
        ("b8146", (8146,)),
        ("nonsense", ()),
        ("", ()),
    ],
)
def test_a_version_is_read_as_numbers(version: str, read: tuple[int, ...]) -> None:
    assert numbers(version) == read


@pytest.mark.parametrize(
    ("product", "version", "known"),
    [
        ("ollama", "0.17.1", ()),
        ("ollama", "0.17.4", ()),
        ("ollama", "0.17.0", ("CVE-2026-7482",)),
        ("ollama", "0.9.3", ("CVE-2026-7482",)),
        ("ollama", "0.3.14", ("CVE-2026-7482", "CVE-2025-0315", "CVE-2024-12055", "CVE-2025-0317")),
        ("ollama", "0.0.0", ()),
        ("ollama", "nonsense", ()),
        ("llama.cpp", "b11434", ()),
        ("llama.cpp", "b8146", ("five faults of the loaders (Plamo 2 tokenizer, mmproj)",)),
    ],
)
def test_a_version_has_the_holes_that_were_mended_after_it(product: str, version: str, known: tuple[str, ...]) -> None:
    assert tuple(each.id for each in holes(product, version)) == known


def test_the_oldest_has_all() -> None:
    assert len(holes("ollama", "0.1.28")) == len([each for each in table() if each.product == "ollama"])


def test_a_warning_is_one_sentence_with_the_step_to_take() -> None:
    assert warning("ollama", "0.17.4") == ""
    assert warning("ollama", "0.9.3").endswith("keys, conversations; update it to 0.17.1 or later.")
    assert "and 3 more are known; update it to 0.17.1 or later." in warning("ollama", "0.3.14")
    assert warning("llama.cpp", "b10000").endswith("update it to a version after b10252.")


def test_each_row_says_where_it_can_be_read_and_where_it_ends() -> None:
    for hole in table():
        assert hole.source.startswith("https://")
        assert bool(hole.fixed) != bool(hole.up_to)
        assert numbers(hole.fixed or hole.up_to)
