"""Cursors."""

import pytest

from intake.core.paging import cursor_after, read_cursor
from schemas.errors import BadInput
from schemas.ids import CaseId
from tests.unit.intake.messages import NOW

CASE = CaseId("6a1f0000-0000-4000-8000-000000000001")


def test_a_cursor_leads_back_to_its_row() -> None:
    """What was given out is understood."""
    assert (NOW, CASE) == read_cursor(cursor_after(NOW, CASE))


@pytest.mark.parametrize(
    "cursor", ["x", "é", "=", "MjAyNi0xMS0yM3wx", "MjAyNi0xMS0yM1QwMDowMDowMHw2YTFm", "A" * 300]
)
def test_anything_else_is_refused(cursor: str) -> None:
    """A cursor that was made up is the caller's mistake, not ours."""
    with pytest.raises(BadInput):
        read_cursor(cursor)
