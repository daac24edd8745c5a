"""What a citizen does over the API, on a real Postgres."""

import json
from typing import Any

import pytest

from intake.steps.handle_events import update_views
from schemas.errors import ActionNotAllowed, BadInput, CodeMistyped, KeyReused, NotFound, SignatureRefused
from schemas.events.handlers import CaseAssigned, CaseClosed, CaseReplied, ReplyPublished
from schemas.events.intake import (
    CaseWithdrawn,
    CitizenObjected,
    CitizenRated,
    SubmissionAccepted,
)
from schemas.http import Principal
from schemas.words import CaseState, Channel, Role
from tests.conftest import RecordingUnit
from tests.integration.intake.calls import Site, handle_replies, register, signed
from tests.integration.intake.test_handle_events import CASE, said
from tests.unit.intake.messages import CONTACT, draft, message

CODE = "/api/v1/submissions/{tracking_code}"
AT = {"tracking_code": CASE.codes.tracking_code}
ACCESS = {"access-code": CASE.codes.access_code}
BODY = {"title": "路灯不亮", "text": "人民路的路灯已经坏了三天。"}


@pytest.fixture
def site() -> Site:
    """Intake's web, with a Kafka that takes everything."""
    return Site()


async def _closed(unit: RecordingUnit) -> None:
    await register(unit, CASE)
    await update_views(unit, [said(CaseAssigned, 3)])
    await handle_replies(unit, [said(ReplyPublished, 6)])
    await update_views(unit, [said(CaseClosed, 6)])
    unit.emitted.clear()


async def test_a_case_can_be_followed_before_it_is_registered(site: Site, unit: RecordingUnit) -> None:
    """The codes prove themselves; a wrong access code is still nobody's."""
    receipt: Any = await site.call(None, "POST", "/api/v1/submissions", BODY)
    at = {"tracking_code": receipt.tracking_code.lower()}
    case: Any = await site.call(unit, "GET", CODE, at=at, headers={"access-code": receipt.access_code})

    assert ("received", "已接收，登记中") == (case.state, case.state_label)
    assert receipt.received_at == case.received_at
    assert ["received"] == [line.event for line in case.timeline]
    with pytest.raises(NotFound):
        await site.call(unit, "GET", CODE, at=at, headers={"access-code": "00000000"})
    with pytest.raises(ActionNotAllowed):
        await site.call(
            unit,
            "POST",
            f"{CODE}/supplement",
            {"text": "a"},
            at=at,
            headers={"access-code": receipt.access_code},
        )


async def test_a_registered_case_shows_what_the_interface_promises(site: Site, unit: RecordingUnit) -> None:
    """With the right access code, however it is typed; otherwise there is nothing to see."""
    await _closed(unit)
    case: Any = await site.call(
        unit, "GET", CODE, at=AT, headers={"access-code": CASE.codes.access_code.lower()}
    )

    assert (CaseState.CLOSED, "办结", 6, None) == (case.state, case.state_label, case.version, case.rating)
    assert ("labour", "housing", "住房和城乡建设局") == (case.category, case.department, case.department_name)
    assert "您好，路灯已修好。" == case.response.text
    assert "已派给住房和城乡建设局办理。" in [line.text for line in case.timeline]
    for headers in ({}, {"access-code": "00000000"}):
        with pytest.raises(NotFound):
            await site.call(unit, "GET", CODE, at=AT, headers=headers)
    with pytest.raises(CodeMistyped):
        await site.call(unit, "GET", CODE, at={"tracking_code": "AAAA-AAAA-AAAA-AAAA"}, headers=ACCESS)


async def test_an_answer_is_rated_once(site: Site, unit: RecordingUnit) -> None:
    """The comment is masked; the version is the one last seen."""
    await _closed(unit)
    body = {"score": 4, "comment": "谢谢，我的电话13912345678"}
    case: Any = await site.call(unit, "POST", f"{CODE}/rating", body, at=AT, headers=ACCESS)

    (event,) = unit.emitted
    assert isinstance(event, CitizenRated)
    assert (4, "谢谢，我的电话139****5678", 6) == (event.score, event.comment, event.version)
    assert 4 == case.rating
    with pytest.raises(ActionNotAllowed):
        await site.call(unit, "POST", f"{CODE}/rating", body, at=AT, headers=ACCESS)


async def test_a_comment_hides_who_declared_themselves(site: Site, unit: RecordingUnit) -> None:
    """The name that stands in the form does not reappear in what is said of the answer."""
    named = message(draft(contact=CONTACT), entropy=b"n" * 32)
    await register(unit, named)
    for event in (CaseAssigned, ReplyPublished, CaseClosed):
        await update_views(unit, [said(event, 6, case_id=named.codes.case_id)])
    at = {"tracking_code": named.codes.tracking_code}
    body = {"score": 1, "comment": "周丽华很失望"}
    headers = {"access-code": named.codes.access_code}
    await site.call(unit, "POST", f"{CODE}/rating", body, at=at, headers=headers)

    assert "周**很失望" == unit.emitted[-1].comment  # type: ignore[attr-defined]  # only ratings are said here


