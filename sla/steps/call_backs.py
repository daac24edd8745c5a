"""Call back (回访): draw who is asked, write down what they said, and have done once more what is not settled."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

import msgspec

from schemas.days import end_of_day
from schemas.errors import ActionNotAllowed, Forbidden, NotFound
from schemas.events.call_backs import CallBackAnswered, CallBackDone, CallBackDue
from schemas.http import Principal
from schemas.ids import CaseId
from schemas.masking import declared_by, for_department, for_public
from schemas.paging import cursor_of, page_of, read_cursor
from schemas.ports import Callees, Contacts, Unit
from schemas.values import Callee, Contact
from schemas.words import Clock
from sla.core.calendar import Calendar
from sla.core.call_backs import (
    CallBack,
    CallBackState,
    CallResult,
    DrawnCase,
    HeldCallBack,
    ListedCallBack,
    Solved,
    as_claimed,
    call_back_rule,
    calls_apart,
    check,
    check_claim,
    check_shown,
    counted,
    days_to_draw,
    draw,
    may_call,
)
from sla.core.clocks import ClockState
from sla.core.figures import span_of
from sla.core.kinds import Moment
from sla.core.lives import Happened
from sla.core.rules import DeadlineRules
from sla.steps.decisions import decide_once_more
from sla.steps.stop_and_start import stop_and_start
from sla.steps.withdraw import halt
from sla.store import call_backs as store
from sla.store import clocks, deeds
from sla.store.call_backs import DueCallBack, NewCallBack
from sla.store.deeds import Noted

#: Two sends of one form, by a finger that pressed twice or a browser that tried again (project choice: nobody rings up again
#: so soon).
_SENT_TWICE = timedelta(seconds=10)
#: Ended in one look of the sweeper (project choice: more than a day brings).
_AT_ONCE = 500


async def draw_call_backs(
    unit: Unit,
    *,
    callees: Callees,
    lot_key: bytes,
    rules: DeadlineRules,
    calendar: Calendar,
    reached: datetime | None,
) -> int:
    """Draw the days that are over and were not drawn; returns how many are called back. Each day is drawn once.

    `reached`: everything of before that moment is known; None: nobody knows how far it is, and nothing is drawn.
    `lot_key`: a secret that lots are made with.
    """
    if reached is None:
        return 0
    await store.void_stale(unit.db, unit.now, _AT_ONCE)
    await _ask_on_page(unit, rules, calendar)
    today, rule = calendar.local_day(min(reached, unit.now)), call_back_rule()
    known = await store.drawn_days(unit.db, today - timedelta(days=rule.days_made_up))
    drawn = 0
    for day in days_to_draw(today, known, rule):
        found = await store.candidates(unit.db, span_of(day, day, calendar.zone), rule.bad_rating)
        about = await callees.of(unit, [each.case_id for each in found]) if found else {}
        # Of what is kept to those who handle it a sample is none of the centre's business.
        pool = [
            each._replace(is_closed_that_day=each.is_closed_that_day and not about[each.case_id].is_private)
            for each in found
            if each.case_id in about
        ]
        lots = draw(pool, day, lot_key, rule)
        news = [_new(each, about[each.case.case_id], unit.now, calendar) for each in lots]
        closed = Counter(each.department or "" for each in pool if each.is_closed_that_day)
        drawn_now = await store.keep_draw(unit.db, day, closed, news, unit.now)
        if drawn_now is not None:
            await _say(unit, drawn_now, rules, calendar)
            drawn += len(news)
    return drawn


def _new(drawn: DrawnCase, callee: Callee, now: datetime, calendar: Calendar) -> NewCallBack:
    until = None
    if not callee.by_phone or callee.is_private:
        until = _page_until(now, calendar)
    return NewCallBack(drawn.case, drawn.why, until, callee.answered_by)


def _page_until(now: datetime, calendar: Calendar) -> datetime:
    return end_of_day(calendar.local_day(now) + timedelta(days=call_back_rule().page_days), calendar.zone)


async def _ask_on_page(unit: Unit, rules: DeadlineRules, calendar: Calendar) -> None:
    """Whose case has become private since may be rung up by nobody: they are asked on their page, and no clock runs."""
    moved = await store.move_to_page(unit.db, _page_until(unit.now, calendar), _AT_ONCE)
    ids = [call.case_id for call, _ in moved]
    await halt(unit, ids, [unit.now] * len(ids), [Clock.CALL_BACK], ClockState.STOPPED, why="case.protected")
    await _say(unit, moved, rules, calendar)


async def _say(unit: Unit, calls: Sequence[DueCallBack], rules: DeadlineRules, calendar: Calendar) -> None:
    """Drawn or moved to the page, it is said in one shape; the centre's clock runs for those by telephone."""
    events = [
        CallBackDue(
            case_id=call.case_id, version=version, at=unit.now, number=call.number, why=call.why,
            department=call.department, until=call.until,
        )
        for call, version in calls
    ]  # fmt: skip
    by_phone = [event for event in events if event.until is None]
    await stop_and_start(unit, Moment.CALL_BACK_DUE, by_phone, rules=rules, calendar=calendar)
    for event in events:
        unit.emit(event)


