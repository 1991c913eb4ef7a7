"""What the start of a command found that its user should hear of: the traces of a crash, settings that do not parse."""

from __future__ import annotations

import os

from aqe_desktop.app import App
from aqe_desktop.cli import output
from aqe_desktop.services.recovered import Recovered


def tell_what_was_found(app: App) -> None:
    """On standard error, for a script reads the other stream; once, for whoever recovers is the only one to know."""
    if told := of_recovered(app.recovered):
        output.note(f"aqe: {told}")
    if os.path.lexists(app.settings.path):  # without a file there is nothing to check, and the check loads a library
        _, problem = app.settings.load_or_default()
        if problem is not None:
            output.note(f"aqe: {problem.message}\n     {problem.hint}")


def of_recovered(recovered: Recovered) -> str:
    """In the words of the command line: which command shows what is kept."""
    if not recovered.answers:
        return recovered.sentence
    shown = ", ".join(f"`aqe history show {number}`" for number in recovered.conversations)
    what = "What had arrived" if recovered.arrived else "What was asked"
    return f"{recovered.cut} {what} is kept: {shown}."
