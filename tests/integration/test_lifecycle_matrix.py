"""docs/lifecycle.md is what the API does: each state, each action, each actor, with every slice behind it on Postgres.

What the table allows is taken, and leads where the table says; what it does not allow is refused, in every way of being in
that state. What somebody may not know of is not there for them (404), what they may not do is not theirs (403).
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import pytest

from handlers.core.lifecycle import TABLE
from handlers.core.rules import Action, Actor
from schemas.city import load_city
from schemas.errors import ActionNotAllowed, BadInput, NotFound, Refused, StaleVersion
from schemas.http import Principal
from schemas.words import CaseState, Role
from sla.core.calendar import named_calendar
from sla.core.rules import load_rules
from sla.steps.urge import urge
from tests.conftest import RecordingUnit
from tests.integration.everybodys_requests import (
    ANOTHER,
    CASE,
    LEAD,
    SUPPORTING,
    SURE,
    UNSURE,
    NotYours,
    Request,
    citizen_requests,
    desk_requests,
    dispatcher_requests,
    state_of,
    tried,
    version_of,
)
from tests.integration.intake.calls import register
from tests.integration.slices import Slices

CITY = load_city()
REQUESTS: Sequence[Request] = (
    *desk_requests(CITY),
    *dispatcher_requests(CITY),
    *citizen_requests(SURE.codes),
)
Scene = Callable[[Slices], Awaitable[None]]


async def _do(slices: Slices, action: Action, actor: Actor = Actor.LEAD) -> None:
    """What this actor does there, carried to the end."""
    request = next(
        each for each in REQUESTS if action in (each.action, each.otherwise) and each.actor is actor
    )
    if action in (Action.DECLINE, Action.ANSWER_DIRECTLY):
        # Nobody decides on an objection to their own refusal or answer.
        request = replace(
            request, principal=Principal(role=Role.DISPATCHER, name=f"li-{await version_of(slices)}")
        )
    assert await request.send(slices.unit, await version_of(slices)) is None, (action, actor)
    await slices.carry()


def _after(before: Scene, *deeds: tuple[Action, Actor]) -> Scene:
    async def scene(slices: Slices) -> None:
        await before(slices)
        for action, actor in deeds:
            await _do(slices, action, actor)

    return scene


async def _received(slices: Slices) -> None:
    await slices.submit(ANOTHER)


async def _registered(slices: Slices) -> None:
    await slices.submit(ANOTHER)
    await register(slices.unit, SURE)
    slices.unit.emitted.clear()


async def _undecided(slices: Slices) -> None:
    await slices.submit(ANOTHER)
    await slices.submit(UNSURE)


async def _assigned(slices: Slices) -> None:
    """With a supporting department, so that both parts are there."""
    await slices.submit(ANOTHER)
    await slices.submit(SURE)
    request = next(each for each in REQUESTS if each.action is Action.CO_HANDLE)
    joining = Request(
        action=request.action, actor=request.actor, route=request.route, body={"departments": [SUPPORTING]},
        principal=request.principal, path=request.path,
    )  # fmt: skip
    assert await joining.send(slices.unit, await version_of(slices)) is None
    await slices.carry()


def _supervised(before: Scene) -> Scene:
    """A supervisor has asked something of the department."""

    async def scene(slices: Slices) -> None:
        await before(slices)
        await urge(
            slices.unit, CASE, by="sun", note="请说明", supervised=True, rules=load_rules(),
            calendar=named_calendar("china"),
        )  # fmt: skip
        await slices.carry()

    return scene


_D, _C = Actor.DISPATCHER, Actor.CITIZEN
_signed = _after(_assigned, (Action.SIGN, Actor.LEAD))
_asks_for_a_pause = _after(_signed, (Action.SUSPEND, Actor.LEAD))
_replied = _after(_signed, (Action.REPLY, Actor.LEAD))
_closed = _after(_replied, (Action.APPROVE, _D))
_suspended = _after(_asks_for_a_pause, (Action.GRANT_SUSPENSION, _D))
_reopened = _after(_closed, (Action.OBJECT, _C))
_declined = _after(_undecided, (Action.DECLINE, _D))
_answered = _after(_undecided, (Action.ANSWER_DIRECTLY, _D))


async def _declined_by_li(slices: Slices) -> None:
    """By the very dispatcher who tries everything: within minutes they may take it back."""
    await _by_li(slices, Action.DECLINE)


async def _answered_by_li(slices: Slices) -> None:
    await _by_li(slices, Action.ANSWER_DIRECTLY)


async def _assigned_by_li(slices: Slices) -> None:
    await _by_li(slices, Action.ROUTE, lead=LEAD, supporting=[SUPPORTING])


async def _split_by_li(slices: Slices) -> None:
    """One of its matters is another department's."""
    parts = [{"department": SUPPORTING, "text": "水管"}]
    await _by_li(slices, Action.ROUTE, lead=LEAD, supporting=[], parts=parts)


