"""Whom words that staff hid, or a case that they withheld, might still reach; and what hiding must not break."""

from typing import Any

import pytest

from deploy.audit.answers import hides_nothing_else
from intake.core.no_words import SAME
from intake.steps.handle_events import handle_merged_answers, handle_shielded, update_views
from intake.steps.read_published import PublishedAnswers
from intake.store.audit import shown as shown_to_audit
from schemas.errors import BadInput, NotFound
from schemas.events.handlers import ReplyPublished
from schemas.events.intake import PublicationLimited
from schemas.events.routing import CaseMerged, CaseShielded, MergedAnswered
from schemas.http import Principal
from schemas.values import Contact
from schemas.words import CaseField, Role
from tests.conftest import RecordingUnit
from tests.integration.intake.calls import Site, handle_replies, register
from tests.integration.intake.test_handle_events import said
from tests.unit.intake.messages import KEYS, draft, message

API = "/api/v1/review/cases/{case_id}/publication"
PAGE = "/review/{case_id}/publication"
CASE = message(
    draft("春燕水果店占道", "路灯下的春燕水果店天天占道，東門邊沒人管。", publish=True), entropy=b"q" * 32
)
MERGED = message(draft("水果摊占道", "天天占道，没有人管。", publish=True), entropy=b"r" * 32)
AT = {"case_id": CASE.codes.case_id}
RESPONSE = "已请春燕水果店退回店内经营，明天复查。"
DISPATCHER = Principal(role=Role.DISPATCHER, name="li")
SUPERVISOR = Principal(role=Role.SUPERVISOR, name="wang")


@pytest.fixture
def site() -> Site:
    """Intake's web."""
    return Site()


async def _answered(unit: RecordingUnit, version: int = 6, response: str = RESPONSE) -> ReplyPublished:
    event: Any = said(
        ReplyPublished,
        version,
        public=True,
        publishable=True,
        case_id=CASE.codes.case_id,
        response=response,
    )
    await handle_replies(unit, [event])
    return event  # type: ignore[no-any-return]  # `said` makes any event


async def _decide(
    site: Site, unit: RecordingUnit, version: int = 0, by: Principal = DISPATCHER, **more: object
) -> Any:
    body = {"version": version, "withhold": False, "hide": [], "reason": "含有店主姓名"} | more
    return await site.call(unit, "POST", API, body, at=AT, principal=by)


async def test_who_only_watches_reads_no_words_that_were_hidden_in_a_case_that_is_protected_since(
    site: Site, unit: RecordingUnit
) -> None:
    """They may name whom it accuses. Of an answer for everybody supervisors decide as dispatchers do."""
    await register(unit, CASE)
    for method, body in (("GET", None), ("POST", {"version": 0, "withhold": True, "reason": "x"})):
        with pytest.raises(NotFound):
            await site.call(unit, method, API, body, at=AT, principal=SUPERVISOR)
    await _answered(unit)
    seen = await _decide(site, unit, by=SUPERVISOR, hide=["春燕"])
    assert ("**水果店占道", ("春燕",)) == (seen.title, seen.hide)

    await handle_shielded(unit, [said(CaseShielded, 7, case_id=CASE.codes.case_id)])
    with pytest.raises(NotFound):
        await site.call(unit, "GET", API, at=AT, principal=SUPERVISOR)
    with pytest.raises(NotFound):
        await site.call(unit, "GET", PAGE, at=AT, principal=SUPERVISOR)
    kept: Any = await site.call(unit, "GET", API, at=AT, principal=DISPATCHER)
    assert ("春燕",) == kept.hide


async def test_whoever_reads_words_that_are_hidden_is_written_down(site: Site, unit: RecordingUnit) -> None:
    """As of whatever else of a case staff are shown: the answer, too, and before there is one."""
    await register(unit, CASE)
    await _decide(site, unit, hide=["春燕"])
    shown: dict[str, dict[CaseField, None]] = {}
    await site.call(unit, "GET", API, at=AT, principal=DISPATCHER, shown=shown)
    assert {CaseField.TITLE, CaseField.TEXT} == set(shown[CASE.codes.case_id])
    await _answered(unit)
    await site.call(unit, "GET", API, at=AT, principal=DISPATCHER, shown=shown)
    assert {CaseField.TITLE, CaseField.TEXT, CaseField.RESPONSE} == set(shown[CASE.codes.case_id])


