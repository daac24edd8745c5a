"""What the watch pages say to whoever did something there."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

import asyncpg
import pytest

from schemas.events.supervision import OrderReported
from schemas.http import Redirect
from schemas.ids import CaseId
from schemas.words import Language
from sla.steps.urge import accept_report, urge
from sla.store import supervision
from tests.conftest import RecordingUnit
from tests.integration.sla.events import Sla, assigned
from tests.integration.sla.test_watching import Desk, _shown
from tests.unit.handlers.making import HOUSING, MONDAY, fresh_case


async def report_on_order(db: Any, case: CaseId, now: datetime) -> None:
    """A supervisor gave an order, and its department has reported."""
    await supervision.give(db, case, by="sun", text="请说明", until=None, now=now)
    said = OrderReported(case_id=case, version=4, at=now, order=1, department=HOUSING, text="已办")
    assert {case} == await supervision.note_reports(db, [said])


async def _accept(desk: Desk, case: CaseId) -> Any:
    return await desk.call("POST", "/watch/cases/{case_id}/accept", case_id=case, form={"note": ""})


async def test_an_accepted_report_is_said_to_be(sla: Sla) -> None:
    """On the case's page, where the button was; the way back to the list says it no more."""
    desk, case = Desk(sla), fresh_case()
    await sla.hear(assigned(case))
    await report_on_order(sla.unit.db, case, sla.unit.now)

    done = await _accept(desk, case)

    assert isinstance(done, Redirect)
    path, _, query = done.to.partition("?")
    assert path == f"/watch/cases/{case}"
    page = await desk.call("GET", "/watch/cases/{case_id}", case_id=case, query=dict(parse_qsl(query)))
    html = _shown(sla.city, page, Language.ZH)
    assert "已接受回报。" in html
    assert 'href="/watch" class="govuk-back-link"' in html


async def test_a_report_is_accepted_once(sla: Sla) -> None:
    """A second tab reads the same, and nothing is written down anew; whoever was asked again meanwhile is not let off."""
    desk, case = Desk(sla), fresh_case()
    await sla.hear(assigned(case))
    await report_on_order(sla.unit.db, case, sla.unit.now)

    assert await _accept(desk, case) == await _accept(desk, case)
    assert 1 == await _times_followed_up(sla.unit.db, case)

    await urge(sla.unit, case, by="sun", rules=sla.rules, calendar=sla.calendar, supervised=True)
    refused = await _accept(desk, case)
    assert 409 == refused.status
    assert "当前状态不能进行此操作。" in _shown(sla.city, refused, Language.ZH)
    assert 1 == await _times_followed_up(sla.unit.db, case)


@pytest.fixture
async def tabs(schema: str) -> AsyncIterator[tuple[Any, Any]]:
    """Two connections that commit."""
    connections = [await asyncpg.connect(schema) for _ in range(2)]
    yield connections[0], connections[1]
    for connection in connections:
        await connection.close()


async def test_two_tabs_at_once_accept_once(sla: Sla, tabs: tuple[Any, Any]) -> None:
    """The second waits for the first, and finds it done."""
    case, both_in = fresh_case(), asyncio.Barrier(2)
    async with tabs[0].transaction():
        await tabs[0].execute('INSERT INTO sla."case" (case_id, version) VALUES ($1, 3)', case)
        await report_on_order(tabs[0], case, MONDAY)

    async def accept(connection: Any) -> bool:
        async with connection.transaction():
            await both_in.wait()
            unit = RecordingUnit(connection, MONDAY)
            return await accept_report(unit, case, by="sun", rules=sla.rules, calendar=sla.calendar) is None

    repeats = await asyncio.gather(accept(tabs[0]), accept(tabs[1]))
    times = await _times_followed_up(tabs[0], case)
    for table in ('"case"', "supervision", "history"):
        await tabs[0].execute(f"DELETE FROM sla.{table} WHERE case_id = $1", case)  # noqa: S608  of the names above

    assert [False, True] == sorted(repeats)
    assert 1 == times


async def _times_followed_up(db: Any, case: CaseId) -> int:
    times: int = await db.fetchval(
        "SELECT count(*) FROM sla.history WHERE case_id = $1 AND what = 'followed up'", case
    )
    return times
