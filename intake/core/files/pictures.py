"""Re-encodes pictures so that only what can be seen remains: no position, camera, owner or hidden data."""

import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import IO

import msgspec
from PIL import Image, ImageOps

from intake.core.files.attachments import JPEG, PNG, WEBP, FileKind
from intake.core.files.picture_pieces import TooManyPieces, check_jpeg, check_png

#: Project choices. Of 50 million pixels are the largest photographs of telephones, which make JPEGs, and beyond it pictures
#: cost memory out of proportion (docs/attachments.md). A pixel of WebP takes more than twice as much: 24 million take
#: what 52 of others do. 4,096 along the longer side still shows a number plate; 320 fill a line of a page.
MOST_PIXELS = {JPEG: 52_000_000, PNG: 52_000_000, WEBP: 24_000_000}
_LONGEST = 4096
_THUMBNAIL = 320
_QUALITY = 85

_FORMATS = {JPEG: "JPEG", PNG: "PNG", WEBP: "WEBP"}
_CHECKS = {JPEG: check_jpeg, PNG: check_png}
#: What Pillow raises of pictures that are none, or are broken on purpose.
_BROKEN = (
    OSError, ValueError, SyntaxError, EOFError, TypeError, IndexError, KeyError, OverflowError, struct.error, zlib.error,
)  # fmt: skip
#: And of those that say they are far larger than we take.
_BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """A picture as it is kept, and a small one of it (JPEG)."""

    body: bytes
    thumbnail: bytes


class BrokenPicture(Exception):
    """No picture of its kind, damaged, or far too large."""


class TooManyPixels(BrokenPicture):
    """It has more than `MOST_PIXELS` of its kind."""


class TooIntricate(BrokenPicture):
    """It has more pieces than any camera writes."""


def made_anew(file: IO[bytes], kind: FileKind) -> Picture:
    """The picture in `file`, upright, at most 4,096 pixels long, with nothing else of the file. Takes up to a second.

    Raises:
        BrokenPicture: it cannot be read.
        TooIntricate: it has more pieces than any camera writes.
        TooManyPixels: it has more than `MOST_PIXELS`: such are refused before they are unpacked.
        MemoryError: there is no room to unpack it just now, which is no fault of the picture's.
    """
    with _in_our_words():
        return _packed(_seen(file, kind), kind)


def pixels_of(file: IO[bytes], kind: FileKind) -> int:
    """How many pixels the picture says it has, before any of them is unpacked.

    Raises:
        BrokenPicture, TooIntricate: as `made_anew`.
        TooManyPixels: so many that nobody takes any such.
    """
    with _in_our_words(), _opened(file, kind) as picture:
        return picture.width * picture.height


@contextmanager
def _in_our_words() -> Iterator[None]:
    """What is raised of a picture becomes one of our errors."""
    try:
        yield
    except _BOMBS as error:
        raise TooManyPixels from error
    except TooManyPieces as error:
        raise TooIntricate from error
    except _BROKEN as error:
        raise BrokenPicture from error


def _opened(file: IO[bytes], kind: FileKind) -> Image.Image:
    if check := _CHECKS.get(kind):
        check(file)
    file.seek(0)
    return Image.open(file, formats=[_FORMATS[kind]])


def _seen(file: IO[bytes], kind: FileKind) -> Image.Image:
    """The pixels alone, upright, in a new picture: whatever else the file said stays behind, with what unpacked it."""
    with _opened(file, kind) as picture:
        if picture.width * picture.height > MOST_PIXELS[kind]:
            raise TooManyPixels
        if kind is JPEG:
            # Unpacks a half, a quarter or an eighth of it at once, and never less than is asked for.
            picture.draft("RGB", (_LONGEST, _LONGEST))
        # Made smaller before all else, and in place: each copy of the whole would be as large again.
        picture.thumbnail((_LONGEST, _LONGEST))
        ImageOps.exif_transpose(picture, in_place=True)
        has_alpha = kind is not JPEG and (
            picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
        )
        mode = "RGBA" if has_alpha else "RGB"
        seen = Image.new(mode, picture.size)
        seen.paste(picture if picture.mode == mode else picture.convert(mode))
        return seen


def _packed(seen: Image.Image, kind: FileKind) -> Picture:
    body = _encoded(seen, _FORMATS[kind])
    seen.thumbnail((_THUMBNAIL, _THUMBNAIL))
    return Picture(body=body, thumbnail=_encoded(_on_white(seen), "JPEG"))


def _on_white(picture: Image.Image) -> Image.Image:
    if picture.mode == "RGB":
        return picture
    white = Image.new("RGB", picture.size, "white")
    white.paste(picture, mask=picture.getchannel("A"))
    return white


def _encoded(picture: Image.Image, name: str) -> bytes:
    written = BytesIO()
    picture.save(written, name, quality=_QUALITY, optimize=name == "PNG" and picture.width < _LONGEST // 4)
    return written.getvalue()
