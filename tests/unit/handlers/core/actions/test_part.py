"""Parts of supporting departments (协办事项): asked for by the lead, done by them, withdrawn, and never lost."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from handlers.core import desk, protection, verdicts
from handlers.core.actions import ACTIONS
from handlers.core.asks import Asks, Part
from handlers.core.case import By, Case, CaseChange
from handlers.core.history import Happening, parts_of
from handlers.core.rules import Action, Actor
from schemas.city import load_city
from schemas.errors import ActionNotAllowed, BadInput
from schemas.events.parts import PartAsked, PartDone, PartWithdrawn
from schemas.events.routing import CaseMerged, ReviewDecided, ReviewRequested
from schemas.http import read
from schemas.ids import DepartmentCode
from schemas.values import ShownPart
from schemas.words import CaseState, ReviewKind
from tests.unit.handlers.making import HOUSING, MONDAY, TRANSPORT, case, fresh_case, routed

CITY = load_city()
WATER, MARKET = DepartmentCode("water"), DepartmentCode("market")
LATER = MONDAY + timedelta(hours=5)
#: The midnight with which Wednesday ends in China.
UNTIL = datetime(2026, 11, 25, 16, tzinfo=UTC)
HELD = case(supporting=(TRANSPORT, WATER), due_at=MONDAY + timedelta(days=4))
WAITS = Part(department=WATER, text="请核实管线", until=UNTIL, asked_at=MONDAY)


def do(
    held: Case, action: Action, who: DepartmentCode = HOUSING, at: datetime = MONDAY, **fields: Any
) -> CaseChange:
    """Somebody of that department does it."""
    body = read(ACTIONS[action].body, {"version": held.version, **fields})
    by = By(name="wang", role=held.part_of(who), now=at, department=who)
    return desk.perform(held, action, body, by, CITY)


def ask(held: Case = HELD, **fields: Any) -> CaseChange:
    """The lead asks the waterworks."""
    return do(
        held,
        Action.ASK_PART,
        **{"departments": [WATER], "text": "请核实管线", "until": "2026-11-25", **fields},
    )


def test_each_is_asked_by_name_and_hears_for_what() -> None:
    """Everybody hears who and until when; the words go to whom they are for. The version stays."""
    change = ask(departments=[WATER, TRANSPORT, WATER])

    assert [(WATER, UNTIL, ""), (TRANSPORT, UNTIL, "")] == [
        (event.department, event.until, event.text) for event in change.events if isinstance(event, PartAsked)
    ]
    assert [(WATER, "请核实管线"), (TRANSPORT, "请核实管线")] == [
        (department, event.text) for department, event in change.direct if isinstance(event, PartAsked)
    ]
    assert (WAITS, replace(WAITS, department=TRANSPORT)) == change.after.asks.parts
    assert (4, "part.asked", CaseState.IN_PROGRESS) == (change.after.version, change.what, change.after.state)


def test_without_a_day_the_rule_says_when() -> None:
    """The clock knows its term."""
    (event,) = ask(until=None).events

    assert isinstance(event, PartAsked)
    assert event.until is None
    assert (HELD.case_id, HELD.version, MONDAY) == (event.case_id, event.version, event.at)


@pytest.mark.parametrize(("due_in", "day"), [(4, "2026-11-27"), (-3, "2026-11-23")])
def test_a_part_may_take_until_the_reply_is_due(due_in: int, day: str) -> None:
    """That day included; where the reply is late already, until the end of today."""
    (event,) = ask(replace(HELD, due_at=MONDAY + timedelta(days=due_in)), until=day).events

    assert isinstance(event, PartAsked)
    assert event.until == datetime.fromisoformat(day).replace(tzinfo=UTC) + timedelta(hours=16)


@pytest.mark.parametrize(
    ("held", "fields", "wrong"),
    [
        (HELD, {"departments": [MARKET]}, "departments"),
        (HELD, {"departments": [HOUSING]}, "departments"),
        (HELD, {"departments": ["nobody"]}, "departments"),
        (replace(HELD, accused=(WATER,)), {}, "departments"),
        (replace(HELD, asks=Asks(parts=(WAITS,))), {"departments": [TRANSPORT, WATER]}, "departments"),
        (HELD, {"until": "2026-11-28"}, "until"),
        (replace(HELD, due_at=None), {"until": "2026-12-24"}, "until"),
        (HELD, {"until": "2026-11-22"}, "until"),
        (HELD, {"text": "\u200b"}, "text"),
    ],
    ids=str,
)
def test_what_cannot_be_asked(held: Case, fields: dict[str, Any], wrong: str) -> None:
    """Of whom: strangers, the lead, who is accused, who was asked already (a second press). Until when: after the reply."""
    with pytest.raises(BadInput) as refusal:
        ask(held, **fields)

    assert [wrong] == [error.field for error in refusal.value.errors]


@pytest.mark.parametrize(
    "fields",
    [
        {"supporting": ()},
        {"supporting": (WATER,), "asks": Asks(parts=(WAITS,))},
        {"protected": True},
        {"state": CaseState.ASSIGNED},
        {"state": CaseState.IN_REVIEW},
        {"state": CaseState.REPLIED},
        {"state": CaseState.CLOSED},
    ],
    ids=str,
)
def test_when_nobody_is_asked(fields: dict[str, Any]) -> None:
    """Nobody supports it, nobody else may know, it is not accepted yet, or is answered."""
    with pytest.raises(ActionNotAllowed):
        ask(replace(HELD, **fields))


def test_the_part_is_done_once_by_whoever_was_asked() -> None:
    """What is contributed is masked and stays inside; a second time, by another one, or by the lead it is refused."""
    asked = ask().after
    change = do(asked, Action.PART, WATER, LATER, text="管线完好，联系人 13812345678。")
    (event,) = change.events

    assert isinstance(event, PartDone)
    assert (WATER, (), "part.done") == (event.department, change.after.asks.parts, change.what)
    assert "13812345678" not in change.text + str(change.entry.detail)
    for held, who in ((change.after, WATER), (asked, TRANSPORT), (asked, HOUSING)):
        with pytest.raises(ActionNotAllowed):
            do(held, Action.PART, who, LATER, text="再交一次")


def test_a_part_is_withdrawn_by_name() -> None:
    """Of the others nothing changes; who was not asked, or is done, cannot be named."""
    asked = ask(departments=[WATER, TRANSPORT]).after
    change = do(asked, Action.WITHDRAW_PART, departments=[WATER], reason="已查清")
    (event,) = change.events

    assert isinstance(event, PartWithdrawn)
    assert (WATER, "") == (event.department, event.reason)
    assert [(WATER, "已查清")] == [
        (to, told.reason) for to, told in change.direct if isinstance(told, PartWithdrawn)
    ]
    assert (TRANSPORT,) == tuple(part.department for part in change.after.asks.parts)
    with pytest.raises(BadInput):
        do(change.after, Action.WITHDRAW_PART, departments=[WATER], reason="已查清")
    with pytest.raises(ActionNotAllowed):
        do(HELD, Action.WITHDRAW_PART, departments=[WATER], reason="已查清")


def _head(held: Case) -> dict[str, Any]:
    return {"case_id": held.case_id, "version": held.version + 1, "at": LATER}


def _moved(held: Case) -> CaseChange | None:
    route = routed(**_head(held), lead=MARKET, supporting=(WATER,), decided_by="li", moved_because="改派")
    return verdicts.reroute(held, route, LATER)


def _merged(held: Case) -> CaseChange | None:
    return verdicts.merge(held, CaseMerged(**_head(held), into=fresh_case(), decided_by="li"), LATER)


def _protected(held: Case) -> CaseChange | None:
    asked = ReviewRequested(**_head(held), kind=ReviewKind.DISPATCH, protected=True)
    return protection.protect(held, asked, LATER)


def _replied(held: Case) -> CaseChange | None:
    return do(held, Action.REPLY, at=LATER, note="已修", response="已修好")


def _more_time(held: Case) -> CaseChange | None:
    asked = do(held, Action.EXTEND, working_days=3, reason="等材料").after
    review = ReviewDecided(
        **_head(asked) | {"version": asked.version}, kind=ReviewKind.EXTENSION, accepted=True, decided_by="li"
    )
    return verdicts.decide_review(asked, review, LATER, city=CITY)


@pytest.mark.parametrize(
    ("happens", "is_over"),
    [(_moved, True), (_merged, True), (_protected, True), (_replied, True), (_more_time, False)],
    ids=lambda each: getattr(each, "__name__", str(each)),
)
def test_what_becomes_of_a_part_that_is_awaited(happens: Any, is_over: bool) -> None:
    """It is over when the case is answered, or goes elsewhere; not because something else was decided."""
    change = happens(ask().after)

    assert change is not None
    assert is_over == (change.after.asks.parts == ())


def _row(change: CaseChange, role: Actor = Actor.LEAD) -> Happening:
    entry = change.entry
    words = entry.detail.get("text") or entry.detail.get("reason") or ""
    return Happening(
        at=entry.at, event=entry.action, text=str(words), actor="wang", role=role, state="in_progress", version=4,
        detail=entry.detail,
    )  # fmt: skip


def test_whoever_leads_reads_every_part() -> None:
    """Done, withdrawn, awaited and lapsed ones, also of before the case was moved."""
    first = ask(departments=[WATER, TRANSPORT])
    done = do(first.after, Action.PART, WATER, LATER, text="管线完好")
    withdrawn = do(done.after, Action.WITHDRAW_PART, departments=[TRANSPORT], reason="已查清")
    again = do(withdrawn.after, Action.ASK_PART, at=LATER, departments=[WATER], text="请修复", until=None)
    rows = [_row(change) for change in (first, done, withdrawn, again)]
    moved = _moved(again.after)

    assert moved is not None
    shown = parts_of(again.after, rows)
    assert [(WATER, "done", "管线完好"), (TRANSPORT, "withdrawn", ""), (WATER, "asked", "")] == [
        (part.department, part.state, part.answer) for part in shown
    ]
    assert ShownPart(
        department=WATER, text="请核实管线", asked_at=MONDAY, until=UNTIL, state="done", answer="管线完好",
        answered_at=LATER,
    ) == shown[0]  # fmt: skip
    assert ["done", "withdrawn", "lapsed"] == [part.state for part in parts_of(moved.after, rows)]
