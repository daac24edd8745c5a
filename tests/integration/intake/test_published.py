"""Published answers: found by the words in them, page by page."""

from datetime import timedelta
from typing import Any

import pytest

from intake.steps.count_words import are_outdated, count_words
from intake.steps.handle_events import handle_protected, update_views
from intake.store.searching import counts_of
from schemas.errors import BadInput, NotFound
from schemas.events.handlers import CaseClosed, CaseProtected, ReplyPublished
from schemas.paging import cursor_of
from schemas.values import Contact
from schemas.words import CaseState
from tests.conftest import RecordingUnit
from tests.integration.intake.calls import Site, handle_replies, register
from tests.integration.intake.test_handle_events import said
from tests.unit.intake.messages import draft, message

PATH = "/api/v1/published"
MESSAGES = [
    message(draft("路灯不亮", "人民路的路灯坏了。", publish=True), entropy=b"1"),
    message(draft("麦田公园脏乱", "麦田公园里垃圾没人清，LED屏也坏了。", publish=True), entropy=b"2"),
    message(draft("噪音擾民", "工地夜間施工。", publish=True), entropy=b"3"),
]


@pytest.fixture
async def site(unit: RecordingUnit) -> Site:
    """Three answers, the last one the newest."""
    await register(unit, *MESSAGES)
    regions = ("donghu", "xishan", None)
    for number, (each, region) in enumerate(zip(MESSAGES, regions, strict=True)):
        answer = said(
            ReplyPublished,
            10 + number,
            case_id=each.codes.case_id,
            response=f"答复{number}号已处理",
            region=region,
        )
        await handle_replies(unit, [answer])
    return Site()


@pytest.fixture
async def questions_counted(site: Site, unit: RecordingUnit) -> None:
    """The words of the answers have been counted."""
    await count_words(unit)


async def _titles(site: Site, unit: RecordingUnit, **query: object) -> list[str]:
    found: Any = await site.call(unit, "GET", PATH, query=query)
    assert len(found.items) <= found.total
    return [item.title for item in found.items]


@pytest.mark.parametrize(
    ("words", "titles"),
    [
        ("路灯", ["路灯不亮"]),
        ("麦田公园", ["麦田公园脏乱"]),
        ("公园 led", ["麦田公园脏乱"]),
        ("扰民", ["噪音擾民"]),
        ("擾民", ["噪音擾民"]),
        ("处理", ["噪音擾民", "麦田公园脏乱", "路灯不亮"]),
        ("灯", ["路灯不亮"]),
        ("了", ["麦田公园脏乱", "路灯不亮"]),
        ("不存在的词", []),
        ("%", []),
        ("'; DROP", []),
    ],
)
async def test_answers_are_found_by_their_words(
    site: Site, unit: RecordingUnit, words: str, titles: list[str]
) -> None:
    """Two characters, one, several words, Traditional and Simplified; nothing by wildcards."""
    assert titles == await _titles(site, unit, q=words)


@pytest.mark.parametrize("order", ["newest", "best"])
@pytest.mark.parametrize("typed", ["計程車", "計程車亂收費"])
async def test_an_answer_is_found_by_taiwans_words_as_it_was_indexed_before_they_were_read(
    site: Site, unit: RecordingUnit, typed: str, order: str
) -> None:
    """Its index holds 计程 and 程车, which no search would ask for any more; and one in our words is found as well."""
    for number, title in enumerate(("計程車亂收費", "出租车乱收费")):
        each = message(draft(title, "司机不打表。", publish=True), entropy=bytes([number + 9]))
        await register(unit, each)
        answer = said(ReplyPublished, 20 + number, case_id=each.codes.case_id, response="已处理", region=None)
        await handle_replies(unit, [answer])
    await unit.db.execute(
        "UPDATE intake.published SET search = array_to_tsvector($1) WHERE title = '計程車亂收費'",
        ["计程", "程车", "车乱", "乱收", "收费", "费"],
    )

    assert {"計程車亂收費", "出租车乱收费"} == set(await _titles(site, unit, q=typed, order=order))