async def _by_li(slices: Slices, action: Action, **more: object) -> None:
    await _undecided(slices)
    request = next(each for each in REQUESTS if (each.action, each.actor) == (action, _D))
    request = replace(request, body={**request.body, **more})
    assert await request.send(slices.unit, await version_of(slices)) is None, action
    await slices.carry()


async def _target_answered(slices: Slices) -> None:
    """The case that this one was merged into has its answer: this one has a copy."""
    await _after(_undecided, (Action.MERGE, _D))(slices)
    for action in (Action.SIGN, Action.REPLY, Action.APPROVE):
        await _do_to_another(slices, action)


async def _do_to_another(slices: Slices, action: Action) -> None:
    request = next(each for each in REQUESTS if each.action is action and each.actor in (Actor.LEAD, _D))
    db: Any = slices.unit.db
    other = ANOTHER.codes.case_id
    version = await db.fetchval("SELECT version FROM handlers.case WHERE case_id = $1", other)
    there = Request(
        action=action, actor=request.actor, route=request.route, body=request.body, principal=request.principal,
        path={"case_id": other},
    )  # fmt: skip
    assert await there.send(slices.unit, version) is None, action
    await slices.carry()


#: Every way of being in a state that is somebody's to act in.
SCENES: Mapping[CaseState, Mapping[str, Scene]] = {
    CaseState.RECEIVED: {"on its way": _received},
    CaseState.REGISTERED: {"registered": _registered},
    CaseState.IN_REVIEW: {
        "undecided": _undecided,
        "returned": _after(_assigned, (Action.RETURN, Actor.LEAD)),
        "refusal objected to": _after(_declined, (Action.OBJECT_TO_REFUSAL, _C)),
        "returned under supervision": _after(_supervised(_assigned), (Action.RETURN, Actor.LEAD)),
        "answer objected to": _after(_answered, (Action.OBJECT_TO_REFUSAL, _C)),
        "taken out of another": _after(_assigned, (Action.MERGE, _D), (Action.UNMERGE, _D)),
        "returned with a matter split off": _after(_split_by_li, (Action.RETURN, Actor.LEAD)),
    },
    CaseState.ASSIGNED: {
        "assigned": _assigned,
        "supervised": _supervised(_assigned),
        "chosen by whoever asks": _assigned_by_li,
        "with a matter split off": _split_by_li,
    },
    CaseState.IN_PROGRESS: {
        "signed": _signed,
        "asks for more time": _after(_signed, (Action.EXTEND, Actor.LEAD)),
        "asks for a pause": _asks_for_a_pause,
        "asks to promise a date": _after(_signed, (Action.PROMISE, Actor.LEAD)),
        "asks for a part": _after(_signed, (Action.ASK_PART, Actor.LEAD)),
        "asks its citizen": _after(_signed, (Action.ASK, Actor.LEAD)),
        "supervised": _supervised(_signed),
        "sent back": _after(_replied, (Action.SEND_BACK, _D)),
        "has more time": _after(_signed, (Action.EXTEND, Actor.LEAD), (Action.GRANT_EXTENSION, _D)),
    },
    CaseState.SUSPENDED: {
        "suspended": _suspended,
        "supervised": _supervised(_suspended),
        "with a part": _after(_suspended, (Action.ASK_PART, Actor.LEAD)),
    },
    CaseState.REOPENED: {
        "objected to": _reopened,
        "supervised": _supervised(_reopened),
        "with a part": _after(_reopened, (Action.ASK_PART, Actor.LEAD)),
    },
    CaseState.REPLIED: {"replied": _replied, "supervised": _supervised(_replied)},
    CaseState.CLOSED: {"closed": _closed, "closed twice": _after(
        _closed, (Action.OBJECT, _C), (Action.REPLY, Actor.LEAD), (Action.APPROVE, _D)
    ), "answered directly": _answered, "answered by whoever asks": _answered_by_li, "answered directly for good": _after(
        _answered, (Action.OBJECT_TO_REFUSAL, _C), (Action.ANSWER_DIRECTLY, _D)
    )},
    CaseState.MERGED: {
        "before a department had it": _after(_undecided, (Action.MERGE, _D)),
        "out of a department's hands": _after(_assigned, (Action.MERGE, _D)),
        "answered by the other one": _target_answered,
    },
    CaseState.DECLINED: {"declined": _declined, "declined by whoever asks": _declined_by_li, "declined for good": _after(
        _declined, (Action.OBJECT_TO_REFUSAL, _C), (Action.DECLINE, Actor.DISPATCHER)
    )},
    CaseState.WITHDRAWN: {
        "before a department had it": _after(_undecided, (Action.WITHDRAW, _C)),
        "from a department": _after(_signed, (Action.WITHDRAW, _C)),
    },
}  # fmt: skip


