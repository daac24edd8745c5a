"""What users of other systems reported of clocks and alerts, and the rule that it gives us (numbers as in the design)."""

from datetime import timedelta

import msgspec
import pytest
from asyncpg import NotNullViolationError

from schemas.events.handlers import ExtensionDecided
from schemas.events.sla import (
    CaseEscalated,
    DeadlineMissed,
    DeadlineNear,
    DeadlineReminded,
    RemindersDigested,
)
from schemas.words import Clock, Urgency
from sla.core.drilled import FigureCell
from sla.core.measures import Measure
from sla.steps import watch
from sla.steps.drill import list_counted
from tests.integration.sla.events import Sla, assigned, china, closed, registered, replied, signed
from tests.unit.handlers.making import MONDAY, fresh_case

#: Looked at seven minutes past, what comes at the close of business (17:30) is heard at 18:07 there.
_JUST_CLOSED = 10


async def test_lesson_2_nobody_is_woken_for_what_can_wait(sla: Sla) -> None:
    """Zammad #4432: escalations came at midnight and at weekends; all that follows a breach comes in working hours, but for
    emergencies.
    """
    ordinary, emergency = fresh_case(), fresh_case()
    await sla.hear(assigned(ordinary), signed(ordinary))
    await sla.hear(assigned(emergency, urgency=Urgency.EMERGENCY), signed(emergency))
    heard: dict[str, set[bool]] = {ordinary: set(), emergency: set()}
    for hour in range(24 * 21):
        now = MONDAY + timedelta(hours=hour, minutes=7)
        for event in await sla.sweep_at(now):
            if isinstance(event, CaseEscalated | DeadlineReminded):
                heard[event.case_id].add(sla.calendar.is_working_time(now) or now.hour == _JUST_CLOSED)

    assert {ordinary: {True}, emergency: {True, False}} == heard


async def test_lesson_3_clocks_are_independent(sla: Sla) -> None:
    """Zammad #5177: one clock's deadline overrode another's; signing moves no reply."""
    case = fresh_case()
    await sla.hear(assigned(case))
    before = await sla.facts(case, "due_at", "state")
    await sla.hear(signed(case))

    assert before == await sla.facts(case, "due_at", "state")
    assert ("stopped",) == await sla.facts(case, "state", clock=Clock.SIGN)


async def test_lesson_4_a_breach_from_end_to_end(sla: Sla) -> None:
    """Zammad #3523: a release broke every escalation, and no test had looked: warning, breach and escalation all come."""
    case = fresh_case()
    await sla.hear(assigned(case), signed(case))
    said = await sla.sweep_at(china("2026-11-27 17:31"))
    said += await sla.sweep_at(china("2026-11-30 17:31"))
    said += await sla.sweep_at(china("2026-12-01 17:31"))

    assert [DeadlineNear, DeadlineMissed, CaseEscalated, DeadlineReminded] == [type(event) for event in said]


async def test_lesson_5_a_moved_deadline_alerts_anew(sla: Sla) -> None:
    """Zammad #4348: a repeat was suppressed although the deadline had changed; the version is in the alert's key."""
    case = fresh_case()
    await sla.hear(assigned(case), signed(case))
    first = await sla.sweep_at(china("2026-11-27 17:31"))
    await sla.hear(
        ExtensionDecided(
            case_id=case, version=5, at=china("2026-11-27 17:32"), granted=True, working_days=1, decided_by="d",
            extension_count=1,
        )
    )  # fmt: skip
    second = await sla.sweep_at(china("2026-11-30 17:31"))

    assert [(1, "reply"), (2, "reply")] == [
        (e.deadline_version, e.clock) for e in (*first, *second) if isinstance(e, DeadlineNear)
    ]


async def test_lesson_6_a_flood_is_a_digest_that_drops_nothing(sla: Sla) -> None:
    """Zammad #4885: what came above thirty in ten minutes was dropped without a word."""
    flood = {fresh_case() for _ in range(40)}
    for case in flood:
        await sla.hear(assigned(case), signed(case))
    said = await sla.sweep_at(china("2026-12-01 17:31"))
    told = [e for e in said if isinstance(e, DeadlineReminded | RemindersDigested)]

    assert [RemindersDigested] == [type(event) for event in told]
    assert flood == {each.case_id for event in told for each in getattr(event, "reminders", ())}


