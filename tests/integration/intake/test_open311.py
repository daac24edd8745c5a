"""What Open311 shows of cases: what everybody may read, and with the access code one's own."""

import json
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from intake.store.published import hide_answer, mark_objected, show_answer
from schemas.errors import BadInput, NotFound
from schemas.events.handlers import ReplyPublished
from schemas.ids import CaseId
from tests.conftest import RecordingUnit
from tests.integration.intake.calls import Site, handle_replies, register
from tests.integration.intake.test_handle_events import said
from tests.unit.intake.messages import NOW, draft, message

LIST = "/open311/v2/requests.{format}"
ONE = "/open311/v2/requests/{tracking_code}.{format}"
#: The second was sent two days later; the third is nobody else's; the fourth is confidential.
MESSAGES = [
    message(draft("路灯不亮", "人民路的路灯坏了。", publish=True), entropy=b"1", now=NOW - timedelta(days=2)),
    message(draft("公园脏乱", "公园里垃圾没人清。", publish=True), entropy=b"2"),
    message(draft("噪音扰民", "工地夜间施工。"), entropy=b"3"),
    message(draft("举报老板", "拖欠工资。", publish=True, confidential=True), entropy=b"4"),
]
OBJECTED_AT = NOW + timedelta(days=3)
CODES = [each.codes.tracking_code for each in MESSAGES]


@pytest.fixture
async def site(unit: RecordingUnit) -> Site:
    """Each is answered."""
    await register(unit, *MESSAGES)
    for number, each in enumerate(MESSAGES):
        # As handlers says of each case.
        may = {"public": each.event.publish, "publishable": not each.event.confidential}
        may["public"] &= may["publishable"]
        answer = said(
            ReplyPublished, 10 + number, case_id=each.codes.case_id, response=f"答复{number}号", **may
        )
        await handle_replies(unit, [answer])
    unit.now = NOW + timedelta(days=10)
    return Site()


async def _codes(site: Site, unit: RecordingUnit, **query: object) -> list[str]:
    found: Any = await site.call(unit, "GET", LIST, query=query, at={"format": "json"})
    return [each["service_request_id"] for each in json.loads(found.body)]


async def _one(site: Site, unit: RecordingUnit, code: str, access_code: str = "") -> Any:
    return json.loads((await _answered(site, unit, code, access_code)).body)


async def _answered(site: Site, unit: RecordingUnit, code: str, access_code: str = "") -> Any:
    headers = {"access-code": access_code} if access_code else {}
    at = {"format": "json", "tracking_code": code}
    return await site.call(unit, "GET", ONE, at=at, headers=headers)


async def test_everybody_reads_what_is_published(site: Site, unit: RecordingUnit) -> None:
    """The newest answer first; what nobody allowed, and what was told in confidence, is not there."""
    assert [CODES[1], CODES[0]] == await _codes(site, unit)
    assert CODES[:1] == [each["service_request_id"] for each in await _one(site, unit, CODES[0])]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"service_request_id": ",".join(CODES)}, [1, 0]),
        ({"service_request_id": f"{CODES[0]}, nonsense,", "status": "open"}, [0]),
        ({"service_request_id": CODES[2]}, []),
        ({"status": "open"}, []),
        ({"status": "closed"}, [1, 0]),
        ({"status": "open,closed"}, [1, 0]),
        ({"end_date": "2026-11-22"}, [0]),
        ({"start_date": "2026-11-23"}, [1]),
        ({"start_date": "2026-11-21T10:00:00 08:00", "end_date": "2026-11-21T10:00:01+08:00"}, [0]),
        ({"start_date": "2025-01-01T00:00:00Z"}, []),
        ({"service_code": "nothing,transport"}, []),
        ({"updated_after": "2020-01-01"}, [1, 0]),
        ({"updated_before": "2020-01-01"}, []),
        ({"page_size": 1}, [1]),
        ({"page_size": 1, "page": 2}, [0]),
        ({"page_size": 1, "page": 3}, []),
        ({"page_size": 1000}, [1, 0]),
        ({"page_size": 10_000, "page": 2}, []),
        ({"jurisdiction_id": "city.example"}, [1, 0]),
    ],
)
async def test_they_are_found(
    site: Site, unit: RecordingUnit, query: dict[str, object], found: list[int]
) -> None:
    """By code, status, day and page; codes leave everything else out of account."""
    assert [CODES[number] for number in found] == await _codes(site, unit, **query)


async def test_they_are_found_by_service(site: Site, unit: RecordingUnit) -> None:
    """As it was answered."""
    (request,) = await _one(site, unit, CODES[0])
    code = request["service_code"]

    assert [CODES[1], CODES[0]] == await _codes(site, unit, service_code=f"x,{code}")


@pytest.mark.parametrize(
    "query",
    [
        {"status": "closed,done"},
        {"start_date": "soon"},
        {"start_date": "2026-01-01", "end_date": "2026-11-01"},
        {"page": 51},
        {"service_request_id": "a," * 1001},
    ],
)
async def test_what_cannot_be_asked_is_refused(
    site: Site, unit: RecordingUnit, query: dict[str, object]
) -> None:
    """With the field that is wrong."""
    with pytest.raises(BadInput) as refusal:
        await _codes(site, unit, **query)

    assert set(query) & {each.field for each in refusal.value.errors}


