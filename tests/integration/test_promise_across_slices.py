"""A date is promised, put off, kept or broken: from the desk to the citizen's page, through all four slices, on Postgres."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

import handlers.web.pages
import intake.web.views
import routing.web.api
import routing.web.pages
from deploy.web.site.render import renderer_of
from handlers.core.actions import ACTIONS
from handlers.core.actions.progress import MOST_NOTES_A_DAY
from handlers.core.rules import Action
from handlers.steps import act_on_case, read_cases
from handlers.steps.say_again import say_assigned_again
from intake.core.following.view import View
from intake.store.view import find_view
from routing.core.decisions.review import Decision
from routing.steps.decide import decide
from schemas.city import load_city
from schemas.errors import BadInput
from schemas.event import Event
from schemas.events.handlers import PromiseDecided
from schemas.events.routing import ReviewDecided
from schemas.forms import NO_ERRORS
from schemas.http import Call, Page, Principal, read
from schemas.ids import DepartmentCode
from schemas.words import Language, ReviewKind, Role
from sla.core.calendar import named_calendar
from sla.core.rules import load_rules
from sla.steps.read_clocks import KeptClocks
from sla.steps.sweep import sweep
from tests.conftest import RecordingUnit
from tests.integration.slices import Slices
from tests.unit.intake.messages import draft, message

CITY = load_city()
TRANSPORT = DepartmentCode("transport")
WANG = Principal(role=Role.DEPARTMENT, name="wang", department=TRANSPORT)
MESSAGE = message(draft("公交车末班车太早", "希望公交线路延长运营时间，公交站等车的乘客很多。", publish=True))
CASE = MESSAGE.codes.case_id
PLAN = "12 月征求意见，1 月调整班次。"
CLOCKS = KeptClocks(load_rules(), named_calendar("china"))


@pytest.fixture
def slices(unit: RecordingUnit) -> Slices:
    """All four."""
    return Slices(unit, CITY)


async def act(slices: Slices, action: Action, who: Principal = WANG, **fields: Any) -> list[Event]:
    """Somebody at the desk does something with the case as it is."""
    version = await slices.unit.db.fetchval("SELECT version FROM handlers.case WHERE case_id = $1", CASE)
    body = read(ACTIONS[action].body, {"version": version, **fields})
    await act_on_case.act(slices.unit, who, CASE, action, body, CITY)
    return await slices.carry()


async def decided(slices: Slices, kind: ReviewKind, **said: Any) -> Sequence[Event]:
    """Li decides what waits."""
    version = await slices.unit.db.fetchval(
        "SELECT version FROM routing.review_item WHERE case_id = $1 AND state = 'open' AND kind = $2",
        CASE,
        kind,
    )
    await decide(slices.unit, CITY, CASE, Decision(version=version, kind=kind, **said), "li")
    return await slices.carry()


async def asked(slices: Slices, day: str = "2027-02-01") -> None:
    """The department has signed, and asks for a date."""
    await slices.submit(MESSAGE)
    await act(slices, Action.SIGN)
    await act(slices, Action.PROMISE, date=day, plan=PLAN, reason="需要调整班次", basis="线网规划")


async def view(slices: Slices) -> View:
    """What the citizen sees."""
    found = await find_view(slices.unit.db, MESSAGE.codes.tracking_code)
    assert found is not None
    return found


def call(slices: Slices, who: Principal, language: Language = Language.ZH, **given: Any) -> Call:
    """A page of the case is opened."""
    return Call(
        principal=who, language=language, path={"case_id": CASE}, headers={}, address="127.0.0.1",
        unit_or_none=slices.unit, **given,
    )  # fmt: skip


def html_of(page: object, who: Principal, language: Language = Language.ZH) -> str:
    """As a browser gets it."""
    assert isinstance(page, Page)
    renderer = renderer_of(CITY)
    return renderer.render(page, language=language, principal=who, csrf_token="t", path="/desk")


def desk_page(language: Language = Language.ZH) -> handlers.web.pages.Desk:
    """What the desk's pages need."""
    return handlers.web.pages.Desk(city=CITY, addresses=None, clocks=CLOCKS)


