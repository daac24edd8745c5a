"""What staff keep from everybody else: a name that no rule knew, or the whole case; the citizen's own word stays."""

from base64 import b64encode
from typing import Any

import msgspec
import pytest

from intake.core.public.publication import ChosenLimit
from intake.core.sealing import Personal, seal, unseal
from intake.steps.handle_events import handle_shielded
from intake.steps.limit_publication import limit_publication
from intake.steps.remask import remask_answers
from intake.steps.take_up import take_up
from intake.store.reconciling import as_registered
from schemas.errors import BadInput, NotFound, StaleVersion
from schemas.events.handlers import ReplyPublished
from schemas.events.intake import PublicationDecided, PublicationLimited
from schemas.events.routing import CaseShielded
from schemas.http import Principal, Redirect
from schemas.words import Role
from tests.conftest import RecordingUnit
from tests.integration.intake.calls import Site, handle_replies, register
from tests.integration.intake.test_handle_events import said
from tests.unit.intake.messages import KEYS, draft, message

API = "/api/v1/review/cases/{case_id}/publication"
PAGE = "/review/{case_id}/publication"
CODE = "/api/v1/submissions/{tracking_code}"
#: A shop that is called as somebody is, which no rule takes for a name, and its owner's first name.
CASE = message(
    msgspec.structs.replace(
        draft(), publish=True, title="春燕水果店占道", text="路灯下的春燕水果店天天占道，春 燕说不归她管。"
    ),
    entropy=b"p" * 32,
)
CASE_ID = CASE.codes.case_id
AT = {"case_id": CASE_ID}
CODES = {"tracking_code": CASE.codes.tracking_code}
ACCESS = {"access-code": CASE.codes.access_code}
DISPATCHER = Principal(role=Role.DISPATCHER, name="li")


@pytest.fixture
def site() -> Site:
    """Intake's web."""
    return Site()


async def _answered(
    unit: RecordingUnit, version: int = 6, response: str = "已请春燕水果店退回店内经营，明天复查。"
) -> None:
    given = {"public": True, "publishable": True, "case_id": CASE_ID, "response": response}
    await handle_replies(unit, [said(ReplyPublished, version, **given)])  # type: ignore[arg-type]  # fields of the event


async def _decide(site: Site, unit: RecordingUnit, version: int = 0, **more: object) -> Any:
    body = {"version": version, "withhold": False, "hide": [], "reason": "含有店主姓名"} | more
    return await site.call(unit, "POST", API, body, at=AT, principal=DISPATCHER)


async def _public(site: Site, unit: RecordingUnit) -> Any:
    try:
        return await site.call(unit, "GET", "/api/v1/published/{tracking_code}", at=CODES)
    except NotFound:
        return None


def _limits(unit: RecordingUnit) -> list[PublicationLimited]:
    return [event for event in unit.emitted if isinstance(event, PublicationLimited)]


async def test_what_is_hidden_is_read_and_found_by_nobody(site: Site, unit: RecordingUnit) -> None:
    """Wherever it stands, also with a space within; its own citizen reads all of it, and the department's words."""
    await register(unit, CASE)
    await _answered(unit)
    before = await _public(site, unit)
    assert "春燕" in before.title
    shown = await _decide(site, unit, hide=["春燕"])

    public = await _public(site, unit)
    assert "**水果店占道" == public.title == shown.title
    assert "路灯下的**水果店天天占道，**说不归她管。" == public.text
    assert "已请**水果店退回店内经营，明天复查。" == public.response
    found: Any = await site.call(unit, "GET", "/api/v1/published", query={"q": "春燕"})
    assert [] == found.items
    own: Any = await site.call(unit, "GET", CODE, at=CODES, headers=ACCESS)
    assert "春燕" in own.title
    assert "春燕" in own.response.text


async def test_what_is_hidden_stays_hidden_in_the_next_answer_and_under_another_masker(
    site: Site, unit: RecordingUnit
) -> None:
    """And shows again once staff say so, as it was written."""
    await register(unit, CASE)
    await _answered(unit)
    await _decide(site, unit, hide=["春燕"])
    await _answered(unit, 9, "再次约谈春燕水果店。")
    assert "再次约谈**水果店。" == (await _public(site, unit)).response
    await unit.db.execute("UPDATE intake.published SET masked = 0")
    await remask_answers(unit, KEYS, "published")
    public = await _public(site, unit)
    assert ("**水果店占道", "再次约谈**水果店。") == (public.title, public.response)

    await _decide(site, unit, 1, reason="店名本来公开")
    public = await _public(site, unit)
    assert ("春燕水果店占道", "再次约谈春燕水果店。") == (public.title, public.response)


