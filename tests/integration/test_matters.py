"""Several matters in one message (分项): from the dispatcher's page to one joint answer, through all slices, on Postgres."""

from typing import Any

import pytest

import routing.web.pages
from handlers.core.actions import ACTIONS
from handlers.core.rules import Action
from handlers.steps import act_on_case as desk
from handlers.steps import read_cases
from handlers.steps.say_again import say_assigned_again
from intake.core.following.view import View
from intake.steps import act_on_case as citizen
from intake.store.view import find_view
from intake.web.views import case_view
from routing.core.decisions.review import Decision
from routing.core.decisions.splitting import NamedMatter
from routing.steps.decide import decide
from routing.steps.undo import undo
from routing.store import cases
from schemas.city import load_city
from schemas.errors import ActionNotAllowed, BadInput, NotFound
from schemas.events.parts import PartAsked
from schemas.http import Call, Principal, read
from schemas.ids import DepartmentCode
from schemas.words import CaseState, Language, ReviewKind, Role
from tests.conftest import RecordingUnit
from tests.integration.handlers.test_pages import Clerk
from tests.integration.slices import Slices
from tests.integration.test_promise_across_slices import html_of
from tests.unit.intake.messages import KEYS, draft, message

CITY = load_city()
TEXT = "公交车末班车太早，希望公交线路延长运营时间。另外家里自来水停水三天了，水压也低，小区管网漏水。"
BOTH = message(draft("两件事", TEXT, publish=True))
CASE = BOTH.codes.case_id
TRANSPORT, WATER, HOUSING = (DepartmentCode(code) for code in ("transport", "water", "housing"))
WANG = Principal(role=Role.DEPARTMENT, name="wang", department=TRANSPORT)
ZHAO = Principal(role=Role.DEPARTMENT, name="zhao", department=WATER)
SUN = Principal(role=Role.DEPARTMENT, name="sun", department=HOUSING)
LI = Principal(role=Role.DISPATCHER, name="li")
WATERS = NamedMatter(department="water", text="自来水停水三天了，水压也低。")


@pytest.fixture
def slices(unit: RecordingUnit) -> Slices:
    """All four."""
    return Slices(unit, CITY)


async def _submit(slices: Slices) -> None:
    """It waits for a dispatcher: the machine is not sure."""
    await slices.submit(BOTH)


async def _version(slices: Slices, kind: ReviewKind = ReviewKind.DISPATCH) -> int:
    found: int = await slices.unit.db.fetchval(
        "SELECT version FROM routing.review_item WHERE case_id = $1 AND kind = $2 AND state = 'open'",
        CASE,
        kind,
    )
    return found


async def _decide(slices: Slices, kind: ReviewKind = ReviewKind.DISPATCH, **said: Any) -> None:
    version = await _version(slices, kind)
    await decide(slices.unit, CITY, CASE, Decision(version=version, kind=kind, **said), "li")
    await slices.carry()


async def split(slices: Slices, *parts: NamedMatter) -> None:
    await _submit(slices)
    await _decide(slices, lead="transport", parts=parts or (WATERS,))


async def _act(slices: Slices, who: Principal, action: Action, **fields: Any) -> None:
    version = await slices.unit.db.fetchval("SELECT version FROM handlers.case WHERE case_id = $1", CASE)
    body = read(ACTIONS[action].body, {"version": version, **fields})
    await desk.act(slices.unit, who, CASE, action, body, CITY)
    await slices.carry()


async def _view(slices: Slices) -> View:
    found = await find_view(slices.unit.db, BOTH.codes.tracking_code)
    assert found is not None
    return found


async def _clock(slices: Slices, clock: str = "part.water") -> Any:
    return await slices.unit.db.fetchval(
        "SELECT state FROM sla.clock WHERE case_id = $1 AND clock = $2", CASE, clock
    )


async def _pending(slices: Slices) -> list[str]:
    case = await read_cases.read_case(slices.unit, TRANSPORT, CASE)
    return [part.department for part in case.parts if part.is_matter]


def _call(slices: Slices, form: dict[str, str] | None = None, language: Language = Language.ZH) -> Call:
    return Call(
        principal=LI, language=language, path={"case_id": CASE}, headers={}, address="127.0.0.1",
        unit_or_none=slices.unit, form=form or {}, query=None,
    )  # fmt: skip


