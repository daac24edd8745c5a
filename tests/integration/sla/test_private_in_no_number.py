"""Cases told in confidence, reports and what accuses somebody are in no number, so that no number of one tells of them."""

from datetime import date, timedelta
from typing import Any

import pytest

from deploy.reconcile.gaps import find_gaps
from intake.core.accepting import Accepted
from intake.steps import act_on_case as citizen
from intake.store.view import find_view
from routing.steps.say_again import say_shielded_again
from schemas.days import day_of
from sla.core.calendar import named_calendar
from sla.core.measures import Measure, Sums
from sla.core.readings import Grouping
from sla.steps import watch
from sla.steps.tally import tally
from sla.store.digests import burdens
from tests.conftest import RecordingUnit
from tests.integration.sla.test_watched_words import ACCUSES, CITY, PLAIN, PRIVATE, Watch, late
from tests.integration.slices import Slices
from tests.unit.intake.messages import KEYS

CHINA = named_calendar("china")
GROUPINGS: tuple[Grouping, ...] = ("department", "category", "region", "channel")


@pytest.fixture
def slices(unit: RecordingUnit) -> Slices:
    """All four."""
    return Slices(unit, CITY)


def _numbers(sums: Sums) -> list[int]:
    return [sums.n(measure) for measure in Measure]


async def _figures(slices: Slices) -> dict[str, Any]:
    """Every figure that supervisors can ask for, of two spans that differ by the day on which the cases came."""
    today = CHINA.local_day(slices.unit.now)
    day = day_of(PLAIN.event.at, CHINA.zone)
    found: dict[str, Any] = {}
    for by in GROUPINGS:
        for first, last in ((day, today), (min(day + timedelta(days=1), today), today), (day, day)):
            counted = await watch.count_cases(slices.unit, by=by, first=first, last=last, calendar=CHINA)
            found[f"{by} {first} {last}"] = (
                [(key, _numbers(sums)) for key, sums in counted.groups if any(_numbers(sums))],
                _numbers(counted.total),
            )
    return found


async def _seen(slices: Slices) -> dict[str, Any]:
    """All numbers, and how many rows lie behind them."""
    midnight = slices.unit.now + timedelta(hours=8)
    asked = Watch(slices)
    page, wall = await asked.ask("/watch"), await asked.ask("/watch/wall")
    first, last, hot = await watch.list_hot_topics(slices.unit, calendar=CHINA)
    return {
        "pressing": await watch.count_pressing(slices.unit, midnight=midnight),
        "page": [page.context[name] for name in ("overdue_count", "near_count", "today_count", "codes")],
        "rows": [row.case_id for row in page.context["overdue"].rows],
        "wall": [wall.context[name] for name in ("overdue", "near", "today", "departments")],
        "hot": (first, last, hot),
        "frequent": await watch.list_frequent(slices.unit, "item", calendar=CHINA),
        "tags": await watch.list_frequent(slices.unit, "tag", calendar=CHINA),
        "digests": sorted(map(str, await burdens(slices.unit.db, slices.unit.now, midnight))),
        "figures": await _figures(slices),
    }


async def _count_all(slices: Slices) -> None:
    while await tally(slices.unit, calendar=CHINA, limit=100):
        pass


@pytest.mark.parametrize("kind", PRIVATE)
async def test_no_number_changes_for_a_private_case(slices: Slices, kind: str) -> None:
    """With and without it: figures by group and in total, of two spans, the page, the wall, lists, topics and digests."""
    said: Accepted = PRIVATE[kind]
    await slices.submit(PLAIN)
    await late(slices)
    without = await _seen(slices)
    await slices.submit(said)
    await late(slices, ahead=timedelta(0))
    await _count_all(slices)

    assert without == await _seen(slices)
    listed = (await (await late(slices)).ask("/watch", private=True)).context
    assert {said.codes.case_id} == {row.case_id for row in listed["overdue"].rows}


