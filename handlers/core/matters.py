"""Several matters in one message (分项): a dispatcher gives each to its department, and the lead answers for all of them."""

from datetime import datetime

from msgspec.structs import replace

from handlers.core.asks import Part
from handlers.core.case import By, Case, CaseChange, record
from handlers.core.chain import Detail
from handlers.core.rules import Action, Actor
from schemas.events.parts import PartAsked
from schemas.events.routing import CaseRouted
from schemas.words import CaseState


def ask(case: Case, routed: CaseRouted, now: datetime, *, place: int) -> CaseChange | None:
    """Ask for the matter at `place` of the route that was just followed; each has a clock of its own, and the version stays.

    None where it was asked for before, the route was not followed, or nobody more may read the case.
    """
    part = routed.parts[place]
    is_asked = any(each.is_matter and each.department == part.department for each in case.asks.parts)
    # What is told once more was asked for then, and may be done by now.
    is_followed = (
        case.routed_version == routed.version and case.state is CaseState.ASSIGNED and case.assigned_at == now
    )
    if is_asked or not is_followed or case.protected or part.department not in case.readers:
        return None
    by = By(name=routed.decided_by, role=Actor.DISPATCHER, now=now)
    asked = Part(
        department=part.department, text=part.text, until=None, asked_at=now, is_matter=True, item=part.item
    )
    detail: Detail = {"departments": [part.department], "text": part.text, "until": None}
    after, entry = record(
        case, by, Action.ASK_PART, detail | ({"item": part.item} if part.item else {}),
        asks=replace(case.asks, parts=(*case.asks.parts, asked)),
    )  # fmt: skip
    event = PartAsked(
        case_id=case.case_id,
        version=case.version,
        at=now,
        department=part.department,
        matter=part.text,
        item=part.item,
    )
    return CaseChange(
        after=after, entry=entry, events=(event,), direct=((part.department, replace(event, text=part.text)),),
        what=event.name, text=part.text,
    )  # fmt: skip
