"""Clocks that were lost come back as they were, wherever the case stands: on Postgres, through all four slices."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest

from deploy.reconcile.gaps import find_gaps
from handlers.core.rules import Action
from handlers.steps.say_again import say_assigned_again, say_closed_again
from handlers.store import reconciling
from intake.core.following.view import View
from intake.steps import act_on_case as citizen
from intake.steps.say_again import say_registered_again
from routing.core.decisions.review import Decision
from routing.steps.decide import decide
from routing.steps.say_again import say_ended_again
from routing.steps.undo import find_chance, undo
from schemas.events.sla import DeadlineMissed
from schemas.http import Principal
from schemas.ids import DepartmentCode
from schemas.words import ReviewKind, Role
from sla.core.calendar import named_calendar
from sla.core.rules import load_rules
from sla.steps.sweep import sweep
from tests.conftest import RecordingUnit
from tests.integration.slices import Slices
from tests.integration.test_danger_said import BURIED, HINTED
from tests.integration.test_promise_across_slices import CASE, CITY, MESSAGE, PLAN, WANG, act, decided, view
from tests.unit.intake.messages import KEYS

_Deed = Callable[[Slices], Awaitable[Any]]


def _act(action: Action, who: Principal = WANG, **fields: Any) -> _Deed:
    return lambda slices: act(slices, action, who, **fields)


def _decided(kind: ReviewKind, *, accept: bool | None = True, **said: Any) -> _Deed:
    return lambda slices: decided(slices, kind, accept=accept, **said)


async def _answered(slices: Slices) -> None:
    """The citizen answers the question."""
    await citizen.answer(slices.unit, KEYS, await view(slices), citizen.Addition(text="在和平路公交站"))
    await slices.carry()


async def _objected(slices: Slices) -> None:
    """The citizen is not content with the answer."""
    await citizen.object_to_outcome(slices.unit, KEYS, await view(slices), reason="没有解决")
    await slices.carry()


async def _ended(slices: Slices) -> None:
    """Nobody resumes: the pause or the question comes to its end by itself."""
    slices.unit.now += timedelta(days=3)
    while await sweep(slices.unit, rules=load_rules(), calendar=named_calendar("china")):
        await slices.carry()


def _hours(hours: int, deed: _Deed) -> _Deed:
    """The deed, so much later."""

    async def later(slices: Slices) -> None:
        slices.unit.now += timedelta(hours=hours)
        await deed(slices)

    return later


def _minutes(minutes: int, deed: _Deed) -> _Deed:
    """The deed, so long after what was before it."""
    return _hours(-1, _after(minutes, deed))


def _after(minutes: int, deed: _Deed) -> _Deed:
    async def later(slices: Slices) -> None:
        slices.unit.now += timedelta(minutes=minutes)
        await deed(slices)

    return later


async def _accused(slices: Slices) -> None:
    """The citizen adds that somebody of the department takes bribes."""
    words = "公交公司的工作人员张伟收受贿赂，索要好处费，我要举报他。"
    await citizen.supplement(slices.unit, KEYS, await view(slices), citizen.Addition(text=words))
    await slices.carry()


async def _added(slices: Slices, text: str) -> None:
    await citizen.supplement(slices.unit, KEYS, await view(slices), citizen.Addition(text=text))
    await slices.carry()


async def _buried(slices: Slices) -> None:
    """The citizen adds that somebody is in danger."""
    await _added(slices, BURIED)


async def _hinted(slices: Slices) -> None:
    """The citizen adds what only sounds like it."""
    await _added(slices, HINTED)


async def _objected_in_danger(slices: Slices) -> None:
    """The citizen is not content, and somebody is in danger."""
    await citizen.object_to_outcome(slices.unit, KEYS, await view(slices), reason=BURIED)
    await slices.carry()


async def _moved(slices: Slices) -> None:
    """A dispatcher gives it to another department that has not signed."""
    version = await slices.unit.db.fetchval("SELECT version FROM handlers.case WHERE case_id = $1", CASE)
    await decide(
        slices.unit, CITY, CASE, Decision(version=version, lead="water", remarks="职责在该单位"), "li"
    )
    await slices.carry()


async def _undone(slices: Slices) -> None:
    """Minutes later the dispatcher takes the last decision back."""
    slices.unit.now -= timedelta(minutes=58)
    chance = await find_chance(slices.unit, MESSAGE.codes.tracking_code, "li")
    assert chance is not None
    await undo(slices.unit, CASE, chance.version, "li")
    await slices.carry()


async def _sent_back_by_mistake(slices: Slices) -> None:
    """A dispatcher sends the reply back, and takes that back minutes later."""
    await _decided(ReviewKind.REPLY, accept=False)(slices)
    slices.unit.now += timedelta(minutes=5)
    chance = await find_chance(slices.unit, MESSAGE.codes.tracking_code, "li")
    assert chance is not None
    await undo(slices.unit, CASE, chance.version, "li")
    await slices.carry()


_SIGNED = _act(Action.SIGN)
_MORE = _act(Action.EXTEND, working_days=5, reason="等管线核实")
_PAUSE = _act(Action.SUSPEND, reason="等鉴定", basis="鉴定合同", until="2026-12-05")
_SHORT_PAUSE = _act(Action.SUSPEND, reason="等鉴定", basis="鉴定合同", until="2026-11-25")
_GRANTED = _decided(ReviewKind.SUSPENSION)
_QUESTION = _act(Action.ASK, text="在哪一站？", until="2026-11-27")
_SHORT_QUESTION = _act(Action.ASK, text="在哪一站？", until="2026-11-25")
_DATE = _act(Action.PROMISE, date="2027-02-01", plan=PLAN, reason="需要调整班次", basis="线网规划")
_RETURNED_BY_WATER = _act(
    Action.RETURN, Principal(role=Role.DEPARTMENT, name="zhao", department=DepartmentCode("water")),
    reason="不是本单位的事", basis="三定方案",
)  # fmt: skip
_RETURNED = _act(Action.RETURN, reason="不是本单位的事", basis="三定方案")
_REPLIED = _act(Action.REPLY, note="已办", response="班次已调整。")
_TO_WATER = _decided(ReviewKind.RETURN, accept=None, lead="water")
_DISPATCHED = _decided(ReviewKind.DISPATCH, lead="water")

#: What was done with a case, an hour between any two.
LIVES: Mapping[str, Sequence[_Deed]] = {
    "assigned": [],
    "in progress": [_SIGNED],
    "an extension waits": [_SIGNED, _MORE],
    "extended": [_SIGNED, _MORE, _decided(ReviewKind.EXTENSION)],
    "extended twice": [
        _SIGNED, _MORE, _decided(ReviewKind.EXTENSION), _MORE, _decided(ReviewKind.EXTENSION),
    ],
    "a pause waits": [_SIGNED, _PAUSE],
    "suspended": [_SIGNED, _PAUSE, _GRANTED],
    "resumed": [_SIGNED, _PAUSE, _GRANTED, _act(Action.RESUME)],
    "resumed by itself": [_SIGNED, _SHORT_PAUSE, _GRANTED, _ended],
    "suspended twice": [_SIGNED, _SHORT_PAUSE, _GRANTED, _ended, _PAUSE, _GRANTED],
    "the citizen is asked": [_SIGNED, _QUESTION],
    "the citizen has answered": [_SIGNED, _QUESTION, _answered],
    "the citizen did not answer": [_SIGNED, _SHORT_QUESTION, _ended],
    "a promise waits": [_SIGNED, _DATE],
    "promised": [_SIGNED, _DATE, _decided(ReviewKind.PROMISE)],
    "promised, with word of it": [
        _SIGNED, _DATE, _decided(ReviewKind.PROMISE), _act(Action.PROGRESS, text="已征求意见。"),
    ],
    "returned": [_RETURNED],
    "with another department": [_RETURNED, _decided(ReviewKind.RETURN, accept=None, lead="water")],
    "kept": [_RETURNED, _decided(ReviewKind.RETURN, accept=False)],
    "kept and signed": [_RETURNED, _decided(ReviewKind.RETURN, accept=False), _SIGNED],
    "kept late": [_hours(1, _RETURNED), _hours(24 * 8, _decided(ReviewKind.RETURN, accept=False))],
    "replied": [_SIGNED, _REPLIED],
    "sent back": [_SIGNED, _REPLIED, _decided(ReviewKind.REPLY, accept=False)],
    "sent back by mistake": [_SIGNED, _REPLIED, _sent_back_by_mistake],
    "sent back, and then once more by mistake": [
        _SIGNED, _REPLIED, _decided(ReviewKind.REPLY, accept=False), _REPLIED, _sent_back_by_mistake,
    ],
    "sent back late": [
        _SIGNED, _hours(24 * 6, _REPLIED), _hours(24 * 4, _decided(ReviewKind.REPLY, accept=False)),
    ],
    "sent back twice": [
        _SIGNED, _REPLIED, _decided(ReviewKind.REPLY, accept=False), _hours(24 * 6, _REPLIED),
        _hours(24 * 4, _decided(ReviewKind.REPLY, accept=False)),
    ],
    "replied once more": [_SIGNED, _REPLIED, _decided(ReviewKind.REPLY, accept=False), _REPLIED],
    "sent back while the citizen was asked": [
        _SIGNED, _QUESTION, _REPLIED, _decided(ReviewKind.REPLY, accept=False),
    ],
    "accused": [_SIGNED, _accused],
    "accused before signing": [_accused],
    "reopened": [_SIGNED, _REPLIED, _decided(ReviewKind.REPLY), _objected],
    "replied while the citizen was asked": [_SIGNED, _hours(48, _QUESTION), _hours(30, _REPLIED)],
    "moved while the citizen was asked": [_SIGNED, _hours(24, _QUESTION), _hours(30, _moved)],
    "moved, and then given to a third one late": [
        _moved, _RETURNED_BY_WATER, _hours(24 * 7, _decided(ReviewKind.RETURN, accept=None, lead="transport")),
    ],
    "dispatched by mistake after an accusation": [_accused, _DISPATCHED, _undone],
    "danger before signing": [_buried],
    "danger after signing": [_SIGNED, _buried],
    "danger twice": [_SIGNED, _hinted, _buried, _buried],
    "danger, and then signed": [_buried, _minutes(20, _SIGNED)],
    "danger after more time": [_SIGNED, _MORE, _decided(ReviewKind.EXTENSION), _buried],
    "danger while more time waits": [_SIGNED, _MORE, _buried, _decided(ReviewKind.EXTENSION)],
    "danger during a pause": [_SIGNED, _PAUSE, _GRANTED, _buried],
    "danger beside a question": [_SIGNED, _QUESTION, _buried],
    "danger beside a question, and moved": [_SIGNED, _QUESTION, _buried, _moved],
    "danger beside a question, and moved by mistake": [_SIGNED, _QUESTION, _buried, _moved, _undone],
    "danger after a promise": [_SIGNED, _DATE, _decided(ReviewKind.PROMISE), _buried],
    "danger in a returned case": [_RETURNED, _buried],
    "danger in a returned case that another has": [_RETURNED, _buried, _TO_WATER],
    "danger in a returned case that was kept": [_RETURNED, _buried, _decided(ReviewKind.RETURN, accept=False)],
    "danger with the second department": [_RETURNED, _TO_WATER, _buried],
    "danger before a move": [_SIGNED, _buried, _moved],
    "danger after a move": [_SIGNED, _moved, _buried],
    "danger under review": [_SIGNED, _REPLIED, _buried],
    "danger in a reply that was sent back": [
        _SIGNED, _REPLIED, _buried, _decided(ReviewKind.REPLY, accept=False),
    ],
    "danger in a reply that was sent back by mistake": [
        _SIGNED, _REPLIED, _buried, _minutes(1, _decided(ReviewKind.REPLY, accept=False)), _undone,
    ],
    "danger in a reply that was sent back after all": [
        _SIGNED, _REPLIED, _buried, _decided(ReviewKind.REPLY, accept=False), _undone,
        _decided(ReviewKind.REPLY, accept=False),
    ],
    "danger under review, and accused": [_SIGNED, _REPLIED, _buried, _accused],
    "danger under review, accused and dispatched": [_SIGNED, _REPLIED, _buried, _accused, _DISPATCHED],
    "danger, accused, and dispatched by mistake": [_SIGNED, _buried, _accused, _DISPATCHED, _undone],
    "accused, and then danger": [_SIGNED, _accused, _buried],
    "reopened, and then danger": [_SIGNED, _REPLIED, _decided(ReviewKind.REPLY), _objected, _buried],
    "reopened in danger": [_SIGNED, _REPLIED, _decided(ReviewKind.REPLY), _objected_in_danger],
}  # fmt: skip


@pytest.fixture
def slices(unit: RecordingUnit) -> Slices:
    """All four."""
    return Slices(unit, CITY)


async def _clocks(slices: Slices) -> Sequence[tuple[Any, ...]]:
    rows = await slices.unit.db.fetch(
        """SELECT c.clock, c.state, c.owner, c.department, c.started_at, c.due_at, c.near_at, c.escalate_at, c.next_level,
            c.next_alert_at, c.rule, k.urgency FROM sla.clock AS c JOIN sla."case" AS k USING (case_id)
        WHERE c.state <> 'stopped' ORDER BY c.clock"""
    )
    return [tuple(row) for row in rows]


def _seen(view: View) -> Sequence[Any]:
    """What their citizen sees of it."""
    return view.state, view.whole_timeline, view.question, view.paused_until, view.promise, view.due_at


@pytest.mark.parametrize("name", LIVES)
async def test_clocks_come_back_as_they_were(slices: Slices, name: str) -> None:
    """Whose they are, since when and until when, paused or not; no line of the citizen's is there twice."""
    await slices.submit(MESSAGE)
    for deed in LIVES[name]:
        slices.unit.now += timedelta(hours=1)
        await deed(slices)
    clocks, seen = await _clocks(slices), _seen(await view(slices))
    for table in ("clock", "history", '"case"'):
        await slices.unit.db.execute(f"DELETE FROM sla.{table}")  # noqa: S608  one of ours
    slices.unit.now += timedelta(hours=1)
    assert {CASE} == await reconciling.open_ids(slices.unit.db, [CASE])
    await say_assigned_again(slices.unit, [CASE])
    await slices.carry()
    slices.unit.now += timedelta(hours=1)

    assert clocks == await _clocks(slices)
    assert seen == _seen(await view(slices))
    assert not (await find_gaps(slices.unit.db, slices.unit.now)).cases


