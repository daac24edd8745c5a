"""A supporting department's part, from the lead's desk to its own and back, with a clock of its own: on Postgres."""

from datetime import datetime, timedelta
from typing import Any

import pytest

import handlers.web.pages
import routing.web.pages
from handlers.core.rules import Action
from handlers.core.views import DeskQuery
from handlers.steps import read_cases
from handlers.steps.say_again import say_assigned_again
from handlers.web import desk_list
from intake.steps import act_on_case as citizen
from routing.core.decisions.review import Decision
from routing.steps.decide import decide
from schemas.city import load_city
from schemas.errors import NotFound
from schemas.events.parts import PartAsked, PartWithdrawn
from schemas.events.sla import DeadlineMissed
from schemas.http import Principal, read
from schemas.ids import DepartmentCode
from schemas.words import CaseField, Clock, Language, ReviewKind, Role
from sla.core.calendar import named_calendar
from sla.core.rules import load_rules
from sla.steps.sweep import sweep
from tests.conftest import RecordingUnit
from tests.integration.slices import Slices
from tests.integration.test_promise_across_slices import (
    CASE,
    MESSAGE,
    TRANSPORT,
    WANG,
    act,
    call,
    decided,
    desk_page,
    html_of,
    view,
)
from tests.unit.intake.messages import KEYS

CITY = load_city()
WATER, MARKET = DepartmentCode("water"), DepartmentCode("market")
ZHAO = Principal(role=Role.DEPARTMENT, name="zhao", department=WATER)
FACTS = "站点下的管线需要先迁改。"


@pytest.fixture
def slices(unit: RecordingUnit) -> Slices:
    """All four."""
    return Slices(unit, CITY)


async def _asked(slices: Slices, **fields: Any) -> None:
    """Transport leads, and asks the waterworks."""
    await slices.submit(MESSAGE)
    await act(slices, Action.SIGN)
    await act(slices, Action.CO_HANDLE, departments=[WATER, MARKET], reason="涉及管线")
    await act(slices, Action.ASK_PART, departments=[WATER], text="请核实站点下的管线", **fields)


async def _clock(slices: Slices) -> Any:
    return await slices.unit.db.fetchrow("SELECT * FROM sla.clock WHERE clock = 'part.water'")


async def _desk(slices: Slices, who: Principal, language: Language = Language.ZH) -> str:
    query = read(handlers.web.pages._CaseQuery, {})
    page = await handlers.web.pages.show_case(call(slices, who, language, query=query), desk=desk_page())
    return html_of(page, who, language)


@pytest.mark.parametrize("language", Language)
async def test_a_part_goes_there_and_back(slices: Slices, language: Language) -> None:
    """Asked for on the lead's page, done on theirs, read beside the form of the reply; nobody else has the form."""
    await _asked(slices)
    told = [event for to, event in slices.unit.emitted_to if to == WATER and isinstance(event, PartAsked)]
    assert ["请核实站点下的管线"] == [event.text for event in told]
    clock = await _clock(slices)
    assert ("running", WATER, "supporting") == (clock["state"], clock["department"], clock["owner"])
    theirs = await _desk(slices, ZHAO, language)
    assert f'action="/desk/{CASE}/part"' in theirs
    assert "请核实站点下的管线" in theirs
    for other in (WANG, Principal(role=Role.DEPARTMENT, name="sun", department=MARKET)):
        assert f'action="/desk/{CASE}/part"' not in await _desk(slices, other, language)

    await act(slices, Action.PART, ZHAO, text=FACTS)

    assert "stopped" == (await _clock(slices))["state"]
    html = await _desk(slices, WANG, language)
    parts = html.split('id="parts"')[1].split("</section>")[0]
    assert FACTS in parts
    assert language.choose("已提交", "handed in") in parts
    assert html.index('id="parts"') < html.index(f'action="/desk/{CASE}/reply"')
    assert f'action="/desk/{CASE}/part"' not in await _desk(slices, ZHAO, language)


async def test_a_part_asked_for_by_a_day_lasts_its_whole_day(slices: Slices) -> None:
    """And is shown so, to both: midnight is the end of the day that was named, never the beginning of the next."""
    await _asked(slices, until="2026-11-25")

    for who in (WANG, ZHAO):
        parts = (await _desk(slices, who)).split('id="parts"')[1].split("</section>")[0]
        assert "最晚 2026-11-25 24:00" in parts


