"""Cases come to their departments: opened when they are routed, assigned anew after an accepted return."""

from collections.abc import Sequence
from functools import partial

from msgspec import UNSET
from msgspec.structs import replace

from handlers.core import chain, matters, verdicts
from handlers.core.case import Case, CitizenMessage, for_everyone, message_seal, seal_case
from handlers.core.chain import LogEntry
from handlers.core.citizens import citizen_may
from handlers.core.notices import assignment
from handlers.core.protection import protected_route, route_detail
from handlers.core.rules import Action, Actor, Facts
from handlers.steps.apply import decide_each
from handlers.store import opening as store
from handlers.store.opening import Opening
from schemas.events.facts import routed_facts_of, tags_said
from schemas.events.handlers import CaseAssigned, CaseClosed
from schemas.events.routing import CaseRouted
from schemas.ports import Unit
from schemas.words import CaseState, CitizenAction


async def open_cases(unit: Unit, events: Sequence[CaseRouted]) -> None:
    """Open routed cases, or assign known ones anew, and tell their departments (待签收).

    A case that its citizen took back before it came here opens as withdrawn.

    Raises:
        DataRefused: a route leads to somebody whom the case accuses.
    """
    events = [protected_route(event) for event in events]
    await store.lock_openings_shared(unit.db)
    withdrawn = await store.withdrawn_early(unit.db, [event.case_id for event in events])
    openings = [_opening(unit, event, withdrawn.get(event.case_id)) for event in events]
    traces = [unit.trace_of(event.case_id) for event in events]
    opened = await store.insert_cases(unit.db, events, openings, traces, unit.now)
    for event in events:
        if event.case_id not in opened:
            continue
        if event.case_id in withdrawn:
            _say_withdrawn(unit, event)
        else:
            _say_assigned(unit, event)
    known = [event for event in events if event.case_id not in opened]
    if known:
        await decide_each(unit, known, verdicts.reroute)
    for place in range(max((len(event.parts) for event in events), default=0)):
        split = [event for event in events if len(event.parts) > place]
        await decide_each(unit, split, partial(matters.ask, place=place))


def _opening(unit: Unit, routed: CaseRouted, withdrawn: str | None) -> Opening:
    """The case with its log's first row, and the seals of both."""
    entry = _first_row(unit, routed, withdrawn)
    state = CaseState(entry.to_state)
    case = Case(
        case_id=routed.case_id, state=state, version=entry.version, assigned_at=unit.now, kind=routed.kind,
        urgency=routed.urgency, category=routed.category, item=routed.item, tags=tags_said(routed.tags), lead=routed.lead,
        supporting=routed.supporting, region=routed.region, confidential=routed.confidential, publish=routed.publish,
        accused=routed.accused, protected=routed.protected, routed_version=routed.version,
        closed_at=unit.now if state is CaseState.WITHDRAWN else None, log_seq=1,
    )  # fmt: skip
    message = CitizenMessage(
        case_id=routed.case_id, tracking_code=routed.tracking_code, channel=routed.channel, title=routed.title,
        received_at=routed.received_at, text=routed.text, place=routed.place, has_contact=routed.has_contact,
        attachments=routed.attachments or UNSET,
    )  # fmt: skip
    return Opening(
        entry=entry, case=seal_case(case, entry, unit.seal), message_seal=message_seal(message, unit.seal)
    )


def _first_row(unit: Unit, routed: CaseRouted, withdrawn: str | None) -> LogEntry:
    """The first row of the case's log. `withdrawn`: why the citizen took it back before it came here."""
    by_machine = routed.decided_by == "rules"
    if withdrawn is None:
        actor, action, state = routed.decided_by, Action.ROUTE, CaseState.ASSIGNED
        role = Actor.SYSTEM if by_machine else Actor.DISPATCHER
        detail: chain.Detail = route_detail(routed)
    else:
        actor, action, state = "", Action.WITHDRAW, CaseState.WITHDRAWN
        role, detail = Actor.CITIZEN, {"reason": withdrawn}
    return LogEntry(
        case_id=routed.case_id,
        seq=1,
        at=unit.now,
        actor=actor,
        role=role.value,
        action=action.value,
        from_state=(CaseState.REGISTERED if by_machine else CaseState.IN_REVIEW).value,
        to_state=state.value,
        version=routed.version + 1,
        detail=detail,
    )


def _say_assigned(unit: Unit, routed: CaseRouted) -> None:
    """Emit the assignment: without texts and files to everyone, with them to the case's departments."""
    whole = _assignment(unit, routed)
    unit.emit(for_everyone(whole))
    for department in (routed.lead, *routed.supporting):
        unit.emit(replace(whole, accused=()), to=department)
    for notice in assignment(routed, unit.now):
        unit.notify(notice)


def _say_withdrawn(unit: Unit, routed: CaseRouted) -> None:
    unit.emit(
        CaseClosed(
            case_id=routed.case_id,
            version=routed.version + 1,
            at=unit.now,
            outcome="withdrawn",
            state=CaseState.WITHDRAWN,
            citizen_may=_citizen_may(unit, CaseState.WITHDRAWN),
        )
    )


def _assignment(unit: Unit, routed: CaseRouted) -> CaseAssigned:
    return CaseAssigned(
        **routed_facts_of(routed),
        version=routed.version + 1,
        at=unit.now,
        state=CaseState.ASSIGNED,
        citizen_may=_citizen_may(unit, CaseState.ASSIGNED),
    )


def _citizen_may(unit: Unit, state: CaseState) -> tuple[CitizenAction, ...]:
    """What the citizen may do with a case of which nothing but its state is known yet."""
    return citizen_may(state, Facts(now=unit.now, return_until=unit.now))
