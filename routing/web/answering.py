"""What the page of one case needs, and which of its items a knowledge entry may answer."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from routing.core.decisions.direct import may_answer
from routing.core.decisions.queue import CaseToDecide
from routing.core.rules import RoutingRules
from routing.web.views import until_of
from schemas.attachments import Addresses
from schemas.city import City
from schemas.http import Call
from schemas.ports import CaseParts, LiveEntries, PublicAnswers
from schemas.values import ShownPart
from schemas.words import CaseField, ReviewKind


class CaseDependencies(msgspec.Struct, frozen=True, kw_only=True):
    """What the page of one case depends on."""

    city: City
    rules: RoutingRules | None = None
    addresses: Addresses | None = None
    #: What a direct answer rests on.
    entries: LiveEntries | None = None
    #: What decides which direct answers are read again.
    sample_key: bytes | None = None
    #: What supporting departments contributed, for whoever reviews a reply.
    parts: CaseParts | None = None
    #: What everybody would read of the message: intake alone knows which words staff hide in it.
    answers: PublicAnswers | None = None


def is_for_all(found: CaseToDecide) -> bool:
    """Whether everybody reads the message once the reply that waits is approved."""
    waits = any(row.item.kind is ReviewKind.REPLY for row in found.waiting)
    return waits and found.case.publish and not found.case.is_private


async def message_for_all(
    call: Call, found: CaseToDecide, answers: PublicAnswers | None
) -> tuple[str, str] | None:
    """Title and text as everybody would read them beside that reply; None where nobody would, or nobody can say."""
    return await answers.message(call.unit, found.case.case_id) if answers and is_for_all(found) else None


async def answers_to(call: Call, found: CaseToDecide, entries: LiveEntries | None) -> Mapping[str, Any]:
    """Which of the items may be answered directly, and the entries that fit."""
    case, every = found.case, list(found.every)
    kinds = {row.item.kind for row in found.waiting if may_answer(case, every, row.item)}
    nearest = await entries.nearest(call.unit, f"{case.title} {case.text}") if entries and kinds else ()
    return {"answerable": kinds if entries else set(), "nearest": nearest}


async def contributed(call: Call, found: CaseToDecide, parts: CaseParts | None) -> Sequence[ShownPart]:
    """What supporting departments were asked for and wrote, where a reply waits: whoever approves it answers for all."""
    if parts is None or not any(row.item.kind is ReviewKind.REPLY for row in found.waiting):
        return ()
    every = await parts.of(call.unit, call.case_id)
    if every:
        call.shows(call.case_id, CaseField.NOTE)
    return every


def paused_until(call: Call, found: CaseToDecide) -> datetime | None:
    """The end of the pause that was granted, while it is still to come."""
    until = until_of(found.pause) if found.pause and found.case.state == "routed" else None
    return until if until and until > call.unit.now else None
