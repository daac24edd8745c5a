"""Pictures made anew: nothing is kept but what is seen. No place, no camera, no owner, nothing hidden behind the picture."""

import struct
import zlib
from io import BytesIO
from typing import IO

import msgspec
from PIL import Image, ImageOps

from intake.core.attachments import JPEG, PNG, WEBP, FileKind

#: Project choices. Of 50 million pixels are the largest photographs of telephones, and beyond it pictures cost memory out of
#: proportion (docs/attachments.md); 4,096 along the longer side still shows a number plate; 320 fill a line of a page.
MOST_PIXELS = 52_000_000
_LONGEST = 4096
_THUMBNAIL = 320
_QUALITY = 85

_FORMATS = {JPEG: "JPEG", PNG: "PNG", WEBP: "WEBP"}
#: What Pillow raises of pictures that are none, or are broken on purpose.
_BROKEN = (
    OSError, ValueError, SyntaxError, EOFError, TypeError, IndexError, KeyError, OverflowError, struct.error, zlib.error,
    Image.DecompressionBombError, Image.DecompressionBombWarning,
)  # fmt: skip


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """A picture as it is kept, and a small one of it (JPEG)."""

    body: bytes
    thumbnail: bytes


class BrokenPicture(Exception):
    """No picture of its kind, damaged, or far too large."""


def made_anew(file: IO[bytes], kind: FileKind) -> Picture:
    """The picture in `file`, upright, at most 4,096 pixels long, with nothing else of the file. Takes up to a second.

    Raises:
        BrokenPicture: it cannot be read, or has more than `MOST_PIXELS`: those are refused before they are unpacked.
        MemoryError: there is no room to unpack it just now, which is no fault of the picture's.
    """
    try:
        return _packed(_seen(file, kind), kind)
    except _BROKEN as error:
        raise BrokenPicture from error


def pixels_of(file: IO[bytes], kind: FileKind) -> int:
    """How many pixels the picture says it has, before any of them is unpacked.

    Raises:
        BrokenPicture: it cannot be read.
    """
    try:
        with _opened(file, kind) as picture:
            return picture.width * picture.height
    except _BROKEN as error:
        raise BrokenPicture from error


def _opened(file: IO[bytes], kind: FileKind) -> Image.Image:
    file.seek(0)
    return Image.open(file, formats=[_FORMATS[kind]])


def _seen(file: IO[bytes], kind: FileKind) -> Image.Image:
    """The pixels alone, upright, in a new picture: whatever else the file said stays behind, with what unpacked it."""
    with _opened(file, kind) as picture:
        if picture.width * picture.height > MOST_PIXELS:
            raise BrokenPicture
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
