"""The form that urges or supervises has a field of one of its two buttons: the other one drops nothing of it."""

import pytest

from schemas.events.sla import CaseUrged
from schemas.words import Language
from tests.integration.sla.events import Sla, assigned
from tests.integration.sla.test_watching import Desk
from tests.unit.handlers.making import fresh_case


@pytest.mark.parametrize("language", Language)
async def test_a_day_for_the_report_is_not_lost_by_urging(sla: Sla, language: Language) -> None:
    """The key Enter in its field presses the first button: nobody is urged, and the page says which one sets a day."""
    case = fresh_case()
    await sla.hear(assigned(case))
    form = {"note": "请限期回报", "until": "2026-11-30"}
    page = await Desk(sla).call(
        "POST", "/watch/cases/{case_id}/urge", case_id=case, form=form, language=language
    )

    assert (422, *form.values()) == (page.status, page.context["note"], page.context["until"])
    assert language.choose("请点“督办”", "press “Supervise”") in page.context["errors"].by_field["until"]
    assert [] == [event for event in sla.unit.emitted if isinstance(event, CaseUrged)]