async def test_each_matter_has_its_department_and_clock_and_the_answer_is_one(slices: Slices) -> None:
    """The lead answers when all is done and not before; the citizen reads under one code what is with whom."""
    await split(slices)
    assert ("running", "running") == (await _clock(slices), await _clock(slices, "reply"))
    told = [event for to, event in slices.unit.emitted_to if to == WATER and isinstance(event, PartAsked)]
    assert [WATERS.text] == [event.text for event in told]
    await _act(slices, WANG, Action.SIGN)
    with pytest.raises(ActionNotAllowed):
        await _act(slices, WANG, Action.REPLY, note="已办", response="两件事都已办好。")
    with pytest.raises(ActionNotAllowed):
        await _act(slices, WANG, Action.WITHDRAW_PART, departments=["water"], reason="不需要")
    assert ["water"] == await _pending(slices)

    await _act(slices, ZHAO, Action.PART, text="已恢复供水，水压正常。")
    assert "stopped" == await _clock(slices)
    assert [] == await _pending(slices)
    await _act(slices, WANG, Action.REPLY, note="已办", response="两件事都已办好。")
    await _decide(slices, ReviewKind.REPLY, accept=True)

    seen = await _view(slices)
    assert (CaseState.CLOSED, "两件事都已办好。") == (seen.state, seen.response)
    lines = [(line.event, line.department, line.words) for line in seen.timeline if "matter" in line.event]
    assert [("matter_asked", "water", WATERS.text), ("matter_done", "water", "")] == lines
    for language in Language:
        shown = case_view(seen, language, now=slices.unit.now, city=CITY, zone=CITY.zone)
        assert WATERS.text in [line.words for line in shown.timeline]
    assert 1 == await slices.unit.db.fetchval("SELECT count(*) FROM intake.published")


async def test_the_department_of_a_matter_need_not_wait_for_the_lead(slices: Slices) -> None:
    """It may do its own before the lead has signed, and while the lead says that the case is not theirs."""
    await split(slices)
    await _act(slices, ZHAO, Action.PART, text="已恢复供水。")
    assert [] == await _pending(slices)
    await _act(slices, WANG, Action.SIGN)
    await _act(slices, WANG, Action.REPLY, note="已办", response="都已办好。")


async def test_a_return_that_is_refused_loses_no_matter(slices: Slices) -> None:
    """Its clock goes on; accepted, the case goes elsewhere with what the dispatcher splits off then."""
    await split(slices)
    await _act(slices, WANG, Action.RETURN, reason="不属本单位", basis="三定")
    assert "running" == await _clock(slices)
    await _decide(slices, ReviewKind.RETURN, accept=False, remarks="属于你单位")
    assert ["water"] == await _pending(slices)


async def test_a_return_that_is_accepted_begins_anew(slices: Slices) -> None:
    """Nothing is asked of anybody who is not named again."""
    await split(slices)
    await _act(slices, WANG, Action.RETURN, reason="不属本单位", basis="三定")
    await _decide(slices, ReviewKind.RETURN, lead="housing")

    assert "stopped" == await _clock(slices)
    with pytest.raises(NotFound):
        await read_cases.read_case(slices.unit, WATER, CASE)
    case = await read_cases.read_case(slices.unit, HOUSING, CASE)
    assert [] == [part.department for part in case.parts if part.is_matter]


async def test_a_decision_that_is_undone_asks_nobody_any_more(slices: Slices) -> None:
    """The case waits as before; the next dispatch splits what it says, and nothing else."""
    await split(slices)
    case = await cases.find(slices.unit.db, CASE)
    assert case is not None
    assert [part.department for part in case.parts] == ["water"]
    await undo(slices.unit, CASE, case.version, "li")
    await slices.carry()
    assert "stopped" == await _clock(slices)
    await _decide(slices, lead="transport")

    assert [] == await _pending(slices)


@pytest.mark.parametrize("end", ["withdrawn", "merged"])
async def test_a_case_that_ends_ends_its_matters(slices: Slices, end: str) -> None:
    """No clock runs on, and the department has nothing to do any more."""
    other = message(draft("公交车", "公交车太少。"), entropy=b"o" * 32)
    await slices.submit(other)
    await split(slices)
    if end == "withdrawn":
        await citizen.withdraw(slices.unit, KEYS, await _view(slices), reason="")
    else:
        case = await cases.find(slices.unit.db, CASE)
        assert case is not None
        into = Decision(version=case.version, merge_into=other.codes.case_id)
        await decide(slices.unit, CITY, CASE, into, "li")
    await slices.carry()

    assert "stopped" == await _clock(slices)
    with pytest.raises((ActionNotAllowed, NotFound)):
        await _act(slices, ZHAO, Action.PART, text="已恢复供水。")


async def test_an_objection_reopens_the_whole(slices: Slices) -> None:
    """With the lead, who asks whom it needs; no matter holds the next answer up by itself."""
    await split(slices)
    await _act(slices, ZHAO, Action.PART, text="已恢复供水。")
    await _act(slices, WANG, Action.SIGN)
    await _act(slices, WANG, Action.REPLY, note="已办", response="都已办好。")
    await _decide(slices, ReviewKind.REPLY, accept=True)
    await citizen.object_to_outcome(slices.unit, KEYS, await _view(slices), reason="又停水了")
    await slices.carry()

    assert CaseState.REOPENED == (await _view(slices)).state
    await _act(slices, WANG, Action.ASK_PART, departments=["water"], text="请再查停水")
    await _act(slices, WANG, Action.REPLY, note="已办", response="再次办好。")


