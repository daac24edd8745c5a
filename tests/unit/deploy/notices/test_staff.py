"""Whether staff are still told, and where they are sent."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from deploy.notices import endpoints, staff
from deploy.notices.endpoints import Endpoint
from schemas.ids import CaseId, DepartmentCode
from schemas.notices import Audience, KeptNotice, Message, NoticeChannel, NotSent, Occasion
from schemas.words import Language

HOUSING = DepartmentCode("housing")
#: A working day's morning.
NOW = datetime(2026, 11, 26, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("occasion", "is_theirs", "is_told"),
    [
        (Occasion.EXCLUSION_DECIDED, True, True),
        (Occasion.EXCLUSION_DECIDED, False, False),
        (Occasion.NEW_CASE, True, False),
    ],
)
async def test_a_decision_reaches_who_asked_after_the_case_moved(
    monkeypatch: pytest.MonkeyPatch, occasion: Occasion, *, is_theirs: bool, is_told: bool
) -> None:
    """They may appeal for some days; without the code, since another has the case. Of anything else they hear no more."""
    address = Endpoint(
        id="1", audience=Audience.DEPARTMENT, department=HOUSING, channel=NoticeChannel.EMAIL,
        address="housing@city.example", language=Language.ZH,
    )  # fmt: skip
    notice = KeptNotice(
        id="1", occasion=occasion, audience=Audience.DEPARTMENT, channel=NoticeChannel.EMAIL, at=NOW, attempts=0,
        case_id=CaseId("0198b2c4-0000-7000-8000-000000000001"), department=HOUSING, endpoint_id="1",
        facts={"exclusion": "1", "step": "2"},
    )  # fmt: skip

    async def find(*_: object) -> Endpoint:
        return address

    async def standing_of(*_: object) -> NotSent:
        return NotSent("moved")

    async def concerns(_unit: object, _case_id: CaseId, number: int, department: DepartmentCode) -> bool:
        return is_theirs and (number, department) == (1, HOUSING)

    monkeypatch.setattr(endpoints, "find", find)
    monkeypatch.setattr(staff, "standing_of", standing_of)
    monkeypatch.setattr(staff, "concerns", concerns)
    wording = staff.StaffWording(
        zone=ZoneInfo("Asia/Shanghai"), public_url="https://city.example", now=lambda: NOW
    )
    unit: Any = type("Unit", (), {"db": None})()
    made = await wording.compose(unit, notice)

    assert is_told is isinstance(made, Message)
    if isinstance(made, Message):
        assert "https://city.example/exclusions\n" in made.text
        assert "查询号" not in made.text
    else:
        assert NotSent("moved") == made