async def test_an_outcome_is_objected_to_once(site: Site, unit: RecordingUnit) -> None:
    """With a reason; the access code may come in the body."""
    await _closed(unit)
    body = {"reason": "还是不亮", "access_code": CASE.codes.access_code}
    await site.call(unit, "POST", f"{CODE}/objection", body, at=AT)

    (event,) = unit.emitted
    assert isinstance(event, CitizenObjected)
    assert "还是不亮" == event.reason
    with pytest.raises(ActionNotAllowed) as refused:
        await site.call(unit, "POST", f"{CODE}/objection", body, at=AT)
    assert ["rating"] == refused.value.facts["allowed_actions"]


async def test_an_open_case_is_neither_rated_nor_objected_to(site: Site, unit: RecordingUnit) -> None:
    """There is no answer yet."""
    await register(unit, CASE)
    for action, body in (("rating", {"score": 5}), ("objection", {"reason": "慢"})):
        with pytest.raises(ActionNotAllowed):
            await site.call(unit, "POST", f"{CODE}/{action}", body, at=AT, headers=ACCESS)


async def test_a_withdrawal_shows_at_once_before_a_department_has_the_case(
    site: Site, unit: RecordingUnit
) -> None:
    """And cannot be asked for twice."""
    await register(unit, CASE)
    unit.emitted.clear()
    case: Any = await site.call(
        unit, "POST", f"{CODE}/withdrawal", {"reason": "已解决"}, at=AT, headers=ACCESS
    )

    (event,) = unit.emitted
    assert isinstance(event, CaseWithdrawn)
    assert (1, "已解决", CaseState.WITHDRAWN) == (event.version, event.reason, case.state)
    with pytest.raises(ActionNotAllowed):
        await site.call(unit, "POST", f"{CODE}/withdrawal", {}, at=AT, headers=ACCESS)


async def test_with_a_department_the_withdrawal_is_only_asked_for(site: Site, unit: RecordingUnit) -> None:
    """handlers decides; once replied it is too late."""
    await register(unit, CASE)
    await update_views(unit, [said(CaseAssigned, 3)])
    case: Any = await site.call(unit, "POST", f"{CODE}/withdrawal", {}, at=AT, headers=ACCESS)
    assert CaseState.ASSIGNED == case.state

    other = message(entropy=b"w" * 32)
    await register(unit, other)
    await update_views(unit, [said(CaseReplied, 5, case_id=other.codes.case_id)])
    with pytest.raises(ActionNotAllowed):
        await site.call(
            unit,
            "POST",
            f"{CODE}/withdrawal",
            {},
            at={"tracking_code": other.codes.tracking_code},
            headers={"access-code": other.codes.access_code},
        )


async def test_a_token_makes_its_name_the_source(site: Site) -> None:
    """A token that is called web is still not anybody."""
    for name, source in (("north", "north"), ("web", "token:web")):
        principal = Principal(role=Role.DISPATCHER, name=name)
        await site.call(None, "POST", "/api/v1/submissions", BODY, principal=principal)
        event = site.kafka.events[-1]
        assert isinstance(event, SubmissionAccepted)
        assert source == event.source


async def test_the_idempotency_key_is_kept(site: Site) -> None:
    """The same key with another body is a conflict."""
    headers = {"idempotency-key": "K"}
    first: Any = await site.call(None, "POST", "/api/v1/submissions", BODY, headers=headers)
    second: Any = await site.call(None, "POST", "/api/v1/submissions", BODY, headers=headers)
    assert first == second

    with pytest.raises(KeyReused):
        await site.call(None, "POST", "/api/v1/submissions", BODY | {"text": "别的"}, headers=headers)


async def test_a_transcript_becomes_a_hotline_message(site: Site) -> None:
    """From the token's hotline, with every turn; whom to call is told to the agent."""
    body = {
        "call_id": "C-1",
        "started_at": "2026-11-23T10:00:00+08:00",
        "caller": {"phone": "13912345678"},
        "turns": [{"speaker": "citizen", "text": "小区停水三天了没人管", "at_seconds": 3}],
    }
    principal = Principal(role=Role.HOTLINE, name="desk")
    calm: Any = await site.call(None, "POST", "/api/v1/hotline/transcripts", body, principal=principal)
    body |= {"call_id": "C-2", "turns": [{"speaker": "citizen", "text": "楼下着火了", "at_seconds": 3}]}
    told: Any = await site.call(None, "POST", "/api/v1/hotline/transcripts", body, principal=principal)

    assert ([], ["119"]) == tuple([line.number for line in each.call_now] for each in (calm, told))
    event = site.kafka.events[-2]
    assert isinstance(event, SubmissionAccepted)
    assert (Channel.HOTLINE, "desk", "C-1") == (event.channel, event.source, event.external_id)
    assert ("小区停水三天了没人管", 1) == (event.title, len(event.turns))


