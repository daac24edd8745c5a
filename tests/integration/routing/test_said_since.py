"""What citizens say of their cases later: who presses them, and what sounds like an accusation."""

from typing import Any

import pytest

from routing.core.decisions.review import Decision
from routing.core.doubts import Doubt, waiting_doubts
from routing.core.rules import load_rules
from routing.steps.decide import decide
from routing.steps.judging import judge_objections
from routing.steps.supplement import handle_dropped
from routing.store import cases, items
from schemas.city import load_city
from schemas.events.handlers import CaseReopened, RequestDropped
from schemas.events.intake import CaseSupplemented, CaseWithdrawn, CitizenRated
from schemas.events.routing import ReviewRequested, SupplementJudged, WithdrawalConfirmed, WithdrawalJudged
from schemas.ids import CaseId, CategoryCode, DepartmentCode
from schemas.words import CaseState, Saying
from tests.integration.routing.cases import AT, UNCLEAR, rate, registered, reopen, route, supplement, withdraw

CITY = load_city()
PRESSED = "他们让我撤的，不撤就扣低保"
SOUNDING = "检查组走的时候每人提一盒海参，老板说城管局的路他熟"


async def _withdraw(unit: Any, case_id: CaseId, reason: str, version: int = 2) -> list[Any]:
    unit.emitted.clear()
    await withdraw(unit, [CaseWithdrawn(case_id=case_id, version=version, at=AT, reason=reason)])
    return list(unit.emitted)


@pytest.mark.parametrize("later", ["", "已经解决了"])
async def test_until_a_dispatcher_has_decided_no_withdrawal_is_accepted(unit: Any, later: str) -> None:
    """Pressed once, the citizen is pressed to ask without a word: it waits, too; decided, they may take it back."""
    event = registered(UNCLEAR)
    await route(unit, [event])
    assert [True] == [
        e.held for e in await _withdraw(unit, event.case_id, PRESSED) if isinstance(e, WithdrawalJudged)
    ]

    said = await _withdraw(unit, event.case_id, later)

    assert [True] == [each.held for each in said if isinstance(each, WithdrawalJudged)]
    assert not any(isinstance(each, WithdrawalConfirmed) for each in said)
    assert [later] * bool(later) == [each.text for each in said if isinstance(each, SupplementJudged)]
    case = (await cases.lock_cases(unit.db, [event.case_id]))[event.case_id]
    assert ("open", True) == (case.state, later in case.supplement)
    (item,) = await items.waiting(unit.db, event.case_id)
    await decide(
        unit, CITY, event.case_id, Decision(version=item.version, category="other", lead="letters"), "li"
    )
    said = await _withdraw(unit, event.case_id, "", version=item.version + 1)
    assert [False] == [each.held for each in said if isinstance(each, WithdrawalJudged)]


async def test_a_wordless_withdrawal_accuses_nobody_anew(unit: Any) -> None:
    """Who was accused stays who they were."""
    event = registered(UNCLEAR)
    await route(unit, [event])
    await _withdraw(unit, event.case_id, PRESSED)
    before = (await cases.lock_cases(unit.db, [event.case_id]))[event.case_id].accused

    await _withdraw(unit, event.case_id, "")

    assert before == (await cases.lock_cases(unit.db, [event.case_id]))[event.case_id].accused


@pytest.mark.parametrize("way", ["supplement", "objection", "rating"])
async def test_a_dispatcher_sees_which_words_sounded_accusing(unit: Any, way: str) -> None:
    """As of a message: by which weights, and the words themselves, whichever way they came."""
    event = registered()
    await route(unit, [event])
    head: dict[str, Any] = {"case_id": event.case_id, "version": 2, "at": AT}
    if way == "supplement":
        await supplement(unit, [CaseSupplemented(**head, text=SOUNDING)])
    elif way == "objection":
        await reopen(
            unit,
            [
                CaseReopened(
                    **head, reason=SOUNDING, lead=DepartmentCode("transport"), state=CaseState.REOPENED
                )
            ],
        )
    else:
        await rate(unit, [CitizenRated(**head, score=1, comment=SOUNDING)])

    (item,) = await items.waiting(unit.db, event.case_id)
    case = (await cases.lock_cases(unit.db, [event.case_id]))[event.case_id]
    found = {doubt.code: doubt.facts for doubt in waiting_doubts(item, case)}
    version, words = found[Doubt.SOUNDS]
    assert load_rules().accusations.weights.version == version
    assert "海参" in words


async def test_an_objection_that_came_too_late_is_judged(unit: Any) -> None:
    """Handlers says that it reopens nothing; whom it accuses has the case no more, and departments read it after that."""
    event = registered()
    await route(unit, [event])
    unit.emitted.clear()
    dropped = [
        RequestDropped(
            case_id=event.case_id, version=9, at=AT, asked="citizen.objected", asked_at=AT, asked_version=8,
            lead=DepartmentCode("transport"), category=CategoryCode("bus"), state=CaseState.CLOSED, reason=reason,
        )
        for reason in ("交通局路政大队收钱放行超载车，请查",)
    ]  # fmt: skip
    await handle_dropped(load_rules(), unit, dropped, judge_objections(load_rules(), dropped))

    asked, words = unit.emitted
    assert isinstance(asked, ReviewRequested)
    assert (("transport",), True) == (asked.accused, asked.protected)
    assert isinstance(words, SupplementJudged)
    assert (Saying.OBJECTION, dropped[0].reason) == (words.said, words.text)


async def test_what_stood_beside_the_number_is_judged(unit: Any) -> None:
    """A name that accuses is no name: the case waits for a dispatcher, and whom it names may not have it."""
    event = registered(beside="举报交通局王局长受贿")
    await route(unit, [event])

    (asked,) = unit.emitted
    assert isinstance(asked, ReviewRequested)
    assert (("transport",), True) == (asked.accused, asked.protected)
