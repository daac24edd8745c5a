"""Me too (我也遇到): whoever joins a public matter gets what everybody reads of it, and nothing that is kept back."""

import pytest

from handlers.core.rules import Action
from intake.core.public.publication import ChosenLimit
from intake.steps import act_on_case as citizen
from intake.steps.limit_publication import limit_publication
from intake.steps.say_again import say_registered_again
from routing.core.decisions.review import Decision
from routing.core.doubts import Doubt
from routing.steps.decide import decide
from routing.steps.merging import answer_merged
from routing.store import cases
from schemas.events.handlers import ReplyPublished
from schemas.events.intake import CaseRegistered
from schemas.events.routing import MergedAnswered
from schemas.http import Principal
from schemas.ids import AttachmentId, CategoryCode, DepartmentCode
from schemas.values import Attachment, Contact
from schemas.words import CaseState, ReviewKind, Role
from tests.conftest import RecordingUnit
from tests.integration.intake.calls import register
from tests.integration.routing.test_route import Counting
from tests.integration.slices import Slices
from tests.integration.test_me_too import ANSWER, answer, answered, me_too, promised, view, waits
from tests.integration.test_promise_across_slices import CASE, CITY, MESSAGE, act, decided
from tests.unit.intake.messages import KEYS

REPLY = ReplyPublished(
    case_id=CASE, version=20, at=MESSAGE.event.at, response=ANSWER, department=DepartmentCode("transport"),
    category=CategoryCode("bus"), public=True,
)  # fmt: skip


@pytest.fixture
def slices(unit: RecordingUnit) -> Slices:
    """All four."""
    return Slices(unit, CITY)


async def test_who_joins_by_themselves_gets_no_file_and_no_name(slices: Slices) -> None:
    """Anybody on the internet can say that a matter is theirs: what came with the answer was for its own citizen."""
    await answered(slices)
    file = Attachment(attachment_id=AttachmentId("0198b2c4-0000-7000-8000-0000000000f1"), name="决定书.pdf",
                      type="application/pdf", size=10, sha256="0" * 64)  # fmt: skip
    await cases.keep_responses(slices.unit.db, {CASE: ANSWER}, {CASE: (file,)})
    await register(slices.unit, me_too(b"1"))
    said = await slices.carry()
    await slices.submit(me_too(b"2", text="我这里也是。", contact=Contact(phone="13911110002")))
    waiting = me_too(b"2", text="我这里也是。", contact=Contact(phone="13911110002"))
    item = await waits(slices, waiting)
    decision = Decision(version=item.version, merge_into=CASE)
    await decide(slices.unit, CITY, waiting.codes.case_id, decision, "li")
    merged = await slices.carry()

    assert [()] == [each.attachments for each in said if isinstance(each, MergedAnswered)]
    assert [(file,)] == [each.attachments for each in merged if isinstance(each, MergedAnswered)]


async def test_who_waits_for_an_answer_that_is_kept_back_waits_for_a_dispatcher(slices: Slices) -> None:
    """The matter was public when they joined it; its citizen asks for secrecy before there is an answer."""
    await promised(slices)
    same = me_too()
    await slices.submit(same)
    added = citizen.Addition(text="请替我保密，不要公开这件事。")
    await citizen.supplement(slices.unit, KEYS, await view(slices, MESSAGE), added)
    await slices.carry()
    await answer(slices)
    seen = await view(slices, same)

    assert ANSWER == (await view(slices, MESSAGE)).response
    assert (CaseState.IN_REVIEW, None) == (seen.state, seen.response)
    assert "protected" in (await waits(slices, same)).detail["unmerged"]


async def test_nobody_who_joined_hears_a_second_answer_that_is_kept_back(slices: Slices) -> None:
    """They keep the first, which was public; allowed again, the next ones are theirs."""
    await answered(slices)
    first, later = me_too(b"1"), me_too(b"2", contact=Contact(phone="13911110002"))
    await slices.submit(first)
    await citizen.allow_publication(slices.unit, await view(slices, MESSAGE), is_allowed=False)
    await slices.carry()
    assert ANSWER == (await view(slices, first)).response
    assert CaseState.MERGED == (await view(slices, first)).state
    await citizen.allow_publication(slices.unit, await view(slices, MESSAGE), is_allowed=True)
    await slices.carry()
    await slices.submit(later)
    await citizen.allow_publication(slices.unit, await view(slices, MESSAGE), is_allowed=False)
    await citizen.object_to_outcome(slices.unit, KEYS, await view(slices, MESSAGE), reason="没有改")
    await slices.carry()
    await act(slices, Action.REPLY, note="已办", response="再次调整。")
    await decided(slices, ReviewKind.REPLY, accept=True)

    assert "再次调整。" == (await view(slices, MESSAGE)).response
    for each in (first, later):
        assert CaseState.IN_REVIEW == (await view(slices, each)).state
        assert "再次调整。" != (await view(slices, each)).response


