"""What is read does not grow with what is stored: no list, count or figure reads a table from end to end."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from uuid import UUID

import pytest
from msgspec.structs import replace

import handlers.store.desk
import routing.store.above_queue
import routing.store.items
import sla.steps.tally
import sla.store.clocks
import sla.store.drilling
import sla.store.repeating
import sla.store.supervision
import sla.store.sweeping
import sla.store.tallies
import sla.store.watching
from deploy.database.lost_ranges import last_handled
from deploy.database.outbox import oldest_seconds
from deploy.database.unit_of_work import PostgresUnit
from handlers.core.views import CLOCK_RUNS
from intake.core.public.promises import PromiseState
from intake.core.public.published import Criteria
from intake.store import promises
from intake.store.published import search_published
from intake.store.view import find_view
from routing.core.doubts import Doubt
from schemas.ids import CaseId, DepartmentCode, TrackingCode
from schemas.words import CaseState
from sla.core.calendar import named_calendar
from sla.core.drilled import FigureCell
from sla.core.measures import Measure, Sums, stretches
from sla.core.readings import AT_THE_CENTRE, Frequent, Repetition
from sla.store.digests import burdens
from tests.conftest import AUDIT_KEY
from tests.integration.grown import CASES, Grown, seeded

HOUSING = DepartmentCode("housing")
#: Of parts of a table that grow all the same: whoever reads these whole reads what there ever was.
_EVER = frozenset({"case_private"})


class Explained:
    """A database that is asked for the plan of every statement before it is run."""

    def __init__(self, db: Any) -> None:
        self.db = db
        self.read_whole: list[str] = []

    async def _look(self, query: str, values: tuple[Any, ...]) -> None:
        (plan,) = json.loads(await self.db.fetchval(f"EXPLAIN (FORMAT JSON) {query}", *values))
        self.read_whole += [node["Relation Name"] for node in _unbounded(plan["Plan"])]

    async def fetch(self, query: str, *values: Any) -> Any:
        """As asyncpg's."""
        await self._look(query, values)
        return await self.db.fetch(query, *values)

    async def fetchrow(self, query: str, *values: Any) -> Any:
        """As asyncpg's."""
        await self._look(query, values)
        return await self.db.fetchrow(query, *values)

    async def fetchval(self, query: str, *values: Any) -> Any:
        """As asyncpg's."""
        await self._look(query, values)
        return await self.db.fetchval(query, *values)


def _unbounded(node: dict[str, Any], *, is_limited: bool = False) -> Iterator[dict[str, Any]]:
    """The parts of a plan that read a table or an index from end to end; the first rows that come are no such."""
    reads_all = node["Node Type"] == "Seq Scan" or (
        node.get("Index Name") in _EVER and "Index Cond" not in node
    )
    if reads_all and not (is_limited and "Filter" not in node):
        yield node
    for each in node.get("Plans", ()):
        yield from _unbounded(each, is_limited=node["Node Type"] == "Limit")


Read = Callable[[Any], Awaitable[Any]]


async def _figures(db: Any, by: str, now: datetime, days: int) -> Mapping[str | None, Sums]:
    today = now.date()
    asked = stretches(today - timedelta(days=days), today, today=today)
    return await sla.store.tallies.read(db, by, asked, today=today, now=now, zone="Asia/Shanghai")


async def _repeating(db: Any, now: datetime) -> list[Repetition]:
    week = now.date() - timedelta(days=6)
    return await sla.store.repeating.hot_topics(
        db, since=week, before_since=week - timedelta(days=7), weeks_since=week - timedelta(days=56),
        zone="Asia/Shanghai", least=2, limit=1000,
    )  # fmt: skip


async def _frequent(db: Any, now: datetime, grouping: Literal["item", "tag"]) -> list[Frequent]:
    week = now.date() - timedelta(days=6)
    return await sla.store.repeating.frequent(
        db,
        grouping,
        since=week,
        before_since=week - timedelta(days=7),
        zone="Asia/Shanghai",
        least=1,
        limit=1000,
    )


async def _count_all(db: Any, now: datetime) -> None:
    """As the sweeper does, piece by piece."""
    while await sla.steps.tally.tally(
        PostgresUnit(db, now, audit_key=AUDIT_KEY), calendar=named_calendar("china"), limit=5000
    ):
        pass


