"""The form that urges or supervises has a field of one of its two buttons: the other one drops nothing of it."""

from datetime import timedelta

import pytest

from schemas.events.sla import CaseUrged
from schemas.words import Language
from sla.steps.urge import MOST_URGES_A_DAY, UrgedEnough
from sla.steps.urge_many import urge_many
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


async def test_a_case_is_urged_some_times_a_day_and_no_more(sla: Sla) -> None:
    """Each is a letter; on the next day it is urged again, and another case all the while."""
    desk = Desk(sla)
    case, other = fresh_case(), fresh_case()
    await sla.hear(assigned(case), assigned(other))
    path = "/api/v1/sla/cases/{case_id}/urge"
    for _ in range(MOST_URGES_A_DAY):
        await desk.call("POST", path, case_id=case)
    with pytest.raises(UrgedEnough):
        await desk.call("POST", path, case_id=case)
    (outcome,) = await urge_many(
        sla.unit,
        [case],
        by="zhao",
        note="",
        supervised=False,
        day=None,
        rules=sla.rules,
        calendar=sla.calendar,
    )
    assert isinstance(outcome.refusal, UrgedEnough)
    await desk.call("POST", path, case_id=other)
    sla.unit.now += timedelta(days=1)
    await desk.call("POST", path, case_id=case)
