"""What clocks do when something happens to a case: stop, stand still, run on, begin anew, allow more.

Which clocks those are, clocks.toml and the city's rules say. A reply under review holds the clocks that wait for it:
whether it was in time is judged by when the department gave it, so a slow review is no breach of the department's. A
reply that is sent back was none: they run on under the same deadline.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence

from schemas.days import end_of_day
from schemas.event import E, Event
from schemas.events.handlers import (
    CaseReopened,
    CaseReplied,
    CaseResumed,
    CaseReturned,
    CaseSigned,
    CaseSuspended,
    ExtensionDecided,
    PromiseDecided,
    QuestionAnswered,
    QuestionAsked,
    QuestionLapsed,
    ReplySentBack,
    ReturnRefused,
)
from schemas.events.tags import TagsChanged
from schemas.ids import CaseId
from schemas.ports import Unit
from schemas.words import CaseState, Clock
from sla.core.calendar import Calendar
from sla.core.clocks import ClockState
from sla.core.kinds import Clocks, Moment
from sla.core.lives import Happened
from sla.core.rules import CaseTraits, DeadlineRules
from sla.steps import replies, withdraw
from sla.steps.hurry import hurry_again
from sla.steps.move import Handed, begin_anew, given_back, hand_on, recompute, save, tell_untold
from sla.steps.start import announce, at_department
from sla.steps.stop_and_start import stop_and_start
from sla.store import cases, clocks, deeds, endings, moving
from sla.store.deeds import Noted
from sla.store.moving import Loaded, Move
from sla.store.replies import take_back_replies

_Halting = (
    Sequence[CaseSigned]
    | Sequence[CaseReturned]
    | Sequence[CaseSuspended]
    | Sequence[QuestionAsked]
    | Sequence[CaseReplied]
    | Sequence[CaseReopened]
)


#: What a pause is counted as.
_PAUSED = {Moment.SUSPENDED: Happened.SUSPENDED, Moment.QUESTION_ASKED: Happened.ASKED}


def _noted(events: Iterable[Event]) -> list[Noted]:
    """The deeds to count, each for whoever has the case at that moment."""
    return [Noted(event.case_id, event.at) for event in events]


async def stop_signed(unit: Unit, events: Sequence[CaseSigned], *, known: Clocks) -> None:
    """Stop the clocks that run until a department signs: it has accepted the case."""
    await _halt(unit, events, known.stopped_by(Moment.SIGNED), ClockState.STOPPED)


async def stop_returned(
    unit: Unit, events: Sequence[CaseReturned], *, rules: DeadlineRules, calendar: Calendar
) -> None:
    """The department has looked at it, and says that it is not theirs: from now on it is the centre's.

    The citizen's deadline goes on; should it pass meanwhile, the centre held the case and not the department.
    """
    await deeds.note(
        unit.db, Happened.RETURNED, [Noted(each.case_id, each.at, each.department) for each in events]
    )
    handed_on = rules.clocks.handed_on
    await tell_untold(unit, {event.case_id: event.at for event in events}, handed_on)
    await stop_and_start(unit, Moment.RETURNED, events, rules=rules, calendar=calendar)
    await clocks.forget_departments(unit.db, [event.case_id for event in events], handed_on)


async def restart_kept(
    unit: Unit, events: Sequence[ReturnRefused], *, rules: DeadlineRules, calendar: Calendar
) -> None:
    """The department keeps what it returned, with the least that the rules leave to it; if it had not signed, its time
    to do so starts anew.
    """
    await deeds.note(unit.db, Happened.RETURN_REFUSED, _noted(events))
    known = await stop_and_start(unit, Moment.RETURN_REFUSED, events, rules=rules, calendar=calendar)
    handed = {
        event.case_id: Handed(event.at, event.department, rules.least(known[event.case_id].traits))
        for event in events
        if event.case_id in known
    }
    await hand_on(unit, handed, rules.clocks.handed_on, what="return refused", calendar=calendar)
    told = {event.case_id: event for event in events if event.state is CaseState.ASSIGNED}
    moves = [
        begin_anew(
            clock,
            calendar,
            what="return refused",
            at=told[clock.case_id].at,
            department=clock.department,
            term=clock.term,
            rule=clock.rule,
        )
        for clock in await moving.load(unit.db, list(told), rules.clocks.begun_anew_by(Moment.RETURN_REFUSED))
    ]
    await save(unit, moves)
    await hurry_again(unit, events, known, rules=rules, calendar=calendar)


async def pause(
    unit: Unit,
    events: Sequence[CaseSuspended] | Sequence[QuestionAsked],
    *,
    moment: Moment,
    rules: DeadlineRules,
    calendar: Calendar,
) -> None:
    """Waiting for something outside, or for the citizen: the clocks stand still, and another one says until when."""
    await deeds.note(unit.db, _PAUSED[moment], _noted(events))
    await stop_and_start(unit, moment, events, rules=rules, calendar=calendar)
    paused = rules.clocks.paused_by(moment)
    await _halt(unit, events, paused, ClockState.PAUSED)
    entries = [
        clocks.ClockHistoryLine(
            event.case_id,
            clock,
            event.at,
            clocks.Detail(reason=event.reason if isinstance(event, CaseSuspended) else Moment.QUESTION_ASKED),
        )
        for event in events
        for clock in paused
    ]
    await clocks.write_history(unit.db, "paused", entries, of_running=True)


async def resume(
    unit: Unit,
    events: Sequence[CaseResumed] | Sequence[QuestionAnswered] | Sequence[QuestionLapsed],
    *,
    moment: Moment,
    rules: DeadlineRules,
    calendar: Calendar,
) -> None:
    """The clocks run again, later by what the pause took."""
    if moment is not Moment.RESUMED:
        await deeds.note(unit.db, Happened.QUESTION_OVER, _noted(events))
    known = await stop_and_start(unit, moment, events, rules=rules, calendar=calendar)
    told = {event.case_id: event for event in events}
    await _move(
        unit,
        told,
        rules.clocks.resumed_by(moment),
        lambda clock, event: recompute(
            clock,
            calendar,
            what="resumed",
            at=event.at,
            state=ClockState.RUNNING if clock.state is ClockState.PAUSED else clock.state,
        ),
    )
    await hurry_again(unit, events, known, rules=rules, calendar=calendar)


async def extend(
    unit: Unit, events: Sequence[ExtensionDecided], *, rules: DeadlineRules, calendar: Calendar
) -> None:
    """What was granted is added to what the rule allows; asked for in time, it is in time whenever it is granted."""
    await stop_and_start(unit, Moment.EXTENDED, events, rules=rules, calendar=calendar)
    granted = {event.case_id: event for event in events if event.granted}
    await deeds.note(unit.db, Happened.EXTENDED, _noted(granted.values()))
    await _move(
        unit,
        granted,
        rules.clocks.extended_by(Moment.EXTENDED),
        lambda clock, event: recompute(
            clock,
            calendar,
            what="extended",
            at=event.at,
            working_days=event.working_days,
            asked_at=event.requested_at,
        ),
    )


async def promise(
    unit: Unit, events: Sequence[PromiseDecided], *, rules: DeadlineRules, calendar: Calendar
) -> None:
    """The citizen was promised a date: the reply is due then, and word of how it goes before."""
    await stop_and_start(unit, Moment.PROMISE_DECIDED, events, rules=rules, calendar=calendar)
    granted = {event.case_id: event for event in events if event.granted}
    await _move(
        unit,
        granted,
        rules.clocks.extended_by(Moment.PROMISED),
        lambda clock, event: recompute(
            clock,
            calendar,
            what="promised",
            at=event.at,
            least=end_of_day(event.date, calendar.zone).isoformat(),
            asked_at=event.requested_at,
        )._replace(by=event.decided_by, reason=event.remarks or None),
    )
    refused = [
        clocks.ClockHistoryLine(
            event.case_id,
            Clock.PROMISE,
            event.at,
            clocks.Detail(by=event.decided_by, reason=event.remarks or None, date=event.date),
        )
        for event in events
        if not event.granted
    ]
    await clocks.write_history(unit.db, "promise refused", refused, once=True)
    await stop_and_start(unit, Moment.PROMISED, list(granted.values()), rules=rules, calendar=calendar)


async def hold_replied(
    unit: Unit, events: Sequence[CaseReplied], *, rules: DeadlineRules, calendar: Calendar
) -> None:
    """The department replied: judged by this moment, if the review agrees. The review is the centre's time."""
    await replies.note(unit, [(event.case_id, event.at, event.version) for event in events], calendar)
    await stop_and_start(unit, Moment.REPLIED, events, rules=rules, calendar=calendar)
    held = rules.clocks.held_by(Moment.REPLIED)
    await _end_pauses(unit, events, held, calendar)
    await _halt(unit, events, held, ClockState.ANSWERED)


