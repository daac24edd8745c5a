"""Which items of the catalogue, and which tags, are most frequent: from sums and from what is not counted yet, alike."""

import re
from datetime import timedelta
from html import unescape
from typing import Literal
from urllib.parse import parse_qsl

import pytest
from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from deploy.web.site.render import renderer_of
from schemas.events.handlers import CaseAssigned
from schemas.events.routing import CaseShielded, ReviewRequested
from schemas.events.tags import TagsChanged
from schemas.events.undone import MoveUndone
from schemas.http import Principal
from schemas.ids import CaseId, ItemCode, RegionCode, TagCode
from schemas.words import CaseState, Language, ReviewKind, Role
from sla.core.drilled import FigureCell
from sla.core.measures import Measure
from sla.core.readings import Frequent
from sla.steps import watch
from sla.steps.drill import list_counted
from sla.steps.tally import tally
from tests.integration.sla.events import WATER, Sla, assigned
from tests.integration.sla.test_export import exported
from tests.integration.sla.test_watching import Desk
from tests.unit.handlers.making import HOUSING, MONDAY, fresh_case

NIGHT, ELDERLY, WINTER = TagCode("night"), TagCode("elderly"), TagCode("winter")
LAMP, CUT = ItemCode("street-light"), ItemCode("water-cut")


def of_item(item: ItemCode | None, *, region: str | None = "donghu", days: int = 0) -> CaseAssigned:
    """A case of that item, received so many days before Monday."""
    came = MONDAY - timedelta(days=days)
    event = assigned(fresh_case(), came + timedelta(minutes=5))
    return replace(event, item=item, received_at=came, region=RegionCode(region) if region else None)


def tagged(*tags: TagCode, region: str | None = "donghu", days: int = 0) -> CaseAssigned:
    return replace(of_item(None, region=region, days=days), tags=tags)


async def _frequent(sla: Sla, grouping: Literal["item", "tag"] = "item") -> list[Frequent]:
    return list(await watch.list_frequent(sla.unit, grouping, calendar=sla.calendar))


async def _count_all(sla: Sla) -> None:
    """As if all of them had ended long ago, without a clock."""
    await sla.unit.db.execute("DELETE FROM sla.clock")
    await sla.unit.db.execute("UPDATE sla.\"case\" SET closed_at = received_at, outcome = 'answered'")
    now = sla.unit.now
    sla.unit.now += timedelta(hours=1)
    await tally(sla.unit, calendar=sla.calendar, limit=100)
    sla.unit.now = now


@pytest.mark.parametrize("is_counted", [False, True])
async def test_the_most_frequent_stand_first(sla: Sla, is_counted: bool) -> None:
    """Of seven days, beside the seven before, with the district where most are; fewer than three are no number."""
    lamps = [
        of_item(LAMP),
        of_item(LAMP),
        of_item(LAMP, region=None),
        of_item(LAMP, days=6),
        of_item(LAMP, days=7),
    ]
    others = [
        of_item(CUT, region=None),
        of_item(CUT, region=None),
        of_item(CUT),
        of_item(ItemCode("manhole")),
        of_item(None),
    ]
    await sla.hear(*lamps, *others)
    if is_counted:
        await _count_all(sla)

    assert [Frequent(LAMP, 4, 1, "donghu", 3), Frequent(CUT, 3, 0, None, 2)] == await _frequent(sla)


