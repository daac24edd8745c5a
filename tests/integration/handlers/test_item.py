"""The item of a case at the desk."""

import pytest

from handlers.steps import assign
from schemas.city import load_city
from schemas.ids import ItemCode
from schemas.reasons import by_catalogue
from schemas.words import Language
from tests.conftest import RecordingUnit
from tests.integration.handlers.test_pages import Clerk
from tests.unit.handlers.making import HOUSING, routed

CITY = load_city()


@pytest.mark.parametrize(
    ("language", "item", "rule"),
    [
        (Language.ZH, "路灯照明", "按派单目录：路灯照明"),
        (Language.EN, CITY.item["street-light"].en, "By the dispatch catalogue: "),
    ],
)
async def test_the_item_and_why_it_came_are_said_in_the_readers_language(
    unit: RecordingUnit, language: Language, item: str, rule: str
) -> None:
    """In the facts of the case, with its code, and in its history."""
    told = by_catalogue(CITY.item["street-light"])
    event = routed(item=ItemCode("street-light"), basis=told.words, reasons=(told,))
    await assign.open_cases(unit, [event])
    html = await Clerk(unit, HOUSING, language).open(f"/desk/{event.case_id}")

    assert f'<span title="street-light">{item}</span>' in html
    assert rule in html


@pytest.mark.parametrize(("seal", "item"), [(b"\x03older", None), (b"\x04newer", "street-light")])
async def test_a_change_by_the_release_before_leaves_no_item_that_its_seal_does_not_cover(
    unit: RecordingUnit, seal: bytes, item: str | None
) -> None:
    """It knows no such column; verified by this release, its case would look tampered with."""
    event = routed(item=ItemCode("street-light"))
    await assign.open_cases(unit, [event])
    await unit.db.execute(
        "UPDATE handlers.case SET note = 'x', log_seal = $2 WHERE case_id = $1", event.case_id, seal
    )

    assert item == await unit.db.fetchval("SELECT item FROM handlers.case WHERE case_id = $1", event.case_id)


async def test_what_changes_no_seal_keeps_the_item(unit: RecordingUnit) -> None:
    """A clock that runs out, for one."""
    event = routed(item=ItemCode("street-light"))
    await assign.open_cases(unit, [event])
    await unit.db.execute("UPDATE handlers.case SET overdue = true WHERE case_id = $1", event.case_id)

    found = await unit.db.fetchval("SELECT item FROM handlers.case WHERE case_id = $1", event.case_id)
    assert found == "street-light"
