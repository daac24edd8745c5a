"""Direct answers: a dispatcher answers an enquiry from a knowledge entry, and every slice follows."""

from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import msgspec
import pytest

import routing.web.pages
from deploy.web.site.render import Renderer
from intake.steps.entries import KeptEntries
from routing.core.direct import SecondReading, is_read_again
from routing.core.review import Decision, DirectAnswer
from routing.steps import direct
from routing.steps.decide import decide
from routing.steps.decided import Decided
from schemas.city import load_city
from schemas.errors import BadInput, NotFound
from schemas.event import Event
from schemas.events.knowledge import EntryPublished, EntryWithdrawn
from schemas.events.routing import CaseAnswered
from schemas.http import Call, Page, Principal
from schemas.ids import CaseId, DepartmentCode
from schemas.values import EntryContent
from schemas.words import CaseState, CitizenAction, Kind, Language, ReviewKind, Role
from tests.conftest import RecordingUnit
from tests.integration.intake.calls import Site
from tests.integration.slices import Slices
from tests.unit.intake.messages import draft, message

CITY = load_city()
ENTRY = CaseId("0198b2c4-0000-7000-8000-0000000000e1")
TEXT = "请带身份证到社区，电话13812345678。"
#: Leaves the rules unsure, so that it waits for a dispatcher.
ASKED = message(draft("一件小事", "请看一下，谢谢。", kind=Kind.CONSULTATION, publish=True))
CASE = ASKED.codes.case_id
TODAY = datetime(2026, 11, 23, tzinfo=UTC).date()
CONTENT = EntryContent(
    questions=("居住证怎么办理",),
    answer="带身份证到社区。",
    valid_from=TODAY,
    valid_until=TODAY,
    checked_on=TODAY,
)


class Centre:
    """The four slices, one enquiry, and dispatchers who answer it."""

    def __init__(self, unit: RecordingUnit) -> None:
        self.unit = unit
        self.slices = Slices(unit, CITY)
        self.site = Site(clock=lambda: unit.now)

    async def begin(self, **entry: Any) -> None:
        """The enquiry waits for a dispatcher, and the entry holds until tomorrow."""
        told = EntryPublished(
            case_id=ENTRY, version=3, at=self.unit.now, owner=DepartmentCode("housing"), content=CONTENT,
            holds_from=self.unit.now - timedelta(days=1), holds_until=self.unit.now + timedelta(days=1),
        )  # fmt: skip
        self.unit.emit(msgspec.structs.replace(told, **entry))
        await self.slices.carry()
        await self.slices.submit(ASKED)

    async def version(self) -> int:
        """Of what waits."""
        found: int | None = await self.unit.db.fetchval(
            "SELECT max(version) FROM routing.review_item WHERE case_id = $1 AND state = 'open'", CASE
        )
        assert found is not None
        return found

    async def answer(self, by: str = "li", **changed: Any) -> list[Event]:
        """Answer directly; what was said."""
        said: dict[str, Any] = {"answer": DirectAnswer(entry_id=ENTRY, text=TEXT), **changed}
        decision = Decision(version=await self.version(), **said)
        await decide(self.unit, CITY, CASE, decision, by, KeptEntries())
        return await self.slices.carry()

    async def seen(self) -> Any:
        """The case as its citizen sees it."""
        codes = ASKED.codes
        return await self.site.call(
            self.unit, "GET", "/api/v1/submissions/{tracking_code}", at={"tracking_code": codes.tracking_code},
            headers={"access-code": codes.access_code},
        )  # fmt: skip

    async def do(self, action: str, **body: Any) -> list[Event]:
        """What the citizen does, carried to the end."""
        codes = ASKED.codes
        await self.site.call(
            self.unit, "POST", f"/api/v1/submissions/{{tracking_code}}/{action}",
            {**body, "access_code": codes.access_code}, at={"tracking_code": codes.tracking_code},
        )  # fmt: skip
        return await self.slices.carry()

    async def running(self) -> set[str]:
        """The clocks of the case that run, with whose time it is."""
        rows = await self.unit.db.fetch(
            "SELECT clock, owner FROM sla.clock WHERE case_id = $1 AND state = 'running'", CASE
        )
        return {f"{row['clock']}:{row['owner']}" for row in rows}