@pytest.mark.parametrize("is_counted", [False, True])
async def test_one_that_is_protected_since_is_in_no_number(sla: Sla, is_counted: bool) -> None:
    """Nor one that never was public; and nothing of its item is kept."""
    cases = [replace(of_item(LAMP), tags=(TagCode("night"),)) for _ in range(3)]
    await sla.hear(
        *cases,
        replace(cases[0], case_id=fresh_case(), protected=True),
        replace(cases[0], case_id=fresh_case(), confidential=True),
    )
    if is_counted:
        await _count_all(sla)
    assert [3] == [found.cases for found in await _frequent(sla)]
    assert [(NIGHT, 3)] == [(found.code, found.cases) for found in await _frequent(sla, "tag")]
    await sla.hear(CaseShielded(case_id=cases[0].case_id, version=9, at=MONDAY + timedelta(hours=1)))
    review = ReviewRequested(
        case_id=cases[1].case_id, version=9, at=MONDAY + timedelta(hours=1), kind=ReviewKind.DISPATCH,
        state=CaseState.IN_REVIEW, protected=True,
    )  # fmt: skip
    await sla.hear(review)

    assert [] == await _frequent(sla)
    assert [] == await _frequent(sla, "tag")
    await _count_all(sla)
    assert [] == await sla.unit.db.fetch("SELECT FROM sla.tally WHERE grouping = 'tagged' AND n > 1")
    kept = await sla.unit.db.fetch('SELECT item, private FROM sla."case" WHERE item IS NOT NULL')
    assert [(LAMP, False)] == [tuple(row) for row in kept]
    kept = await sla.unit.db.fetch("SELECT tags, private FROM sla.\"case\" WHERE tags <> '{}'")
    assert [(["night"], False)] == [tuple(row) for row in kept]


@pytest.mark.parametrize("is_counted", [False, True])
async def test_a_case_counts_for_each_of_its_tags(sla: Sla, is_counted: bool) -> None:
    """Of seven days, beside the seven before, with the district where most are; fewer than three are no number."""
    both = [tagged(NIGHT, ELDERLY), tagged(ELDERLY, NIGHT, days=6)]
    nights = [tagged(NIGHT, region=None), tagged(NIGHT), tagged(NIGHT, days=7)]
    await sla.hear(
        *both, *nights, tagged(ELDERLY, region=None), tagged(WINTER), tagged(WINTER), of_item(LAMP)
    )
    if is_counted:
        await _count_all(sla)

    expected = [Frequent(NIGHT, 4, 1, "donghu", 3), Frequent(ELDERLY, 3, 0, "donghu", 2)]
    assert expected == await _frequent(sla, "tag")


async def test_tags_that_change_are_counted_anew(sla: Sla) -> None:
    """Those that a dispatcher corrects with a move; once it is undone, those of before."""
    cases = [tagged(NIGHT) for _ in range(3)]
    await sla.hear(*cases)
    await _count_all(sla)
    moved_at = MONDAY + timedelta(hours=1)
    moved = replace(cases[0], version=6, at=moved_at, lead=WATER, tags=(ELDERLY,), moved_because="职责调整")
    await sla.hear(moved, *[tagged(ELDERLY) for _ in range(2)])
    assert [Frequent(ELDERLY, 3, 0, "donghu", 3)] == await _frequent(sla, "tag")
    await _count_all(sla)
    assert [Frequent(ELDERLY, 3, 0, "donghu", 3)] == await _frequent(sla, "tag")
    undone = MoveUndone(
        case_id=moved.case_id, version=7, at=moved_at + timedelta(minutes=1), state=CaseState.ASSIGNED, lead=HOUSING,
        category=moved.category, tags=(NIGHT,), region=moved.region, moved_to=WATER, moved_at=moved_at, decided_by="li",
    )  # fmt: skip
    await sla.hear(undone)
    await _count_all(sla)

    assert [Frequent(NIGHT, 3, 0, "donghu", 3)] == await _frequent(sla, "tag")


async def test_what_a_release_that_knows_neither_takes_out_is_in_no_sum_of_them(sla: Sla) -> None:
    """Beside this one: its sweeper says nothing of tags and items, whether it takes a case out or counts it anew."""
    cases = [replace(tagged(NIGHT, ELDERLY), item=LAMP) for _ in range(5)]
    await sla.hear(*cases)
    await _count_all(sla)
    ids: list[CaseId] = [each.case_id for each in cases]
    await sla.unit.db.execute('UPDATE sla."case" SET private = true WHERE case_id = $1', ids[0])
    await sla.unit.db.execute("DELETE FROM sla.counted WHERE case_id = $1", ids[0])
    assert [4, 4] == [found.cases for found in await _frequent(sla, "tag")]
    assert [4] == [found.cases for found in await _frequent(sla)]
    await sla.unit.db.execute("UPDATE sla.\"case\" SET region = 'nanhu' WHERE case_id = $1", ids[1])
    await sla.unit.db.execute("UPDATE sla.counted SET region = 'nanhu' WHERE case_id = $1", ids[1])

    assert [Frequent(tag, 4, 0, "donghu", 3) for tag in (ELDERLY, NIGHT)] == await _frequent(sla, "tag")
    assert [Frequent(LAMP, 4, 0, "donghu", 3)] == await _frequent(sla)
    sums = await sla.unit.db.fetch(
        """SELECT key, sum(n)::int FROM sla.tally WHERE key LIKE 'night %' OR key LIKE 'street-light %'
        GROUP BY key ORDER BY key"""
    )
    assert [
        ("night donghu", 3),
        ("night nanhu", 1),
        ("street-light donghu", 3),
        ("street-light nanhu", 1),
    ] == [tuple(row) for row in sums]


