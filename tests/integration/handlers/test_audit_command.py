"""`huiyin audit verify`: what it prints and how it exits."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import typer
from typer.testing import CliRunner

from deploy import composition
from deploy.commands import audit
from deploy.database.unit_of_work import PostgresUnit
from deploy.settings import Settings
from handlers.steps import assign
from schemas.ids import CaseId, DepartmentCode
from tests.unit.handlers.making import MONDAY, fresh_case, routed

app = typer.Typer()
audit.register(app)


async def run(*words: str) -> Any:
    """The command, in a thread of its own: it brings its event loop."""
    return await asyncio.to_thread(lambda: CliRunner().invoke(app, words))


async def _open(url: str) -> CaseId:
    event = routed(lead=DepartmentCode("audited"))
    connection = await asyncpg.connect(url)
    async with connection.transaction():
        await assign.open_cases(
            PostgresUnit(connection, MONDAY, audit_key=composition.audit_key(Settings())), [event]
        )
    await connection.close()
    return event.case_id


async def _behind_our_back(url: str, statement: str, case_id: CaseId) -> None:
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            await connection.execute("ALTER TABLE handlers.log DISABLE TRIGGER USER")
            await connection.execute(statement, case_id)
            await connection.execute("ALTER TABLE handlers.log ENABLE TRIGGER USER")
    finally:
        await connection.close()


@pytest.fixture
async def case_id(schema: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> AsyncIterator[CaseId]:
    """A committed case, gone afterwards."""
    monkeypatch.setenv("DATABASE_URL", schema)
    monkeypatch.setenv("HUIYIN_SECRET_KEY", "a secret for tests only, long enough")
    monkeypatch.setenv("AUDIT_DIRECTORY", str(tmp_path))
    case_id = await _open(schema)
    yield case_id
    await _behind_our_back(schema, "DELETE FROM handlers.log WHERE case_id = $1", case_id)
    await _behind_our_back(schema, "DELETE FROM handlers.case WHERE case_id = $1", case_id)


async def test_a_whole_chain_is_reported_and_exits_with_zero(case_id: CaseId) -> None:
    """The promised fields, and nothing broken."""
    done = await run("audit", "verify", case_id, "--json")

    expected = {"cases": 1, "rows": 1, "broken": [], "anchors": 0, "broken_anchors": []}
    assert expected == json.loads(done.stdout)
    assert done.exit_code == 0


async def test_a_broken_chain_is_named_and_exits_with_one(schema: str, case_id: CaseId) -> None:
    """Of all cases, the one that was changed; for people and for scripts."""
    await _behind_our_back(schema, "UPDATE handlers.log SET actor = 'x' WHERE case_id = $1", case_id)
    for_scripts = await run("audit", "verify", "--json")
    for_people = await run("audit", "verify")

    assert json.loads(for_scripts.stdout)["broken"] == [{"case_id": case_id, "row": 1, "why": "changed"}]
    assert f"{case_id}: row 1 is not as it was written" in for_people.stdout
    assert (for_scripts.exit_code, for_people.exit_code) == (1, 1)


async def test_a_case_that_vanished_is_named(schema: str, case_id: CaseId) -> None:
    """An anchor knows it, though no table does: it is not taken for one that never was."""
    anchored = await run("audit", "anchor", "--json")
    for table in ("handlers.log", "handlers.case"):
        await _behind_our_back(schema, f"DELETE FROM {table} WHERE case_id = $1", case_id)  # noqa: S608  our own tables
    found = await run("audit", "verify", case_id, "--json")

    assert json.loads(anchored.stdout)["cases"] >= 1
    assert [{"case_id": case_id, "row": 1, "why": "anchor"}] == json.loads(found.stdout)["broken"]
    assert 1 == found.exit_code


async def test_an_unknown_case_is_said_to_be_unknown(case_id: CaseId) -> None:
    """Not taken for a whole chain."""
    done = await run("audit", "verify", fresh_case())

    assert done.exit_code == 2
