"""What citizens add is judged like a message: whom it accuses loses the case, whoever has it."""

from typing import Any

import pytest

from routing.core.decisions.review import Decision
from routing.core.rules import load_rules
from routing.steps import handle_events
from routing.steps.decide import decide
from routing.steps.judging import judge_ratings
from routing.steps.said_since import handle_ratings
from routing.steps.supplement import review_withheld
from routing.store import cases, items
from schemas.city import load_city
from schemas.errors import BadInput, DataRefused
from schemas.events.handlers import CaseClosed, CaseProtected, CaseReopened, CaseReplied, CaseSigned
from schemas.events.intake import CaseRegistered, CaseSupplemented, CaseWithdrawn, CitizenRated
from schemas.events.routing import CaseRouted, ReviewRequested, SupplementJudged
from schemas.ids import AttachmentId, CaseId, DepartmentCode
from schemas.values import Attachment, Place
from schemas.words import CaseState, Kind, ReviewKind
from tests.integration.routing.cases import (
    AT,
    UNCLEAR,
    new_case_id,
    rate,
    registered,
    reopen,
    route,
    supplement,
    withdraw,
)

CITY = load_city()
TRANSPORT = DepartmentCode("transport")
ACCUSING = "交通局路政大队收钱放行超载车，请查"


async def _routed(unit: Any, *words: Any, **changes: Any) -> CaseRegistered:
    event = registered(*words, **changes)
    await route(unit, [event])
    unit.emitted.clear()
    return event


async def _add(
    unit: Any, case_id: CaseId, text: str, *, version: int = 3, simplified: str | None = None
) -> None:
    added = CaseSupplemented(case_id=case_id, version=version, at=AT, text=text, simplified=simplified)
    await supplement(unit, [added])


def _said(unit: Any) -> list[Any]:
    """What was said, but for what is said of every supplement."""
    return [event for event in unit.emitted if not isinstance(event, SupplementJudged)]


async def _accused(unit: Any, case_id: CaseId) -> tuple[tuple[str, ...], bool]:
    case = await cases.find(unit.db, case_id)
    assert case is not None
    return case.accused, case.protected


async def test_who_approves_an_answer_reads_what_was_added_meanwhile(unit: Any) -> None:
    """With its files: the answer says that it is repaired, the citizen that it broke again."""
    event = await _routed(unit)
    await _add(unit, event.case_id, "还没有人来修。", version=3)
    replied = CaseReplied(
        case_id=event.case_id, version=4, at=AT, department=TRANSPORT, note="已修", response="路灯已经修好。"
    )
    await handle_events.review_replies(unit, [replied])
    photo = Attachment(attachment_id=AttachmentId(new_case_id()), name="a.jpg")
    added = CaseSupplemented(
        case_id=event.case_id, version=5, at=AT, text="昨晚又坏了。", attachments=(photo,)
    )
    await supplement(unit, [added])
    case = await cases.find(unit.db, event.case_id)

    assert case is not None
    assert ("昨晚又坏了。", (photo,)) == (case.supplement, case.added_files)


async def test_a_case_goes_back_to_a_dispatcher_when_its_department_is_accused(unit: Any) -> None:
    """The review says whom it accuses, is about the newest version, and may not be dispatched to them again."""
    event = await _routed(unit)

    await _add(unit, event.case_id, ACCUSING)

    [asked] = _said(unit)
    assert isinstance(asked, ReviewRequested)
    assert (ReviewKind.DISPATCH, 3, (TRANSPORT,), True) == (
        asked.kind,
        asked.version,
        asked.accused,
        asked.protected,
    )
    assert [("accused", (TRANSPORT,))] == [(doubt.code, doubt.facts) for doubt in asked.doubts]
    assert ((TRANSPORT,), True) == await _accused(unit, event.case_id)
    for choice in (
        {"accept": True},
        {"lead": "transport"},
        {"lead": "letters", "supporting": ("transport",)},
    ):
        with pytest.raises(BadInput):
            await decide(unit, CITY, event.case_id, Decision(version=3, **choice), "dispatcher")


async def test_departments_read_a_supplement_only_after_it_was_judged(unit: Any) -> None:
    """What takes the case from the accused is said first; what accuses nobody is passed on alone."""
    event = await _routed(unit)
    await _add(unit, event.case_id, "是东门")
    await _add(unit, event.case_id, ACCUSING)

    assert ["supplement.judged", "review.requested", "supplement.judged"] == [e.name for e in unit.emitted]
    assert ["是东门", ACCUSING] == [e.text for e in unit.emitted if isinstance(e, SupplementJudged)]