async def test_tags_that_a_dispatcher_corrects_are_counted_anew(sla: Sla) -> None:
    """Also of a case that has ended; of one that stands in no number none are kept."""
    cases = [tagged(NIGHT) for _ in range(4)]
    await sla.hear(*cases, replace(of_item(None), protected=True, case_id=fresh_case()))
    await sla.hear(replace(cases[3], protected=True, version=4))
    await _count_all(sla)
    said = [
        TagsChanged(case_id=each.case_id, version=3, at=each.at, tags=(ELDERLY, WINTER), decided_by="li")
        for each in cases
    ]

    await sla.hear(*said)

    elderly, winter = (Frequent(tag, 3, 0, "donghu", 3) for tag in (ELDERLY, WINTER))
    assert [elderly, winter] == await _frequent(sla, "tag")
    await _count_all(sla)
    assert [elderly, winter] == await _frequent(sla, "tag")


async def test_an_item_that_changes_is_counted_anew(sla: Sla) -> None:
    """A new assignment names another one; a move that was undone gives back the one that was."""
    cases = [of_item(LAMP) for _ in range(3)]
    await sla.hear(*cases)
    await _count_all(sla)
    moved_at = MONDAY + timedelta(hours=1)
    moved = replace(cases[0], version=6, at=moved_at, lead=WATER, item=CUT, moved_because="职责调整")
    await sla.hear(moved)
    assert [] == await _frequent(sla)
    undone = MoveUndone(
        case_id=moved.case_id, version=7, at=moved_at + timedelta(minutes=1), state=CaseState.ASSIGNED, lead=HOUSING,
        category=moved.category, item=LAMP, region=moved.region, moved_to=WATER, moved_at=moved_at, decided_by="li",
    )  # fmt: skip
    await sla.hear(undone)

    assert [Frequent(LAMP, 3, 0, "donghu", 3)] == await _frequent(sla)


@pytest.mark.parametrize(
    ("said", "protected", "kept"), [(UNSET, False, ["night"]), ((), False, []), (UNSET, True, [])]
)
async def test_an_assignment_that_says_nothing_of_tags_leaves_them(
    sla: Sla, said: tuple[TagCode, ...] | UnsetType, protected: bool, kept: list[str]
) -> None:
    """One of a release that knew none, beside this one."""
    first = replace(of_item(LAMP), tags=(TagCode("night"),))
    await sla.hear(first)

    await sla.hear(replace(first, version=6, lead=WATER, tags=said, protected=protected))

    found = await sla.unit.db.fetchval('SELECT tags FROM sla."case" WHERE case_id = $1', first.case_id)
    assert kept == found


@pytest.mark.parametrize("is_counted", [False, True])
@pytest.mark.parametrize("named", [(LAMP, None), (None, NIGHT)])
async def test_behind_each_stand_its_cases(
    sla: Sla, is_counted: bool, named: tuple[str | None, str | None]
) -> None:
    """Those of the item or the tag alone, of the days that were counted; none that is in no number."""
    lamps = [
        replace(event, tags=(WINTER, NIGHT))
        for event in (of_item(LAMP), of_item(LAMP, region=None), of_item(LAMP, days=6))
    ]
    protected = replace(of_item(LAMP), tags=(NIGHT,), protected=True)
    others = [replace(of_item(LAMP, days=7), tags=(NIGHT,)), of_item(CUT), tagged(ELDERLY), protected]
    await sla.hear(*lamps, *others)
    if is_counted:
        await _count_all(sla)
    today = sla.calendar.local_day(sla.unit.now)
    item, tag = named
    cell = FigureCell(Measure.RECEIVED, today - timedelta(days=6), today, item=item, tag=tag)
    _, found, _ = await list_counted(
        sla.unit, cell, first=cell.first, last=cell.last, calendar=sla.calendar, cursor=None, limit=20
    )

    assert {event.case_id for event in lamps} == {each.case_id for each in found}