async def test_a_field_of_another_name_asks_for_secrecy_at_every_door(
    site: Site, unit: RecordingUnit
) -> None:
    """Nobody reads it, and the message would be stored for everybody."""
    call = {
        "call_id": "C-9",
        "started_at": "2026-11-23T10:00:00+08:00",
        "turns": [{"speaker": "citizen", "text": "小区停水三天了没人管", "at_seconds": 3}],
    }
    for path, body, principal in (
        ("/api/v1/submissions", BODY, Principal()),
        ("/api/v1/hotline/transcripts", call, Principal(role=Role.HOTLINE, name="desk")),
    ):
        for more in ({"isConfidential": True}, {}):
            said = body | more
            raw = json.dumps(said).encode()
            await site.call(None, "POST", path, said, principal=principal, raw_body=raw)
    await site.call(unit, "POST", "/api/v1/mini-app/submissions", **signed(BODY | {"匿名": "是"}, "s" * 16))

    accepted = [event for event in site.kafka.events if isinstance(event, SubmissionAccepted)]
    assert [True, False, True, False, True] == [event.confidential for event in accepted]


async def test_a_silent_call_is_kept_once_and_no_case(site: Site, unit: RecordingUnit) -> None:
    """No codes, nothing on Kafka; who called is encrypted."""
    body = {
        "call_id": "C-2",
        "started_at": "2026-11-23T10:00:00+08:00",
        "caller": {"phone": "13912345678"},
        "turns": [{"speaker": "agent", "text": "您好，请讲。喂？", "at_seconds": 1}],
    }
    principal = Principal(role=Role.HOTLINE, name="desk")
    for _ in range(2):
        answer: Any = await site.call(unit, "POST", "/api/v1/hotline/transcripts", body, principal=principal)

    assert (True, None, None) == (answer.silent, answer.tracking_code, answer.access_code)
    assert [] == site.kafka.events
    kept = await unit.db.fetch("SELECT * FROM intake.silent_call")
    assert ["C-2"] == [row["call_id"] for row in kept]
    assert b"13912345678" not in kept[0]["sealed"]


async def test_a_call_id_of_another_caller_gives_codes_of_its_own(site: Site, unit: RecordingUnit) -> None:
    """Hours later, from another number: the first caller's codes open nothing of it."""
    body: dict[str, object] = {
        "call_id": "C-3",
        "started_at": "2026-11-23T10:00:00+08:00",
        "caller": {"phone": "13912345678"},
        "turns": [{"speaker": "citizen", "text": "举报工厂夜间偷排污水", "at_seconds": 1}],
    }
    later = body | {"started_at": "2026-11-23T15:00:00+08:00", "caller": {"phone": "13900138002"}}
    principal = Principal(role=Role.HOTLINE, name="desk")
    receipts: list[Any] = [
        await site.call(None, "POST", "/api/v1/hotline/transcripts", each, principal=principal)
        for each in (body, body, later)
    ]
    first, again, other = receipts

    assert (first.tracking_code, first.access_code) == (again.tracking_code, again.access_code)
    assert {first.tracking_code, first.access_code}.isdisjoint({other.tracking_code, other.access_code})


async def test_a_mini_app_submits_signed_and_once(site: Site, unit: RecordingUnit) -> None:
    """Its position is converted, its user is kept, its replay is refused."""
    body = BODY | {"open_id": "o-1", "place": {"longitude": 116.397, "latitude": 39.909}}
    request = signed(body, "n" * 16)
    path = "/api/v1/mini-app/submissions"
    await site.call(unit, "POST", path, **request)

    event = site.kafka.events[-1]
    assert isinstance(event, SubmissionAccepted)
    assert (Channel.MINIAPP, "app", "o-1") == (event.channel, event.source, event.sender_id)
    assert event.place is not None
    assert event.place.longitude is not None
    assert event.place.longitude < 116.392
    with pytest.raises(SignatureRefused):
        await site.call(unit, "POST", path, **request)
    assert 1 == len(site.kafka.events)


async def test_a_mini_apps_fields_are_checked_like_any_other(site: Site, unit: RecordingUnit) -> None:
    """Signed nonsense is nonsense."""
    with pytest.raises(BadInput):
        await site.call(unit, "POST", "/api/v1/mini-app/submissions", **signed({"title": ""}, "m" * 16))


async def test_a_refused_request_has_not_used_its_nonce(site: Site, unit: RecordingUnit) -> None:
    """Nothing came of it: the mini-app may send the right one with the same nonce."""
    path = "/api/v1/mini-app/submissions"
    with pytest.raises(BadInput):
        await site.call(unit, "POST", path, **signed(BODY | {"open_id": "o", "text": " "}, "r" * 16))

    await site.call(unit, "POST", path, **signed(BODY | {"open_id": "o"}, "r" * 16))

    assert 1 == len(site.kafka.events)