@pytest.mark.parametrize("name", ["交通局路政大队收钱放行_证据.jpg", "交通局路政大隊收錢放行.pdf"])
async def test_the_name_of_a_file_accuses_as_a_sentence_does(unit: Any, name: str) -> None:
    """With the message and with an addition, in either script: departments read names before anybody opened a file."""
    file = Attachment(attachment_id=AttachmentId("a" * 32), name=name)
    accusing = registered(attachments=(file,))
    await route(unit, [accusing])
    plain = await _routed(unit)
    added = CaseSupplemented(case_id=plain.case_id, version=3, at=AT, text="见附件", attachments=(file,))
    await supplement(unit, [added])

    assert ((TRANSPORT,), True) == await _accused(unit, accusing.case_id)
    assert ((TRANSPORT,), True) == await _accused(unit, plain.case_id)


async def test_the_place_of_a_message_accuses_too(unit: Any) -> None:
    """Whatever is written into its field."""
    event = registered(place=Place(address="望江路，交通局路政大队收钱放行的那个路口"))
    await route(unit, [event])

    assert ((TRANSPORT,), True) == await _accused(unit, event.case_id)


async def test_the_new_route_carries_whom_it_may_not_reach(unit: Any) -> None:
    """So that whoever enforces it need not ask."""
    event = await _routed(unit)
    await _add(unit, event.case_id, ACCUSING)

    await decide(unit, CITY, event.case_id, Decision(version=3, lead="letters"), "dispatcher")

    routed = unit.emitted[-1]
    assert isinstance(routed, CaseRouted)
    assert ("letters", (TRANSPORT,), True) == (routed.lead, routed.accused, routed.protected)


async def test_nothing_that_the_accused_do_ends_the_review(unit: Any) -> None:
    """A signature makes older requests pointless, but not this one; the end of the case does."""
    event = await _routed(unit)
    await _add(unit, event.case_id, ACCUSING)

    signed = CaseSigned(case_id=event.case_id, version=9, at=AT, department=TRANSPORT, signed_by="张")
    await handle_events.supersede(unit, [signed])
    assert 1 == len(await items.waiting(unit.db, event.case_id))

    closed = CaseClosed(case_id=event.case_id, version=10, at=AT, outcome="answered", state=CaseState.CLOSED)
    await handle_events.end(unit, [closed])
    assert [] == await items.waiting(unit.db, event.case_id)


async def test_the_first_accusation_looks_at_the_message_again(unit: Any) -> None:
    """The supplement says what they did, the message who they are."""
    event = await _routed(unit, ("公交车末班车太早", "交通局一直不理，公交线路太少，公交站乘客很多。"))

    await _add(unit, event.case_id, "他们的工作人员索要好处")

    assert ((TRANSPORT,), True) == await _accused(unit, event.case_id)
    assert 1 == len(_said(unit))


async def test_accused_whom_nobody_names_are_a_persons_business(unit: Any) -> None:
    """The department that has the case may be the one."""
    event = await _routed(unit)

    await _add(unit, event.case_id, "你们局的领导受贿")

    [asked] = _said(unit)
    assert ["accused-unknown"] == [doubt.code for doubt in asked.doubts]
    assert ((), True) == await _accused(unit, event.case_id)


async def test_further_accusations_reach_the_same_review(unit: Any) -> None:
    """One item, told again with everybody that is accused by now."""
    event = await _routed(unit)

    await _add(unit, event.case_id, ACCUSING)
    await _add(unit, event.case_id, "信访局也包庇他们", version=4)

    assert [("transport",), ("letters", "transport")] == [asked.accused for asked in _said(unit)]
    assert 1 == len(await items.waiting(unit.db, event.case_id))


async def test_an_open_report_learns_whom_it_accuses(unit: Any) -> None:
    """The dispatcher still has it: nothing is asked again, and the unit is not offered any more."""
    event = await _routed(unit, UNCLEAR, kind=Kind.REPORT)

    await _add(unit, event.case_id, "補充：是城管局的事", simplified="补充：是城管局的事")

    assert [] == _said(unit)
    assert (("urban-management",), True) == await _accused(unit, event.case_id)


async def test_a_plain_supplement_accuses_nobody(unit: Any) -> None:
    """Though it names who has the case."""
    event = await _routed(unit)

    await _add(unit, event.case_id, "交通局还没有回复，请催一下")

    assert [] == _said(unit)
    assert ((), False) == await _accused(unit, event.case_id)


async def test_a_case_that_was_closed_meanwhile_still_waits_for_a_dispatcher(unit: Any) -> None:
    """The closing ended the review, and handlers took the case back after that: nobody would have it."""
    event = await _routed(unit)
    await _add(unit, event.case_id, ACCUSING)
    closed = CaseClosed(case_id=event.case_id, version=6, at=AT, outcome="answered", state=CaseState.CLOSED)
    await handle_events.end(unit, [closed])

    taken = CaseProtected(case_id=event.case_id, version=7, at=AT, state=CaseState.IN_REVIEW)
    for _ in range(2):
        await review_withheld(unit, [taken])

    assert [7] == [item.version for item in await items.waiting(unit.db, event.case_id)]


