"""Who is told of deadlines: whoever holds the clock, and once a day how much there is."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from schemas.ids import CaseId, DepartmentCode
from schemas.notices import Audience, Occasion
from schemas.words import AlertLevel
from sla.core.calendar import china_calendar
from sla.core.kinds import Owner
from sla.core.notices import (
    Burden,
    RaisedAlert,
    alert_notice,
    digest_notices,
    exclusion_notice,
    is_digest_time,
    is_worked,
    latest_round,
    overdue_exclusion_notice,
    report_notice,
    urge_notice,
)

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
CHINA = ZoneInfo("Asia/Shanghai")
HOUSING, WATER = DepartmentCode("housing"), DepartmentCode("water")
CASE = CaseId("00000000-0000-0000-0000-000000000001")


@pytest.mark.parametrize(
    ("level", "owner", "audience"),
    [
        (AlertLevel.NEAR, Owner.LEAD, Audience.DEPARTMENT),
        (AlertLevel.MISSED, Owner.SUPPORTING, Audience.DEPARTMENT),
        (AlertLevel.MISSED, Owner.DISPATCHER, Audience.DISPATCHERS),
        (AlertLevel.NEAR, Owner.SUPERVISOR, Audience.SUPERVISORS),
        (AlertLevel.ESCALATED, Owner.LEAD, Audience.SUPERVISORS),
        (AlertLevel.MISSED, Owner.CITIZEN, None),
        (AlertLevel.REMINDED, Owner.LEAD, None),
    ],
)
def test_whoever_holds_the_clock_is_told(level: AlertLevel, owner: Owner, audience: Audience | None) -> None:
    """Of escalations the supervisors; of reminders nobody one by one, of the citizen's own time nobody at all."""
    notice = alert_notice(RaisedAlert(CASE, level, "reply", owner, HOUSING, NOW, 1), NOW)

    if audience is None:
        assert notice is None
        return
    assert notice is not None
    assert (audience, CASE, NOW) == (notice.audience, notice.case_id, notice.at)
    assert (notice.department == HOUSING) == (audience is Audience.DEPARTMENT)
    assert {"until": NOW.isoformat(), "clock": "reply"} == notice.facts


def test_a_deadline_that_moved_is_news_again() -> None:
    """The same alert said twice is one; of the next deadline it is another."""
    first, again, moved, other = (
        alert_notice(RaisedAlert(CASE, AlertLevel.MISSED, clock, Owner.LEAD, HOUSING, NOW, version), NOW)
        for clock, version in (("reply", 1), ("reply", 1), ("reply", 2), ("sign", 1))
    )
    ids = [notice and notice.id for notice in (first, again, moved, other)]

    assert ids[0] == ids[1]
    assert 3 == len(set(ids))


def test_each_hears_its_own_numbers() -> None:
    """The supervisors those of all; who has nothing hears nothing."""
    burdens = [
        Burden(Owner.LEAD, HOUSING, 2, 1),
        Burden(Owner.SUPPORTING, HOUSING, 1, 0),
        Burden(Owner.LEAD, WATER, 0, 0),
        Burden(Owner.DISPATCHER, None, 0, 4),
        Burden(Owner.SUPERVISOR, None, 1, 0),
        Burden(Owner.CITIZEN, HOUSING, 9, 9),
        Burden(None, None, 3, 5),
    ]
    told = {
        (notice.audience, notice.department): (notice.facts["due"], notice.facts["overdue"])
        for notice in digest_notices(burdens, date(2026, 11, 23), NOW)
    }

    assert {
        (Audience.DEPARTMENT, HOUSING): ("3", "1"),
        (Audience.DISPATCHERS, None): ("0", "4"),
        (Audience.SUPERVISORS, None): ("3", "5"),
    } == told


@pytest.mark.parametrize(
    ("is_decided", "told"),
    [
        (False, (Occasion.EXCLUSION_ASKED, Audience.SUPERVISORS, None)),
        (True, (Occasion.EXCLUSION_DECIDED, Audience.DEPARTMENT, HOUSING)),
    ],
)
def test_whoever_waits_for_an_exclusion_is_told(
    is_decided: bool,
    told: tuple[Occasion, Audience, DepartmentCode | None],
) -> None:
    """Supervisors that one asks, its department that it was decided; each step is news, and each only once."""
    first, again, other = (
        exclusion_notice(CASE, HOUSING, NOW, number=1, step=step, is_decided=is_decided) for step in (1, 1, 2)
    )

    assert told == (first.occasion, first.audience, first.department)
    assert {"exclusion": "1", "step": "1"} == first.facts
    assert first.id == again.id != other.id


