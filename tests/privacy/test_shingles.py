"""Parts of private files in other texts: three lines are known again, what everybody writes is not."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import aqe_desktop
from aqe_desktop.core.findings import PRIVATE_FILE
from aqe_desktop.privacy.shingles import COMMON, Known, fingerprints

SOURCES = {str(path): path.read_text() for path in (Path(aqe_desktop.__file__).parent / "core").glob("*.py")}
MIT = """\
Copyright (c) 2026 Somebody

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation the
rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, subject to:

The above copyright notice and this permission notice shall be included in all copies of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING THE WARRANTIES OF
MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT.
"""
HEADER = """\
# Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file except in compliance
# with the License. You may obtain a copy of the License at the address of the foundation.
#
# Unless required by applicable law or agreed to in writing, software distributed under the License is distributed
# on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied.
"""
IMPORTS = """\
import argparse
import asyncio
import contextlib
import dataclasses
import functools
import itertools
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from pathlib import Path
"""
CODE = "def settle(invoice, ledger):\n    remaining = invoice.total - paid(invoice.parts, since=ledger.opened)\n"
CODE += "    return ledger.collect(invoice, remaining, account=ledger.suspense, reason=overdue(invoice))\n"


def known(**files: str) -> Known:
    return Known({f"/p/{name}.py": fingerprints(text) for name, text in files.items()})


def test_three_lines_with_words_in_them_are_known_again_wherever_they_are_taken_from() -> None:
    index = Known({path: fingerprints(text) for path, text in SOURCES.items()})
    tried = missed = 0
    for text in SOURCES.values():
        lines = text.splitlines()
        for at in range(len(lines) - 2):
            told = [line for line in lines[at : at + 3] if not re.match(r"\s*(?:from|import|#)", line)]
            if sum(len(re.findall(r"\w{2,}", line)) for line in told) < 18:
                continue
            tried += 1
            missed += not index.matches("Why is that?\n" + "\n".join(lines[at : at + 3]) + "\nThank you.")
    assert tried > 200
    assert missed / tried < 0.02, f"{missed} of {tried}"


def test_layout_and_letter_case_do_not_matter() -> None:
    index = known(a=CODE)
    (found,) = index.matches(re.sub(r"\s+", "\n\t", CODE).upper())
    assert (found.kind, found.binding) == (PRIVATE_FILE, True)
    assert "a.py" in found.reason


def test_the_span_is_the_lines_that_are_shared() -> None:
    text = f"Before it.\n{CODE}After it."
    (found,) = known(a=CODE).matches(text)
    assert text[found.start : found.end] == CODE.rstrip("\n")


@pytest.mark.parametrize("common", [MIT, HEADER, IMPORTS, f"/*\n{MIT.replace(chr(10), chr(10) + ' * ')}*/\n"])
def test_licences_and_imports_are_nobody_s_secret(common: str) -> None:
    index = known(a=common + "\n" + CODE)
    assert index.matches(common) == ()
    assert index.matches(CODE)


def test_code_that_speaks_of_a_licence_is_no_licence() -> None:
    text = "if license_of(customer).expires < today():\n    renew(license_of(customer), months=contract.months)\n"
    text += "    charge(customer, contract.price * discount(customer, contract), currency=contract.currency)\n"
    assert known(a=text).matches(text)


def test_what_stands_in_many_private_files_is_nobody_s_secret() -> None:
    assert known(**{f"a{number}": CODE for number in range(COMMON)}).matches(CODE)
    assert known(**{f"a{number}": CODE for number in range(COMMON + 1)}).matches(CODE) == ()


def test_a_few_words_in_common_are_chance() -> None:
    index = known(a=CODE)
    words = re.findall(r"\w{2,}", CODE)
    for at in range(len(words) - 9):
        assert index.matches(" ".join(words[at : at + 10])) == ()
    assert index.matches("def settle(invoice, ledger):\n    return ledger.nothing_to_do\n") == ()


@pytest.mark.parametrize("text", ["", "\n", "a", "\ud800" * 50, "\0" * 100, "a " * 5, "=" * 10_000, "x" * 1_000_000])
def test_strange_texts_have_no_part_in_it(text: str) -> None:
    assert known(a=CODE).matches(text) == ()
    assert known(a=text).matches(CODE) == ()


def test_an_empty_index_knows_nothing() -> None:
    assert len(Known({})) == 0
    assert Known({}).matches(CODE) == ()
