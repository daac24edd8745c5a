"""An emergency that nobody has stands at the queue's head; danger told elsewhere is listed until a dispatcher has looked."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

import routing.web.pages
import routing.web.queries
from deploy.audit.answers import UNSAID, BesideLog, otherwise_shown
from handlers.core.rules import Action
from intake.steps import act_on_case as citizen
from intake.steps.say_again import say_registered_again
from routing.core.decisions.review import Decision
from routing.steps.decide import decide
from routing.steps.read_queue import read_queue, read_unseen_dangers
from routing.steps.say_again import say_waiting_again
from routing.steps.undo import undo
from routing.store import items, said_since
from routing.store.told import of_cases
from schemas.http import Redirect
from schemas.values import DangerLook
from schemas.words import CaseState, Language, ReviewKind
from tests.conftest import RecordingUnit
from tests.integration.routing.cases import new_case_id
from tests.integration.routing.test_queue import call_of, html_of, open_cases
from tests.integration.sla.test_watched_words import Watch
from tests.integration.test_danger_said import BURIED, HINTED, PLAIN, UNCLEAR, Told
from tests.integration.test_growth import AsPlannedOnce
from tests.integration.test_promise_across_slices import CASE, CITY, MESSAGE, act, decided
from tests.unit.intake.messages import KEYS


@pytest.fixture
def slices(unit: RecordingUnit) -> Told:
    """All four."""
    return Told(unit)


async def _heads(slices: Told) -> list[tuple[str, ReviewKind]]:
    """What stands at the head of the queue, as its first pages have it."""
    page = await read_queue(slices.unit, None, None, 1)
    rows = [*page.rows, *(await read_queue(slices.unit, None, page.next_after, 50)).rows]
    assert [row.is_emergency for row in rows] == sorted([row.is_emergency for row in rows], reverse=True)
    return [(row.case.case_id, row.item.kind) for row in rows if row.is_emergency]


async def test_an_emergency_that_is_withheld_stands_at_the_queues_head(slices: Told) -> None:
    """Nobody has it any more: before whatever has waited for longer, and once it was dispatched no more."""
    await slices.submit(UNCLEAR)
    await slices.submit(MESSAGE)
    await act(slices, Action.SIGN)
    await slices.add(BURIED)
    assert [] == await _heads(slices)
    slices.unit.now += timedelta(minutes=1)
    await slices.add("交通局路政大队收钱放行超载车。")

    assert [(CASE, ReviewKind.DISPATCH)] == await _heads(slices)
    await decided(slices, ReviewKind.DISPATCH, lead="letters")
    assert [] == await _heads(slices)


async def test_an_emergency_that_is_given_back_stands_at_the_queues_head(slices: Told) -> None:
    """Its department says that it is another's; what it asks for while it has the case waits its turn."""
    await slices.submit(UNCLEAR)
    await slices.submit(MESSAGE)
    await slices.add(BURIED)
    await act(slices, Action.RETURN, reason="不属本单位", basis="三定方案")

    assert [(CASE, ReviewKind.RETURN)] == await _heads(slices)
    await decided(slices, ReviewKind.RETURN, accept=False, remarks="属于")
    assert [] == await _heads(slices)


async def _unseen(slices: Told) -> list[str]:
    """Which cases the queue's page lists."""
    query = routing.web.queries.QueueQuery()
    page = await routing.web.pages.show_queue(call_of(slices.unit, query=query), city=CITY)
    listed = [one["case"].case_id for one in page.context["unseen"]]  # type: ignore[attr-defined]  # rows
    assert bool(listed) is ('id="unseen"' in html_of(page, Language.ZH))
    return listed


async def _look(slices: Told, seen: int) -> None:
    form = {"action": "seen", "dangers_seen": f"{seen}"}
    told = await routing.web.pages.decide_on_page(call_of(slices.unit, CASE, form), city=CITY)
    assert isinstance(told, Redirect)


@pytest.mark.parametrize("text", [BURIED, HINTED])
async def test_what_a_department_has_is_listed_until_somebody_has_looked(slices: Told, text: str) -> None:
    """An hour later it stands above the queue; whoever had not read the last of it has not looked; another is listed."""
    await slices.submit(MESSAGE)
    await act(slices, Action.SIGN)
    await slices.add(PLAIN)
    assert [] == await _unseen(slices)
    await slices.add(text)
    slices.unit.now += timedelta(hours=1)
    assert [CASE] == await _unseen(slices)
    html = html_of(await routing.web.pages.show_case(call_of(slices.unit, CASE), city=CITY), Language.ZH)
    assert "还没有派单员看过" in html
    assert 'name="dangers_seen" value="1"' in html
    await _look(slices, 0)
    assert [CASE] == await _unseen(slices)
    await _look(slices, 1)
    assert [] == await _unseen(slices)
    await slices.add("现在着火了，楼道都是浓烟")
    await _look(slices, 1)
    assert [CASE] == await _unseen(slices)
    _, altogether = await read_unseen_dangers(slices.unit)
    assert 1 == altogether


