"""Cursors: where a list goes on. Opaque to the reader, a position in an index for us."""

import base64
import binascii
from collections.abc import Sequence
from typing import TypeVar

import msgspec

from schemas.errors import BadInput, FieldError

T = TypeVar("T")


def cursor_of(*position: object) -> str:
    """The cursor behind a row: the values of the columns that the list is sorted by."""
    return base64.urlsafe_b64encode(msgspec.json.encode(position)).decode().rstrip("=")


def read_cursor(cursor: str, position: type[T]) -> T:
    """The values that `cursor_of` was given. `position`: their types, such as `tuple[datetime, UUID]`.

    Raises:
        BadInput: not a cursor of ours.
    """
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars="-_", validate=True)
        return msgspec.json.decode(raw, type=position)
    except (msgspec.DecodeError, binascii.Error, UnicodeError, ValueError, RecursionError) as error:
        raise BadInput(
            [
                FieldError(
                    "cursor",
                    "翻页标记无效，请从第一页开始。",
                    "Not a cursor of ours: start from the first page.",
                )
            ]
        ) from error


def page_of(rows: Sequence[T], limit: int) -> tuple[Sequence[T], T | None]:
    """The page in `rows`, of which one more than `limit` was asked for; and its last row where there is a next page."""
    page = rows[:limit]
    return page, page[-1] if len(rows) > limit else None
