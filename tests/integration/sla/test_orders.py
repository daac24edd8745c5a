"""Orders of supervisors (督办): asked with a day, reported on at the desk, accepted or asked again; many at once."""

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from deploy.web.site.render import renderer_of
from handlers.core.actions.report_back import Report
from handlers.core.rules import Action
from handlers.steps import act_on_case as at_desk
from handlers.steps.read_cases import read_case
from routing.core.decisions.review import Decision
from routing.steps.decide import decide
from routing.steps.read_matters import KeptMatters
from schemas.errors import ActionNotAllowed, BadInput, NotFound
from schemas.events.sla import CaseUrged, DeadlineMissed
from schemas.http import Call, Principal
from schemas.ids import CaseId
from schemas.words import CaseField, Clock, Language, Role
from sla.steps.sweep import sweep
from sla.steps.urge import follow_up, urge, urge_once
from sla.steps.urge_many import urge_many
from sla.store import supervision
from sla.web import orders
from sla.web.views import WatchQuery
from tests.conftest import RecordingUnit
from tests.integration.sla.ordering import (
    ANOTHER,
    ASKS,
    BY,
    CASE,
    CITY,
    LEAD,
    OTHER,
    SAID,
    accuse_case,
    act,
    clock_of,
    order,
    orders_of,
    report,
    signed_case,
)
from tests.integration.slices import Slices
from tests.unit.intake.messages import draft, message


@pytest.fixture
async def slices(unit: RecordingUnit) -> Slices:
    """A case that its department has signed for."""
    return await signed_case(unit)


async def test_the_department_is_asked_with_a_day(slices: Slices) -> None:
    """At its desk and on its topic: what, and until when; its clock runs until the end of that day in the city."""
    day = (slices.unit.now + timedelta(days=7)).date()
    slices.unit.emitted_to.clear()
    event = await order(slices, day=day)
    case = await read_case(slices.unit, LEAD, CASE)
    clock = await clock_of(slices, Clock.REPORT_BACK)

    assert event.until is not None
    assert (day, 0) == ((event.until + timedelta(hours=8)).date() - timedelta(days=1), event.until.minute)
    assert case.order is not None
    assert (1, ASKS, event.until, None) == (
        case.order.number, case.order.text, case.order.until, case.order.reported_at
    )  # fmt: skip
    assert ("running", LEAD, event.until) == (clock["state"], clock["department"], clock["due_at"])
    assert Action.REPORT_BACK in case.allowed_actions
    assert [(LEAD, event)] == [told for told in slices.unit.emitted_to if isinstance(told[1], CaseUrged)]


async def test_without_a_day_the_rules_say_when(slices: Slices) -> None:
    """And the deadline that is told is the one that its clock keeps."""
    event = await order(slices)

    assert event.until == (await clock_of(slices, Clock.REPORT_BACK))["due_at"]


async def test_the_report_is_read_and_accepted(slices: Slices) -> None:
    """It stops the department's clock and gives the supervisor time; accepting it stops the supervisor's."""
    await order(slices)
    slices.unit.now += timedelta(days=1)
    await report(slices)
    reported, read = await clock_of(slices, Clock.REPORT_BACK), await clock_of(slices, Clock.SUPERVISION)

    assert ["stopped", "running"] == [reported["state"], read["state"]]
    assert slices.unit.now == read["started_at"]
    assert [(1, "reported")] == await orders_of(slices)
    await follow_up(slices.unit, CASE, **BY)
    await slices.carry()
    assert [(1, "accepted")] == await orders_of(slices)
    told = await read_case(slices.unit, LEAD, CASE)
    assert told.order is not None
    assert slices.unit.now == told.order.accepted_at
    assert ("order.accepted", {}) == (told.timeline[-1].event, told.timeline[-1].detail)
    assert "stopped" == (await clock_of(slices, Clock.SUPERVISION))["state"]


