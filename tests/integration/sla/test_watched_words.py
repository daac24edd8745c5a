"""What supervisors read of a case beside its clocks, and of which cases they read nothing."""

from datetime import timedelta
from typing import Any

import pytest

from deploy.database.case_views import PostgresViewCounts
from deploy.web.site.render import renderer_of
from handlers.core.actions.reply import Reply
from handlers.core.actions.sign import Sign
from handlers.core.rules import Action
from handlers.steps import act_on_case as at_desk
from handlers.web.lives import KeptLives
from intake.core.accepting import Accepted
from intake.steps import act_on_case as citizen
from intake.store.view import find_view
from routing.core.decisions.review import Decision
from routing.steps.decide import decide
from routing.steps.read_matters import KeptMatters
from schemas.city import load_city
from schemas.http import Call, Page, Principal
from schemas.ids import CaseId, DepartmentCode
from schemas.words import CaseField, Kind, Language, Role
from sla.core.calendar import named_calendar
from sla.core.rules import load_rules
from sla.steps.sweep import sweep
from sla.web import api, pages
from sla.web.views import WatchQuery
from tests.conftest import RecordingUnit
from tests.integration.slices import Slices
from tests.unit.intake.messages import KEYS, draft, message

CITY, LEAD, OTHER = load_city(), DepartmentCode("transport"), DepartmentCode("housing")
TITLE, TEXT, ANSWER = (
    "公交车末班车太早",
    "希望公交线路延长运营时间，公交站等车的乘客很多。",
    "已延长至二十二点",
)
ACCUSES = "交通局路政大队收钱放行超载车，请查"
PLAIN = message(draft(TITLE, TEXT, publish=True))
PRIVATE = {
    "confidential": message(draft(TITLE, TEXT, confidential=True), entropy=b"c" * 32),
    "report": message(draft(TITLE, "有人举报公交车司机收钱不给票", kind=Kind.REPORT), entropy=b"r" * 32),
    "accusing": message(draft(TITLE, ACCUSES, kind=Kind.COMPLAINT), entropy=b"a" * 32),
}


class Watch:
    """A supervisor, after every warning and breach."""

    def __init__(self, slices: Slices) -> None:
        needs: dict[str, Any] = {
            "city": CITY, "calendar": named_calendar("china"), "rules": load_rules(),
            "views": PostgresViewCounts(), "matters": KeptMatters(), "lives": KeptLives(),
        }  # fmt: skip
        self._unit = slices.unit
        self._routes = {(r.method, r.path): r for r in (*api.routes(**needs), *pages.routes(**needs))}
        self.shown: dict[CaseId, set[CaseField]] = {}

    async def ask(self, path: str, case_id: str = "", **query: Any) -> Any:
        """What the route answers."""
        call = Call(
            principal=Principal(role=Role.SUPERVISOR, name="sun"), language=Language.ZH, path={"case_id": case_id},
            headers={}, address="10.0.0.1", query=WatchQuery(**query), unit_or_none=self._unit,
        )  # fmt: skip
        answer = await self._routes["GET", path].answer(call)
        self.shown = {each: set(fields) for each, fields in call.shown.items()}
        return answer

    async def page(self, path: str, case_id: str = "", **query: Any) -> str:
        """The same as a browser gets it."""
        page: Page = await self.ask(path, case_id, **query)
        return renderer_of(CITY).render(
            page, language=Language.ZH, principal=Principal(role=Role.SUPERVISOR), csrf_token="t", path=path
        )


@pytest.fixture
def slices(unit: RecordingUnit) -> Slices:
    """All four."""
    return Slices(unit, CITY)


async def late(slices: Slices, ahead: timedelta = timedelta(days=60)) -> Watch:
    """Some time later, when everything is late."""
    slices.unit.now += ahead
    while await sweep(slices.unit, rules=load_rules(), calendar=named_calendar("china")):
        await slices.carry()
    return Watch(slices)


async def _answered(slices: Slices) -> None:
    who = Principal(role=Role.DEPARTMENT, name="wang", department=LEAD)
    case_id = PLAIN.codes.case_id
    await at_desk.act(slices.unit, who, case_id, Action.SIGN, Sign(version=3), CITY)
    await at_desk.act(
        slices.unit, who, case_id, Action.REPLY, Reply(version=4, note="已查", response=ANSWER), CITY
    )
    await slices.carry()


