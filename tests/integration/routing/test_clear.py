"""A dispatcher's finding that a unit is not accused: what it allows, what it leaves behind, and what takes it back."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from routing.core.decisions.clearing import Clear
from routing.core.decisions.review import Decision
from routing.steps.clear import clear, read_clearances, take_back
from routing.steps.decide import decide
from routing.store import cases, items
from routing.web import api, pages, queries
from schemas.city import load_city
from schemas.errors import BadInput, Forbidden, NotFound, Refused
from schemas.events.intake import CaseSupplemented
from schemas.events.routing import CaseRouted, ReviewRequested
from schemas.http import Page, Principal, Redirect
from schemas.ids import CaseId, DepartmentCode
from schemas.words import Kind, Language, Role
from tests.integration.routing.cases import AT, new_case_id, registered, route, supplement
from tests.integration.routing.test_queue import call_of, html_of

CITY = load_city()
MARKET, TAX, WATER = DepartmentCode("market"), DepartmentCode("tax"), DepartmentCode("water")
LI = Principal(role=Role.DISPATCHER, name="li")
REPORT = ("举报黑作坊", "黑作坊生产假酒，市场监管局就在对面。税务局科长收受贿赂。")
WHY = "只是说作坊在它对面"


async def _reported(unit: Any) -> CaseId:
    event = registered(REPORT, kind=Kind.REPORT)
    await route(unit, [event])
    unit.emitted.clear()
    return event.case_id


def _clear(*departments: str, version: int = 2, reason: str = WHY) -> Clear:
    return Clear(version=version, departments=departments, reason=reason)


async def test_a_cleared_unit_can_be_given_the_case(unit: Any) -> None:
    """Not before; and the route says who found that, and why."""
    case_id = await _reported(unit)
    with pytest.raises(BadInput):
        await decide(unit, CITY, case_id, Decision(version=2, category="other", lead=MARKET), "li")

    await clear(unit, case_id, _clear(MARKET), LI)
    await decide(unit, CITY, case_id, Decision(version=2, category="other", lead=MARKET), "li")

    said = unit.emitted[-1]
    assert isinstance(said, CaseRouted)
    assert ((TAX,), True, [(MARKET, WHY, "li")]) == (
        said.accused, said.protected, [(one.department, one.reason, one.decided_by) for one in said.cleared]
    )  # fmt: skip


async def test_whoever_the_text_accuses_by_a_deed_is_never_cleared(unit: Any) -> None:
    """Nor is anybody with them; nothing is kept of the try."""
    case_id = await _reported(unit)
    for units in ([TAX], [MARKET, TAX]):
        with pytest.raises(BadInput):
            await clear(unit, case_id, _clear(*units), LI)

    assert [] == (await read_clearances(unit, None, 9))[0]


async def test_nobody_of_an_accused_unit_clears_anybody(unit: Any) -> None:
    """Whatever role they have besides."""
    case_id = await _reported(unit)
    for department in (MARKET, TAX):
        who = Principal(role=Role.DISPATCHER, name="wang", department=department)
        with pytest.raises(Forbidden):
            await clear(unit, case_id, _clear(MARKET), who)
    with pytest.raises(NotFound):
        await clear(unit, new_case_id(), _clear(MARKET), LI)


@pytest.mark.parametrize(
    ("said", "accused", "only"),
    [
        ("市场监管局的人昨天来过", [MARKET, TAX], [MARKET]),
        ("市场监管局队长收了老板的红包", [MARKET, TAX], []),
        ("他们都收了红包", [MARKET, TAX], []),
        ("作坊昨晚又开工了", [TAX], []),
    ],
)
async def test_what_the_citizen_adds_takes_it_back(
    unit: Any, said: str, accused: list[str], only: list[str]
) -> None:
    """Named again, or accused of a deed, also without a name: the case goes back to a dispatcher."""
    case_id = await _reported(unit)
    await clear(unit, case_id, _clear(MARKET), LI)
    await decide(unit, CITY, case_id, Decision(version=2, category="other", lead=MARKET), "li")
    await supplement(unit, [CaseSupplemented(case_id=case_id, version=4, at=AT, text=said)])

    case = await cases.find(unit.db, case_id)
    assert case is not None
    assert (accused, only) == ([*case.accused], [*case.only_named])
    assert (len(accused) > 1) == bool(await items.waiting(unit.db, case_id))
    assert [len(accused) > 1] == [row.is_void for row in (await read_clearances(unit, None, 9))[0]]


async def test_the_list_names_who_found_what_and_why(unit: Any) -> None:
    """The latest first, page by page; over HTTP as on the page, in both languages."""
    ids = [await _reported(unit) for _ in range(3)]
    for case_id in ids:
        await clear(unit, case_id, _clear(MARKET), LI)
    first = await api.list_clearances(call_of(unit, query=api.ClearanceQuery(limit=2)))
    rest = await api.list_clearances(
        call_of(unit, query=api.ClearanceQuery(limit=2, before=first.next_before))
    )

    assert [*reversed(ids)] == [row.case_id for row in (*first.items, *rest.items)]
    assert rest.next_before is None
    for language in Language:
        page = await pages.show_clearances(
            call_of(unit, query=api.ClearanceQuery(), language=language), city=CITY
        )
        html = html_of(page, language, "/review/clearances")
        assert WHY in html
        assert CITY.department[MARKET].name(language) in html


async def test_the_page_offers_it_and_keeps_what_was_typed(unit: Any) -> None:
    """Only whom the text does not accuse by a deed; a refusal stands beside its field; a second click changes nothing."""
    case_id = await _reported(unit)
    for language in Language:
        page = await pages.show_case(call_of(unit, case_id, language=language), city=CITY)
        html = html_of(page, language)
        assert 'id="clear-market"' in html
        assert 'id="clear-tax"' not in html
    form = {"action": "clear", "version": "2", "departments": MARKET, "reason": "……"}
    refused = await pages.decide_on_page(call_of(unit, case_id, form), city=CITY)
    assert isinstance(refused, Page)
    assert 'id="clear-reason-error"' in html_of(refused, Language.ZH)
    nothing = await pages.decide_on_page(call_of(unit, case_id, form | {"departments": ""}), city=CITY)
    assert isinstance(nothing, Page)
    assert 'id="clear-departments-error"' in html_of(nothing, Language.EN)
    for _ in range(2):
        done = await pages.decide_on_page(call_of(unit, case_id, form | {"reason": WHY}), city=CITY)
        assert Redirect(to=f"/review/{case_id}?cleared=true") == done
    told = await pages.show_case(call_of(unit, case_id, query=queries.CaseQuery(cleared=True)), city=CITY)
    assert "该单位现在可以承办" in html_of(told, Language.ZH)

    assert 1 == len((await read_clearances(unit, None, 9))[0])
    assert WHY in html_of(await pages.show_case(call_of(unit, case_id), city=CITY), Language.ZH)


async def test_over_http_it_answers_with_whom_the_case_may_not_reach(unit: Any) -> None:
    """And a refusal is one of ours."""
    case_id = await _reported(unit)
    done = await api.clear_case(call_of(unit, case_id, body=_clear(MARKET)))
    assert ((TAX,), ()) == (done.accused, done.only_named)
    with pytest.raises(Refused):
        await api.clear_case(call_of(unit, case_id, body=_clear(MARKET, version=9)))


BACK = "作坊就是它开的"


async def test_a_finding_is_taken_back_before_the_case_is_given_away(unit: Any) -> None:
    """The unit gets it no more; who found it, who took it back and why are kept, and it may be cleared anew."""
    case_id = await _reported(unit)
    await clear(unit, case_id, _clear(MARKET), LI)
    zhao = Principal(role=Role.DISPATCHER, name="zhao")
    for _ in range(2):
        after = await take_back(unit, case_id, _clear(MARKET, reason=BACK), zhao)
        assert ((MARKET, TAX), (MARKET,), ()) == (after.accused, after.only_named, after.cleared)
    with pytest.raises(BadInput):
        await decide(unit, CITY, case_id, Decision(version=2, category="other", lead=MARKET), "li")
    (row,) = (await read_clearances(unit, None, 9))[0]

    assert ("li", WHY, False, "zhao", BACK, unit.now) == (
        row.decided_by, row.reason, row.is_void, row.withdrawn_by, row.withdrawn_because, row.withdrawn_at
    )  # fmt: skip
    await clear(unit, case_id, _clear(MARKET), LI)
    rows = (await read_clearances(unit, None, 9))[0]
    assert [None, "zhao"] == [each.withdrawn_by for each in rows]
    await take_back(unit, case_id, _clear(MARKET, reason=BACK), LI)
    assert ["li", "zhao"] == [each.withdrawn_by for each in (await read_clearances(unit, None, 9))[0]]


async def test_a_finding_that_is_taken_back_takes_the_case_back(unit: Any) -> None:
    """A dispatcher chooses again, and everybody is told whom the case may not reach."""
    case_id = await _reported(unit)
    await clear(unit, case_id, _clear(MARKET), LI)
    await decide(unit, CITY, case_id, Decision(version=2, category="other", lead=MARKET), "li")
    unit.emitted.clear()
    with pytest.raises(Forbidden):
        await take_back(unit, case_id, _clear(MARKET, version=3), Principal(
            role=Role.DISPATCHER, name="wang", department=TAX
        ))  # fmt: skip
    for _ in range(2):
        await take_back(unit, case_id, _clear(MARKET, version=3, reason=BACK), LI)
    (asked,) = unit.emitted
    (waiting,) = await items.waiting(unit.db, case_id)

    assert isinstance(asked, ReviewRequested)
    assert ((MARKET, TAX), True, "dispatch") == (asked.accused, asked.protected, waiting.kind)
    with pytest.raises(BadInput):
        await decide(
            unit, CITY, case_id, Decision(version=asked.version, category="other", lead=MARKET), "li"
        )


async def test_a_finding_about_a_supporting_unit_leaves_what_was_found_of_the_lead(unit: Any) -> None:
    """The whole case goes back to a dispatcher, who gives it to its lead once more, without the other unit."""
    event = registered((REPORT[0], f"水务局在隔壁。{REPORT[1]}"), kind=Kind.REPORT)
    await route(unit, [event])
    case_id = event.case_id
    await clear(unit, case_id, _clear(MARKET, WATER), LI)
    given = Decision(version=2, category="other", lead=WATER, supporting=(MARKET,))
    await decide(unit, CITY, case_id, given, "li")
    unit.emitted.clear()
    after = await take_back(unit, case_id, _clear(MARKET, version=3, reason=BACK), LI)
    (asked,) = unit.emitted

    assert ((MARKET, TAX), [WATER]) == (after.accused, [one.department for one in after.cleared])
    with pytest.raises(BadInput):
        await decide(unit, CITY, case_id, replace(given, version=asked.version), "li")
    await decide(unit, CITY, case_id, replace(given, version=asked.version, supporting=()), "li")
    assert [WATER] == [one.department for one in unit.emitted[-1].cleared]


async def test_a_finding_that_gave_a_department_nothing_takes_nothing_from_it(unit: Any) -> None:
    """Who has the case keeps it, and the page says so; the unit may get it no more, whoever would move it there."""
    case_id = await _reported(unit)
    await clear(unit, case_id, _clear(MARKET), LI)
    await decide(unit, CITY, case_id, Decision(version=2, category="other", lead=WATER), "li")
    unit.emitted.clear()
    after = await take_back(unit, case_id, _clear(MARKET, version=3, reason=BACK), LI)

    assert ([], []) == (unit.emitted, await items.waiting(unit.db, case_id))
    assert ("routed", WATER, (MARKET, TAX)) == (after.state, after.lead, after.accused)
    query = queries.CaseQuery(uncleared=True)
    for language, said in ((Language.ZH, "承办单位不变"), (Language.EN, "stays with the department")):
        page = await pages.show_case(call_of(unit, case_id, query=query, language=language), city=CITY)
        assert said in html_of(page, language)
    move = Decision(version=3, lead=MARKET, category="other", remarks="职责在该单位")
    with pytest.raises(BadInput):
        await decide(unit, CITY, case_id, move, "li")


@pytest.mark.parametrize(("minutes", "is_taken"), [(9, True), (11, False)])
async def test_a_move_that_may_be_undone_gives_the_unit_nothing_back(
    unit: Any, minutes: int, is_taken: bool
) -> None:
    """Whoever moved the case from it could give it back within minutes: until then it counts as having it."""
    case_id = await _reported(unit)
    await clear(unit, case_id, _clear(MARKET), LI)
    await decide(unit, CITY, case_id, Decision(version=2, category="other", lead=MARKET), "li")
    move = Decision(version=3, lead=WATER, category="other", remarks="职责在该单位")
    version = (await decide(unit, CITY, case_id, move, "li")).version
    unit.emitted.clear()
    unit.now += timedelta(minutes=minutes)
    await take_back(unit, case_id, _clear(MARKET, version=version, reason=BACK), LI)

    assert is_taken is bool(unit.emitted)


async def test_the_page_takes_a_finding_back(unit: Any) -> None:
    """Where there is one; a refusal stands beside its field, with what was typed; the list says who and why."""
    case_id = await _reported(unit)
    page = await pages.show_case(call_of(unit, case_id), city=CITY)
    assert 'id="clear-back-market"' not in html_of(page, Language.ZH)
    await clear(unit, case_id, _clear(MARKET), LI)
    for language in Language:
        page = await pages.show_case(call_of(unit, case_id, language=language), city=CITY)
        assert 'id="clear-back-market"' in html_of(page, language)
    form = {"action": "clear-back", "version": "2", "departments": MARKET, "reason": "……"}
    refused = await pages.decide_on_page(call_of(unit, case_id, form), city=CITY)
    assert isinstance(refused, Page)
    html = html_of(refused, Language.ZH)
    assert 'id="clear-back-reason-error"' in html
    assert "……</textarea>" in html
    for _ in range(2):
        done = await pages.decide_on_page(call_of(unit, case_id, form | {"reason": BACK}), city=CITY)
        assert Redirect(to=f"/review/{case_id}?uncleared=true") == done
    told = await pages.show_case(call_of(unit, case_id, query=queries.CaseQuery(uncleared=True)), city=CITY)
    assert "该单位重新回避" in html_of(told, Language.ZH)
    for language in Language:
        page = await pages.show_clearances(
            call_of(unit, query=api.ClearanceQuery(), language=language), city=CITY
        )
        assert BACK in html_of(page, language, "/review/clearances")


async def test_over_http_a_finding_is_taken_back(unit: Any) -> None:
    """And a refusal is one of ours."""
    case_id = await _reported(unit)
    await clear(unit, case_id, _clear(MARKET), LI)
    done = await api.take_clearance_back(call_of(unit, case_id, body=_clear(MARKET, reason=BACK)))
    assert ((MARKET, TAX), (MARKET,)) == (done.accused, done.only_named)
    with pytest.raises(Refused):
        await api.take_clearance_back(call_of(unit, case_id, body=_clear(MARKET, version=9)))
