"""When cases are counted into the sums: once everything that is to be said of them was."""

from datetime import date, timedelta
from importlib import import_module
from typing import Any

from schemas.events.handlers import QuestionAnswered, QuestionAsked
from schemas.events.routing import CaseDeclined, WithdrawalConfirmed
from schemas.ids import CaseId
from schemas.words import CaseState
from sla.core.measures import Measure
from sla.steps import watch
from sla.steps.tally import tally
from tests.integration.sla.events import Sla, assigned, china, closed, registered, replied, signed
from tests.unit.handlers.making import HOUSING, fresh_case


async def _answered_late(sla: Sla) -> CaseId:
    """Replied long after it was due, and closed; nobody has swept."""
    case = fresh_case()
    await sla.hear(registered(case), assigned(case), signed(case))
    await sla.hear(replied(case, china("2026-12-20 10:00")), closed(case, china("2026-12-20 11:00")))
    sla.unit.now = china("2026-12-20 12:00")
    return case


async def _count(sla: Sla) -> int:
    return await tally(sla.unit, calendar=sla.calendar, limit=100)


async def _sums(sla: Sla) -> dict[str, int]:
    counted = await watch.count_cases(sla.unit, by="department", first=None, last=None, calendar=sla.calendar)
    return {each.value: counted.total.n(each) for each in (Measure.MISSED, Measure.DUE, Measure.DUE_ON_TIME)}


async def test_a_breach_that_is_still_to_be_told_is_waited_for(sla: Sla) -> None:
    """A case that ended before the sweeper came to it: not counted as on time, but as late once that was said."""
    await _answered_late(sla)
    assert 0 == await _count(sla)
    await sla.sweep_at(sla.unit.now + timedelta(hours=1))
    assert 1 == await _count(sla)

    assert {"missed": 1, "due": 1, "due_on_time": 0} == await _sums(sla)


async def test_a_breach_that_is_told_after_the_count_is_counted(sla: Sla) -> None:
    """As of a case that an earlier release counted: whoever says that it was late has it counted anew."""
    case = await _answered_late(sla)
    query: Any = 'UPDATE sla."case" SET settled = true WHERE case_id = $1'
    await sla.unit.db.execute(query, case)
    await sla.sweep_at(sla.unit.now + timedelta(hours=1))
    assert 1 == await _count(sla)

    assert {"missed": 1, "due": 1, "due_on_time": 0} == await _sums(sla)


async def test_what_a_later_release_calls_a_deed_stops_no_count(sla: Sla) -> None:
    """An upgrade that was taken back: its rows stay, and the sweeper of before counts what it knows."""
    case = await _answered_late(sla)
    query: Any = (
        "INSERT INTO sla.deed (case_id, at, what, department, value) VALUES ($1, $2, 'praised', 'housing', 0)"
    )
    await sla.unit.db.execute(query, case, china("2026-12-20 10:30"))
    await sla.sweep_at(sla.unit.now + timedelta(hours=1))

    assert 1 == await _count(sla)


async def test_what_is_not_counted_yet_is_in_whole_months_too(sla: Sla) -> None:
    """A span that ends with a month: its last days are read of such cases as well, as a monthly report reads them."""
    case = fresh_case()
    at = china("2026-11-27 10:00")
    await sla.hear(registered(case, at), assigned(case, at + timedelta(minutes=5)))
    sla.unit.now = china("2026-12-02 09:00")
    counted = await watch.count_cases(
        sla.unit, by="department", first=date(2026, 11, 1), last=date(2026, 11, 30), calendar=sla.calendar
    )

    assert 1 == counted.total.n(Measure.RECEIVED)


