"""What the watch pages say to whoever did something there."""

from urllib.parse import parse_qsl

from schemas.http import Redirect
from schemas.words import Language
from tests.integration.sla.events import Sla, assigned
from tests.integration.sla.test_watching import Desk, _shown
from tests.unit.handlers.making import fresh_case


async def test_an_accepted_report_is_said_to_be(sla: Sla) -> None:
    """On the case's page, where the button was; the way back to the list says it no more."""
    desk, case = Desk(sla), fresh_case()
    await sla.hear(assigned(case))

    done = await desk.call("POST", "/watch/cases/{case_id}/accept", case_id=case, form={"note": ""})

    assert isinstance(done, Redirect)
    path, _, query = done.to.partition("?")
    assert path == f"/watch/cases/{case}"
    page = await desk.call("GET", "/watch/cases/{case_id}", case_id=case, query=dict(parse_qsl(query)))
    html = _shown(sla.city, page, Language.ZH)
    assert "已接受回报。" in html
    assert 'href="/watch" class="govuk-back-link"' in html
