"""The days that a form takes stand beside its field."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from schemas.words import Language
from tests.conftest import RecordingUnit
from tests.integration.handlers.test_pages import Clerk, opened
from tests.unit.handlers.making import HOUSING, TRANSPORT

#: Each form with a day: its field, and what else it asks for.
FORMS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "ask": ("until", {"text": "哪一盏"}),
    "suspend": ("until", {"reason": "等材料", "basis": "鉴定合同"}),
    "promise": ("date", {"plan": "先订购", "reason": "招标", "basis": "计划"}),
    "ask-part": ("until", {"departments": TRANSPORT, "text": "请核实"}),
}


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("form", FORMS)
async def test_a_form_names_the_days_that_it_takes(
    unit: RecordingUnit, form: str, language: Language
) -> None:
    """For people and for the calendar of their browser; those are taken, and the days beside them refused."""
    name, words = FORMS[form]
    db: Any = unit.db
    for edge, step, status in ((0, 0, 200), (1, 0, 200), (1, 1, 422), (0, -1, 422)):
        clerk = Clerk(unit, HOUSING, language)
        case_id = await opened(unit, supporting=(TRANSPORT,))
        due = unit.now + timedelta(days=5)
        await db.execute("UPDATE handlers.case SET due_at = $2 WHERE case_id = $1", case_id, due)
        await clerk.open(f"/desk/{case_id}")
        await clerk.send("/sign")
        (field,) = re.findall(rf'<input[^>]* id="{form}-{name}"[^>]*>', clerk.html)
        days = [date.fromisoformat(each) for each in re.findall(r'm(?:in|ax)="([0-9-]+)"', field)]
        said = language.choose("{} 至 {} 之间的一天。", "A day from {} to {}.").format(*days)
        (hint,) = re.findall(rf'id="{form}-{name}-hint">([^<]*)</div>', clerk.html)
        assert hint.endswith(said)
        assert f'aria-describedby="{form}-{name}-hint"' in field

        await clerk.send(f"/{form}", **words, **{name: (days[edge] + timedelta(days=step)).isoformat()})
        assert status == clerk.status
