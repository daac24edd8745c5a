"""Retells a case's history to a slice that missed it: the events from which its clocks follow.

As the log has it, to the moment, so that no line of its history stands twice. What is over and left nothing behind is
not told: what was asked for and not granted. A reply that was sent back, and a return that was refused, gave time: they
are told with their ends, and their state of now says to whoever decides on such that nothing waits.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Literal, NamedTuple

from msgspec.structs import replace

from handlers.core.case import Case, files_with_answer
from handlers.core.chain import FORMER_URGENCY, Detail
from handlers.core.citizens import MAX_REOPENINGS
from handlers.core.danger_said import DANGER_SAID
from handlers.core.rules import Action
from schemas.event import Event
from schemas.events.handlers import (
    CaseAssigned,
    CaseClosed,
    CaseProtected,
    CaseReopened,
    CaseReplied,
    CaseResumed,
    CaseReturned,
    CaseSigned,
    CaseSuspended,
    ExtensionDecided,
    ExtensionRequested,
    ProgressNoted,
    PromiseDecided,
    PromiseRequested,
    QuestionAnswered,
    QuestionAsked,
    QuestionLapsed,
    ReplySentBack,
    ReturnRefused,
    SuspensionRequested,
)
from schemas.events.parts import PartAsked
from schemas.events.pressing import UrgencyRaised
from schemas.events.undone import CaseRecalled
from schemas.ids import DepartmentCode
from schemas.words import CaseState, ReviewKind, Urgency


class LoggedAction(NamedTuple):
    """A row of the case's log."""

    action: str
    at: datetime
    detail: Detail


#: How a pause of the department's clock begins and how it ends; whatever else takes the case away cuts it short.
_PAUSES = (Action.GRANT_SUSPENSION, Action.ASK)
_GOES_ON = (Action.RESUME, Action.ANSWER, Action.LAPSE)
_CUTS = (Action.ROUTE, Action.PROTECT, Action.REPLY, Action.RETURN, Action.OBJECT, Action.REDO)
#: The events of these with which the clocks go on that stood still.
_CUTTING = (CaseAssigned, CaseProtected, CaseReplied, CaseReturned)
#: After these the citizen's deadline stood still for a time that nothing says again.
_STOOD = (Action.UNMERGE, Action.OBJECT_TO_REFUSAL)


#: With these a reply is under review no more.
_REVIEWED = (Action.APPROVE, Action.SEND_BACK, Action.WITHDRAW_REPLY, Action.PROTECT, Action.WITHDRAW)

#: How a case ended that stands there.
_OUTCOMES: Mapping[CaseState, Literal["answered", "declined", "merged", "withdrawn"]] = {
    CaseState.CLOSED: "answered", CaseState.DECLINED: "declined", CaseState.MERGED: "merged",
    CaseState.WITHDRAWN: "withdrawn",
}  # fmt: skip


def retold(case: Case, assigned: CaseAssigned, log: Sequence[LoggedAction]) -> Sequence[Event]:
    """What happened to the case and still counts, in the order of time. `assigned`: its assignment of now."""
    log = _without_undone_moves(log)
    assignments = _assignments(case, assigned, log)
    others: list[Event] = [
        *_signed(case, log),
        *_extensions(case, log),
        *_reopenings(case, log),
        *_sent_back(case, log),
        *_kept(case, log),
        *_taken_back(case, log),
        *_recalled(case, log),
        *_promised(case, log),
        *_parts(case),
        *_waiting(case, log),
        *_raised(case, log),
    ]
    cuts = {event.at for event in (*assignments, *others) if isinstance(event, _CUTTING)}
    since = [*_pauses(case, log, cuts), *others]
    told: list[Event] = []
    for place, each in enumerate(assignments):
        until = assignments[place + 1].at if place + 1 < len(assignments) else None
        from_ = each.at if place else None
        of_it = [event for event in since if _lies(event.at, from_, until)]
        told += each, *sorted(of_it, key=_at)
    return told


def _lies(at: datetime, since: datetime | None, until: datetime | None) -> bool:
    return (since is None or at >= since) and (until is None or at < until)


def _without_undone_moves(log: Sequence[LoggedAction]) -> Sequence[LoggedAction]:
    """Who had the case goes on as if it had not been moved: nobody had acted on it by then. Without a move, all stays."""
    kept: list[LoggedAction] = []
    for row in log:
        if row.action != Action.UNDO_MOVE:
            kept.append(row)
        elif moves := [place for place, each in enumerate(kept) if each.action == Action.ROUTE]:
            del kept[moves[-1]]
    return kept


