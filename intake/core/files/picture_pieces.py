"""Counts a picture's pieces before it is decoded: each may cost as much as the whole picture.

A JPEG of a hundred kilobytes may pass over fifty million pixels a thousand times, and a PNG bring its colours twenty
thousand times.
"""

import re
from collections.abc import Iterator, Sequence
from typing import IO, Final

#: Project choices. Encoders make ten passes, or twenty; cameras write some hundred pieces beside them, and PNG encoders ten
#: beside the pixels themselves.
MOST_PASSES: Final = 100
_MOST_MARKERS: Final = 10_000
_MOST_CHUNKS: Final = 500

#: A marker of a JPEG with a length behind it, or the end: neither a byte of the picture's own (FF 00), nor one that stands
#: alone. Source: ITU-T T.81 §B.1.1.
_MARKER = re.compile(rb"\xff([^\x00\x01\xff\xd0-\xd7])")
_PASS, _END = b"\xda", b"\xd9"
#: The signature of a PNG. Source: PNG, third edition, §5.2.
_PNG_HEAD_BYTES: Final = 8
#: Of a film; one that says more is read as a single picture (PNG §7.1: numbers of four bytes stay below).
_MOST_PICTURES: Final = 2**31


class TooManyPieces(ValueError):
    """No camera and no program writes such a picture."""


def check_jpeg(file: IO[bytes]) -> None:
    """Return if the JPEG is one that its decoder is done with in seconds.

    Raises:
        TooManyPieces: more than `MOST_PASSES`, or thousands of pieces beside them.
    """
    file.seek(0)
    passes = 0
    for place, marker in enumerate(_markers(file.read())):
        passes += marker == _PASS
        if passes > MOST_PASSES or place > _MOST_MARKERS:
            raise TooManyPieces


def _markers(picture: bytes) -> Iterator[bytes]:
    """Those up to the end, as decoders find them; what they hold is passed over."""
    found = _MARKER.search(picture, 2)
    while found is not None and found[1] != _END:
        yield found[1]
        length = int.from_bytes(picture[found.end() : found.end() + 2])
        found = _MARKER.search(picture, found.end() + max(2, length))


def check_png(file: IO[bytes]) -> None:
    """The same of a PNG, whose pixels may come in any number of pieces. Source: PNG, third edition, §5.3.

    Raises:
        TooManyPieces: hundreds beside the pixels.
    """
    if sum(kind != b"IDAT" for kind in _of_the_first_picture(_chunks(file))) > _MOST_CHUNKS:
        raise TooManyPieces


def _of_the_first_picture(chunks: Iterator[tuple[bytes, int]]) -> Iterator[bytes]:
    """The kinds of what is read of it: where it moves, nothing from the head of the second picture on."""
    films: list[int] = []
    are_pixels_there = False
    for kind, begins in chunks:
        if kind == b"fcTL" and are_pixels_there and _moves(films):
            return
        are_pixels_there |= kind == b"IDAT"
        if kind == b"acTL":
            films.append(begins)
        yield kind


def _moves(films: Sequence[int]) -> bool:
    """Whether Pillow takes it for several: said once, and of more than one. Source: PNG, third edition, §11.3.6.1."""
    return len(films) == 1 and 1 < films[0] <= _MOST_PICTURES


def _chunks(file: IO[bytes]) -> Iterator[tuple[bytes, int]]:
    """Their kinds, each with the number that it begins with, up to the end of the picture."""
    at = _PNG_HEAD_BYTES
    file.seek(at)
    while len(head := file.read(8)) == 8:
        yield head[4:], int.from_bytes(file.read(4))
        if head[4:] == b"IEND":
            return
        at += 12 + int.from_bytes(head[:4])
        file.seek(at)
