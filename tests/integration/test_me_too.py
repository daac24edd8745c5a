"""Me too (我也遇到): others say that a public matter is theirs, from the form to their own answer, on a real Postgres."""

from collections.abc import Sequence
from typing import Any

import pytest

from handlers.core.rules import Action
from intake.core.accepting import Accepted
from intake.core.following.view import View, allowed_actions
from intake.core.no_words import SAME
from intake.core.registration import prepare_message
from intake.core.sealing import Personal, seal
from intake.steps import act_on_case as citizen
from intake.steps.me_too import find_matters, keep_links, list_recurring, people_of, read_matter
from intake.store.view import find_view
from routing.core.decisions.review import Decision, Item
from routing.core.doubts import Doubt
from routing.steps.decide import decide
from routing.store import cases, items
from schemas.errors import BadInput, NotFound
from schemas.http import Page
from schemas.ids import TrackingCode
from schemas.values import Contact, Place
from schemas.words import CaseState, CitizenAction, Kind, ReviewKind
from tests.conftest import RecordingUnit
from tests.integration.intake.calls import Site
from tests.integration.slices import Slices
from tests.integration.test_promise_across_slices import (
    CASE,
    CITY,
    MESSAGE,
    WANG,
    act,
    asked,
    decided,
    html_of,
)
from tests.unit.intake.messages import KEYS, NEW_KEYS, draft, message

CODE = MESSAGE.codes.tracking_code
OTHERS = Contact(phone="13911110001")
ANSWER = "班次已调整，请知悉。"


@pytest.fixture
def slices(unit: RecordingUnit) -> Slices:
    """All four."""
    return Slices(unit, CITY)


def me_too(who: bytes = b"1", *, title: str = SAME, text: str = SAME, **more: Any) -> Accepted:
    """Somebody says that the matter is theirs, too."""
    more = {"contact": OTHERS, "same_as": CODE, **more}
    return message(draft(title, text, **more), entropy=who * 32)


async def answer(slices: Slices) -> None:
    await act(slices, Action.REPLY, note="已办", response=ANSWER)
    await decided(slices, ReviewKind.REPLY, accept=True)


async def answered(slices: Slices) -> None:
    await slices.submit(MESSAGE)
    await act(slices, Action.SIGN)
    await answer(slices)


async def promised(slices: Slices) -> None:
    """Open, and everybody reads of it: a date was promised."""
    await asked(slices)
    await decided(slices, ReviewKind.PROMISE, accept=True)


async def view(slices: Slices, case: Accepted) -> View:
    found = await find_view(slices.unit.db, case.codes.tracking_code)
    assert found is not None
    return found


async def _people(slices: Slices) -> int:
    return (await people_of(slices.unit, [CASE])).get(CASE, 0)


async def _may(slices: Slices, case: Accepted) -> Sequence[CitizenAction]:
    return allowed_actions(await view(slices, case), slices.unit.now)


async def waits(slices: Slices, case: Accepted) -> Item:
    (item,) = await items.waiting(slices.unit.db, case.codes.case_id)
    return item


async def test_who_has_the_same_gets_the_published_answer_as_their_own(slices: Slices) -> None:
    """Under codes of their own, to be rated and objected to; the answered case is not reopened by it."""
    await answered(slices)
    same = me_too()
    await slices.submit(same)
    seen = await view(slices, same)

    assert (CaseState.MERGED, ANSWER, "公交车末班车太早") == (seen.state, seen.response, seen.title)
    assert [CitizenAction.RATING, CitizenAction.OBJECTION] == await _may(slices, same)
    assert CaseState.CLOSED == (await view(slices, MESSAGE)).state
    assert 1 == await _people(slices)
    await citizen.object_to_outcome(slices.unit, KEYS, seen, reason="我这里还是没有车")
    await slices.carry()
    assert CaseState.IN_REVIEW == (await view(slices, same)).state
    assert CaseState.CLOSED == (await view(slices, MESSAGE)).state


