"""The wall screen (监督台大屏): large figures for a room, no word of any case, and nothing of a private one."""

from functools import partial

from schemas.city import City
from schemas.days import end_of_day
from schemas.http import Call, Page, Route
from schemas.ports import CaseMatters
from schemas.words import Role
from sla.core.calendar import Calendar
from sla.core.readings import AT_THE_CENTRE
from sla.core.rules import DeadlineRules
from sla.steps import watch
from sla.web.words import clock_name, name_of

#: Project choices: what is read from the other end of a room; looked for among the first of all that are late.
_DEPARTMENTS = 8
_LATEST = 6
_LOOKED_AMONG = 40


async def show_wall(
    call: Call, *, city: City, calendar: Calendar, rules: DeadlineRules, matters: CaseMatters | None = None
) -> Page:
    """How many are overdue, due today and due soon, where, and which are late for the longest."""
    midnight = end_of_day(calendar.local_day(call.unit.now), calendar.zone)
    counts = await watch.count_pressing(call.unit, midnight=midnight)
    rows, _ = await watch.list_pressing(
        call.unit, overdue=True, department=None, cursor=None, limit=_LOOKED_AMONG
    )
    readable = await matters.titles(call.unit, [row.case_id for row in rows]) if matters else {}
    overdue = sum(count.overdue for count in counts)
    latest = [row for row in rows if row.case_id in readable][:_LATEST]
    return Page(
        template="sla/wall.html",
        context={
            "overdue": overdue,
            "today": sum(count.today for count in counts),
            "near": sum(count.near for count in counts),
            "departments": counts[:_DEPARTMENTS],
            "departments_left_out": len(counts[_DEPARTMENTS:]),
            "centre": AT_THE_CENTRE,
            "latest": latest,
            "left_out": max(0, overdue - len(latest)),
            "name_of": partial(name_of, city=city, language=call.language),
            "clock_name": partial(clock_name, rules=rules, language=call.language),
            "now": call.unit.now,
        },
    )


def routes(
    *, city: City, calendar: Calendar, rules: DeadlineRules, matters: CaseMatters | None
) -> tuple[Route, ...]:
    """The page of large figures for a wall."""
    return (
        Route(
            method="GET",
            path="/watch/wall",
            answer=partial(show_wall, city=city, calendar=calendar, rules=rules, matters=matters),
            who=frozenset({Role.SUPERVISOR, Role.ADMINISTRATOR}),
            summary="Large figures for a screen on the wall",
            page=True,
        ),
    )