def ending(case: Case, log: Sequence[LoggedAction]) -> Sequence[Event]:
    """The reply that stands, and the end, of a case that has ended; its citizen knows of both."""
    if case.closed_at is None:
        return ()
    at, is_answered = case.closed_at, case.state is CaseState.CLOSED
    until = case.facts(at).objection_until if case.reopened_count < MAX_REOPENINGS else None
    closed = CaseClosed(
        case_id=case.case_id, version=case.version, at=at, state=case.state, outcome=_OUTCOMES[case.state],
        objection_until=until if is_answered else case.asks.refusal_until,
    )  # fmt: skip
    reply = _last(log, Action.REPLY)
    if reply is None or not is_answered:
        return (closed,)
    return CaseReplied(**_head(case, reply), department=case.lead, note="", response=""), closed


def _at(event: Event) -> datetime:
    return event.at


def _head(case: Case, row: LoggedAction) -> dict[str, Any]:
    """All are told of the case as it is now: whatever else is known of it is no newer."""
    return {"case_id": case.case_id, "version": case.version, "at": row.at}


def _last(log: Sequence[LoggedAction], *actions: Action) -> LoggedAction | None:
    return next((row for row in reversed(log) if row.action in actions), None)


def _assignments(case: Case, assigned: CaseAssigned, log: Sequence[LoggedAction]) -> Sequence[CaseAssigned]:
    """Each department's, from the first on, with which the citizen's deadline began; that of now last."""
    last = replace(assigned, urgency=_urgency_by(case, log, assigned.at))
    if _last(log, *_STOOD) is not None:
        return [last]
    before = [
        replace(
            assigned, at=row.at, lead=lead, supporting=(), return_count=0, urgency=_urgency_by(case, log, row.at)
        )
        for row, lead in _leads(case, log)
        if row.action == Action.ROUTE and row.at < assigned.at
    ]  # fmt: skip
    return [*before, last]


def _urgency_by(case: Case, log: Sequence[LoggedAction], at: datetime) -> Urgency:
    """How pressing it was from that moment on: as it is now, but for what has changed that since."""
    return next((before for row in log if row.at > at and (before := _urgency_before(row))), case.urgency)


def _urgency_before(row: LoggedAction) -> Urgency | None:
    """None where the row left that as it was, and of rows from before it was kept."""
    said = row.detail.get(FORMER_URGENCY)
    return None if said is None else Urgency(str(said))


def _raised(case: Case, log: Sequence[LoggedAction]) -> Iterator[Event]:
    """Where its citizen told of danger, and it was more pressing from then on.

    What was told beside a reply under review which is told of no more, since its department lost the case with it, counted
    from then on: nothing ran before.
    """
    replied, waiting = False, list[UrgencyRaised]()
    for row in log:
        if row.action == DANGER_SAID and _urgency_before(row) is not None:
            waiting.append(UrgencyRaised(**_head(case, row), urgency=_urgency_by(case, log, row.at)))
        elif row.action == Action.PROTECT:
            waiting = [replace(each, at=row.at) for each in waiting]
        replied = row.action == Action.REPLY or (replied and row.action not in _REVIEWED)
        if not replied:
            yield from waiting
            waiting = []
    yield from waiting


def _signed(case: Case, log: Sequence[LoggedAction]) -> Iterator[Event]:
    """By whom it is with now: a signature of the moment of its assignment, but before it, was another department's."""
    routed = max((place for place, row in enumerate(log) if row.action == Action.ROUTE), default=-1)
    for row in log[routed + 1 :]:
        is_signed = row.action in (Action.SIGN, Action.DEEM_SIGNED) and row.at >= case.assigned_at
        if is_signed and case.state is not CaseState.ASSIGNED:
            yield CaseSigned(**_head(case, row), department=case.lead, signed_by="")


