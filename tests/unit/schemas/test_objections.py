"""Until when citizens may object: the same to an answer as to a refusal, whatever zone the city keeps."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest

from handlers.core import verdicts
from handlers.core.asks import Asks
from routing.core.decisions.refusals import objection_to_refusal_until
from schemas.city import DEFAULT_TIME_ZONE, City, load_city
from schemas.days import day_of, end_of_day
from schemas.events.handlers import CaseClosed, CaseReopened
from schemas.events.intake import CitizenObjected
from schemas.events.routing import ReviewDecided
from schemas.objections import OBJECT_WITHIN, objection_until
from schemas.words import CaseState, ReviewKind
from tests.unit.handlers.making import case

_ZONES = (DEFAULT_TIME_ZONE, "Asia/Urumqi", "America/New_York", "Pacific/Kiritimati")
#: One in the small hours of China's next day, one at noon.
_MOMENTS = (datetime(2026, 11, 23, 17, 30, tzinfo=UTC), datetime(2026, 11, 23, 4, tzinfo=UTC))


def _city(zone: str) -> City:
    return msgspec.structs.replace(load_city(), zone=ZoneInfo(zone))


@pytest.mark.parametrize("zone", _ZONES)
@pytest.mark.parametrize("at", _MOMENTS)
def test_answers_and_refusals_may_be_objected_to_equally_long(zone: str, at: datetime) -> None:
    """What handlers says of an answer and routing of a refusal of the same moment is the same moment."""
    city, held = _city(zone), case(state=CaseState.REPLIED, response="好")
    approved = ReviewDecided(
        case_id=held.case_id,
        version=held.version,
        at=at,
        kind=ReviewKind.REPLY,
        accepted=True,
        decided_by="li",
    )
    change = verdicts.decide_review(held, approved, at, city=city)
    assert change is not None
    closed = change.events[1]

    assert isinstance(closed, CaseClosed)
    assert closed.objection_until == objection_to_refusal_until([], at, city.zone)


@pytest.mark.parametrize("zone", _ZONES)
def test_the_last_day_counts_whole_in_the_citys_zone(zone: str) -> None:
    """It ends with that day's midnight there, thirty days after the day of the answer."""
    at, there = _MOMENTS[0], ZoneInfo(zone)
    until = objection_until(at, there)

    assert until.astimezone(there).time() == datetime.min.time()
    assert day_of(until, there) == at.astimezone(there).date() + OBJECT_WITHIN
    assert until == end_of_day(day_of(until, there), there)


def test_what_the_citizen_was_told_is_what_counts() -> None:
    """An objection in the last minute of the last day reopens the case, wherever the city lies."""
    city, at = _city("America/New_York"), _MOMENTS[1]
    until = objection_until(at, city.zone)
    held = case(state=CaseState.CLOSED, closed_at=at, asks=Asks(objection_until=until))
    objected = CitizenObjected(case_id=held.case_id, version=4, at=until, reason="没修好")

    assert isinstance(verdicts.reopen(held, objected, until + timedelta(days=2)).events[0], CaseReopened)


def test_a_case_that_an_earlier_build_closed_is_not_cut_short() -> None:
    """Nobody wrote down until when: the last day has ended everywhere by then."""
    at = _MOMENTS[0]
    facts = case(state=CaseState.CLOSED, closed_at=at).facts(at)

    assert facts.objection_until is not None
    assert all(facts.objection_until >= objection_until(at, ZoneInfo(zone)) for zone in _ZONES)
