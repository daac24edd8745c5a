"""What lies behind the number that is left out, reports that do not change, and whether the rest is what it would be."""

import random
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from schemas.ids import DepartmentCode
from sla.core.drilled import FigureCell
from sla.core.exclusions import Exclusion, ExclusionState
from sla.core.figure_kinds import Share
from sla.core.measures import Measure, Sums
from sla.steps.drill import list_counted
from sla.steps.report import decided_since, list_reports, make_erratum, make_reports, read_report
from sla.steps.tally import tally
from sla.store import exclusions as store
from tests.integration.sla.events import Sla, china
from tests.integration.sla.leaving_out import (
    KINDS,
    WHOLE,
    figures,
    granted,
    late_case,
    rate,
)
from tests.integration.sla.test_figures import live
from tests.unit.handlers.making import HOUSING


async def test_behind_the_number_stands_what_is_left_out(sla: Sla) -> None:
    """As many as it says, before and after they are in the sums; no other case."""
    cases = [await late_case(sla) for _ in range(3)]
    await granted(sla, cases[0])
    for _ in range(2):
        day = sla.calendar.local_day(sla.unit.now)
        cell = FigureCell(Measure.DUE, day, day, excluded="on_time_rate")
        for key in (None, HOUSING):
            _, found, _ = await list_counted(
                sla.unit, cell._replace(key=key), first=date(2026, 11, 1), last=None, calendar=sla.calendar,
                cursor=None, limit=9,
            )  # fmt: skip
            assert [cases[0]] == [each.case_id for each in found]
        sla.unit.now += timedelta(minutes=11)
        await tally(sla.unit, calendar=sla.calendar, limit=100)


async def test_a_report_does_not_change_and_says_what_came_since(sla: Sla) -> None:
    """A decision after it was made is told beside it; an erratum counts it, and then nothing is late any more."""
    case = await late_case(sla)
    await tally(sla.unit, calendar=sla.calendar, limit=9)
    sla.unit.now = china("2027-01-02 09:00")
    await make_reports(sla.unit, calendar=sla.calendar, reached=sla.unit.now)
    lines, _ = await list_reports(sla.unit, period="month", cursor=None, limit=9)
    [line] = [each for each in lines if each.first == date(2026, 12, 1)]
    before = await read_report(sla.unit, line.number)
    assert (0, None) == await decided_since(sla.unit, before)
    sla.unit.now += timedelta(hours=1)
    await granted(sla, case, WHOLE)
    after = await read_report(sla.unit, line.number)
    assert before == after
    assert (1, sla.unit.now) == await decided_since(sla.unit, after)
    sla.unit.now += timedelta(hours=1)
    number = await make_erratum(sla.unit, line.number, by="sun", reason="考核剔除", calendar=sla.calendar)
    erratum = await read_report(sla.unit, number)

    assert (0, None) == await decided_since(sla.unit, erratum)
    rates = erratum.body.departments[HOUSING].rates["rating_satisfied_rate"]
    assert (1, Share(value=None, numerator=0, n=0)) == (rates.n, rates.without)
    assert rates.n == before.body.total.rates["rating_satisfied_rate"].beside.n


@pytest.mark.parametrize("seed", [5, 6])
async def test_without_is_what_it_would_be_without(sla: Sla, seed: int) -> None:
    """Lives that go as they like, some left out by all who led them: without them each rate is that of the rest."""
    chance = random.Random(seed)
    await live(sla, chance, 14)
    ended = await sla.unit.db.fetch(
        'SELECT case_id::text, leads, closed_at FROM sla."case" WHERE closed_at IS NOT NULL AND cardinality(leads) > 0'
    )
    for row in ended:
        if chance.random() < 0.6:
            for number, department in enumerate(row["leads"], 1):
                await store.save(
                    sla.unit.db, _kept(row, number, department, sla.unit.now), told_at=sla.unit.now
                )
        if chance.random() < 0.5:
            await tally(sla.unit, calendar=sla.calendar, limit=chance.randint(1, 5))
    shown = {key: _without(sums) for key, sums in (await figures(sla)).items() if key}
    total = _without((await figures(sla))[None])
    await sla.unit.db.execute(
        """UPDATE sla."case" SET private = true, settled = false
           WHERE case_id IN (SELECT case_id FROM sla.exclusion)"""
    )
    rest = await figures(sla)

    assert any(n for _, n in total.values())
    assert total == _with(rest[None])
    # Facts that a department has which never led the case are nobody's to leave out.
    for key, rates in shown.items():
        assert rates == _with(rest.get(key, Sums())), key


def _kept(row: Any, number: int, department: str, now: datetime) -> Exclusion:
    return Exclusion(
        case_id=row["case_id"], number=number, department=DepartmentCode(department), figures=("case",), reason="other",
        state=ExclusionState.GRANTED, closed_at=row["closed_at"], since=now, until=None, steps=(),
    )  # fmt: skip


def _with(sums: Sums) -> Mapping[str, tuple[int, int]]:
    return {code: rate(sums, code)[0] for code in KINDS}


def _without(sums: Sums) -> Mapping[str, tuple[int, int]]:
    return {code: rate(sums, code)[1] for code in KINDS}
