"""The item of a case at the desk."""

import re
from datetime import timedelta

import pytest
from msgspec.structs import replace

from deploy.web.site.render import renderer_of
from handlers.core.views import DeskQuery
from handlers.steps import assign, read_cases
from schemas.city import load_city
from schemas.ids import ItemCode, TagCode
from schemas.reasons import by_catalogue, by_sound
from schemas.words import Language
from tests.conftest import RecordingUnit
from tests.integration.handlers.test_pages import Clerk, opened
from tests.unit.handlers.making import HOUSING, TRANSPORT, routed

CITY = load_city()


@pytest.mark.parametrize(
    ("language", "item", "rule"),
    [
        (Language.ZH, "路灯照明", "按派单目录：路灯照明"),
        (Language.EN, CITY.item["street-light"].en, "By the dispatch catalogue: "),
    ],
)
async def test_the_item_and_why_it_came_are_said_in_the_readers_language(
    unit: RecordingUnit, language: Language, item: str, rule: str
) -> None:
    """In the facts of the case, with its code, and in its history."""
    told = by_catalogue(CITY.item["street-light"])
    event = routed(item=ItemCode("street-light"), basis=told.words, reasons=(told,))
    await assign.open_cases(unit, [event])
    html = await Clerk(unit, HOUSING, language).open(f"/desk/{event.case_id}")

    assert f'<span title="street-light">{item}</span>' in html
    assert rule in html


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (Language.ZH, "无规则命中，模型（5b3c）判为险情，按特急处理"),
        (Language.EN, "An emergency by no rule, but by how it sounds (model 5b3c)"),
    ],
)
async def test_the_desk_says_that_weights_alone_made_it_an_emergency(
    unit: RecordingUnit, language: Language, said: str
) -> None:
    """Above the message and in the history: whoever is woken knows that no rule and no person did. Its words stand there."""
    event = routed(reasons=(by_sound("5b3c", "叫不醒"),))
    await assign.open_cases(unit, [event])
    html = await Clerk(unit, HOUSING, language).open(f"/desk/{event.case_id}")

    assert re.search(rf'id="sound">{re.escape(said)}</div>.*class="message"', html, re.DOTALL)
    assert said in html[html.index('id="timeline"') :]
    assert "叫不醒" not in html


async def test_what_a_person_sent_sounds_no_more(unit: RecordingUnit) -> None:
    """Somebody has looked: above the message nothing is said of weights, which the history keeps."""
    event = routed(reasons=(by_sound("5b3c", "叫不醒"),))
    await assign.open_cases(unit, [event])
    sent = replace(event, version=5, lead=TRANSPORT, reasons=(), decided_by="li", moved_because="换个单位")
    await assign.open_cases(unit, [sent])
    html = await Clerk(unit, TRANSPORT).open(f"/desk/{event.case_id}")

    assert 'id="sound"' not in html
    assert "模型（5b3c）" in html[html.index('id="timeline"') :]


@pytest.mark.parametrize(
    ("seal", "item"), [(b"\x03older", None), (b"\x04newer", "street-light"), (b"\x05newest", "street-light")]
)
async def test_a_change_by_the_release_before_leaves_no_item_that_its_seal_does_not_cover(
    unit: RecordingUnit, seal: bytes, item: str | None
) -> None:
    """It knows no such column; verified by this release, its case would look tampered with."""
    event = routed(item=ItemCode("street-light"))
    await assign.open_cases(unit, [event])
    await unit.db.execute(
        "UPDATE handlers.case SET note = 'x', log_seal = $2 WHERE case_id = $1", event.case_id, seal
    )

    assert item == await unit.db.fetchval("SELECT item FROM handlers.case WHERE case_id = $1", event.case_id)


async def test_what_changes_no_seal_keeps_the_item(unit: RecordingUnit) -> None:
    """A clock that runs out, for one."""
    event = routed(item=ItemCode("street-light"))
    await assign.open_cases(unit, [event])
    await unit.db.execute("UPDATE handlers.case SET overdue = true WHERE case_id = $1", event.case_id)

    found = await unit.db.fetchval("SELECT item FROM handlers.case WHERE case_id = $1", event.case_id)
    assert found == "street-light"


@pytest.mark.parametrize(("seal", "tags"), [(b"\x04older", []), (b"\x05newer", ["night"])])
async def test_a_change_by_the_release_before_leaves_no_tags_that_its_seal_does_not_cover(
    unit: RecordingUnit, seal: bytes, tags: list[str]
) -> None:
    """As with the item."""
    event = routed(tags=(TagCode("night"),))
    await assign.open_cases(unit, [event])
    await unit.db.execute(
        "UPDATE handlers.case SET note = 'x', log_seal = $2 WHERE case_id = $1", event.case_id, seal
    )

    assert tags == await unit.db.fetchval("SELECT tags FROM handlers.case WHERE case_id = $1", event.case_id)


