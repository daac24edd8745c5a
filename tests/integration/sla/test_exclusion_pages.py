"""The pages of exclusions: a department's own and the form, what waits for supervisors; and what nobody is shown."""

from typing import Any

import pytest

from deploy.composition.readers import DeskReaders
from deploy.web.site.render import renderer_of
from routing.steps.read_matters import KeptMatters
from schemas.errors import NotFound, Refused
from schemas.http import Call, Page, Principal, Redirect
from schemas.ids import CaseId, DepartmentCode
from schemas.words import CaseField, Language, Role
from sla.web import exclusions as web
from tests.conftest import RecordingUnit
from tests.integration.sla.calling import CASE, CODE, SAID, closed_case
from tests.integration.sla.excluding import ASK, CALENDAR, SUN, WANG, ZHAO
from tests.integration.sla.ordering import CITY
from tests.integration.slices import Slices

ON = web.ExclusionDesk(city=CITY, calendar=CALENDAR, readers=DeskReaders(), matters=KeptMatters())
FORM = {"figure-on_time_rate": "yes", "reason": "force_majeure", "text": "台风期间停运"}
OTHER = Principal(role=Role.DEPARTMENT, name="liu", department=DepartmentCode("housing"))


@pytest.fixture
async def slices(unit: RecordingUnit) -> Slices:
    """A case that transport has answered and closed."""
    return (await closed_case(unit))[0]


def _call(slices: Slices, who: Principal, form: dict[str, str] | None = None, **more: Any) -> Call:
    body = more.pop("body", None)
    return Call(
        principal=who, language=more.pop("language", Language.ZH), path={"case_id": CASE}, headers={}, body=body,
        address="10.0.0.1", unit_or_none=slices.unit, query=web.ExclusionQuery(**more), form=form or {},
    )  # fmt: skip


@pytest.mark.parametrize("language", list(Language))
async def test_from_request_to_appeal(slices: Slices, language: Language) -> None:
    """Asked with a mistake first, listed, refused, appealed, granted; each sent twice comes to the same."""
    renderer = renderer_of(CITY)

    async def page(answer: Any, who: Principal, form: dict[str, str] | None = None, **more: Any) -> str:
        found = await answer(_call(slices, who, form, language=language, **more), on=ON)
        assert isinstance(found, Page)
        return renderer.render(found, language=language, principal=who, csrf_token="t", path="/exclusions")

    async def sent(answer: Any, who: Principal, form: dict[str, str], done: str) -> None:
        for _ in range(2):
            found = await answer(_call(slices, who, form, language=language), on=ON)
            assert Redirect(to=f"/exclusions?done={done}") == found
        await slices.carry()
        await page(web.show_list, who, done=done)

    assert "figure-on_time_rate" in await page(web.show_one, WANG)
    assert "台风期间停运" in await page(web.ask_on_page, WANG, {"text": "台风期间停运"})
    await sent(web.ask_on_page, WANG, FORM, "asked")
    waiting = await page(web.show_list, SUN)
    assert SAID[0] in waiting
    assert CODE in waiting
    assert "台风期间停运" in await page(web.show_one, SUN)
    assert 'value="grant"' not in await page(web.show_one, Principal(role=Role.ADMINISTRATOR, name="root"))
    refusal = {"number": "1", "version": "1", "decision": "refuse", "text": "可以施工"}
    assert "可以施工" not in await page(web.judge_on_page, SUN, {**refusal, "text": ""})
    await sent(web.judge_on_page, SUN, refusal, "refused")
    assert "可以施工" in await page(web.show_one, WANG)
    await sent(web.appeal_on_page, WANG, {"number": "1", "text": "有气象证明"}, "appealed")
    grant = {"number": "1", "version": "3", "decision": "grant", "text": "证明属实"}
    assert "证明属实" in await page(web.judge_on_page, SUN, grant)
    await sent(web.judge_on_page, ZHAO, grant, "granted")
    assert "证明属实" in await page(web.show_one, WANG)
    assert CODE in await page(web.show_list, ZHAO, state="settled")
    assert CODE in await page(web.show_list, WANG)
    await sent(web.take_back_on_page, WANG, {"number": "1"}, "taken_back")
    log = await slices.unit.db.fetch(
        "SELECT action, actor FROM handlers.log WHERE case_id = $1 AND action LIKE 'exclusion.%' ORDER BY seq",
        CASE,
    )
    assert [
        ("asked", "wang"),
        ("refused", "sun"),
        ("appealed", "wang"),
        ("granted", "zhao"),
        ("withdrawn", "wang"),
    ] == [(row["action"].removeprefix("exclusion."), row["actor"]) for row in log]


