"""A matter that a dispatcher splits off is asked of its department once, and of nobody who may not read the case."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from handlers.core import matters
from handlers.core.asks import Asks, Part
from handlers.core.case import Case, CaseChange
from handlers.core.chain import LogEntry
from schemas.events.parts import PartAsked
from schemas.events.routing import CaseRouted
from schemas.ids import DepartmentCode, ItemCode
from schemas.values import MatterPart
from schemas.words import CaseState
from tests.unit.handlers.making import HOUSING, MONDAY, TRANSPORT, case, routed

_WATER = DepartmentCode("water")


def _held(**fields: Any) -> Case:
    """Just assigned by route 2, with two departments beside the lead."""
    usual: dict[str, Any] = {
        "state": CaseState.ASSIGNED, "routed_version": 2, "supporting": (TRANSPORT, _WATER), "log_seq": 3,
    }  # fmt: skip
    return case(**usual | fields)


def _route(**fields: Any) -> CaseRouted:
    parts = (
        MatterPart(department=TRANSPORT, text="公交站台塌了"),
        MatterPart(department=_WATER, text="水管漏水"),
    )
    return routed(decided_by="li", parts=parts, **fields)


def _matter(department: DepartmentCode = _WATER, *, is_matter: bool = True) -> Part:
    return Part(department=department, text="水管漏水", until=None, asked_at=MONDAY, is_matter=is_matter)


def test_the_matter_at_its_place_is_asked_for() -> None:
    """The case, its log and who is told of what: all but the department itself read what the citizen reads."""
    held = _held(asks=Asks(parts=(_matter(TRANSPORT),)))
    event = PartAsked(case_id=held.case_id, version=4, at=MONDAY, department=_WATER, matter="水管漏水")
    assert matters.ask(held, _route(), MONDAY, place=1) == CaseChange(
        after=replace(held, log_seq=4, asks=Asks(parts=(_matter(TRANSPORT), _matter()))),
        entry=LogEntry(
            case_id=held.case_id, seq=4, at=MONDAY, actor="li", role="dispatcher", action="ask-part",
            from_state="assigned", to_state="assigned", version=4,
            detail={"departments": ["water"], "text": "水管漏水", "until": None},
        ),
        events=(event,),
        direct=((_WATER, replace(event, text="水管漏水")),),
        what="part.asked",
        text="水管漏水",
    )  # fmt: skip


@pytest.mark.parametrize(
    "fields",
    [
        {"asks": Asks(parts=(_matter(),))},
        {"routed_version": 1},
        {"state": CaseState.IN_PROGRESS},
        {"assigned_at": MONDAY - timedelta(seconds=1)},
        {"protected": True},
        {"supporting": (TRANSPORT,)},
        {"accused": (_WATER,)},
    ],
)
def test_what_must_not_be_asked_is_not(fields: dict[str, Any]) -> None:
    """Asked for before, a route that was not followed, a case that others must not read, or not this department."""
    assert matters.ask(_held(**fields), _route(), MONDAY, place=1) is None


@pytest.mark.parametrize("part", [_matter(TRANSPORT), _matter(is_matter=False), _matter(HOUSING)])
def test_help_that_was_asked_for_and_other_departments_matters_hinder_none(part: Part) -> None:
    """They are not this matter."""
    assert matters.ask(_held(asks=Asks(parts=(part,))), _route(), MONDAY, place=1) is not None


def test_its_item_is_kept_and_told() -> None:
    """In what the department is asked, in the log, and in the event."""
    part = MatterPart(department=_WATER, text="水管漏水", item=ItemCode("water-pipe"))
    made = matters.ask(_held(), routed(decided_by="li", parts=(part,)), MONDAY, place=0)

    assert made is not None
    (asked,), (event,) = made.after.asks.parts, made.events
    assert isinstance(event, PartAsked)
    assert ["water-pipe"] * 3 == [asked.item, event.item, made.entry.detail["item"]]