async def test_each_matter_has_its_own_item(slices: Slices) -> None:
    """That of its department which its words name: at the desk in the reader's language, in the API, and told again."""
    await split(slices, NamedMatter(department="water", text="家里停水三天了。"))
    (part,) = (await read_cases.read_case(slices.unit, WATER, CASE)).parts
    assert "water-cut" == part.item
    for language in Language:
        assert CITY.item["water-cut"].name(language) in await Clerk(slices.unit, WATER, language).open(
            f"/desk/{CASE}"
        )
    await say_assigned_again(slices.unit, [CASE])

    assert ["water-cut"] == [event.item for event in slices.unit.emitted if isinstance(event, PartAsked)]


async def test_what_accuses_since_is_split_no_more(slices: Slices) -> None:
    """No department has it, the clock stands; and a protected case cannot be split."""
    await split(slices)
    added = citizen.Addition(text="自来水公司的王主任收受贿赂，收了用户的钱。")
    await citizen.supplement(slices.unit, KEYS, await _view(slices), added)
    await slices.carry()

    assert "stopped" == await _clock(slices)
    with pytest.raises(NotFound):
        await read_cases.read_case(slices.unit, WATER, CASE)
    with pytest.raises(BadInput) as refusal:
        await _decide(slices, lead="transport", parts=(NamedMatter(department="housing", text="停水"),))
    assert ["parts"] == [error.field for error in refusal.value.errors]


async def test_what_is_told_again_asks_for_nothing_twice(slices: Slices) -> None:
    """As reconciling does: what waits is told with its words, what was done is not asked for again."""
    await split(slices)
    await say_assigned_again(slices.unit, [CASE])
    again = [event for event in slices.unit.emitted if isinstance(event, PartAsked)]
    await slices.carry()
    assert [WATERS.text] == [event.matter for event in again]
    asked = [line for line in (await _view(slices)).whole_timeline if line.event == "matter_asked"]
    assert 1 == len(asked)


@pytest.mark.parametrize(
    "parts",
    [
        [{"department": "transport", "text": "公交"}],
        [{"department": "water", "text": "水"}, {"department": "water", "text": "水压"}],
        [{"department": "nobody", "text": "水"}],
        [{"department": "water", "text": "……"}],
    ],
)
async def test_what_cannot_be_split_so_is_refused(slices: Slices, parts: list[dict[str, str]]) -> None:
    """The lead's own, two of one department, of none, or without a word; nothing is decided."""
    await _submit(slices)
    with pytest.raises(BadInput):
        await _decide(slices, lead="transport", parts=tuple(NamedMatter(**each) for each in parts))
    with pytest.raises(BadInput):
        await _decide(slices, decline=True, parts=(WATERS,))


@pytest.mark.parametrize("language", Language)
async def test_the_page_offers_what_the_machine_takes_for_matters(slices: Slices, language: Language) -> None:
    """With their words, to be ticked and changed; what is not ticked is not split."""
    await _submit(slices)
    page: Any = await routing.web.pages.show_case(_call(slices, language=language), city=CITY)
    html = html_of(page, LI, language)
    lead = (await cases.find(slices.unit.db, CASE)).lead  # type: ignore[union-attr]  # it is there
    offered = "自来水停水三天了" if lead == "transport" else "公交线路延长"
    assert offered in html.split('id="dispatch-parts"')[1].split("</fieldset>")[0]
    form = {
        "action": "dispatch", "version": str(await _version(slices)), "kind": "dispatch", "lead": "transport",
        "part_1": "yes", "part_department_1": "water", "part_text_1": "停水三天",
        "part_department_2": "housing", "part_text_2": "没有勾选",
        "part_3": "own", "part_department_3": "education", "part_text_3": "",
    }  # fmt: skip
    wrong: Any = await routing.web.pages.decide_on_page(
        _call(slices, {**form, "part_department_1": "transport"}, language), city=CITY
    )
    assert 422 == wrong.status
    assert "停水三天" in html_of(wrong, LI, language)
    half: Any = await routing.web.pages.decide_on_page(_call(slices, form, language), city=CITY)
    assert (422, True) == (
        half.status,
        language.choose("第 3 项", "Matter 3: ") in html_of(half, LI, language),
    )
    await routing.web.pages.decide_on_page(_call(slices, form | {"part_text_3": "校车"}, language), city=CITY)
    await slices.carry()

    assert ["education", "water"] == sorted(await _pending(slices))


@pytest.mark.parametrize("language", Language)
async def test_a_dispatcher_splits_off_what_the_machine_did_not_see(
    slices: Slices, language: Language
) -> None:
    """There is room for two more matters, without a tick to forget; empty ones are none."""
    await _submit(slices)
    page: Any = await routing.web.pages.show_case(_call(slices, language=language), city=CITY)
    html = html_of(page, LI, language).split('id="dispatch-parts"')[1].split("</fieldset>")[0]

    assert 2 == html.count('value="own"')
