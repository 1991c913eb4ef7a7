"""Images are known by their first bytes, and their size is held against a limit before anybody decodes them."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aqe_desktop.core.chat import MEDIA
from aqe_desktop.core.errors import UsageError
from aqe_desktop.machine.files import MAX_BYTES, read_attachment
from aqe_desktop.machine.images import Picture, is_image, picture
from tests.pictures import GIF, JPEG, WEBP_LOSSLESS, WEBP_LOSSY, WEBP_SEE_THROUGH, png

KINDS = {
    "png": (png(), "image/png"),
    "jpeg": (JPEG, "image/jpeg"),
    "lossy webp": (WEBP_LOSSY, "image/webp"),
    "lossless webp": (WEBP_LOSSLESS, "image/webp"),
    "webp with a header": (WEBP_SEE_THROUGH, "image/webp"),
    "gif": (GIF, "image/gif"),
}


@pytest.mark.parametrize(("data", "media"), KINDS.values(), ids=KINDS)
def test_kind_and_size_are_read_from_the_header(data: bytes, media: str) -> None:
    assert picture(data, "a") == Picture(media, 5, 3)
    assert media in MEDIA


def test_an_image_is_attached_by_its_content_whatever_its_name(tmp_path: Path) -> None:
    path = tmp_path / "shot.txt"
    path.write_bytes(JPEG)
    file = read_attachment(path)
    assert (file.name, file.text, file.media, file.size) == ("shot.txt", "", "image/jpeg", len(JPEG))
    assert (file.path, file.is_image) == (str(path), True)
    assert hashlib.sha256(file.content).digest() == hashlib.sha256(JPEG).digest()
    assert "JFIF" not in repr(file)


def test_a_picture_that_unpacks_to_too_much_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(png(20_000, 20_000))
    assert path.stat().st_size < 1000
    with pytest.raises(UsageError, match="20000 × 20000 pixels, which is too many") as refused:
        read_attachment(path)
    assert refused.value.hint


def test_a_picture_with_an_endless_side_is_refused() -> None:
    with pytest.raises(UsageError, match="too many"):
        picture(png(40_000, 1), "a")


def test_an_image_is_not_larger_than_any_file(tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    path.write_bytes(png() + bytes(MAX_BYTES))
    with pytest.raises(UsageError, match="larger than 20 MB"):
        read_attachment(path)


@pytest.mark.parametrize("kind", KINDS)
def test_a_cut_header_is_named_as_damage(kind: str) -> None:
    data, _ = KINDS[kind]
    for length in range(3, 10 if kind == "gif" else 24):
        if is_image(data[:length]):
            with pytest.raises(UsageError, match="a damaged image"):
                picture(data[:length], "a")


def test_a_drawing_in_svg_is_text(tmp_path: Path) -> None:
    path = tmp_path / "drawing.svg"
    path.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    assert (read_attachment(path).media, read_attachment(path).text[:4]) == ("", "<svg")


@given(st.sampled_from(sorted(KINDS)), st.data())
def test_no_bytes_do_more_than_be_refused(kind: str, draw: st.DataObject) -> None:
    data = bytearray(KINDS[kind][0])
    for at in draw.draw(st.lists(st.integers(2, len(data) - 1), max_size=6)):
        data[at] = draw.draw(st.integers(0, 255))
    cut = bytes(data[: draw.draw(st.integers(0, len(data)))])
    with suppress(UsageError):
        seen = picture(cut, "a")
        assert 0 < seen.width * seen.height <= 50_000_000