async def test_a_citizens_yes_does_not_overrule_staff_for_those_who_joined(slices: Slices) -> None:
    """Taken down since; then its citizen says no and yes, and objects: the next answer is not for whoever joined."""
    await answered(slices)
    joined = me_too(b"1")
    await slices.submit(joined)
    limit = ChosenLimit(version=0, is_withheld=True, hides_pictures=False, hidden=(), reason="涉及未成年人")
    who = Principal(role=Role.DISPATCHER, name="li")
    await limit_publication(slices.unit, KEYS, MESSAGE.codes.case_id, limit, by=who)
    await slices.carry()
    for is_allowed in (False, True):
        await citizen.allow_publication(slices.unit, await view(slices, MESSAGE), is_allowed=is_allowed)
        await slices.carry()
    await citizen.object_to_outcome(slices.unit, KEYS, await view(slices, MESSAGE), reason="没有改")
    await slices.carry()
    await act(slices, Action.REPLY, note="已办", response="再次调整。")
    await decided(slices, ReviewKind.REPLY, accept=True)

    assert "再次调整。" == (await view(slices, MESSAGE)).response
    assert "再次调整。" != (await view(slices, joined)).response
    assert CaseState.IN_REVIEW == (await view(slices, joined)).state


async def test_a_dispatcher_reads_what_was_named_though_nobody_may_any_more(slices: Slices) -> None:
    """Of somebody who joined before, and of somebody whose form lay open meanwhile: their words tell nothing."""
    await promised(slices)
    joined, late = me_too(b"1"), me_too(b"2")
    await slices.submit(joined)
    added = citizen.Addition(text="请替我保密，不要公开这件事。")
    await citizen.supplement(slices.unit, KEYS, await view(slices, MESSAGE), added)
    await slices.carry()
    await slices.submit(late)

    for each in (joined, late):
        item = await waits(slices, each)
        assert [MESSAGE.codes.tracking_code] == list(item.detail["me_too"])
        assert Doubt.ME_TOO in item.detail["doubts"]


async def test_what_is_said_again_knows_the_last_word_and_the_matter(slices: Slices) -> None:
    """To whoever lost the registration: no kept answer is given to others, and a dispatcher reads what is meant."""
    await answered(slices)
    same = me_too()
    await slices.submit(same)
    await citizen.allow_publication(slices.unit, await view(slices, MESSAGE), is_allowed=False)
    await slices.carry()
    await say_registered_again(slices.unit, [CASE, same.codes.case_id], keys=KEYS)
    said = {each.case_id: each for each in slices.unit.emitted[-2:] if isinstance(each, CaseRegistered)}

    assert not said[CASE].publish
    again = said[same.codes.case_id].me_too
    assert again is not None
    assert (CASE, MESSAGE.codes.tracking_code, True) == (
        again.case_id,
        again.tracking_code,
        again.in_own_words,
    )


async def test_many_beside_one_matter_are_answered_in_as_many_statements_as_one(
    slices: Slices, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When the water of a district fails its answer is that of thousands: none costs a statement of its own."""
    await promised(slices)
    asked: list[int] = []
    for count in (1, 3):
        for number in range(count):
            await slices.submit(me_too(bytes([64 + 8 * count + number])))
        counting = Counting(slices.unit.db)
        with monkeypatch.context() as patch:
            patch.setattr(slices.unit, "db", counting)
            await answer_merged(slices.unit, [REPLY])
        asked.append(counting.trips)
    told = [event.case_id for event in slices.unit.emitted if isinstance(event, MergedAnswered)]

    assert (4, 4) == (len(told), len(set(told)))
    assert asked[0] == asked[1]