async def test_who_has_looked_is_kept_and_shown(slices: Told) -> None:
    """Who, when, and at how many, to dispatchers and supervisors; a look that saw less is none; none takes another away."""
    await slices.submit(MESSAGE)
    await act(slices, Action.SIGN)
    await slices.add(BURIED)
    first = slices.unit.now = slices.unit.now + timedelta(minutes=7)
    await _look(slices, 0)
    assert [] == await said_since.looks(slices.unit.db, CASE)
    await _look(slices, 1)
    slices.unit.now += timedelta(minutes=1)
    await _look(slices, 1)
    await slices.add("现在着火了，楼道都是浓烟")
    version = await slices.unit.db.fetchval("SELECT version FROM handlers.case WHERE case_id = $1", CASE)
    moved = Decision(version=version, lead="water", remarks="职责在该单位", dangers_seen=2)
    await decide(slices.unit, CITY, CASE, moved, "wu")
    await slices.carry()

    looks = [
        DangerLook(at=first, by="dispatcher", dangers=1),
        DangerLook(at=first + timedelta(minutes=1), by="wu", dangers=2),
    ]
    assert looks == await said_since.looks(slices.unit.db, CASE)
    page = html_of(await routing.web.pages.show_case(call_of(slices.unit, CASE), city=CITY), Language.ZH)
    for html in (page, await Watch(slices).page("/watch/cases/{case_id}", CASE)):
        assert first.isoformat() in html
        assert "到第 1 次为止" in html
        assert "wu" in html
    told = (await of_cases(slices.unit.db, [CASE]))[CASE]
    beside = BesideLog(told=told)
    assert otherwise_shown(None, beside, [slices.unit.seal], {}) is None
    forged = [(replace(each, by="wang"), seal) for each, seal in told]
    broken = otherwise_shown(None, BesideLog(told=forged), [slices.unit.seal], {})
    assert broken is not None
    assert UNSAID == broken.why


async def _dispatch(slices: Told) -> tuple[Any, ...]:
    """Whoever must choose a department: since when, by when, and under which rule."""
    row = await slices.unit.db.fetchrow(
        "SELECT started_at, due_at, near_at, rule, state FROM sla.clock WHERE case_id = $1 AND clock = 'dispatch'",
        UNCLEAR.codes.case_id,
    )
    return tuple(row)


@pytest.mark.parametrize("is_taken_back", [False, True])
async def test_nobody_is_late_for_danger_that_was_not_told_yet(slices: Told, is_taken_back: bool) -> None:
    """An hour after its registration a case becomes an emergency: whoever must choose has an emergency's time from then on,
    also where their choice is taken back, and where the clocks were lost and it is said again.
    """
    db: Any = slices.unit.db
    code, case_id = UNCLEAR.codes.tracking_code, UNCLEAR.codes.case_id
    await slices.submit(UNCLEAR)
    slices.unit.now += timedelta(hours=1)
    await slices.add(BURIED, code)
    told = slices.unit.now
    slices.unit.now += timedelta(minutes=5)
    await slices.add("现在着火了，楼道都是浓烟", code)
    if is_taken_back:
        (item,) = await items.waiting(db, case_id)
        done = await decide(
            slices.unit, CITY, case_id, Decision(version=item.version, lead="transport"), "li"
        )
        await slices.carry()
        await undo(slices.unit, case_id, done.version, "li")
        await slices.carry()
    since, due, near, rule, state = lived = await _dispatch(slices)

    assert (told, told + timedelta(minutes=15), told + timedelta(minutes=10)) == (since, due, near)
    assert ("emergency", "running") == (rule.partition("@")[0], state)
    for table in ("clock", "history", '"case"'):
        await db.execute(f"DELETE FROM sla.{table}")  # noqa: S608  one of ours
    await say_registered_again(slices.unit, [case_id], keys=KEYS)
    await say_waiting_again(slices.unit, [case_id])
    await slices.carry()
    assert lived == await _dispatch(slices)