async def test_another_citizen_whose_case_was_merged_reads_no_hidden_word(
    site: Site, unit: RecordingUnit
) -> None:
    """Also of an answer that they have: it shows again what staff show again. Their own earlier answer stays."""
    await register(unit, CASE)
    await register(unit, MERGED)
    other = MERGED.codes.case_id
    await update_views(unit, [said(CaseMerged, 2, case_id=other, into=CASE.codes.case_id)])
    await _answered(unit)
    copy = said(MergedAnswered, 7, case_id=other, into=CASE.codes.case_id, response=RESPONSE)
    await handle_merged_answers(unit, [copy], keys=KEYS)
    await _decide(site, unit, hide=["春燕"])
    assert "已请**水果店退回店内经营，明天复查。" == await _read(site, unit)
    await _decide(site, unit, 1, reason="店名本来公开")
    assert RESPONSE == await _read(site, unit)

    await unit.db.execute(
        "UPDATE intake.view SET response_at = response_at - interval '1 year' WHERE case_id = $1", other
    )
    await _decide(site, unit, 2, hide=["春燕"])
    assert RESPONSE == await _read(site, unit)


async def test_of_a_citizen_who_is_forgotten_another_one_reads_no_name(
    site: Site, unit: RecordingUnit
) -> None:
    """What was hidden for their sake stays so in the answer that the other one has, whatever staff hide since."""
    named = message(draft(publish=True, contact=Contact(name="欧阳珩璟")), entropy=b"u" * 32)
    named_id, other = named.codes.case_id, MERGED.codes.case_id
    await register(unit, named)
    await register(unit, MERGED)
    await update_views(unit, [said(CaseMerged, 2, case_id=other, into=named_id)])
    words = "欧阳珩璟您好，已请春燕水果店退回店内经营。"
    given = {"public": True, "publishable": True, "case_id": named_id, "response": words}
    await handle_replies(unit, [said(ReplyPublished, 6, **given)])  # type: ignore[arg-type]  # fields of the event
    copy = said(MergedAnswered, 7, case_id=other, into=named_id, response=words)
    await handle_merged_answers(unit, [copy], keys=KEYS)
    assert "欧**您好，已请春燕水果店退回店内经营。" == await _read(site, unit)
    await unit.db.execute("DELETE FROM intake.sealed")
    await unit.db.execute(
        "INSERT INTO intake.forgotten (case_id, at, by, reason, keeps_files) VALUES ($1, $2, 'x', 'y', false)",
        named_id,
        unit.now,
    )
    body = {"version": 0, "withhold": False, "hide": ["春燕"], "reason": "店名"}
    await site.call(unit, "POST", API, body, at={"case_id": named_id}, principal=DISPATCHER)
    assert "欧**您好，已请**水果店退回店内经营。" == await _read(site, unit)


async def _read(site: Site, unit: RecordingUnit) -> str:
    own: Any = await site.call(
        unit,
        "GET",
        "/api/v1/submissions/{tracking_code}",
        at={"tracking_code": MERGED.codes.tracking_code},
        headers={"access-code": MERGED.codes.access_code},
    )
    return str(own.response.text)


async def test_who_writes_an_entry_from_the_case_gets_what_everybody_reads(
    site: Site, unit: RecordingUnit
) -> None:
    """Without what is hidden; and nothing once it is withheld, by staff or by its citizen."""
    await register(unit, CASE)
    await _answered(unit)
    await _decide(site, unit, hide=["春燕"])
    answers = PublishedAnswers(KEYS)
    assert "已请**水果店退回店内经营，明天复查。" == await answers.response(unit, CASE.codes.case_id)
    await _decide(site, unit, 1, hide=["春燕"], withhold=True)
    assert await answers.response(unit, CASE.codes.case_id) is None


async def test_who_approves_a_reply_reads_the_message_as_everybody_will(
    site: Site, unit: RecordingUnit
) -> None:
    """Before there is an answer, and beside the next one; of what is told in confidence nothing."""
    await register(unit, CASE)
    answers = PublishedAnswers(KEYS)
    assert ("春燕水果店占道", CASE.event.text) == await answers.message(unit, CASE.codes.case_id)
    await _decide(site, unit, hide=["春燕"])
    await _answered(unit)
    hidden = ("**水果店占道", CASE.event.text.replace("春燕", "**"))
    assert hidden == await answers.message(unit, CASE.codes.case_id)
    await unit.db.execute("UPDATE intake.case SET confidential = true")
    assert await answers.message(unit, CASE.codes.case_id) is None


async def test_why_something_is_hidden_does_not_say_what(site: Site, unit: RecordingUnit) -> None:
    """The reason stays where the words are not: with the decision, and in the event."""
    await register(unit, CASE)
    await _answered(unit)
    shown = await _decide(site, unit, hide=["东门边"], reason="東門 邊没有同意")
    assert ["***没有同意"] == [one.reason for one in shown.decisions]
    assert "東門" not in str(unit.emitted[-1]) + str(
        await unit.db.fetch("SELECT * FROM intake.publication_limit")
    )


async def test_a_case_is_taken_down_though_its_newer_answer_lacks_the_hidden_words(
    site: Site, unit: RecordingUnit
) -> None:
    """What is hidden already is no slip of the pen: whoever withholds in a hurry need not find it first."""
    await register(unit, CASE)
    await _answered(unit)
    await _decide(site, unit, hide=["退回店内"])
    await _answered(unit, 9, "已另行约谈。")
    shown = await _decide(site, unit, 1, withhold=True, hide=["退回店内"])
    assert "withheld" == shown.state


