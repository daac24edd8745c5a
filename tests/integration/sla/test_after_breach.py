"""After a breach, on Postgres: who is told one after the other, reminders, digests, and each of it exactly once."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import asyncpg
import pytest

from schemas.city import City
from schemas.event import Event
from schemas.events.handlers import ReplySentBack
from schemas.events.sla import (
    CaseEscalated,
    DeadlineMissed,
    DeadlineNear,
    DeadlineReminded,
    RemindersDigested,
)
from schemas.ids import CaseId
from schemas.words import Urgency
from sla.core.calendar import Calendar
from sla.core.rules import DeadlineRules, parse_rules, rules_text
from sla.steps.sweep import sweep
from tests.conftest import RecordingUnit
from tests.integration.sla.events import Sla, assigned, china, registered, replied, signed
from tests.unit.handlers.making import HOUSING, MONDAY, fresh_case

#: Of an ordinary case that was assigned on Monday: late on the next, at the close of business.
DUE = china("2026-11-30 17:30")
_PEOPLE = """
[people]
supervisor = "李督办"
city-supervisor = "市督查室"
[people.department-head]
housing = "王局长"
"""


@pytest.fixture
def manned(sla: Sla) -> Sla:
    """The slice under rules that name people."""
    return replace(sla, rules=parse_rules(rules_text() + _PEOPLE, sla.city))


async def _late(sla: Sla, number: int = 1, **more: Any) -> list[CaseId]:
    """Signed for, and not answered in time; the breach was told."""
    cases = [fresh_case() for _ in range(number)]
    for case in cases:
        await sla.hear(assigned(case, **more), signed(case))
    return cases


def _of(said: Sequence[Event], kind: type[Event]) -> list[Any]:
    return [event for event in said if isinstance(event, kind)]


async def test_roles_and_persons_hear_of_it_one_after_the_other(manned: Sla) -> None:
    """The head of the department, the supervisor, the city: each once, by name, at their hours; departments hear of none."""
    await _late(manned)
    said = [
        await manned.sweep_at(china(moment))
        for moment in ("2026-11-30 17:31", "2026-12-01 17:31", "2026-12-02 17:31", "2026-12-04 17:31", "2026-12-24 17:31")
    ]  # fmt: skip
    told = [[(e.step, e.to_role, e.to_person) for e in _of(each, CaseEscalated)] for each in said]

    assert [
        [], [(1, "department-head", "王局长")], [(2, "supervisor", "李督办")], [(3, "city-supervisor", "市督查室")], []
    ] == told  # fmt: skip
    assert [] == _of([event for _, event in manned.unit.emitted_to], CaseEscalated)


async def test_it_is_said_again_as_long_as_nothing_is_done(sla: Sla) -> None:
    """Once a working day, to the department as well; not any more once it has replied."""
    (case,) = await _late(sla)
    numbers = []
    for day in ("2026-12-01", "2026-12-02", "2026-12-03"):
        numbers += [e.number for e in _of(await sla.sweep_at(china(f"{day} 17:31")), DeadlineReminded)]
    await sla.hear(replied(case, china("2026-12-04 10:00")))

    assert [1, 2, 3] == numbers
    assert 3 == len(_of([event for to, event in sla.unit.emitted_to if to == HOUSING], DeadlineReminded))
    assert [] == await sla.sweep_at(china("2026-12-04 17:31"))


async def test_a_reply_that_is_sent_back_repeats_nothing(sla: Sla) -> None:
    """The clock runs on under the same deadline: what was told of it stays told, and what comes next comes."""
    (case,) = await _late(sla)
    before = await sla.sweep_at(china("2026-12-02 17:31"))
    await sla.hear(replied(case, china("2026-12-03 10:00")))
    sla.unit.now = china("2026-12-03 11:00")
    await sla.hear(
        ReplySentBack(case_id=case, version=6, at=sla.unit.now, department=HOUSING, remarks="请补充")
    )
    after = await sla.sweep_at(china("2026-12-04 17:31"))

    assert [1, 2] == [e.step for e in _of(before, CaseEscalated)]
    assert [3] == [e.step for e in _of(after, CaseEscalated)]
    assert ([2], [4]) == (
        [e.number for e in _of(before, DeadlineReminded)],
        [e.number for e in _of(after, DeadlineReminded)],
    )


async def test_many_reminders_for_one_are_one_digest(sla: Sla) -> None:
    """More than the rules let through one by one; none is left out, and each has its row. An emergency stands alone."""
    many = await _late(sla, 6)
    (pressing,) = await _late(sla, urgency=Urgency.EMERGENCY)
    said = await sla.sweep_at(china("2026-12-01 17:31"))
    (digest,) = _of(said, RemindersDigested)

    assert (set(many), HOUSING, "lead") == (
        {each.case_id for each in digest.reminders},
        digest.department,
        digest.owner,
    )
    assert {pressing} == {e.case_id for e in _of(said, DeadlineReminded)}
    assert (HOUSING, digest) in sla.unit.emitted_to
    assert 7 == await sla.unit.db.fetchval(
        "SELECT count(DISTINCT case_id) FROM sla.alert WHERE level LIKE 'reminded.%' AND case_id = ANY($1::uuid[])",
        [*many, pressing],
    )


async def test_few_reminders_are_told_one_by_one(sla: Sla) -> None:
    """A digest of two would hide them."""
    few = await _late(sla, 5)
    said = await sla.sweep_at(china("2026-12-01 17:31"))

    assert ([], set(few)) == (
        _of(said, RemindersDigested),
        {e.case_id for e in _of(said, DeadlineReminded)},
    )


async def test_what_the_centre_lets_lie_is_the_supervisors_to_hear(sla: Sla) -> None:
    """A case that nobody dispatches has no department whose head could be told."""
    await sla.hear(registered(fresh_case()))
    said = await sla.sweep_at(MONDAY + timedelta(days=20))

    assert ["supervisor", "city-supervisor"] == [e.to_role for e in _of(said, CaseEscalated)]


async def test_clocks_of_before_reminders_are_reminded_of(sla: Sla) -> None:
    """An earlier release planned nothing after its one escalation; the migration wakes such clocks and repeats nothing."""
    (case,) = await _late(sla)
    await sla.sweep_at(china("2026-12-01 17:31"))
    await sla.unit.db.execute(
        """UPDATE sla.clock SET next_level = 'escalated', next_alert_at = $2
           WHERE case_id = $1 AND missed_version = deadline_version""",
        case,
        DUE,
    )

    assert [] == await sla.sweep_at(china("2026-12-01 17:32"))
    assert [2] == [e.step for e in _of(await sla.sweep_at(china("2026-12-02 17:31")), CaseEscalated)]


class _KilledError(Exception):
    """kill -9: nothing of the transaction remains."""


@pytest.fixture
async def sweepers(schema: str) -> AsyncIterator[list[Any]]:
    """Four connections that commit; what they leave is taken away again."""
    connections = [await asyncpg.connect(schema) for _ in range(4)]
    yield connections
    for table in ("alert", "history", "clock", '"case"'):
        await connections[0].execute(f"DELETE FROM sla.{table}")  # noqa: S608  names of this test
    for connection in connections:
        await connection.close()


def _keys(said: Sequence[Event]) -> Iterator[tuple[object, ...]]:
    for event in said:
        if isinstance(event, RemindersDigested):
            yield from (
                (r.case_id, r.clock, "reminded", r.deadline_version, r.number) for r in event.reminders
            )
        elif isinstance(event, DeadlineNear | DeadlineMissed | CaseEscalated | DeadlineReminded):
            number = getattr(event, "step", getattr(event, "number", 1))
            name = "reminded" if isinstance(event, DeadlineReminded) else event.name
            yield event.case_id, event.clock, name, event.deadline_version, number


@pytest.mark.parametrize("seed", range(3))
async def test_several_sweepers_of_which_some_die_tell_everything_once(
    sweepers: list[Any], shipped: DeadlineRules, china_calendar: Calendar, example_city: City, seed: int
) -> None:
    """Three at once over four weeks, each killed now and then before it commits: nothing is lost, nothing said twice."""
    cases = [fresh_case() for _ in range(12)]
    async with sweepers[3].transaction():
        city = Sla(
            unit=RecordingUnit(sweepers[3], MONDAY), calendar=china_calendar, rules=shipped, city=example_city
        )
        for case in cases:
            await city.hear(assigned(case), signed(case))
    chance = random.Random(seed)
    said: list[Event] = []

    async def look(connection: Any, now: datetime, *, dies: bool) -> int:
        unit = RecordingUnit(connection, now)
        async with connection.transaction():
            found = await sweep(unit, rules=shipped, calendar=china_calendar, limit=7)
            if dies:
                raise _KilledError
        said.extend(unit.emitted)
        return found

    async def live(connection: Any) -> None:
        for hours in range(0, 28 * 24, 7):
            dies = chance.random() < 0.3
            try:
                await look(connection, DUE + timedelta(hours=hours), dies=dies)
            except _KilledError:
                continue

    await asyncio.gather(*(live(connection) for connection in sweepers[:3]))
    last = DUE + timedelta(days=28)
    while await look(sweepers[0], last, dies=False):
        pass
    counted = Counter(_keys(said))
    written = await sweepers[0].fetchval("SELECT count(*) FROM sla.alert")

    assert {1} == set(counted.values())
    assert len(counted) == written
    assert set(cases) == {key[0] for key in counted}
    for case in cases:
        levels = {(name, number) for which, _, name, _, number in counted if which == case}
        assert {("deadline.missed", 1), *(("case.escalated", step) for step in (1, 2, 3))} <= levels
        assert any(name == "reminded" for name, _ in levels)
