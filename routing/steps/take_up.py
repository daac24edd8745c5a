"""Repeats dispatchers' decisions according to Kafka, where a restored database still waits for the same decision."""

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from routing.core.decisions.chosen_tags import TAGS_BEFORE
from routing.core.decisions.chosen_urgency import URGENCY_BEFORE
from routing.core.decisions.direct import is_read_again
from routing.core.decisions.review import Item, RoutingCase
from routing.steps import announcements, merging
from routing.store import cases, items, readings, told
from routing.store.items import Closed
from schemas.event import Event
from schemas.events.facts import tags_said
from schemas.events.routing import CaseAnswered, CaseDeclined, CaseMerged, CaseRouted
from schemas.ids import CaseId, TagCode
from schemas.ports import Unit
from schemas.words import ReviewKind

_Decided = CaseAnswered | CaseDeclined | CaseMerged | CaseRouted


async def take_up(unit: Unit, event: Event, sample_key: bytes) -> bool:
    """Take a former decision once more, in the name of the dispatcher who took it; returns whether that was possible.

    It cannot unless the case waits for a dispatcher exactly as it did when they decided; nor of a case that is kept from
    some units, whose clearing a person answers for, or of one that goes into a case which has ended.
    `sample_key`: decides which direct answers are read again.
    """
    if not isinstance(event, _Decided):
        return False
    target = event.into if isinstance(event, CaseMerged) else None
    locked = await cases.lock_cases(unit.db, [event.case_id, *([target] if target else [])])
    case = locked.get(event.case_id)
    every = (await items.lock_items(unit.db, [event.case_id]))[event.case_id]
    item = _asked(every, event)
    if case is None or item is None or not _may_be(case, event, locked.get(target or "")):
        return False
    if isinstance(event, CaseAnswered | CaseMerged) and await cases.has_merged(unit.db, event.case_id):
        # These would wait for an answer that no department gives.
        return False
    await _decide(unit, case, item, event)
    others = [each for each in every if each.state == "open" and each is not item]
    await items.supersede_these(unit.db, others, event.at)
    if isinstance(event, CaseAnswered):
        await _keep_answer(unit, item, event, sample_key)
    if isinstance(event, CaseAnswered | CaseDeclined):
        await told.keep(unit, announcements.told_in(event))
    unit.emit(event)
    if isinstance(event, CaseDeclined):
        await merging.bring_back(unit, [event.case_id], "declined")
    return True


def _asked(every: Sequence[Item], event: _Decided) -> Item | None:
    """The open item that they decided; of an objection another dispatcher than before decides, and must be a person."""
    for item in every:
        if item.state == "open" and item.kind is ReviewKind.DISPATCH and item.version == event.version - 1:
            return item
    return None


def _may_be(case: RoutingCase, event: _Decided, target: RoutingCase | None) -> bool:
    if case.state != "open" or case.version >= event.version or case.is_private or case.accused:
        return False
    if isinstance(event, CaseRouted):
        return not (event.accused or event.cleared or event.protected or event.confidential)
    if isinstance(event, CaseMerged):
        is_open = target is not None and target.state in ("open", "routed") and target.response is None
        return is_open and target is not None and not target.is_private
    return True


async def _decide(unit: Unit, case: RoutingCase, item: Item, event: _Decided) -> None:
    closed = Closed(item=item, by=event.decided_by, accepted=True)
    await items.close_items(unit.db, [closed], event.at)
    await items.note_before(unit.db, item, _corrected(case, event))
    after = replace(case, version=event.version, decided_by=event.decided_by, **_change(event, case.tags))
    await cases.save(unit.db, after)


def _corrected(case: RoutingCase, event: _Decided) -> dict[str, Any]:
    """What the decision corrected of the case, as it was before."""
    if not isinstance(event, CaseRouted):
        return {}
    tags = {TAGS_BEFORE: case.tags} if event.tags_corrected else {}
    return tags if event.urgency is case.urgency else {**tags, URGENCY_BEFORE: case.urgency}


def _change(event: _Decided, tags: tuple[TagCode, ...]) -> dict[str, Any]:
    match event:
        case CaseAnswered():
            return {"state": "answered", "category": event.category}
        case CaseDeclined():
            return {"state": "declined"}
        case CaseMerged(into=into):
            return {"state": "merged", "merged_into": CaseId(into)}
        case CaseRouted():
            named = {
                name: getattr(event, name)
                for name in ("category", "urgency", "item", "lead", "supporting", "parts")
            }
            return {
                "state": "routed",
                "probability": event.probability,
                "tags": tags_said(event.tags, tags),
                **named,
            }


async def _keep_answer(unit: Unit, item: Item, event: CaseAnswered, sample_key: bytes) -> None:
    await cases.keep_responses(unit.db, {event.case_id: event.response}, {})
    await items.note_entry(unit.db, item, event.entry_id, event.department)
    if is_read_again(event.case_id, sample_key):
        await readings.ask(unit.db, event.case_id, event.version, event.entry_id, event.decided_by, event.at)