async def end_silent(
    unit: Unit, *, rules: DeadlineRules, calendar: Calendar, reached: datetime | None
) -> int:
    """Who was asked on their page and did not answer counts as not reached; how many. `reached`: as for the draw."""
    ended = 0
    for case_id in await store.silent(unit.db, reached, _AT_ONCE) if reached else ():
        held = await store.lock(unit.db, case_id)
        if held is not None and held.is_current:
            await _settle(
                unit, held, "unreached", CallResult(reached=False), "", CallNote(), "silent", rules, calendar
            )
            ended += 1
    return ended


async def handle_answers(
    unit: Unit, events: Sequence[CallBackAnswered], *, rules: DeadlineRules, calendar: Calendar
) -> None:
    """What citizens said on their page; what came too late, was answered before, or is of an earlier one, is nothing."""
    for event in sorted(events, key=lambda each: each.case_id):
        held = await store.lock(unit.db, event.case_id)
        if held is None or held.call_back.until is None or not held.is_current:
            continue
        if event.number not in (0, held.call_back.number):
            continue
        result = CallResult(
            reached=True, contacted=event.contacted, solved=msgspec.convert(event.solved, Solved),
            satisfied=event.satisfied, redo=event.solved == "no" and held.redos < call_back_rule().most_redos,
        )  # fmt: skip
        said = CallNote(for_public(event.note), event.note)
        await _settle(unit, held, "done", result, "", said, None, rules, calendar)


async def list_to_call(
    unit: Unit, who: Principal, *, cursor: str | None, limit: int
) -> tuple[Sequence[ListedCallBack], str | None]:
    """Whom this dispatcher may call, drawn first first, and where the next page begins.

    Raises:
        BadInput: a cursor that is not ours.
    """
    found = await store.to_call(unit.db, who.name, who.department, _place(cursor), limit + 1)
    page, last = page_of([as_claimed(each, unit.now) for each in found], limit)
    return page, cursor_of(last.drawn_at, last.case_id) if last else None


async def list_settled(
    unit: Unit, who: Principal, *, cursor: str | None, limit: int
) -> tuple[Sequence[ListedCallBack], str | None]:
    """What came of call-backs, the latest first, and where the next page begins.

    Raises:
        BadInput: a cursor that is not ours.
    """
    found = await store.settled(unit.db, who.department, _place(cursor), limit + 1)
    page, last = page_of(found, limit)
    settled_at = last.settled_at if last else None
    return page, cursor_of(settled_at, last.case_id) if last and settled_at else None


def _place(cursor: str | None) -> tuple[datetime, CaseId] | None:
    if cursor is None:
        return None
    at, case_id = read_cursor(cursor, tuple[datetime, UUID])
    return at, CaseId(str(case_id))


async def read_call_backs(unit: Unit, case_id: CaseId) -> Sequence[CallBack]:
    """All call-backs of one case, the first first."""
    return await store.of_case(unit.db, case_id)


async def open_call(unit: Unit, who: Principal, case_id: CaseId, callees: Callees) -> HeldCallBack:
    """The call-back that `who` may make now, held until the unit ends.

    Raises:
        NotFound: there is none, of a case that they may read.
        Forbidden: they answered it, or their unit had it.
        ActionNotAllowed: the case is not closed any more.
    """
    held = await store.lock(unit.db, case_id)
    if held is None or held.call_back.until is not None:
        raise NotFound
    about = (await callees.of(unit, [case_id])).get(case_id)
    if about is None or about.is_private:
        raise NotFound
    if not may_call(who.name, who.department, held.leads, held.answered_by or about.answered_by):
        raise Forbidden
    if not held.is_current:
        raise ActionNotAllowed
    return held._replace(call_back=as_claimed(held.call_back, unit.now))


async def show_contact(
    unit: Unit, who: Principal, case_id: CaseId, *, callees: Callees, contacts: Contacts, calendar: Calendar
) -> Contact:
    """The number to call. That it was shown, and to whom, is kept in the case's history.

    Raises:
        NotFound, Forbidden, ActionNotAllowed: see `open_call`.
        BeingCalled: somebody else rings up.
    """
    held = await open_call(unit, who, case_id, callees)
    check_claim(held.call_back, who.name, unit.now, calendar.zone)
    until = unit.now + timedelta(minutes=call_back_rule().claim_minutes)
    await store.claim(unit.db, held.call_back, who.name, until)
    entry = clocks.ClockHistoryLine(case_id, Clock.CALL_BACK, unit.now, clocks.Detail(by=who.name))
    await clocks.write_history(unit.db, "contact shown", [entry])
    found = await contacts.reveal(unit, case_id) or Contact()
    # For a call: no address to write to, and no recording.
    return Contact(
        name=found.name,
        phone=found.phone,
        preference=found.preference,
        hours=found.hours,
        language=found.language,
    )


