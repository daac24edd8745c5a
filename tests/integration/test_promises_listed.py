"""What was promised, kept and broken, as everybody and supervisors read it: from the desk to the lists, on Postgres."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

import intake.web.promises
import sla.web.promises
from handlers.core.rules import Action
from intake.core.public.promises import PromiseSearch, PromiseState
from intake.steps import act_on_case as citizen
from intake.web.promises import PromiseItem, PromiseList, PromisePageQuery
from routing.core.decisions.review import Decision
from routing.steps.decide import decide
from schemas.city import load_city
from schemas.days import day_of
from schemas.errors import BadInput
from schemas.http import Call, Page, Principal, read
from schemas.ids import DepartmentCode
from schemas.values import Contact
from schemas.words import Language, ReviewKind, Role
from sla.core.calendar import named_calendar
from sla.core.rules import load_rules
from sla.steps import watch
from sla.steps.sweep import sweep
from sla.web.promises import PromisedPageQuery, PromisedQuery
from tests.conftest import RecordingUnit
from tests.integration.slices import Slices
from tests.integration.test_promise_across_slices import CASE, MESSAGE, act, asked, decided, html_of, view
from tests.unit.intake.messages import KEYS, draft, message

CITY = load_city()
LAST_DAY = date(2027, 2, 1)
UNTIL = datetime(2027, 2, 1, 16, tzinfo=UTC)
BEFORE, AFTER = UNTIL - timedelta(hours=5), UNTIL + timedelta(hours=5)


@pytest.fixture
def slices(unit: RecordingUnit) -> Slices:
    """All four."""
    return Slices(unit, CITY)


def _needs(slices: Slices) -> Any:
    """Of what the routes depend on, what these ask for."""
    return SimpleNamespace(keys=KEYS, city=CITY, zone=CITY.zone, clock=lambda: slices.unit.now)


def _call(slices: Slices, query: Any, language: Language = Language.ZH, role: Role = Role.CITIZEN) -> Call:
    return Call(
        principal=Principal(role=role, name="sun"), language=language, path={}, headers={}, address="127.0.0.1",
        unit_or_none=slices.unit, query=query,
    )  # fmt: skip


async def listed(slices: Slices, **asked_for: Any) -> PromiseList:
    """What everybody reads at the unit's moment."""
    return await intake.web.promises.list_all(
        _call(slices, PromiseSearch(**asked_for)), dependencies=_needs(slices)
    )


async def _granted(slices: Slices) -> None:
    await asked(slices)
    await decided(slices, ReviewKind.PROMISE, accept=True)


async def _reply(slices: Slices, at: datetime) -> None:
    slices.unit.now = at
    await act(slices, Action.REPLY, note="已办", response="班次已调整，请知悉。")


async def _approve(slices: Slices, at: datetime) -> None:
    slices.unit.now = at
    await decided(slices, ReviewKind.REPLY, accept=True)


async def _kept(slices: Slices) -> None:
    await _reply(slices, BEFORE)
    await _approve(slices, AFTER)


async def _under_review(slices: Slices) -> None:
    await _reply(slices, BEFORE)
    slices.unit.now = AFTER


async def _late(slices: Slices) -> None:
    await _reply(slices, AFTER)
    await _approve(slices, AFTER + timedelta(hours=1))


async def _sent_back(slices: Slices) -> None:
    await _reply(slices, BEFORE)
    slices.unit.now = AFTER
    await decided(slices, ReviewKind.REPLY, accept=False, remarks="没有说到")


async def _silent(slices: Slices) -> None:
    slices.unit.now = AFTER


async def _waiting(slices: Slices) -> None:
    slices.unit.now = BEFORE


async def _withdrawn(slices: Slices) -> None:
    found = await citizen_view(slices)
    await citizen.withdraw(slices.unit, KEYS, found, reason="已好")
    await slices.carry()


async def citizen_view(slices: Slices) -> Any:
    """What the citizen sees."""
    return await view(slices)


@pytest.mark.parametrize(
    ("happens", "state"),
    [
        (_waiting, PromiseState.OPEN),
        (_kept, PromiseState.KEPT),
        (_under_review, PromiseState.OPEN),
        (_late, PromiseState.BROKEN),
        (_sent_back, PromiseState.BROKEN),
        (_silent, PromiseState.BROKEN),
        (_withdrawn, PromiseState.ENDED),
    ],
    ids=lambda each: getattr(each, "__name__", str(each)),
)
async def test_what_became_of_a_promise(slices: Slices, happens: Any, state: PromiseState) -> None:
    """Kept is what was answered by the end of the day, whenever it was approved; a slow review breaks nothing by itself."""
    await _granted(slices)
    await happens(slices)

    found = await listed(slices)
    (item,) = found.items
    assert ("公交车末班车太早", "transport", "交通运输局", LAST_DAY, state) == (
        item.title, item.department, item.department_name, item.promised_on, item.state
    )  # fmt: skip
    assert (item.tracking_code is not None) == (happens in (_kept, _late))
    (figure,) = found.figures
    counted = {
        PromiseState.OPEN: figure.open,
        PromiseState.KEPT: figure.kept,
        PromiseState.BROKEN: figure.broken,
    }
    assert {each: int(each is state) for each in counted} == counted
    settled = {PromiseState.KEPT: 1.0, PromiseState.BROKEN: 0.0}
    assert settled.get(state) == figure.rate
    for other in PromiseState:
        assert [state] * (other is state) == [
            each.state for each in (await listed(slices, state=other)).items
        ]