@pytest.fixture
def centre(unit: RecordingUnit) -> Centre:
    """On Monday morning."""
    return Centre(unit)


async def test_an_enquiry_is_answered_without_a_department(centre: Centre) -> None:
    """Its citizen reads the answer, masked, may rate and object; every clock stops; no desk ever had it."""
    await centre.begin()
    assert {"dispatch:dispatcher"} == await centre.running()
    said = [event for event in await centre.answer() if isinstance(event, CaseAnswered)]
    seen = await centre.seen()

    assert 1 == len(said)
    assert CaseState.CLOSED is seen.state
    assert "13812345678" not in seen.response.text
    assert "请带身份证到社区" in seen.response.text
    assert [CitizenAction.RATING, CitizenAction.OBJECTION] == seen.allowed_actions
    assert "answered_directly" == seen.timeline[-1].event
    assert seen.answered_directly
    assert set() == await centre.running()
    assert 0 == await centre.unit.db.fetchval("SELECT count(*) FROM handlers.case WHERE case_id = $1", CASE)
    outcome = await centre.unit.db.fetchrow(
        'SELECT outcome, closed_at FROM sla."case" WHERE case_id = $1', CASE
    )
    assert ("answered", centre.unit.now) == (outcome["outcome"], outcome["closed_at"])


async def test_it_is_published_as_its_citizen_wants(centre: Centre) -> None:
    """With consent everybody reads it; taken back, nobody; an objection stands beside it."""
    await centre.begin()
    await centre.answer()

    async def published() -> list[bool]:
        found: Any = await centre.site.call(centre.unit, "GET", "/api/v1/published")
        return [item.objected for item in found.items if item.tracking_code == ASKED.codes.tracking_code]

    assert [False] == await published()
    await centre.do("publication", publish=False)
    assert [] == await published()
    await centre.do("publication", publish=True)
    await centre.do("objection", reason="没说要不要照片")
    assert [True] == await published()


async def test_the_citizen_rates_it(centre: Centre) -> None:
    """Once."""
    await centre.begin()
    await centre.answer()
    await centre.do("rating", score=4)
    seen = await centre.seen()

    assert (4, [CitizenAction.OBJECTION]) == (seen.rating, seen.allowed_actions)


async def test_an_objection_goes_to_another_dispatcher(centre: Centre) -> None:
    """Its time runs; whoever answered decides nothing; another one sends it to a department, or answers for good."""
    await centre.begin()
    await centre.answer()
    await centre.do("objection", reason="没说要不要照片")
    seen = await centre.seen()

    assert CaseState.IN_REVIEW is seen.state
    assert "review_objection:dispatcher" in await centre.running()
    with pytest.raises(BadInput, match="correction"):
        await centre.answer("li")
    with pytest.raises(BadInput, match="correction"):
        await centre.answer("sun", answer=None, accept=False)
    point = centre.unit.db.transaction()
    await point.start()
    await centre.answer("sun", answer=None, lead="housing")
    assert CaseState.ASSIGNED is (await centre.seen()).state
    await point.rollback()
    await centre.answer("sun")
    seen = await centre.seen()
    assert (CaseState.CLOSED, [CitizenAction.RATING]) == (seen.state, seen.allowed_actions)
    assert set() == await centre.running()


async def test_an_objection_that_accuses_hides_the_answer(centre: Centre) -> None:
    """From everybody else, at once; whom it accuses the case may not reach."""
    await centre.begin()
    await centre.answer()
    await centre.do("objection", reason="举报：住建局的工作人员向我索要红包，不给就不办。")
    found: Any = await centre.site.call(centre.unit, "GET", "/api/v1/published")

    assert [] == [item for item in found.items if item.tracking_code == ASKED.codes.tracking_code]
    with pytest.raises(BadInput):
        await centre.answer("sun", answer=None, lead="housing")
    with pytest.raises(BadInput):
        await centre.answer("sun")


