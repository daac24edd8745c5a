"""What is rare is found without reading what is not: by the pages that Postgres touches among twenty thousand cases."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import handlers.store.desk
import routing.store.readings
import sla.store.watching
from intake.core.public.promises import PromiseState
from schemas.words import CaseState
from sla.core.readings import AT_THE_CENTRE
from tests.integration.grown import Grown, seeded
from tests.integration.test_growth import HOUSING, AsPlannedOnce, Touched, promises_of


@pytest.fixture
async def db(grown: Grown) -> AsyncIterator[Any]:
    """Twenty thousand cases, in a transaction that is rolled back."""
    async with grown.by(seeded) as db:
        yield db


async def test_the_few_of_a_department_are_found_without_reading_all_that_is_late(db: Any) -> None:
    """Seven among twenty thousand that are late, and those of no department: some pages, not all of them."""
    now = datetime.now(UTC)
    await db.execute(
        "UPDATE sla.clock SET state = 'running', next_level = 'escalated', due_at = now() - interval '1 day'"
    )
    await db.execute(
        """UPDATE sla.clock SET department = 'rare' WHERE (case_id, clock) IN (
            SELECT case_id, clock FROM sla.clock ORDER BY case_id LIMIT 7)"""
    )
    await db.execute("ANALYZE sla.clock")
    found, pages = {}, {}
    for department in ("rare", "nobody", AT_THE_CENTRE):
        touched: Any = Touched(db)
        rows = await sla.store.watching.pressing(
            touched, now, overdue=True, department=department, owner=None, until=None, after=None, limit=50
        )
        found[department], pages[department] = len(rows), touched.pages

    assert (7, 0) == (found["rare"], found["nobody"])
    assert {} == {name: number for name, number in pages.items() if number > 1000}


async def test_a_rare_alert_is_found_without_reading_the_others(db: Any) -> None:
    """Of a level of which there is one among twenty thousand, and it the oldest."""
    await db.execute(
        "UPDATE sla.alert SET level = 'escalated.2' WHERE seq = (SELECT min(seq) FROM sla.alert)"
    )
    await db.execute("ANALYZE sla.alert")
    rare: dict[str, Any] = {
        "level": "escalated",
        "department": None,
        "owner": None,
        "before": None,
        "limit": 50,
    }
    touched: Any = Touched(db)

    assert 1 == len(await sla.store.watching.alerts(touched, **rare))
    assert touched.pages < 20


async def test_a_rare_promise_is_found_without_reading_the_others(db: Any) -> None:
    """Of each state there are some, the oldest, among twenty thousand that were kept; and one department has a few."""
    rare = "(SELECT case_id FROM intake.promise ORDER BY until, case_id OFFSET {} LIMIT 2)"
    past = "now() - interval '9 years'"
    for place, change in enumerate((
        f"until = {past}, replied_at = NULL, ended_at = NULL, outcome = NULL",
        f"until = {past}",
        "until = 'infinity', replied_at = NULL, ended_at = NULL, outcome = NULL",
        "replied_at = NULL, outcome = 'withdrawn'",
        "changed_at = granted_at",
        "department = 'rare'",
    )):  # fmt: skip
        await db.execute(
            f"UPDATE intake.promise SET {change} WHERE case_id IN {rare.format(2 * place)}"  # noqa: S608  our own words
        )
    await db.execute("ANALYZE intake.promise")
    found, pages = {}, {}
    asked: list[tuple[PromiseState | None, str | None]] = [(state, None) for state in PromiseState]
    for state, department in [*asked, (None, "rare")]:
        touched: Any = Touched(db)
        found[state or department] = await promises_of(touched, state, department)
        pages[state or department] = touched.pages

    assert {"open": 2, "broken": 4, "ended": 2, "changed": 2, "kept": 50, "rare": 2} == found
    assert {} == {name: number for name, number in pages.items() if number > 2000}


async def test_an_owners_rare_alert_is_found_without_reading_the_others(db: Any) -> None:
    """One of a supervisor's among twenty thousand of departments, and it the oldest."""
    await db.execute("UPDATE sla.alert SET owner = 'supervisor' WHERE seq = (SELECT min(seq) FROM sla.alert)")
    await db.execute("ANALYZE sla.alert")
    touched: Any = Touched(db)
    found = await sla.store.watching.alerts(
        touched, level=None, department=None, owner="supervisor", before=None, limit=50
    )

    assert 1 == len(found)
    assert touched.pages < 20


