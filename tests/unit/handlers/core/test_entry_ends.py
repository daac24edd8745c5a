"""When the owner of a knowledge entry hears that it ends."""

from datetime import UTC, datetime, timedelta

import pytest

from handlers.core.entry_ends import SPANS, Ending, warnings
from schemas.ids import DepartmentCode, EntryId
from schemas.notices import Audience, Occasion

END = datetime(2027, 6, 30, 16, tzinfo=UTC)
ENTRY = Ending(EntryId("0198b2c4-0000-7000-8000-00000000000e"), DepartmentCode("housing"), END)
DAY, MINUTE = timedelta(days=1), timedelta(minutes=1)


def test_the_spans_are_data() -> None:
    """Two warnings, the longer first; no entry holds for longer than two years from its last check."""
    assert ([14 * DAY, 3 * DAY], 731 * DAY) == SPANS


@pytest.mark.parametrize(
    ("before", "many"),
    [
        (14 * DAY + MINUTE, 0),
        (14 * DAY, 1),
        (11 * DAY + MINUTE, 1),
        (11 * DAY, 0),
        (3 * DAY, 1),
        (MINUTE, 1),
        (timedelta(0), 0),
        (-DAY, 0),
    ],
)
def test_it_is_told_at_its_times_and_never_late(before: timedelta, many: int) -> None:
    """From each of the times on, while there is still something to warn of."""
    assert many == len(list(warnings([ENTRY], END - before)))


def test_each_warning_is_one_however_often_it_is_said() -> None:
    """The first and the last are two, and so are those of two ends; to its owner alone, with when."""
    at = (END - 14 * DAY, END - 13 * DAY, END - 3 * DAY)
    first, again, last = (next(warnings([ENTRY], moment)) for moment in at)
    later = next(warnings([ENTRY._replace(holds_until=END + DAY)], END - 13 * DAY))

    assert (first.id, 3) == (again.id, len({first.id, last.id, later.id}))
    assert (Occasion.ENTRY_ENDS, Audience.DEPARTMENT, "housing", None) == (
        first.occasion,
        first.audience,
        first.department,
        first.case_id,
    )
    assert END.isoformat() == first.facts["until"]