@pytest.mark.parametrize(
    "change",
    [
        "kind = 'complaint'", "kind = 'report'", "confidential = true", "protected = true", "accused = '{housing}'",
        "urgency = 'emergency'", "state = 'routed'",
    ],
)  # fmt: skip
async def test_nothing_else_is_answered_so(centre: Centre, change: str) -> None:
    """Neither a report nor whatever else is nobody else's to read, nor what is pressing, nor what a department has."""
    await centre.begin()
    await centre.unit.db.execute(f"UPDATE routing.case SET {change} WHERE case_id = $1", CASE)  # noqa: S608  our own words
    with pytest.raises(BadInput):
        await centre.answer()

    assert "answered_directly" not in [line.event for line in (await centre.seen()).timeline]


@pytest.mark.parametrize("kind", [ReviewKind.RETURN, ReviewKind.REPLY])
async def test_what_was_with_a_department_is_that_ones(centre: Centre, kind: ReviewKind) -> None:
    """Whatever it asked for."""
    await centre.begin()
    await centre.unit.db.execute(
        """INSERT INTO routing.review_item (case_id, kind, version, state, opened_at, candidates, reasons, detail)
        VALUES ($1, $2, 1, 'decided', now(), '[]', '[]', '{}')""",
        CASE, kind,
    )  # fmt: skip
    with pytest.raises(BadInput):
        await centre.answer()


@pytest.mark.parametrize("how", ["withdrawn", "expired", "unknown", "nothing said", "two ways"])
async def test_it_rests_on_an_entry_that_holds(centre: Centre, how: str) -> None:
    """And says something, and is the only way that was chosen."""
    await centre.begin()
    changed: dict[str, Any] = {}
    if how == "withdrawn":
        centre.unit.emit(
            EntryWithdrawn(case_id=ENTRY, version=4, at=centre.unit.now, owner=DepartmentCode("housing"))
        )
        await centre.slices.carry()
    if how == "expired":
        centre.unit.now += timedelta(days=2)
    if how == "unknown":
        changed["answer"] = DirectAnswer(entry_id="nobody's", text=TEXT)
    if how == "nothing said":
        changed["answer"] = DirectAnswer(entry_id=ENTRY, text="……")
    if how == "two ways":
        changed["lead"] = "housing"
    with pytest.raises(BadInput):
        await centre.answer(**changed)


async def _sampled(centre: Centre) -> int:
    """Answered, and in the sample; the version."""
    await centre.begin()
    await centre.answer()
    version: int = await centre.unit.db.fetchval("SELECT version FROM routing.case WHERE case_id = $1", CASE)
    if not is_read_again(CASE):
        await centre.unit.db.execute(
            """INSERT INTO routing.reading (case_id, version, entry_id, answered_by, answered_at)
            VALUES ($1, $2, $3, 'li', $4)""",
            CASE, version, ENTRY, centre.unit.now,
        )  # fmt: skip
    return version


async def _found(centre: Centre, version: int, by: str, *, right: bool, remarks: str = "") -> Decided:
    found = SecondReading(is_right=right, remarks=remarks)
    done = await direct.read_again(centre.unit, CASE, version, found, by)
    await centre.slices.carry()
    return done


async def test_a_sample_is_read_by_another(centre: Centre) -> None:
    """Never by whoever answered; once; found right, the case stays closed."""
    version = await _sampled(centre)
    assert [] == await direct.list_readings(centre.unit, "li")
    (waiting,) = await direct.list_readings(centre.unit, "sun")
    assert (CASE, "li", str(ENTRY)) == (waiting.case.case_id, waiting.answered_by, str(waiting.entry_id))
    with pytest.raises(NotFound):
        await _found(centre, version, "li", right=True)
    with pytest.raises(BadInput):
        await direct.read_again(
            centre.unit, CASE, version, SecondReading(is_right=True), "system", is_person=False
        )
    await _found(centre, version, "sun", right=True)

    assert CaseState.CLOSED is (await centre.seen()).state
    assert [] == await direct.list_readings(centre.unit, "sun")
    with pytest.raises(NotFound):
        await _found(centre, version, "sun", right=False, remarks="错")