async def test_a_promise_that_was_put_off_is_listed_twice(slices: Slices) -> None:
    """The first as put off, the second as what it is; and told once, though it is heard twice."""
    await _granted(slices)
    await act(slices, Action.PROMISE, date="2027-03-01", plan="3 月完成。", reason="雨季", basis="工期")
    said = await decided(slices, ReviewKind.PROMISE, accept=True)
    slices.unit.emit(next(event for event in said if event.name == "promise.decided"))
    await slices.carry()

    items = (await listed(slices)).items
    assert [(date(2027, 3, 1), PromiseState.OPEN), (LAST_DAY, PromiseState.CHANGED)] == [
        (item.promised_on, item.state) for item in items
    ]


async def test_another_department_keeps_it(slices: Slices) -> None:
    """From when it has the case on; one that was broken before stays the former one's."""
    await _granted(slices)
    version = await slices.unit.db.fetchval("SELECT version FROM handlers.case WHERE case_id = $1", CASE)
    moved = Decision(version=version, lead="water", remarks="职责调整")
    await decide(slices.unit, CITY, CASE, moved, "li")
    await slices.carry()
    assert "water" == (await listed(slices)).items[0].department
    slices.unit.now = AFTER
    version = await slices.unit.db.fetchval("SELECT version FROM handlers.case WHERE case_id = $1", CASE)
    await decide(slices.unit, CITY, CASE, Decision(version=version, lead="housing", remarks="职责调整"), "li")
    await slices.carry()

    (item,) = (await listed(slices, department="water")).items
    assert PromiseState.BROKEN == item.state
    assert [] == (await listed(slices, department="housing")).items


async def test_only_what_its_citizen_allows_is_listed(slices: Slices) -> None:
    """From the moment when they say no, and again when they say yes; the figures count it all the same."""
    await _granted(slices)
    await _kept(slices)
    for is_allowed in (False, True):
        await citizen.allow_publication(slices.unit, await citizen_view(slices), is_allowed=is_allowed)
        found = await listed(slices)
        assert is_allowed == bool(found.items)
        assert 1 == found.figures[0].kept


async def test_what_is_protected_is_nobodys_to_read(slices: Slices) -> None:
    """Once its citizen accuses officials it is gone from the list and from the figures."""
    await _granted(slices)
    await citizen.supplement(
        slices.unit,
        KEYS,
        await citizen_view(slices),
        citizen.Addition(text="交通局路政大队收钱放行超载车，请查"),
    )
    await slices.carry()

    found = await listed(slices)
    assert ([], []) == (found.items, found.figures)


@pytest.mark.parametrize("more", [{"confidential": True, "publish": True}, {"publish": False}], ids=str)
async def test_a_private_case_is_not_listed(slices: Slices, more: dict[str, Any]) -> None:
    """Confidential, or not allowed from the start; supervisors see it."""
    words = MESSAGE.event.title, MESSAGE.event.text
    await slices.submit(message(draft(*words, **more)))
    await act(slices, Action.SIGN)
    await act(slices, Action.PROMISE, date="2027-02-01", plan="1 月调整。", reason="调整", basis="规划")
    await decided(slices, ReviewKind.PROMISE, accept=True)

    assert [] == (await listed(slices)).items
    watched = await sla.web.promises.list_promised(_call(slices, PromisedQuery(), role=Role.SUPERVISOR))
    assert [CASE] == [item.case_id for item in watched.items]


async def test_nothing_of_the_citizen_is_in_the_title(slices: Slices) -> None:
    """Masked as everybody may read it, with what the citizen called themselves."""
    contact = Contact(name="欧阳小菲", phone="13812345678")
    text = "希望公交线路延长运营时间，公交站等车的乘客很多。"
    await slices.submit(
        message(draft("欧阳小菲13812345678：公交车末班车太早", text, publish=True, contact=contact))
    )
    await act(slices, Action.SIGN)
    await act(slices, Action.PROMISE, date="2027-02-01", plan="1 月调整。", reason="调整", basis="规划")
    await decided(slices, ReviewKind.PROMISE, accept=True)

    (item,) = (await listed(slices)).items
    assert "末班车" in item.title
    assert "13812345678" not in item.title
    assert "欧阳小菲" not in item.title