@pytest.mark.parametrize("reason", [ACCUSING, "交通局路政大隊收錢放行超載車，請查"])
async def test_an_objection_that_accuses_takes_a_reopened_case_from_its_department(
    unit: Any, reason: str
) -> None:
    """It is judged like an addition, in either script, when handlers has reopened the case."""
    event = await _routed(unit)

    await reopen(unit, [_reopened(event.case_id, reason)])

    asked, judged = unit.emitted
    assert isinstance(asked, ReviewRequested)
    assert isinstance(judged, SupplementJudged)
    assert (ReviewKind.DISPATCH, (TRANSPORT,), True) == (asked.kind, asked.accused, asked.protected)
    assert asked.version >= 7
    assert ((TRANSPORT,), True) == await _accused(unit, event.case_id)


async def test_an_objection_that_accuses_nobody_stays_with_the_department(unit: Any) -> None:
    """As most do."""
    event = await _routed(unit)

    await reopen(unit, [_reopened(event.case_id, "还是不亮")])

    assert [] == _said(unit)
    assert ["还是不亮"] == [each.text for each in unit.emitted]
    assert ((), False) == await _accused(unit, event.case_id)


@pytest.mark.parametrize("comment", [ACCUSING, "交通局的人吃了一顿饭，走的时候每人提一盒海参"])
async def test_words_beside_a_rating_that_accuse_take_the_case_from_its_department(
    unit: Any, comment: str
) -> None:
    """They are judged before any department reads them, as an objection is."""
    event = await _routed(unit)

    await _rate(unit, event.case_id, comment)

    asked, judged = unit.emitted
    assert isinstance(asked, ReviewRequested)
    assert (ReviewKind.DISPATCH, (TRANSPORT,), True) == (asked.kind, asked.accused, asked.protected)
    assert isinstance(judged, SupplementJudged)
    assert comment == judged.text


@pytest.mark.parametrize(("comment", "read"), [("", []), ("师傅很快就来了", ["师傅很快就来了"])])
async def test_a_rating_that_accuses_nobody_changes_nothing(unit: Any, comment: str, read: list[str]) -> None:
    """Its words, if it has any, reach the department."""
    event = await _routed(unit)

    await _rate(unit, event.case_id, comment)

    assert [] == _said(unit)
    assert read == [each.text for each in unit.emitted]
    assert ((), False) == await _accused(unit, event.case_id)


async def _rate(unit: Any, case_id: CaseId, comment: str) -> None:
    rated = [CitizenRated(case_id=case_id, version=7, at=AT, score=1, comment=comment)]
    await handle_ratings(load_rules(), unit, rated, judge_ratings(load_rules(), rated))


def _reopened(case_id: CaseId, reason: str) -> CaseReopened:
    return CaseReopened(
        case_id=case_id, version=7, at=AT, state=CaseState.REOPENED, reason=reason, lead=TRANSPORT
    )


async def test_a_rating_that_accuses_takes_a_merged_case_out(unit: Any) -> None:
    """It has the other case's answer, and its citizen accuses whoever gave that: it is decided on alone."""
    event, target = await _routed(unit), await _routed(unit)
    merged = "UPDATE routing.case SET state = 'merged', merged_into = $2::uuid WHERE case_id = $1::uuid"
    await unit.db.execute(merged, event.case_id, target.case_id)

    await rate(unit, [CitizenRated(case_id=event.case_id, version=5, at=AT, score=1, comment=ACCUSING)])

    case = await cases.find(unit.db, event.case_id)
    assert case is not None
    assert ("open", (TRANSPORT,), ACCUSING) == (case.state, case.accused, case.supplement)
    assert [ReviewKind.DISPATCH] == [item.kind for item in await items.waiting(unit.db, event.case_id)]


async def test_a_withdrawal_that_accuses_waits_for_its_case(unit: Any) -> None:
    """Where routing has no such case yet, it is kept in the dead letters: nobody is told of it, nothing is ended."""
    unknown = CaseWithdrawn(case_id=new_case_id(), version=1, at=AT, reason=ACCUSING)

    with pytest.raises(DataRefused):
        await withdraw(unit, [unknown])
    assert [] == unit.emitted


async def test_a_messages_files_accuse_by_their_names(unit: Any) -> None:
    """As its address does where it tells of a deed; an address beside a unit accuses nobody."""
    file = Attachment(attachment_id=AttachmentId("0" * 32), name=f"{ACCUSING}.pdf")
    named, placed, beside = (
        registered(attachments=(file,)),
        registered(place=Place(address=ACCUSING)),
        registered(place=Place(address="人民路18号交通局旁边")),
    )
    await route(unit, [named, placed, beside])

    assert ((TRANSPORT,), True) == await _accused(unit, named.case_id)
    assert ((TRANSPORT,), True) == await _accused(unit, placed.case_id)
    assert ((), False) == await _accused(unit, beside.case_id)
