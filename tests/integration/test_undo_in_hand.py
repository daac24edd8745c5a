"""A move, and a yes or no to a department, are taken back within minutes: all slices stand as before, on Postgres."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from handlers.core.actions import ACTIONS
from handlers.core.rules import Action
from handlers.steps import act_on_case as desk
from handlers.steps import read_cases
from intake.core.following.view import View
from intake.store.view import find_view
from intake.web.views import case_view
from routing.core.decisions.open_items import RESUMED_AT
from routing.core.decisions.review import Decision
from routing.steps.decide import decide
from routing.steps.read_queue import read_dropped
from routing.steps.undo import find_chance, undo
from routing.store import cases, items
from routing.web import pages
from schemas.city import load_city
from schemas.errors import BadInput, NotFound, StaleVersion
from schemas.event import Event
from schemas.events.handlers import CaseUpdated
from schemas.http import Call, Principal, read
from schemas.ids import DepartmentCode
from schemas.words import CaseState, Language, ReviewKind, Role
from sla.store.facts import FACTS
from tests.conftest import RecordingUnit
from tests.integration.routing.test_queue import html_of
from tests.integration.slices import Slices
from tests.unit.intake.messages import draft, message

CITY = load_city()
SENT = message(draft("公交车末班车太早", "希望公交线路延长运营时间，公交站等车的乘客很多。", publish=True))
CASE = SENT.codes.case_id
TRANSPORT, WATER = DepartmentCode("transport"), DepartmentCode("water")
WANG = Principal(role=Role.DEPARTMENT, name="wang", department=TRANSPORT)
ZHAO = Principal(role=Role.DEPARTMENT, name="zhao", department=WATER)
FIVE_MINUTES = timedelta(minutes=5)

Asked = tuple[Action, dict[str, Any]]
EXTENSION: Asked = (Action.EXTEND, {"working_days": 3, "reason": "须现场勘察"})
SUSPENSION: Asked = (Action.SUSPEND, {"reason": "等鉴定", "basis": "鉴定规程", "until": "2026-12-10"})
PROMISE: Asked = (
    Action.PROMISE,
    {"date": "2027-02-01", "plan": "1 月调整班次。", "reason": "须招标", "basis": "招标投标法"},
)
RETURN: Asked = (Action.RETURN, {"reason": "不属本单位", "basis": "三定方案"})
REPLY: Asked = (Action.REPLY, {"note": "已办", "response": "班次已调整到晚上十一点。"})


@pytest.fixture
def slices(unit: RecordingUnit) -> Slices:
    """All four."""
    return Slices(unit, CITY)


async def acted(slices: Slices, action: Action, who: Principal = WANG, **fields: Any) -> list[Event]:
    version = await slices.unit.db.fetchval("SELECT version FROM handlers.case WHERE case_id = $1", CASE)
    body = read(ACTIONS[action].body, {"version": version, **fields})
    await desk.act(slices.unit, who, CASE, action, body, CITY)
    return await slices.carry()


async def dispatched(slices: Slices, *, signed: bool = True) -> None:
    await slices.submit(SENT)
    if await items.waiting(slices.unit.db, CASE):
        await decided(slices, ReviewKind.DISPATCH, lead="transport")
    if signed:
        await acted(slices, Action.SIGN)
    slices.unit.now += timedelta(hours=1)


async def decided(slices: Slices, kind: ReviewKind, by: str = "li", **said: Any) -> None:
    (item,) = [item for item in await items.waiting(slices.unit.db, CASE) if item.kind is kind]
    await decide(slices.unit, CITY, CASE, Decision(version=item.version, kind=kind, **said), by)
    await slices.carry()


async def moved(slices: Slices, lead: str = "water") -> None:
    case = await cases.find(slices.unit.db, CASE)
    assert case is not None
    ends = tuple(item.name for item in await items.waiting(slices.unit.db, CASE))
    move = Decision(version=case.version, lead=lead, remarks="职责在该单位", ends=ends)
    await decide(slices.unit, CITY, CASE, move, "li")
    await slices.carry()


async def taken_back(slices: Slices, by: str = "li") -> list[Event]:
    case = await cases.find(slices.unit.db, CASE)
    assert case is not None
    chance = await find_chance(slices.unit, case.tracking_code, by)
    await undo(slices.unit, CASE, chance.version if chance else case.version, by)
    return await slices.carry()


async def view_of(slices: Slices) -> View:
    found = await find_view(slices.unit.db, SENT.codes.tracking_code)
    assert found is not None
    return found


_DESK = """SELECT state, kind, category, lead, supporting, assigned_at, sign_due_at, due_at, return_count, return_barred,
    extension_count, extension_days, asks - 'before' AS asks, state_before_review, withheld, closed_at
    FROM handlers.case WHERE case_id = $1"""
_ROUTING = "SELECT state, category, lead, supporting, decided_by, parts, before_move FROM routing.case WHERE case_id = $1"
_CLOCKS = """SELECT clock, state, department, started_at, due_at, near_at, escalate_at, next_level, next_alert_at, missed_at
    FROM sla.clock WHERE case_id = $1 AND state <> 'stopped' ORDER BY clock"""
_FIGURES = 'SELECT lead, leads, category, assigned_at, outcome, closed_at FROM sla."case" WHERE case_id = $1'
_COUNTED = f"""WITH k AS (SELECT * FROM sla."case" WHERE case_id = $3), {FACTS}
    SELECT holder, measure, value FROM fact ORDER BY holder, measure, value"""  # noqa: S608  a constant


def same(before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """One part after the other, so that a difference is seen."""
    for name, part in before.items():
        assert part == after[name], name


async def standing(slices: Slices) -> Mapping[str, Any]:
    """All that is known of the case, but for versions and logs."""
    db = slices.unit.db
    view = await view_of(slices)
    waiting = [(item.kind, dict(item.detail)) for item in await items.waiting(db, CASE)]
    for _, detail in waiting:
        detail.pop("doubts", None)
        detail.pop("undone_by", None)
    rows = {name: [dict(row) for row in await db.fetch(query, CASE)] for name, query in
            (("desk", _DESK), ("routing", _ROUTING), ("clocks", _CLOCKS), ("figures", _FIGURES))}  # fmt: skip
    if rows["desk"][0]["state"] not in ("assigned", "in_review"):
        # Nobody has to sign any more.
        rows["desk"][0].pop("sign_due_at")
    counted = await db.fetch(_COUNTED, slices.unit.now, "Asia/Shanghai", CASE)
    seen = (view.state, view.department, view.category, view.due_at, view.citizen_may, view.paused_until)
    return {**rows, "counted": [tuple(row) for row in counted], "waiting": waiting, "seen": seen}


@pytest.mark.parametrize(
    ("asked", "kind", "accept"),
    [
        (EXTENSION, ReviewKind.EXTENSION, True),
        (EXTENSION, ReviewKind.EXTENSION, False),
        (SUSPENSION, ReviewKind.SUSPENSION, True),
        (SUSPENSION, ReviewKind.SUSPENSION, False),
        (PROMISE, ReviewKind.PROMISE, False),
        (RETURN, ReviewKind.RETURN, False),
        (REPLY, ReviewKind.REPLY, False),
    ],
)
async def test_a_yes_or_no_that_is_taken_back_leaves_everything_as_it_was(
    slices: Slices, asked: Asked, kind: ReviewKind, accept: bool
) -> None:
    """Desk, queue, clocks, figures and the citizen's page; then it is decided otherwise."""
    await dispatched(slices, signed=kind is not ReviewKind.RETURN)
    await acted(slices, asked[0], **asked[1])
    before = await standing(slices)
    slices.unit.now += FIVE_MINUTES
    await decided(slices, kind, accept=accept, remarks="请补充依据")
    assert before != await standing(slices)
    slices.unit.now += FIVE_MINUTES

    await taken_back(slices)

    same(before, await standing(slices))
    log = await slices.unit.db.fetch("SELECT action FROM handlers.log WHERE case_id = $1 ORDER BY seq", CASE)
    assert ("undo-send-back" if kind is ReviewKind.REPLY else "undo") in [row["action"] for row in log]
    await decided(slices, kind, accept=not accept, **({"lead": "water"} if kind is ReviewKind.RETURN else {}))
    assert [] == await items.waiting(slices.unit.db, CASE)


