"""`huiyin calendar import`: the days are kept, and what was provisional moves at once."""

import asyncio
import json
from pathlib import Path

import asyncpg
import pytest
import typer
from typer.testing import CliRunner

from deploy.commands import calendar
from deploy.database.unit_of_work import PostgresUnit
from schemas.events.handlers import CaseAssigned
from sla.core.calendar import Calendar
from sla.core.rules import DeadlineRules
from sla.subscribers import subscriptions
from tests.integration.sla.events import assigned, china
from tests.unit.handlers.making import MONDAY, fresh_case
from tests.unit.sla.notices import as_csv, notice


async def test_an_import_moves_provisional_deadlines(
    schema: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    china_calendar: Calendar,
    shipped: DeadlineRules,
) -> None:
    """A case of late December gets its new date, and the event for it, from the import itself."""
    case = fresh_case()
    (subscription,) = subscriptions(rules=shipped, calendar=china_calendar)
    db = await asyncpg.connect(schema)
    try:
        step = subscription.table[CaseAssigned].step
        await step(PostgresUnit(db, MONDAY), [assigned(case, china("2026-12-30 10:00"))])
        file = tmp_path / "2027.csv"
        days = notice(2027, ("2027-01-04", False))
        file.write_text(as_csv(days))
        monkeypatch.setenv("DATABASE_URL", schema)
        monkeypatch.setenv("HUIYIN_SECRET_KEY", "0123456789abcdef" * 4)
        answer = await asyncio.to_thread(_import, file)

        assert {"days": len(days), "years": [2027], "calendar": "china", "recomputed": 1} == answer
        clock = await db.fetchrow("SELECT * FROM sla.clock WHERE case_id = $1 AND clock = 'reply'", case)
        assert clock is not None
        assert (china("2027-01-07 17:30"), False) == (clock["due_at"], clock["provisional"])
        assert "deadline.set.v1" == await db.fetchval(
            "SELECT type FROM deploy.outbox WHERE case_id = $1", case
        )
    finally:
        await db.execute("DELETE FROM sla.calendar_day")
        await db.execute("DELETE FROM sla.calendar_change")
        for table in ('"case"', "clock", "history"):
            await db.execute(f"DELETE FROM sla.{table} WHERE case_id = $1", case)  # noqa: S608  three constants
        await db.execute("DELETE FROM deploy.outbox WHERE case_id = $1", case)
        await db.close()


def _import(file: Path) -> object:
    app = typer.Typer()
    calendar.register(app)
    result = CliRunner().invoke(app, ["calendar", "import", str(file), "--json"])
    assert 0 == result.exit_code, result.output
    return json.loads(result.stdout)
