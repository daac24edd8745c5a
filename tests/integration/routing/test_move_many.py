"""Many cases in hand are moved at once: each as one is, and nothing is done twice."""

from collections.abc import Sequence
from typing import Any

import pytest
from msgspec.structs import replace

from routing.core.decisions.in_hand import AlreadyAnswered
from routing.steps import handle_events, undo
from routing.steps.move_many import SAME_WITHIN, Moved, count_in_hand, move_many, read_in_hand
from routing.store import cases, items
from routing.web.in_hand import InHandQuery, move_on_page, show_in_hand
from schemas.chosen import MOST_CHOSEN
from schemas.city import load_city
from schemas.errors import BadInput, NotFound, StaleVersion
from schemas.events.handlers import CaseReturned, ExtensionRequested
from schemas.events.routing import CaseRouted
from schemas.http import Page
from schemas.ids import CaseId, DepartmentCode
from schemas.words import Language, ReviewKind
from tests.integration.routing.cases import AT, new_case_id, registered, route
from tests.integration.routing.test_queue import call_of, html_of

CITY = load_city()
GONE, WATER = DepartmentCode("old-tramways"), DepartmentCode("water")
WHY = "单位撤并"


async def _in_hand(unit: Any, number: int, lead: DepartmentCode = GONE) -> dict[CaseId, int]:
    """So many cases of a department that the city has no more, as they are shown."""
    events = [registered() for _ in range(number)]
    await route(unit, events)
    for case in (await cases.lock_cases(unit.db, [event.case_id for event in events])).values():
        await cases.save(unit.db, replace(case, lead=lead))
    unit.emitted.clear()
    found = await cases.find_all(unit.db, [event.case_id for event in events])
    return {case.case_id: case.version for case in found.values()}


async def _move(unit: Any, seen: dict[CaseId, int], **said: Any) -> Sequence[Moved]:
    return await move_many(unit, CITY, seen, **{"lead": WATER, "remarks": WHY, "by": "li", **said})


async def _of_gone(unit: Any) -> set[CaseId]:
    return {case.case_id for case in (await read_in_hand(unit, GONE, None, 100))[0]}


async def test_each_is_moved_as_one_is(unit: Any) -> None:
    """Each says to its department why it comes, and who sent it; none is left, and each can be taken back."""
    seen = await _in_hand(unit, 3)
    assert await _of_gone(unit) == set(seen)
    told = await _move(unit, seen)

    assert [None] * 3 == [one.refusal for one in told]
    assert {(case_id, WATER, WHY, "li", version + 1) for case_id, version in seen.items()} == {
        (event.case_id, event.lead, event.moved_because, event.decided_by, event.version)
        for event in unit.emitted
        if isinstance(event, CaseRouted)
    }
    assert await _of_gone(unit) == set()
    case_id = next(iter(seen))
    case = await cases.find(unit.db, case_id)
    assert case is not None
    chance = undo.chance_on_case(unit, case, await items.of_case(unit.db, case_id), "li")
    assert chance is not None
    assert chance.until is not None


async def test_what_is_sent_twice_is_done_once(unit: Any) -> None:
    """The second time each is said to be done; another's form, or one of an hour later, is told that it has changed."""
    seen = await _in_hand(unit, 2)
    await _move(unit, seen)
    unit.emitted.clear()

    assert [(None, True)] * 2 == [(one.refusal, one.is_repeat) for one in await _move(unit, seen)]
    assert all(isinstance(one.refusal, StaleVersion) for one in await _move(unit, seen, by="wang"))
    unit.now += SAME_WITHIN
    assert all(isinstance(one.refusal, StaleVersion) for one in await _move(unit, seen))
    assert [] == unit.emitted


async def test_what_cannot_be_moved_holds_up_no_other(unit: Any) -> None:
    """One that was answered, one that changed, one that accuses the department, one that never was."""
    seen = await _in_hand(unit, 4)
    answered, changed, accusing, good = seen
    await cases.keep_responses(unit.db, {answered: "已办结。"}, {})
    accused = (await cases.lock_cases(unit.db, [accusing]))[accusing]
    await cases.protect_cases(unit.db, [replace(accused, accused=(WATER,))])
    never = new_case_id()
    told = await _move(unit, {**seen, changed: seen[changed] - 1, never: 1})

    refusals = {one.case_id: type(one.refusal) for one in told if one.refusal}
    assert refusals == {
        answered: AlreadyAnswered,
        changed: StaleVersion,
        accusing: BadInput,
        never: NotFound,
    }
    assert [good] == [event.case_id for event in unit.emitted]