@pytest.mark.parametrize(
    ("name", "state", "rule"),
    [
        ("danger during a pause", "running", "emergency"),
        ("danger beside a question", "running", "emergency"),
        ("danger under review", "answered", "general"),
        ("danger under review, and accused", "running", "emergency"),
        ("danger in a reply that was sent back", "running", "emergency"),
        ("danger in a reply that was sent back by mistake", "answered", "general"),
        ("danger in a reply that was sent back after all", "running", "emergency"),
    ],
)
async def test_what_stood_still_is_due_in_two_hours_once_it_runs(
    slices: Slices, name: str, state: str, rule: str
) -> None:
    """From the last deed on, whoever has the case then; what is undone has neither hurried nor stopped anything."""
    await slices.submit(MESSAGE)
    for deed in LIVES[name]:
        slices.unit.now += timedelta(hours=1)
        await deed(slices)
    reply = await slices.unit.db.fetchrow("SELECT * FROM sla.clock WHERE clock = 'reply'")

    assert (state, rule) == (reply["state"], reply["rule"].partition("@")[0])
    if rule == "emergency":
        assert (slices.unit.now, slices.unit.now + timedelta(hours=2)) == (
            reply["started_at"],
            reply["due_at"],
        )


async def _withdrawn(slices: Slices) -> None:
    """The citizen takes it back."""
    await citizen.withdraw(slices.unit, KEYS, await view(slices), reason="")
    await slices.carry()