async def test_a_list_tells_what_its_cases_are_about(slices: Slices) -> None:
    """The title beside the clocks, and a row of who saw it."""
    await slices.submit(PLAIN)
    watch = await late(slices)

    assert TITLE in await watch.page("/watch")
    assert {PLAIN.codes.case_id: {CaseField.TITLE}} == watch.shown


async def test_a_case_tells_its_words_its_answer_and_its_history(slices: Slices) -> None:
    """Masked, as its department reads them; each kind of word is named in the row of who saw it."""
    await slices.submit(PLAIN)
    await _answered(slices)
    watch = await late(slices)
    html = await watch.page("/watch/cases/{case_id}", PLAIN.codes.case_id)
    asked = await watch.ask("/api/v1/sla/cases/{case_id}", PLAIN.codes.case_id)

    assert all(words in html for words in (TITLE, TEXT, ANSWER, "签收"))
    assert (TITLE, ANSWER) == (asked.matter.title, asked.life.response)
    every = {CaseField.CLOCKS, CaseField.TITLE, CaseField.TEXT, CaseField.RESPONSE, CaseField.TIMELINE}
    assert {PLAIN.codes.case_id: every} == watch.shown


@pytest.mark.parametrize("kind", PRIVATE)
async def test_what_is_private_is_clocks_alone(slices: Slices, kind: str) -> None:
    """Told in confidence, or about an official: its code and its clocks are listed, and not one word of it."""
    said: Accepted = PRIVATE[kind]
    await slices.submit(said)
    watch = await late(slices)
    listed = await watch.page("/watch", private=True)

    assert said.codes.tracking_code in listed
    assert TITLE not in listed
    assert said.codes.tracking_code not in await watch.page("/watch")
    await _assert_wordless(watch, said.codes.case_id)


async def _assert_wordless(watch: Watch, case_id: CaseId) -> None:
    html = await watch.page("/watch/cases/{case_id}", case_id)
    asked = await watch.ask("/api/v1/sla/cases/{case_id}", case_id)

    assert (None, None) == (asked.matter, asked.life)
    assert TITLE not in html
    assert {case_id: {CaseField.CLOCKS}} == watch.shown


async def test_what_accuses_since_is_read_no_more(slices: Slices) -> None:
    """Neither what was written before, nor the answer: also once another department has it."""
    await slices.submit(PLAIN)
    await _answered(slices)
    found = await find_view(slices.unit.db, PLAIN.codes.tracking_code)
    assert found is not None
    await citizen.supplement(slices.unit, KEYS, found, citizen.Addition(text=ACCUSES))
    await slices.carry()
    await _assert_wordless(Watch(slices), PLAIN.codes.case_id)
    version = await slices.unit.db.fetchval(
        "SELECT version FROM routing.review_item WHERE case_id = $1 AND state = 'open' AND kind = 'dispatch'",
        PLAIN.codes.case_id,
    )
    chosen = Decision(version=version, category="other", lead=OTHER)
    await decide(slices.unit, CITY, PLAIN.codes.case_id, chosen, "li")
    await slices.carry()

    await _assert_wordless(Watch(slices), PLAIN.codes.case_id)


async def test_what_was_merged_is_read_where_it_went(slices: Slices) -> None:
    """Its own page has clocks alone."""
    await slices.submit(PLAIN)
    await slices.unit.db.execute(
        "UPDATE routing.case SET state = 'merged' WHERE case_id = $1", PLAIN.codes.case_id
    )

    await _assert_wordless(Watch(slices), PLAIN.codes.case_id)


@pytest.mark.parametrize(
    ("query", "is_listed"),
    [
        ({"due": "overdue"}, True),
        ({"due": "near"}, False),
        ({"due": "today"}, False),
        ({"owner": "lead"}, True),
        ({"owner": "dispatcher"}, False),
        ({"department": "-"}, False),
        ({"department": str(LEAD), "owner": "lead", "due": "overdue"}, True),
    ],
)
async def test_lists_are_narrowed(slices: Slices, query: dict[str, str], is_listed: bool) -> None:
    """By whom it waits for, by when it is due, by department; each for itself and together."""
    await slices.submit(PLAIN)

    assert is_listed == (TITLE in await (await late(slices)).page("/watch", **query))