def test_supervisors_hear_once_that_a_request_is_overdue() -> None:
    """With which it is, and until when it should have been decided; its appeal is another one."""
    first, again, appeal = (
        overdue_exclusion_notice(CASE, NOW, number=1, step=step, until=NOW) for step in (1, 1, 2)
    )

    assert (Occasion.EXCLUSION_OVERDUE, Audience.SUPERVISORS) == (first.occasion, first.audience)
    assert (CASE, NOW, None) == (first.case_id, first.at, first.department)
    assert {"exclusion": "1", "step": "1", "until": NOW.isoformat()} == first.facts
    assert first.id == again.id != appeal.id


@pytest.mark.parametrize(("supervised", "occasion"), [(True, Occasion.SUPERVISED), (False, Occasion.URGED)])
def test_a_department_hears_of_each_urging(supervised: bool, occasion: Occasion) -> None:
    """The next one is news, too."""
    first, later = (
        urge_notice(CASE, HOUSING, at, supervised=supervised) for at in (NOW, NOW + timedelta(minutes=1))
    )

    assert (occasion, Audience.DEPARTMENT, HOUSING) == (first.occasion, first.audience, first.department)
    assert (CASE, NOW) == (first.case_id, first.at)
    assert first.id != later.id


def test_supervisors_hear_once_of_each_report() -> None:
    """Of another order's report, too."""
    first, again, other = (report_notice(CASE, order, NOW) for order in (1, 1, 2))

    assert (Occasion.ORDER_REPORTED, Audience.SUPERVISORS) == (first.occasion, first.audience)
    assert (CASE, NOW, {"order": "1"}) == (first.case_id, first.at, first.facts)
    assert first.id == again.id != other.id


def test_one_digest_a_day() -> None:
    """Said again it is the same notice; the next day's is another; it names no case."""
    first, again, next_day = (
        next(iter(digest_notices([Burden(Owner.LEAD, HOUSING, 1, 0)], day, NOW)))
        for day in (date(2026, 11, 23), date(2026, 11, 23), date(2026, 11, 24))
    )

    assert first.id == again.id != next_day.id
    assert (Occasion.DIGEST, None, NOW) == (first.occasion, first.case_id, first.at)


@pytest.mark.parametrize(
    ("local", "is_time", "worked"),
    [
        ("2026-11-23 08:29", False, True),
        ("2026-11-23 08:30", True, True),
        ("2026-11-23 16:59", True, True),
        ("2026-11-23 17:00", False, True),
        ("2026-11-22 09:00", True, False),
        ("2026-10-01 09:00", True, False),
        ("2026-10-10 09:00", True, True),
    ],
)
def test_digests_on_working_days_alone(local: str, is_time: bool, worked: bool) -> None:
    """From half past eight to five; a Sunday and a holiday are none, a make-up Saturday is one."""
    at = datetime.fromisoformat(local).replace(tzinfo=CHINA)

    assert (is_time, worked) == (is_digest_time(at, CHINA), is_worked(at, china_calendar(), CHINA))


@pytest.mark.parametrize(
    ("local", "round_"),
    [
        ("2026-11-23 08:59", None),
        # From Friday evening on, over the weekend.
        ("2026-11-23 09:00", ("2026-11-23 09:00", "2026-11-20 16:30")),
        ("2026-11-23 13:59", ("2026-11-23 11:00", "2026-11-23 09:00")),
        ("2026-11-23 16:31", ("2026-11-23 16:30", "2026-11-23 14:00")),
        ("2026-11-23 17:00", None),
        ("2026-11-22 11:00", None),
        # Behind the seven days of the National Day, on a make-up Saturday.
        ("2026-10-08 09:30", ("2026-10-08 09:00", "2026-09-30 16:30")),
        ("2026-10-10 11:00", ("2026-10-10 11:00", "2026-10-10 09:00")),
    ],
)
def test_dispatchers_hear_in_rounds(local: str, round_: tuple[str, str] | None) -> None:
    """Four times on a working day, each from the end of the one before; never at night, nor on a day of rest."""
    found = latest_round(datetime.fromisoformat(local).replace(tzinfo=CHINA), china_calendar(), CHINA)

    assert round_ == (found and tuple(f"{each.astimezone(CHINA):%Y-%m-%d %H:%M}" for each in found))
