"""A supervisor urges (催办) a department, puts a case under supervision (督办), or calls back (回访)."""

from datetime import date, datetime, timedelta
from typing import Any

from msgspec.structs import replace

from schemas.days import end_of_day
from schemas.errors import ActionNotAllowed, BadInput, FieldError
from schemas.events.sla import CaseFollowedUp, CaseUrged
from schemas.events.supervision import OrderAccepted
from schemas.ids import CaseId
from schemas.masking import for_department
from schemas.ports import Unit
from schemas.wording import says_something
from schemas.words import Clock
from sla.core.calendar import Calendar
from sla.core.clocks import deadline_of
from sla.core.kinds import Moment
from sla.core.lives import Happened
from sla.core.notices import urge_notice
from sla.core.rules import CaseTraits, DeadlineRules
from sla.steps.stop_and_start import stop_and_start
from sla.store import cases, clocks, deeds, supervision, watching

#: Project choice: what takes longer than a quarter is a plan, not an order.
LONGEST_ORDER = timedelta(days=90)


#: Of one case and day. Project choice: each is a letter, and whoever ignored twenty of them will ignore the next.
MOST_URGES_A_DAY = 20


class UrgedEnough(ActionNotAllowed):
    """So often in a day nobody reads it any more."""

    zh = f"今天已对此件催办、督办 {MOST_URGES_A_DAY} 次，对方均已收到；请改为电话联系，或明天再催。"
    en = (
        f"This case was urged or supervised {MOST_URGES_A_DAY} times today, and whoever has it was told each time: "
        "ring them up, or urge it again tomorrow."
    )


async def urge(
    unit: Unit,
    case_id: CaseId,
    *,
    by: str,
    rules: DeadlineRules,
    calendar: Calendar,
    note: str = "",
    supervised: bool = False,
    day: date | None = None,
) -> CaseUrged:
    """Urge the department, or supervise the case, as often as it is asked for; raises as `urge_once`."""
    case = await _open_case(unit, case_id)
    return await _urge(unit, case, by, note, supervised, day, rules, calendar)


async def urge_once(
    unit: Unit,
    case_id: CaseId,
    *,
    by: str,
    rules: DeadlineRules,
    calendar: Calendar,
    note: str,
    supervised: bool,
    day: date | None,
    within: timedelta,
) -> CaseUrged | None:
    """Tell the department and the supervisors. Supervision also starts a clock for the supervisor.

    Supervising gives the department an order: it reports back by the end of `day`, or by when the city's rules say. None,
    where the same person said the same `within` that time: a second press, a page that is loaded again.

    Raises:
        NotFound: no such case.
        ActionNotAllowed: it has ended, or was urged often enough today.
        BadInput: the note says nothing, or `day` cannot be.
    """
    case = await _open_case(unit, case_id)
    since = unit.now - within
    if await watching.was_urged(
        unit.db, case_id, by=by, supervised=supervised, note=_said(note), day=day, since=since
    ):
        return None
    return await _urge(unit, case, by, note, supervised, day, rules, calendar)


async def has_department(unit: Unit, case_id: CaseId) -> bool:
    """Whether a department hears of what is said about the case; otherwise the dispatchers alone do.

    Raises:
        NotFound: no such case.
    """
    return (await cases.lock_case(unit.db, case_id))["lead"] is not None


async def _open_case(unit: Unit, case_id: CaseId) -> Any:
    """The open case, its row locked until the unit ends: who presses twice waits for the first press."""
    case = await cases.lock_case(unit.db, case_id)
    if case["closed_at"] is not None:
        raise ActionNotAllowed
    return case


