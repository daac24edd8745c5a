"""The queue as API and pages show it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from deploy.web.site.render import renderer_of
from routing.core.rules import load_rules
from routing.steps import handle_events
from routing.steps.decided import Decided
from routing.web import api, pages, queries
from schemas.city import load_city
from schemas.errors import ActionNotAllowed, BadInput, NotFound, StaleVersion
from schemas.events.handlers import CaseReplied, CaseReturned, ExtensionRequested
from schemas.events.intake import CaseRegistered
from schemas.http import DRAFT_FIELD, Call, Page, Principal, Redirect
from schemas.ids import DepartmentCode
from schemas.paging import cursor_of
from schemas.words import Language, ReviewKind, Role
from tests.integration.routing.cases import AT, UNCLEAR, new_case_id, registered, route

CITY = load_city()
EMERGENCY = ("煤气泄漏有人晕倒", "救命，有人晕倒了！请看一下。")
TRANSPORT = DepartmentCode("transport")
RENDERER = renderer_of(CITY)


def call_of(unit: Any, case_id: str = "", form: Mapping[str, str] | None = None, **given: Any) -> Call:
    return Call(
        principal=Principal(role=Role.DISPATCHER, name="dispatcher"),
        language=given.pop("language", Language.ZH),
        path={"case_id": case_id},
        headers={},
        address="127.0.0.1",
        form=form or {},
        unit_or_none=unit,
        **given,
    )


def html_of(page: Page, language: Language, path: str = "/review") -> str:
    return RENDERER.render(
        page,
        language=language,
        principal=Principal(role=Role.DISPATCHER, name="dispatcher"),
        csrf_token="token",
        path=path,
        is_just_done=True,
    )


async def open_cases(unit: Any, count: int, texts: tuple[str, str] = UNCLEAR) -> list[CaseRegistered]:
    events = []
    for _ in range(count):
        event = registered(texts)
        await route(unit, [event])
        unit.now += timedelta(minutes=1)
        events.append(event)
    return events


@pytest.mark.parametrize("limit", [1, 2, 3, 100])
@pytest.mark.parametrize("kind", [None, ReviewKind.DISPATCH])
async def test_the_queue_is_paged_emergencies_first(unit: Any, limit: int, kind: ReviewKind | None) -> None:
    """Every item once, across pages: first who may be in danger, then the rest, each oldest first."""
    events = await open_cases(unit, 2)
    emergencies = await open_cases(unit, 3, EMERGENCY)
    events += await open_cases(unit, 2)
    found: list[str] = []
    cursor = None
    while True:
        query = api.ReviewQuery(cursor=cursor, kind=kind, limit=limit)
        page = await api.list_queue(call_of(unit, query=query), city=CITY)
        found += [item.case_id for item in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break

    assert [event.case_id for event in (*emergencies, *events)] == found


async def test_the_page_names_emergencies_above_the_queue(unit: Any) -> None:
    """And shows them at its head, in the order of the API."""
    events = await open_cases(unit, 1)
    emergencies = await open_cases(unit, 2, EMERGENCY)

    page = await pages.show_queue(call_of(unit, query=queries.QueueQuery()), city=CITY)

    assert [e.case_id for e in emergencies] == [row.case_id for row in page.context["emergencies"]]  # type: ignore[attr-defined]  # rows
    assert [e.case_id for e in (*emergencies, *events)] == [row.case_id for row in page.context["rows"]]  # type: ignore[attr-defined]  # rows
    assert "特急，请先派单" in html_of(page, Language.ZH)


async def test_a_further_page_leads_back_to_the_first(unit: Any) -> None:
    """Of the same kind; the first page itself has no such link. Even where nothing is left on the further one."""
    await open_cases(unit, 1)
    page = await pages.show_queue(
        call_of(unit, query=queries.QueueQuery(kind=ReviewKind.DISPATCH)), city=CITY
    )
    empty = await pages.show_queue(call_of(unit, query=queries.QueueQuery(kind=ReviewKind.REPLY)), city=CITY)
    back = '<a class="govuk-link" href="/review?kind={}">← 回到第一页</a>'

    assert "回到第一页" not in html_of(page, Language.ZH, "/review?kind=dispatch")
    assert back.format("dispatch") in html_of(page, Language.ZH, "/review?cursor=W10%3D&kind=dispatch")
    assert back.format("reply") in html_of(empty, Language.ZH, "/review?cursor=W10%3D&kind=reply")


async def test_supporting_departments_that_are_ticked_are_seen(unit: Any) -> None:
    """What would be sent is not folded away."""
    [event] = await open_cases(unit, 1)
    call = call_of(unit, event.case_id)
    page = await pages.show_case(call, city=CITY, rules=load_rules())
    proposed = msgspec.structs.replace(page.context["case"], supporting=(TRANSPORT,))  # type: ignore[type-var]  # a struct
    shown = replace(page, context={**page.context, "case": proposed})
    folded = '<details class="govuk-details"{}>\n    <summary class="govuk-details__summary">'
    folded += '<span class="govuk-details__summary-text">协办单位'

    assert folded.format("") in html_of(page, Language.ZH)
    assert folded.format(" open") in html_of(shown, Language.ZH)


async def test_an_item_has_what_scripts_read(unit: Any) -> None:
    """The promised fields, and the version to send back."""
    [event] = await open_cases(unit, 1)

    page = await api.list_queue(call_of(unit, query=api.ReviewQuery(kind=ReviewKind.DISPATCH)), city=CITY)

    [item] = page.items
    assert (event.case_id, ReviewKind.DISPATCH, 2, *UNCLEAR) == (
        item.case_id,
        item.kind,
        item.version,
        item.title,
        item.text,
    )
    assert ["no-words"] == item.detail["doubts"]
    assert (
        []
        == (
            await api.list_queue(call_of(unit, query=api.ReviewQuery(kind=ReviewKind.REPLY)), city=CITY)
        ).items
    )


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "e30=",
        "中文",
        "////",
        "W10=",
        cursor_of(False, "0001-01-01T00:00:00+23:59", str(UUID(int=1)), "dispatch", 2),
        cursor_of(False, AT, str(UUID(int=1)), "dispatch", 2**31),
        cursor_of(False, AT, str(UUID(int=1)), "di\0spatch", 2),
        cursor_of(False, AT, "x" * 36, "dispatch", 2),
    ],
)
async def test_a_foreign_cursor_is_refused(unit: Any, cursor: str) -> None:
    """With the field, not with an error of ours."""
    with pytest.raises(BadInput):
        await api.list_queue(call_of(unit, query=api.ReviewQuery(cursor=cursor)), city=CITY)


async def test_replies_are_approved_at_their_own_address(unit: Any) -> None:
    """`decision` says how; the version stays."""
    [event] = await open_cases(unit, 1)
    replied = CaseReplied(
        case_id=event.case_id, version=6, at=AT, department=TRANSPORT, note="已办", response="已解决"
    )
    await handle_events.review_replies(unit, [replied])
    body = api.ReplyDecision(version=6, decision="approve")

    unknown = str(uuid4())

    decided, refused = await api.decide_replies(
        unit, [call_of(unit, case_id, body=body) for case_id in (event.case_id, unknown)]
    )

    assert isinstance(decided, Decided)
    assert 6 == decided.version
    assert unit.emitted[-1].accepted
    assert isinstance(refused, NotFound)


async def test_a_reply_is_decided_once(unit: Any) -> None:
    """The second dispatcher is told so; a version that nobody replied with is stale."""
    [event] = await open_cases(unit, 1)
    replied = CaseReplied(
        case_id=event.case_id, version=6, at=AT, department=TRANSPORT, note="已办", response="已解决"
    )
    await handle_events.review_replies(unit, [replied])

    async def decided(version: int) -> Any:
        body = api.ReplyDecision(version=version, decision="send_back", remarks="请补充")
        (outcome,) = await api.decide_replies(unit, [call_of(unit, event.case_id, body=body)])
        return type(outcome)

    assert [StaleVersion, Decided, ActionNotAllowed] == [await decided(version) for version in (5, 6, 6)]
    assert not unit.emitted[-1].accepted


async def everything(unit: Any) -> list[CaseRegistered]:
    events = [registered() for _ in range(3)]
    await route(unit, events)
    head: dict[str, Any] = {"at": AT, "department": TRANSPORT}
    await handle_events.review_returns(
        unit,
        [
            CaseReturned(
                case_id=events[0].case_id,
                version=4,
                reason="不<b>是</b>",
                basis="三定",
                return_count=1,
                **head,
            )
        ],
    )
    await handle_events.review_extensions(
        unit,
        [ExtensionRequested(case_id=events[1].case_id, version=4, working_days=5, reason="招标", **head)],
    )
    await handle_events.review_replies(
        unit, [CaseReplied(case_id=events[2].case_id, version=4, note="内部", response="答复", **head)]
    )
    unclear = registered(("举报城管局", "举报城管局收受占道经营商贩的好处，法院判决不服"))
    await route(unit, [unclear])
    return [*events, unclear]


@pytest.mark.parametrize("language", list(Language))
async def test_every_kind_of_item_has_its_page(unit: Any, language: Language) -> None:
    """The queue and each case, in both languages, with what was written escaped."""
    events = await everything(unit)

    queue = html_of(await pages.show_queue(call_of(unit, query=queries.QueueQuery()), city=CITY), language)
    shown = [
        html_of(
            await pages.show_case(call_of(unit, e.case_id, language=language), city=CITY, rules=load_rules()),
            language,
        )
        for e in events
    ]

    assert all(event.case_id in queue for event in events)
    expected = {
        Language.ZH: ["同意退单，改派", "同意延期", "给市民的答复", "举报涉及单位"],
        Language.EN: [
            "Accept the return",
            "Grant the extension",
            "Reply to the citizen",
            "The report accuses",
        ],
    }[language]
    assert all(text in page for text, page in zip(expected, shown, strict=True))
    advice = {Language.ZH: "答复很短。", Language.EN: "The reply is very short."}[language]
    assert [False, False, True, False] == [advice in page for page in shown]
    assert "<b>是</b>" not in shown[0]
    assert 'value="urban-management"' not in shown[3]


async def test_an_empty_queue_says_so(unit: Any) -> None:
    """With a sentence."""
    page = html_of(await pages.show_queue(call_of(unit, query=queries.QueueQuery()), city=CITY), Language.ZH)

    assert "没有等待决定的件。" in page


async def test_a_form_dispatches_and_leads_back_to_the_queue(unit: Any) -> None:
    """Several ticked departments come joined by commas."""
    [event] = await open_cases(unit, 1)
    form = {
        "kind": "dispatch",
        "version": "2",
        "action": "dispatch",
        "category": "environment",
        "lead": "",
        "supporting": "water,housing",
    }

    answer = await pages.decide_on_page(call_of(unit, event.case_id, form), city=CITY, rules=load_rules())

    assert Redirect(to=f"/review?done={event.tracking_code}") == answer
    assert ("environment", ("water", "housing")) == (unit.emitted[-1].lead, unit.emitted[-1].supporting)


async def test_a_refused_form_keeps_what_was_typed(unit: Any) -> None:
    """The reason stands in the summary and beside the field."""
    [event] = await open_cases(unit, 1)
    form = {"kind": "dispatch", "version": "2", "action": "merge", "merge_into": "XXXX-没有"}

    page = await pages.decide_on_page(call_of(unit, event.case_id, form), city=CITY, rules=load_rules())

    assert isinstance(page, Page)
    assert 422 == page.status
    html = html_of(page, Language.ZH)
    assert 'value="XXXX-没有"' in html
    assert 2 == html.count("没有这个件。")
    assert 'href="#dispatch-merge_into"' in html
    assert 'id="dispatch-merge_into"' in html


async def test_a_stale_form_is_answered_with_the_reason(unit: Any) -> None:
    """409, and the page as it is now."""
    [event] = await open_cases(unit, 1)
    form = {"kind": "dispatch", "version": "1", "action": "decline", "decline": "请去法院"}

    page = await pages.decide_on_page(call_of(unit, event.case_id, form), city=CITY, rules=load_rules())

    assert isinstance(page, Page)
    assert 409 == page.status
    assert "请去法院" in html_of(page, Language.ZH)


async def test_a_version_that_is_no_number_is_refused(unit: Any) -> None:
    """A form that was tampered with is answered like any other mistake."""
    [event] = await open_cases(unit, 1)

    page = await pages.decide_on_page(
        call_of(unit, event.case_id, {"version": "x"}), city=CITY, rules=load_rules()
    )

    assert isinstance(page, Page)
    assert 422 == page.status


async def test_a_draft_is_shown_as_typed(unit: Any) -> None:
    """Whoever had to sign in again decides with the next press of the button, not with the one before."""
    [event] = await open_cases(unit, 1)
    emitted = list(unit.emitted)
    form = {
        "kind": "dispatch",
        "version": "2",
        "action": "decline",
        "decline": "请去法院",
        DRAFT_FIELD: "yes",
    }

    page = await pages.decide_on_page(call_of(unit, event.case_id, form), city=CITY, rules=load_rules())

    assert isinstance(page, Page)
    assert 200 == page.status
    assert "请去法院" in html_of(page, Language.ZH)
    assert emitted == unit.emitted


async def test_an_unknown_case_has_no_page(unit: Any) -> None:
    """404, whoever asks."""
    with pytest.raises(NotFound):
        await pages.show_case(call_of(unit, new_case_id()), city=CITY, rules=load_rules())


async def test_doubts_are_worded_in_the_callers_language(unit: Any) -> None:
    """The event has codes; who reads the API or the page reads words, also of rows that an older release wrote."""
    [event] = await open_cases(unit, 1, ("举报城管局", "举报城管局收受占道经营商贩的好处"))
    old = [{"words": "举报涉及单位：urban-management", "weight": 0.0}, {"words": "违建", "weight": 3.0}]
    await unit.db.execute(
        "UPDATE routing.review_item SET reasons = $2::jsonb WHERE case_id = $1",
        event.case_id,
        msgspec.json.encode(old).decode(),
    )

    for language, words in (
        (Language.ZH, "举报涉及单位：城市管理局"),
        (Language.EN, "The report accuses: Urban Management Bureau"),
    ):
        page = await api.list_queue(call_of(unit, query=api.ReviewQuery(), language=language), city=CITY)
        [item] = [item for item in page.items if item.case_id == event.case_id]
        assert words in [reason.words for reason in item.reasons]
        assert ["违建"] == [reason.words for reason in item.reasons if reason.weight]
        assert ("accused", ("urban-management",)) == (item.doubts[0].code, item.doubts[0].facts)
        assert item.protected


async def test_danger_that_waits_longest_for_a_look_is_listed_whatever_comes_later(unit: Any) -> None:
    """Ten of a dozen stand there, the oldest first; that there are two more is said."""
    told = [event.case_id for event in await open_cases(unit, 12)]
    since = [unit.now - timedelta(minutes=number) for number in range(12)]
    await unit.db.execute(
        """
        UPDATE routing.case AS c SET state = 'routed', danger_unseen_since = t.since
        FROM unnest($1::uuid[], $2::timestamptz[]) AS t (case_id, since) WHERE c.case_id = t.case_id
        """,
        told,
        since,
    )
    page = await pages.show_queue(call_of(unit, query=queries.QueueQuery()), city=CITY)

    listed: Any = page.context["unseen"]
    assert told[:1:-1] == [one["case"].case_id for one in listed]
    assert "另有 2 件" in html_of(page, Language.ZH)