ENDS: Mapping[str, Sequence[_Deed]] = {
    "answered": [_SIGNED, _REPLIED, _decided(ReviewKind.REPLY)],
    "answered once more": [
        _SIGNED, _REPLIED, _decided(ReviewKind.REPLY), _objected, _REPLIED, _decided(ReviewKind.REPLY),
    ],
    "withdrawn": [_SIGNED, _withdrawn],
    "declined": [_RETURNED, _decided(ReviewKind.RETURN, accept=None, decline=True)],
}  # fmt: skip


@pytest.mark.parametrize("is_first", [True, False])
@pytest.mark.parametrize("name", ENDS)
async def test_an_ended_case_gets_no_clock_that_runs(slices: Slices, name: str, *, is_first: bool) -> None:
    """Its registration starts the dispatcher's, which its assignment stopped in time: nobody is late for what had ended,
    whichever is heard first.
    """
    await slices.submit(MESSAGE)
    for deed in ENDS[name]:
        slices.unit.now += timedelta(minutes=20)
        await deed(slices)
    db: Any = slices.unit.db
    ended = 'SELECT closed_at, outcome, lead, replied_at FROM sla."case"'
    before, seen = await db.fetchrow(ended), _seen(await view(slices))
    for table in ("clock", "history", '"case"'):
        await db.execute(f"DELETE FROM sla.{table}")  # noqa: S608  one of ours
    slices.unit.now += timedelta(days=10)
    assert {CASE} == (await find_gaps(db, slices.unit.now + timedelta(days=400))).unwatched
    await say_registered_again(slices.unit, [CASE], keys=KEYS)
    registration = slices.unit.emitted.pop()
    await say_closed_again(slices.unit, [CASE])
    await say_ended_again(slices.unit, [CASE], zone=CITY.zone)
    slices.unit.emitted.insert(0 if is_first else len(slices.unit.emitted), registration)
    await slices.carry()
    await sweep(slices.unit, rules=load_rules(), calendar=named_calendar("china"))

    assert [] == [event for event in await slices.carry() if isinstance(event, DeadlineMissed)]
    assert [] == await _clocks(slices)
    assert (before, seen) == (await db.fetchrow(ended), _seen(await view(slices)))
