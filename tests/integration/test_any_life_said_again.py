"""Whatever was done with a case in which order, its lost clocks come back as they were: lives that chance has made."""

import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest

import handlers.core.retelling as retelling
import sla.subscribers
from handlers.core.actions import ACTIONS
from handlers.core.rules import Action
from handlers.steps import act_on_case
from handlers.steps.say_again import say_assigned_again
from handlers.store import reconciling
from intake.core.notices import told_by
from intake.steps import act_on_case as citizen
from routing.core.decisions.review import Decision
from routing.steps.decide import decide
from routing.steps.undo import find_chance, undo
from schemas.errors import Refused
from schemas.event import Event
from schemas.http import Principal, read
from schemas.ids import DepartmentCode
from schemas.notices import Occasion
from schemas.words import ReviewKind, Role
from sla.core.calendar import named_calendar
from sla.core.rules import load_rules
from tests.conftest import RecordingUnit
from tests.integration.intake.calls import register
from tests.integration.slices import Slices
from tests.integration.test_danger_said import BURIED, HINTED
from tests.integration.test_promise_across_slices import CASE, CITY, MESSAGE, PLAN, view
from tests.unit.intake.messages import KEYS

#: Sequences that are tried (project choice: half a minute of all tests).
_LIVES = range(16)
#: Deeds that are tried in one, most of which are refused where it stands.
_TRIED = 60
_LEADS = ("transport", "water", "emergency")
ACCUSING = "公交公司的工作人员张伟收受贿赂，索要好处费，我要举报他。"


class _NotNow(Exception):
    """Nothing waits for such a decision."""


async def _of_the_desk(slices: Slices, column: str) -> Any:
    return await slices.unit.db.fetchval(f"SELECT {column} FROM handlers.case WHERE case_id = $1", CASE)  # noqa: S608  a column of ours


def _act(action: Action, days: int = 0, **fields: Any) -> Callable[[Slices], Awaitable[Any]]:
    """By whoever has it. `days`: until when, from then on."""

    async def done(slices: Slices) -> None:
        who = Principal(
            role=Role.DEPARTMENT, name="wang", department=DepartmentCode(await _of_the_desk(slices, "lead"))
        )
        name = "date" if action is Action.PROMISE else "until"
        until = {name: f"{slices.unit.now + timedelta(days=days):%Y-%m-%d}"} if days else {}
        body = {"version": await _of_the_desk(slices, "version"), **until, **fields}
        await act_on_case.act(slices.unit, who, CASE, action, read(ACTIONS[action].body, body), CITY)

    return done


async def _another(slices: Slices) -> str:
    lead = await _of_the_desk(slices, "lead")
    return next(each for each in _LEADS if each != lead)


def _decided(kind: ReviewKind, *, elsewhere: bool = False, **said: Any) -> Callable[[Slices], Awaitable[Any]]:
    async def done(slices: Slices) -> None:
        version = await slices.unit.db.fetchval(
            "SELECT version FROM routing.review_item WHERE case_id = $1 AND state = 'open' AND kind = $2",
            CASE,
            kind,
        )
        if version is None:
            raise _NotNow
        lead: dict[str, Any] = {"lead": await _another(slices)} if elsewhere else {}
        await decide(slices.unit, CITY, CASE, Decision(version=version, kind=kind, **said, **lead), "li")

    return done


async def _moved(slices: Slices) -> None:
    version = await _of_the_desk(slices, "version")
    told = Decision(version=version, lead=await _another(slices), remarks="职责在该单位")
    await decide(slices.unit, CITY, CASE, told, "li")


async def _undone(slices: Slices) -> None:
    chance = await find_chance(slices.unit, MESSAGE.codes.tracking_code, "li")
    if chance is None:
        raise _NotNow
    await undo(slices.unit, CASE, chance.version, "li")


def _added(text: str) -> Callable[[Slices], Awaitable[Any]]:
    async def done(slices: Slices) -> None:
        await citizen.supplement(slices.unit, KEYS, await view(slices), citizen.Addition(text=text))

    return done


async def _answered(slices: Slices) -> None:
    await citizen.answer(slices.unit, KEYS, await view(slices), citizen.Addition(text="在和平路公交站"))


def _objected(text: str) -> Callable[[Slices], Awaitable[Any]]:
    async def done(slices: Slices) -> None:
        await citizen.object_to_outcome(slices.unit, KEYS, await view(slices), reason=text)

    return done


