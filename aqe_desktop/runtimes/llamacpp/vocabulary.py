"""Which texts act as control tokens in a model: its own types for them are not enough, for files say them wrongly.

llama.cpp turns a token of the types control, unknown and user-defined wherever it stands in a text, and takes some
well-known names for control whatever their type; a template may also use words that are no tokens at all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

TOKENS, TYPES = "tokenizer.ggml.tokens", "tokenizer.ggml.token_type"
MOST_BYTES = 2 * 1024 * 1024
_TEMPLATE = "tokenizer.chat_template"
_NORMAL, _UNKNOWN, _CONTROL, _USER_DEFINED = 1, 2, 3, 4
_NAMED = re.compile(r"tokenizer\.ggml\.\w+_token_id")
# What a template writes around turns: `<|im_start|>`, `<start_of_turn>`, `[INST]`; quotes and blanks are Jinja's.
_IN_TEMPLATE = re.compile(r"<[^<>\s'\"]{1,64}>|\[/?[A-Z][A-Z_]{1,40}\]")
_BEFORE, _AFTER = (b"<|", "<\uff5c".encode()), (b"|>", "\uff5c>".encode())
_IN_BRACKETS = re.compile(r"<.+>|\[.+\]|\{.+\}|\|.+\|", re.DOTALL)
# Names that engines and templates give meaning to, also where a file calls them ordinary.
_KNOWN = frozenset(
    name.encode()
    for name in (
        "<s>", "</s>", "<unk>", "<pad>", "<bos>", "<eos>", "<mask>", "<start_of_turn>", "<end_of_turn>", "<think>",
        "</think>", "<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>", "[INST]", "[/INST]", "[BOS]",
        "[EOS]", "[EOT]", "<EOT>", "_<EOT>", "\u2581<EOT>", "<PRE>", "<SUF>", "<MID>", "<PAD>", "<REPO>", "\u2581<PRE>",
        "\u2581<SUF>", "\u2581<MID>", "<reponame>", "<repo_name>", "<file_sep>", "<fim-prefix>", "<fim-suffix>",
        "<fim-middle>", "<fim-pad>", "<fim-repo>", "<fim_prefix>", "<fim_suffix>", "<fim_middle>", "<fim_pad>",
        "<fim_repo>",
    )
)  # fmt: skip
# Some vocabularies hold these as tokens of their own, and they are only text: in a page of HTML they must stay whole.
_HTML = re.compile(r"</?(table|caption|thead|tbody|tfoot|tr|th|td|h[1-6]|blockquote|strong|em|b|i|u|sub|sup|code|p|br"
                   r"|ul|ol|li|a|div|span|pre|hr|img)/?>")  # fmt: skip


def control_tokens_of(values: Mapping[str, Any]) -> tuple[str, ...]:
    """Every text that must not work as a token when a user types it, in no order that means anything."""
    return tuple(dict.fromkeys([*_by_type(values), *_by_name(values), *_by_template(values)]))


def is_too_much(tokens: Iterable[str]) -> bool:
    """More than any real model has: the control channel, and each look at a text, carry them all."""
    return sum(len(token.encode("utf-8", "replace")) for token in tokens) > MOST_BYTES


def _by_type(values: Mapping[str, Any]) -> Iterator[str]:
    tokens, kinds = values.get(TOKENS), values.get(TYPES)
    if not isinstance(tokens, list):
        return
    kinds = kinds if isinstance(kinds, tuple) else ()
    for place, raw in enumerate(tokens):
        kind = kinds[place] if place < len(kinds) else _NORMAL
        if kind in (_CONTROL, _UNKNOWN) or _acts(raw) or (kind == _USER_DEFINED and _is_marker(_text(raw))):
            yield _text(raw)


def _by_name(values: Mapping[str, Any]) -> Iterator[str]:
    """Tokens that the file itself names: the end of a turn, the beginning of a text, padding."""
    tokens = values.get(TOKENS)
    for key, number in values.items():
        if _NAMED.fullmatch(key) and isinstance(number, int) and isinstance(tokens, list) and 0 <= number < len(tokens):
            token = _text(tokens[number])
            if not token.isalnum() and not token.isspace():
                yield token


def _by_template(values: Mapping[str, Any]) -> Iterator[str]:
    for key, template in values.items():
        if key == _TEMPLATE or key.startswith(f"{_TEMPLATE}."):
            yield from _IN_TEMPLATE.findall(_text(template))


def _acts(token: bytes) -> bool:
    """Whether it would whatever its type."""
    return token in _KNOWN or (token.startswith(_BEFORE) and token.endswith(_AFTER))


def _is_marker(token: str) -> bool:
    return _IN_BRACKETS.fullmatch(token) is not None and _HTML.fullmatch(token) is None


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else ""
