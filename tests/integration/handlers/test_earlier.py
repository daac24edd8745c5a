"""Beside a case at the desk: the other cases from its telephone, of those that the department sees itself."""

from typing import Any

import pytest

from handlers.steps import assign
from handlers.web import pages
from schemas.ids import CaseId, DepartmentCode
from schemas.words import Kind, Language
from tests.conftest import RecordingUnit
from tests.integration.handlers.test_pages import CITY, Clerk, Register, opened
from tests.integration.routing.test_callers import Known
from tests.unit.handlers.making import HOUSING, TRANSPORT, routed

WATER = DepartmentCode("water")
HEADING = {Language.ZH: "同一电话的其他件（{}）", Language.EN: "Other cases from this telephone ({})"}


class _Reader(Clerk):
    """A clerk whose desk knows who wrote before; and what it noted as shown."""

    def __init__(
        self, unit: RecordingUnit, *ids: CaseId, department: DepartmentCode = HOUSING, **more: Any
    ) -> None:
        super().__init__(unit, department, **more)
        self.routes = pages.routes(city=CITY, contacts=Register(), callers=Known(*ids))

    async def titles(self, case_id: CaseId) -> list[str]:
        """What the panel beside that case names, and nothing more of it stands on the page."""
        html = await self.open(f"/desk/{case_id}")
        panel = html.partition('id="earlier"')[2].partition("</ul>")[0]
        return [each for each in ("甲件", "乙件", "丙件", "丁件") if each in panel]


async def _opened_as(unit: RecordingUnit, title: str, **fields: Any) -> CaseId:
    event = routed(title=title, **fields)
    await assign.open_cases(unit, [event])
    return event.case_id


@pytest.mark.parametrize("language", Language)
async def test_a_clerk_sees_that_the_same_citizen_wrote_before(
    unit: RecordingUnit, language: Language
) -> None:
    """What the department leads or supports, ended or not, by link and number; what others have is not even counted."""
    here = await opened(unit, title="此件")
    led = await _opened_as(unit, "甲件")
    supported = await _opened_as(unit, "乙件", lead=TRANSPORT, supporting=(HOUSING,))
    elsewhere = await _opened_as(unit, "丙件", lead=WATER)
    ended = await _opened_as(unit, "丁件")
    db: Any = unit.db
    await db.execute("UPDATE handlers.case SET state = 'closed', closed_at = now() WHERE case_id = $1", ended)
    clerk = _Reader(unit, here, led, supported, elsewhere, ended, language=language)

    assert ["甲件", "乙件", "丁件"] == await clerk.titles(here)
    assert HEADING[language].format(3) in clerk.html
    assert f'href="/desk/{supported}"' in clerk.html
    await clerk.send("/note", text="")
    assert 422 == clerk.status
    assert HEADING[language].format(3) in clerk.html, "beside a refused form, too"
    alone = _Reader(unit, here, elsewhere, language=language)
    assert [] == await alone.titles(here)
    assert 'id="earlier"' not in alone.html
    assert ["甲件"] == await _Reader(unit, here, led, supported, department=HOUSING).titles(supported)


PRIVATE: list[dict[str, Any]] = [
    {"confidential": True},
    {"protected": True},
    {"kind": Kind.REPORT},
    {"protected": True, "accused": (WATER,)},
]


@pytest.mark.parametrize("kept", PRIVATE)
async def test_what_is_kept_is_named_beside_nothing(unit: RecordingUnit, kept: dict[str, Any]) -> None:
    """Although the department has it: that both are one person's would tell who wrote; nor is anything named beside it."""
    here, private = await opened(unit, title="甲件"), await _opened_as(unit, "乙件", **kept)
    for case_id in (here, private):
        clerk = _Reader(unit, here, private)
        assert [] == await clerk.titles(case_id)
        assert 200 == clerk.status
        assert 'id="earlier"' not in clerk.html


@pytest.mark.parametrize(
    "change", ["withheld = true", "accused = ARRAY['housing']", "lead = 'water'", "protected = true"]
)
async def test_what_the_department_sees_no_more_is_gone_from_there(unit: RecordingUnit, change: str) -> None:
    """At once, with the change that takes it away."""
    here, other = await opened(unit, title="甲件"), await _opened_as(unit, "乙件")
    clerk = _Reader(unit, here, other)
    assert ["乙件"] == await clerk.titles(here)
    db: Any = unit.db
    await db.execute(f"UPDATE handlers.case SET {change} WHERE case_id = $1", other)  # noqa: S608  of this test
    assert [] == await clerk.titles(here)


async def test_beside_what_has_ended_nothing_is_named(unit: RecordingUnit) -> None:
    """Whose contact details nobody may ask for any more, and where none were left: the number is of no more use."""
    ended, nameless = await opened(unit, title="甲件"), await _opened_as(unit, "丙件", has_contact=False)
    other = await _opened_as(unit, "乙件")
    db: Any = unit.db
    await db.execute("UPDATE handlers.case SET state = 'closed', closed_at = now() WHERE case_id = $1", ended)
    clerk = _Reader(unit, ended, nameless, other)

    assert ([], []) == (await clerk.titles(ended), await clerk.titles(nameless))