async def test_the_dispatcher_decides_and_may_set_another_date(slices: Slices) -> None:
    """Within what the department might have asked for; anything else is refused at its field, and nothing happens."""
    await asked(slices)
    for wrong in (date(2026, 11, 24), date(2028, 1, 1)):
        with pytest.raises(BadInput) as refusal:
            await decided(slices, ReviewKind.PROMISE, accept=True, date=wrong)
        assert ["date"] == [error.field for error in refusal.value.errors]
    said = await decided(slices, ReviewKind.PROMISE, accept=True, date=date(2027, 1, 15), remarks="同意")

    (review,) = [event for event in said if isinstance(event, ReviewDecided)]
    (promised,) = [event for event in said if isinstance(event, PromiseDecided)]
    assert (date(2027, 1, 15), date(2027, 1, 15), True) == (review.date, promised.date, promised.granted)
    case = await read_cases.read_case(slices.unit, TRANSPORT, CASE)
    until = datetime(2027, 1, 15, 16, tzinfo=UTC)
    assert case.promised is not None
    assert case.due_at is not None
    assert (date(2027, 1, 15), PLAN) == (case.promised.date, case.promised.plan)
    assert until == case.due_at


async def test_the_citizen_sees_the_date_and_the_plan(slices: Slices) -> None:
    """In both languages, with a line in the history; a refused one leaves nothing with them."""
    await asked(slices)
    assert "promised" not in [entry.event for entry in (await view(slices)).timeline]
    await decided(slices, ReviewKind.PROMISE, accept=True)
    seen = await view(slices)

    for language, words in (
        (Language.ZH, "交通运输局承诺在 2027-02-01 前办好。"),
        (Language.EN, "by 2027-02-01"),
    ):
        shown = intake.web.views.case_view(seen, language, now=slices.unit.now, city=CITY, zone=CITY.zone)
        assert shown.promise is not None
        assert (date(2027, 2, 1), PLAN, False) == (
            shown.promise.date, shown.promise.plan, shown.promise.is_broken
        )  # fmt: skip
        (line,) = [line for line in shown.timeline if line.event == "promised"]
        assert words in line.text
        assert PLAN == line.words
    late = intake.web.views.case_view(
        seen, Language.ZH, now=datetime(2027, 2, 2, tzinfo=UTC), city=CITY, zone=CITY.zone
    )
    assert late.promise is not None
    assert late.promise.is_broken


async def test_a_refused_date_is_the_departments_business(slices: Slices) -> None:
    """The citizen never hears of it; the deadline stays."""
    await asked(slices)
    before = await view(slices)
    await decided(slices, ReviewKind.PROMISE, accept=False, remarks="可以更早")
    seen = await view(slices)

    assert (None, before.due_at, before.timeline) == (seen.promise, seen.due_at, seen.timeline)


@pytest.mark.parametrize("language", Language)
async def test_everybodys_page_says_what_waits_and_whose_time_runs(
    slices: Slices, language: Language
) -> None:
    """The dispatcher sees day, plan, reason and basis and may change the day; the desk says what was promised."""
    await asked(slices)
    li = Principal(role=Role.DISPATCHER, name="li")
    page = await routing.web.pages.show_case(call(slices, li, language), city=CITY, clocks=CLOCKS)
    html = html_of(page, li, language)
    assert 'id="promise-date" name="date" type="date" value="2027-02-01"' in html
    assert all(words in html for words in (PLAN, "需要调整班次", "线网规划"))
    assert language.choose("承诺办理审核时限", "promised date") in html
    desk = await handlers.web.pages.show_case(
        call(slices, WANG, language, query=read(handlers.web.pages._CaseQuery, {})), desk=desk_page()
    )
    assert language.choose(
        "承诺办理申请（2027-02-01）正在等待", "The promise of 2027-02-01 waits"
    ) in html_of(desk, WANG, language)
    await decided(slices, ReviewKind.PROMISE, accept=True)

    desk = await handlers.web.pages.show_case(
        call(slices, WANG, language, query=read(handlers.web.pages._CaseQuery, {})), desk=desk_page()
    )
    html = html_of(desk, WANG, language)
    assert language.choose("已向市民承诺 2027-02-01 前办好。", "The citizen was promised 2027-02-01.") in html
    running = {clock.clock: clock.owner for clock in await CLOCKS.of(slices.unit, CASE) if clock.running}
    assert {"promise": "lead", "progress": "lead", "reply": "lead"} == running


async def test_the_form_of_a_wrong_date_comes_back(slices: Slices) -> None:
    """With what was typed, the error at its field."""
    await asked(slices)
    li = Principal(role=Role.DISPATCHER, name="li")
    version = await slices.unit.db.fetchval("SELECT version FROM handlers.case WHERE case_id = $1", CASE)
    form = {
        "kind": "promise",
        "version": str(version),
        "action": "accept",
        "date": "2026-11-01",
        "remarks": "好",
    }

    for typed in ("2026-11-01", "去年"):
        page = await routing.web.pages.decide_on_page(
            call(slices, li, form=form | {"date": typed}), city=CITY
        )
        html = html_of(page, li)
        assert isinstance(page, Page)
        assert 422 == page.status
        assert 'id="promise-date-error"' in html
        assert f'value="{typed}"' in html


