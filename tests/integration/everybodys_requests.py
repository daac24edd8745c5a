"""Every request by which somebody acts on a case: which action of the lifecycle it is, who sends it, and what is in it."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import msgspec

import handlers.web.api
import routing.web.api
from handlers.core.actions import ACTIONS
from handlers.core.rules import Action, Actor
from intake.core.following.asked_back import OPENED_AGAIN
from routing.steps.undo import find_chance
from schemas.city import City
from schemas.errors import Refused
from schemas.http import Call, Principal, Route
from schemas.ids import CaseId, DepartmentCode, EntryId
from schemas.ports import Unit
from schemas.values import Contact, EntryContent, LiveEntry
from schemas.words import ENDED_STATES, CaseState, Kind, Language, ReviewKind, Role
from tests.conftest import RecordingUnit
from tests.integration.clocks import NoClocks
from tests.integration.intake.calls import Site
from tests.integration.slices import Slices
from tests.unit.intake.messages import CONTACT, draft, message

LEAD, SUPPORTING, OTHER, JOINING = (
    DepartmentCode(code) for code in ("transport", "water", "housing", "market")
)
#: The units that press the desk's buttons, by their part in the case: `None` has no part.
UNITS: Mapping[Actor | None, DepartmentCode] = {Actor.LEAD: LEAD, Actor.SUPPORTING: SUPPORTING, None: OTHER}
#: Routed by itself, to `LEAD`.
SURE = message(
    draft(
        "公交车末班车太早", "希望公交线路延长运营时间，公交站等车的乘客很多。", publish=True, contact=CONTACT
    )
)
#: Waits for a dispatcher.
UNSURE = message(draft("一件小事", "请看一下，谢谢。", kind=Kind.CONSULTATION))
#: What `SURE` may be merged into.
ANOTHER = message(draft("公交车末班车太早", "请延长公交线路的运营时间，乘客等得很久。"), entropy=b"a" * 32)
CASE = SURE.codes.case_id

#: Whatever any action asks for; each takes its own.
WORDS: Mapping[str, Any] = {
    "reason": "理由", "basis": "依据", "note": "已查", "response": "已修复", "text": "记录", "working_days": 5,
    "departments": [JOINING], "until": "2026-11-27", "date": "2027-03-01",
    "plan": "一月施工",
}  # fmt: skip


class NotYours(Refused):
    """What the edge answers to whoever may not ask for such a thing at all (403)."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """One way to ask for an action. `actor`: None is somebody with no part in it: another unit, another role, no code."""

    action: Action
    actor: Actor | None
    route: Route
    body: Mapping[str, Any]
    principal: Principal
    path: Mapping[str, str]
    #: What the same request means in other states.
    otherwise: Action | None = None

    async def send(self, unit: Unit, version: int) -> type[Refused] | None:
        """How it is refused; None where it was taken."""
        if self.route.who and self.principal.role not in self.route.who:
            return NotYours
        fields = {**WORDS, "version": version, **self.body}
        call = Call(
            principal=self.principal, language=Language.ZH, path=self.path, headers={}, address="10.0.0.1",
            unit_or_none=unit, body=msgspec.convert(fields, self.route.body) if self.route.body else None,
        )  # fmt: skip
        try:
            await self.route.answer(call)
        except Refused as refusal:
            return type(refusal)
        return None


class _Register:
    async def reveal(self, unit: Unit, case_id: CaseId) -> Contact | None:
        return None


class OneEntry:
    """A knowledge entry that holds, under any number."""

    async def find(self, unit: Unit, entry_id: str) -> LiveEntry | None:
        """It."""
        today = date(2026, 11, 23)
        content = EntryContent(
            questions=("居住证怎么办理",),
            answer="带身份证到社区。",
            valid_from=today,
            valid_until=today,
            checked_on=today,
        )
        return LiveEntry(entry_id=EntryId(entry_id), owner=OTHER, content=content)

    async def nearest(self, unit: Unit, text: str) -> Sequence[LiveEntry]:
        """None."""
        return ()


def _clerk(department: DepartmentCode) -> Principal:
    return Principal(role=Role.DEPARTMENT, name="wang", department=department)


def _named(routes: Sequence[Route], end: str) -> Route:
    (found,) = [route for route in routes if route.method == "POST" and route.path.endswith(end)]
    return found


#: Who supports the case already is asked for a part; who joins it is another one.
_ASKING: Mapping[Action, Mapping[str, Any]] = {
    Action.ASK_PART: {"departments": [SUPPORTING], "until": None},
    Action.WITHDRAW_PART: {"departments": [SUPPORTING]},
}


def desk_requests(city: City) -> Iterator[Request]:
    """Each button of the desk, pressed by each unit."""
    routes = handlers.web.api.routes(city=city, contacts=_Register(), clocks=NoClocks())
    for action in ACTIONS:
        for actor, department in UNITS.items():
            yield Request(
                action=action, actor=actor, route=_named(routes, f"/actions/{action}"), body=_ASKING.get(action, {}),
                principal=_clerk(department), path={"case_id": CASE},
            )  # fmt: skip


#: What a dispatcher sends for each action: the end of the address, and the body.
_DECISIONS: Mapping[Action, tuple[str, Mapping[str, Any]]] = {
    Action.ROUTE: ("/decision", {"lead": OTHER, "category": "other", "remarks": "职责在该单位"}),
    Action.DECLINE: ("/decision", {"decline": True}),
    Action.ANSWER_DIRECTLY: ("/decision", {"answer": {"entry_id": CASE, "text": "请带身份证到社区。"}}),
    Action.RECALL: ("/readings/{case_id}", {"is_right": False, "remarks": "依据不对"}),
    Action.MERGE: ("/decision", {"merge_into": ANOTHER.codes.case_id}),
    Action.REFUSE_RETURN: ("/decision", {"kind": ReviewKind.RETURN, "accept": False}),
    Action.GRANT_EXTENSION: ("/decision", {"kind": ReviewKind.EXTENSION, "accept": True}),
    Action.REFUSE_EXTENSION: ("/decision", {"kind": ReviewKind.EXTENSION, "accept": False}),
    Action.GRANT_SUSPENSION: ("/decision", {"kind": ReviewKind.SUSPENSION, "accept": True}),
    Action.REFUSE_SUSPENSION: ("/decision", {"kind": ReviewKind.SUSPENSION, "accept": False}),
    Action.GRANT_PROMISE: ("/decision", {"kind": ReviewKind.PROMISE, "accept": True}),
    Action.REFUSE_PROMISE: ("/decision", {"kind": ReviewKind.PROMISE, "accept": False}),
    Action.APPROVE: ("/replies/{case_id}", {"decision": "approve"}),
    Action.SEND_BACK: ("/replies/{case_id}", {"decision": "send_back"}),
    Action.RESUME: ("/resume", {"remarks": "请继续办理"}),
    Action.UNMERGE: ("/unmerge", {}),
    Action.UNDO: ("/undo", {}),
}


def dispatcher_requests(city: City) -> Iterator[Request]:
    """Each decision, by a dispatcher; and by those whose it is not."""
    routes = routing.web.api.routes(city=city, entries=OneEntry())
    for action, (end, body) in _DECISIONS.items():
        for actor, who in (
            (Actor.DISPATCHER, Principal(role=Role.DISPATCHER, name="li")),
            (None, Principal(role=Role.SUPERVISOR, name="sun")),
            (None, _clerk(LEAD)),
            (None, Principal()),
        ):
            yield Request(
                action=action, actor=actor, route=_named(routes, end), body={"date": None, **body}, principal=who,
                path={"case_id": CASE}, otherwise=Action.UNDO_SEND_BACK if action is Action.UNDO else None,
            )  # fmt: skip


#: The citizen's word for each action: the last part of the address, and the body.
_CITIZENS: Mapping[Action, tuple[str, Mapping[str, Any]]] = {
    Action.RATE: ("rating", {"score": 4}),
    Action.OBJECT: ("objection", {"reason": "没修好"}),
    Action.SUPPLEMENT: ("supplement", {"text": "还有一处"}),
    Action.WITHDRAW: ("withdrawal", {"reason": ""}),
    Action.ANSWER: ("answer", {"text": "在三号楼"}),
}


def citizen_requests(codes: Any) -> Iterator[Request]:
    """Each button of the citizen's page, with the case's access code and with another one."""
    site = Site()
    for action, (word, body) in _CITIZENS.items():
        route = site.route("POST", f"/api/v1/submissions/{{tracking_code}}/{word}")
        for actor, code in ((Actor.CITIZEN, codes.access_code), (None, "00000000")):
            yield Request(
                action=action, actor=actor, route=route, body={**body, "access_code": code}, principal=Principal(),
                path={"tracking_code": codes.tracking_code},
                otherwise=Action.OBJECT_TO_REFUSAL if action is Action.OBJECT else None,
            )  # fmt: skip


async def version_of(slices: Slices, action: Action | None = None) -> int:
    """The version that somebody who looks at the case now would see; who takes a decision back sees its own."""
    db: Any = slices.unit.db
    waiting = await db.fetchval(
        "SELECT max(version) FROM routing.review_item WHERE case_id = $1 AND state = 'open'", CASE
    )
    known: int | None = await db.fetchval("SELECT version FROM handlers.case WHERE case_id = $1", CASE)
    routed: int | None = await db.fetchval("SELECT version FROM routing.case WHERE case_id = $1", CASE)
    if action is Action.UNDO:
        chance = await find_chance(slices.unit, SURE.codes.tracking_code, "li")
        return chance.version if chance else routed or 1
    return waiting or known or routed or 1


async def state_of(slices: Slices) -> CaseState:
    """Where the case stands, as its citizen sees it; where its department has it, the department agrees."""
    db: Any = slices.unit.db
    shown = await db.fetchval("SELECT state FROM intake.view WHERE case_id = $1", CASE)
    held = await db.fetchval("SELECT state FROM handlers.case WHERE case_id = $1", CASE)
    if shown is None:
        known = await db.fetchval("SELECT 1 FROM intake.case WHERE case_id = $1", CASE)
        return CaseState.REGISTERED if known else CaseState.RECEIVED
    assert held in (None, shown), (held, shown)
    return CaseState(shown)


async def _lines(slices: Slices) -> list[str]:
    """What the citizen's timeline tells, in the order in which it was heard."""
    timeline = await slices.unit.db.fetchval("SELECT timeline FROM intake.view WHERE case_id = $1", CASE)
    return [line["event"] for line in json.loads(timeline or "[]")]


async def tried(slices: Slices, request: Request) -> CaseState | type[Refused]:
    """Where the request leads, in a transaction of its own that is taken back; or how it is refused.

    Whatever opens a case again that had ended says so in one of the lines by which what was asked for is known to be over.
    """
    unit: RecordingUnit = slices.unit
    waiting, moment = list(unit.emitted), unit.now
    before, told = await state_of(slices), await _lines(slices)
    # What is said again of the very moment is said once.
    unit.now += timedelta(seconds=1)
    point = unit.db.transaction()
    await point.start()
    try:
        refusal = await request.send(unit, await version_of(slices, request.action))
        if refusal is not None:
            return refusal
        await slices.carry()
        now = await state_of(slices)
        if before in ENDED_STATES and now not in ENDED_STATES:
            assert OPENED_AGAIN.intersection((await _lines(slices))[len(told) :]), (request.action, before)
        return now
    finally:
        await point.rollback()
        unit.emitted[:], unit.now = waiting, moment
