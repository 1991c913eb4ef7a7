"""A request's body as bytes, made beside the event loop: an image of 20 MB in JSON would hold the window up.

Images are put in piece by piece, for a thread that encodes them in one go holds all others back just so."""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from collections.abc import Callable, Mapping
from io import BytesIO
from secrets import token_hex
from typing import Any

from aqe_desktop.core.chat import Attachment

JSON = {"Content-Type": "application/json"}
Shown = Callable[[Attachment], str]
"""What stands for an image in a body: its base64, or a mark in the place of that."""
_DIGITS = 6
_STEP = 3 << 16  # bytes of an image at a time; of a multiple of three, the parts in base64 are the whole


async def packed(encode: Callable[[Shown], Mapping[str, Any]]) -> bytes:
    """What `encode` makes, as the client library writes JSON; the same values give the same bytes."""
    return await asyncio.to_thread(_pack, encode)


def _pack(encode: Callable[[Shown], Mapping[str, Any]]) -> bytes:
    mark, images = token_hex(16), list[Attachment]()

    def shown(image: Attachment) -> str:
        images.append(image)
        return f"{mark}{len(images) - 1:0{_DIGITS}}"

    text = json.dumps(encode(shown), ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    first, *others = text.split(mark)
    body = BytesIO()
    body.write(first.encode())
    for each in others:
        _put(images[int(each[:_DIGITS])].data, body)
        body.write(each[_DIGITS:].encode())
    return body.getvalue()


def _put(image: bytes, body: BytesIO) -> None:
    with memoryview(image) as whole:
        for at in range(0, len(image), _STEP):
            body.write(b64encode(whole[at : at + _STEP]))
