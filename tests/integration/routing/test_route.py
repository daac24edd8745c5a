"""New cases on a real Postgres: routed or asked about, once, and what their citizens do meanwhile."""

from typing import Any

import msgspec

from routing.steps import route as steps
from routing.store import cases, items
from schemas.events.intake import CaseSupplemented, CaseWithdrawn, DuplicateSuspected
from schemas.events.routing import CaseRouted, ReviewRequested, WithdrawalConfirmed
from schemas.values import Place, RaisedDoubt
from schemas.words import Kind, ReviewKind
from tests.integration.routing.cases import (
    AT,
    CLEAR,
    UNCLEAR,
    new_case_id,
    registered,
    route,
    supplement,
    withdraw,
)


async def test_a_clear_case_is_routed_with_everything_its_department_needs(unit: Any) -> None:
    """The route carries what intake said, the department, and the next version."""
    event = registered(place=Place(address="东湖区某路"), has_contact=True, confidential=True, publish=False)

    await route(unit, [event])

    [routed] = unit.emitted
    assert isinstance(routed, CaseRouted)
    assert (event.case_id, 2, "transport", "transport") == (
        routed.case_id,
        routed.version,
        routed.category,
        routed.lead,
    )
    same = (
        "tracking_code",
        "channel",
        "received_at",
        "title",
        "text",
        "place",
        "has_contact",
        "confidential",
        "publish",
    )
    assert [getattr(event, name) for name in same] == [getattr(routed, name) for name in same]
    assert "rules" == routed.decided_by
    assert await items.waiting(unit.db, event.case_id) == []


async def test_its_item_of_the_catalogue_travels_with_it(unit: Any) -> None:
    """And is kept; of a case that accuses somebody there is none, however it came to be one."""
    street = ("路灯不亮", "听荷路的路灯不亮，请维修路灯。")
    event = registered(street)
    accusing = registered((street[0], f"{street[1]}举报城管局执法人员收受贿赂。"))

    await route(unit, [event, accusing])

    assert ["street-light", None] == [
        kept.item
        for kept in [await cases.find(unit.db, event.case_id), await cases.find(unit.db, accusing.case_id)]
        if kept is not None
    ]
    assert ["street-light"] == [said.item for said in unit.emitted if isinstance(said, CaseRouted)]
    later = CaseSupplemented(case_id=event.case_id, version=2, at=AT, text="我要举报城管局执法人员收受贿赂。")
    await supplement(unit, [later])
    kept = await cases.find(unit.db, event.case_id)
    assert kept is not None
    assert (True, None) == (kept.protected, kept.item)


async def test_its_tags_travel_with_it(unit: Any) -> None:
    """And are kept; of a case that accuses somebody there are none, however it came to be one."""
    words = ("路灯不亮", "听荷路的路灯不亮，夜里老人摔过，请维修路灯。")
    event = registered(words)
    accusing = registered((words[0], f"{words[1]}举报城管局执法人员收受贿赂。"))

    await route(unit, [event, accusing])

    kept = [await cases.find(unit.db, each.case_id) for each in (event, accusing)]
    assert [("night", "elderly"), ()] == [case.tags for case in kept if case is not None]
    assert [("night", "elderly")] == [said.tags for said in unit.emitted if isinstance(said, CaseRouted)]
    later = CaseSupplemented(case_id=event.case_id, version=2, at=AT, text="我要举报城管局执法人员收受贿赂。")
    await supplement(unit, [later])
    after = await cases.find(unit.db, event.case_id)
    assert after is not None
    assert (True, ()) == (after.protected, after.tags)


async def test_a_case_that_an_earlier_release_protects_keeps_no_tags(unit: Any) -> None:
    """It knows no such column, and says nothing of it."""
    event = registered(("路灯不亮", "听荷路的路灯不亮，夜里老人摔过，请维修路灯。"))
    await route(unit, [event])
    before = await cases.find(unit.db, event.case_id)
    await unit.db.execute(
        "UPDATE routing.case SET accused = '{transport}', protected = true WHERE case_id = $1", event.case_id
    )

    after = await cases.find(unit.db, event.case_id)
    assert before is not None
    assert after is not None
    assert ("night", "elderly") == before.tags
    assert (True, ()) == (after.protected, after.tags)