async def test_pages_go_on_where_they_ended(slices: Slices) -> None:
    """Each promise once, whatever stands between; a cursor that is not ours is refused."""
    await _granted(slices)
    await act(slices, Action.PROMISE, date="2027-03-01", plan="3 月完成。", reason="雨季", basis="工期")
    await decided(slices, ReviewKind.PROMISE, accept=True)
    first = await listed(slices, limit=1)
    second = await listed(slices, limit=1, cursor=first.next_cursor)

    days = [item.promised_on for page in (first, second) for item in page.items]
    assert ([date(2027, 3, 1), LAST_DAY], None) == (days, second.next_cursor)
    for wrong in ("x", "W10="):
        with pytest.raises(BadInput):
            await listed(slices, cursor=wrong)
    assert [] == (await listed(slices, department="a\x00b")).items


@pytest.mark.parametrize("language", Language)
async def test_the_page_says_what_became_of_it(slices: Slices, language: Language) -> None:
    """In both languages; what is chosen stays chosen; of a state that there is not, everything."""
    await _granted(slices)
    await _silent(slices)
    for state, shown in (("", True), ("broken", True), ("kept", False), ("<b>", True)):
        page = await intake.web.promises.show_all(
            _call(slices, read(PromisePageQuery, {"state": state, "department": ""}), language),
            dependencies=_needs(slices),
        )
        html = html_of(page, Principal(), language)
        assert ("公交车末班车太早" in html) is shown
        assert language.choose("各单位兑现情况", "How departments keep their promises") in html
        assert "<b>" not in html
    page = await intake.web.promises.show_all(
        _call(slices, PromisePageQuery(cursor="x"), language), dependencies=_needs(slices)
    )
    assert 422 == page.status


@pytest.mark.parametrize("language", Language)
async def test_supervisors_see_whose_it_is_and_when_word_is_due(slices: Slices, language: Language) -> None:
    """Open, then broken once it was swept; the page in both languages."""
    await _granted(slices)
    sun = Principal(role=Role.SUPERVISOR, name="sun")

    async def shown(state: str = "") -> str:
        page = await sla.web.promises.show_promised(
            _call(slices, PromisedPageQuery(state=state), language, Role.SUPERVISOR), city=CITY
        )
        assert isinstance(page, Page)
        return html_of(page, sun, language)

    assert language.choose("交通运输局", "Transport") in await shown("open")
    assert f"/watch/cases/{CASE}" not in await shown("kept")
    slices.unit.now = AFTER
    while await sweep(slices.unit, rules=load_rules(), calendar=named_calendar("china")):
        await slices.carry()
    assert f"/watch/cases/{CASE}" in await shown("broken")
    await _reply(slices, AFTER)
    await _approve(slices, AFTER)

    (item,) = (
        await sla.web.promises.list_promised(_call(slices, PromisedQuery(), role=Role.SUPERVISOR))
    ).items
    assert ("broken", DepartmentCode("transport"), None) == (
        item.state, item.department, item.progress_due_at
    )  # fmt: skip
    assert UNTIL == item.promised_until


@pytest.mark.parametrize("language", Language)
async def test_supervisors_see_every_date_that_was_promised(slices: Slices, language: Language) -> None:
    """The list names the days of before; the case's page says who asked for which day and why, and who decided it."""
    await _granted(slices)
    later = {"date": "2027-03-01", "plan": "3 月完成。", "reason": "雨季不能施工", "basis": "工期"}
    await act(slices, Action.PROMISE, **later)  # type: ignore[arg-type]  # fields of its form
    await decided(slices, ReviewKind.PROMISE, accept=True, remarks="同意改期")
    (item,) = (
        await sla.web.promises.list_promised(_call(slices, PromisedQuery(), role=Role.SUPERVISOR))
    ).items
    page = await sla.web.promises.show_promised(
        _call(slices, PromisedPageQuery(), language, Role.SUPERVISOR), city=CITY
    )
    case = await watch.read_case(slices.unit, CASE)
    told = [
        (entry.what, entry.detail.get("department") or entry.detail.get("by"), entry.detail.get("reason"))
        for entry in case.history
        if "promise" in entry.what and entry.clock in ("promise", "reply")
    ]

    assert [date(2027, 2, 1)] == [day_of(until, CITY.zone) for until in item.promised_before]
    assert "<s>2027-02-01</s>" in html_of(page, Principal(role=Role.SUPERVISOR, name="sun"), language)
    assert [
        ("promise asked", "transport", "需要调整班次"),
        ("promised", "li", None),
        ("promise asked", "transport", "雨季不能施工"),
        ("promised", "li", "同意改期"),
    ] == told


async def test_a_clock_under_other_rules_is_listed_by_its_deadline(slices: Slices) -> None:
    """Whatever its allowance says in words: one clock never hides all the others."""
    await _granted(slices)
    due = await slices.unit.db.fetchval(
        "UPDATE sla.clock SET allow = '30 working days' WHERE clock = 'promise' RETURNING due_at"
    )

    (item,) = (
        await sla.web.promises.list_promised(_call(slices, PromisedQuery(), role=Role.SUPERVISOR))
    ).items
    assert due == item.promised_until


def test_an_item_names_nobody() -> None:
    """What everybody reads of a promise holds no code by which its citizen follows it, but where the answer is public."""
    fields = set(PromiseItem.__struct_fields__)

    assert {"case_id", "access_code", "text"}.isdisjoint(fields)
