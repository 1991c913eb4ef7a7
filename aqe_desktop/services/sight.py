"""Images go only to a model that can see, and that is asked before anything is kept: servers drop them in silence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from aqe_desktop.core.chat import Attachment
from aqe_desktop.core.errors import UsageError
from aqe_desktop.core.history import StoredMessage
from aqe_desktop.core.models import Model
from aqe_desktop.services.models import ModelService
from aqe_desktop.services.thread import in_context

_CHOOSE = "Choose a model that can; `aqe models` lists what each can."


async def require_sight(
    models: ModelService, model: Model, before: Iterable[StoredMessage], attached: Sequence[Attachment] = ()
) -> None:
    """Raises UsageError where an image would be sent, `attached` now or in the chat `before`, to a blind model."""
    new = _image(attached)
    old = new or _image(file for row in in_context(before) for file in row.attachments)
    if old is None or await models.sees(model):
        return
    if new is not None:
        raise UsageError(f"{model.name} cannot see images such as {new.name}. Nothing was sent.", _CHOOSE)
    raise UsageError(
        f"This chat holds the image {old.name}, and {model.name} cannot see images. Nothing was sent.",
        "Choose a model that can see, or ask in a new chat.",
    )


def _image(files: Iterable[Attachment]) -> Attachment | None:
    return next((each for each in files if each.is_image), None)
