"""Which texts count as control tokens: also where a file gives them another type, or none, or only its template."""

from __future__ import annotations

from typing import Any

import pytest

from aqe_desktop.runtimes.llamacpp import vocabulary
from aqe_desktop.runtimes.llamacpp.vocabulary import control_tokens_of

NORMAL, UNKNOWN, CONTROL, USER_DEFINED = 1, 2, 3, 4


def _control(tokens: list[str], kinds: tuple[int, ...] = (), **more: Any) -> set[str]:
    named = {f"tokenizer.{key}": value for key, value in more.items()}
    return set(
        control_tokens_of({vocabulary.TOKENS: [token.encode() for token in tokens], vocabulary.TYPES: kinds, **named})
    )


@pytest.mark.parametrize("kind", [NORMAL, UNKNOWN, CONTROL, USER_DEFINED, 5, 99])
def test_the_marks_of_a_turn_count_whatever_their_type(kind: int) -> None:
    marks = ["<|im_end|>", "<\uff5cUser\uff5c>", "<start_of_turn>", "</s>", "[INST]"]
    assert _control([*marks, "a", "<b", "|>"], (kind,) * 5 + (NORMAL,) * 3) == set(marks)


def test_without_any_types_the_marks_count_too() -> None:
    assert _control(["<|x|>", "word"]) == {"<|x|>"}


def test_of_user_defined_tokens_those_in_brackets_count_and_text_does_not() -> None:
    tokens = ["<tool>", "[MASK]", "{end}", "|sep|", "\n\n", "    ", "<td>", "</table>", "100", "word"]
    assert _control(tokens, (USER_DEFINED,) * len(tokens)) == set(tokens[:4])


def test_tokens_that_the_file_names_count_where_they_are_no_words() -> None:
    tokens = [">>end<<", "the", "\n"]
    named = {f"ggml.{name}_token_id": place for place, name in enumerate(("eos", "bos", "eot"))}
    assert _control(tokens, (NORMAL,) * 3, **named) == {">>end<<"}
    assert _control(tokens, (NORMAL,) * 3, **{"ggml.eos_token_id": 2**63, "ggml.bos_token_id": True}) == set()


def test_what_a_template_writes_around_turns_counts_though_it_is_no_token() -> None:
    template = b"{% for m in messages if m[0] <= x %}{{ '[INST]' + m['x'] + '[/INST]' }}<turn>{{ '<|' + role + '|>' }}"
    assert _control([], chat_template=template) == {"[INST]", "[/INST]", "<turn>"}
    assert _control([], (), **{"chat_template.tool_use": b"<tools>"}) == {"<tools>"}


def test_a_vocabulary_of_other_shapes_holds_no_control_token() -> None:
    for odd in ({}, {vocabulary.TOKENS: 3}, {vocabulary.TOKENS: (1, 2)}, {vocabulary.TOKENS: [], vocabulary.TYPES: 1}):
        assert control_tokens_of(odd) == ()