async def test_more_is_hidden_beside_an_answer_of_which_most_is_hidden_already(
    site: Site, unit: RecordingUnit
) -> None:
    """The answer came later, and loses nothing by it; whoever would hide more of it is told to withhold it."""
    await register(unit, CASE)
    await _decide(site, unit, hide=["春燕水果店"])
    await _answered(unit, 9, "已约谈春燕水果店。")
    with pytest.raises(BadInput):
        await _decide(site, unit, 1, hide=["春燕水果店", "约谈"])
    shown = await _decide(site, unit, 1, hide=["春燕水果店", "天天"])
    assert ("路灯下的*****", "已约谈*****。") == (shown.text[:9], shown.response)


@pytest.mark.parametrize("hidden", ["春燕水果店退回店内经营，明天复查", "退回店内经营。明天"])
async def test_an_audit_takes_what_staff_hid_for_the_same_answer(
    site: Site, unit: RecordingUnit, hidden: str
) -> None:
    """However much of a later answer, and over the end of a sentence; other words are still another answer."""
    await register(unit, CASE)
    await _decide(site, unit, hide=[hidden])
    response = "已请春燕水果店退回店内经营，明天复查。退回店内经营。明天见。"
    await _answered(unit, 9, response)
    found = (await shown_to_audit(unit.db, [CASE.codes.case_id]))[CASE.codes.case_id]

    assert found.hides_words
    assert "*" in (found.published or "")
    assert hides_nothing_else(str(found.published), response, by_staff=found.hides_words)
    assert not hides_nothing_else(str(found.published), "已请水果店退回。", by_staff=True)


@pytest.mark.parametrize("typed", ["9" * 5000, "²", "-1", "", "1e9"])
async def test_a_number_that_nobody_counts_to_is_another_version(
    site: Site, unit: RecordingUnit, typed: str
) -> None:
    """The form comes back with what was typed."""
    await register(unit, CASE)
    await _answered(unit)
    await _decide(site, unit, hide=["春燕"])
    form = {"version": typed, "withhold": "no", "hide": "天天", "reason": "也隐去"}
    page: Any = await site.call(unit, "POST", PAGE, at=AT, form=form, principal=DISPATCHER)
    assert (409, "1") == (page.status, page.context["typed"]["version"])


async def test_whoever_says_me_too_tells_nobody_else_what_is_hidden(site: Site, unit: RecordingUnit) -> None:
    """Their case stands under the title that everybody read then, and has an answer of its own once nobody merges it."""
    await register(unit, CASE)
    await _answered(unit)
    same = message(draft(SAME, SAME, same_as=CASE.codes.tracking_code, publish=True), entropy=b"s" * 32)
    own = message(
        draft("桥洞积水", "积水很深", same_as=CASE.codes.tracking_code, publish=True), entropy=b"t" * 32
    )
    await register(unit, same)
    await register(unit, own)
    await _decide(site, unit, hide=["春燕"])
    for each in (same, own):
        given = {
            "public": True,
            "publishable": True,
            "case_id": each.codes.case_id,
            "response": "已一并处理。",
        }
        await handle_replies(unit, [said(ReplyPublished, 6, **given)])  # type: ignore[arg-type]  # fields of the event
    found: Any = await site.call(unit, "GET", "/api/v1/published", query={"q": "一并处理"})
    assert {"**水果店占道", "桥洞积水"} == {one.title for one in found.items}

    ids = [event.case_id for event in unit.emitted if isinstance(event, PublicationLimited)]
    assert [CASE.codes.case_id, same.codes.case_id] == ids
    await _decide(site, unit, 1, withhold=True, hide=["春燕"])
    assert 3 == len([event for event in unit.emitted if isinstance(event, PublicationLimited)])


async def test_what_is_hidden_is_so_in_the_title_of_whoever_says_me_too_of_such_a_case(
    site: Site, unit: RecordingUnit
) -> None:
    """However many say so, one of the other."""
    await register(unit, CASE)
    await _answered(unit)
    first = message(draft(SAME, SAME, same_as=CASE.codes.tracking_code, publish=True), entropy=b"v" * 32)
    second = message(draft(SAME, SAME, same_as=first.codes.tracking_code, publish=True), entropy=b"w" * 32)
    for each in (first, second):
        await register(unit, each)
        given = {
            "public": True,
            "publishable": True,
            "case_id": each.codes.case_id,
            "response": "已一并处理。",
        }
        await handle_replies(unit, [said(ReplyPublished, 6, **given)])  # type: ignore[arg-type]  # fields of the event
    await _decide(site, unit, hide=["春燕"])
    found: Any = await site.call(unit, "GET", "/api/v1/published", query={"q": "一并处理"})
    assert ["**水果店占道", "**水果店占道"] == [one.title for one in found.items]