async def test_words_are_hidden_before_there_is_an_answer(site: Site, unit: RecordingUnit) -> None:
    """Who reads a reply before it goes out decides then, beside the message as everybody will read it."""
    await register(unit, CASE)
    shown: Any = await site.call(unit, "GET", API, at=AT, principal=DISPATCHER)
    assert (None, None, True) == (shown.state, shown.response, shown.citizen_allows)
    assert "路灯下的春燕水果店" in shown.text
    shown = await _decide(site, unit, hide=["春燕"])
    assert ("**水果店占道", ()) == (shown.title, shown.idle)
    await _answered(unit)

    assert "**水果店占道" == (await _public(site, unit)).title


async def test_a_word_that_hides_nothing_yet_is_named(site: Site, unit: RecordingUnit) -> None:
    """It may stand in the answer that is to come, or be mistyped: whoever typed it reads so, until it stands somewhere."""
    await register(unit, CASE)
    shown: Any = await _decide(site, unit, hide=["春燕", "菊记", "春雁"])
    assert ("菊记", "春雁") == shown.idle
    await _answered(unit, response="已告知菊记，请其退回店内经营。")

    shown = await site.call(unit, "GET", API, at=AT, principal=DISPATCHER)
    assert (("春雁",), "已告知**，请其退回店内经营。") == (shown.idle, shown.response)


async def test_a_case_is_taken_down_and_its_citizen_cannot_put_it_back(
    site: Site, unit: RecordingUnit
) -> None:
    """Their word is kept: once staff let it go, what they said last counts."""
    await register(unit, CASE)
    await _answered(unit)
    shown = await _decide(site, unit, withhold=True, reason="涉及未成年人")
    assert ("withheld", True, None) == (shown.state, shown.withheld_by_staff, await _public(site, unit))
    await site.call(unit, "POST", f"{CODE}/publication", {"publish": False}, at=CODES, headers=ACCESS)
    case: Any = await site.call(
        unit, "POST", f"{CODE}/publication", {"publish": True}, at=CODES, headers=ACCESS
    )
    assert case.withheld_by_staff
    assert "office_withheld" in [line.event for line in case.timeline]
    await _answered(unit, 9, "新的答复")
    assert await _public(site, unit) is None

    await _decide(site, unit, 1, reason="已核对")
    assert "新的答复" == (await _public(site, unit)).response


async def test_a_no_said_meanwhile_counts(site: Site, unit: RecordingUnit) -> None:
    """Said outright, or by asking for secrecy in what is added; not before staff decided has anybody said anything."""
    await register(unit, CASE)
    await _answered(unit)
    await _decide(site, unit, withhold=True)
    await site.call(
        unit, "POST", f"{CODE}/supplement", {"text": "请不要公开我的诉求"}, at=CODES, headers=ACCESS
    )
    await _decide(site, unit, 1)

    assert await _public(site, unit) is None
    assert [False] == [event.allowed for event in unit.emitted if isinstance(event, PublicationDecided)]
    assert [False, False] == [event.allowed for event in _limits(unit)]


async def test_who_decided_and_why_stays(site: Site, unit: RecordingUnit) -> None:
    """Each decision is a row; the words themselves stand nowhere but sealed, in the event as in the register."""
    await register(unit, CASE)
    await _answered(unit)
    await _decide(site, unit, hide=["春燕"], reason="店主电话 13912345678")
    shown = await _decide(site, unit, 1, withhold=True, hide=["春燕"], reason="涉及未成年人")
    assert [(True, 1, "涉及未成年人", "li"), (False, 1, "店主电话 139****5678", "li")] == [
        (one.withheld, one.hidden_words, one.reason, one.decided_by) for one in shown.decisions
    ]
    sealed = await unit.db.fetchval("SELECT sealed FROM intake.sealed WHERE case_id = $1", CASE_ID)
    assert ("春燕",) == unseal(KEYS, CASE_ID, sealed).hidden
    assert "春燕" not in str(_limits(unit))
    assert "春燕" not in str(await unit.db.fetch("SELECT * FROM intake.publication_limit"))


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"hide": ["没有这几个字"]}, "hide"),
        ({"hide": ["，"]}, "hide"),
        ({"hide": ["春" * 61]}, "hide"),
        ({"hide": [f"{number}号" for number in range(51)]}, "hide"),
        ({"hide": ["已请春燕水果店退回店内经营"]}, "hide"),
        ({"reason": " "}, "reason"),
    ],
)
async def test_what_cannot_be_is_refused_and_changes_nothing(
    site: Site, unit: RecordingUnit, wrong: dict[str, object], field: str
) -> None:
    """What stands nowhere is a slip of the pen, which would hide nothing; half an answer is none."""
    await register(unit, CASE)
    await _answered(unit)
    with pytest.raises(BadInput) as refusal:
        await _decide(site, unit, 0, **wrong)

    assert {field} == {error.field for error in refusal.value.errors}
    assert "春燕" in (await _public(site, unit)).title
    assert not _limits(unit)