async def _end_pauses(
    unit: Unit, events: Sequence[CaseReplied], which: Sequence[Clock], calendar: Calendar
) -> None:
    """Who replies waits for nobody any more: should the reply be sent back, no pause goes on behind it."""
    told = {event.case_id: event for event in events}
    paused = await moving.load_paused(unit.db, list(told), which)
    moves = [
        recompute(clock, calendar, what="resumed", at=told[clock.case_id].at, state=ClockState.RUNNING)
        for clock in paused
    ]
    await save(unit, moves)


async def run_on_sent_back(
    unit: Unit, events: Sequence[ReplySentBack], *, rules: DeadlineRules, calendar: Calendar
) -> None:
    """The reply was sent back, or taken back: the clocks run on as if there had been none.

    What the review took was the centre's time: where the deadline was not missed before the reply came, the department has
    at least what the rules leave to it. Whoever took the reply back themselves has no more than before.
    """
    reviewed = [event for event in events if event.cause == "review"]
    await deeds.keep_past(unit.db, [event.case_id for event in events])
    await deeds.note(unit.db, Happened.SENT_BACK, _noted(reviewed))
    await take_back_replies(unit.db, events)
    known = await stop_and_start(unit, Moment.SENT_BACK, events, rules=rules, calendar=calendar)
    handed = {
        event.case_id: Handed(event.at, event.department, rules.least(known[event.case_id].traits))
        for event in reviewed
        if event.case_id in known
    }
    held = rules.clocks.held_by(Moment.REPLIED)
    loaded = await moving.load(unit.db, list(handed), held)
    await save(
        unit, [move for clock in loaded if (move := given_back(clock, handed[clock.case_id], calendar))]
    )
    await clocks.rearm(unit.db, [event.case_id for event in events], unit.now)
    await hurry_again(unit, events, known, rules=rules, calendar=calendar)