async def test_a_broken_promise_is_in_the_history(slices: Slices) -> None:
    """Swept after its day: the log says so once, and nothing takes it back."""
    await asked(slices)
    await decided(slices, ReviewKind.PROMISE, accept=True)
    slices.unit.now = datetime(2027, 2, 3, tzinfo=UTC)
    while await sweep(slices.unit, rules=load_rules(), calendar=named_calendar("china")):
        await slices.carry()
    await act(slices, Action.REPLY, note="已办", response="班次已调整。")

    case = await read_cases.read_case(slices.unit, TRANSPORT, CASE)
    events = [row.event for row in case.timeline]
    assert 1 == events.count("promise.broken")
    assert case.overdue


async def test_lost_clocks_are_told_of_the_promise_again(slices: Slices) -> None:
    """What reconciling says once more starts the promise's clock for the same day."""
    await asked(slices)
    await decided(slices, ReviewKind.PROMISE, accept=True)
    before = await slices.unit.db.fetchval("SELECT due_at FROM sla.clock WHERE clock = 'promise'")
    await slices.unit.db.execute("DELETE FROM sla.clock")
    await say_assigned_again(slices.unit, [CASE])
    await slices.carry()

    rows = await slices.unit.db.fetch("SELECT clock, due_at FROM sla.clock WHERE state = 'running'")
    due = {row["clock"]: row["due_at"] for row in rows}
    assert (before, before) == (due["promise"], due["reply"])
    told = [entry.event for entry in (await view(slices)).whole_timeline]
    assert [1, 1, 1] == [told.count(event) for event in ("assigned", "in_progress", "promised")]


async def test_the_citizen_is_told_some_times_a_day_and_no_more(slices: Slices) -> None:
    """Their page holds all of it; what is too much is refused at its field, in both languages, until the next day."""
    await asked(slices)
    for number in range(MOST_NOTES_A_DAY):
        await act(slices, Action.PROGRESS, text=f"第 {number} 处完成")
    with pytest.raises(BadInput) as refusal:
        await act(slices, Action.PROGRESS, text="又一处完成")
    [error] = refusal.value.errors
    assert ("text", True, True) == (error.field, "今天已告知" in error.zh, "today" in error.en)
    slices.unit.now += timedelta(days=1)
    await act(slices, Action.PROGRESS, text="又一处完成")


async def test_the_citizen_reads_how_far_it_is(slices: Slices) -> None:
    """In the order of time, word for word and masked; where a date is promised the next word is due again."""
    await asked(slices)
    await decided(slices, ReviewKind.PROMISE, accept=True)
    first = await slices.unit.db.fetchval("SELECT due_at FROM sla.clock WHERE clock = 'progress'")
    for day, words in enumerate(("已征求意见。", "班次已调整，电话 13812345678。"), start=1):
        slices.unit.now += timedelta(days=day)
        await act(slices, Action.PROGRESS, text=words)
    seen = await view(slices)

    told = [entry for entry in seen.whole_timeline if entry.event == "progress"]
    assert ["已征求意见。", "班次已调整，电话"] == [entry.words[:8] for entry in told]
    assert "13812345678" not in str(seen)
    assert ["promised", "progress", "progress"] == [
        entry.event for entry in seen.whole_timeline if entry.words
    ]
    due = await slices.unit.db.fetchval("SELECT due_at FROM sla.clock WHERE clock = 'progress'")
    assert due > first
    case = await read_cases.read_case(slices.unit, TRANSPORT, CASE)
    assert 2 == [row.event for row in case.timeline].count("progress")


@pytest.mark.parametrize("language", Language)
async def test_the_citizens_page_holds_plan_and_progress(slices: Slices, language: Language) -> None:
    """Above the history, and in it; as text, whatever stands in it."""
    await asked(slices)
    await decided(slices, ReviewKind.PROMISE, accept=True)
    await act(slices, Action.PROGRESS, text="<b>已测量</b>")
    shown = intake.web.views.case_view(
        await view(slices), language, now=slices.unit.now, city=CITY, zone=CITY.zone
    )
    page = Page(
        template="intake/case.html",
        context={
            "case": shown,
            "access_code": "1",
            "offer": {"nonce": "1", "most_files": 0},
            "form": {},
            "errors": NO_ERRORS,
            "done": "",
            "unsent": "",
        },
    )
    html = html_of(page, Principal(), language)

    promise = html.split('id="promise"')[1].split("</section>")[0]
    assert language.choose("承诺 2027-02-01 前办好", "Promised: settled by 2027-02-01") in promise
    assert PLAN in promise
    assert "&lt;b&gt;已测量&lt;/b&gt;" in promise
    assert "<b>已测量" not in html
    assert 2 == html.count("&lt;b&gt;已测量&lt;/b&gt;")