@pytest.mark.parametrize(
    ("state", "steps"),
    [
        (CaseState.ASSIGNED, []),
        (CaseState.IN_PROGRESS, [(Action.SIGN, {})]),
        (CaseState.IN_PROGRESS, [(Action.SIGN, {}), EXTENSION]),
        (CaseState.SUSPENDED, [(Action.SIGN, {}), SUSPENSION]),
    ],
)
async def test_a_move_that_is_taken_back_leaves_everything_as_it_was(
    slices: Slices, state: CaseState, steps: list[Asked]
) -> None:
    """The department has it as it had it, with what it had asked for and its time; the other one sees nothing."""
    await dispatched(slices, signed=False)
    for action, fields in steps:
        await acted(slices, action, **fields)
    if state is CaseState.SUSPENDED:
        await decided(slices, ReviewKind.SUSPENSION, accept=True)
    before = await standing(slices)
    assert state == before["desk"][0]["state"]
    later = timedelta(hours=1) if state is CaseState.ASSIGNED else timedelta(days=1)
    slices.unit.now += later
    await moved(slices)
    assert "water" == (await standing(slices))["desk"][0]["lead"]
    slices.unit.now += FIVE_MINUTES

    await taken_back(slices)

    after = await standing(slices)
    slices.unit.now -= later + FIVE_MINUTES
    same(before, {**after, "counted": (await standing(slices))["counted"]})
    with pytest.raises(NotFound):
        await read_cases.read_case(slices.unit, WATER, CASE)
    told = [(to, event.what) for to, event in slices.unit.emitted_to if isinstance(event, CaseUpdated)]
    assert (WATER, "move.undone") in told
    await acted(slices, Action.NOTE, text="继续办理")


