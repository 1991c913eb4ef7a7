"""A long answer as models write them, made from a seed: prose, lists, tables, code in several languages."""

from __future__ import annotations

import random
import re

_TEXT = """the retry budget keeps a failed call from hiding behind another one while the gateway says which errors are
transient and a test that sleeps is a test that lies about what it has seen of the queue under load"""
_WORDS = _TEXT.split()
_CODE = {
    "python": "def step_{n}(items: list[int], *, limit: int = {n}) -> int:\n"
    '    """Add what fits."""\n    total = 0\n    for item in items:  # in order\n'
    '        if total + item > limit:\n            raise ValueError(f"over {{limit}}")\n        total += item\n'
    "    return total\n",
    "sql": "SELECT id, count(*) AS n\nFROM calls\nWHERE code >= {n} AND state = 'open'\nGROUP BY id;\n",
    "bash": "for i in $(seq {n}); do\n  curl -sf localhost:80{n}/health || exit 1\ndone\n",
}


def answer(tokens: int, seed: int = 1) -> list[str]:
    """About this many tokens, four characters each on average, in the order a server would send them."""
    chance = random.Random(seed)
    pieces: list[str] = []
    while len(pieces) < tokens:
        pieces.extend(_tokens(_block(chance)))
    return pieces[:tokens]


def one_file(lines: int) -> list[str]:
    """The tokens of one Python block of about this many lines, and a sentence after it."""
    body = "".join(_CODE["python"].format(n=number) for number in range(lines // 8))
    return _tokens(f"```python\n{body}```\n\nThat is the whole file.")


def _tokens(text: str) -> list[str]:
    return re.findall(r"\s*\S{1,5}|\s+", text)


def _block(chance: random.Random) -> str:
    kind = chance.choice(("text", "text", "text", "list", "code", "code", "table", "heading", "steps"))
    if kind == "heading":
        return f"## {_sentence(chance, 4)}\n\n"
    if kind == "list":
        return (
            "".join(f"- **{_sentence(chance, 2)}** {_sentence(chance, 12)}\n" for _ in range(chance.randint(3, 9)))
            + "\n"
        )
    if kind == "code":
        language = chance.choice(list(_CODE))
        body = "\n".join(_CODE[language].format(n=chance.randint(2, 99)) for _ in range(chance.randint(1, 6)))
        return f"```{language}\n{body}```\n\n"
    if kind == "table":
        rows = "".join(
            f"| {_sentence(chance, 2)} | {chance.randint(1, 999)} | `{chance.choice(_WORDS)}` |\n" for _ in range(6)
        )
        return f"| Call | Count | Where |\n|---|--:|---|\n{rows}\n"
    if kind == "steps":
        return (
            f"1. {_sentence(chance, 8)}:\n   ```bash\n   {_sentence(chance, 3)}\n   ```\n2. {_sentence(chance, 9)}\n\n"
        )
    return " ".join(_sentence(chance, 14) + "." for _ in range(chance.randint(2, 6))) + "\n\n"


def _sentence(chance: random.Random, words: int) -> str:
    chosen = [chance.choice(_WORDS) for _ in range(words)]
    if words > 8:
        chosen[words // 2] = f"`{chosen[words // 2]}()`"
    return " ".join(chosen).capitalize()
