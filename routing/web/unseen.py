"""Danger told later in cases that wait for no dispatch: listed above the queue until somebody has looked."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import msgspec

from routing.steps.danger_since import look_at_danger
from routing.steps.read_queue import read_unseen_dangers
from routing.web.onward import Way
from schemas.http import Call, Redirect, read
from schemas.words import CaseField


class _Read(msgspec.Struct, frozen=True, kw_only=True):
    """How many of the dangers that were told since whoever sent the form has read."""

    dangers_seen: Annotated[int, msgspec.Meta(ge=0)]


async def listed(call: Call) -> Mapping[str, Any]:
    """The cases, who waits longest first, with how long each waits; and how many there are."""
    found, altogether = await read_unseen_dangers(call.unit)
    for case in found:
        call.shows(case.case_id, CaseField.TITLE)
    cases = [
        {"case": case, "waited": waited_since(call, case.danger_unseen_since)}
        for case in found
        if case.danger_unseen_since
    ]
    return {"unseen": cases, "unseen_count": altogether}


async def note_look(call: Call, way: Way) -> Redirect:
    """To the queue, which lists the case no more, unless more was told than they had read."""
    said = read(_Read, {"dangers_seen": call.form.get("dangers_seen", "")}, strict=False)
    await look_at_danger(call.unit, call.case_id, said.dangers_seen, call.principal.name)
    return way.back()


def waited_since(call: Call, moment: datetime) -> tuple[int, int]:
    """Whole hours and minutes since then."""
    minutes = max(0, int((call.unit.now - moment).total_seconds() // 60))
    return divmod(minutes, 60)
