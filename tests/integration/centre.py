"""The four slices with one enquiry, and dispatchers who answer it directly."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from intake.steps.entries import KeptEntries
from routing.core.decisions.review import Decision, DirectAnswer
from routing.steps.decide import decide
from schemas.city import load_city
from schemas.event import Event
from schemas.events.knowledge import EntryPublished
from schemas.ids import CaseId, DepartmentCode
from schemas.values import EntryContent
from schemas.words import Kind
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
