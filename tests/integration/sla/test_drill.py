"""Behind each number of the figures stand the cases that it counts."""

import random
from datetime import date, timedelta
from typing import get_args

import pytest

from schemas.ids import CaseId
from sla.core.drilled import CountedCase, FigureCell
from sla.core.measures import Measure
from sla.core.readings import Grouping
from sla.steps import watch
from sla.steps.drill import list_counted
from tests.integration.sla.events import Sla
from tests.integration.sla.test_figures import live


@pytest.mark.parametrize("seed", [3, 4])
async def test_behind_each_number_are_its_cases(sla: Sla, seed: int) -> None:
    """As many as it says, of whatever is counted, by group and in total, in the sums or read as they are.

    Of two seeds each asks for every other thing that is counted, and the next group for those between.
    """
    chance = random.Random(seed)
    await live(sla, chance, 12)
    today = sla.calendar.local_day(sla.unit.now)
    first, numbers, turn = today - timedelta(days=40), 0, seed
    for by in get_args(Grouping):
        counted = await watch.count_cases(sla.unit, by=by, first=first, last=today, calendar=sla.calendar)
        for key, sums in [*((key or "", sums) for key, sums in counted.groups), (None, counted.total)]:
            turn += 1
            for measure in [*Measure][turn % 2 :: 2]:
                numbers += sums.n(measure)
                assert sums.n(measure) == await _behind(sla, FigureCell(measure, first, today, by, key))
        assert counted.total.n(Measure.RATED, least=4) == await _behind(
            sla, FigureCell(Measure.RATED, first, today, by, None, 4)
        )
    assert numbers > 100


async def _behind(sla: Sla, cell: FigureCell) -> int:
    """How often the number counts the cases behind it, page by page; each stands there once, the latest day first."""
    seen: list[CountedCase] = []
    cursor = None
    while True:
        _, page, cursor = await list_counted(
            sla.unit, cell, first=cell.first, last=cell.last, calendar=sla.calendar, cursor=cursor, limit=5
        )
        seen += page
        if cursor is None:
            assert len({each.case_id for each in seen}) == len(seen)
            assert sorted(seen, key=_place, reverse=True) == seen
            assert all(cell.first <= each.day <= cell.last for each in seen)
            return sum(each.times for each in seen)


def _place(case: CountedCase) -> tuple[date, CaseId]:
    return case.day, case.case_id
