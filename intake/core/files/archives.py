"""Limits how large an archive may unpack: office files are archives, and a few kilobytes can hold gigabytes."""

import zipfile
from collections.abc import Sequence
from typing import IO

#: Of all parts together, unpacked. Project choice: of a workbook some millions of rows.
_MOST_BYTES = 512 * 1024 * 1024
#: What office programs write shrinks to a tenth; a part that shrinks to so little is mostly nothing. Project choice.
_MOST_SHRUNK = 100
#: Smaller parts are not asked (project choice: every program unpacks so much at once).
_LOOKED_AT_BYTES = 16 * 1024 * 1024


def is_bomb(file: IO[bytes]) -> bool:
    """Whether an archive says of itself that it unpacks to more than anybody would send; programs believe what it says.

    Raises:
        zipfile.BadZipFile: it is none.
    """
    file.seek(0)
    with zipfile.ZipFile(file) as archive:
        return unpack_to_too_much(archive.infolist())


def unpack_to_too_much(parts: Sequence[zipfile.ZipInfo]) -> bool:
    """Whether an archive of these parts would become too much, as they say of themselves."""
    hollow = (part.file_size > max(_LOOKED_AT_BYTES, _MOST_SHRUNK * part.compress_size) for part in parts)
    return any(hollow) or sum(part.file_size for part in parts) > _MOST_BYTES