async def test_people_are_counted_and_not_messages(slices: Slices) -> None:
    """By the telephone, the mini-app's user or the browser; its own citizen and who cannot be told apart are none."""
    await answered(slices)
    everyone = [
        me_too(b"1"), me_too(b"2"), me_too(b"3", contact=Contact(email="a@example.org")),
        me_too(b"4", contact=None, sender_id="open-1"), me_too(b"5", contact=None),
    ]  # fmt: skip
    for each in everyone:
        await slices.submit(each)

    assert 3 == await _people(slices)
    (row,) = await list_recurring(slices.unit)
    assert (CODE, "公交车末班车太早", 3) == (row.tracking_code, row.title, row.people)
    raw = await slices.unit.db.fetch("SELECT person FROM intake.me_too WHERE person IS NOT NULL")
    assert not any(b"1391111" in each["person"] for each in raw)


@pytest.mark.parametrize(
    "who",
    [
        {"contact": OTHERS},
        {"contact": Contact(email="a@example.org")},
        {"contact": None, "sender_id": "open-1"},
    ],
)
async def test_whoever_says_so_again_after_a_change_of_the_secret_is_one_person(
    slices: Slices, who: dict[str, Any]
) -> None:
    """Known again by the former secret, and kept under the present one: the next change finds them, too."""
    await answered(slices)
    await slices.submit(me_too(b"1", **who))
    again = me_too(b"2", **who).event
    matters = await find_matters(slices.unit, [again])
    await keep_links(slices.unit, [(again, prepare_message(again, NEW_KEYS))], matters)
    people = await slices.unit.db.fetch("SELECT DISTINCT person FROM intake.me_too")

    assert 1 == len(people) == await _people(slices)
    assert prepare_message(again, KEYS).former_people == ()
    assert people[0]["person"] not in prepare_message(again, NEW_KEYS).former_people


async def test_an_own_matter_is_nobody_elses(slices: Slices) -> None:
    """Whoever names it under the telephone of the case itself is not counted as another."""
    await answered(slices)
    same = me_too()
    await slices.submit(same)
    own = "SELECT $1::uuid, $3::bytea, phone_index FROM intake.sealed WHERE case_id = $2"
    await slices.unit.db.execute(
        f"INSERT INTO intake.sealed (case_id, sealed, phone_index) {own}",
        CASE,
        same.codes.case_id,
        seal(KEYS, CASE, Personal(title="", text="", contact=OTHERS)),
    )
    await slices.submit(me_too(b"2"))

    people = await slices.unit.db.fetch("SELECT person FROM intake.me_too WHERE person IS NULL")
    assert 1 == len(people)


@pytest.mark.parametrize(
    "more",
    [
        {"text": "我们小区也一样，而且站牌倒了。"},
        {"place": Place(address="解放路")},
        {"title": "站牌倒了"},
    ],
)
async def test_what_is_said_beside_is_read_by_a_dispatcher(slices: Slices, more: dict[str, Any]) -> None:
    """Who sees which matter is meant, and may merge it: then its citizen has the answer, too."""
    await answered(slices)
    same = me_too(**more)
    await slices.submit(same)
    item = await waits(slices, same)
    case = await cases.find(slices.unit.db, same.codes.case_id)

    assert case is not None
    assert Doubt.ME_TOO in item.detail["doubts"]
    assert ([CODE], CASE, "open") == (item.detail["me_too"], case.suspected_duplicate, case.state)
    assert 1 == await _people(slices)
    await decide(slices.unit, CITY, case.case_id, Decision(version=item.version, merge_into=CASE), "li")
    await slices.carry()
    assert ANSWER == (await view(slices, same)).response


