"""A closed case whose citizen is called back, and what those who have to do with it do, for tests of call-backs."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from deploy.composition.callees import KnownCallees
from handlers.core.actions.sign import Sign
from handlers.core.rules import Action
from intake.core.following.view import View
from intake.steps.reveal import SealedContacts
from intake.store.view import find_view
from schemas.event import Event
from schemas.http import Principal
from schemas.ids import CaseId
from schemas.values import Contact
from schemas.words import Role
from sla.core.call_backs import CallBack, CallResult
from sla.steps.call_backs import draw_call_backs, list_to_call, record, show_contact
from sla.store import call_backs as store
from tests.conftest import RecordingUnit
from tests.integration.sla.ordering import (
    BY,
    CITY,
    act,
    answer_case,
)
from tests.integration.slices import Slices
from tests.unit.intake.messages import KEYS, draft, message

PHONE = Contact(name="王小明", phone="13800138000", hours="晚上七点后")
SAID = ("公交车末班车太早", "希望公交线路延长运营时间，公交站等车的乘客很多。")
WU = Principal(role=Role.DISPATCHER, name="wu")
KNOW: dict[str, Any] = {"rules": BY["rules"], "calendar": BY["calendar"]}
LOOK: dict[str, Any] = {
    "callees": KnownCallees(KEYS),
    "contacts": SealedContacts(keys=KEYS),
    "calendar": BY["calendar"],
}
ASK: dict[str, Any] = {"callees": KnownCallees(KEYS), "contacts": SealedContacts(keys=KEYS)}
SETTLED = CallResult(reached=True, contacted=True, solved="yes", satisfied=True)
UNSETTLED = CallResult(
    reached=True, contacted=False, solved="no", satisfied=False, note="末班车还是九点，住东湖路8号"
)
IN_VAIN = CallResult(reached=False, why_not="no_answer")


async def closed_case(unit: RecordingUnit, contact: Contact = PHONE, **more: Any) -> tuple[Slices, CaseId]:
    """The case of a citizen who left this, answered and closed."""
    said = message(draft(*SAID, contact=contact, **more))
    slices = Slices(unit, CITY)
    await slices.submit(said)
    await act(slices, Action.SIGN, Sign(version=3))
    await answer_case(slices)
    return slices, said.codes.case_id


async def draw_day(slices: Slices, days: int = 1) -> list[Event]:
    """That many days later, everything of before being heard."""
    slices.unit.now += timedelta(days=days)
    await draw_call_backs(
        slices.unit, callees=ASK["callees"], lot_key=b"k" * 32, reached=slices.unit.now, **KNOW
    )
    return await slices.carry()


async def written(slices: Slices, result: CallResult, who: Principal = WU, number: int = 1) -> list[Event]:
    """A dispatcher writes down what came of a call, and all of it is heard; for one in vain they have the number."""
    if not result.reached:
        await show_contact(slices.unit, who, CASE, **LOOK)
    await record(slices.unit, who, CASE, number, result, **ASK, **KNOW)
    return await slices.carry()


CASE = message(draft(*SAID, contact=PHONE)).codes.case_id
CODE = message(draft(*SAID, contact=PHONE)).codes.tracking_code


async def seen(slices: Slices) -> View:
    """The case as its citizen sees it."""
    found = await find_view(slices.unit.db, CODE)
    assert found is not None
    return found


async def calls(slices: Slices) -> Sequence[CallBack]:
    """Every call-back of the case."""
    return await store.of_case(slices.unit.db, CASE)


async def listed(slices: Slices, who: Principal = WU) -> list[CaseId]:
    """Whom this dispatcher may call."""
    items, _ = await list_to_call(slices.unit, who, cursor=None, limit=20)
    return [each.case_id for each in items]