@pytest.mark.parametrize(
    ("language", "tags", "item"),
    [
        (Language.ZH, "夜间、老年人", "路灯照明"),
        (Language.EN, "At night, Older people", CITY.item["street-light"].en),
    ],
)
async def test_tags_are_named_in_the_readers_language(
    unit: RecordingUnit, language: Language, tags: str, item: str
) -> None:
    """In the list, beside the item, and in the case."""
    event = routed(item=ItemCode("street-light"), tags=(TagCode("night"), TagCode("elderly")))
    await assign.open_cases(unit, [event])
    clerk = Clerk(unit, HOUSING, language)
    listed = await clerk.open("/desk?state=open")

    assert f'<span class="quiet govuk-!-font-weight-regular">{tags}</span>' in listed
    assert f'<span class="quiet">{item}</span>' in listed
    assert tags in await clerk.open(f"/desk/{event.case_id}")


@pytest.mark.parametrize(
    ("language", "tags", "said"),
    [
        (Language.ZH, ("night", "elderly"), "派单员改过标签：夜间、老年人"),
        (Language.EN, ("night",), "The dispatcher changed the tags: At night"),
        (Language.ZH, (), "派单员改过标签：不再有标签"),
    ],
)
async def test_the_history_says_which_tags_a_person_left(
    unit: RecordingUnit, language: Language, tags: tuple[str, ...], said: str
) -> None:
    """Where they changed them; of those that were found it says nothing."""
    codes = tuple(TagCode(code) for code in tags)
    corrected = routed(tags=codes, decided_by="li", tags_corrected=True)
    found = routed(tags=codes, decided_by="li")
    await assign.open_cases(unit, [corrected, found])
    clerk = Clerk(unit, HOUSING, language)

    assert said in await clerk.open(f"/desk/{corrected.case_id}")
    assert said not in await clerk.open(f"/desk/{found.case_id}")


@pytest.mark.parametrize("ended", [False, True])
async def test_a_page_of_a_filtered_list_goes_on_where_it_ended(unit: RecordingUnit, ended: bool) -> None:
    """Of open cases and of ended ones: each once, and no other."""
    wanted = [routed(item=ItemCode("street-light"), tags=(TagCode("night"),)) for _ in range(5)]
    await assign.open_cases(unit, [*wanted, *(routed(tags=(TagCode("night"),)) for _ in range(3)), routed()])
    if ended:
        await unit.db.execute("UPDATE handlers.case SET state = 'closed', closed_at = assigned_at")
    query, seen = DeskQuery(state="ended" if ended else "open", item="street-light", tag="night", limit=2), []
    while True:
        page = await read_cases.list_cases(unit, HOUSING, query, CITY.zone)
        seen.append([line.case_id for line in page.items])
        if page.next_cursor is None:
            break
        query = replace(query, cursor=page.next_cursor)

    assert [2, 2, 1] == [len(each) for each in seen]
    assert {event.case_id for event in wanted} == {case_id for each in seen for case_id in each}


async def test_the_list_is_filtered_by_item_and_by_tag(unit: RecordingUnit) -> None:
    """Tabs and deadlines keep the filter; where nothing is left the page says so, and how to take it off."""
    clerk = Clerk(unit, HOUSING)
    item, tag = ItemCode("street-light"), TagCode("night")
    lamp = await opened(unit, item=item)
    night = await opened(unit, item=item, tags=(tag, TagCode("elderly")))
    plain = await opened(unit)
    found = {}
    for asked in ("item=street-light", "tag=night", "item=street-light&tag=night", "item=&tag="):
        html = await clerk.open(f"/desk?{asked}")
        found[asked] = {each for each in (lamp, night, plain) if each in html}
        assert ("/desk?state=assigned&amp;" in html) == (asked != "item=&tag=")

    assert [{lamp, night}, {night}, {night}, {lamp, night, plain}] == [*found.values()]
    html = await clerk.open("/desk?item=street-light&tag=rush-hour&state=assigned")
    assert "没有符合这些条件的件。" in html
    assert '<a class="govuk-link" href="/desk?state=assigned">去掉筛选</a>' in html
    assert '<option value="street-light" selected>路灯照明</option>' in html
    assert '<option value="rush-hour" selected>早晚高峰</option>' in html


async def test_no_count_of_all_cases_stands_beside_some_of_them(unit: RecordingUnit) -> None:
    """Neither in the tabs nor of what is late, while the list is filtered."""
    for tags in ((TagCode("night"),), ()):
        case_id = await opened(unit, tags=tags)
        await unit.db.execute(
            "UPDATE handlers.case SET overdue = true, due_at = assigned_at WHERE case_id = $1", case_id
        )
    clerk = Clerk(unit, HOUSING)
    unit.now += timedelta(days=30)

    whole, some = await clerk.open("/desk"), await clerk.open("/desk?tag=night")
    assert ("待签收 (2)" in whole, "2 件已超期" in whole) == (True, True)
    assert re.search(r"待签收\s*</a>", some)
    assert "件已超期" not in some


@pytest.mark.parametrize("asked", ["", "tag=night"])
async def test_a_city_without_tags_offers_none(unit: RecordingUnit, asked: str) -> None:
    """But for one that the address names: whoever filters by it can take it off."""
    clerk = Clerk(unit, HOUSING)
    clerk.renderer = renderer_of(replace(CITY, tags=()))
    await opened(unit, item=ItemCode("street-light"))
    html = await clerk.open(f"/desk?{asked}")

    assert 'name="item"' in html or asked
    assert ('name="tag"' in html) == bool(asked)