async def test_what_was_seen_before_is_said_beside_the_item(unit: Any) -> None:
    """The dispatcher learns what did not help; nothing is said where nothing was seen."""
    seen = ("ABCD-EFGH-JKMN-PQRS",)
    event, other = msgspec.structs.replace(registered(UNCLEAR), seen=seen), registered(UNCLEAR)

    await route(unit, [event, other])

    [item], [plain] = await items.waiting(unit.db, event.case_id), await items.waiting(unit.db, other.case_id)
    assert list(seen) == item.detail["seen"]
    assert "seen" not in plain.detail


async def test_an_unclear_case_waits_for_a_dispatcher(unit: Any) -> None:
    """Nothing to go by: a review is requested with the reason, and the item is in the queue."""
    event = registered(UNCLEAR)

    await route(unit, [event])

    [asked] = unit.emitted
    assert isinstance(asked, ReviewRequested)
    assert (2, ReviewKind.DISPATCH) == (asked.version, asked.kind)
    assert [RaisedDoubt(code="no-words")] == list(asked.doubts)
    [item] = await items.waiting(unit.db, event.case_id)
    assert (ReviewKind.DISPATCH, 2, unit.now) == (item.kind, item.version, item.opened_at)


async def test_who_tells_of_several_matters_waits_with_their_departments_named(unit: Any) -> None:
    """In what is asked, and in the item as it is kept."""
    event = registered(("报修", "路灯坏了半个月。另外，自来水水压太低，没水用。"))

    await route(unit, [event])

    [asked] = unit.emitted
    assert [RaisedDoubt(code="several", facts=("urban-management", "water"))] == list(asked.doubts)
    [item] = await items.waiting(unit.db, event.case_id)
    assert ["urban-management", "water"] == item.detail["several"]


async def test_a_case_that_comes_twice_is_routed_once(unit: Any) -> None:
    """A replayed registration changes nothing and says nothing."""
    event = registered()
    await route(unit, [event])
    unit.emitted.clear()

    await route(unit, [event, other := registered(UNCLEAR)])

    assert [other.case_id] == [emitted.case_id for emitted in unit.emitted]


async def test_a_batch_costs_the_same_statements_as_one_case(unit: Any) -> None:
    """Two trips to the database, however many cases."""
    counted = Counting(unit.db)
    unit.db = counted

    await route(unit, [registered(CLEAR if n % 2 else UNCLEAR) for n in range(40)])

    assert 2 == counted.trips
    assert 40 == len(unit.emitted)


async def test_the_simplified_text_is_what_is_matched(unit: Any) -> None:
    """Traditional characters are classified by their Simplified form and forwarded as written."""
    event = registered(("公車", "捷運"), simplified="\n".join(CLEAR))

    await route(unit, [event])

    [routed] = unit.emitted
    assert ("transport", "公車") == (routed.category, routed.title)


async def test_the_citizens_own_kind_stands(unit: Any) -> None:
    """What the citizen chose is not overruled by cues."""
    await route(unit, [registered(kind=Kind.PRAISE)])

    assert Kind.PRAISE == unit.emitted[0].kind


async def test_a_supplement_reaches_the_dispatcher_while_the_case_waits(unit: Any) -> None:
    """What the citizen adds is kept with an open case, not with one that its department has."""
    waiting, gone = registered(UNCLEAR), registered()
    await route(unit, [waiting, gone])

    for text in ("第一次补充", "第二次补充"):
        await supplement(
            unit, [CaseSupplemented(case_id=e.case_id, version=2, at=AT, text=text) for e in (waiting, gone)]
        )

    kept = [await cases.find(unit.db, event.case_id) for event in (waiting, gone)]
    assert ["第一次补充\n\n第二次补充", ""] == [case.supplement for case in kept if case]