async def _urge(
    unit: Unit,
    case: Any,
    by: str,
    note: str,
    supervised: bool,
    day: date | None,
    rules: DeadlineRules,
    calendar: Calendar,
) -> CaseUrged:
    case_id = CaseId(str(case["case_id"]))
    today = end_of_day(calendar.local_day(unit.now) - timedelta(days=1), calendar.zone)
    if await watching.urged_since(unit.db, case_id, today) >= MOST_URGES_A_DAY:
        raise UrgedEnough
    note, is_order = _said(note), supervised and case["lead"] is not None
    until = _until(case, day, unit.now, rules, calendar) if is_order else None
    await cases.note_urged(unit.db, case_id, supervised=supervised)
    event = CaseUrged(
        case_id=case_id,
        version=case["version"],
        at=unit.now,
        by=by,
        note=note,
        supervised=supervised,
        department=case["lead"],
    )
    if is_order:
        number = await supervision.give(unit.db, case_id, by=by, text=note, until=until, now=unit.now)
        event = replace(event, order=number, until=until)
    what = "supervised" if supervised else "urged"
    entry = clocks.ClockHistoryLine(case_id, Clock.REPLY, unit.now, clocks.Detail(by=by, note=note, date=day))
    await clocks.write_history(unit.db, what, [entry])
    unit.emit(event)
    if event.department is not None:
        unit.emit(event, to=event.department)
        unit.notify(urge_notice(case_id, event.department, unit.now, supervised=supervised))
    if supervised:
        await stop_and_start(unit, Moment.SUPERVISED, [event], rules=rules, calendar=calendar)
    if event.order:
        await stop_and_start(unit, Moment.ORDERED, [event], rules=rules, calendar=calendar)
    return event


def _traits(case: Any) -> CaseTraits:
    return CaseTraits(
        urgency=case["urgency"],
        department=case["lead"],
        category=case["category"],
        kind=case["kind"],
        channel=case["channel"],
    )


def _until(
    case: Any, day: date | None, now: datetime, rules: DeadlineRules, calendar: Calendar
) -> datetime | None:
    """By when the department reports back: the end of the day that is named, or by when the city's rules say.

    Raises:
        BadInput: a day that has passed, or further ahead than anybody supervises.
    """
    if day is None:
        terms, own = rules.terms_at(Moment.ORDERED, _traits(case)), calendar.of(case["lead"])
        return next((deadline_of(now, each.term, own).due_at for each in terms), None)
    first = calendar.local_day(now)
    last = first + LONGEST_ORDER
    if not first <= day <= last:
        zh = f"督办回报时限须在 {first} 至 {last} 之间。"
        en = f"The report must be due between {first} and {last}."
        raise BadInput([FieldError("until", zh, en)])
    return end_of_day(day, calendar.zone)


async def follow_up(
    unit: Unit, case_id: CaseId, *, by: str, rules: DeadlineRules, calendar: Calendar, note: str = ""
) -> CaseFollowedUp:
    """Write down that the supervisor has called back, or has seen to the case: a report that waits is accepted.

    Raises:
        NotFound: no such case.
        BadInput: the note says nothing.
    """
    case = await cases.lock_case(unit.db, case_id)
    note = _said(note)
    event = CaseFollowedUp(case_id=case_id, version=case["version"], at=unit.now, by=by, note=note)
    if order := await supervision.accept(unit.db, case_id, by=by, now=unit.now):
        accepted = OrderAccepted(
            case_id=case_id, version=event.version, at=unit.now, by=by, order=order, note=note
        )
        unit.emit(accepted)
    entry = clocks.ClockHistoryLine(case_id, Clock.FOLLOW_UP, unit.now, clocks.Detail(by=by, note=note))
    await clocks.write_history(unit.db, "followed up", [entry])
    if case["closed_at"] is not None:
        await deeds.note(unit.db, Happened.CALLED, [deeds.Noted(case_id, unit.now)])
    await stop_and_start(unit, Moment.FOLLOWED_UP, [event], rules=rules, calendar=calendar)
    unit.emit(event)
    return event


async def accept_report(
    unit: Unit, case_id: CaseId, *, by: str, rules: DeadlineRules, calendar: Calendar, note: str = ""
) -> CaseFollowedUp | None:
    """Accept the report on the latest order; None where that was done already: two tabs, or two supervisors at once.

    Raises:
        NotFound: no such case.
        ActionNotAllowed: no report waits: there is none, or another order followed it.
        BadInput: the note says nothing.
    """
    await cases.lock_case(unit.db, case_id)
    states = [order.state for order in await supervision.orders_of(unit.db, case_id)]
    if states[-1:] == ["accepted"]:
        return None
    if states[-1:] != ["reported"]:
        raise ActionNotAllowed
    return await follow_up(unit, case_id, by=by, rules=rules, calendar=calendar, note=note)


def _said(note: str) -> str:
    """The note, which may be left out, as departments read it."""
    if note.strip() and not says_something(note):
        raise BadInput([FieldError("note", "不能只有标点或符号。", "Dots and signs alone say nothing.")])
    return for_department(note, official=True)