@pytest.mark.parametrize(
    ("language", "said", "tag_said"),
    [
        (
            Language.ZH,
            (
                "近七天的高频事项",
                "路灯照明",
                "东湖区人民政府、城市管理局",
                "东湖区 · 3",
                "保密和受保护的件不计",
                "近七天的高频标签",
            ),
            ("夜间", "时间"),
        ),
        (
            Language.EN,
            (
                "Most frequent items",
                "Street lights",
                "Urban Management",
                "· 3",
                "neither confidential nor protected",
                "Most frequent tags",
            ),
            ("At night", "time"),
        ),
    ],
)
async def test_supervisors_read_them(
    sla: Sla, language: Language, said: tuple[str, ...], tag_said: tuple[str, str]
) -> None:
    """On the page, with what is counted; over the API; and each case's own in the file of cases."""
    cases = [replace(of_item(LAMP), tags=(NIGHT, TagCode("of-before"))) for _ in range(3)]
    await sla.hear(*cases)
    desk = Desk(sla)
    found = await desk.call("GET", "/api/v1/sla/hot-topics", language=language)
    (told,), (tag, gone) = found.frequent, found.frequent_tags
    page = await desk.call("GET", "/watch", language=language)
    html = renderer_of(sla.city).render(
        page,
        language=language,
        principal=Principal(role=Role.SUPERVISOR, name="s"),
        csrf_token="t",
        path="/watch",
    )

    assert (LAMP, said[1], 3, 0, 3) == (
        told.item, told.item_label, told.cases, told.cases_before, told.cases_there,
    )  # fmt: skip
    assert (NIGHT, tag_said, 3, "donghu", 3) == (
        tag.tag, (tag.tag_label, tag.group_label), tag.cases, tag.region, tag.cases_there,
    )  # fmt: skip
    # One that the city lists no more is called by its code.
    assert ("of-before", "") == (gone.tag_label, gone.group_label)
    assert told.departments == ("district-donghu", "urban-management")
    assert all(each in html for each in said)
    for named in ("item=street-light", "tag=night"):
        (address,) = re.findall(rf'href="(/watch/figures/cases[?][^"]*{named}[^"]*)"', html)
        path, _, query = unescape(address).partition("?")
        behind = await desk.call("GET", path, language=language, query=dict(parse_qsl(query)))
        assert {case.case_id for case in cases} == {each.case_id for each in behind.context["found"].items}
    ids: list[CaseId] = [case.case_id for case in cases]
    rows, _ = await exported(sla, {"what": "cases"}, *ids)
    assert [LAMP] * 3 == [row["item"] for row in rows]


@pytest.mark.parametrize(
    ("path", "named"),
    [("/watch", "item="), ("/watch", "tag="), ("/watch", "key="), ("/watch/topics", "key=")],
)
async def test_the_days_before_have_their_cases_behind_them_too(sla: Sla, path: str, named: str) -> None:
    """Of cases without a district, too, as the edge reads an address: a field without a value is not asked for."""
    now = [replace(of_item(LAMP, region=None), tags=(NIGHT,)) for _ in range(3)]
    before = [replace(of_item(LAMP, region=None, days=days), tags=(NIGHT,)) for days in (7, 13)]
    others = [of_item(None), of_item(None, days=8)]
    await sla.hear(*now, *before, *others)
    desk = Desk(sla)
    html = renderer_of(sla.city).render(
        await desk.call("GET", path),
        language=Language.ZH,
        principal=Principal(role=Role.SUPERVISOR, name="s"),
        csrf_token="t",
        path=path,
    )
    links = [link for link in re.findall(r'href="(/watch/figures/cases[?][^"]*)"', html) if named in link]

    behind = []
    for link in links:
        where, _, query = unescape(link).partition("?")
        behind.append(await desk.call("GET", where, query=dict(parse_qsl(query))))
    found = [{each.case_id for each in page.context["found"].items} for page in behind]
    assert [{each.case_id for each in cases} for cases in (now, before)] == found