@pytest.mark.parametrize("language", Language)
async def test_who_approves_reads_what_each_department_wrote(slices: Slices, language: Language) -> None:
    """Beside the reply that waits, with what lapsed; before it waits nothing of it, and the look is kept."""
    await _asked(slices)
    await act(slices, Action.PART, ZHAO, text=FACTS)
    await act(slices, Action.ASK_PART, departments=[MARKET], text="请查许可")
    li = Principal(role=Role.DISPATCHER, name="li")

    async def shown() -> str:
        asked = call(slices, li, language)
        page = await routing.web.pages.show_case(asked, city=CITY, parts=read_cases.KeptParts())
        looks.append(CaseField.NOTE in asked.shown[CASE])
        return html_of(page, li, language)

    looks: list[bool] = []
    assert FACTS not in await shown()
    await act(slices, Action.REPLY, note="已办", response="班次已调整，请知悉。")
    html = await shown()
    parts = html.split('id="parts"')[1].split("</section>")[0]

    assert [False, True] == looks
    assert [each for each in ("请核实站点下的管线", FACTS, "请查许可") if each in parts] == [
        "请核实站点下的管线", FACTS, "请查许可"
    ]  # fmt: skip
    assert CITY.department[WATER].name(language) in parts
    assert language.choose("没有提交，已失效", "not contributed, lapsed") in parts
    assert html.index('id="parts"') < html.index('id="reply-yes"')


@pytest.mark.parametrize("language", Language)
async def test_the_list_says_what_is_asked_of_whom(slices: Slices, language: Language) -> None:
    """Among all that it supports a department finds what waits for it, and by when; the others read nothing of that."""
    await _asked(slices, until="2026-11-25")

    async def listed(who: Principal) -> str:
        query = read(DeskQuery, {})
        page = await desk_list.show_list(call(slices, who, language, query=query), zone=CITY.zone)
        return html_of(page, who, language)

    asked = language.choose("协办事项最晚 2026-11-25 24:00", "Part due by 2026-11-25 24:00")
    for who in (WANG, Principal(role=Role.DEPARTMENT, name="sun", department=MARKET)):
        assert asked not in await listed(who)
    assert asked in await listed(ZHAO)
    await act(slices, Action.PART, ZHAO, text=FACTS)
    assert asked not in await listed(ZHAO)


@pytest.mark.parametrize("language", Language)
async def test_who_replies_reads_whose_part_ends_with_it(slices: Slices, language: Language) -> None:
    """In the preview, before it is sent: what was asked for is asked for no more."""
    await _asked(slices)
    version = (await read_cases.read_case(slices.unit, TRANSPORT, CASE)).version
    form = {"version": str(version), "note": "已到现场", "response": "您好，站点已移好。", "step": "preview"}
    page = await handlers.web.pages.reply(call(slices, WANG, language, form=form), desk=desk_page())

    undone = html_of(page, WANG, language).split('id="undone"')[1].split("</div>")[0]
    assert undone.endswith(CITY.department[WATER].name(language))


async def test_a_late_part_is_its_own_departments(slices: Slices) -> None:
    """The lead's deadline does not move, and the breach is not the lead's; done later it stays one."""
    await _asked(slices)
    before = await slices.unit.db.fetchval("SELECT due_at FROM sla.clock WHERE clock = 'reply'")
    due = (await _clock(slices))["due_at"]
    slices.unit.now = due + timedelta(minutes=1)
    said: list[Any] = []
    while await sweep(slices.unit, rules=load_rules(), calendar=named_calendar("china")):
        said += await slices.carry()
    await act(slices, Action.PART, ZHAO, text=FACTS)

    missed = [(event.clock, event.department) for event in said if isinstance(event, DeadlineMissed)]
    assert (Clock("part.water"), WATER) in missed
    assert TRANSPORT not in [department for clock, department in missed if clock.kind == "part"]
    assert due == (await _clock(slices))["missed_at"]
    assert before == await slices.unit.db.fetchval("SELECT due_at FROM sla.clock WHERE clock = 'reply'")
    case = await read_cases.read_case(slices.unit, TRANSPORT, CASE)
    assert not case.overdue