async def test_what_waits_for_a_decision_is_decided_by_itself(unit: Any) -> None:
    """A case that its department returns is not among those that are moved, nor moved by a page of before."""
    seen = await _in_hand(unit, 1)
    (case_id,) = seen
    returned = CaseReturned(
        case_id=case_id,
        version=seen[case_id] + 2,
        at=AT,
        department=GONE,
        reason="不属于",
        basis="三定方案",
        return_count=1,
    )
    await handle_events.review_returns(unit, [returned])
    unit.emitted.clear()

    assert await _of_gone(unit) == set()
    (one,) = await _move(unit, seen)
    assert isinstance(one.refusal, StaleVersion)
    assert [] == unit.emitted


async def test_a_request_that_waits_is_shown_and_ended_by_nobody_who_has_not_seen_it(unit: Any) -> None:
    """Its case stands there unticked, with what was asked; a form of before is refused, the list's own goes."""
    seen = await _in_hand(unit, 2)
    asking, other = seen
    asked = ExtensionRequested(
        case_id=asking, version=seen[asking] + 2, at=AT, department=GONE, working_days=5, reason="招标"
    )
    await handle_events.review_extensions(unit, [asked])
    unit.emitted.clear()
    for language, tag in ((Language.ZH, "延期申请待决定"), (Language.EN, "asks: extension")):
        html = html_of(await show_in_hand(call_of(unit, query=InHandQuery()), city=CITY), language)
        assert f'value="{asking}:{asked.version}" aria-label' in html
        assert f'value="{other}:{seen[other]}" checked' in html
        assert 1 == html.count(tag)

    (one,) = await _move(unit, {asking: seen[asking]})
    assert isinstance(one.refusal, StaleVersion)
    assert [ReviewKind.EXTENSION] == [item.kind for item in await items.waiting(unit.db, asking)]
    (one,) = await _move(unit, {asking: asked.version})
    assert one.refusal is None
    assert [] == await items.waiting(unit.db, asking)
    assert [asking] == [event.case_id for event in unit.emitted]


@pytest.mark.parametrize(
    "wrong", [{"remarks": ""}, {"remarks": "……"}, {"lead": GONE}, {"lead": "", "remarks": ""}]
)
async def test_without_a_reason_or_a_department_nothing_is_moved(unit: Any, wrong: dict[str, str]) -> None:
    """Said once, for all of them, and of both where both are missing."""
    seen = await _in_hand(unit, 2)

    with pytest.raises(BadInput) as refused:
        await _move(unit, seen, **wrong)
    assert sorted(wrong) == sorted(error.field for error in refused.value.errors)
    assert [] == unit.emitted


async def test_on_the_page_it_is_confirmed_first(unit: Any) -> None:
    """Who left the city is named; the cases are chosen, then where they go and why; then what came of each."""
    seen = await _in_hand(unit, 2)
    chosen = ",".join(f"{case_id}:{version}" for case_id, version in seen.items())
    listed = await show_in_hand(call_of(unit, query=InHandQuery()), city=CITY)
    assert ([GONE], 2) == (listed.context["gone"], (await count_in_hand(unit))[GONE])
    assert all(f'value="{each}"' in html_of(listed, Language.ZH) for each in chosen.split(","))

    asked = await move_on_page(call_of(unit, form={"case": chosen}), city=CITY)
    assert chosen in html_of(asked, Language.ZH)
    assert [] == unit.emitted

    form = {"case": chosen, "step": "send", "lead": WATER}
    refused = await move_on_page(call_of(unit, form=form), city=CITY)
    assert (422, []) == (refused.status, unit.emitted)
    done = await move_on_page(call_of(unit, form={**form, "remarks": WHY}), city=CITY)
    assert 2 == html_of(done, Language.ZH).count("已改派")
    assert 2 == len(unit.emitted)


@pytest.mark.parametrize(
    "chosen",
    ["", "x:1", f"{new_case_id()}", f"{new_case_id()}:-1", f"{new_case_id()}:{2**31}", ",".join(
        f"{new_case_id()}:1" for _ in range(MOST_CHOSEN + 1)
    )],
)  # fmt: skip
async def test_what_is_no_choice_is_refused(unit: Any, chosen: str) -> None:
    """None, too many, and what no page of ours sends."""
    page: Page = await move_on_page(call_of(unit, form={"case": chosen, "step": "send"}), city=CITY)

    assert page.status == 422


async def test_a_long_list_goes_on(unit: Any) -> None:
    """Behind the last of a page stands the next."""
    seen = await _in_hand(unit, 3)
    first, last = await read_in_hand(unit, GONE, None, 2)
    assert last is not None
    second, none = await read_in_hand(unit, GONE, last.case_id, 2)

    assert sorted(seen) == [case.case_id for case in (*first, *second)]
    assert none is None
