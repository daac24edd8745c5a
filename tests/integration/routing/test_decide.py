"""A dispatcher's decisions on a real Postgres."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from deploy.database.unit_of_work import PostgresUnit
from routing.core.decisions.review import Decision
from routing.steps import handle_events
from routing.steps.decide import decide
from routing.steps.decided import Decided
from routing.store import cases, items
from schemas.city import load_city
from schemas.errors import ActionNotAllowed, BadInput, NotFound, Refused, StaleVersion
from schemas.events.handlers import CaseReplied, CaseReturned, ExtensionRequested
from schemas.events.intake import CaseRegistered, CaseSupplemented, CaseWithdrawn
from schemas.events.routing import CaseDeclined, CaseMerged, CaseRouted, ReviewDecided
from schemas.ids import CaseId, DepartmentCode
from schemas.words import ReviewKind
from tests.integration.routing.cases import AT, UNCLEAR, new_case_id, registered, route, supplement, withdraw

CITY = load_city()
TRANSPORT = DepartmentCode("transport")


async def _open(unit: Any, **changes: object) -> CaseRegistered:
    event = registered(UNCLEAR, **changes)
    await route(unit, [event])
    unit.emitted.clear()
    return event


async def _decide(unit: Any, case_id: CaseId, **said: Any) -> Decided:
    return await decide(unit, CITY, case_id, Decision(**{"version": 2, **said}), "dispatcher")


async def test_a_case_is_dispatched(unit: Any) -> None:
    """The decision first, then the route with everything, one version further."""
    event = await _open(unit, has_contact=True)
    added = CaseSupplemented(case_id=event.case_id, version=2, at=AT, text="补充")
    await supplement(unit, [added])

    decided = await _decide(
        unit, event.case_id, category="environment", lead="environment", supporting=("water",), remarks="查水"
    )

    expected = Decided(case_id=event.case_id, tracking_code=event.tracking_code, state="routed", version=3)
    assert expected == decided
    _, said, routed = unit.emitted
    assert isinstance(said, ReviewDecided)
    assert (2, ReviewKind.DISPATCH, True, "dispatcher", "查水") == (
        said.version,
        said.kind,
        said.accepted,
        said.decided_by,
        said.remarks,
    )
    assert isinstance(routed, CaseRouted)
    assert (3, "environment", "environment", ("water",), "dispatcher") == (
        routed.version,
        routed.category,
        routed.lead,
        routed.supporting,
        routed.decided_by,
    )
    # The department hears of the supplement from intake itself: it is not in the text twice.
    assert (event.title, event.text, True) == (routed.title, routed.text, routed.has_contact)
    assert [] == await items.waiting(unit.db, event.case_id)


async def test_a_case_is_declined_with_its_legal_route(unit: Any) -> None:
    """The citizen will read it."""
    event = await _open(unit)

    decided = await _decide(
        unit, event.case_id, decline="请向人民法院起诉，对方住翠竹苑5号楼502，13812345678。"
    )

    assert ("declined", 3) == (decided.state, decided.version)
    [declined] = unit.emitted
    assert isinstance(declined, CaseDeclined)
    assert (3, "请向人民法院起诉，对方住翠竹苑***，138****5678。") == (declined.version, declined.legal_route)


async def test_a_case_is_merged_by_id_or_by_tracking_code(unit: Any) -> None:
    """Both name the same case."""
    target = await _open(unit)

    for name in (target.case_id, target.tracking_code.lower()):
        event = await _open(unit)
        await _decide(unit, event.case_id, merge_into=name)
        [merged] = unit.emitted
        assert isinstance(merged, CaseMerged)
        assert (3, target.case_id) == (merged.version, merged.into)


async def test_merging_cannot_go_in_circles_or_chains(unit: Any) -> None:
    """Not into itself, not into a merged case, and not a case that others were merged into."""
    first, second, third = [await _open(unit) for _ in range(3)]
    await _decide(unit, first.case_id, merge_into=second.case_id)

    for case_id, into in (
        (third.case_id, third.case_id),
        (third.case_id, first.case_id),
        (second.case_id, third.case_id),
        (third.case_id, new_case_id()),
        (third.case_id, "no such code"),
    ):
        with pytest.raises(BadInput):
            await _decide(unit, case_id, merge_into=into)


async def test_the_same_decision_twice_is_refused(unit: Any) -> None:
    """Decided is decided; an older or unknown version is stale; an unknown case is not found."""
    event = await _open(unit)
    await _decide(unit, event.case_id, lead="water")

    with pytest.raises(ActionNotAllowed):
        await _decide(unit, event.case_id, lead="water")
    with pytest.raises(StaleVersion) as refused:
        await _decide(unit, event.case_id, version=1, lead="water")
    assert 3 == refused.value.facts["current"]
    with pytest.raises(NotFound):
        await _decide(unit, new_case_id(), lead="water")


async def test_a_withdrawn_case_is_not_decided_on(unit: Any) -> None:
    """The citizen was faster."""
    event = await _open(unit)
    await withdraw(unit, [CaseWithdrawn(case_id=event.case_id, version=2, at=AT)])

    with pytest.raises(ActionNotAllowed):
        await _decide(unit, event.case_id, lead="water")


async def _returned(unit: Any) -> CaseId:
    event = registered()
    await route(unit, [event])
    returned = CaseReturned(
        case_id=event.case_id,
        version=4,
        at=AT,
        department=TRANSPORT,
        reason="职责不符",
        basis="三定方案",
        return_count=1,
    )
    await handle_events.review_returns(unit, [returned])
    unit.emitted.clear()
    return event.case_id


async def test_an_accepted_return_goes_to_another_department(unit: Any) -> None:
    """Said first, then routed anew, one version further; a second return of the next one is a new item."""
    case_id = await _returned(unit)

    decided = await _decide(unit, case_id, version=4, accept=True, lead="public-security")

    said, routed = unit.emitted
    assert isinstance(said, ReviewDecided)
    assert isinstance(routed, CaseRouted)
    assert (4, ReviewKind.RETURN, True) == (said.version, said.kind, said.accepted)
    assert (5, "public-security", "transport") == (routed.version, routed.lead, routed.category)
    assert 5 == decided.version


async def test_a_refused_return_is_only_said(unit: Any) -> None:
    """handlers gives the case back to its department."""
    case_id = await _returned(unit)

    decided = await _decide(unit, case_id, version=4, accept=False, remarks="属于你局")

    [said] = unit.emitted
    assert (4, False, "属于你局") == (said.version, said.accepted, said.remarks)
    assert 4 == decided.version


async def test_extensions_and_replies_are_decided_with_the_version_unchanged(unit: Any) -> None:
    """Granted or not, approved or sent back."""
    event = registered()
    await route(unit, [event])
    case_id = event.case_id
    asked = ExtensionRequested(
        case_id=case_id, version=5, at=AT, department=TRANSPORT, working_days=5, reason="招标"
    )
    replied = CaseReplied(
        case_id=case_id, version=6, at=AT, department=TRANSPORT, note="已办", response="已解决"
    )
    await handle_events.review_extensions(unit, [asked])
    unit.emitted.clear()

    await _decide(unit, case_id, version=5, accept=True)
    await handle_events.review_replies(unit, [replied])
    await _decide(unit, case_id, version=6, kind=ReviewKind.REPLY, accept=False, remarks="没有说明时间")

    said = [event for event in unit.emitted if isinstance(event, ReviewDecided)]
    assert [(5, ReviewKind.EXTENSION, True), (6, ReviewKind.REPLY, False)] == [
        (event.version, event.kind, event.accepted) for event in said
    ]


@pytest.fixture
async def committed(schema: str) -> AsyncIterator[CaseId]:
    """A case in review that other connections see."""
    connection = await asyncpg.connect(schema)
    event = registered(UNCLEAR)
    unit = PostgresUnit(connection, datetime.now(UTC))
    async with connection.transaction():
        await route(unit, [event])
    try:
        yield event.case_id
    finally:
        await connection.execute("DELETE FROM routing.review_item WHERE case_id = $1", event.case_id)
        await connection.execute("DELETE FROM routing.case WHERE case_id = $1", event.case_id)
        await connection.close()


async def _dispatch_alone(schema: str, case_id: CaseId, lead: str) -> Decided | Refused:
    connection = await asyncpg.connect(schema)
    try:
        async with connection.transaction():
            unit = PostgresUnit(connection, datetime.now(UTC))
            return await decide(unit, CITY, case_id, Decision(version=2, lead=lead), lead)
    except Refused as refusal:
        return refusal
    finally:
        await connection.close()


async def test_of_dispatchers_at_once_exactly_one_decides(schema: str, committed: CaseId) -> None:
    """Each on a connection of its own; the others are told, and the case is the winner's."""
    leads = ["water", "housing", "transport", "health", "tax", "market"]

    answers = await asyncio.gather(*(_dispatch_alone(schema, committed, lead) for lead in leads))

    won = [lead for lead, answer in zip(leads, answers, strict=True) if isinstance(answer, Decided)]
    assert 1 == len(won)
    assert 5 == sum(isinstance(answer, ActionNotAllowed) for answer in answers)
    connection = await asyncpg.connect(schema)
    case = await cases.find(connection, committed)
    await connection.close()
    assert case is not None
    assert won == [case.lead]


@pytest.mark.parametrize(
    "said", [{"accept": True, "lead": "housing"}, {"decline": True}], ids=["moved", "declined"]
)
async def test_a_case_that_goes_elsewhere_has_no_other_questions(unit: Any, said: dict[str, Any]) -> None:
    """The extension that its department asked for is nobody's question any more; another case's stays."""
    moved, other = await _returned(unit), registered()
    await route(unit, [other])
    for case_id in (moved, other.case_id):
        asked = ExtensionRequested(
            case_id=case_id, version=4, at=AT, department=TRANSPORT, working_days=5, reason="招标"
        )
        await handle_events.review_extensions(unit, [asked])

    await _decide(unit, moved, version=4, kind=ReviewKind.RETURN, **said)

    assert [] == await items.waiting(unit.db, moved)
    assert [ReviewKind.EXTENSION] == [item.kind for item in await items.waiting(unit.db, other.case_id)]