@pytest.mark.parametrize("how", ["withdrawn", "replied"])
async def test_what_is_needed_no_more_is_nobodys_time(slices: Slices, how: str) -> None:
    """Withdrawn, or the lead has answered: the clock stops, and who was asked is told."""
    await _asked(slices)
    if how == "withdrawn":
        await act(slices, Action.WITHDRAW_PART, departments=[WATER], reason="已查清")
        told = [
            event for to, event in slices.unit.emitted_to if to == WATER and isinstance(event, PartWithdrawn)
        ]
        assert ["已查清"] == [event.reason for event in told]
    else:
        await act(slices, Action.REPLY, note="已办", response="班次已调整，请知悉。")

    clock = await _clock(slices)
    assert ("stopped", None) == (clock["state"], clock["missed_at"])
    assert f'action="/desk/{CASE}/part"' not in await _desk(slices, ZHAO)


async def test_the_next_lead_reads_what_was_contributed(slices: Slices) -> None:
    """Moved to another department: what was done stays with the case, what was awaited is asked for no more."""
    await _asked(slices)
    await act(slices, Action.PART, ZHAO, text=FACTS)
    await act(slices, Action.ASK_PART, departments=[WATER, MARKET], text="请再核实")
    version = await slices.unit.db.fetchval("SELECT version FROM handlers.case WHERE case_id = $1", CASE)
    moved = Decision(version=version, lead="housing", supporting=("market",), remarks="职责调整")
    await decide(slices.unit, CITY, CASE, moved, "li")
    await slices.carry()

    case = await read_cases.read_case(slices.unit, DepartmentCode("housing"), CASE)
    assert [(WATER, "done", FACTS), (WATER, "lapsed", ""), (MARKET, "lapsed", "")] == [
        (part.department, part.state, part.answer) for part in case.parts
    ]
    states = await slices.unit.db.fetch("SELECT state FROM sla.clock WHERE clock LIKE 'part.%'")
    assert {"stopped"} == {row["state"] for row in states}
    with pytest.raises(NotFound):
        await act(slices, Action.PART, ZHAO, text=FACTS)


async def test_nobody_is_held_to_a_part_of_a_case_that_was_taken_back(slices: Slices) -> None:
    """Its citizen accuses officials since: no department sees it, and no department's clock runs."""
    await _asked(slices)
    await citizen.supplement(
        slices.unit, KEYS, await view(slices), citizen.Addition(text="交通局路政大队收钱放行超载车，请查")
    )
    await slices.carry()

    assert "stopped" == (await _clock(slices))["state"]
    with pytest.raises(NotFound):
        await act(slices, Action.PART, ZHAO, text=FACTS)


async def test_lost_clocks_are_told_of_a_part_again(slices: Slices) -> None:
    """Under the deadline that it had."""
    await _asked(slices, until="2026-11-25")
    due = (await _clock(slices))["due_at"]
    await slices.unit.db.execute("DELETE FROM sla.clock")
    await say_assigned_again(slices.unit, [CASE])
    await slices.carry()

    clock = await _clock(slices)
    assert ("running", due) == (clock["state"], clock["due_at"])
    assert isinstance(due, datetime)


async def test_an_extension_leaves_the_part_awaited(slices: Slices) -> None:
    """What a dispatcher decides about the lead's time is not the supporting department's business."""
    await _asked(slices)
    await act(slices, Action.EXTEND, working_days=3, reason="等管线核实")
    await decided(slices, ReviewKind.EXTENSION, accept=True)

    assert "running" == (await _clock(slices))["state"]
    assert f'action="/desk/{CASE}/part"' in await _desk(slices, ZHAO)


@pytest.mark.parametrize("language", Language)
async def test_who_has_a_case_no_more_reads_what_a_stranger_reads(slices: Slices, language: Language) -> None:
    """Why it is gone may tell whom it accuses."""
    await _asked(slices)
    version = await slices.unit.db.fetchval("SELECT version FROM handlers.case WHERE case_id = $1", CASE)
    moved = Decision(version=version, lead="housing", supporting=("market",), remarks="职责调整")
    await decide(slices.unit, CITY, CASE, moved, "li")
    await slices.carry()

    query = read(handlers.web.pages._CaseQuery, {})
    stranger = Principal(role=Role.DEPARTMENT, name="sun", department=DepartmentCode("tax"))
    said = set()
    for who in (WANG, ZHAO, stranger):
        with pytest.raises(NotFound) as refusal:
            await handlers.web.pages.show_case(call(slices, who, language, query=query), desk=desk_page())
        said.add((type(refusal.value), refusal.value.message(language)))
    assert {(NotFound, NotFound().message(language))} == said