def _ends(state: CaseState, request: Request) -> set[CaseState]:
    """Where the table says that it leads; nothing where it is not allowed."""
    if request.actor is None:
        return set()
    keys = [(state, action, request.actor) for action in (request.action, request.otherwise) if action]
    ends = [TABLE[key] for key in keys if key in TABLE]
    return {each for end in ends for each in ((end,) if end else (CaseState.ASSIGNED, CaseState.IN_PROGRESS))}


@pytest.mark.parametrize("state", SCENES, ids=lambda state: state.value)
async def test_the_api_does_what_the_table_says(unit: RecordingUnit, state: CaseState) -> None:
    """In some way of being there whatever the table allows is taken, and in none anything else."""
    ended: dict[int, set[CaseState]] = {number: set() for number in range(len(REQUESTS))}
    for name, scene in SCENES[state].items():
        point = unit.db.transaction()
        await point.start()
        slices = Slices(unit, CITY)
        await scene(slices)
        assert await state_of(slices) is state, name
        for number, request in enumerate(REQUESTS):
            came = await tried(slices, request)
            if isinstance(came, CaseState):
                ended[number].add(came)
            else:
                assert issubclass(came, tuple(_refusals(request))), (
                    name,
                    request.action,
                    request.actor,
                    came,
                )
        await point.rollback()
        unit.emitted.clear()
    differing = {
        (request.action.value, request.actor): (ended[number], _ends(state, request))
        for number, request in enumerate(REQUESTS)
        if not (ended[number] <= _ends(state, request) and bool(ended[number]) == bool(_ends(state, request)))
    }

    assert {} == differing


def _refusals(request: Request) -> frozenset[type[Refused]]:
    """How it may be refused: whoever has no part in a case learns nothing of it, and nobody that something else is wrong."""
    if request.actor is None or request.principal.role not in request.route.who | {Role.CITIZEN}:
        return frozenset({NotFound, NotYours})
    return frozenset(
        {ActionNotAllowed, NotFound} | ({StaleVersion, BadInput} if request.actor is _D else set())
    )
