"""Every page, in both languages, on a telephone: WCAG 2.2 AA, nothing sideways, no small targets, no half-English."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp
import pytest

from deploy.docgen.reference import every_route
from schemas.http import Route
from schemas.words import Role
from tests.browser.conftest import Visit
from tests.browser.deeds import Case, Deeds
from tests.browser.visitor import DESKTOP, TELEPHONE, Visitor
from tests.stack import Stack

MESSAGE = ("路灯和座椅坏了", "城管局，东湖区望江路的路灯坏了，公园里的座椅也坏了。")
LANGUAGES = ("zh", "en")
MORE: dict[str, Any] = {
    "contact": {"name": "李明", "phone": "13812345678"},
    "place": {"address": "东湖区望江路与学府街路口"},
}
#: Who opens a page: the first of these who may. Nobody: a citizen.
VISITORS = {
    Role.DEPARTMENT: "urban-management",
    Role.DISPATCHER: "dispatcher",
    Role.SUPERVISOR: "supervisor",
    Role.ADMINISTRATOR: "administrator",
}
NOBODY = ""
#: Are kept as files: a browser shows nothing of them.
FILES = {"/review/knowledge.csv", "/watch/export"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibits:
    """A case for each page that needs one."""

    fresh: Case
    signed: Case
    replied: Case
    answered: Case
    objected: Case
    returned: Case
    extended: Case
    unclear: Case
    late: Case
    endless: Case
    to_promise: Case
    promised: Case


@pytest.fixture(scope="module")
async def exhibits(city: Stack) -> AsyncIterator[Exhibits]:
    """One of each, made once."""
    async with aiohttp.ClientSession(city.url) as session:
        deeds = Deeds(city, session)
        cases = {
            name: await deeds.submit(*MESSAGE, **MORE)
            for name in Exhibits.__slots__
            if name not in ("unclear", "endless")
        }
        cases["unclear"] = await deeds.submit("一件小事", "请看一下。")
        cases["endless"] = await deeds.submit("W" * 90, "请看一下。")
        for name in ("signed", "extended", "to_promise", "promised"):
            await deeds.act(cases[name], "sign")
        await deeds.act(cases["extended"], "extend", working_days=3, reason="采购配件")
        await deeds.act(cases["returned"], "return", reason="不属于本单位", basis="三定方案第五条")
        await deeds.reply(cases["replied"], "您好，已修复。")
        await deeds.answer(cases["answered"], "您好，已修复，感谢监督。")
        await deeds.answer(cases["objected"], "您好，已修复。")
        await deeds.object(cases["objected"], "没有修好。")
        for name in ("to_promise", "promised"):
            await deeds.ask_for_a_date(cases[name])
        await deeds.grant(cases["promised"])
        await deeds.act(cases["promised"], "progress", text="灯具已经订购。")
        await deeds.share(cases["promised"], "housing")
        for name in ("returned", "extended"):
            await deeds.awaits_review(cases[name])
        await deeds.make_late(cases["late"])
        yield Exhibits(**cases)


@pytest.fixture(scope="module")
async def addresses(city: Stack, exhibits: Exhibits) -> Mapping[str, str]:
    """Of each page whose path alone does not lead there: one that does."""
    async with aiohttp.ClientSession(city.url) as session:
        deeds = Deeds(city, session)
        await deeds.draw(exhibits.answered)
        entry, report = await deeds.publish_entry("urban-management"), await deeds.make_report()
    fresh, answered = exhibits.fresh, exhibits.answered
    return {
        "/published/{tracking_code}": f"/published/{answered.tracking_code}",
        "/published/{tracking_code}/me-too": f"/published/{answered.tracking_code}/me-too",
        "/submit/offered/{item}": f"/submit/offered/{answered.tracking_code}",
        "/unsubscribe/{token}": "/unsubscribe/none",
        "/knowledge/{entry_id}": f"/knowledge/{entry}",
        "/desk/entries/{entry_id}": f"/desk/entries/{entry}",
        "/desk/entries/{entry_id}/edit": f"/desk/entries/{entry}/edit",
        "/desk/{case_id}": f"/desk/{fresh.case_id}",
        "/desk/{case_id}/near": f"/desk/{fresh.case_id}/near",
        "/exclusions/{case_id}": f"/exclusions/{answered.case_id}",
        "/review/entries/{entry_id}": f"/review/entries/{entry}",
        "/review/{case_id}": f"/review/{exhibits.unclear.case_id}",
        "/review/{case_id}/near": f"/review/{exhibits.unclear.case_id}/near",
        "/review/{case_id}/publication": f"/review/{answered.case_id}/publication",
        "/review/publication": f"/review/publication?code={answered.tracking_code}",
        "/callbacks/{case_id}": f"/callbacks/{answered.case_id}",
        "/watch/cases/{case_id}": f"/watch/cases/{exhibits.late.case_id}",
        "/watch/figures/cases": "/watch/figures/cases?measure=received",
        "/watch/reports/{number}": f"/watch/reports/{report}",
        "/watch/reports/{number}/cases": f"/watch/reports/{report}/cases?figure=received",
    }


#: As somebody sees it whose telephone shows all text twice as large (WCAG 1.4.4).
_WIDTH_WITH_TEXT_TWICE_AS_LARGE = (
    "() => { document.documentElement.style.fontSize = '200%'; return document.documentElement.scrollWidth; }"
)


def _is_page(route: Route) -> bool:
    return route.page and route.method == "GET" and route.path not in FILES


def _visitor_of(route: Route) -> str:
    return next(name for role, name in VISITORS.items() if role in route.who) if route.who else NOBODY


async def _look_at(visitor: Visitor, language: str, *paths: str) -> None:
    for path in paths:
        await visitor.go(path)
        await _check(visitor, language)


async def _check(visitor: Visitor, language: str) -> None:
    await visitor.check_page()
    if language == "en":
        visitor.complaints += [f"{visitor.page.url}: {words}" for words in await visitor.chinese()]


async def _send(visitor: Visitor, which: str) -> None:
    async with visitor.page.expect_navigation():
        await visitor.main.locator(which).first.click()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("user", [NOBODY, *VISITORS.values()])
async def test_every_page_that_there_is(
    visit: Visit, addresses: Mapping[str, str], user: str, language: str
) -> None:
    """By the table of routes: a page that is new is looked at here, too, or fails because nothing leads there."""
    visitor = await visit(language=language, user=user)
    for route in filter(_is_page, every_route()):
        if _visitor_of(route) == user:
            assert 200 == await visitor.go(addresses.get(route.path, route.path)), route.path
            await _check(visitor, language)
            width = await visitor.page.evaluate(_WIDTH_WITH_TEXT_TWICE_AS_LARGE)
            assert width <= TELEPHONE, f"{route.path}: {width} pixels wide with text twice as large"


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_citizens_pages(visit: Visit, exhibits: Exhibits, language: str) -> None:
    """An answer that was objected to, a search that finds nothing, nothing there; the form with errors, and codes."""
    citizen = await visit(language=language)
    await _look_at(citizen, language, f"/published/{exhibits.objected.tracking_code}", "/nowhere")
    await _look_at(citizen, language, "/published?q=qqq", "/published?from=x&to=2026-01-01")
    await citizen.go("/submit")
    await _send(citizen, "form button")
    await _check(citizen, language)
    await citizen.page.locator("#title").fill("Street lamp")
    await citizen.page.locator("#text").fill("The street lamp is broken.")
    await _send(citizen, "form button")
    await _check(citizen, language)
    await _send(citizen, "form button[type=submit]")
    await _check(citizen, language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["fresh", "answered", "promised"])
async def test_the_citizens_case(visit: Visit, exhibits: Exhibits, name: str, language: str) -> None:
    """With everything unfolded, and after a form that was sent empty."""
    case: Case = getattr(exhibits, name)
    citizen = await visit(language=language)
    await citizen.go("/follow")
    await citizen.page.locator("#tracking_code").fill(case.tracking_code)
    await _send(citizen, "form button")
    await _check(citizen, language)
    await citizen.page.locator("#access_code").fill(case.access_code)
    await _send(citizen, "form button")
    await _unfold(citizen)
    await _check(citizen, language)
    await _send(citizen, "form[action*='/follow/'] button")
    await _check(citizen, language)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_what_everybody_reads_is_limited(visit: Visit, exhibits: Exhibits, language: str) -> None:
    """From the public page; refused without a reason, done with one, and the citizen's page says nothing but that."""
    dispatcher = await visit(language=language, user="dispatcher")
    await dispatcher.go(f"/published/{exhibits.answered.tracking_code}")
    await _send(dispatcher, "#limit")
    form = "form[action$='/publication'] button"
    await dispatcher.page.locator("#hide").fill("感谢监督" if language == "zh" else "已修复")
    await _send(dispatcher, form)
    await _check(dispatcher, language)
    await dispatcher.page.locator("#reason").fill("A name")
    await _send(dispatcher, form)
    await _check(dispatcher, language)
    assert "***" in await dispatcher.main.inner_text()
    await _look_at(dispatcher, language, f"/published/{exhibits.answered.tracking_code}")