async def test_the_supervisor_asks_again(slices: Slices) -> None:
    """Another order, with a clock anew; the first keeps its report, and the department reports once more."""
    await order(slices)
    await report(slices, "正在研究")
    await order(slices, "请给出明确时间")
    case = await read_case(slices.unit, LEAD, CASE)

    assert case.order is not None
    assert (2, "请给出明确时间") == (case.order.number, case.order.text)
    assert "running" == (await clock_of(slices, Clock.REPORT_BACK))["state"]
    await report(slices, "下月一日起改")
    assert [(1, "again"), (2, "reported")] == await orders_of(slices)
    assert ["正在研究", "下月一日起改"] == [
        each.report for each in await supervision.orders_of(slices.unit.db, CASE)
    ]


async def test_a_report_that_does_not_come_is_late(slices: Slices) -> None:
    """Like every deadline of the department: told, and escalated."""
    await order(slices)
    slices.unit.now += timedelta(days=30)
    missed = []
    while await sweep(slices.unit, rules=BY["rules"], calendar=BY["calendar"]):
        missed += [event for event in await slices.carry() if isinstance(event, DeadlineMissed)]

    assert LEAD == next(event.department for event in missed if event.clock == Clock.REPORT_BACK)


async def test_nobody_else_reports(slices: Slices) -> None:
    """No other department, nobody whom nothing was asked, and nobody twice."""
    case = await read_case(slices.unit, LEAD, CASE)
    with pytest.raises(ActionNotAllowed):
        await act(slices, Action.REPORT_BACK, Report(version=case.version, text="已办"))
    await order(slices)
    with pytest.raises(NotFound):
        await act(slices, Action.REPORT_BACK, Report(version=case.version, text="已办"), OTHER)
    await report(slices)
    with pytest.raises(ActionNotAllowed):
        await report(slices)


async def test_an_order_goes_with_the_case(slices: Slices) -> None:
    """Who is given it answers for it, in the time that was set."""
    event = await order(slices)
    case = await read_case(slices.unit, LEAD, CASE)
    slices.unit.now += timedelta(hours=1)
    moved = Decision(version=case.version, category="other", lead=OTHER, remarks="职责在该单位")
    await decide(slices.unit, CITY, CASE, moved, "li")
    await slices.carry()
    now = await read_case(slices.unit, OTHER, CASE)

    assert now.order is not None
    assert (event.until, OTHER) == (
        now.order.until,
        (await clock_of(slices, Clock.REPORT_BACK))["department"],
    )
    await act(slices, Action.REPORT_BACK, Report(version=now.version, text="已接手"), OTHER)
    assert [(1, "reported")] == await orders_of(slices)


async def test_a_report_that_crosses_another_order_ends_only_its_own(slices: Slices) -> None:
    """The department reported on the first while the supervisor asked again: the second waits on, with its clock."""
    await order(slices)
    case = await read_case(slices.unit, LEAD, CASE)
    who = Principal(role=Role.DEPARTMENT, name="wang", department=LEAD)
    await at_desk.act(
        slices.unit, who, CASE, Action.REPORT_BACK, Report(version=case.version, text="正在办"), CITY
    )
    crossing = slices.unit.emitted.pop()
    await order(slices, "请给出明确时间")
    slices.unit.emitted.append(crossing)
    await slices.carry()

    assert [(1, "again"), (2, "open")] == await orders_of(slices)
    assert "running" == (await clock_of(slices, Clock.REPORT_BACK))["state"]
    await report(slices, "下月一日起改")
    assert [(1, "again"), (2, "reported")] == await orders_of(slices)


async def test_a_second_press_gives_no_second_order(slices: Slices) -> None:
    """The same person, at once; a minute later it is another."""
    once = partial(
        urge_once, slices.unit, CASE, note=ASKS, supervised=True, day=None, within=timedelta(seconds=10), **BY
    )
    assert [True, False] == [await once() is not None for _ in range(2)]
    slices.unit.now += timedelta(minutes=1)
    assert await once() is not None
    await slices.carry()

    assert [(1, "again"), (2, "open")] == await orders_of(slices)