async def restart_reopened(
    unit: Unit, events: Sequence[CaseReopened], *, rules: DeadlineRules, calendar: Calendar
) -> None:
    """A fresh clock, for as long as the rule allows a reopened case."""
    over, later = rules.clocks.stopped_by(Moment.REOPENED), rules.clocks.after_the_end
    await _halt(unit, events, over, ClockState.STOPPED, but_later=later)
    told = {event.case_id: event for event in events}
    await deeds.keep_past(unit.db, list(told))
    await deeds.note(unit.db, Happened.REOPENED, _noted(events))
    known = await endings.reopen_cases(unit.db, list(told), [event.version for event in events])
    starts = {
        (case_id, start.clock): start
        for case_id, case in known.items()
        for start in at_department(
            told[case_id],
            Moment.REOPENED,
            CaseTraits(
                urgency=case["urgency"],
                department=told[case_id].lead,
                category=case["category"],
                kind=case["kind"],
                channel=case["channel"],
            ),
            rules,
            calendar,
        )
    }
    moves = [
        begin_anew(
            clock,
            calendar,
            what="reopened",
            at=start.started_at,
            department=start.department,
            term=start.term,
            rule=start.rule,
        )
        for clock in await moving.load(unit.db, list(known), rules.clocks.started_by(Moment.REOPENED))
        if (start := starts.pop((clock.case_id, clock.clock), None)) is not None
    ]
    await save(unit, moves)
    await clocks.start(unit.db, list(starts.values()))
    announce(unit, told, list(starts.values()), {}, cause="reopened")


async def _move(
    unit: Unit, told: Mapping[CaseId, E], which: Sequence[Clock], moved: Callable[[Loaded, E], Move]
) -> None:
    """Give those of the clocks that have not stopped the deadline that follows from what is told of their case."""
    loaded = await moving.load(unit.db, list(told), which)
    moves = [moved(clock, told[clock.case_id]) for clock in loaded if clock.state is not ClockState.STOPPED]
    await save(unit, moves)


async def _halt(
    unit: Unit,
    events: _Halting,
    which: Sequence[Clock] | None,
    state: ClockState,
    *,
    but_later: Sequence[Clock] = (),
) -> None:
    ids, ats = [event.case_id for event in events], [event.at for event in events]
    why = next((event.name for event in events), "")
    await withdraw.halt(unit, ids, ats, which, state, why=why, but_later=but_later)


async def count_tags_anew(unit: Unit, events: Sequence[TagsChanged]) -> None:
    """The cases stand in the sums of their tags as corrected; no clock knows of tags."""
    await cases.note_tags(unit.db, events)