async def _unfold(visitor: Visitor) -> None:
    await visitor.page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_desk(visit: Visit, exhibits: Exhibits, language: str) -> None:
    """Lists, cases in each state with every form unfolded, a refused reply, the preview, the contact details."""
    clerk = await visit(language=language, user="urban-management")
    await _look_at(clerk, language, "/desk?state=ended", "/desk?state=suspended", "/review")
    shown = (exhibits.replied, exhibits.answered, exhibits.returned, exhibits.extended)
    for case in (*shown, exhibits.to_promise, exhibits.promised):
        await _look_at(clerk, language, f"/desk/{case.case_id}")
    await clerk.go(f"/desk/{exhibits.signed.case_id}?done=sign")
    await _unfold(clerk)
    await _check(clerk, language)
    await _send(clerk, "form[action$='/reply'] button")
    await _check(clerk, language)
    await clerk.page.locator("#reply-note").fill("Two lamps")
    await clerk.page.locator("#reply-response").fill("Done, call 13812345678.")
    await _send(clerk, "form[action$='/reply'] button")
    await _check(clerk, language)
    await clerk.go(f"/desk/{exhibits.signed.case_id}")
    await clerk.main.locator("#contact summary").click()
    await clerk.page.locator("#contact-reason").fill("Where is it?")
    await _send(clerk, "form[action$='/contact'] button")
    await _check(clerk, language)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_review_pages(visit: Visit, exhibits: Exhibits, language: str) -> None:
    """The queue, its empty part, each kind of decision unfolded, and a decision that was not made."""
    dispatcher = await visit(language=language, user="dispatcher")
    await _look_at(dispatcher, language, "/review?done=AAAA-BBBB", "/review?kind=extension")
    for case in (
        exhibits.unclear,
        exhibits.returned,
        exhibits.extended,
        exhibits.to_promise,
        exhibits.replied,
    ):
        await dispatcher.go(f"/review/{case.case_id}")
        await _unfold(dispatcher)
        await _check(dispatcher, language)
    await _send(dispatcher, "form button")
    await _check(dispatcher, language)


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_watch_pages(visit: Visit, exhibits: Exhibits, language: str) -> None:
    """The dashboard of one department, of private life, promises that were broken, figures, days that cannot be."""
    supervisor = await visit(language=language, user="supervisor")
    await _look_at(
        supervisor,
        language,
        "/watch?department=tax&done=urged",
        "/watch/promises?state=broken&department=tax",
        "/watch/figures?by=channel&from=2020-01-01&to=2020-02-01",
        "/watch/figures/cases?measure=due&by=category&key=none",
        "/watch?private=true",
        "/watch/figures?from=2026-02-01&to=2026-01-01",
    )