async def test_a_report_is_heard_whatever_is_newer(slices: Slices) -> None:
    """A decision that was heard first does not lose it."""
    await order(slices)
    await slices.unit.db.execute(
        'UPDATE sla."case" SET state_version = 99, version = 99 WHERE case_id = $1', CASE
    )
    await report(slices)

    assert [(1, "reported")] == await orders_of(slices)
    assert "stopped" == (await clock_of(slices, Clock.REPORT_BACK))["state"]


async def test_the_accused_read_no_order(slices: Slices) -> None:
    """Whoever lost the case to an accusation hears of no order about it, on no page and on no topic."""
    await accuse_case(slices)
    slices.unit.emitted_to.clear()
    event = await order(slices)

    assert (0, None) == (event.order, event.until)
    assert [] == slices.unit.emitted_to
    with pytest.raises(NotFound):
        await read_case(slices.unit, LEAD, CASE)


@pytest.mark.parametrize("days", [-1, 91])
async def test_a_day_that_cannot_be(slices: Slices, days: int) -> None:
    """Past, or further ahead than anybody supervises: nothing is written."""
    with pytest.raises(BadInput):
        await order(slices, day=(slices.unit.now + timedelta(days=days)).date())

    assert [] == await orders_of(slices)
    assert not await slices.unit.db.fetchval('SELECT supervised FROM sla."case" WHERE case_id = $1', CASE)


async def test_many_at_once_each_named(slices: Slices) -> None:
    """What can be done is done, what cannot is told with its reason; a second press does nothing twice."""
    await slices.submit(ANOTHER)
    await slices.unit.db.execute(
        'UPDATE sla."case" SET closed_at = now() WHERE case_id = $1', ANOTHER.codes.case_id
    )
    unknown = CaseId("0198b2c4-0000-7000-8000-00000000000b")
    for _ in range(2):
        told = await urge_many(
            slices.unit, [unknown, CASE, ANOTHER.codes.case_id], note=ASKS, supervised=True, day=None, **BY
        )
        await slices.carry()
        outcomes = {each.case_id: type(each.refusal) for each in told}
        assert {CASE: type(None), ANOTHER.codes.case_id: ActionNotAllowed, unknown: NotFound} == outcomes

    assert [(1, "open")] == await orders_of(slices)


async def test_other_words_are_another_order(slices: Slices) -> None:
    """Within the ten minutes in which the same is told once: other words, or another day, are not swallowed."""
    day = (slices.unit.now + timedelta(days=7)).date()
    same = partial(urge_many, slices.unit, [CASE], supervised=True, **BY)
    said = [(ASKS, None), (ASKS, None), ("请给出明确时间", None), (ASKS, day), (ASKS, day)]
    repeats = [(await same(note=note, day=by))[0].is_repeat for note, by in said]
    await slices.carry()

    assert [False, True, False, False, True] == repeats
    assert [(1, "again"), (2, "again"), (3, "open")] == await orders_of(slices)


@pytest.mark.parametrize(
    ("language", "words"), [(Language.ZH, "刚刚已完成"), (Language.EN, "Already done just now")]
)
async def test_what_is_skipped_is_said(slices: Slices, language: Language, words: str) -> None:
    """The page of a second press does not say that it has just been done once more."""
    form = {"case": CASE, "what": "urge", "note": ASKS, "step": "send"}
    pages = [await _many(slices, **form) for _ in range(2)]
    render = partial(
        renderer_of(CITY).render, language=language, principal=Principal(role=Role.SUPERVISOR), csrf_token="t",
        path="/watch/many",
    )  # fmt: skip

    assert [False, True] == [words in render(page) for page in pages]


async def _many(slices: Slices, **form: str) -> Any:
    call = Call(
        principal=Principal(role=Role.SUPERVISOR, name="sun"), language=Language.ZH, path={}, headers={},
        address="10.0.0.1", query=WatchQuery(), form=form, unit_or_none=slices.unit,
    )  # fmt: skip
    return await orders.act_on_many(call, rules=BY["rules"], calendar=BY["calendar"])