async def test_an_open_matter_takes_others_along(slices: Slices) -> None:
    """They wait for its answer, which is theirs; who took theirs back before hears nothing and is counted no more."""
    await promised(slices)
    first, second = me_too(b"1"), me_too(b"2", contact=Contact(phone="13911110002"))
    for each in (first, second):
        await slices.submit(each)
    assert [CitizenAction.WITHDRAWAL] == await _may(slices, first)
    assert 2 == await _people(slices)
    await citizen.withdraw(slices.unit, KEYS, await view(slices, first), reason="")
    await slices.carry()
    assert (CaseState.WITHDRAWN, []) == ((await view(slices, first)).state, await _may(slices, first))
    assert 1 == await _people(slices)
    await answer(slices)

    assert (await view(slices, first)).response is None
    assert ANSWER == (await view(slices, second)).response
    assert CaseState.WITHDRAWN == (await view(slices, first)).state


async def test_after_an_objection_others_wait_for_the_next_answer(slices: Slices) -> None:
    """The published one does not hold any more."""
    await answered(slices)
    await citizen.object_to_outcome(slices.unit, KEYS, await view(slices, MESSAGE), reason="没有改")
    await slices.carry()
    same = me_too()
    await slices.submit(same)
    assert (await view(slices, same)).response is None
    await act(slices, Action.REPLY, note="已办", response="再次调整。")
    await decided(slices, ReviewKind.REPLY, accept=True)

    assert "再次调整。" == (await view(slices, same)).response


@pytest.mark.parametrize(
    "more",
    [
        {"confidential": True},
        {"kind": Kind.REPORT},
        {"text": "也是我，公交公司的王主任还收了我的钱，他收受贿赂。"},
        {"text": "我站在楼顶，不想活了。"},
    ],
)
async def test_what_is_protected_or_pressing_is_merged_with_nothing(
    slices: Slices, more: dict[str, Any]
) -> None:
    """A dispatcher has it; what is confidential or accuses somebody stands in no count."""
    await answered(slices)
    same = me_too(**more)
    await slices.submit(same)
    case = await cases.find(slices.unit.db, same.codes.case_id)

    assert case is not None
    assert (None, "open") == (case.merged_into, case.state)
    assert (0 if case.is_private else 1) == await _people(slices)


async def test_a_matter_that_is_protected_since_is_nobodys_any_more(slices: Slices) -> None:
    """Who waited for its answer goes to a dispatcher; nothing is shown or counted, and nobody can join."""
    await promised(slices)
    same = me_too()
    await slices.submit(same)
    added = citizen.Addition(text="公交公司的王主任收受贿赂，收了司机的钱。")
    await citizen.supplement(slices.unit, KEYS, await view(slices, MESSAGE), added)
    await slices.carry()

    assert CaseState.IN_REVIEW == (await view(slices, same)).state
    assert (0, []) == (await _people(slices), list(await list_recurring(slices.unit)))
    with pytest.raises(NotFound):
        await read_matter(slices.unit, KEYS, CODE)
    late = me_too(b"2")
    await slices.submit(late)
    case = await cases.find(slices.unit.db, late.codes.case_id)
    assert case is not None
    assert (None, None) == (case.merged_into, case.suspected_duplicate)


async def test_what_its_citizen_keeps_to_themselves_can_be_named_by_nobody(slices: Slices) -> None:
    """Taken out of public sight it takes nobody along and is not listed; who named it before keeps the answer."""
    await answered(slices)
    await slices.submit(me_too(b"1"))
    await citizen.allow_publication(slices.unit, await view(slices, MESSAGE), is_allowed=False)
    same = me_too(b"2")
    await slices.submit(same)

    assert [] == list(await list_recurring(slices.unit))
    case = await cases.find(slices.unit.db, same.codes.case_id)
    assert case is not None
    assert case.merged_into is None
    assert SAME == case.title
    assert ANSWER == (await view(slices, me_too(b"1"))).response


async def test_the_same_message_again_joins_once(slices: Slices) -> None:
    """As Kafka brings it twice, or a browser sends it twice."""
    await answered(slices)
    same = me_too()
    await slices.submit(same)
    before = await view(slices, same)
    await slices.submit(same)

    assert before == await view(slices, same)
    assert 1 == await slices.unit.db.fetchval("SELECT count(*) FROM intake.me_too")