async def test_cases_counted_before_are_told_apart_by_how_they_ended(sla: Sla) -> None:
    """Sums of an earlier release hold `ended_otherwise` alone: the upgrade brings them to what counting anew would give."""
    declined, withdrawn, answered = fresh_case(), fresh_case(), fresh_case()
    at = china("2026-11-27 10:00")
    for case in (declined, withdrawn, answered):
        await sla.hear(registered(case), assigned(case), signed(case))
    await sla.hear(CaseDeclined(case_id=declined, version=7, at=at, legal_route="法院", decided_by="wang"))
    await sla.hear(WithdrawalConfirmed(case_id=withdrawn, version=7, at=at))
    await sla.hear(replied(answered, at), closed(answered, at))
    sla.unit.now = at + timedelta(hours=1)
    assert 3 == await _count(sla)
    db: Any = sla.unit.db
    tallies = "SELECT * FROM sla.tally WHERE n <> 0 ORDER BY grouping, period, start, key, measure, value"
    marks = """SELECT c.case_id, u.* FROM sla.counted AS c
               CROSS JOIN LATERAL unnest(days, holders, measures, amounts) AS u ORDER BY 1, 2, 3, 4, 5"""
    sums, counted = await db.fetch(tallies), await db.fetch(marks)
    assert {"declined", "withdrawn"} < {row["measure"] for row in sums}
    await db.execute("DELETE FROM sla.tally WHERE measure IN ('declined', 'withdrawn')")
    await db.execute(
        """UPDATE sla.counted AS c SET (days, holders, measures, amounts) = (
            SELECT array_agg(day), array_agg(holder), array_agg(measure), array_agg(amount)
            FROM unnest(days, holders, measures, amounts) AS u (day, holder, measure, amount)
            WHERE measure NOT IN ('declined', 'withdrawn'))"""
    )
    migration = import_module("deploy.database.migrations.versions.0106_how_cases_ended_without_an_answer")
    for _ in range(2):
        await db.execute(migration.TELL_APART)

        assert (sums, counted) == (await db.fetch(tallies), await db.fetch(marks))


async def test_cases_counted_before_say_whose_citizens_were_asked(sla: Sla) -> None:
    """Sums of an earlier release hold nothing of it: the upgrade brings them to what counting anew would give, once."""
    asked, silent = fresh_case(), fresh_case()
    at = china("2026-11-27 10:00")
    for case in (asked, silent):
        await sla.hear(registered(case), assigned(case), signed(case))
    question: dict[str, Any] = {
        "text": "哪一盏",
        "until": at,
        "state": CaseState.IN_PROGRESS,
        "department": HOUSING,
    }
    await sla.hear(QuestionAsked(case_id=asked, version=5, at=at - timedelta(hours=1), **question))
    await sla.hear(QuestionAnswered(case_id=asked, version=6, at=at, text="t", state=CaseState.IN_PROGRESS))
    for case in (asked, silent):
        await sla.hear(replied(case, at, 7), closed(case, at, 8))
    sla.unit.now = at + timedelta(hours=1)
    assert 2 == await _count(sla)
    counted = await watch.count_cases(sla.unit, by="department", first=None, last=None, calendar=sla.calendar)
    (of_housing,) = (sums for key, sums in counted.groups if key == HOUSING)
    assert (1, 1) == (counted.total.n(Measure.ASKED), of_housing.n(Measure.ASKED))
    db: Any = sla.unit.db
    tallies = "SELECT * FROM sla.tally WHERE n <> 0 ORDER BY grouping, period, start, key, measure, value"
    marks = """SELECT c.case_id, u.* FROM sla.counted AS c
               CROSS JOIN LATERAL unnest(days, holders, measures, amounts) AS u ORDER BY 1, 2, 3, 4, 5"""
    sums, marked = await db.fetch(tallies), await db.fetch(marks)
    await db.execute("DELETE FROM sla.tally WHERE measure = 'asked'")
    await db.execute(
        """UPDATE sla.counted AS c SET (days, holders, measures, amounts) = (
            SELECT array_agg(day), array_agg(holder), array_agg(measure), array_agg(amount)
            FROM unnest(days, holders, measures, amounts) AS u (day, holder, measure, amount)
            WHERE measure <> 'asked')"""
    )
    migration = import_module("deploy.database.migrations.versions.0110_whose_citizens_were_asked")
    for _ in range(2):
        await db.execute(migration.COUNT_ASKED)

        assert (sums, marked) == (await db.fetch(tallies), await db.fetch(marks))
