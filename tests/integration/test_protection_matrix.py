"""Every way to see a case, for every unit: nothing of a protected one reaches whom it accuses, or who is above or below."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import msgspec
import pytest

import handlers.web.api
import handlers.web.pages
from deploy.composition.callers import SealedCallers
from deploy.composition.finding import RoutedCodes
from deploy.composition.readers import DeskReaders
from deploy.docgen.reference import every_route
from deploy.web.site import finding
from handlers.core.actions.reply import Reply
from handlers.core.actions.sign import Sign
from handlers.core.rules import Action
from handlers.steps import act_on_case as at_desk
from handlers.steps import entries
from intake.steps import act_on_case as citizen
from intake.store.view import find_view
from routing.core.decisions.clearing import Clear
from routing.core.decisions.review import Decision
from routing.steps.clear import clear, take_back
from routing.steps.decide import decide
from routing.steps.read_matters import KeptMatters
from schemas.city import City, load_city
from schemas.errors import Forbidden, NotFound, Refused
from schemas.http import Call, Principal, Route
from schemas.ids import CaseId, DepartmentCode
from schemas.ports import Unit
from schemas.values import Contact
from schemas.words import Kind, Language, ReviewKind, Role
from sla.core.calendar import named_calendar
from sla.core.rules import load_rules
from sla.steps.sweep import sweep
from sla.steps.urge import urge
from sla.web import exclusions
from tests.conftest import RecordingUnit
from tests.integration.clocks import NoClocks
from tests.integration.everybodys_requests import OneEntry
from tests.integration.near import Near
from tests.integration.sla.excluding import CALENDAR
from tests.integration.slices import Slices
from tests.unit.intake.messages import CONTACT, KEYS, draft, message

OWN, OTHER = DepartmentCode("market"), DepartmentCode("housing")
ACCUSED, SUPERIOR, SUBORDINATE = (DepartmentCode(code) for code in ("transport", "letters", "water"))
KIN = (ACCUSED, SUPERIOR, SUBORDINATE)
TITLE = "公交车末班车太早"
#: A complaint by its kind, a report by what it says.
ACCUSING = message(
    draft(TITLE, "交通局路政大队收钱放行超载车，请查", kind=Kind.COMPLAINT, contact=CONTACT, publish=True)
)
PLAIN = message(
    draft(TITLE, "希望公交线路延长运营时间，公交站等车的乘客很多。", contact=CONTACT, publish=True)
)
#: A report by its kind, in which a unit is named and no deed of it is told.
NAMING = message(
    draft(
        TITLE, "黑车司机乱收费，车就停在交通局旁边的院子里", kind=Kind.REPORT, contact=CONTACT, publish=True
    )
)
WHY_CLEARED = "只是说车停在旁边"
SINCE = "交通局路政大队收钱放行超载车，请查"
CASE_ID = PLAIN.codes.case_id
FILE = "0198b2c4-0000-7000-8000-00000000000a"
#: Of what everybody may read, and no word of the case itself.
_NEAR = ("/{case_id}/near", "/{case_id}/earlier")
_WORDS: dict[str, Any] = {
    "reason": "理由", "basis": "依据", "note": "已查", "response": "已修复", "text": "记录", "working_days": 5,
    "departments": [OTHER], "until": "2026-11-30", "date": "2027-02-01", "plan": "先测量，再施工。",
    "attachments": [FILE], "attachment_id": FILE, "audience": "departments", "figures": ["case"], "number": 1,
}  # fmt: skip


def _family(city: City) -> City:
    """The example city, where the accused unit has one above and one below."""
    parents = {ACCUSED: SUPERIOR, SUBORDINATE: ACCUSED}
    units = [msgspec.structs.replace(each, parent=parents.get(each.code)) for each in city.departments]
    return msgspec.structs.replace(city, departments=tuple(units))


CITY = _family(load_city())


class _Register:
    async def reveal(self, unit: Unit, case_id: CaseId) -> Contact | None:
        return CONTACT


class _NoFiles:
    """Whoever may not see the case comes to no file of it."""

    most_bytes = 1

    async def offer(self, *_: Any) -> dict[str, str]:
        """Nothing was uploaded yet."""
        return {}

    def __getattr__(self, name: str) -> Any:
        async def fail(*args: Any, **named: Any) -> None:
            raise AssertionError(f"a file was asked for: {name}")

        return fail


def _routes() -> Iterator[Route]:
    files: Any = _NoFiles()
    shared: dict[str, Any] = {"city": CITY, "contacts": _Register(), "clocks": NoClocks(), "files": files}
    shared |= {"near": Near(), "callers": SealedCallers(KEYS)}
    yield from handlers.web.api.routes(**shared, live=OneEntry())
    yield from handlers.web.pages.routes(**shared, entries=OneEntry())


def _desk_routes() -> Iterator[Route]:
    """What a department may ask about cases."""
    return (route for route in _routes() if "/entries" not in route.path)


def _exclusion_routes() -> Iterator[Route]:
    """What a department may ask of figures that leave cases out; all of it is about cases that it answered."""
    on = exclusions.ExclusionDesk(city=CITY, calendar=CALENDAR, readers=DeskReaders(), matters=KeptMatters())
    every = (*exclusions.api_routes(on), *exclusions.page_routes(on))
    return (route for route in every if Role.DEPARTMENT in route.who)


def _finding_routes() -> tuple[Route, ...]:
    """To a case by its tracking code."""
    return finding.routes(RoutedCodes(KEYS))


@pytest.fixture
def slices(unit: RecordingUnit) -> Slices:
    """All four, in the city with the family."""
    return Slices(unit, CITY)


async def _accusing_from_the_start(slices: Slices) -> None:
    """With another department, since a dispatcher chose it."""
    await slices.submit(ACCUSING)
    await decide(slices.unit, CITY, CASE_ID, Decision(version=2, category="other", lead=OWN), "li")
    await slices.carry()


async def _accusing_since(slices: Slices) -> None:
    """The accused had it, and did something with it; then the citizen said more."""
    await slices.submit(PLAIN)
    who = Principal(role=Role.DEPARTMENT, name="wang", department=ACCUSED)
    await at_desk.act(slices.unit, who, CASE_ID, Action.SIGN, Sign(version=3), CITY)
    await slices.carry()
    slices.unit.emitted_to.clear()
    found = await find_view(slices.unit.db, PLAIN.codes.tracking_code)
    assert found is not None
    await citizen.supplement(slices.unit, KEYS, found, citizen.Addition(text=SINCE))
    await slices.carry()


async def _accusing_in_an_objection(slices: Slices) -> None:
    """The accused answered; the citizen objects and says more, which nobody told them."""
    await slices.submit(PLAIN)
    who = Principal(role=Role.DEPARTMENT, name="wang", department=ACCUSED)
    await at_desk.act(slices.unit, who, CASE_ID, Action.SIGN, Sign(version=3), CITY)
    reply = Reply(version=4, note="已查", response="已办理")
    replied = await at_desk.act(slices.unit, who, CASE_ID, Action.REPLY, reply, CITY)
    await slices.carry()
    decision = Decision(version=replied.version, kind=ReviewKind.REPLY, accept=True)
    await decide(slices.unit, CITY, CASE_ID, decision, "li")
    await slices.carry()
    found = await find_view(slices.unit.db, PLAIN.codes.tracking_code)
    assert found is not None
    await citizen.object_to_outcome(slices.unit, KEYS, found, reason=SINCE)
    await slices.carry()
    assert SINCE not in repr(slices.unit.emitted_to)
    slices.unit.emitted_to.clear()


async def _chosen_again(slices: Slices) -> None:
    """And a dispatcher gave it to somebody else."""
    await _accusing_since(slices)
    version = await slices.unit.db.fetchval(
        "SELECT version FROM routing.review_item WHERE case_id = $1 AND state = 'open'", CASE_ID
    )
    await decide(slices.unit, CITY, CASE_ID, Decision(version=version, category="other", lead=OWN), "li")
    await slices.carry()


SCENES = {
    scene.__name__.strip("_"): scene
    for scene in (_accusing_from_the_start, _accusing_since, _accusing_in_an_objection, _chosen_again)
}


async def _ask(
    unit: RecordingUnit, route: Route, department: DepartmentCode, **query: str
) -> str | type[Refused]:
    """What the route shows that department, as text; or how it refuses."""
    version = await unit.db.fetchval("SELECT version FROM handlers.case WHERE case_id = $1", CASE_ID)
    fields = {**_WORDS, "version": version}
    call = Call(
        principal=Principal(role=Role.DEPARTMENT, name="wang", department=department), language=Language.ZH,
        path={"case_id": CASE_ID}, headers={}, address="10.0.0.1", unit_or_none=unit,
        body=msgspec.convert(fields, route.body) if route.body else None,
        query=route.query(**query) if route.query else None,
        form={name: str(value) for name, value in fields.items()} if route.method == "POST" else {},
    )  # fmt: skip
    try:
        return repr(await route.answer(call))
    except Refused as refusal:
        return type(refusal)


@pytest.mark.parametrize("department", [OTHER, *KIN])
@pytest.mark.parametrize("scene", SCENES)
async def test_nothing_is_shown_to_whom_it_may_not_reach(
    slices: Slices, scene: str, department: DepartmentCode
) -> None:
    """Lists and pages without it; each way to one case, or to do something with it, knows no such case."""
    await SCENES[scene](slices)
    for route in _desk_routes():
        answer = await _ask(slices.unit, route, department)
        if "{case_id}" in route.path:
            assert NotFound is answer, route.path
        else:
            assert isinstance(answer, str)
            assert TITLE not in answer
            assert CASE_ID not in answer


@pytest.mark.parametrize("scene", ["accusing_from_the_start", "chosen_again"])
async def test_whoever_has_it_sees_it_and_spreads_nothing(slices: Slices, scene: str) -> None:
    """All of it but the contact; and nobody is asked for support, whoever it is."""
    await SCENES[scene](slices)
    for route in _desk_routes():
        if route.method == "GET" and not route.path.endswith(_NEAR):
            answer = await _ask(slices.unit, route, OWN)
            assert TITLE in answer  # type: ignore[operator]  # a refusal fails, too
            # Not even who had it before it was taken back; a page offers every unit of the city in its forms.
            assert route.page or not set(KIN) & set(str(answer).split("'"))
        elif route.path.endswith("/contact"):
            answer = await _ask(slices.unit, route, OWN)
            # A page shows the case as it is, with the refusal; the contact is in neither.
            assert answer is Forbidden or "status=403" in str(answer)
            assert "Contact(" not in str(answer)
    for department in (OTHER, *KIN):
        _WORDS["departments"] = [department]
        for action in ("co-handle", "ask-part"):
            [route] = [r for r in _desk_routes() if r.path.endswith(f"/actions/{action}")]
            assert not isinstance(await _ask(slices.unit, route, OWN), str)


@pytest.mark.parametrize("scene", SCENES)
async def test_nobody_has_it_left_out_of_figures(slices: Slices, scene: str) -> None:
    """It stands in none; whoever asks is told of no such case, and reads of it on no list."""
    await SCENES[scene](slices)
    for route in _exclusion_routes():
        for department in (OTHER, *KIN):
            answer = await _ask(slices.unit, route, department)
            refused = isinstance(answer, type)
            assert refused or TITLE not in answer, route.path  # type: ignore[operator]  # a refusal is a type
            if "{case_id}" in route.path and route.method == "GET":
                assert answer is NotFound, route.path


@pytest.mark.parametrize("scene", SCENES)
async def test_its_tracking_code_leads_nobody_to_it(slices: Slices, scene: str) -> None:
    """But whoever has it; to all others the page is that of a code that belongs to no case."""
    await SCENES[scene](slices)
    (route,) = _finding_routes()
    code = PLAIN.codes.tracking_code
    answers = [await _ask(slices.unit, route, department, code=code) for department in (OTHER, *KIN)]
    has_it = str(await _ask(slices.unit, route, OWN, code=code))
    assert (CASE_ID in has_it) == (scene in ("accusing_from_the_start", "chosen_again"))

    await slices.unit.db.execute("UPDATE routing.case SET tracking_code = 'another'")
    nowhere = await _ask(slices.unit, route, OWN, code=code)
    assert "status=404" in str(nowhere)
    assert [nowhere] * len(answers) == answers


@pytest.mark.parametrize("scene", SCENES)
async def test_no_entry_is_made_of_it(slices: Slices, scene: str) -> None:
    """Closed and answered, too; whoever asks, and the department that has it."""
    await SCENES[scene](slices)
    await slices.unit.db.execute(
        "UPDATE handlers.case SET state = 'closed', response = '已查' WHERE case_id = $1", CASE_ID
    )
    [new] = [route for route in _routes() if route.path == "/desk/entries/new" and route.method == "GET"]

    for department in (OWN, OTHER, *KIN):
        assert NotFound is await _ask(slices.unit, new, department, case_id=CASE_ID)
        assert "no" == await entries.may_make(slices.unit, department, CASE_ID)


async def test_a_cleared_unit_alone_gets_the_case(slices: Slices) -> None:
    """Not who is above or below it; and it reads neither that it was cleared, nor why, nor whom else the case accuses."""
    await slices.submit(NAMING)
    found = Clear(version=2, departments=(ACCUSED,), reason=WHY_CLEARED)
    await clear(slices.unit, CASE_ID, found, Principal(role=Role.DISPATCHER, name="li-of-the-centre"))
    await decide(slices.unit, CITY, CASE_ID, Decision(version=2, category="other", lead=ACCUSED), "zhao")
    await slices.carry()

    for route in _desk_routes():
        for department in (OTHER, SUPERIOR, SUBORDINATE):
            answer = await _ask(slices.unit, route, department)
            assert answer is NotFound or TITLE not in answer, route.path  # type: ignore[operator]  # a refusal fails
        if route.method == "GET" and not route.path.endswith(_NEAR):
            answer = str(await _ask(slices.unit, route, ACCUSED))
            assert TITLE in answer
            assert not [told for told in (WHY_CLEARED, "li-of-the-centre", "cleared") if told in answer]
    assert {ACCUSED} == {department for department, _ in slices.unit.emitted_to}
    assert WHY_CLEARED not in repr(slices.unit.emitted_to)
    log = await slices.unit.db.fetchval("SELECT detail FROM handlers.log WHERE case_id = $1", CASE_ID)
    assert WHY_CLEARED in log


async def test_a_unit_that_is_cleared_no_more_loses_the_case(slices: Slices) -> None:
    """Signed for or not: it has no such case, and is told nothing; the log says that it was taken back."""
    await slices.submit(NAMING)
    found = Clear(version=2, departments=(ACCUSED,), reason=WHY_CLEARED)
    await clear(slices.unit, CASE_ID, found, Principal(role=Role.DISPATCHER, name="li"))
    await decide(slices.unit, CITY, CASE_ID, Decision(version=2, category="other", lead=ACCUSED), "zhao")
    await slices.carry()
    who = Principal(role=Role.DEPARTMENT, name="wang", department=ACCUSED)
    await at_desk.act(slices.unit, who, CASE_ID, Action.SIGN, Sign(version=4), CITY)
    await slices.carry()
    slices.unit.emitted_to.clear()
    back = Clear(version=3, departments=(ACCUSED,), reason="车就是它的")
    await take_back(slices.unit, CASE_ID, back, Principal(role=Role.DISPATCHER, name="zhao"))
    await slices.carry()

    for route in _desk_routes():
        answer = await _ask(slices.unit, route, ACCUSED)
        assert answer is NotFound if "{case_id}" in route.path else TITLE not in answer, route.path  # type: ignore[operator]  # a refusal fails
    assert [] == slices.unit.emitted_to
    last = await slices.unit.db.fetchrow(
        "SELECT action, to_state, detail FROM handlers.log WHERE case_id = $1 ORDER BY seq DESC LIMIT 1",
        CASE_ID,
    )
    assert ("protect", "in_review", "{}") == tuple(last)


@pytest.mark.parametrize("scene", SCENES)
async def test_topics_are_silent(slices: Slices, scene: str) -> None:
    """Whatever happens later: the citizen adds something, deadlines pass, a supervisor urges."""
    await SCENES[scene](slices)
    unit = slices.unit
    found = await find_view(unit.db, PLAIN.codes.tracking_code)
    assert found is not None
    await citizen.supplement(unit, KEYS, found, citizen.Addition(text="还有录像"))
    await slices.carry()
    unit.now += timedelta(days=60)
    while await sweep(unit, rules=load_rules(), calendar=named_calendar("china")):
        await slices.carry()
    await urge(unit, CASE_ID, by="sun", note="请抓紧", rules=load_rules(), calendar=named_calendar("china"))
    await slices.carry()

    told = {department for department, _ in unit.emitted_to}
    assert told == ({OWN} if scene in ("accusing_from_the_start", "chosen_again") else set())
    assert "accused=('" not in repr(unit.emitted_to)


async def test_nothing_of_it_is_published(slices: Slices) -> None:
    """Though its citizen said yes, before they knew better, and it calls itself a complaint."""
    await _accusing_from_the_start(slices)
    who = Principal(role=Role.DEPARTMENT, name="wang", department=OWN)
    await at_desk.act(slices.unit, who, CASE_ID, Action.SIGN, Sign(version=4), CITY)
    reply = Reply(version=5, note="已查", response="已移交")
    replied = await at_desk.act(slices.unit, who, CASE_ID, Action.REPLY, reply, CITY)
    await slices.carry()
    decision = Decision(version=replied.version, kind=ReviewKind.REPLY, accept=True)
    await decide(slices.unit, CITY, CASE_ID, decision, "li")
    await slices.carry()
    found = await find_view(slices.unit.db, PLAIN.codes.tracking_code)

    assert found is not None
    assert "已移交" == found.response
    for table in ("published", "withheld"):
        assert 0 == await slices.unit.db.fetchval(f"SELECT count(*) FROM intake.{table}")  # noqa: S608  two constants


def test_no_other_table_of_routes_lets_a_department_in() -> None:
    """Of all that the web process answers: what a department may ask is in the matrix above, or of its own entries."""
    asked = {(route.method, route.path) for route in every_route() if Role.DEPARTMENT in route.who}
    in_the_matrix = {(route.method, route.path) for route in _desk_routes()}

    left_out = {(route.method, route.path) for route in (*_exclusion_routes(), *_finding_routes())}
    of_no_case = {("GET", "/password"), ("POST", "/password")}
    assert in_the_matrix | left_out | of_no_case == {
        (method, path) for method, path in asked if "/entries" not in path
    }
    assert {frozenset({Role.DEPARTMENT})} == {route.who for route in _desk_routes()}
