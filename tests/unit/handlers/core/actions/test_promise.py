"""A long matter gets a date (承诺办理): asked for, decided by somebody else, seen by the citizen, put off once at most."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from handlers.core import desk, protection, verdicts
from handlers.core.actions import ACTIONS
from handlers.core.asks import AskedPromise, Asks
from handlers.core.case import Case, CaseChange
from handlers.core.rules import MAX_PROMISES, Action, Actor
from handlers.core.verdicts import PROMISE_BROKEN
from schemas.city import load_city
from schemas.days import end_of_day
from schemas.errors import ActionNotAllowed, BadInput
from schemas.events.handlers import PromiseDecided, PromiseRequested, RequestDropped
from schemas.events.intake import CitizenObjected
from schemas.events.routing import (
    CaseMerged,
    CaseRouted,
    CaseUnmerged,
    ReviewDecided,
    ReviewRequested,
    WithdrawalJudged,
)
from schemas.events.sla import BreachWithdrawn, DeadlineMissed, PauseEnded
from schemas.http import read
from schemas.words import CaseState, Clock, ReviewKind, Urgency
from tests.unit.handlers.making import HOUSING, MONDAY, TRANSPORT, by_lead, case, fresh_case, routed

LATER = MONDAY + timedelta(hours=5)
DAY = date(2027, 2, 1)
#: The midnight with which 1 February ends in China.
UNTIL = datetime(2027, 2, 1, 16, tzinfo=UTC)
PLAN = "12 月测量，1 月施工，月底前通车。"
PROMISED = AskedPromise(date=DAY, plan=PLAN, asked_at=MONDAY, ends_at=UNTIL)


def ended(day: date) -> AskedPromise:
    """The same for another day."""
    return replace(PROMISED, date=day, ends_at=end_of_day(day, load_city().zone))


PAUSED = Asks(promised=PROMISED, promise_count=1, paused_until=LATER)


def ask(held: Case, day: str = "2027-02-01", at: datetime = MONDAY, **fields: Any) -> CaseChange:
    """The lead asks for a date."""
    given = {
        "version": held.version, "reason": "需要施工", "basis": "年度计划", "plan": PLAN, "date": day, **fields
    }  # fmt: skip
    body = read(ACTIONS[Action.PROMISE].body, given)
    return desk.perform(held, Action.PROMISE, body, by_lead(at), load_city())


def decide(
    held: Case, *, accepted: bool = True, at: datetime = LATER, day: date | None = None, behind: int = 0
) -> CaseChange:
    """Li decides about it."""
    review = ReviewDecided(
        case_id=held.case_id, version=held.version - behind, at=at, kind=ReviewKind.PROMISE, accepted=accepted,
        decided_by="li", remarks="同意", date=day,
    )  # fmt: skip
    change = verdicts.decide_review(held, review, at, city=load_city())
    assert change is not None
    return change


def promised(**fields: Any) -> Case:
    """A case for which a date was promised."""
    return case(**{"asks": Asks(promised=PROMISED, promise_count=1), **fields})


def test_asking_moves_no_time() -> None:
    """What is asked for is there to be decided: date, plan, reason, basis, and which days it may be."""
    change = ask(case(due_at=MONDAY + timedelta(days=7)))
    (event,) = change.events

    assert isinstance(event, PromiseRequested)
    assert (CaseState.IN_PROGRESS, 5, PROMISED, None) == (
        change.after.state, change.after.version, change.after.asks.promise, change.after.asks.promised
    )  # fmt: skip
    assert (HOUSING, DAY, "需要施工", "年度计划", PLAN) == (
        event.department, event.date, event.reason, event.basis, event.plan
    )  # fmt: skip
    assert (date(2026, 12, 1), date(2027, 5, 22)) == (event.not_before, event.not_after)
    # What the log keeps is all that is left of it once it was told anew.
    assert {
        "date": DAY.isoformat(), "reason": "需要施工", "basis": "年度计划", "plan": PLAN,
    } == change.entry.detail  # fmt: skip


@pytest.mark.parametrize("day", [None, date(2027, 1, 8)], ids=["as asked", "another day"])
def test_a_granted_date_is_promised(day: date | None) -> None:
    """The dispatcher may set another one; the plan is the citizen's to read."""
    change = decide(ask(case()).after, day=day)
    (event,) = change.events
    asks = change.after.asks

    assert isinstance(event, PromiseDecided)
    assert (True, day or DAY, "li", 1, PLAN, MONDAY, HOUSING, True) == (
        event.granted, event.date, event.decided_by, event.promise_count, event.plan, event.requested_at,
        event.department, event.publishable,
    )  # fmt: skip
    assert (None, ended(day or DAY), 1) == (asks.promise, asks.promised, asks.promise_count)
    assert day is not None or event.until == UNTIL