async def test_a_wrong_answer_is_recalled(centre: Centre) -> None:
    """With a reason: nobody else reads it any more, the case waits for somebody else, and its time runs."""
    version = await _sampled(centre)
    with pytest.raises(BadInput):
        await _found(centre, version, "sun", right=False)
    centre.unit.now += timedelta(hours=1)
    await _found(centre, version, "sun", right=False, remarks="已改为网上办理")
    seen = await centre.seen()

    assert CaseState.IN_REVIEW is seen.state
    assert "in_review" == seen.timeline[-1].event
    assert "review_objection:dispatcher" in await centre.running()
    found: Any = await centre.site.call(centre.unit, "GET", "/api/v1/published")
    assert ASKED.codes.tracking_code not in [item.tracking_code for item in found.items]
    with pytest.raises(BadInput):
        await centre.answer("li")
    await centre.answer("sun")
    assert CaseState.CLOSED is (await centre.seen()).state


async def test_what_became_private_is_nobody_elses_to_read_again(centre: Centre) -> None:
    """An objection that accuses somebody makes a report of it."""
    version = await _sampled(centre)
    await centre.unit.db.execute("UPDATE routing.case SET protected = true WHERE case_id = $1", CASE)

    assert [] == await direct.list_readings(centre.unit, "sun")
    with pytest.raises(NotFound):
        await _found(centre, version, "sun", right=True)


def test_one_in_five_is_in_the_sample() -> None:
    """By the case's id, which nobody chooses."""
    ids = [CaseId(f"0198b2c4-0000-7000-8000-{number:012x}") for number in range(1000)]

    assert 200 == sum(map(is_read_again, ids))


async def _page(centre: Centre, method: str, path: str, language: Language, **form: str) -> tuple[Any, str]:
    routes = routing.web.pages.routes(city=CITY, entries=KeptEntries())
    (route,) = [route for route in routes if (route.method, route.path) == (method, path)]
    call = Call(
        principal=Principal(role=Role.DISPATCHER, name=form.pop("by", "li")), language=language,
        path={"case_id": CASE}, headers={}, address="10.0.0.1", unit_or_none=centre.unit, form=form,
        query=route.query() if route.query else None,
    )  # fmt: skip
    answer = await route.answer(call)
    if not isinstance(answer, Page):
        return answer, ""
    return answer, Renderer(city=CITY).render(
        answer, language=language, principal=call.principal, csrf_token="t", path="/review"
    )


@pytest.mark.parametrize("language", Language)
async def test_the_pages_do_the_same(centre: Centre, language: Language) -> None:
    """The nearest entries beside the item, a form for each; the answer's second reading; scripts are text."""
    content = msgspec.structs.replace(
        CONTENT, questions=("一件小事请看一下",), answer="<script>x</script>到社区"
    )
    await centre.begin(content=content)
    _, html = await _page(centre, "GET", "/review/{case_id}", language)
    assert "<script>x" not in html
    assert "<script>x</script>到社区" in unescape(html)
    sent = {"kind": "dispatch", "version": str(await centre.version()), "action": "answer", "entry_id": ENTRY}
    refused, html = await _page(centre, "POST", "/review/{case_id}", language, **sent, text="……")
    assert (422, True) == (refused.status, "dispatch-answer" in html)
    done, _ = await _page(centre, "POST", "/review/{case_id}", language, **sent, text=TEXT)
    assert done.to.startswith("/review?done=")
    await centre.slices.carry()
    assert CaseState.CLOSED is (await centre.seen()).state
    version: int = await centre.unit.db.fetchval("SELECT version FROM routing.case WHERE case_id = $1", CASE)
    await centre.unit.db.execute(
        """INSERT INTO routing.reading (case_id, version, entry_id, answered_by, answered_at)
        VALUES ($1, $2, $3, 'li', now()) ON CONFLICT DO NOTHING""",
        CASE, version, ENTRY,
    )  # fmt: skip
    _, html = await _page(centre, "GET", "/review/readings", language, by="sun")
    assert "请带身份证到社区" in html
    path, right = "/review/readings/{case_id}/read", {"version": str(version), "by": "sun", "action": "right"}
    done, _ = await _page(centre, "POST", path, language, **right)
    assert done.to.startswith("/review/readings?done=")
