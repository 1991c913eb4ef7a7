"""Whatever a user types, none of the model's control tokens is left in what is sent, and nothing else is changed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from aqe_desktop.core.chat import Attachment, Message, Role
from aqe_desktop.runtimes.llamacpp.control_tokens import neutralise, neutralise_messages, pattern_of

_TOKENS = ["<|im_end|>", "<|im_start|>", "<s>", "</s>", "[INST]", "<|", "|>", "<<", "]^-"]


@given(st.text(alphabet="<|>imsend_tar/[]INST^-", max_size=60) | st.lists(st.sampled_from(_TOKENS)).map("".join))
def test_no_control_token_survives_and_only_invisible_spaces_are_added(text: str) -> None:
    plain = neutralise(text, pattern_of(_TOKENS))
    assert not [token for token in _TOKENS if token in plain]
    assert plain.replace("\u200b", "") == text


def test_messages_are_changed_in_text_file_and_file_name() -> None:
    message = Message(Role.USER, "a<s>", (Attachment("<s>.txt", "</s>"),))
    (plain,) = neutralise_messages([message], pattern_of(_TOKENS))
    assert plain.text == "a<\u200bs>"
    assert plain.attachments == (Attachment("<\u200bs>.txt", "<\u200b/s>"),)


def test_without_control_tokens_nothing_changes() -> None:
    assert pattern_of([]) is None
    assert pattern_of(["x"]) is None
    assert neutralise("<s>", None) == "<s>"


def test_a_token_that_holds_the_breaking_space_itself_cannot_hang_us() -> None:
    assert neutralise("a\u200b\u200bb", pattern_of(["\u200b\u200b"])) == "a\u200b\u200bb"
