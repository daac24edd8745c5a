"""What supervisors read and do: API and pages over real rows."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

import msgspec
import pytest

from deploy.database.case_views import PostgresViewCounts
from deploy.web.site.render import renderer_of
from schemas.city import City
from schemas.errors import ActionNotAllowed, BadInput, NotFound
from schemas.events.handlers import CaseSuspended
from schemas.events.sla import CaseUrged
from schemas.http import DRAFT_FIELD, Call, Page, Principal, Redirect, Route
from schemas.ids import CaseId
from schemas.paging import cursor_of
from schemas.words import Language, Role
from sla.core.readings import Alert
from sla.web import api, pages
from tests.integration.sla.events import WATER, Sla, assigned, china, closed, registered, replied, signed
from tests.unit.handlers.making import HOUSING, MONDAY, fresh_case

LATER = MONDAY + timedelta(days=20)


class Desk:
    """Calls routes as a supervisor."""

    def __init__(self, sla: Sla) -> None:
        needs: dict[str, Any] = {"city": sla.city, "calendar": sla.calendar, "views": PostgresViewCounts()}
        needs["rules"] = sla.rules
        self._routes: list[Route] = [*api.routes(**needs), *pages.routes(**needs)]
        self._sla = sla

    async def call(
        self,
        method: str,
        path: str,
        *,
        case_id: str = "",
        language: Language = Language.ZH,
        raw: bytes = b"",
        form: dict[str, str] | None = None,
        query: dict[str, str] | None = None,
    ) -> Any:
        """The answer, as its function gives it."""
        (route,) = [r for r in self._routes if (r.method, r.path) == (method, path)]
        assert Role.CITIZEN not in route.who
        assert Role.DEPARTMENT not in route.who
        call = Call(
            principal=Principal(role=Role.SUPERVISOR, name="督办员甲"),
            language=language,
            path={"case_id": case_id},
            headers={},
            address="127.0.0.1",
            raw_body=raw,
            form=form or {},
            query=msgspec.convert(query or {}, route.query, strict=False) if route.query else None,
            unit_or_none=self._sla.unit,
        )
        return await route.answer(call)


@pytest.fixture
def desk(sla: Sla) -> Desk:
    """A supervisor."""
    return Desk(sla)


async def _busy_city(sla: Sla) -> dict[str, CaseId]:
    """With housing one late, one answered in time, one answered late; one with water; one undispatched."""
    names = ("late", "in_time", "answered_late", "water", "waiting")
    cases = {name: fresh_case() for name in names}
    await sla.hear(*(registered(case) for case in cases.values()))
    for name in ("late", "in_time", "answered_late"):
        await sla.hear(assigned(cases[name]), signed(cases[name]))
    await sla.hear(assigned(cases["water"], lead=WATER), signed(cases["water"]))
    await sla.hear(
        replied(cases["in_time"], china("2026-11-25 10:05")),
        closed(cases["in_time"], china("2026-11-25 11:00")),
    )
    await sla.hear(
        replied(cases["answered_late"], china("2026-12-02 10:05")),
        closed(cases["answered_late"], china("2026-12-02 11:00")),
    )
    await sla.sweep_at(LATER)
    return cases


async def test_alerts_are_paged_newest_first(sla: Sla, desk: Desk) -> None:
    """Every alert once, page by page, with the promised fields; filters by level and department."""
    cases = await _busy_city(sla)
    seen: list[Alert] = []
    cursor: dict[str, str] = {}
    while True:
        page = await desk.call("GET", "/api/v1/sla/alerts", query={"limit": "2", **cursor})
        seen += page.items
        if page.next_cursor is None:
            break
        cursor = {"cursor": page.next_cursor}

    assert len(seen) == len({(a.case_id, a.clock, a.level, a.number, a.deadline_version) for a in seen})
    assert {"case_id", "clock", "level", "department", "due_at", "raised_at"} <= set(
        msgspec.to_builtins(seen[0])
    )
    missed = await desk.call("GET", "/api/v1/sla/alerts", query={"level": "missed", "department": "water"})
    assert [(cases["water"], "reply", "missed")] == [(a.case_id, a.clock, a.level) for a in missed.items]


@pytest.mark.parametrize("cursor", ["!", "bm90", "LTE=", cursor_of(2**63), cursor_of("1")])
async def test_a_made_up_cursor_is_refused(desk: Desk, cursor: str) -> None:
    """Only cursors of ours lead anywhere."""
    with pytest.raises(BadInput):
        await desk.call("GET", "/api/v1/sla/alerts", query={"cursor": cursor})


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
async def test_no_figures_of_other_ages(desk: Desk, day: str) -> None:
    """Nor an error of ours: midnight in the city may not even be a moment there."""
    with pytest.raises(BadInput):
        await desk.call("GET", "/api/v1/sla/figures", query={"from": day, "to": day})


async def test_figures_count_what_they_say(sla: Sla, desk: Desk) -> None:
    """Counts, rates with their n, and definitions; a late answer stays late."""
    await _busy_city(sla)
    figures = await desk.call("GET", "/api/v1/sla/figures", query={"from": "2026-11-23", "to": "2026-12-12"})
    housing = next(item for item in figures.items if item.key == HOUSING)

    assert (5, 4, 2, 4, 1, 0.25) == (
        figures.total.received,
        figures.total.assigned,
        figures.total.closed,
        figures.total.due,
        figures.total.on_time,
        figures.total.on_time_rate,
    )
    assert (3, 1, 1, 2) == (housing.received, housing.overdue_open, housing.open, housing.missed)
    assert (2, 4.5) == (housing.replied, housing.median_reply_workdays)
    built = msgspec.to_builtins(housing)
    assert set(figures.definitions) <= {*built, *built["rates"], *built["times"]}
    assert sum(item.received for item in figures.items) == figures.total.received


async def test_figures_of_a_day_are_the_citys_day(sla: Sla, desk: Desk) -> None:
    """23:59 in the city belongs to that day, 00:00 to the next; a day without cases is an honest zero."""
    for moment in ("2026-11-20 23:59", "2026-11-21 00:00"):
        await sla.hear(registered(fresh_case(), china(moment)))

    async def received(day: str) -> int:
        found = await desk.call("GET", "/api/v1/sla/figures", query={"by": "channel", "from": day, "to": day})
        return int(found.total.received)

    assert [1, 1, 0] == [await received(f"2026-11-{day}") for day in (20, 21, 22)]


@pytest.mark.parametrize("span", [("2026-11-02", "2026-11-01"), ("2020-01-01", "2026-01-01")])
async def test_an_impossible_span_is_refused(desk: Desk, span: tuple[str, str]) -> None:
    """The wrong way round, or longer than three years."""
    with pytest.raises(BadInput):
        await desk.call("GET", "/api/v1/sla/figures", query={"from": span[0], "to": span[1]})


async def test_three_of_a_kind_are_a_hot_topic(sla: Sla, desk: Desk) -> None:
    """Three of one category in one district within seven days; two are none."""
    await sla.hear(*(assigned(fresh_case()) for _ in range(2)))
    assert [] == (await desk.call("GET", "/api/v1/sla/hot-topics")).items

    await sla.hear(assigned(fresh_case()))
    topics = await desk.call("GET", "/api/v1/sla/hot-topics")
    (topic,) = topics.items
    assert ("urban", "donghu", 3, 0) == (topic.category, topic.region, topic.cases, topic.cases_before)
    assert (date(2026, 11, 17), date(2026, 11, 23)) == (topics.first, topics.last)


@pytest.mark.parametrize(("what", "supervised"), [("urge", False), ("supervise", True)])
async def test_urging_tells_the_department(sla: Sla, desk: Desk, what: str, supervised: bool) -> None:
    """On sla's topic and on the department's own, masked; the note may be left out, body and all."""
    case = fresh_case()
    await sla.hear(assigned(case))
    said = len(sla.unit.emitted)
    urged = await desk.call("POST", f"/api/v1/sla/cases/{{case_id}}/{what}", case_id=case)
    await desk.call(
        "POST",
        f"/api/v1/sla/cases/{{case_id}}/{what}",
        case_id=case,
        raw='{"note":"请尽快回电13812345678"}'.encode(),
    )
    first, second = sla.unit.emitted[said:]

    assert (case, HOUSING, supervised, 3) == (
        urged.case_id,
        urged.department,
        urged.supervised,
        urged.version,
    )
    assert isinstance(first, CaseUrged)
    assert isinstance(second, CaseUrged)
    assert ("督办员甲", "", supervised) == (first.by, first.note, first.supervised)
    assert "请尽快回电138****5678" == second.note
    assert [(HOUSING, first), (HOUSING, second)] == sla.unit.emitted_to
    shown = await desk.call("GET", "/api/v1/sla/cases/{case_id}", case_id=case)
    assert (0 if supervised else 2, supervised) == (shown.urged, shown.supervised)


async def test_an_ended_case_is_not_urged(sla: Sla, desk: Desk) -> None:
    """409, and an unknown case is 404; a note that is too long, or no JSON, is refused."""
    case = fresh_case()
    await sla.hear(assigned(case), closed(case, MONDAY + timedelta(hours=1)))
    path = "/api/v1/sla/cases/{case_id}/urge"

    with pytest.raises(ActionNotAllowed):
        await desk.call("POST", path, case_id=case)
    with pytest.raises(NotFound):
        await desk.call("POST", path, case_id=fresh_case())
    with pytest.raises(NotFound):
        await desk.call("POST", path, case_id="1; DROP TABLE")
    with pytest.raises(BadInput):
        await desk.call("POST", path, case_id=case, raw=b'{"note": "' + b"x" * 501 + b'"}')


@pytest.mark.parametrize("action", ["urge", "supervise"])
@pytest.mark.parametrize("note", [".", "。。。", "——"])
async def test_an_urging_says_something_or_has_no_note(sla: Sla, desk: Desk, note: str, action: str) -> None:
    """A department that reads a dot does not know what is wanted of it."""
    case = fresh_case()
    await sla.hear(assigned(case))
    said = len(sla.unit.emitted)
    raw = msgspec.json.encode({"note": note})

    with pytest.raises(BadInput) as refusal:
        await desk.call("POST", f"/api/v1/sla/cases/{{case_id}}/{action}", case_id=case, raw=raw)

    assert (["note"], said) == ([error.field for error in refusal.value.errors], len(sla.unit.emitted))


async def test_a_case_shows_what_moved_its_deadline(sla: Sla, desk: Desk) -> None:
    """Each change with its reason (GLPI #17186)."""
    case = fresh_case()
    suspended = CaseSuspended(case_id=case, version=5, at=china("2026-11-24 10:00"), reason="等待鉴定")
    await sla.hear(assigned(case), suspended)
    shown = await desk.call("GET", "/api/v1/sla/cases/{case_id}", case_id=case)

    assert [("sign", "running"), ("reply", "paused"), ("pause", "running")] == sorted(
        ((c.clock, c.state) for c in shown.clocks), reverse=True
    )
    assert [("paused", {"reason": "等待鉴定"})] == [(entry.what, entry.detail) for entry in shown.history]


def _shown(city: City, page: Page, language: Language) -> str:
    return renderer_of(city).render(
        page, language=language, principal=Principal(role=Role.SUPERVISOR), csrf_token="token", path="/watch",
        is_just_done=True,
    )  # fmt: skip


@pytest.mark.parametrize("language", list(Language))
async def test_the_pages_in_both_languages(sla: Sla, desk: Desk, language: Language) -> None:
    """Lists, chart, figures and one case; in English no Chinese is left but the city's own name."""
    cases = await _busy_city(sla)
    live = await desk.call("GET", "/watch", language=language, query={"live": "true"})
    watch = _shown(sla.city, live, language)
    figures = _shown(sla.city, await desk.call("GET", "/watch/figures", language=language), language)
    late = await desk.call("GET", "/watch/cases/{case_id}", case_id=cases["late"], language=language)
    case = _shown(sla.city, late, language)

    assert f"/watch/cases/{cases['late']}/urge" in watch
    assert 'class="govuk-table__cell bar"' in watch
    assert 'hx-trigger="raised, every 60s"' in watch
    assert f"to={sla.calendar.local_day(sla.unit.now)}&amp;by=department" in figures
    assert "25.0% (1/4)" in re.sub(r"<span class=.govuk-visually-hidden.>[^<]*</span>|<[^>]+>", "", figures)
    assert "general@" in case
    for html in (watch, figures, case):
        assert html.count('name="csrf') == html.count('method="post"')
        if language is Language.EN:
            main = html[html.index("<main") : html.index("</main>")]
            assert [] == re.findall(r"[\u4e00-\u9fff]+", main)


async def test_an_empty_city_has_sentences(sla: Sla, desk: Desk) -> None:
    """Nothing overdue, nothing near, nothing repeated: each says so."""
    html = _shown(sla.city, await desk.call("GET", "/watch"), Language.ZH)

    for sentence in ("没有已超期的时限。", "没有即将到期的时限。", "近七天没有集中的诉求。"):
        assert sentence in html


async def test_the_lists_go_on(sla: Sla, desk: Desk) -> None:
    """More than a page of overdue clocks: each is seen once, on some page."""
    cases = {fresh_case() for _ in range(25)}
    await sla.hear(*(registered(case) for case in cases))
    await sla.sweep_at(LATER)
    first = (await desk.call("GET", "/watch")).context["overdue"]
    cursor = first.more.partition("overdue_after=")[2]
    second = (await desk.call("GET", "/watch", query={"overdue_after": cursor.replace("%3D", "=")})).context[
        "overdue"
    ]

    assert (20, 5, None) == (len(first.rows), len(second.rows), second.more)
    assert cases == {row.case_id for row in (*first.rows, *second.rows)}


@pytest.mark.parametrize(
    "place",
    [
        ("nonsense",),
        ("0001-01-01T00:00:00+14:00", str(UUID(int=1)), "reply"),
        ("2026-11-23T00:00:00Z", str(UUID(int=1)), "\0"),
        ("2026-11-23T00:00:00Z", "nobody", "reply"),
    ],
)
async def test_the_lists_go_on_from_cursors_of_ours_alone(desk: Desk, place: tuple[str, ...]) -> None:
    """A crafted one is refused, also where its moment or its text is none that Postgres takes."""
    with pytest.raises(BadInput):
        await desk.call("GET", "/watch", query={"near_after": cursor_of(*place)})


async def test_the_list_of_one_department(sla: Sla, desk: Desk) -> None:
    """The filter leaves the others out."""
    cases = await _busy_city(sla)
    page = await desk.call("GET", "/watch", query={"department": "water"})

    assert [cases["water"]] == [row.case_id for row in page.context["overdue"].rows]


async def test_urging_from_the_page(sla: Sla, desk: Desk) -> None:
    """Back to the list after success; what was refused is said, and what was typed is kept."""
    case = fresh_case()
    await sla.hear(assigned(case))
    path = "/watch/cases/{case_id}/urge"
    done = await desk.call("POST", path, case_id=case, form={"note": ""})
    await sla.hear(closed(case, MONDAY + timedelta(hours=1)))
    refused = await desk.call("POST", path, case_id=case, form={"note": "请尽快答复"})

    assert isinstance(done, Redirect)
    assert f"/watch?done=urged&on={case}" == done.to
    assert 409 == refused.status
    assert "请尽快答复" in _shown(sla.city, refused, Language.ZH)


@pytest.mark.parametrize(("what", "said"), [("urge", "已催办"), ("supervise", "派单后再督办一次")])
async def test_what_no_department_has_is_said_to_wait_for_a_dispatcher(
    sla: Sla, desk: Desk, what: str, said: str
) -> None:
    """Not that a department is told, which nobody is."""
    case = fresh_case()
    await sla.hear(registered(case))

    done = await desk.call("POST", f"/watch/cases/{{case_id}}/{what}", case_id=case, form={"note": ""})

    told = dict(parse_qsl(done.to.partition("?")[2]))
    html = _shown(sla.city, await desk.call("GET", "/watch", query=told), Language.ZH)
    assert said in html
    assert "派单员会在派单台上看到" in html
    assert "承办单位将收到通知" not in html
    assert [] == sla.unit.emitted_to


async def test_a_draft_is_shown_as_typed(sla: Sla, desk: Desk) -> None:
    """Whoever had to sign in again urges with the next press of the button, not with the one before."""
    case = fresh_case()
    await sla.hear(assigned(case))
    form = {"note": "请尽快答复", DRAFT_FIELD: "yes"}
    page = await desk.call("POST", "/watch/cases/{case_id}/urge", case_id=case, form=form)

    assert 200 == page.status
    assert "请尽快答复</textarea>" in _shown(sla.city, page, Language.ZH)
    assert [] == [event for event in sla.unit.emitted if isinstance(event, CaseUrged)]


async def test_urging_leads_back_to_the_list_as_it_was(sla: Sla, desk: Desk) -> None:
    """One department's list stays that department's: from the list, by way of the case, and after a refusal."""
    cases = await _busy_city(sla)
    asked = {"department": "water", "live": "true", "done": "urged", "on": cases["water"]}
    kept = "?department=water&amp;live=true"
    address = f"/watch/cases/{cases['water']}"
    listed = _shown(sla.city, await desk.call("GET", "/watch", query=asked), Language.ZH)
    one = await desk.call("GET", "/watch/cases/{case_id}", case_id=cases["water"], query=asked)
    done = await desk.call(
        "POST", "/watch/cases/{case_id}/supervise", case_id=cases["water"], query=asked, form={"note": ""}
    )

    ways = (f'{kept}">打开此件', f'/urge{kept}"', f'/supervise{kept}"')
    assert [] == [way for way in ways if f'"{address}{way}' not in listed]
    assert '"/watch?department=water"' in listed
    assert f'"/watch{kept}"' in _shown(sla.city, one, Language.ZH)
    assert done.to.endswith(f"?department=water&done=supervised&on={cases['water']}&live=true")


async def test_a_missing_notice_is_announced(sla: Sla, desk: Desk) -> None:
    """From October on the page says that next year's holidays are not imported."""
    assert 2027 == (await desk.call("GET", "/watch")).context["year_missing"]
    sla.unit.now = datetime(2026, 6, 1, tzinfo=UTC)
    assert (await desk.call("GET", "/watch")).context["year_missing"] is None
