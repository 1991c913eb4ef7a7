"""Tooltips of text we did not write: Qt would read markup in them, and markup can load a local file."""

from __future__ import annotations

from html import escape

_WRAP_AT = 60


def plain_tip(text: str) -> str:
    """`text` as a tooltip that shows exactly these characters; long ones wrap."""
    if not text:
        return ""
    space = "pre-wrap" if len(text) > _WRAP_AT or "\n" in text else "pre"
    return f'<span style="white-space:{space}">{escape(text)}</span>'
