"""Signing for many cases at once, from the list of those that wait for it."""

import re
from dataclasses import replace

import pytest

from handlers.steps import read_cases
from schemas.ids import CaseId, DepartmentCode
from schemas.words import CaseState, Language
from tests.conftest import RecordingUnit
from tests.integration.handlers.test_pages import Clerk, opened
from tests.unit.handlers.making import HOUSING, TRANSPORT


@pytest.fixture
def clerk(unit: RecordingUnit) -> Clerk:
    """Of housing."""
    return Clerk(unit, HOUSING)


async def _state(unit: RecordingUnit, case_id: CaseId, department: DepartmentCode = HOUSING) -> CaseState:
    return (await read_cases.read_case(unit, department, case_id)).state


def _boxes(html: str) -> dict[str, str]:
    return {value.partition(":")[0]: value for value in re.findall(r'name="case" value="([^"]+)"', html)}


async def test_the_chosen_are_signed_for_and_no_others(unit: RecordingUnit, clerk: Clerk) -> None:
    """Each is told of, when the form comes twice, too; what went on meanwhile, or is another's, says why it was not."""
    signed, left, gone_on = [await opened(unit) for _ in range(3)]
    others = await opened(unit, lead=TRANSPORT)
    boxes = _boxes(await clerk.open("/desk?state=assigned"))
    assert {signed, left, gone_on} == set(boxes)
    await clerk.open(f"/desk/{gone_on}")
    await clerk.send("/return", reason="不属于本单位", basis="三定方案")

    chosen = {"case": ",".join([boxes[signed], boxes[gone_on], f"{others}:1"])}
    html = await clerk.post("/desk/sign-many", chosen)

    assert (1, 2) == (html.count("已签收</span>"), html.count("没有完成</span>"))
    assert "该件已有更新" in html
    assert ("没有找到" in html, others in html) == (True, True)
    assert [CaseState.IN_PROGRESS, CaseState.ASSIGNED] == [await _state(unit, one) for one in (signed, left)]
    assert CaseState.ASSIGNED == await _state(unit, others, TRANSPORT)
    assert (0, 1) == (
        (again := await clerk.post("/desk/sign-many", chosen)).count("已签收</span>"),
        again.count("刚刚已完成</span>"),
    )


async def test_what_a_colleague_signed_for_is_no_failure(unit: RecordingUnit, clerk: Clerk) -> None:
    """The list was opened before: the page says that it is done, and by whom it was; only what went on is refused."""
    theirs, mine = [await opened(unit) for _ in range(2)]
    boxes = _boxes(await clerk.open("/desk?state=assigned"))
    colleague = Clerk(unit, HOUSING)
    colleague.who = replace(colleague.who, name="li")
    await colleague.open(f"/desk/{theirs}")
    await colleague.send("/sign")

    html = await clerk.post("/desk/sign-many", {"case": f"{boxes[theirs]},{boxes[mine]}"})

    assert (1, 1) == (html.count("同事已签收</span>"), html.count(">已签收</span>"))
    assert "没有完成" not in html
    clerk.language = Language.EN
    assert "A colleague has signed for it" in await clerk.post("/desk/sign-many", {"case": boxes[theirs]})


async def test_nobody_signs_for_nothing(clerk: Clerk) -> None:
    """What is no choice is said, in the reader's language, and leads back."""
    for said in ({}, {"case": "nonsense"}):
        await clerk.post("/desk/sign-many", said)
        assert clerk.status == 422
    clerk.language = Language.EN
    assert "Choose cases first." in await clerk.post("/desk/sign-many", {})
    assert 'href="/desk?state=assigned"' in clerk.html


async def test_only_what_waits_for_it_can_be_chosen(unit: RecordingUnit, clerk: Clerk) -> None:
    """Not in the other lists, and not what this department only supports."""
    await opened(unit, lead=TRANSPORT, supporting=(HOUSING,))
    await opened(unit)

    assert {} == _boxes(await clerk.open("/desk"))
    assert 1 == len(_boxes(await clerk.open("/desk?state=assigned")))