async def test_a_draft_does_nothing_and_keeps_what_was_typed(slices: Slices) -> None:
    """A form whose session is over comes back."""
    call = _call(slices, WANG, {**FORM, "_draft": "yes"})
    found = await web.ask_on_page(call, on=ON)

    assert isinstance(found, Page)
    assert "台风期间停运" == found.context["typed"]["text"]  # type: ignore[index]  # the form
    assert [] == (await web.list_exclusions(_call(slices, SUN), on=ON)).items


async def test_over_the_api(slices: Slices) -> None:
    """A department's system asks, a supervisor's decides; whoever reads it is written down."""
    own = await web.show_own(_call(slices, WANG), on=ON)
    assert (True, [], None) == (own.may_ask, list(own.items), own.why_not)
    call = _call(slices, WANG, body=ASK)
    made = await web.ask(call, on=ON)
    assert {CaseField.NOTE} == set(call.shown[CASE])
    assert (1, 0, False) == (made.seen, made.age_days, made.overdue)
    body = web.JudgeBody(number=1, decision="grant", text="属实", version=made.seen)
    await web.judge(_call(slices, SUN, body=body), on=ON)
    again = await web.show_own(_call(slices, WANG), on=ON)

    assert ["granted"] == [each.state.value for each in again.items]
    listed = _call(slices, SUN, state="settled")
    assert [SAID[0]] == [each.title for each in (await web.list_exclusions(listed, on=ON)).items]
    assert {CaseField.TITLE, CaseField.NOTE} == set(listed.shown[CASE])


async def test_it_grows_old(slices: Slices) -> None:
    """How long it has waited is told, and that it waits for longer than it may."""
    await web.ask(_call(slices, WANG, body=ASK), on=ON)
    slices.unit.now = slices.unit.now.replace(year=slices.unit.now.year + 1)
    [item] = (await web.list_exclusions(_call(slices, SUN), on=ON)).items

    assert (365, True) == (item.age_days, item.overdue)


async def test_another_department_knows_no_such_case(slices: Slices) -> None:
    """Neither page nor form nor list; nobody's case is nobody's."""
    await web.ask(_call(slices, WANG, body=ASK), on=ON)
    for answer in (web.show_one, web.show_own, web.ask_on_page, web.appeal_on_page, web.take_back_on_page):
        with pytest.raises(NotFound):
            await answer(_call(slices, OTHER, {**FORM, "number": "1"}), on=ON)
    assert [] == (await web.list_exclusions(_call(slices, OTHER), on=ON)).items
    call = _call(slices, WANG, body=ASK)
    call.path = {"case_id": CaseId("0198b2c4-0000-7000-8000-0000000000aa")}
    with pytest.raises(NotFound):
        await web.show_own(call, on=ON)


@pytest.mark.parametrize(
    "change",
    [
        "routing.case SET protected = true",
        "routing.case SET confidential = true",
        "routing.case SET state = 'merged'",
    ],
)
async def test_what_is_kept_from_view_is_in_no_list(slices: Slices, change: str) -> None:
    """A request about a case that became private, or was merged, is in nobody's list, and opened and decided by nobody."""
    await web.ask(_call(slices, WANG, body=ASK), on=ON)
    before = (await web.list_exclusions(_call(slices, SUN), on=ON)).items
    await slices.unit.db.execute(f"UPDATE {change} WHERE case_id = $1", CASE)
    after = [(await web.list_exclusions(_call(slices, who), on=ON)).items for who in (SUN, WANG)]

    assert (1, [[], []]) == (len(before), after)
    body = web.JudgeBody(number=1, decision="grant", text="属实", version=1)
    with pytest.raises(Refused):
        await web.show_one(_call(slices, SUN), on=ON)
    with pytest.raises(Refused):
        await web.judge(_call(slices, SUN, body=body), on=ON)