@pytest.mark.parametrize(
    ("question", "titles"),
    [
        ("人民路的路灯坏了好几天没有人来修，请问该找哪个部门？", ["路灯不亮"]),
        ("請問麥田公園裏的垃圾什麼時候清理", ["麦田公园脏乱"]),
        ("路灯和噪音", ["噪音擾民", "路灯不亮"]),
        ("完全没有关系的一句话", []),
    ],
)
async def test_whole_questions_find_what_holds_much_of_them(
    site: Site, unit: RecordingUnit, questions_counted: None, question: str, titles: list[str]
) -> None:
    """Not all of their words need to be there; Traditional finds Simplified; what has next to nothing is not found."""
    found: Any = await site.call(unit, "GET", PATH, query={"q": question})

    assert (titles, "best") == (sorted(item.title for item in found.items), found.order)
    assert len(titles) == found.total


async def test_the_order_is_chosen(site: Site, unit: RecordingUnit, questions_counted: None) -> None:
    """`newest` wants every word, whatever was asked; `best` of one word finds those that hold it."""
    assert [] == await _titles(site, unit, q="人民路的路灯坏了好几天没有人来修", order="newest")
    assert ["麦田公园脏乱"] == await _titles(site, unit, q="公园", order="best")
    assert ["麦田公园脏乱"] == await _titles(site, unit, q="公园 led 不存在", order="best")


async def test_the_nearest_are_filtered_and_paged(
    site: Site, unit: RecordingUnit, questions_counted: None
) -> None:
    """By region and day as all are; page by page without gap; a cursor of the other order is refused."""
    asked = {"q": "答复号已处理完毕，路灯噪音垃圾", "limit": 1}
    titles: list[str] = []
    cursor: dict[str, str] = {}
    for _ in range(3):
        found: Any = await site.call(unit, "GET", PATH, query=asked | cursor)
        titles += [item.title for item in found.items]
        cursor = {"cursor": found.next_cursor}

    assert 3 == len(set(titles))
    assert None is found.next_cursor
    assert ["路灯不亮"] == await _titles(site, unit, q=asked["q"], region="donghu")
    assert [] == await _titles(site, unit, q=asked["q"], to="2026-11-22")
    for wrong in (_NO_OFFSET, _AFTER_TIME, "made-up"):
        with pytest.raises(BadInput):
            await site.call(unit, "GET", PATH, query=asked | {"cursor": wrong})


async def test_the_page_marks_what_was_found_and_keeps_the_search(site: Site, unit: RecordingUnit) -> None:
    """The words that matched come with each answer; the way back from one leads to the search."""
    page: Any = await site.call(unit, "GET", "/published", query={"q": "噪音扰民", "order": "best"})

    assert [["噪音扰民"]] == [item.words for item in page.context["items"]]
    assert {"q": "噪音扰民", "order": "best"} == page.context["asked"].fields == page.context["asked"].place


async def test_the_way_back_from_an_answer_leads_to_the_page_that_it_stood_on(
    site: Site, unit: RecordingUnit
) -> None:
    """Another order begins at its first page."""
    first: Any = await site.call(unit, "GET", PATH, query={"limit": 1})
    page: Any = await site.call(unit, "GET", "/published", query={"cursor": first.next_cursor})

    assert {"cursor": first.next_cursor} == page.context["asked"].place
    assert {} == page.context["asked"].fields


async def test_words_are_counted_anew_once_there_are_more(site: Site, unit: RecordingUnit) -> None:
    """Never counted, they are; then only after a tenth came; a character alone counts all pairs that it begins."""
    assert await count_words(unit)
    counts = await counts_of(unit.db, ["路灯", "led", "灯", "沒有"])

    assert 3 == counts.answers
    assert {"路灯": 1, "led": 1, "灯": 2} == counts.of
    assert not are_outdated(0, 0)
    assert not are_outdated(100, 91)
    assert are_outdated(101, 91)


