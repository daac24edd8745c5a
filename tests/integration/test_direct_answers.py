"""Direct answers: a dispatcher answers an enquiry from a knowledge entry, and every slice follows."""

from datetime import timedelta
from html import unescape
from typing import Any

import msgspec
import pytest

import routing.web.pages
from deploy.web.site.render import renderer_of
from intake.steps.entries import KeptEntries
from routing.core.decisions.review import DirectAnswer
from schemas.errors import BadInput
from schemas.events.knowledge import EntryWithdrawn
from schemas.events.routing import CaseAnswered
from schemas.http import Call, Page, Principal
from schemas.ids import DepartmentCode
from schemas.words import CaseState, CitizenAction, Language, ReviewKind, Role
from tests.conftest import RecordingUnit
from tests.integration.centre import ASKED, CASE, CITY, CONTENT, ENTRY, TEXT, Centre


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
    return answer, renderer_of(CITY).render(
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
    # An answer that was given anew since the page was opened: what was written about it is shown, to be copied.
    earlier = right | {"version": str(version - 1), "remarks": "要带居住证"}
    await centre.unit.db.execute(
        """INSERT INTO routing.reading (case_id, version, entry_id, answered_by, answered_at, read_at)
        VALUES ($1, $2, $3, 'li', now(), now())""",
        CASE, version - 1, ENTRY,
    )  # fmt: skip
    over, html = await _page(centre, "POST", path, language, **earlier)
    assert (409, True) == (over.status, language.choose("已撤销、改过", "taken back or given anew") in html)
    assert "要带居住证" in unescape(html)
    done, _ = await _page(centre, "POST", path, language, **right)
    assert done.to.startswith("/review/readings?done=")