async def test_enquiries_are_counted_without_reading_all_other_messages(db: Any) -> None:
    """Seven among twenty thousand messages of three months; what is nobody's business is in no figure."""
    some = "(SELECT case_id FROM routing.case WHERE received_at > now() - interval '80 days' ORDER BY case_id LIMIT 7)"
    await db.execute(f"UPDATE routing.case SET kind = 'consultation' WHERE case_id IN {some}")  # noqa: S608  our own words
    await db.execute("UPDATE routing.case SET confidential = true WHERE case_id = (SELECT min(case_id::text)::uuid FROM "
                     "routing.case WHERE kind = 'consultation')")  # fmt: skip
    await db.execute("ANALYZE routing.case")
    touched: Any = Touched(db)

    assert (6, 0) == await routing.store.readings.enquiries(touched, datetime.now(UTC) - timedelta(days=90))
    assert touched.pages < 60


async def test_what_is_rare_in_an_archive_is_found_without_reading_it(db: Any) -> None:
    """The few that were late, or withdrawn, among the years of a department's answers: some pages, not all of them."""
    now, desk = datetime.now(UTC), handlers.store.desk
    ended = tuple(state.value for state in (CaseState.CLOSED, CaseState.WITHDRAWN, CaseState.MERGED))
    pages, found = {}, {}
    await db.execute(
        """UPDATE handlers.case SET overdue = true WHERE case_id IN (
            SELECT case_id FROM handlers.case WHERE lead = 'housing' AND state = 'closed' ORDER BY case_id LIMIT 7)"""
    )
    await db.execute("ANALYZE handlers.case")
    for name, states, late in (
        ("all", ended, False),
        ("late", ended, True),
        ("withdrawn", (CaseState.WITHDRAWN.value,), False),
    ):
        touched: Any = Touched(db)
        asked = desk.DeskScope(department=HOUSING, now=now, ended=True, states=states, late=late)
        found[name] = len(await desk.lines(touched, asked, after=None, limit=50))
        pages[name] = touched.pages

    assert {"all": 50, "late": 7, "withdrawn": 0} == found
    assert {} == {name: touched for name, touched in pages.items() if touched > 300}


async def test_a_span_of_due_dates_in_an_archive_is_found_without_reading_it(db: Any) -> None:
    """One day of years ago, or one that nobody was due on: pages of an index, and no row outside the span."""
    now, desk = datetime.now(UTC), handlers.store.desk
    ended = tuple(state.value for state in (CaseState.CLOSED, CaseState.WITHDRAWN, CaseState.MERGED))
    await db.execute(
        """UPDATE handlers.case SET due_at = '2019-03-04 08:00+00' WHERE case_id IN (
            SELECT case_id FROM handlers.case WHERE lead = 'housing' AND state = 'closed' ORDER BY case_id LIMIT 7)"""
    )
    await db.execute("ANALYZE handlers.case")
    archive = await db.fetchval(
        "SELECT count(*) FROM handlers.case WHERE lead = 'housing' AND closed_at IS NOT NULL"
    )
    day, pages, found = timedelta(days=1), {}, {}
    for due in (datetime(2019, 3, 4, tzinfo=UTC), datetime(2018, 3, 4, tzinfo=UTC)):
        touched: Any = AsPlannedOnce(db)
        asked = desk.DeskScope(
            department=HOUSING, now=now, ended=True, states=ended, due_from=due, due_until=due + day
        )
        lines = await desk.lines(touched, asked, after=None, limit=50)
        found[due.year], pages[due.year] = len(lines), touched.pages

    assert {2019: 7, 2018: 0} == found
    assert {} == {year: touched for year, touched in pages.items() if touched > archive / 10}
