"""What was answered before is offered to whoever is about to ask."""

import json
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from intake.core.public.entries import EntrySearch
from intake.core.search import question
from intake.steps.count_words import count_words
from intake.steps.entries import search_entries
from intake.steps.handle_events import handle_protected
from intake.steps.suggest import Suggestion, suggest, suggest_beside
from intake.store import entries
from intake.store.published import hide_answer, mark_objected
from schemas.errors import BadInput
from schemas.events.handlers import CaseProtected, ReplyPublished
from schemas.events.knowledge import EntryPublished
from schemas.ids import CaseId, DepartmentCode
from schemas.values import EntryContent
from schemas.words import CaseState
from tests.conftest import RecordingUnit
from tests.integration.intake.calls import Site, handle_replies, register
from tests.integration.intake.test_handle_events import said
from tests.unit.intake.messages import NOW, draft, message

TITLES = (
    "居住证到期了怎样续签",
    "居住证续签要带什么材料",
    "居住证丢了怎样补办",
    "居住证地址变了怎样改",
    "小区门口积水严重",
)
MESSAGES = [
    message(draft(title, f"{title}，请告知。", publish=True), entropy=bytes([n]) * 32)
    for n, title in enumerate(TITLES)
]
#: Nobody said yes to the last.
UNASKED = message(draft("居住证续签能不能网上办", "居住证续签能不能网上办，请告知。"), entropy=b"u" * 32)
ASKED = "請問居住證怎樣續簽"


@pytest.fixture
async def answered(unit: RecordingUnit) -> RecordingUnit:
    """Four answers about one matter, and one about another."""
    await register(unit, *MESSAGES, UNASKED)
    for number, each in enumerate((*MESSAGES, UNASKED)):
        answer = said(
            ReplyPublished, 10 + number, case_id=each.codes.case_id, response=f"请到窗口办理{number}"
        )
        await handle_replies(unit, [answer])
    await count_words(unit)
    return unit


async def _codes(unit: RecordingUnit, title: str = ASKED, text: str = "") -> list[str | None]:
    return [found.tracking_code for found in await suggest(unit, title, text)]


async def test_the_nearest_three_are_offered_with_what_matched(answered: RecordingUnit) -> None:
    """Each with whose it is, when it was given and the words; Traditional finds Simplified."""
    found = await suggest(answered, ASKED)

    assert TITLES[0] == found[0].title
    assert 3 == len(found)
    assert ("housing", "请到窗口办理0") == (found[0].department, found[0].response)
    assert "居住证" in found[0].words


async def test_nothing_is_offered_for_a_few_characters_or_where_nothing_is_near(
    answered: RecordingUnit,
) -> None:
    """Whoever begins to type is left alone."""
    assert [] == await _codes(answered, "居住证怎样续")
    assert [] == await _codes(answered, "公交车司机态度恶劣怎么投诉他")


async def test_only_what_everybody_may_read_is_offered(answered: RecordingUnit) -> None:
    """Not what nobody allowed, took back, objected to, or what has become protected."""
    assert UNASKED.codes.tracking_code not in await _codes(answered, "居住证续签能不能网上办")

    await hide_answer(answered.db, MESSAGES[0].codes.case_id, NOW)
    await mark_objected(answered.db, MESSAGES[1].codes.case_id, NOW)
    protected = said(CaseProtected, 40, case_id=MESSAGES[2].codes.case_id, state=CaseState.IN_REVIEW)
    await handle_protected(answered, [protected])

    assert [MESSAGES[3].codes.tracking_code] == await _codes(answered)


@pytest.mark.parametrize("too_common", [-1, 1000])
async def test_words_of_every_few_answers_find_some_too(
    answered: RecordingUnit, monkeypatch: pytest.MonkeyPatch, too_common: int
) -> None:
    """Two by two in the index, or among the newest; within what else is asked for, and nothing that is not public."""
    monkeypatch.setattr(question, "MOST_LOOKED_UP", -1)
    monkeypatch.setattr(question, "_TOO_COMMON", too_common)
    assert TITLES[0] == (await suggest(answered, TITLES[0]))[0].title

    site = Site()
    for department, many in (("housing", True), ("water", False)):
        query = {"q": TITLES[0], "department": department}
        found: Any = await site.call(answered, "GET", "/api/v1/published", query=query)
        assert many == bool(found.items)
    await hide_answer(answered.db, MESSAGES[0].codes.case_id, NOW)
    codes = {MESSAGES[0].codes.tracking_code, UNASKED.codes.tracking_code}
    assert codes.isdisjoint(await _codes(answered, TITLES[0]))


async def test_what_says_the_same_is_offered_once(answered: RecordingUnit) -> None:
    """Three answers in the same words filled the place of two that say more."""
    for number in (0, 1):
        same = said(
            ReplyPublished, 20 + number, case_id=MESSAGES[number].codes.case_id, response="请到窗口办理"
        )
        await handle_replies(answered, [same])
    found = await suggest(answered, ASKED)

    assert ["请到窗口办理", "请到窗口办理2", "请到窗口办理3"] == sorted(each.response for each in found)
    assert TITLES[0] == next(each.title for each in found if each.response == "请到窗口办理")


