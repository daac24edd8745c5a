"""What the driver makes of arrays, once it knows texts by their type."""

import sys
from datetime import UTC, datetime
from types import FrameType
from typing import Any

import asyncpg
import pytest

from deploy.database.pool import connect
from deploy.settings import Settings
from schemas.words import CaseState


class Mine(str):
    """A text of another class."""


@pytest.mark.parametrize(
    ("type_", "sent", "kept"),
    [
        ("text", ["水管", "", None, CaseState.CLOSED, Mine("a,{}")], ["水管", "", None, "closed", "a,{}"]),
        ("text", ("a", "b"), ["a", "b"]),
        ("text", [["a", "b"], ["c", "d"]], [["a", "b"], ["c", "d"]]),
        ("text", {"a": 1}.keys(), ["a"]),
        ("text", frozenset("a"), ["a"]),
        ("text", [], []),
        ("bytea", [b"\x00", None, bytearray(b"ab"), memoryview(b"c")], [b"\x00", None, b"ab", b"c"]),
        ("int", [1, None, -1], [1, None, -1]),
        ("timestamptz", [datetime(2026, 1, 1, tzinfo=UTC)], [datetime(2026, 1, 1, tzinfo=UTC)]),
    ],
)
async def test_every_array_arrives_as_it_was_sent(
    settings: Settings, type_: str, sent: Any, kept: list[Any]
) -> None:
    """Texts, bytes and what is neither; columns of any kind, one within the other."""
    async with connect(settings) as db:
        found = await db.fetchval(f"SELECT $1::{type_}[]", sent)

    assert kept == found


@pytest.mark.parametrize("sent", ["abc", b"abc", {"a": "b"}, 7])
async def test_what_is_no_array_is_refused(settings: Settings, sent: Any) -> None:
    """A text is not the array of its characters."""
    async with connect(settings) as db:
        with pytest.raises(asyncpg.DataError):
            await db.fetchval("SELECT $1::text[]", sent)


async def test_a_column_of_texts_asks_python_nothing(settings: Settings) -> None:
    """A thousand texts are sent without a call of Python for each."""
    asked = 0

    def count(frame: FrameType, event: str, _: object) -> None:
        nonlocal asked
        asked += event == "call" and frame.f_code.co_name == "__instancecheck__"

    async with connect(settings) as db:
        sys.setprofile(count)
        try:
            await db.execute("SELECT cardinality($1::text[])", ["水管"] * 1000)
        finally:
            sys.setprofile(None)

    assert 100 > asked