async def test_lesson_11_every_move_has_its_reason(sla: Sla) -> None:
    """GLPI #17186, #16236: a deadline moved and nobody knew why; each move is a row with what and when."""
    case = fresh_case()
    await sla.hear(assigned(case), signed(case))
    await sla.hear(
        ExtensionDecided(
            case_id=case, version=5, at=MONDAY + timedelta(days=1), granted=True, working_days=3, decided_by="d",
            extension_count=1,
        )
    )  # fmt: skip
    rows = await sla.unit.db.fetch(
        "SELECT what, detail->>'working_days' AS days FROM sla.history WHERE case_id = $1", case
    )

    assert [("extended", "3")] == [tuple(row) for row in rows]


async def test_lesson_16_an_ended_case_has_no_clock(sla: Sla) -> None:
    """Chatwoot #10178: the clock ran on after the end; nothing is said of an ended case that was in time."""
    case = fresh_case()
    await sla.hear(assigned(case), signed(case), replied(case, MONDAY + timedelta(hours=4)))
    await sla.hear(closed(case, MONDAY + timedelta(hours=5)))

    assert [] == await sla.sweep_at(MONDAY + timedelta(days=90))


async def test_lesson_17_closing_erases_no_breach(sla: Sla) -> None:
    """osTicket #2333, #6346: overdue alerts of closed tickets, and an overdue flag that closing erased."""
    case = fresh_case()
    await sla.hear(assigned(case), signed(case))
    await sla.sweep_at(china("2026-12-01 09:00"))
    await sla.hear(replied(case, china("2026-12-01 10:00")), closed(case, china("2026-12-01 11:00")))

    assert (china("2026-11-30 17:30"),) == await sla.facts(case, "missed_at")
    assert [] == await sla.sweep_at(MONDAY + timedelta(days=90))


async def test_lesson_18_and_32_nobody_need_look(sla: Sla) -> None:
    """osTicket #4095, CCRS a881a49: alerts waited for somebody to sign in; a scheduler shipped and never escalated. A
    sweep alone, without any request, escalates what no department ever had.
    """
    case = fresh_case()
    await sla.hear(registered(case))
    said = await sla.sweep_at(MONDAY + timedelta(hours=5))

    assert [(DeadlineMissed, "dispatch"), (CaseEscalated, "dispatch")] == [(type(e), e.clock) for e in said]  # type: ignore[attr-defined]  # both have one


async def test_lesson_19_reminders_have_a_cadence(sla: Sla) -> None:
    """osTicket #6405: there was only one overdue reminder ever; here one a working day, as the rules say."""
    case = fresh_case()
    await sla.hear(assigned(case), signed(case))
    days = [china(f"2026-12-{day:02} 17:31") for day in range(1, 9)]
    numbers = [
        [event.number for event in await sla.sweep_at(day) if isinstance(event, DeadlineReminded)]
        for day in days
    ]

    assert [[1], [2], [3], [4], [], [], [5], [6]] == numbers


async def test_lesson_33_no_clock_without_a_deadline(sla: Sla) -> None:
    """CCRS #1028: 118 cases could never be late, since their target was empty; the column refuses that."""
    case = fresh_case()
    await sla.hear(registered(case))

    with pytest.raises(NotNullViolationError):
        await sla.unit.db.execute("UPDATE sla.clock SET due_at = NULL WHERE case_id = $1", case)


async def test_lesson_30_sums_keep_the_scope_of_their_rows(sla: Sla) -> None:
    """CCRS 197aed0: tables of sums dropped the scope of their rows. What no list shows is in no sum, and behind none."""
    plain, private = fresh_case(), fresh_case()
    await sla.hear(registered(plain), assigned(plain))
    before = await _sums(sla)
    await sla.hear(registered(private), msgspec.structs.replace(assigned(private), protected=True))

    assert before == await _sums(sla)
    assert 1 == before[0]


async def _sums(sla: Sla) -> tuple[int, list[str]]:
    day = sla.calendar.local_day(MONDAY)
    sla.unit.now = MONDAY + timedelta(days=1)
    counted = await watch.count_cases(sla.unit, by="department", first=day, last=day, calendar=sla.calendar)
    cell = FigureCell(Measure.RECEIVED, day, day)
    _, found, _ = await list_counted(
        sla.unit, cell, first=day, last=day, calendar=sla.calendar, cursor=None, limit=9
    )
    assert len(found) == counted.total.n(Measure.RECEIVED)
    return counted.total.n(Measure.RECEIVED), [each.case_id for each in found]