def _pauses(case: Case, log: Sequence[LoggedAction], cuts: Collection[datetime]) -> Iterator[Event]:
    """Those that came to an end, with their ends, and the one that there is. `cuts`: when what is told ends one, too."""
    lead, asked, begun, count = case.lead, "", None, 0
    for row in log:
        if row.action == Action.ROUTE:
            lead = DepartmentCode(str(row.detail.get("lead", lead)))
        if row.action == Action.SUSPEND:
            asked = str(row.detail.get("reason", ""))
        count += row.action == Action.GRANT_SUSPENSION
        if row.action in _PAUSES:
            begun = _pause(case, row, lead, asked, count)
        elif row.action in _GOES_ON and begun is not None:
            yield from (begun, _end_of_pause(case, row))
            begun = None
        elif begun is not None and _is_undone(row, ReviewKind.SUSPENSION):
            begun, count = None, count - 1
        elif row.action in _CUTS:
            if begun is not None and row.at in cuts:
                yield begun
            begun = None
    if begun is not None and (case.state is CaseState.SUSPENDED or case.asks.question):
        yield begun


def _pause(case: Case, row: LoggedAction, lead: DepartmentCode, reason: str, count: int) -> Event:
    head, until = _head(case, row), datetime.fromisoformat(str(row.detail["until"]))
    if row.action == Action.ASK:
        return QuestionAsked(**head, department=lead, text=str(row.detail["text"]), until=until)
    return CaseSuspended(**head, reason=reason, until=until, suspension_count=count)


def _end_of_pause(case: Case, row: LoggedAction) -> Event:
    if row.action == Action.ANSWER:
        return QuestionAnswered(**_head(case, row), text="")
    return (QuestionLapsed if row.action == Action.LAPSE else CaseResumed)(**_head(case, row))


def _is_undone(row: LoggedAction, review: ReviewKind) -> bool:
    """Whether a dispatcher's last yes or no to such a request was taken back: it waits once more."""
    return row.action == Action.UNDO and row.detail.get("review") == review


def _extensions(case: Case, log: Sequence[LoggedAction]) -> Iterator[Event]:
    """Those that were granted. Not where that was undone."""
    asked, is_granted = None, False
    told: list[Event] = []
    for row in log:
        if row.action == Action.EXTEND:
            asked = row.at
        if row.action == Action.GRANT_EXTENSION:
            days = int(str(row.detail["working_days"]))
            granted = ExtensionDecided(
                **_head(case, row), granted=True, working_days=days, decided_by="", extension_count=len(told) + 1,
                requested_at=asked,
            )  # fmt: skip
            told.append(granted)
            is_granted = True
        elif row.action == Action.REFUSE_EXTENSION:
            is_granted = False
        elif is_granted and _is_undone(row, ReviewKind.EXTENSION):
            is_granted = False
            del told[-1]
    yield from told


def _reopenings(case: Case, log: Sequence[LoggedAction]) -> Iterator[Event]:
    """By the citizen, or because a call-back found that nothing is settled. Without their words: whoever may read them has
    them.
    """
    for row in log:
        if row.action in (Action.OBJECT, Action.REDO):
            yield CaseReopened(**_head(case, row), reason="", lead=case.lead)


def _leads(case: Case, log: Sequence[LoggedAction]) -> Iterator[tuple[LoggedAction, DepartmentCode]]:
    """Each row with the department that led the case then."""
    lead = case.lead
    for row in log:
        if row.action == Action.ROUTE:
            lead = DepartmentCode(str(row.detail.get("lead", lead)))
        yield row, lead


def _sent_back(case: Case, log: Sequence[LoggedAction]) -> Iterator[Event]:
    """Replies that were sent or taken back, without their words: they were none. Not where that was undone."""
    given = undoable = None
    told: list[Event] = []
    for row, lead in _leads(case, log):
        if row.action == Action.REPLY:
            given = CaseReplied(**_head(case, row), department=lead, note="", response="")
        elif row.action == Action.SEND_BACK and given is not None:
            told += given, ReplySentBack(**_head(case, row), department=lead, remarks="")
            given, undoable = None, given
        elif row.action == Action.WITHDRAW_REPLY and given is not None:
            back = ReplySentBack(**_head(case, row), department=lead, remarks="", cause="withdrawn")
            told += given, back
            given = None
        elif row.action == Action.UNDO_SEND_BACK:
            given = undoable
            del told[-2:]
    yield from told


