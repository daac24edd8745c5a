"""Append-only logs of sealed rows: each row carries a seal over itself and the row before."""

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, NamedTuple, TypeVar

import msgspec

from schemas.ports import Database


class Changing(NamedTuple):
    """Who does what such a row tells of, and when; `key` is the audit's, and seals it."""

    by: str
    at: datetime
    key: bytes


class SealedRow(msgspec.Struct, frozen=True, kw_only=True):
    """One row, without its seal; `number` is its place, without a gap."""

    #: The table whose columns are these fields, and `seal`.
    table: ClassVar[str]

    number: int

    def seal(self, key: bytes, before: bytes) -> bytes:
        """What is to stand beside it, behind the row that is sealed with `before`."""
        raise NotImplementedError


Row = TypeVar("Row", bound=SealedRow)


async def last_row(db: Database, kind: type[SealedRow]) -> tuple[int, bytes] | None:
    """Number and seal of the last row; None where there is none."""
    last = await db.fetchrow(f"SELECT number, seal FROM {kind.table} ORDER BY number DESC LIMIT 1")  # noqa: S608  a constant
    return (last["number"], last["seal"]) if last else None


async def every_row(db: Database, kind: type[Row]) -> Sequence[tuple[Row, bytes]]:
    """Each row with its seal, the first one first."""
    fields = kind.__struct_fields__
    rows = await db.fetch(f"SELECT {', '.join(fields)}, seal FROM {kind.table} ORDER BY number")  # noqa: S608  constants
    return [(kind(**{name: row[name] for name in fields}), row["seal"]) for row in rows]


def held_rows(rows: Sequence[tuple[SealedRow, bytes]], keys: Sequence[bytes]) -> Sequence[bool]:
    """Whether each is as it was written, behind the one that stands before it. `keys`: former, too."""
    held, (number, before) = [], (0, b"")
    for row, seal in rows:
        held.append(row.number == number + 1 and seal in [row.seal(key, before) for key in keys])
        number, before = row.number, seal
    return held