def _supervisors(now: datetime) -> Mapping[str, Read]:
    watching = sla.store.watching
    every: dict[str, Any] = {"level": None, "department": None, "owner": None, "before": None, "limit": 50}
    pressing: dict[str, Any] = {"department": None, "owner": None, "until": None, "after": None, "limit": 50}
    found: dict[str, Read] = {
        f"figures by {by} of {days} days": lambda db, by=by, days=days: _figures(db, by, now, days)  # type: ignore[misc]  # bound at once
        for by in ("department", "category", "region", "channel")
        for days in (7, 1000)
    }
    return found | {
        "alerts": lambda db: watching.alerts(db, **every),
        "alerts of a department": lambda db: watching.alerts(db, **every | {"department": HOUSING}),
        "alerts of an owner": lambda db: watching.alerts(db, **every | {"owner": "supervisor"}),
        "cases that are nobody's": lambda db: watching.nobodys_cases(db, now, 50),
        "cases of departments that left": lambda db: watching.cases_elsewhere(db, [HOUSING]),
        "alerts of a level": lambda db: watching.alerts(db, **every | {"level": "missed", "before": 9000}),
        "new alerts": lambda db: watching.alerts_above(db, 19_000, but=set(), limit=50),
        "the newest alert": watching.newest_alert,
        "overdue": lambda db: watching.pressing(db, now, overdue=True, **pressing),
        "nearly due": lambda db: watching.pressing(db, now, overdue=False, **pressing),
        "overdue of a department": lambda db: watching.pressing(
            db, now, overdue=True, **pressing | {"department": HOUSING}
        ),
        "overdue at the centre": lambda db: watching.pressing(
            db, now, overdue=True, **pressing | {"department": AT_THE_CENTRE, "owner": "dispatcher"}
        ),
        "due today": lambda db: watching.pressing(
            db, now, overdue=False, **pressing | {"until": now + timedelta(hours=8)}
        ),
        "orders that wait": lambda db: sla.store.supervision.unsettled(db, after=None, limit=50),
        "what is behind a number": lambda db: sla.store.drilling.cases_of(
            db,
            FigureCell(Measure.DUE, now.date() - timedelta(days=7), now.date(), "department", HOUSING),
            today=now.date(),
            now=now,
            zone="Asia/Shanghai",
            after=None,
            limit=21,
        ),
        "clocks of protected cases": lambda db: watching.pressing(
            db, now, overdue=True, private=True, **pressing
        ),
        "protected cases by month": lambda db: sla.store.tallies.private_by_month(
            db, [now.date().replace(day=1)], "Asia/Shanghai"
        ),
        "the daily digest": lambda db: burdens(db, now, now + timedelta(hours=8)),
        "pressed departments": lambda db: watching.pressing_counts(db, now, now + timedelta(hours=8)),
        "hot topics": lambda db: _repeating(db, now),
        "frequent items": lambda db: _frequent(db, now, "item"),
        "frequent tags": lambda db: _frequent(db, now, "tag"),
        "running clocks": sla.store.clocks.count_running,
        "what is due": lambda db: sla.store.sweeping.lock_due(db, now, 1000),
    }


def _desks(now: datetime) -> Mapping[str, Read]:
    desk = handlers.store.desk
    ended = (CaseState.CLOSED.value, CaseState.WITHDRAWN.value)
    working = desk.DeskScope(department=HOUSING, now=now, ended=False, states=tuple(CLOCK_RUNS))
    archive = desk.DeskScope(department=HOUSING, now=now, ended=True, states=ended)
    late = replace(working, late=True)
    position = (now - timedelta(days=40), UUID(int=0))
    return {
        "a desk": lambda db: desk.lines(db, working, after=None, limit=50),
        "late at a desk": lambda db: desk.lines(db, late, after=None, limit=50),
        "an archive": lambda db: desk.lines(db, archive, after=None, limit=50),
        "deep in an archive": lambda db: desk.lines(db, archive, after=position, limit=50),
        "a desk's counts": lambda db: desk.counts(db, HOUSING, now),
        "the review queue": lambda db: routing.store.items.queue(db, None, None, 50),
        "what is urged in review": lambda db: routing.store.above_queue.urged(db, 50),
        "what sounds like danger in review": lambda db: routing.store.above_queue.doubtful(
            db, Doubt.SOUNDS_DANGEROUS, 50
        ),
    }


