"""A case under supervision, and what those who have to do with it do, for tests of orders."""

from datetime import date
from typing import Any

from handlers.core.actions.reply import Reply
from handlers.core.actions.report_back import Report
from handlers.core.actions.sign import Sign
from handlers.core.rules import Action
from handlers.steps import act_on_case as at_desk
from handlers.steps.read_cases import read_case
from intake.steps import act_on_case as citizen
from intake.store.view import find_view
from routing.core.decisions.review import Decision
from routing.steps.decide import decide
from schemas.city import load_city
from schemas.events.sla import CaseUrged
from schemas.http import Principal
from schemas.ids import DepartmentCode
from schemas.words import Clock, ReviewKind, Role
from sla.core.calendar import named_calendar
from sla.core.rules import load_rules
from sla.steps.urge import urge
from sla.store import supervision
from tests.conftest import RecordingUnit
from tests.integration.slices import Slices
from tests.unit.intake.messages import KEYS, draft, message

CITY, LEAD, OTHER = load_city(), DepartmentCode("transport"), DepartmentCode("housing")
SAID = message(draft("公交车末班车太早", "希望公交线路延长运营时间，公交站等车的乘客很多。"))
ANOTHER = message(draft("公交车末班车太早", "请延长公交线路的运营时间，乘客等得很久。"), entropy=b"a" * 32)
CASE = SAID.codes.case_id
BY: dict[str, Any] = {"by": "sun", "rules": load_rules(), "calendar": named_calendar("china")}
ASKS = "说明末班车时间为何不改"


async def signed_case(unit: RecordingUnit) -> Slices:
    """The four slices with a case that its department has signed for."""
    slices = Slices(unit, CITY)
    await slices.submit(SAID)
    await act(slices, Action.SIGN, Sign(version=3))
    return slices


async def act(slices: Slices, action: Action, body: Any, department: DepartmentCode = LEAD) -> Any:
    """The department acts, and all of it is heard."""
    who = Principal(role=Role.DEPARTMENT, name="wang", department=department)
    done = await at_desk.act(slices.unit, who, CASE, action, body, CITY)
    await slices.carry()
    return done


async def order(slices: Slices, note: str = ASKS, day: date | None = None) -> CaseUrged:
    """A supervisor puts the case under supervision."""
    event = await urge(slices.unit, CASE, note=note, supervised=True, day=day, **BY)
    await slices.carry()
    return event


async def report(slices: Slices, text: str = "已与公交公司商定") -> None:
    """The department reports back."""
    case = await read_case(slices.unit, LEAD, CASE)
    await act(slices, Action.REPORT_BACK, Report(version=case.version, text=text))


async def reply(slices: Slices) -> None:
    """The department replies."""
    reply = Reply(version=(await read_case(slices.unit, LEAD, CASE)).version, note="已查", response="已延长")
    await act(slices, Action.REPLY, reply)


async def approve(slices: Slices) -> None:
    """A dispatcher approves the reply."""
    version = (await read_case(slices.unit, LEAD, CASE)).version
    await decide(slices.unit, CITY, CASE, Decision(version=version, kind=ReviewKind.REPLY, accept=True), "li")
    await slices.carry()


async def answer_case(slices: Slices) -> None:
    """Replied and approved."""
    await reply(slices)
    await approve(slices)


async def accuse_case(slices: Slices) -> None:
    """Its citizen adds whom it accuses: no department has it any more."""
    found = await find_view(slices.unit.db, SAID.codes.tracking_code)
    assert found is not None
    accuses = citizen.Addition(text="交通局路政大队收钱放行超载车，请查")
    await citizen.supplement(slices.unit, KEYS, found, accuses)
    await slices.carry()


async def clock_of(slices: Slices, clock: Clock) -> Any:
    """A clock's row."""
    return await slices.unit.db.fetchrow(
        "SELECT * FROM sla.clock WHERE case_id = $1 AND clock = $2", CASE, clock
    )


async def orders_of(slices: Slices) -> list[tuple[int, str]]:
    """Number and state of each."""
    return [(each.number, each.state) for each in await supervision.orders_of(slices.unit.db, CASE)]