async def test_due_today_ends_at_the_citys_midnight(slices: Slices) -> None:
    """Of what was warned of, that which is due before the day ends; the number and the list agree."""
    await slices.submit(PLAIN)
    db = slices.unit.db
    await db.execute("UPDATE sla.clock SET next_level = 'missed' WHERE case_id = $1", PLAIN.codes.case_id)
    midnight = (slices.unit.now + timedelta(hours=8)).replace(hour=16, minute=0, second=0, microsecond=0)
    for ahead, count in ((timedelta(minutes=-1), 1), (timedelta(0), 0)):
        slices.unit.now = midnight - timedelta(hours=3)
        await db.execute("UPDATE sla.clock SET due_at = $2 WHERE case_id = $1 AND clock = 'reply'",
                         PLAIN.codes.case_id, midnight + ahead)  # fmt: skip
        watch = Watch(slices)
        page = await watch.ask("/watch", due="today", owner="lead", department=str(LEAD))
        assert count == len([row for row in page.context["near"].rows if row.clock == "reply"])


async def test_the_wall_counts_and_names_no_private_case(slices: Slices) -> None:
    """Large figures; of cases codes alone, no word of any, and nothing of a private one, not even in a number."""
    await slices.submit(PLAIN)
    for said in PRIVATE.values():
        await slices.submit(said)
    watch = await late(slices)
    wall = await watch.page("/watch/wall")
    page = await watch.ask("/watch/wall")

    assert PLAIN.codes.tracking_code in wall
    assert TITLE not in wall
    assert not [said for said in PRIVATE.values() if said.codes.tracking_code in wall]
    assert {} == watch.shown
    rows = (await watch.ask("/watch")).context["overdue"].rows
    assert {PLAIN.codes.case_id} == {row.case_id for row in rows}
    assert len(rows) == page.context["overdue"] == (await watch.ask("/watch")).context["overdue_count"]


async def test_a_case_is_drawn_and_said_in_words(slices: Slices) -> None:
    """Who had it, what ran, and what was late: in the picture and beside it."""
    await slices.submit(PLAIN)
    await _answered(slices)
    watch = await late(slices)
    html = await watch.page("/watch/cases/{case_id}", PLAIN.codes.case_id)
    line = html[html.index('id="time-line"') :]

    assert "<svg viewBox" in line
    assert "交通运输局：" in line
    assert "个工作日" in line


@pytest.mark.parametrize("kind", PRIVATE)
async def test_a_private_case_is_drawn_without_who_had_it(slices: Slices, kind: str) -> None:
    """Who lost it would tell whom it accuses."""
    said = PRIVATE[kind]
    await slices.submit(said)
    watch = await late(slices)
    page = await watch.ask("/watch/cases/{case_id}", said.codes.case_id)

    assert () == tuple(page.context["picture"].holdings)


async def test_the_wall_says_what_it_leaves_out(slices: Slices) -> None:
    """Its number of overdue deadlines is that of those listed and of those said not to be; departments likewise."""
    for entropy in range(9):
        await slices.submit(message(draft(TITLE, TEXT), entropy=bytes([entropy]) * 32))
    watch = await late(slices)
    wall = (await watch.ask("/watch/wall")).context
    html = await watch.page("/watch/wall")

    assert 6 == len(wall["latest"])
    assert wall["overdue"] == 6 + wall["left_out"] > 6
    assert f"另有 {wall['left_out']} 个超期时限未列在此" in html
    assert "个单位未列在此" not in html

    for number, row in enumerate(await slices.unit.db.fetch("SELECT DISTINCT case_id FROM sla.clock")):
        given = (str(row["case_id"]), f"unit{number}")
        await slices.unit.db.execute("UPDATE sla.clock SET department = $2 WHERE case_id = $1", *given)
    assert "另有 1 个单位未列在此" in await watch.page("/watch/wall")
