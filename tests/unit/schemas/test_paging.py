"""Cursors: one codec for every list."""

import base64
import json
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import BadInput
from schemas.paging import cursor_of, page_of, read_cursor

AT = datetime(2026, 11, 25, 1, 2, 3, 4, tzinfo=UTC)
CASE = UUID("0198b2c4-0000-7000-8000-000000000001")


def test_a_cursor_is_read_back() -> None:
    """Whatever a list is sorted by, to the microsecond."""
    assert (AT, CASE, None) == read_cursor(cursor_of(AT, CASE, None), tuple[datetime, UUID, int | None])


@pytest.mark.parametrize(
    "cursor",
    ["", "=", "%", "ÿ", "x" * 4001, "W10", cursor_of("x", CASE), cursor_of(AT), cursor_of(AT, CASE, 1)],
)
def test_what_is_no_cursor_is_refused(cursor: str) -> None:
    """Crafted ones end as a refusal that names the parameter, never as an error of ours."""
    with pytest.raises(BadInput) as refusal:
        read_cursor(cursor, tuple[datetime, UUID])

    assert ["cursor"] == [error.field for error in refusal.value.errors]


def _crafted(*position: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(position).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    ("position", "value"),
    [
        (datetime, "0001-01-01T00:00:00+14:00"),
        (datetime, "9999-12-31T23:59:59-12:00"),
        (datetime, "2026-11-25T01:02:03"),
        (int, 2**63),
        (int, -(2**63) - 1),
        (str, "a\0b"),
    ],
)
def test_a_value_that_the_database_cannot_take_is_refused(position: type, value: object) -> None:
    """Right in type and crafted: no query is made with it."""
    with pytest.raises(BadInput):
        read_cursor(_crafted(value), tuple[position])  # type: ignore[valid-type]  # a type that the test names


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Nothing else can come of one."""
    try:
        read_cursor(text, tuple[datetime, UUID])
    except BadInput:
        return
    assert text == cursor_of(*read_cursor(text, tuple[datetime, UUID]))


def test_a_page_and_the_row_that_the_next_begins_behind() -> None:
    """One row more than the page was asked for: it says that there is a next page."""
    assert ([1, 2], 2) == page_of([1, 2, 3], 2)
    assert ([1, 2], None) == page_of([1, 2], 2)
    assert ([], None) == page_of([], 2)