@pytest.mark.parametrize(("accepted", "at"), [(False, LATER), (True, UNTIL)], ids=["refused", "granted late"])
def test_a_refused_date_promises_nothing(accepted: bool, at: datetime) -> None:
    """Nor does one that was granted when its day was over; neither counts."""
    change = decide(ask(case()).after, accepted=accepted, at=at)
    (event,) = change.events

    assert isinstance(event, PromiseDecided)
    asks = replace(change.after.asks, before=None)
    assert (False, 0, Asks()) == (event.granted, event.promise_count, asks)


@pytest.mark.parametrize("fields", [{"confidential": True}, {"protected": True}], ids=str)
def test_what_is_private_is_listed_nowhere(fields: dict[str, bool]) -> None:
    """Its citizen alone reads of it."""
    (event,) = decide(ask(case(**fields)).after).events

    assert isinstance(event, PromiseDecided)
    assert not event.publishable


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"day": "2026-11-23"}, "date"),
        ({"day": "2026-11-30"}, "date"),
        ({"day": "2027-05-23"}, "date"),
        ({"day": "9999-12-31"}, "date"),
        ({"day": "20261301"}, "date"),
        ({"day": "明年开春解决"}, "date"),
        ({"plan": "……"}, "plan"),
        ({"plan": "\u200b\u2060"}, "plan"),
        ({"reason": "."}, "reason"),
        ({"basis": " \x00"}, "basis"),
    ],
    ids=str,
)
def test_what_cannot_be_promised(fields: dict[str, Any], wrong: str) -> None:
    """Today, what is due anyway, more than half a year ahead, no date; words that say nothing."""
    with pytest.raises(BadInput) as refusal:
        ask(case(due_at=MONDAY + timedelta(days=7)), **fields)

    assert [wrong] == [error.field for error in refusal.value.errors]


def test_the_citizen_reads_the_plan_without_anybodys_number_or_home() -> None:
    """Masked as everybody may read it; the reason, for the inside, may say at whose door."""
    at_home = "联系王师傅 13812345678，住东湖路8号3单元201室，月底前修好。"
    change = ask(case(), plan=at_home, reason=at_home)

    assert change.after.asks.promise is not None
    plan = change.after.asks.promise.plan
    assert ("王师傅" in plan, "13812345678" in plan, "201" in plan) == (True, False, False)
    detail = change.entry.detail
    assert plan == detail["plan"]
    assert ("201室" in str(detail["reason"]), "13812345678" in str(detail["reason"])) == (True, False)


@pytest.mark.parametrize(
    "fields",
    [
        {"due_at": MONDAY},
        {"urgency": Urgency.EMERGENCY},
        {"extension_days": 5},
        {"asks": Asks(promise=PROMISED)},
        {"asks": Asks(promised=PROMISED, promise_count=MAX_PROMISES)},
        {"asks": Asks(promised=ended(date(2026, 11, 22)), promise_count=1)},
        {"state": CaseState.ASSIGNED},
        {"state": CaseState.SUSPENDED},
        {"state": CaseState.REPLIED},
        {"state": CaseState.REOPENED},
    ],
    ids=str,
)
def test_when_no_date_may_be_asked_for(fields: dict[str, Any]) -> None:
    """After a breach, in an emergency, beside another request, a third time, after the first was broken."""
    with pytest.raises(ActionNotAllowed):
        ask(case(**fields))


def test_a_date_is_put_off_once_and_later() -> None:
    """The second one is later than the first; a third is refused."""
    held = decide(ask(case()).after).after
    with pytest.raises(BadInput):
        ask(held, "2027-02-01")

    second = decide(ask(held, "2027-03-01").after)
    (event,) = second.events

    assert isinstance(event, PromiseDecided)
    assert (True, 2, date(2027, 3, 1)) == (event.granted, event.promise_count, event.date)
    with pytest.raises(ActionNotAllowed):
        ask(second.after, "2027-04-01")


def test_what_is_broken_is_not_put_off_by_a_late_decision() -> None:
    """Asked for in time and granted when the first day was over: the first promise is broken, and stays."""
    held = replace(promised(), asks=Asks(promised=ended(date(2026, 11, 24)), promise_count=1))
    change = decide(ask(held).after, at=MONDAY + timedelta(days=3))
    (event,) = change.events

    assert isinstance(event, PromiseDecided)
    assert (False, held.asks) == (event.granted, replace(change.after.asks, before=None))