async def test_whoever_had_signed_it_keeps_it(slices: Slices) -> None:
    """handlers says no, and whoever asked finds that among what was not done; then there is nothing to take back."""
    await dispatched(slices)
    await moved(slices)
    await acted(slices, Action.SIGN, ZHAO)

    await taken_back(slices)

    assert "water" == (await standing(slices))["desk"][0]["lead"]
    (dropped,) = await read_dropped(slices.unit, "li")
    assert ("undo.requested", CaseState.IN_PROGRESS) == (dropped.asked, dropped.case_state)
    with pytest.raises(BadInput):
        await undo(slices.unit, CASE, 1, "li")
    await acted(slices, Action.EXTEND, ZHAO, working_days=2, reason="须现场勘察")


async def test_what_was_done_with_a_granted_pause_stays(slices: Slices) -> None:
    """The department went on before the pause was taken back: it is over, and its request is not asked once more."""
    await dispatched(slices)
    await acted(slices, SUSPENSION[0], **SUSPENSION[1])
    await decided(slices, ReviewKind.SUSPENSION, accept=True)
    await acted(slices, Action.RESUME)
    with pytest.raises(BadInput):
        await taken_back(slices)
    # As if routing had not heard of it yet.
    await slices.unit.db.execute("UPDATE routing.review_item SET detail = detail - $1", RESUMED_AT)

    await taken_back(slices)

    assert [] == await items.waiting(slices.unit.db, CASE)
    (dropped,) = await read_dropped(slices.unit, "li")
    assert (ReviewKind.SUSPENSION, True) == (dropped.review, dropped.accepted)