async def test_an_objection_opens_it_again(site: Site, unit: RecordingUnit) -> None:
    """Until there is a newer answer."""
    await mark_objected(unit.db, MESSAGES[0].codes.case_id, OBJECTED_AT)

    assert CODES[:1] == await _codes(site, unit, status="open")
    assert CODES[1:2] == await _codes(site, unit, status="closed")


@pytest.mark.parametrize("is_far_back", [False, True])
async def test_whoever_asks_for_what_changed_since_hears_of_an_objection(
    site: Site, unit: RecordingUnit, is_far_back: bool
) -> None:
    """And of an answer that was allowed to be read since: `updated_datetime` is when, and such a request comes first."""
    unit.now += timedelta(days=300) if is_far_back else timedelta()
    window = {"start_date": "2026-11-01", "end_date": "2026-12-01"}
    after = {**window, "updated_after": (OBJECTED_AT - timedelta(hours=1)).isoformat()}
    assert [] == await _codes(site, unit, **after)
    await mark_objected(unit.db, MESSAGES[0].codes.case_id, OBJECTED_AT)
    await hide_answer(unit.db, MESSAGES[1].codes.case_id, OBJECTED_AT)
    await show_answer(unit.db, MESSAGES[1].codes.case_id, OBJECTED_AT + timedelta(hours=1))

    assert [CODES[1], CODES[0]] == await _codes(site, unit, **after)
    assert [CODES[0]] == await _codes(site, unit, **after, status="open")
    (request,) = await _one(site, unit, CODES[0])
    assert OBJECTED_AT == datetime.fromisoformat(request["updated_datetime"])


@pytest.mark.parametrize(("objected", "shown"), [(1, 0), (0, 1)])
async def test_what_is_heard_late_moves_no_change_back(
    site: Site, unit: RecordingUnit, objected: int, shown: int
) -> None:
    """Whoever asks for what changed since the last time would never hear of it."""
    case_id, latest = MESSAGES[0].codes.case_id, OBJECTED_AT + timedelta(hours=1)
    await mark_objected(unit.db, case_id, OBJECTED_AT + timedelta(hours=objected))
    await hide_answer(unit.db, case_id, OBJECTED_AT)
    await show_answer(unit.db, case_id, OBJECTED_AT + timedelta(hours=shown))
    await mark_objected(unit.db, case_id, OBJECTED_AT)
    (request,) = await _one(site, unit, CODES[0])

    assert latest == datetime.fromisoformat(request["updated_datetime"])


async def test_no_page_holds_more_than_one_answer_does(
    site: Site, unit: RecordingUnit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is asked for: the next page begins behind what this one holds."""
    monkeypatch.setattr("intake.steps.read_requests.MOST_REQUESTS", 1)

    assert [[CODES[1]], [CODES[0]], []] == [
        await _codes(site, unit, page_size=1000, page=page) for page in (1, 2, 3)
    ]


async def test_a_newer_answer_is_what_changed_last(site: Site, unit: RecordingUnit) -> None:
    """Nobody has objected to it."""
    case_id = MESSAGES[0].codes.case_id
    await mark_objected(unit.db, case_id, OBJECTED_AT)
    answer = said(ReplyPublished, 90, case_id=case_id, response="新的答复", public=True, publishable=True)
    await handle_replies(unit, [answer])
    (request,) = await _one(site, unit, CODES[0])

    assert ("closed", answer.at) == (request["status"], datetime.fromisoformat(request["updated_datetime"]))


async def test_what_is_not_public_looks_as_if_it_were_not(site: Site, unit: RecordingUnit) -> None:
    """The very same refusal for one that is not public, one that is confidential, and one that never was."""
    never = message(draft(), entropy=b"never").codes.tracking_code
    refusals = []
    for code in (*CODES[2:], never, "nonsense"):
        refusal = await _answered(site, unit, code)
        refusals.append((refusal.status, refusal.body))

    assert 1 == len(set(refusals))
    assert 404 == refusals[0][0]


async def test_with_its_access_code_ones_own_is_read(site: Site, unit: RecordingUnit) -> None:
    """Published or not; with another's nothing, and before it is registered that it was received."""
    for each in MESSAGES:
        (found,) = await _one(site, unit, each.codes.tracking_code, each.codes.access_code)
        assert each.codes.tracking_code == found["service_request_id"]
    with pytest.raises(NotFound) as refusal:
        await _one(site, unit, CODES[0], MESSAGES[1].codes.access_code)
    with pytest.raises(NotFound) as mistyped:
        await _one(site, unit, "nonsense", MESSAGES[1].codes.access_code)
    assert type(refusal.value) is type(mistyped.value)

    waiting = message(draft(), entropy=b"waiting").codes
    (found,) = await _one(site, unit, waiting.tracking_code, waiting.access_code)
    assert ("open", None) == (found["status"], found["service_code"])


async def test_what_is_personal_is_masked(unit: RecordingUnit) -> None:
    """As everywhere that everybody reads."""
    told = message(
        draft("路灯不亮", "我叫王小明，电话13812345678，人民路的路灯坏了。", publish=True), entropy=b"5"
    )
    await register(unit, told)
    await handle_replies(
        unit, [said(ReplyPublished, 10, case_id=CaseId(told.codes.case_id), response="已修")]
    )
    unit.now = NOW + timedelta(days=10)
    site = Site()

    shown = msgspec.json.encode(await _one(site, unit, told.codes.tracking_code)).decode()
    assert "已修" in shown
    assert "13812345678" not in shown