async def test_two_who_decide_at_once_do_not_undo_each_other(site: Site, unit: RecordingUnit) -> None:
    """The second is told, and reads what the first did."""
    await register(unit, CASE)
    await _answered(unit)
    await _decide(site, unit, hide=["春燕"])
    with pytest.raises(StaleVersion):
        await _decide(site, unit)

    assert "**水果店占道" == (await _public(site, unit)).title


async def test_a_protected_case_shows_no_answer_and_a_confidential_one_nothing(
    site: Site, unit: RecordingUnit
) -> None:
    """Those who decide on it read its message at the queue, too; what is confidential is not even there."""
    await register(unit, CASE)
    await _answered(unit)
    await handle_shielded(unit, [said(CaseShielded, 7, case_id=CASE_ID)])
    shown: Any = await site.call(unit, "GET", API, at=AT, principal=DISPATCHER)
    assert (None, None) == (shown.state, shown.response)
    secret = message(msgspec.structs.replace(draft(), confidential=True), entropy=b"c" * 32)
    await register(unit, secret)
    with pytest.raises(NotFound):
        await site.call(unit, "GET", API, at={"case_id": secret.codes.case_id}, principal=DISPATCHER)
    with pytest.raises(NotFound):
        await site.call(unit, "GET", API, at={"case_id": "0" * 8 + CASE_ID[8:]}, principal=DISPATCHER)


async def test_a_restored_copy_hides_again_what_was_hidden_since(site: Site, unit: RecordingUnit) -> None:
    """The event holds all of it; said twice it is one decision, and a later one stays."""
    await register(unit, CASE)
    await _answered(unit)
    event = msgspec.structs.replace(_event_of(unit), at=unit.now)
    assert await take_up(unit, KEYS, event)
    assert await take_up(unit, KEYS, event)

    public = await _public(site, unit)
    assert "**水果店占道" == public.title
    assert 1 == await unit.db.fetchval("SELECT count(*) FROM intake.publication_limit")
    unit.now = unit.now.replace(year=unit.now.year + 1)
    await _decide(site, unit, 1)
    assert await take_up(unit, KEYS, event)
    assert "春燕" in (await _public(site, unit)).title


def _event_of(unit: RecordingUnit) -> PublicationLimited:
    """As another city's register of the same case said it, which is lost since."""
    sealed = b64encode(seal(KEYS, CASE_ID, Personal(hidden=("春燕",)))).decode()
    return PublicationLimited(
        case_id=CASE_ID,
        version=6,
        at=unit.now,
        withheld=False,
        allowed=True,
        sealed=sealed,
        reason="姓名",
        by="li",
    )


async def test_of_a_citizen_who_is_forgotten_what_was_hidden_stays_so(
    site: Site, unit: RecordingUnit
) -> None:
    """Nobody knows the words any more, under whichever masker; more can be hidden, and nothing shown again."""
    await register(unit, CASE)
    await _answered(unit)
    await _decide(site, unit, hide=["春燕"])
    await unit.db.execute("DELETE FROM intake.sealed")
    await unit.db.execute(
        "INSERT INTO intake.forgotten (case_id, at, by, reason, keeps_files) VALUES ($1, $2, 'x', 'y', false)",
        CASE_ID,
        unit.now,
    )
    await unit.db.execute("UPDATE intake.published SET masked = 0")
    await remask_answers(unit, KEYS, "published")
    assert "**水果店占道" == (await _public(site, unit)).title
    decision = ChosenLimit(
        version=1, is_withheld=False, hides_pictures=False, hidden=("天天",), reason="更多"
    )
    await limit_publication(unit, KEYS, CASE_ID, decision, by=DISPATCHER)

    public = await _public(site, unit)
    assert ("**水果店占道", "路灯下的**水果店**占道，**说不归她管。") == (public.title, public.text)
    assert not await unit.db.fetchval("SELECT count(*) FROM intake.sealed")