@pytest.mark.parametrize("is_counted", [False, True])
async def test_what_is_protected_since_leaves_the_sums(slices: Slices, is_counted: bool) -> None:
    """A case that accuses since is taken out, also where its end was counted; nothing of it is left in any sum."""
    await slices.submit(PLAIN)
    if is_counted:
        await slices.unit.db.execute("DELETE FROM sla.clock")
        await slices.unit.db.execute("UPDATE sla.\"case\" SET closed_at = received_at, outcome = 'answered'")
        slices.unit.now += timedelta(hours=1)
        await _count_all(slices)
        assert 0 < await slices.unit.db.fetchval("SELECT sum(n) FROM sla.tally")
        await slices.unit.db.execute('UPDATE sla."case" SET closed_at = NULL, outcome = NULL')
    found = await find_view(slices.unit.db, PLAIN.codes.tracking_code)
    assert found is not None
    await citizen.supplement(slices.unit, KEYS, found, citizen.Addition(text=ACCUSES))
    await slices.carry()

    assert await slices.unit.db.fetchval('SELECT private FROM sla."case"')
    assert all(groups == [] and not any(total) for groups, total in (await _figures(slices)).values())
    if is_counted:
        await slices.unit.db.execute('UPDATE sla."case" SET closed_at = received_at')
        await slices.unit.db.execute("DELETE FROM sla.clock")
        slices.unit.now += timedelta(hours=1)
        await _count_all(slices)
        assert [] == await slices.unit.db.fetch("SELECT * FROM sla.counted")
        assert 0 == await slices.unit.db.fetchval("SELECT sum(abs(n)) FROM sla.tally")
        assert all(groups == [] and not any(total) for groups, total in (await _figures(slices)).values())


@pytest.mark.parametrize("kind", PRIVATE)
async def test_what_an_earlier_release_counted_is_found_and_counted_no_more(
    slices: Slices, kind: str
) -> None:
    """A worker of the release before runs on beside the new ones: it keeps the case as it keeps all others."""
    await slices.submit(PLAIN)
    await slices.submit(PRIVATE[kind])
    case_id = PRIVATE[kind].codes.case_id
    slices.unit.now += timedelta(hours=1)
    nothing = await find_gaps(slices.unit.db, slices.unit.now)
    await slices.unit.db.execute('UPDATE sla."case" SET private = false')
    gaps = await find_gaps(slices.unit.db, slices.unit.now)
    await say_shielded_again(slices.unit, sorted(gaps.unshielded))
    await slices.carry()

    assert 0 == len(nothing)
    assert frozenset({case_id}) == gaps.cases == gaps.unshielded
    assert [case_id] == [
        str(row[0]) for row in await slices.unit.db.fetch('SELECT case_id FROM sla."case" WHERE private')
    ]
    assert not await find_gaps(slices.unit.db, slices.unit.now)


async def test_months_are_told_in_bands(slices: Slices) -> None:
    """Of months that are over and wholly asked for; nothing of a part of one."""
    for said in PRIVATE.values():
        await slices.submit(said)
    day = day_of(PLAIN.event.at, CHINA.zone)
    month = day.replace(day=1)
    slices.unit.now += timedelta(days=70)

    async def bands(first: date, last: date) -> list[tuple[date, tuple[int, int]]]:
        counted = await watch.count_cases(slices.unit, by="region", first=first, last=last, calendar=CHINA)
        return [(each, tuple(band)) for each, band in counted.private]  # type: ignore[misc]  # of two

    assert [] == await bands(month + timedelta(days=1), month + timedelta(days=27))
    found = dict(await bands(month, month + timedelta(days=62)))
    assert (0, 4) == found[month]
    await slices.unit.db.execute(
        """INSERT INTO sla."case" (case_id, received_at, private)
           SELECT gen_random_uuid(), $1, true FROM generate_series(1, 4)""",
        PLAIN.event.at,
    )
    assert (5, 9) == dict(await bands(month, month + timedelta(days=62)))[month]
