"""The deliberate yes of `--send-anyway`: what was found is listed before anything is sent, so that it is one."""

from __future__ import annotations

from collections.abc import Sequence

from aqe_desktop.app import App
from aqe_desktop.cli import output
from aqe_desktop.core.chat import Attachment, Message, Parameters, Role
from aqe_desktop.core.findings import Found, PartKind
from aqe_desktop.services.clearing import beside_of


async def tell_findings(
    app: App,
    conversation: int | None,
    prompt: str,
    files: Sequence[Attachment],
    project: str | None,
    parameters: Parameters | None,
) -> None:
    """On standard error, one line each, without the values. Waits until the scanner can read."""
    question = Message(Role.USER, prompt, tuple(files))
    chosen = parameters or Parameters()
    if conversation is not None:
        chat = await app.history.get(conversation)
        project, chosen = chat.project, parameters or chat.parameters
    for message, name in ((question, "the prompt"), (beside_of(chosen.sampling), "what goes beside the prompt")):
        for found in await app.privacy.scan((message,), project, final=True):
            _tell(found, _where(found, message, name))
    for found in await app.chat.findings(conversation, "", project=project, parameters=Parameters(chosen.system)):
        _tell(found, "what this chat holds already")


def _tell(found: Found, where: str) -> None:
    if not found.dismissed:
        how = "private" if found.finding.binding else "perhaps private"
        output.note(f"aqe: {how}, in {where}: {found.finding.kind}. {found.finding.reason}")


def _where(found: Found, message: Message, name_of_text: str) -> str:
    part = found.part
    if part.kind is PartKind.TEXT:
        return f"{name_of_text}, {_line(message.text, found)}"
    file = message.attachments[part.file]
    name = " ".join(file.name.split())
    if part.kind is PartKind.NAME:
        return f"the name of {name}"
    return name if file.is_image else f"{name}, {_line(file.text, found)}"


def _line(text: str, found: Found) -> str:
    return f"line {text.count(chr(10), 0, found.finding.start) + 1}"