async def test_whoever_is_told_of_anothers_decision_keeps_what_that_one_hid(
    site: Site, unit: RecordingUnit
) -> None:
    """Sent once more as the page shows it, both are hidden."""
    await register(unit, CASE)
    await _answered(unit)
    await _decide(site, unit, hide=["春燕"])
    form = {"version": "0", "withhold": "no", "hide": "天天", "reason": "也隐去"}
    page: Any = await site.call(unit, "POST", PAGE, at=AT, form=form, principal=DISPATCHER)
    assert (409, "春燕\n天天", "1") == (
        page.status,
        page.context["typed"]["hide"],
        page.context["typed"]["version"],
    )
    await site.call(unit, "POST", PAGE, at=AT, form=page.context["typed"], principal=DISPATCHER)

    assert "路灯下的**水果店**占道，**说不归她管。" == (await _public(site, unit)).text


async def test_the_page_keeps_what_was_typed_and_leads_back_to_itself(
    site: Site, unit: RecordingUnit
) -> None:
    """Refused with 422; done, the same page shows what everybody reads now. The public page leads there by the code."""
    await register(unit, CASE)
    await _answered(unit)
    form = {"version": "0", "withhold": "no", "hide": "春燕\n没有的", "reason": ""}
    page: Any = await site.call(unit, "POST", PAGE, at=AT, form=form, principal=DISPATCHER)
    assert (422, {"hide", "reason"}) == (page.status, set(page.context["errors"].by_field))
    assert "春燕\n没有的" == page.context["typed"]["hide"]
    done: Any = await site.call(
        unit,
        "POST",
        PAGE,
        at=AT,
        form=form | {"hide": "春燕\r\n\r\n春燕", "reason": "姓名"},
        principal=DISPATCHER,
    )
    assert Redirect(to=f"/review/{CASE_ID}/publication") == done
    found: Any = await site.call(
        unit, "GET", "/review/publication", query={"code": CASE.codes.tracking_code}, principal=DISPATCHER
    )
    assert done.to == found.to
    page = await site.call(unit, "GET", PAGE, at=AT, principal=DISPATCHER)
    assert ("春燕", "1") == (page.context["typed"]["hide"], page.context["typed"]["version"])


async def test_whoever_sends_a_stale_page_again_puts_nothing_back(site: Site, unit: RecordingUnit) -> None:
    """Somebody took the case and its pictures down meanwhile; the page of before said neither."""
    await register(unit, CASE)
    await _answered(unit)
    await _decide(site, unit, withhold=True, without_pictures=True)
    form = {"version": "0", "withhold": "no", "hide": "天天", "reason": "也隐去"}
    page: Any = await site.call(unit, "POST", PAGE, at=AT, form=form, principal=DISPATCHER)
    assert (409, "yes", "yes") == (
        page.status,
        page.context["typed"]["withhold"],
        page.context["typed"]["without_pictures"],
    )
    await site.call(unit, "POST", PAGE, at=AT, form=page.context["typed"], principal=DISPATCHER)

    assert await _public(site, unit) is None
    assert [True, True] == [event.without_pictures for event in _limits(unit)]


@pytest.mark.parametrize(
    "hide", [["没有这几个字"], ["已请春燕水果店退回店内经营"], [f"{number}号" for number in range(51)]]
)
async def test_a_case_is_taken_down_whatever_its_words_hide(
    site: Site, unit: RecordingUnit, hide: list[str]
) -> None:
    """Who is told not to publish it does so at once; lifted again, its words are looked at as ever."""
    await register(unit, CASE)
    await _answered(unit)
    await _decide(site, unit, withhold=True, hide=hide)

    assert await _public(site, unit) is None


async def test_what_is_withheld_is_so_for_those_who_are_told_again(site: Site, unit: RecordingUnit) -> None:
    """Neither a citizen's yes nor a registration that is said once more tells another slice that everybody may read it."""
    await register(unit, CASE)
    await _answered(unit)
    await _decide(site, unit, withhold=True)
    for publish in (False, True):
        await site.call(unit, "POST", f"{CODE}/publication", {"publish": publish}, at=CODES, headers=ACCESS)
    (row,) = await as_registered(unit.db, [CASE_ID])

    assert [(False, True), (True, True)] == [
        (event.allowed, event.withheld) for event in unit.emitted if isinstance(event, PublicationDecided)
    ]
    assert not row["publish"]