async def test_danger_in_a_closed_case_is_listed(slices: Told) -> None:
    """No department has it, so that nobody else would look."""
    await slices.submit(MESSAGE)
    await act(slices, Action.SIGN)
    await act(slices, Action.REPLY, note="已办", response="班次已调整。")
    await decided(slices, ReviewKind.REPLY, accept=True)
    await citizen.rate(slices.unit, KEYS, await slices.view(), score=1, comment=BURIED)
    await slices.carry()

    assert [CASE] == await _unseen(slices)


@pytest.mark.parametrize(("seen", "listed"), [(1, False), (0, True), (None, True)])
async def test_whoever_decides_has_looked_at_what_they_read(
    slices: Told, seen: int | None, listed: bool
) -> None:
    """While it waits it stands in the queue; a system that does not say what it read has not looked."""
    await slices.submit(UNCLEAR)
    code, case_id = UNCLEAR.codes.tracking_code, UNCLEAR.codes.case_id
    await slices.add(BURIED, code)
    assert [] == await _unseen(slices)
    (item,) = await items.waiting(slices.unit.db, case_id)
    decision = Decision(version=item.version, lead="transport", dangers_seen=seen)
    await decide(slices.unit, CITY, case_id, decision, "li")

    assert ([case_id] if listed else []) == await _unseen(slices)


async def test_a_long_queue_is_not_read_to_its_end_for_emergencies(unit: RecordingUnit) -> None:
    """By the one plan that is made for all values: where none waits, thousands do."""
    await open_cases(unit, 1)
    await unit.db.execute(
        """
        INSERT INTO routing.case (case_id, tracking_code, channel, received_at, kind, urgency, category, lead, title, text,
            has_contact, confidential, publish, version, state, probability)
        SELECT gen_random_uuid(), 'T' || g, channel, received_at, kind,
            CASE WHEN g % 100 = 0 THEN 'emergency' ELSE urgency END, category, lead, title, text, false, false, false, 2,
            CASE WHEN g % 2 = 0 THEN 'routed' ELSE 'open' END, 0
        FROM routing.case, generate_series(1, 8000) AS g
        """
    )
    await unit.db.execute(
        """INSERT INTO routing.review_item (case_id, kind, version, opened_at)
        SELECT case_id, 'dispatch', 2, received_at FROM routing.case WHERE tracking_code LIKE 'T%' AND state = 'open'"""
    )
    await unit.db.execute("ANALYZE routing.case, routing.review_item")
    touched: Any = AsPlannedOnce(unit.db)
    rows = await items.queue(touched, None, None, 25, without=[new_case_id()])

    assert 25 == len(rows)
    assert touched.pages < 1000


async def _reply_clock(slices: Told) -> tuple[str, float]:
    """Its state, and how many hours it has left."""
    row = await slices.unit.db.fetchrow(
        "SELECT state, due_at FROM sla.clock WHERE case_id = $1 AND clock = 'reply'", CASE
    )
    assert row is not None
    return row["state"], (row["due_at"] - slices.unit.now).total_seconds() / 3600


@pytest.mark.parametrize(("text", "is_danger"), [(BURIED, True), (HINTED, False), (PLAIN, False)])
async def test_no_emergency_waits_for_something_outside(slices: Told, text: str, is_danger: bool) -> None:
    """A pause ends with words of danger, and its two hours run; what only sounds like it, and other words, leave it."""
    await slices.submit(MESSAGE)
    await act(slices, Action.SIGN)
    until = f"{slices.unit.now + timedelta(days=9):%Y-%m-%d}"
    await act(slices, Action.SUSPEND, reason="等待厂家排产", basis="合同约定工期", until=until)
    await decided(slices, ReviewKind.SUSPENSION, accept=True)
    assert "paused" == (await _reply_clock(slices))[0]
    await slices.add(text)

    state, hours = await _reply_clock(slices)
    assert is_danger is (state == "running")
    assert is_danger is (hours == 2)
    assert (CaseState.IN_PROGRESS if is_danger else CaseState.SUSPENDED) == (await slices.view()).state


async def test_no_emergency_waits_for_an_answer(slices: Told) -> None:
    """What its citizen adds while a question waits is the answer where it tells of danger."""
    await slices.submit(MESSAGE)
    await act(slices, Action.SIGN)
    until = f"{slices.unit.now + timedelta(days=3):%Y-%m-%d}"
    await act(slices, Action.ASK, text="请问是哪一站？", until=until)
    await slices.add(PLAIN)
    assert "paused" == (await _reply_clock(slices))[0]
    await slices.add(BURIED)

    assert ("running", 2) == await _reply_clock(slices)
    assert ("emergency", "emergency") == await slices.pressing()
