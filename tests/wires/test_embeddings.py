"""Vectors are believed only where there is one for each text, and the server has read it whole."""

from __future__ import annotations

from typing import Any

import pytest

from aqe_desktop.core.chat import Attachment, Message, Role
from aqe_desktop.core.embedding import Embedded
from aqe_desktop.core.errors import ContextTooLong, ModelBroken, ProviderFailed
from aqe_desktop.core.usage import Usage
from aqe_desktop.wires.embeddings import decode_native, decode_openai, encode_native, encode_openai, texts_of


def test_a_text_goes_as_it_is_with_nothing_around_it() -> None:
    file = Message(Role.USER, "", (Attachment("a.py", "x = 1\n"),))
    assert texts_of([Message(Role.USER, "A ship."), file]) == ["A ship.", "x = 1\n"]


def test_nothing_is_to_be_cut() -> None:
    body = encode_native("m", ["a"], {"num_ctx": 512}, 60)
    assert body == {"model": "m", "input": ["a"], "truncate": False, "options": {"num_ctx": 512}, "keep_alive": 60}
    assert encode_openai("m", ["a", "b"]) == {"model": "m", "input": ["a", "b"], "encoding_format": "float"}


def test_rows_are_of_the_text_that_their_index_names() -> None:
    rows = [{"index": 1, "embedding": [3, 4]}, {"index": 0, "embedding": [1, 2.5]}]
    found = decode_openai({"data": rows, "usage": {"prompt_tokens": 7}}, ["a", "b"])
    assert found == Embedded(((1.0, 2.5), (3.0, 4.0)), Usage(input=7))
    assert found.dimensions == 2


@pytest.mark.parametrize(
    "vectors",
    [None, {}, [], [[1.0]], [[1.0], []], [[], []], [[1.0], [1.0, 2.0]], [["a"], ["b"]], [[True], [1]], [[1], [2], [3]]],
)
def test_what_is_not_one_vector_for_each_text_is_refused(vectors: Any) -> None:
    for told in (decode_native, decode_openai):
        rows = [{"embedding": each, "index": at} for at, each in enumerate(vectors or ())]
        with pytest.raises(ProviderFailed) as failed:
            told({"embeddings": vectors, "data": rows}, ["a", "b"])
        assert failed.value.hint


def test_an_endless_number_is_none() -> None:
    with pytest.raises(ProviderFailed, match="no vector"):
        decode_native({"embeddings": [[float("nan")]]}, ["a"])


def test_a_vector_for_each_token_is_none_for_the_text() -> None:
    with pytest.raises(ModelBroken, match="for each token"):
        decode_openai({"data": [{"index": 0, "embedding": [[1.0, 2.0], [3.0, 4.0]]}]}, ["a ship"])


def test_a_text_that_the_server_has_cut_is_refused() -> None:
    with pytest.raises(ContextTooLong, match="it cut them"):
        decode_native({"embeddings": [[1.0]], "prompt_eval_count": 254}, ["word " * 600])