async def test_answers_are_filtered(site: Site, unit: RecordingUnit) -> None:
    """By region, category, department and the days of the city, both included."""
    assert ["路灯不亮"] == await _titles(site, unit, region="donghu")
    assert [] == await _titles(site, unit, category="none")
    assert 3 == len(await _titles(site, unit, department="housing", category="labour"))
    assert 3 == len(await _titles(site, unit, **{"from": "2026-11-23", "to": "2026-11-23"}))
    assert [] == await _titles(site, unit, **{"from": "2026-11-24"})
    assert [] == await _titles(site, unit, to="2026-11-22")


async def test_pages_follow_each_other_without_gap(site: Site, unit: RecordingUnit) -> None:
    """Newest first; the last page has no cursor."""
    titles: list[str] = []
    cursor = None
    for _ in range(3):
        found: Any = await site.call(
            unit, "GET", PATH, query={"limit": 1} | ({"cursor": cursor} if cursor else {})
        )
        titles += [item.title for item in found.items]
        cursor = found.next_cursor
        assert (3, True) == (found.total, found.total_exact)

    assert ["噪音擾民", "麦田公园脏乱", "路灯不亮"] == titles
    assert cursor is None


_BEFORE_TIME = cursor_of("0001-01-01T00:00:00+14:00", MESSAGES[0].codes.case_id)
_AFTER_TIME = cursor_of("9999-12-31T23:59:59-14:00", MESSAGES[0].codes.case_id)
_NO_OFFSET = cursor_of("2026-11-23T02:00:00", MESSAGES[0].codes.case_id)


@pytest.mark.parametrize(
    "query",
    [
        {"from": "yesterday"},
        {"to": "0001-01-01"},
        {"cursor": "made-up"},
        {"category": "a\0"},
        {"department": "\0"},
        {"region": "\0"},
        {"q": "路\0灯", "from": "\0"},
        {"cursor": _BEFORE_TIME},
        {"cursor": _AFTER_TIME},
        {"cursor": _NO_OFFSET},
    ],
)
async def test_what_cannot_be_read_is_refused(site: Site, unit: RecordingUnit, query: dict[str, str]) -> None:
    """The field is named; nothing fails inside."""
    with pytest.raises(BadInput):
        await site.call(unit, "GET", PATH, query=query)


@pytest.mark.parametrize("cursor", [_BEFORE_TIME, _AFTER_TIME, _NO_OFFSET, "made-up"])
async def test_the_page_says_what_is_wrong_with_a_cursor(
    site: Site, unit: RecordingUnit, cursor: str
) -> None:
    """And leads to the search, which it shows again."""
    page: Any = await site.call(unit, "GET", "/published", query={"cursor": cursor})

    assert (422, ["q"]) == (page.status, [error.field for error in page.context["errors"].summary])


async def test_one_answer_is_read_by_its_code(site: Site, unit: RecordingUnit) -> None:
    """A case that is not published is not there."""
    code = MESSAGES[0].codes.tracking_code
    item: Any = await site.call(unit, "GET", f"{PATH}/{{tracking_code}}", at={"tracking_code": code.lower()})

    assert (code, "答复0号已处理", "东湖区") == (item.tracking_code, item.response, item.region_name)
    other = message(entropy=b"other").codes.tracking_code
    with pytest.raises(NotFound):
        await site.call(unit, "GET", f"{PATH}/{{tracking_code}}", at={"tracking_code": other})


async def test_the_newest_answer_of_a_case_is_the_one_that_is_read(site: Site, unit: RecordingUnit) -> None:
    """Reopened and answered again."""
    case_id = MESSAGES[0].codes.case_id
    again = said(ReplyPublished, 40, case_id=case_id, response="换成了太阳能路灯")
    await handle_replies(unit, [again])

    assert ["路灯不亮"] == await _titles(site, unit, q="太阳能")
    assert again.at - timedelta(minutes=30) == said(ReplyPublished, 10, case_id=case_id).at


