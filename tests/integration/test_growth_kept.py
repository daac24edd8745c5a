"""What is counted once is not read again, and a later page does not walk through the former ones."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

import sla.store.supervision
from intake.store import promises
from tests.integration.grown import Grown, seeded
from tests.integration.test_growth import AsPlannedOnce


@pytest.fixture
async def db(grown: Grown) -> AsyncIterator[Any]:
    """Twenty thousand cases, in a transaction that is rolled back."""
    async with grown.by(seeded) as db:
        yield db


async def _promise_figures(db: Any, now: datetime) -> dict[str, tuple[int, int, int]]:
    counted = await promises.counts(db, now)
    return {each.department: (each.open, each.kept, each.broken) for each in counted}


async def test_figures_of_promises_are_told_alike_however_much_is_counted(db: Any) -> None:
    """By the sums what the rows say themselves, of whatever is changed by whomever; twenty thousand are not read again."""
    now = datetime.now(UTC)
    every = "case_id::text LIKE '{}7%'"
    for place, change in enumerate((
        "ended_at = NULL, outcome = NULL, replied_at = NULL, until = 'infinity'",
        "replied_at = until + interval '1 hour'",
        "changed_at = granted_at", "publishable = false", "department = 'water'", "outcome = 'declined', replied_at = NULL",
    )):  # fmt: skip
        await db.execute(f"UPDATE intake.promise SET {change} WHERE {every.format(place)}")  # noqa: S608  our own words
    said = await _promise_figures(db, now)
    assert 0 < await promises.count(db, 7000) == 7000
    assert said == await _promise_figures(db, now)
    while await promises.count(db, 7000):
        pass
    assert said == await _promise_figures(db, now)
    # What is settled goes on after all, is hidden, or belongs to another department; and is counted again.
    for change in ("department = 'transport'", "ended_at = NULL, outcome = NULL", "publishable = false"):
        await db.execute(f"UPDATE intake.promise SET {change} WHERE {every.format('')}")  # noqa: S608  our own words
        changed = await _promise_figures(db, now)
        assert changed != said
        while await promises.count(db, 50):
            pass
        assert changed == await _promise_figures(db, now)
        said = changed
    left = "SELECT count(*) FROM intake.promise WHERE counted IS NULL AND publishable"
    still_open = await db.fetchval(left)
    # Written anew: what this transaction has changed stands in the indexes until it ends.
    for statement in (
        "CREATE TEMP TABLE kept ON COMMIT DROP AS SELECT * FROM intake.promise",
        "TRUNCATE intake.promise",
        "INSERT INTO intake.promise SELECT * FROM kept ORDER BY case_id",
        "ANALYZE intake.promise",
    ):
        await db.execute(statement)
    touched: Any = AsPlannedOnce(db)

    assert said == await _promise_figures(touched, now)
    assert {"housing", "water"} <= set(said)
    assert min(said["housing"]) > 0
    assert still_open < 1000
    assert touched.pages < 100


async def test_later_pages_are_found_without_walking_the_first(db: Any) -> None:
    """Orders that wait, nine pages on, by the plan that people's connections keep: as many pages as the first."""
    await db.execute("UPDATE sla.supervision SET state = 'open'")
    await db.execute('UPDATE sla."case" SET closed_at = NULL')
    await db.execute('ANALYZE sla.supervision, sla."case"')
    first = await sla.store.supervision.unsettled(db, after=None, limit=181)
    places = [None, (first[-1].until or first[-1].at, first[-1].case_id)]
    pages, found = [], []
    for after in places:
        touched: Any = AsPlannedOnce(db)
        found.append(await sla.store.supervision.unsettled(touched, after=after, limit=20))
        pages.append(touched.pages)

    assert found[1] == (await sla.store.supervision.unsettled(db, after=None, limit=201))[181:]
    assert pages[1] < 1.5 * pages[0] < 300
