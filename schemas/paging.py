"""Cursors: where a list goes on. Opaque to the reader, a position in an index for us."""

import base64
import binascii
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec

from schemas.errors import BadInput, FieldError

T = TypeVar("T")
P = TypeVar("P", bound=tuple[Any, ...])


def cursor_of(*position: object) -> str:
    """The cursor behind a row: the values of the columns that the list is sorted by."""
    return base64.urlsafe_b64encode(msgspec.json.encode(position)).decode().rstrip("=")


def read_cursor(cursor: str, position: type[P]) -> P:
    """The values that `cursor_of` was given, each one that Postgres can take.

    `position`: their types, such as `tuple[datetime, UUID]`.

    Raises:
        BadInput: not a cursor of ours.
    """
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars="-_", validate=True)
        found: P = msgspec.json.decode(raw, type=position)
        for value in found:
            _check_storable(value)
        return found
    except (msgspec.DecodeError, binascii.Error, ValueError, OverflowError, RecursionError) as error:
        raise BadInput(
            [
                FieldError(
                    "cursor",
                    "翻页标记无效，请从第一页开始。",
                    "Not a cursor of ours: start from the first page.",
                )
            ]
        ) from error


def _check_storable(value: object) -> None:
    """Raise for what has the right type and is no value of a column: such a query would fail inside the database."""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("a moment without an offset")
        # Raises where the moment, as UTC, is before the year 1 or after 9999.
        value.astimezone(UTC)
    elif isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise OverflowError("beyond bigint")
    elif isinstance(value, str) and "\0" in value:
        raise ValueError("NUL, which no text column holds")


def page_of(rows: Sequence[T], limit: int) -> tuple[Sequence[T], T | None]:
    """The page in `rows`, of which one more than `limit` was asked for; and its last row where there is a next page."""
    page = rows[:limit]
    return page, page[-1] if len(rows) > limit else None
