"""Whatever a user types, none of the model's control tokens is left in what is sent, and nothing else is changed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from aqe_desktop.core.chat import Attachment, Message, Role
from aqe_desktop.runtimes.llamacpp.control_tokens import ControlTokens, neutralise, neutralise_messages
from aqe_desktop.wires.attachments import render

_TOKENS = ["<|im_end|>", "<|im_start|>", "<s>", "</s>", "[INST]", "<|", "|>", "<<", "]^-"]


@given(st.text(alphabet="<|>imsend_tar/[]INST^-", max_size=60) | st.lists(st.sampled_from(_TOKENS)).map("".join))
def test_no_control_token_survives_and_only_invisible_spaces_are_added(text: str) -> None:
    plain = neutralise(text, ControlTokens(_TOKENS))
    assert not [token for token in _TOKENS if token in plain]
    assert plain.replace("\u200b", "") == text


def test_messages_are_changed_in_text_file_and_file_name() -> None:
    image = Attachment("a.png", "", data=b"</s>", media="image/png")
    message = Message(Role.USER, "a<s>", (Attachment("<s>.txt", "</s>"), image))
    (plain,) = neutralise_messages([message], ControlTokens(_TOKENS))
    assert plain.text == "a<\u200bs>"
    assert plain.attachments == (Attachment("<\u200bs>.txt", "<\u200b/s>"), image)


def test_a_name_that_becomes_a_token_only_on_one_line_is_broken_as_the_model_reads_it() -> None:
    tokens = ControlTokens(["< EOT >"])
    messages = [Message(Role.USER, "", (Attachment(name, ""),)) for name in ("<  EOT\t>", "two  words")]
    forged, plain = neutralise_messages(messages, tokens)
    assert "< EOT >" not in render(forged)
    assert plain == messages[1]


def test_without_control_tokens_nothing_changes() -> None:
    assert neutralise("<s>", ControlTokens([])) == "<s>"
    assert neutralise("x<s>x", ControlTokens(["x"])) == "x<s>x"


def test_a_token_that_holds_the_breaking_space_itself_cannot_hang_us() -> None:
    assert neutralise("a\u200b\u200bb", ControlTokens(["\u200b\u200b"])) == "a\u200b\u200bb"


def test_overlapping_tokens_and_those_that_begin_alike_are_all_broken() -> None:
    assert neutralise("<<<", ControlTokens(["<<"])) == "<\u200b<\u200b<"
    assert neutralise("<|a|> <|ab|> <|abc|>", ControlTokens(["<|ab|>"])) == "<|a|> <\u200b|ab|> <|abc|>"


def test_tens_of_thousands_of_tokens_cost_a_page_of_markup_no_search_through_them_all() -> None:
    """Counted in steps of the interpreter, not seconds: the lengths looked up, not the tokens."""
    tokens = ControlTokens([f"<custom_token_{number}>" for number in range(30_000)])
    looked = sum(len(lengths) for lengths in tokens._lengths.values())
    assert looked <= 5
    page = "<custom>" * 10_000 + "<custom_token_29999>"
    assert neutralise(page, tokens) == "<custom>" * 10_000 + "<\u200bcustom_token_29999>"