async def test_the_form_needs_no_word_and_no_script(slices: Slices, unit: RecordingUnit) -> None:
    """Everybody opens it behind a public matter; sent twice it is one message, which names the matter."""
    await answered(slices)
    site, at = Site(), {"tracking_code": CODE}
    path = "/published/{tracking_code}/me-too"
    form: Any = await site.call(unit, "GET", path, at=at)
    shown = html_of(form, WANG)
    sent: Any = [
        await site.call(unit, "POST", path, at=at, form={"nonce": "n", "subject": "x"}, browser="b" * 40)
        for _ in range(2)
    ]

    assert "公交车末班车太早" in shown
    assert "required" not in shown.split('<form method="post" action="/published/')[1].split("</form>")[0]
    assert sent[0].context["receipt"].tracking_code == sent[1].context["receipt"].tracking_code
    (event,) = site.kafka.events
    said: Any = event
    assert (CODE, SAME, SAME, 64) == (said.same_as, said.title, said.text, len(said.person))
    wrong: Any = await site.call(unit, "POST", path, at=at, form={"phone": "x", "text": "也一样"})
    assert (422, "也一样") == (wrong.status, wrong.context["form"]["text"])
    assert isinstance(wrong, Page)


async def test_everybody_reads_how_many_others_there_are(slices: Slices, unit: RecordingUnit) -> None:
    """On the list, the answer and the promises, in the API too; dispatchers read which recur."""
    await answered(slices)
    await slices.submit(me_too())
    site = Site()
    found: Any = await site.call(unit, "GET", "/api/v1/published/{tracking_code}", at={"tracking_code": CODE})
    page: Any = await site.call(unit, "GET", "/published/{tracking_code}", at={"tracking_code": CODE})
    listed: Any = await site.call(unit, "GET", "/published")
    recurring: Any = await site.call(unit, "GET", "/review/me-too")
    told: Any = await site.call(unit, "GET", "/api/v1/review/me-too")

    assert 1 == found.me_too
    assert all("1 人也遇到" in html_of(each, WANG) for each in (page, listed))
    assert "公交车末班车太早" in html_of(recurring, WANG)
    assert [(CODE, 1)] == [(each.tracking_code, each.people) for each in told.items]


async def test_an_open_promise_names_what_others_join(slices: Slices, unit: RecordingUnit) -> None:
    """While it is open; its tracking code opens nothing without the access code."""
    await promised(slices)
    site = Site()
    await slices.submit(me_too())
    found: Any = await site.call(unit, "GET", "/api/v1/promises")
    page: Any = await site.call(unit, "GET", "/promises")
    assert [(CODE, 1)] == [(each.same_as, each.me_too) for each in found.items]
    assert "1 人也遇到" in html_of(page, WANG)
    await answer(slices)
    found = await site.call(unit, "GET", "/api/v1/promises")

    assert [(None, 0)] == [(each.same_as, each.me_too) for each in found.items]


async def test_a_program_names_the_matter_in_its_message(slices: Slices, unit: RecordingUnit) -> None:
    """Without a title or a text; a code that is none is refused at its field."""
    site = Site()
    await site.call(unit, "POST", "/api/v1/submissions", {"same_as": CODE}, raw_body=b"{}")
    (event,) = site.kafka.events
    said: Any = event

    assert (CODE, SAME) == (said.same_as, said.title)
    with pytest.raises(BadInput) as refusal:
        await site.call(unit, "POST", "/api/v1/submissions", {"same_as": "ABCD"}, raw_body=b"{}")
    assert ["same_as"] == [error.field for error in refusal.value.errors]


def test_codes_are_not_shared() -> None:
    """Whoever joins gets codes of their own."""
    assert me_too(b"1").codes != me_too(b"2").codes
    assert TrackingCode(CODE) != me_too(b"1").codes.tracking_code