_DEEDS = (
    _act(Action.SIGN), _act(Action.EXTEND, working_days=5, reason="等管线核实"),
    _act(Action.SUSPEND, 4, reason="等鉴定", basis="鉴定合同"), _act(Action.ASK, 3, text="在哪一站？"),
    _act(Action.PROMISE, 60, plan=PLAN, reason="需要调整班次", basis="线网规划"),
    _act(Action.PROGRESS, text="已征求意见。"), _act(Action.RETURN, reason="不是本单位的事", basis="三定方案"),
    _act(Action.CO_HANDLE, departments=["public-security"], text="请协办"),
    _act(Action.REPLY, note="已办", response="班次已调整。"),
    *(_decided(kind, accept=True) for kind in (ReviewKind.EXTENSION, ReviewKind.SUSPENSION, ReviewKind.PROMISE)),
    *(_decided(kind, accept=False, remarks="不同意") for kind in (ReviewKind.EXTENSION, ReviewKind.RETURN)),
    _decided(ReviewKind.RETURN, elsewhere=True), _decided(ReviewKind.DISPATCH, elsewhere=True),
    _decided(ReviewKind.REPLY, accept=False, remarks="重写"), _decided(ReviewKind.REPLY, accept=True),
    _answered, _objected("没有解决"), _objected(BURIED), _moved, _undone, _added(ACCUSING), _added(HINTED),
    *3 * [_added(BURIED)],
)  # fmt: skip


@pytest.fixture
def slices(unit: RecordingUnit) -> Slices:
    """All four."""
    return Slices(unit, CITY)


async def _try(slices: Slices, deed: Callable[[Slices], Awaitable[Any]]) -> Sequence[Event] | None:
    """What came of it; None where it may not be done where the case stands: what is refused leaves nothing."""
    attempt = slices.unit.db.transaction()
    await attempt.start()
    try:
        await deed(slices)
    except (Refused, _NotNow):
        slices.unit.emitted.clear()
        await attempt.rollback()
        return None
    await attempt.commit()
    return await slices.carry()


def _letters(said: Sequence[Event]) -> set[tuple[Occasion, str]]:
    """What of these events the citizen is told, each by what tells it from others."""
    return {(told.occasion, told.mark) for event in said for told in told_by(event)}


async def _clocks(slices: Slices) -> list[tuple[Any, ...]]:
    """What they are by: whatever was told of a breach by then is told of anew."""
    rows = await slices.unit.db.fetch(
        """SELECT c.clock, c.state, c.owner, c.department, c.started_at, c.due_at, c.near_at, c.escalate_at, c.rule,
            k.urgency FROM sla.clock AS c JOIN sla."case" AS k USING (case_id) WHERE c.state <> 'stopped' ORDER BY clock"""
    )
    return [tuple(row) for row in rows]


@pytest.mark.parametrize("seed", _LIVES)
async def test_clocks_of_any_life_come_back(slices: Slices, seed: int) -> None:
    """Those of a case that a department has, or one that a dispatcher has again; said once more, nothing is otherwise.

    Nor is its citizen told a second time.
    """
    chance, told = random.Random(seed), set[tuple[Occasion, str]]()
    await register(slices.unit, MESSAGE)
    told |= _letters(await slices.carry())
    for deed in chance.choices(_DEEDS, k=_TRIED):
        before = slices.unit.now
        slices.unit.now += timedelta(minutes=chance.choice((3, 20, 90, 600)))
        if (came := await _try(slices, deed)) is None:
            slices.unit.now = before
        told |= _letters(came or ())
    db: Any = slices.unit.db
    if CASE not in await reconciling.open_ids(db, [CASE]):
        assert await _of_the_desk(slices, "state") == "closed"
        return
    clocks = await _clocks(slices)
    for table in ("clock", "history", '"case"'):
        await db.execute(f"DELETE FROM sla.{table}")  # noqa: S608  one of ours
    await say_assigned_again(slices.unit, [CASE])
    again = _letters(await slices.carry())

    assert clocks == await _clocks(slices)
    assert again <= told


#: What sla hears of a desk, and is not said again; why not.
_NOT_SAID = {
    "SuspensionDecided": "a yes is the pause itself; a no gave nothing",
    "PartDone": "a part that is done is told of no more",
    "PartWithdrawn": "the same of one that was withdrawn",
    "OrderReported": "sla keeps orders itself, which it gives of no case that it does not know",
    "VerdictUndone": "what was undone is not told",
    "MoveUndone": "who had the case goes on as if it had not been moved",
    "TagsChanged": "an assignment says the tags",
}  # fmt: skip


def test_whatever_the_clocks_hear_of_a_desk_is_said_again_or_left_for_a_reason() -> None:
    """A new event that clocks follow is forgotten by nobody who tells a life once more."""
    [subscription] = sla.subscribers.subscriptions(rules=load_rules(), calendar=named_calendar("china"))
    heard: Mapping[str, type[Event]] = {
        line.event.__name__: line.event
        for line in subscription.handlers
        if getattr(line.event, "producer", "") == "handlers"
    }
    said = {name for name in heard if hasattr(retelling, name)}
    assert heard.keys() - said == _NOT_SAID.keys()