async def test_the_reply_clock_is_neither_longer_nor_shorter(slices: Slices) -> None:
    """Undone and granted anew, a pause and an extension count once, from when they were granted at last."""
    await dispatched(slices)
    await acted(slices, EXTENSION[0], **EXTENSION[1])
    due = await slices.unit.db.fetchval(
        "SELECT due_at FROM sla.clock WHERE case_id = $1 AND clock = 'reply'", CASE
    )
    for _ in range(2):
        await decided(slices, ReviewKind.EXTENSION, accept=True)
        once = await slices.unit.db.fetchval("SELECT due_at FROM handlers.case WHERE case_id = $1", CASE)
        await taken_back(slices)
        assert due == await slices.unit.db.fetchval(
            "SELECT due_at FROM handlers.case WHERE case_id = $1", CASE
        )
        slices.unit.now += timedelta(minutes=1)
    await decided(slices, ReviewKind.EXTENSION, accept=True)
    assert once == await slices.unit.db.fetchval("SELECT due_at FROM handlers.case WHERE case_id = $1", CASE)


async def test_what_has_left_the_house_is_not_taken_back(slices: Slices) -> None:
    """A promise that its citizen has read, and an answer: the page says so, and what the way is then."""
    await dispatched(slices)
    await acted(slices, PROMISE[0], **PROMISE[1])
    await decided(slices, ReviewKind.PROMISE, accept=True)
    with pytest.raises(BadInput) as refused:
        await taken_back(slices)
    assert "再申请一次承诺" in refused.value.errors[0].zh
    await acted(slices, Action.REPLY, note="已办", response="班次已调整到晚上十一点。")
    await decided(slices, ReviewKind.REPLY, accept=True)
    with pytest.raises(BadInput) as refused:
        await taken_back(slices)
    assert "市民可以提出异议" in refused.value.errors[0].zh


async def test_ten_minutes_and_nobody_elses(slices: Slices) -> None:
    """A move and a verdict as any other decision; sent twice, done once; an old tab takes back nothing newer."""
    await dispatched(slices)
    await acted(slices, EXTENSION[0], **EXTENSION[1])
    await decided(slices, ReviewKind.EXTENSION, accept=False)
    code = SENT.codes.tracking_code
    chance = await find_chance(slices.unit, code, "li")
    assert chance is not None
    assert await find_chance(slices.unit, code, "sun") is None
    with pytest.raises(BadInput):
        await undo(slices.unit, CASE, chance.version, "sun")
    with pytest.raises(StaleVersion):
        await undo(slices.unit, CASE, chance.version - 1, "li")
    first = await undo(slices.unit, CASE, chance.version, "li")
    assert first == await undo(slices.unit, CASE, chance.version, "li")
    assert 1 == len(await slices.carry()) - 2
    await moved(slices)
    slices.unit.now += timedelta(minutes=10)
    assert await find_chance(slices.unit, code, "li") is None


async def test_the_page_says_that_it_was_taken_back(slices: Slices) -> None:
    """Behind the decision there is the button, and beside the request, once it waits again, why it does."""
    await dispatched(slices)
    await acted(slices, EXTENSION[0], **EXTENSION[1])
    await decided(slices, ReviewKind.EXTENSION, accept=True)
    call = Call(
        principal=Principal(role=Role.DISPATCHER, name="li"), language=Language.ZH, path={"case_id": CASE},
        headers={}, address="127.0.0.1", unit_or_none=slices.unit, form={}, query=None,
    )  # fmt: skip
    assert 'value="undo"' in html_of(await pages.show_case(call, city=CITY), Language.ZH)

    await taken_back(slices)

    shown = html_of(await pages.show_case(call, city=CITY), Language.ZH)
    assert "刚才的决定已撤销" in shown
    assert 'value="undo"' not in shown


async def test_the_citizen_reads_both(slices: Slices) -> None:
    """What was decided and that it was taken back; of a refusal between department and dispatcher nothing."""
    await dispatched(slices)
    await acted(slices, EXTENSION[0], **EXTENSION[1])
    await decided(slices, ReviewKind.EXTENSION, accept=True)
    await taken_back(slices)
    await decided(slices, ReviewKind.EXTENSION, accept=False)
    await taken_back(slices)
    await moved(slices)
    await taken_back(slices)

    view = await view_of(slices)
    told = [line.event for line in view.timeline]
    assert (1, 1, 1) == tuple(told.count(each) for each in ("extended", "verdict_undone", "move_undone"))
    for language in Language:
        case_view(view, language, now=slices.unit.now, city=CITY, zone=CITY.zone)