async def test_on_a_desktop(visit: Visit, exhibits: Exhibits) -> None:
    """The pages whose layout is another on a wide screen."""
    clerk = await visit(width=DESKTOP, user="urban-management")
    await _look_at(clerk, "zh", "/desk", f"/desk/{exhibits.signed.case_id}")
    dispatcher = await visit(width=DESKTOP, user="dispatcher")
    await _look_at(dispatcher, "zh", "/review", f"/review/{exhibits.unclear.case_id}")
    supervisor = await visit(width=DESKTOP, user="supervisor")
    await _look_at(supervisor, "zh", "/watch", "/watch/figures")


@pytest.mark.parametrize("language", LANGUAGES)
async def test_lists_fit_a_small_laptop(visit: Visit, exhibits: Exhibits, language: str) -> None:
    """Between a telephone and a wide screen no column is out of sight, and the page keeps its margins."""
    clerk = await visit(language=language, width=1100, user="urban-management")
    await clerk.go("/desk")
    beyond, margin = await clerk.page.evaluate(
        "[Math.max(...Array.from(document.querySelectorAll('.table-scroll'), e => e.scrollWidth - e.clientWidth)),"
        " document.querySelector('main').getBoundingClientRect().left]"
    )

    assert (0, 30) == (beyond, margin)


