"""`aqe embed`: what is wrong with the words, and a model that is not made for vectors."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Command


@pytest.mark.parametrize(
    ("words", "given", "message"),
    [
        (("llamacpp/none",), "", "There is no text"),
        (("llamacpp/none", "-"), " \n", "One of the texts is empty"),
        (("none", "a"), "", "not a model reference"),
        (("llamacpp/none", "--file", "missing.txt"), "", "missing.txt"),
    ],
)
def test_what_cannot_be_a_vector_is_said(aqe: Command, words: tuple[str, ...], given: str, message: str) -> None:
    error = aqe("embed", *words, "--json", given=given, code=2).json["error"]
    assert message in error["message"]
    assert error["hint"]


@pytest.mark.long
def test_a_model_that_is_made_for_chats_gives_no_vectors(aqe: Command) -> None:
    ref = aqe("models", "--json").json["models"][0]["ref"]
    error = aqe("embed", ref, "A ship.", "--json", code=4).json["error"]
    assert (error["kind"], "not made for embeddings" in error["message"]) == ("model_broken", True)
