"""A schema or tools that a command read from a file, edited in the window."""

from __future__ import annotations

from typing import Any, cast

from PySide6.QtCore import QObject, Signal

from aqe_desktop.core.chat import Origin, Parameters, Sampling
from aqe_desktop.ui.screens.chat.parameters import ParametersViewModel

FILE = Origin("/projects/vault/form.json")


class _Chat(QObject):
    """The one value that the view model edits."""

    opened = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.parameters = Parameters("", Sampling(schema="{}", schema_from=FILE))

    def set_parameters(self, parameters: Parameters) -> None:
        self.parameters = parameters


def test_an_edited_schema_stays_its_files_until_it_is_emptied() -> None:
    chat = cast(Any, _Chat())
    form = ParametersViewModel(chat, cast(Any, None))
    form.set_sampling(schema='{"type": "object"}')
    assert [each.path for each in chat.parameters.sampling.files] == [FILE.path]
    form.set_sampling(schema="")
    form.set_sampling(schema="{}")
    assert chat.parameters.sampling.files == ()
    assert chat.parameters.sampling.written == "{}"