async def test_a_case_is_not_told_its_own_answer(answered: RecordingUnit) -> None:
    """Beside it others stand, however few characters its title has; nothing that is not public."""
    found = await suggest_beside(answered, "居住证", MESSAGES[0].event.text, MESSAGES[0].codes.tracking_code)
    codes = {each.tracking_code for each in found}

    assert codes
    assert codes <= {each.codes.tracking_code for each in MESSAGES[1:4]}


def _entry(title: str, number: int, **more: object) -> EntryPublished:
    content = EntryContent(
        questions=(title,),
        answer="网上可办",
        valid_from=date(2026, 1, 1),
        valid_until=date(2027, 1, 1),
        checked_on=date(2026, 1, 1),
    )
    event = EntryPublished(
        case_id=CaseId(f"6a1f0000-0000-4000-8000-00000000000{number}"),
        version=1,
        at=NOW,
        owner=DepartmentCode("police"),
        content=content,
        holds_from=NOW - timedelta(days=9),
        holds_until=NOW + timedelta(days=9),
    )
    return msgspec.structs.replace(event, **more)


async def test_checked_entries_stand_beside_answers(answered: RecordingUnit) -> None:
    """Ranked as one list; neither one that is not near nor one whose last day has passed."""
    near, far = _entry("居住证怎样续签", 1), _entry("公积金怎样提取", 2)
    past = _entry("居住证怎样续签", 3, holds_until=NOW - timedelta(days=1))
    await entries.upsert_entries(answered.db, [near, far, past])

    found = await suggest(answered, ASKED)

    assert (near.case_id, None, "网上可办") == (found[0].entry_id, found[0].tracking_code, found[0].response)
    assert not {far.case_id, past.case_id} & {each.entry_id for each in found}
    assert 3 == len(found)


async def test_entries_are_found_by_taiwans_words_as_they_were_indexed_before_those_were_read(
    unit: RecordingUnit,
) -> None:
    """The index of the older holds 捷运, for which no search would ask any more; one in our words is found as well."""
    older, ours = _entry("捷運", 1), _entry("地铁", 2)
    await entries.upsert_entries(unit.db, [older, ours])
    await unit.db.execute(
        "UPDATE intake.entry SET search = array_to_tsvector($1) WHERE entry_id = $2",
        ["捷运", "运"],
        older.case_id,
    )

    found = await search_entries(unit, EntrySearch(q="捷運"), NOW)

    assert {"捷運", "地铁"} == {each.content.questions[0] for each in found.entries}


async def test_answers_and_entries_are_measured_alike(answered: RecordingUnit) -> None:
    """A long entry is long beside short answers, though it is the only entry."""
    entry = _entry("居住证怎样续签", 1)
    long = msgspec.structs.replace(entry.content, answer="请先看清办理须知再来。" * 180)
    await entries.upsert_entries(answered.db, [msgspec.structs.replace(entry, content=long)])
    for other in MESSAGES[2:]:
        await hide_answer(answered.db, other.codes.case_id, NOW)

    found = await suggest(answered, ASKED)

    assert [None, None, entry.case_id] == [each.entry_id for each in found]


OFFERED = Suggestion(
    tracking_code=MESSAGES[0].codes.tracking_code,
    title=TITLES[0],
    response="<script>请到窗口办理",
    department="gone",
    replied_at=MESSAGES[0].event.at,
    words=("居住证",),
)


async def _always(title: str, text: str) -> Sequence[Suggestion]:
    return [OFFERED]


@pytest.fixture
def site() -> Site:
    """A site that always has something to offer."""
    return Site(suggestions=_always)


async def test_the_api_offers_them(site: Site) -> None:
    """With where it is read, and what its department is called; one that is no more by its code."""
    found: Any = await site.call(None, "GET", "/api/v1/suggestions", query={"title": TITLES[0]})

    [item] = found.items
    assert (OFFERED.tracking_code, None, "gone", ("居住证",)) == (
        item.tracking_code,
        item.entry_id,
        item.department_name,
        item.words,
    )
    assert f"/published/{OFFERED.tracking_code}" == item.url


@pytest.mark.parametrize(
    ("more", "many"),
    [
        ({}, 1),
        ({"kind": "help", "confidential": False}, 1),
        ({"kind": "report"}, 0),
        ({"confidential": True}, 0),
        ({"isConfidential": True}, 0),
        ({"匿名": "是"}, 0),
    ],
)
async def test_what_is_not_sent_yet_is_asked_in_a_body(
    site: Site, more: dict[str, object], many: int
) -> None:
    """And in no address; whoever reports or asks for secrecy, in whatever words, is offered nothing."""
    body = {"title": TITLES[0], "text": "请告知。" * 2000, **more}
    raw = json.dumps(body).encode()
    found: Any = await site.call(None, "POST", "/api/v1/suggestions", body, raw_body=raw)

    assert many == len(found.items)