def _kept(case: Case, log: Sequence[LoggedAction]) -> Iterator[Event]:
    """Returns that were refused: the department kept the case. Not where that was undone: the return waits again."""
    asked = undoable = None
    count = 0
    told: list[Event] = []
    for row, lead in _leads(case, log):
        if row.action == Action.RETURN:
            count += 1
            asked = CaseReturned(**_head(case, row), department=lead, reason="", basis="", return_count=count)
            undoable = None
        elif row.action == Action.REFUSE_RETURN and asked is not None:
            refused = ReturnRefused(
                **_head(case, row), department=lead, state=case.state, remarks="", return_count=count
            )
            told += asked, refused
            asked, undoable = None, asked
        elif undoable is not None and _is_undone(row, ReviewKind.RETURN):
            asked, undoable = undoable, None
            del told[-2:]
    yield from told


def _taken_back(case: Case, log: Sequence[LoggedAction]) -> Iterator[Event]:
    """That it accuses its department since, where no other has it yet: the dispatcher's time runs."""
    row = _last(log, Action.PROTECT)
    if case.withheld and case.state is CaseState.IN_REVIEW and row is not None:
        yield CaseProtected(**_head(case, row), accused=case.accused)


def _recalled(case: Case, log: Sequence[LoggedAction]) -> Iterator[Event]:
    """That its dispatch was taken back, where no department has it since: what the dispatch had stopped runs on."""
    last = _last(log, Action.ROUTE, Action.UNDO, Action.PROTECT, Action.DECLINE)
    if (
        case.withheld
        and case.state is CaseState.IN_REVIEW
        and last is not None
        and last.action == Action.UNDO
    ):
        yield CaseRecalled(**_head(case, last), decided_by="")


def _promised(case: Case, log: Sequence[LoggedAction]) -> Iterator[Event]:
    """The promise that holds, also if it was made by a former lead, and the last progress note."""
    granted, promised = _last(log, Action.GRANT_PROMISE), case.asks.promised
    if granted is None or promised is None:
        return
    leads = {row.at: lead for row, lead in _leads(case, log)}
    yield PromiseDecided(
        **_head(case, granted), granted=True, date=promised.date, decided_by="", department=leads[granted.at],
        until=promised.until, plan=promised.plan, requested_at=promised.asked_at,
        promise_count=case.asks.promise_count, publishable=not case.confidential and not case.protected,
    )  # fmt: skip
    word = _last(log, Action.PROGRESS)
    if word is not None and word.at >= granted.at:
        text = str(word.detail.get("text", ""))
        yield ProgressNoted(**_head(case, word), department=leads[word.at], text=text)


def _parts(case: Case) -> Iterator[Event]:
    for part in case.asks.parts:
        yield PartAsked(
            case_id=case.case_id, version=case.version, at=part.asked_at, department=part.department, until=part.until,
            matter=part.text if part.is_matter else "", item=part.item,
        )  # fmt: skip


def _waiting(case: Case, log: Sequence[LoggedAction]) -> Iterator[Event]:
    """What waits for a dispatcher."""
    if case.extension_days is not None and (row := _last(log, Action.EXTEND)):
        yield ExtensionRequested(
            **_head(case, row), department=case.lead, working_days=case.extension_days,
            reason=str(row.detail["reason"]), requested_at=case.asks.extension_at,
        )  # fmt: skip
    if (pause := case.asks.pause) and (row := _last(log, Action.SUSPEND)):
        basis = str(row.detail.get("basis", ""))
        yield SuspensionRequested(
            **_head(case, row), department=case.lead, reason=pause.reason, basis=basis, until=pause.until
        )
    if case.asks.promise and (row := _last(log, Action.PROMISE)):
        yield PromiseRequested(
            **_head(case, row), department=case.lead, date=date.fromisoformat(str(row.detail["date"])),
            reason=str(row.detail["reason"]), basis=str(row.detail["basis"]), plan=case.asks.promise.plan,
        )  # fmt: skip
    # Otherwise a dispatcher has it for another reason, and the return was decided on.
    is_returned = case.state is CaseState.IN_REVIEW and case.state_before_review is not None
    if is_returned and (row := _last(log, Action.RETURN)):
        yield CaseReturned(
            **_head(case, row), department=case.lead, reason=str(row.detail["reason"]),
            basis=str(row.detail["basis"]), return_count=case.return_count,
        )  # fmt: skip
    if case.state is CaseState.REPLIED and (row := _last(log, Action.REPLY)):
        yield CaseReplied(
            **_head(case, row), department=case.lead, note=case.note or "", response=case.response or "",
            **files_with_answer(case),
        )  # fmt: skip