async def give_back(
    unit: Unit, who: Principal, case_id: CaseId, *, callees: Callees, calendar: Calendar
) -> None:
    """They do not call after all: anybody may. Said twice, or after it ran out, it changes nothing.

    Raises:
        NotFound, Forbidden, ActionNotAllowed: see `open_call`.
        BeingCalled: somebody else rings up.
    """
    held = await open_call(unit, who, case_id, callees)
    check_claim(held.call_back, who.name, unit.now, calendar.zone)
    if held.call_back.claimed_by:
        await store.claim(unit.db, held.call_back, None, None)


class CallNote(NamedTuple):
    """A note as whoever watches reads it, and as the department does."""

    shown: str = ""
    told: str = ""


async def record(
    unit: Unit,
    who: Principal,
    case_id: CaseId,
    number: int,
    result: CallResult,
    *,
    callees: Callees,
    contacts: Contacts,
    rules: DeadlineRules,
    calendar: Calendar,
) -> CallBackState:
    """Write down what came of a call, sent twice or not; what is not settled is done once more, in the same step.

    Raises:
        NotFound, Forbidden, ActionNotAllowed: see `open_call`; or `number` is of an earlier one.
        BeingCalled: somebody else rings up.
        NumberNotShown: see `check_shown`.
        BadInput: something is missing.
    """
    held = await open_call(unit, who, case_id, callees)
    if held.call_back.number != number:
        raise ActionNotAllowed
    check_claim(held.call_back, who.name, unit.now, calendar.zone)
    tried_at = held.call_back.tried_at
    if not result.reached and tried_at is not None and unit.now - tried_at < _SENT_TWICE:
        return "open"
    if not result.reached:
        check_shown(held, who.name)
    rule = call_back_rule()
    check(result, held.redos, rule)
    said = _note(result.note, await contacts.reveal(unit, case_id))
    if not result.reached:
        before = await store.calls_in_vain(unit.db, held.call_back)
        tries = calls_apart((*before, unit.now), timedelta(hours=rule.apart_hours))
        await store.note_try(unit.db, held.call_back, tries, unit.now)
        if tries < rule.tries:
            detail = clocks.Detail(by=who.name, reason=result.why_not, note=said.shown)
            entry = clocks.ClockHistoryLine(case_id, Clock.CALL_BACK, unit.now, detail)
            await clocks.write_history(unit.db, "not reached", [entry])
            return "open"
    state: CallBackState = "done" if result.reached else "unreached"
    await _settle(unit, held, state, result, who.name, said, result.why_not, rules, calendar)
    return state


def _note(note: str, contact: Contact | None) -> CallNote:
    """Empty where the citizen was forgotten since the call was drawn: nobody can tell any more whom it may not name."""
    if contact is None:
        return CallNote()
    declared = declared_by(contact)
    return CallNote(for_public(note, declared, official=True), for_department(note, declared, official=True))


async def _settle(
    unit: Unit,
    held: HeldCallBack,
    state: CallBackState,
    result: CallResult,
    by: str,
    said: CallNote,
    why_not: str | None,
    rules: DeadlineRules,
    calendar: Calendar,
) -> None:
    call, redo = held.call_back, result.reached and result.is_redo
    event = CallBackDone(
        case_id=call.case_id, version=held.version, at=unit.now, number=call.number, by=by, department=call.department,
        reached=result.reached, why_not=why_not or "", contacted=result.contacted, solved=result.solved or "",
        satisfied=result.satisfied, note=said.told, redo=redo,
    )  # fmt: skip
    await store.settle(
        unit.db, call, state, result, by=by, note=said.shown, redo=redo, why_not=why_not, now=unit.now
    )
    if result.reached:
        await deeds.note(unit.db, Happened.CALLED, [Noted(call.case_id, unit.now, call.department)])
    for what, value in counted(result).items():
        await deeds.note(unit.db, what, [Noted(call.case_id, unit.now, call.department, value)])
    await _move_clocks(unit, event, rules, calendar)
    if redo and held.is_direct:
        await decide_once_more(unit, [event], rules=rules, calendar=calendar)
    unit.emit(event)


async def _move_clocks(unit: Unit, event: CallBackDone, rules: DeadlineRules, calendar: Calendar) -> None:
    """The clocks after it: a supervisor's, of a bad rating, ends only where somebody heard the citizen.

    What is not settled, and is not done once more, is a supervisor's as after a bad rating.
    """
    if not event.reached:
        await halt(unit, [event.case_id], [event.at], [Clock.CALL_BACK], ClockState.STOPPED, why=event.name)
        return
    await stop_and_start(unit, Moment.CALL_BACK_DONE, [event], rules=rules, calendar=calendar)
    if event.solved == "no" and not event.redo:
        await stop_and_start(unit, Moment.RATED_BAD, [event], rules=rules, calendar=calendar)
