"""Bodies as bytes: what the client library would have made of the same, images of any length included."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from aqe_desktop.core.chat import Attachment, Message, Role, Sampling
from aqe_desktop.wires import ollama, openai_chat
from aqe_desktop.wires.attachments import base64_of
from aqe_desktop.wires.packing import Shown, packed


def _image(size: int) -> Attachment:
    return Attachment("å.png", "", data=bytes(number * 31 % 251 for number in range(size)), media="image/png")


MESSAGES = (
    Message(Role.SYSTEM, "Be brief."),
    Message(Role.USER, 'What is “this”?\n"\\', (_image(700_001), Attachment("a.py", "x = 'ø'"), _image(1))),
    Message(Role.USER, "", (_image(2), _image(3 << 16))),
)


def _openai(shown: Shown) -> Mapping[str, Any]:
    return openai_chat.encode_request("m", MESSAGES, Sampling(temperature=0.5), shown)


def _ollama(shown: Shown) -> Mapping[str, Any]:
    return ollama.encode("m", MESSAGES, Sampling(), {"num_ctx": 4096}, shown=shown)


@pytest.mark.parametrize("encode", [_openai, _ollama])
async def test_the_bytes_are_those_that_the_client_library_would_send(encode: Any) -> None:
    assert await packed(encode) == httpx.Request("POST", "http://box", json=encode(base64_of)).content


async def test_nothing_of_it_is_made_on_the_event_loop() -> None:
    threads = []

    def encode(shown: Shown) -> Mapping[str, Any]:
        threads.append(threading.current_thread())
        return _openai(shown)

    await packed(encode)
    assert threads != [threading.current_thread()]