async def test_everybody_reads_the_public_view(site: Site, unit: RecordingUnit) -> None:
    """The register keeps the door for the department; what is published, and what is found, ends at the community."""
    home = message(
        draft("翠竹苑5号楼漏水", "翠竹苑5号楼三单元502漏水，13812345678。", publish=True), entropy=b"4"
    )
    await register(unit, home)
    kept = await unit.db.fetchrow(
        "SELECT title, text FROM intake.case WHERE case_id = $1", home.codes.case_id
    )
    response = "已上门翠竹苑5号楼三单元502修好，联系王建国先生13812345678。"
    await handle_replies(unit, [said(ReplyPublished, 20, case_id=home.codes.case_id, response=response)])
    at = {"tracking_code": home.codes.tracking_code}
    shown: Any = await site.call(unit, "GET", f"{PATH}/{{tracking_code}}", at=at)

    assert ("翠竹苑5号楼漏水", "翠竹苑5号楼三单元502漏水，138****5678。") == tuple(kept)
    assert ("翠竹苑***漏水", "翠竹苑***漏水，138****5678。") == (shown.title, shown.text)
    assert "已上门翠竹苑***修好，联系王**先生138****5678。" == shown.response
    assert ["翠竹苑***漏水"] == await _titles(site, unit, q="漏水")
    assert [] == await _titles(site, unit, q="三单元")


async def test_everybody_is_told_no_name_or_number_that_its_citizen_gave(
    site: Site, unit: RecordingUnit
) -> None:
    """However the department, who may look it up, writes to its citizen: no word around it gives it away."""
    contact = Contact(name="欧阳珩璟", phone="6371234", email="heng@example.org")
    named = message(draft("路灯不亮", "路灯坏了。", contact=contact, publish=True), entropy=b"5")
    await register(unit, named)
    response = "欧阳珩璟您好，已按6371234与您联系，路灯已亮。"
    await handle_replies(unit, [said(ReplyPublished, 20, case_id=named.codes.case_id, response=response)])
    at = {"tracking_code": named.codes.tracking_code}
    shown: Any = await site.call(unit, "GET", f"{PATH}/{{tracking_code}}", at=at)

    assert "欧**您好，已按****1234与您联系，路灯已亮。" == shown.response
    assert [] == await _titles(site, unit, q="珩璟")


async def test_an_answer_is_marked_from_the_objection_to_the_next_answer(
    site: Site, unit: RecordingUnit
) -> None:
    """Whoever reads it learns that its citizen did not accept it."""
    codes = MESSAGES[0].codes
    await update_views(unit, [said(CaseClosed, 30, case_id=codes.case_id)])
    at = {"tracking_code": codes.tracking_code}

    async def is_marked() -> bool:
        item: Any = await site.call(unit, "GET", f"{PATH}/{{tracking_code}}", at=at)
        found: Any = await site.call(unit, "GET", PATH)
        listed = {one.tracking_code: one.objected for one in found.items}
        assert item.objected is listed[codes.tracking_code]
        assert [False, False] == [mark for code, mark in listed.items() if code != codes.tracking_code]
        return bool(item.objected)

    before = await is_marked()
    route = "/api/v1/submissions/{tracking_code}/objection"
    body = {"reason": "还是不亮", "access_code": codes.access_code}
    await site.call(unit, "POST", route, body, at=at)
    objected = await is_marked()
    await handle_replies(unit, [said(ReplyPublished, 10, case_id=codes.case_id)])
    redelivered = await is_marked()
    await handle_replies(unit, [said(ReplyPublished, 40, case_id=codes.case_id)])

    assert [False, True, True, False] == [before, objected, redelivered, await is_marked()]


async def test_an_answer_that_comes_after_the_case_became_private_is_not_published(
    site: Site, unit: RecordingUnit
) -> None:
    """Replayed from the dead letters, once its citizen has accused officials: everybody's it is no more."""
    case_id = MESSAGES[0].codes.case_id
    old = said(ReplyPublished, 10, case_id=case_id, response="先前的答复已经处理完毕", region="donghu")
    await handle_protected(unit, [said(CaseProtected, 14, case_id=case_id, state=CaseState.IN_REVIEW)])
    assert await _titles(site, unit, q="路灯") == []

    await handle_replies(unit, [old])

    assert await _titles(site, unit, q="路灯") == []