async def test_a_withdrawn_case_leaves_the_queue(unit: Any) -> None:
    """Its item is superseded and the case remembers it; a routed case is for handlers to end."""
    waiting, gone = registered(UNCLEAR), registered()
    await route(unit, [waiting, gone])

    await withdraw(
        unit, [CaseWithdrawn(case_id=event.case_id, version=2, at=AT) for event in (waiting, gone)]
    )

    assert [] == await items.waiting(unit.db, waiting.case_id)
    kept = [await cases.find(unit.db, event.case_id) for event in (waiting, gone)]
    assert ["withdrawn", "routed"] == [case.state for case in kept if case]


async def test_a_withdrawal_in_review_is_confirmed_once(unit: Any) -> None:
    """Under a version newer than the review's own, though its citizen had not seen that yet; heard again nothing is said."""
    waiting, gone = registered(UNCLEAR), registered()
    await route(unit, [waiting, gone])
    (review,) = [event for event in unit.emitted if isinstance(event, ReviewRequested)]
    told = [CaseWithdrawn(case_id=event.case_id, version=1, at=AT) for event in (waiting, gone)]
    for _ in range(2):
        await withdraw(unit, told)

    (confirmed,) = [event for event in unit.emitted if isinstance(event, WithdrawalConfirmed)]
    assert (waiting.case_id, "withdrawn", ()) == (
        confirmed.case_id,
        confirmed.state,
        confirmed.citizen_may,
    )
    assert confirmed.version > review.version


async def test_the_most_similar_earlier_case_is_noted(unit: Any) -> None:
    """A weaker suspicion does not replace a stronger one; nothing is merged."""
    event, similar, weaker = registered(UNCLEAR), registered(), registered()
    await route(unit, [event, similar, weaker])

    for other, similarity in ((similar, 0.9), (weaker, 0.7)):
        suspicion = DuplicateSuspected(
            case_id=event.case_id, version=1, at=AT, similar_to=other.case_id, similarity=similarity
        )
        await steps.note_duplicates(unit, [suspicion])

    case = await cases.find(unit.db, event.case_id)
    assert case is not None
    assert (similar.case_id, 0.9, "open") == (case.suspected_duplicate, case.similarity, case.state)


async def test_news_of_an_unknown_case_changes_nothing(unit: Any) -> None:
    """A withdrawal, supplement or suspicion about a case that never came is passed over."""
    unknown = new_case_id()

    await withdraw(unit, [CaseWithdrawn(case_id=unknown, version=1, at=AT)])
    await supplement(unit, [CaseSupplemented(case_id=unknown, version=1, at=AT, text="补充")])

    assert await cases.find(unit.db, unknown) is None


async def test_a_report_never_goes_by_itself_to_whom_it_accuses(unit: Any) -> None:
    """A report that names a department is a person's decision, and the department is not even suggested."""
    event = registered(("举报城管局", "举报城管局工作人员收受占道经营商贩好处，夜市占道经营无人管。"))

    await route(unit, [event])

    [asked] = unit.emitted
    assert isinstance(asked, ReviewRequested)
    assert "urban-management" not in {candidate.lead for candidate in asked.candidates}
    case = await cases.find(unit.db, event.case_id)
    assert case is not None
    assert ("urban-management",) == case.accused


async def test_accusing_officials_protects_whatever_kind_was_chosen(unit: Any) -> None:
    """What is said decides; the request for a review says whom the case may not reach."""
    event = registered(("路边摊", "我要举报城管局执法人员收受贿赂"), kind=Kind.COMPLAINT)

    await route(unit, [event])

    [asked] = unit.emitted
    assert isinstance(asked, ReviewRequested)
    assert (("urban-management",), True) == (asked.accused, asked.protected)
    assert "accused" in {doubt.code for doubt in asked.doubts}
    assert all(reason.weight for reason in asked.reasons)


class Counting:
    def __init__(self, db: Any) -> None:
        self._db, self.trips = db, 0

    def __getattr__(self, name: str) -> Any:
        if name in {"fetch", "execute", "fetchrow", "fetchval"}:
            self.trips += 1
        return getattr(self._db, name)
