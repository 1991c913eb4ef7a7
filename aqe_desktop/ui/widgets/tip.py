"""Tooltips of text we did not write: Qt would read markup in them, and markup can load a local file."""

from __future__ import annotations

from aqe_desktop.ui.widgets.clean import visible

_WRAP_AT = 60


def plain_tip(text: str) -> str:
    """`text` as a tooltip that shows exactly these characters; long ones wrap."""
    if not text:
        return ""
    text = "\n".join(map(visible, text.split("\n")))
    space = "pre-wrap" if len(text) > _WRAP_AT or "\n" in text else "pre"
    return f'<span style="white-space:{space}">{_escaped(text)}</span>'


def _escaped(text: str) -> str:
    """Enough for text between tags; the html module brings all named characters along, before the first paint."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