def _citizens(case_id: CaseId, code: TrackingCode) -> Mapping[str, Read]:
    return {
        "a followed case": lambda db: find_view(db, code),
        "published": lambda db: search_published(db, Criteria()),
        "published by a department": lambda db: search_published(db, Criteria(department=HOUSING)),
        "promises": lambda db: promises_of(db, None),
        "promises that stand open": lambda db: promises_of(db, PromiseState.OPEN),
        "promises of a department": lambda db: promises_of(db, None, "nobody"),
        "a case's clocks": lambda db: sla.store.watching.case_with_clocks(db, case_id),
        "a case's log": lambda db: handlers.store.desk.history(db, case_id),
        "what waits for Kafka": oldest_seconds,
        "when a consumer handled something": lambda db: last_handled(db, "sla"),
    }


async def promises_of(db: Any, state: PromiseState | None, department: str | None = None) -> int:
    """How many promises one page lists."""
    found = await promises.listed(
        db, datetime.now(UTC), state=state, department=department, after=None, limit=50
    )
    return len(found)


class Uncounted:
    """What the cases say themselves, before any of them is counted."""

    now: datetime
    #: The sums of a week and of three years.
    figures: Mapping[int, Sums]
    repeating: Sequence[Repetition]
    #: How many there were of each matter and place, by a statement of its own.
    cases: Sequence[int]

    async def count(self, db: Any) -> None:
        """Look, and count all of them."""
        self.now = datetime.now(UTC)
        await db.execute("UPDATE sla.\"case\" SET received_at = received_at - interval '1 day'")
        await db.execute("UPDATE sla.\"case\" SET region = 'donghu' WHERE case_id::text < '4'")
        await db.execute("UPDATE sla.\"case\" SET private = true WHERE case_id::text > 'f8'")
        await db.execute(
            "UPDATE sla.clock SET state = 'stopped' WHERE state <> 'stopped'"
            ' AND case_id IN (SELECT case_id FROM sla."case" WHERE closed_at IS NOT NULL)'
        )
        said = await db.fetch(
            """SELECT category, region, count(*)::int AS cases FROM sla."case"
               WHERE NOT private AND (received_at AT TIME ZONE 'Asia/Shanghai')::date > $1
               GROUP BY 1, 2 HAVING count(*) > 1 ORDER BY 3 DESC""",
            self.now.date() - timedelta(days=7),
        )
        self.cases = [row["cases"] for row in said]
        self.figures = {days: (await _figures(db, "category", self.now, days))[None] for days in (7, 1000)}
        self.repeating = await _repeating(db, self.now)
        # At once: what a transaction has changed several times is read several times until it ends.
        unit = PostgresUnit(db, self.now, audit_key=AUDIT_KEY)
        await sla.steps.tally.tally(unit, calendar=named_calendar("china"), limit=CASES)
        await db.execute("ANALYZE")


@pytest.fixture(scope="module")
def uncounted() -> Uncounted:
    """Known once they were counted."""
    return Uncounted()


@pytest.fixture
async def db(grown: Grown, uncounted: Uncounted) -> AsyncIterator[Any]:
    """Twenty thousand cases, counted once for all tests, in a transaction that is rolled back."""
    async with grown.by(uncounted.count, on=seeded) as db:
        yield db


async def test_nothing_that_people_ask_for_reads_a_table_from_end_to_end(db: Any) -> None:
    """By Postgres' own plans over 20,000 cases: what is asked for a page, a week or a case stays as fast at a million."""
    row = await db.fetchrow('SELECT case_id, tracking_code FROM intake."case" LIMIT 1')
    now = datetime.now(UTC)
    case_id, code = CaseId(str(row["case_id"])), TrackingCode(row["tracking_code"])
    reads = {**_supervisors(now), **_desks(now), **_citizens(case_id, code)}
    # What hardly has a row is read whole for good reason.
    large = {each[0] for each in await db.fetch("SELECT relname FROM pg_class WHERE reltuples >= 200")}
    found = {}
    for name, read in reads.items():
        explained = Explained(db)
        await read(explained)
        found[name] = [table for table in explained.read_whole if table in large]

    assert {} == {name: tables for name, tables in found.items() if tables}


async def _behind(db: Any, measure: Measure, now: datetime, days: int) -> int:
    """How many cases a page of those behind a number shows."""
    today = now.date()
    cell = FigureCell(measure, today - timedelta(days=days), today, "category")
    found = await sla.store.drilling.cases_of(
        db, cell, today=today, now=now, zone="Asia/Shanghai", after=None, limit=21
    )
    return len(found)


