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