#: What is wider than the window, or cut from a table's region.
_BEYOND = """() => [document.documentElement.scrollWidth - innerWidth,
  ...Array.from(document.querySelectorAll('.table-scroll'), e => e.scrollWidth - e.clientWidth)]
  .filter(beyond => beyond > 0)"""


@pytest.mark.parametrize("language", LANGUAGES)
async def test_nothing_is_beyond_a_tablet(visit: Visit, exhibits: Exhibits, language: str) -> None:
    """Held upright: no page moves sideways, no column is out of sight, and no word beside a case is broken in two."""
    pages = {
        "urban-management": ("/desk", f"/desk/{exhibits.signed.case_id}"),
        "dispatcher": ("/review", f"/review/{exhibits.unclear.case_id}"),
        "supervisor": ("/watch", "/watch/figures", "/watch/promises"),
    }
    for user, paths in pages.items():
        reader = await visit(language=language, width=768, user=user)
        for path in paths:
            await reader.go(path)
            assert [] == await reader.page.evaluate(_BEYOND), path
            key = reader.page.locator(".govuk-grid-column-one-third dt").first
            if await key.count():
                assert "block" == await key.evaluate("key => getComputedStyle(key).display"), path


async def test_an_endless_title_leaves_room_for_the_other_columns(visit: Visit, exhibits: Exhibits) -> None:
    """Ninety letters without a space wrap; the words beside them stay on their line."""
    dispatcher = await visit(width=DESKTOP, user="dispatcher")
    await _look_at(dispatcher, "zh", "/review", f"/review/{exhibits.endless.case_id}")
    await dispatcher.go("/review")
    row = dispatcher.main.get_by_role("row").filter(has_text="W" * 90)
    boxes = [await cell.bounding_box() for cell in await row.get_by_role("cell").all()]

    assert [] == [box for box in boxes if box is None or box["width"] < 60]


async def test_without_javascript_nobody_is_offered_to_print(visit: Visit) -> None:
    """The button needs a script: without it, it is not there."""
    citizen = await visit(javascript=False)
    await citizen.go("/submit")
    await citizen.fill("标题", "路灯")
    await citizen.fill("内容", "路灯不亮。")
    await citizen.press("提交")

    assert await citizen.page.locator("#tracking-code").is_visible()
    assert not await citizen.page.locator("[data-print]").is_visible()


async def test_targets_are_large_with_large_text(visit: Visit, exhibits: Exhibits) -> None:
    """44 px for fingers that are not sure."""
    citizen = await visit(large=True)
    for path in ("/", "/submit", "/follow", "/published", f"/published/{exhibits.answered.tracking_code}"):
        await citizen.go(path)
        await citizen.check_page(least_target=44)


async def test_the_printed_codes(visit: Visit) -> None:
    """The codes, where to use them, and nothing to press."""
    citizen = await visit()
    await citizen.go("/submit")
    await citizen.fill("标题", "路灯")
    await citizen.fill("内容", "路灯不亮。")
    await citizen.press("提交")
    await citizen.page.emulate_media(media="print")

    assert await citizen.page.locator("#tracking-code").is_visible()
    assert await citizen.page.locator("#access-code").is_visible()
    await citizen.reads("/follow")
    assert [
        each for each in await citizen.page.locator("button, header, footer").all() if await each.is_visible()
    ] == []