@pytest.mark.parametrize("more", [{"kind": "report"}, {"confidential": "true"}])
async def test_an_address_that_asks_for_secrecy_is_offered_nothing(site: Site, more: dict[str, str]) -> None:
    """However it is asked."""
    query = {"title": TITLES[0], **more}
    found: Any = await site.call(None, "GET", "/api/v1/suggestions", query=query)

    assert [] == found.items


async def test_an_address_counts_a_short_text_alone() -> None:
    """What is longer is cut, not refused: an earlier client sends all of it."""
    asked = []

    async def remember(title: str, text: str) -> Sequence[Suggestion]:
        asked.append(text)
        return ()

    site = Site(suggestions=remember)
    query = {"title": TITLES[0], "text": "长" * 10_000}
    await site.call(None, "GET", "/api/v1/suggestions", query=query)
    await site.call(None, "POST", "/api/v1/suggestions", query)

    assert [500, 10_000] == [len(text) for text in asked]


ODD = (
    "\uff21\uff22\uff23１２３４５６７８",
    "居住证\u2028到期了\u2029怎样续签",
    "\u0301" * 120,
    "a" + "\u0301" * 119,
    "\u200b" * 120,
    "'&|!():*<->\\ 居住证怎样续签",
    "\U0010ffff\ue000\ufffe居住证怎样续签",
    "\ufdfa" * 120,
    "İ" * 120,
    "\U0001f468\u200d\U0001f469" * 40,
    "%_\\%居住证怎样续签",
    "\0居住证\ud800怎样续签",
)


@pytest.mark.parametrize("typed", ODD, ids=ascii)
async def test_nothing_that_is_typed_breaks_the_offer_or_the_search(
    answered: RecordingUnit, typed: str
) -> None:
    """Nor any page or order of it; there is something or nothing."""
    site = Site()
    assert len(await suggest(answered, typed, typed * 80)) <= 3
    for order in ("best", "newest"):
        query = {"q": (typed * 200)[:200], "order": order}
        found: Any = await site.call(answered, "GET", "/api/v1/published", query=query)
        assert order == found.order
    page: Any = await site.call(
        answered, "GET", "/published", query={"q": typed * 10, "order": "upside-down", "cursor": ""}
    )
    assert 200 == page.status


@pytest.mark.parametrize("order", ["best", "newest"])
@pytest.mark.parametrize(
    "cursor",
    ["x", "\u2028", "é", "W10", "bnVsbA", "WzFlOTk5LCAieCJd", "WyIwMDAxLTAxLTAxIiwgMV0", "[" * 150, "\ud800"],
    ids=ascii,
)
async def test_a_made_up_cursor_is_refused_in_every_order(
    answered: RecordingUnit, order: str, cursor: str
) -> None:
    """As what it is, over the API and on the page."""
    query = {"q": "居住证怎样续签", "order": order, "cursor": cursor}
    site = Site()
    with pytest.raises(BadInput):
        await site.call(answered, "GET", "/api/v1/published", query=query)
    page: Any = await site.call(answered, "GET", "/published", query=query)
    assert 422 == page.status


FORM = {"title": TITLES[0], "text": "请告知。", "nonce": "n"}


@pytest.mark.parametrize(
    ("form", "many"),
    [
        (FORM, 1),
        (FORM | {"kind": "report"}, 0),
        (FORM | {"confidential": "yes"}, 0),
        (FORM | {"kind": "consult"}, 1),
    ],
)
async def test_the_part_of_the_form_passes_reports(site: Site, form: dict[str, str], many: int) -> None:
    """Whoever reports or asks for secrecy is offered nothing."""
    part: Any = await site.call(None, "POST", "/submit/suggestions", form=form)

    assert many == len(part.context["suggestions"])


async def test_without_a_script_it_is_offered_once_before_the_form_is_taken(site: Site) -> None:
    """Everything typed is still there; sent again it is taken, and what was seen goes along. A report passes at once."""
    unscripted = FORM | {"unscripted": "yes"}
    first: Any = await site.call(None, "POST", "/submit/done", form=unscripted)
    taken_at_first = list(site.kafka.events)
    seen = {"offered": "yes", "seen": f"{OFFERED.tracking_code},made-up"}
    second: Any = await site.call(None, "POST", "/submit/done", form=unscripted | seen)
    report: Any = await site.call(None, "POST", "/submit/done", form=unscripted | {"kind": "report"})

    assert ("intake/submit.html", [], TITLES[0]) == (
        first.template,
        taken_at_first,
        first.context["form"]["title"],
    )
    assert ["intake/submitted.html"] * 2 == [second.template, report.template]
    assert [(OFFERED.tracking_code,), ()] == [event.seen for event in site.kafka.events]


async def test_a_wrong_form_says_so_first(site: Site) -> None:
    """Nothing is offered for what cannot be sent; what was seen before stays in it."""
    wrong = FORM | {"unscripted": "yes", "text": "", "seen": "a,b"}
    page: Any = await site.call(None, "POST", "/submit/done", form=wrong)

    assert (422, (), ["a", "b"]) == (page.status, page.context["suggestions"], page.context["seen"])