async def test_many_are_confirmed_first(slices: Slices) -> None:
    """The first press shows what will be done; nothing is done before the second."""
    asked = await _many(slices, case=f"{CASE},{CASE}", what="supervise")
    assert ({CASE: SAID.codes.tracking_code}, []) == (asked.context["codes"], await orders_of(slices))

    done = await _many(slices, case=CASE, what="supervise", step="send", note=ASKS)
    assert [""] == [refused for _, refused in done.context["told"]]
    assert [(1, "open")] == await orders_of(slices)


@pytest.mark.parametrize(
    "case", ["", "nonsense", ",".join([f"0198b2c4-0000-7000-8000-{n:012}" for n in range(101)])]
)
async def test_what_is_no_choice_is_refused(slices: Slices, case: str) -> None:
    """None, no case's id, or more than anybody looks at."""
    assert 422 == (await _many(slices, case=case, what="urge")).status


async def test_a_list_tells_what_is_asked_of_private_cases_to_nobody(slices: Slices) -> None:
    """Their codes and their time; the words stand on their own pages. Of others all of it, with a row of who saw it."""
    private = message(
        draft("公交车末班车太早", "请延长运营时间，希望公交线路多发车。", confidential=True),
        entropy=b"c" * 32,
    )
    await slices.submit(private)
    secret = private.codes.case_id
    await slices.unit.db.execute(
        'UPDATE sla."case" SET lead = COALESCE(lead, $2) WHERE case_id = $1', secret, LEAD
    )
    await order(slices)
    await urge(slices.unit, secret, note="请保密办理", supervised=True, **BY)
    call = Call(
        principal=Principal(role=Role.SUPERVISOR, name="sun"), language=Language.ZH, path={}, headers={},
        address="10.0.0.1", query=orders.OrderQuery(), unit_or_none=slices.unit,
    )  # fmt: skip
    found = await orders.list_orders(call, matters=KeptMatters())

    assert {(CASE, ASKS), (secret, "")} == {(item.case_id, item.text) for item in found.items}
    assert {CASE: {CaseField.NOTE: None}} == call.shown


async def test_many_by_api_as_on_the_page(slices: Slices) -> None:
    """Each by itself: done, done just before, or refused with the reason; protected ones as any other, without a word."""
    unknown = CaseId("0198b2c4-0000-7000-8000-00000000000b")
    body = orders.ManyBody(cases=[CASE, unknown, CASE], what="supervise", note=ASKS)
    said = []
    for _ in range(2):
        call = Call(
            principal=Principal(role=Role.SUPERVISOR, name="sun"), language=Language.EN, path={}, headers={},
            address="10.0.0.1", body=body, unit_or_none=slices.unit,
        )  # fmt: skip
        found = await orders.act_on_each(call, rules=BY["rules"], calendar=BY["calendar"])
        said.append({each.case_id: (each.done, each.is_repeat, bool(each.refused)) for each in found.items})

    assert [{CASE: (True, again, False), unknown: (False, False, True)} for again in (False, True)] == said
    assert [(1, "open")] == await orders_of(slices)


@pytest.mark.parametrize("cases", [["nonsense"], [CASE, "1"]])
async def test_what_is_no_case_does_nothing(slices: Slices, cases: list[str]) -> None:
    """Not to those beside it, either."""
    call = Call(
        principal=Principal(role=Role.SUPERVISOR, name="sun"), language=Language.EN, path={}, headers={},
        address="10.0.0.1", body=orders.ManyBody(cases=cases, what="urge"), unit_or_none=slices.unit,
    )  # fmt: skip
    with pytest.raises(BadInput):
        await orders.act_on_each(call, rules=BY["rules"], calendar=BY["calendar"])

    assert 0 == await slices.unit.db.fetchval('SELECT urged FROM sla."case" WHERE case_id = $1', CASE)