async def test_figures_grow_neither_with_the_years_nor_with_the_span(db: Any, uncounted: Uncounted) -> None:
    """The pages that Postgres touches are those of the sums and of what is not counted yet; the numbers stay, and a list
    behind one reads what it shows. Of a week and of three years."""
    for days, sums in uncounted.figures.items():
        await _ensure_alike_and_bounded(db, sums, uncounted.now, days)


async def _ensure_alike_and_bounded(db: Any, before: Sums, now: datetime, days: int) -> None:
    touched: Any = Touched(db)
    after = (await _figures(touched, "category", now, days))[None]
    left = await db.fetchval('SELECT count(*) FROM sla."case" WHERE NOT settled')
    sums = await db.fetchval("SELECT pg_relation_size('sla.tally') / 8192")
    behind: Any = Touched(db)
    shown = [await _behind(behind, each, now, days) for each in (Measure.RECEIVED, Measure.REOPENED)]

    assert all(before.n(each) == after.n(each) for each in Measure if not each.endswith("_hours"))
    assert after.n(Measure.RECEIVED) > 100
    # Some fifty pages of indexes and tables for each case that is not counted yet; nothing for all others.
    assert touched.pages < 60 * left + 2 * sums < 60 * CASES / 8
    # Twice the same, the cases shown, and a few for each day on which there is nothing.
    assert shown == [21, 0]
    assert behind.pages < 2 * 60 * left + 20 * days + 1000


async def test_what_repeats_is_told_alike_however_much_is_counted(db: Any, uncounted: Uncounted) -> None:
    """By the sums what the cases say themselves; and nine weeks of a city are read by their days."""
    now, before = uncounted.now, uncounted.repeating
    counted = await _repeating(db, now)
    # Some change after they were counted, until they are counted again.
    await db.execute(
        "UPDATE sla.\"case\" SET category = 'c1', settled = false WHERE case_id::text < '02' AND category = 'c2'"
    )
    changed = await _repeating(db, now)
    await _count_all(db, now)
    await db.execute('ANALYZE sla."case", sla.tally, sla.counted')
    touched: Any = Touched(db)

    assert uncounted.cases == [each.cases for each in before]
    assert before == counted
    assert sum(each.cases for each in before) == sum(each.cases for each in changed)
    assert before != changed == await _repeating(touched, now)
    left = await db.fetchval('SELECT count(*) FROM sla."case" WHERE NOT settled')
    sums = await db.fetchval("SELECT count(*) FROM sla.tally WHERE grouping = 'matter'")
    assert touched.pages < 10 * left + 3 * sums


class Touched:
    """A database that counts the pages that its statements touch.

    Each runs once before it is counted: whoever reads first marks what is dead, and has it read no more.
    """

    def __init__(self, db: Any) -> None:
        self.db = db
        self.pages = 0

    async def fetch(self, query: str, *values: Any) -> Any:
        """As asyncpg's."""
        rows = await self.db.fetch(query, *values)
        (plan,) = json.loads(
            await self.db.fetchval(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {query}", *values)
        )
        self.pages += plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"]
        return rows

    async def fetchrow(self, query: str, *values: Any) -> Any:
        """As asyncpg's."""
        rows = await self.fetch(query, *values)
        return rows[0] if rows else None


class AsPlannedOnce(Touched):
    """The same by the one plan that people's connections keep for whatever is asked (`pool.FOR_PEOPLE`)."""

    async def fetch(self, query: str, *values: Any) -> Any:
        """As asyncpg's."""
        rows = await self.db.fetch(query, *values)
        await self.db.execute(
            "SET LOCAL plan_cache_mode = force_generic_plan; SET LOCAL enable_seqscan = off"
        )
        await self.db.execute(f"PREPARE once AS {query}")
        (plan,) = json.loads(
            await self.db.fetchval(
                f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) EXECUTE once ({', '.join(map(_literal, values))})"
            )
        )
        await self.db.execute("DEALLOCATE once")
        self.pages += plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"]
        return rows


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, list):
        inside = ",".join("NULL" if each is None else f'"{each}"' for each in value)
        return f"'{{{inside}}}'"
    return str(value) if isinstance(value, bool | int) else f"'{value}'"