def test_a_decision_about_an_older_state_is_not_done() -> None:
    """The dispatcher is told."""
    asked = ask(case()).after
    change = decide(replace(asked, version=asked.version + 1), behind=1)

    assert [RequestDropped] == [type(event) for event in change.events]


def _reroute(held: Case) -> CaseChange | None:
    route: CaseRouted = routed(
        case_id=held.case_id, version=held.version + 1, lead=TRANSPORT, decided_by="li", moved_because="改派"
    )
    return verdicts.reroute(held, route, LATER)


def _head(held: Case) -> dict[str, Any]:
    return {"case_id": held.case_id, "version": held.version + 1, "at": LATER}


def _objected(held: Case) -> CaseChange | None:
    return verdicts.reopen(held, CitizenObjected(**_head(held), reason="没修"), LATER)


def _merged(held: Case) -> CaseChange | None:
    return verdicts.merge(held, CaseMerged(**_head(held), into=fresh_case(), decided_by="li"), LATER)


def _unmerged(held: Case) -> CaseChange | None:
    return verdicts.unmerge(held, CaseUnmerged(**_head(held), why="decided", decided_by="li"), LATER)


def _withdrawn(held: Case) -> CaseChange | None:
    return verdicts.withdraw(held, WithdrawalJudged(withdrawn_at=LATER, **_head(held), reason="好了"), LATER)


def _protected(held: Case) -> CaseChange | None:
    asked = ReviewRequested(**_head(held), kind=ReviewKind.DISPATCH, protected=True)
    return protection.protect(held, asked, LATER)


def _replied(held: Case) -> CaseChange | None:
    body = read(ACTIONS[Action.REPLY].body, {"version": held.version, "note": "已修", "response": "已修好"})
    return desk.perform(held, Action.REPLY, body, by_lead(LATER), load_city())


def _resumed(held: Case) -> CaseChange | None:
    return verdicts.end_pause(held, PauseEnded(**_head(held), clock=Clock.PAUSE, due_at=LATER), LATER)


@pytest.mark.parametrize(
    ("happens", "fields", "keeps"),
    [
        (_reroute, {}, True),
        (_reroute, {"state": CaseState.IN_REVIEW, "state_before_review": CaseState.ASSIGNED}, True),
        (_merged, {}, True),
        (_unmerged, {"state": CaseState.MERGED, "closed_at": MONDAY}, True),
        (_protected, {}, True),
        (_replied, {}, True),
        (_resumed, {"state": CaseState.SUSPENDED, "asks": PAUSED}, True),
        (_withdrawn, {}, True),
        (_objected, {"state": CaseState.CLOSED, "closed_at": MONDAY}, False),
    ],
    ids=["moved", "returned", "merged", "unmerged", "protected", "replied", "resumed", "withdrawn", "reopened"],
)  # fmt: skip
def test_what_becomes_of_a_promise(happens: Any, fields: dict[str, Any], keeps: bool) -> None:
    """It is the city's word: whoever has the case next keeps it; a reopened case begins anew. No request outlives it."""
    change = happens(promised(**fields))

    assert change is not None
    assert (PROMISED if keeps else None, None, 1) == (
        change.after.asks.promised, change.after.asks.promise, change.after.asks.promise_count
    )  # fmt: skip


@pytest.mark.parametrize(
    "happens", [_reroute, _merged, _withdrawn, _protected, _replied], ids=lambda f: f.__name__
)
def test_a_request_lapses_with_what_happens(happens: Any) -> None:
    """Nothing waits for a dispatcher about a case that has moved on."""
    change = happens(ask(case()).after)

    assert change is not None
    assert change.after.asks.promise is None


def test_a_broken_promise_is_a_fact() -> None:
    """The log says so, beside the deadline of the reply; what is taken back is said, too."""
    held = promised()
    told: dict[str, Any] = {
        "case_id": held.case_id,
        "version": 4,
        "at": UNTIL,
        "clock": Clock.PROMISE,
        "due_at": UNTIL,
    }
    broken = verdicts.miss(held, DeadlineMissed(**told, department=HOUSING, deadline_version=1), UNTIL)
    taken_back = verdicts.withdraw_breach(
        held,
        BreachWithdrawn(
            **told,
            department=HOUSING,
            deadline_version=1,
            why="case.replied",
            happened_at=MONDAY,
            stands=False,
        ),
        UNTIL,
    )

    assert broken is not None
    assert (PROMISE_BROKEN, Actor.SYSTEM, False) == (
        broken.entry.action, broken.entry.role, broken.after.overdue
    )  # fmt: skip
    assert taken_back is not None
    assert "breach.withdrawn" == taken_back.entry.action
