"""`huiyin audit verify`: what it prints and how it exits."""

import asyncio
import json
import secrets
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
from deploy.local.embedded.kafka import EmbeddedKafka
from deploy.messaging.client.client import open_admin
from deploy.messaging.topics.topics import wanted_topics
from deploy.settings import Settings
from handlers.steps import assign
from schemas.city import load_city
from schemas.ids import CaseId, DepartmentCode
from schemas.topics import AUDIT, topic_name
from tests.stack import free_port
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
async def case_id(
    schema: str, kafka_server: EmbeddedKafka, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> AsyncIterator[CaseId]:
    """A committed case, gone afterwards; and a topic of its own for its anchors."""
    for name, value in kafka_server.login().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("TOPIC_PREFIX", f"t{secrets.token_hex(4)}")
    monkeypatch.setenv("DATABASE_URL", schema)
    monkeypatch.setenv("HUIYIN_SECRET_KEY", "a secret for tests only, long enough")
    monkeypatch.setenv("AUDIT_DIRECTORY", str(tmp_path))
    settings = Settings()
    async with open_admin(settings) as admin:
        name = topic_name(AUDIT, settings.topic_prefix)
        await admin.create_topics([wanted_topics(settings, load_city())[name]])
    case_id = await _open(schema)
    yield case_id
    await _behind_our_back(schema, "DELETE FROM handlers.log WHERE case_id = $1", case_id)
    await _behind_our_back(schema, "DELETE FROM handlers.case WHERE case_id = $1", case_id)


async def test_a_whole_chain_is_reported_and_exits_with_zero(case_id: CaseId) -> None:
    """The promised fields, and nothing broken."""
    done = await run("audit", "verify", case_id, "--json")

    expected = {"cases": 1, "rows": 1, "broken": [], "anchors": 0, "broken_anchors": [], "broken_entries": []}
    more = {
        "restored": [],
        "elsewhere": 0,
        "topic_unasked": "",
        "broken_account_change": None,
        "account_change_why": "",
        "broken_operator_deed": None,
        "operator_deed_why": "",
        "differing": [],
    }
    assert {**expected, **more} == json.loads(done.stdout)
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


async def test_a_kafka_that_is_away_is_said_and_is_no_pass(
    case_id: CaseId, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a traceback nor a success: what was looked at holds, and the topic was not looked at."""
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", f"127.0.0.1:{free_port()}")
    anchored = await run("audit", "anchor")
    for_people, for_scripts = await run("audit", "verify"), await run("audit", "verify", case_id, "--json")
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "")
    unnamed = await run("audit", "verify")

    assert (0, 3, 3, 3) == tuple(each.exit_code for each in (anchored, for_people, for_scripts, unnamed))
    assert "not on the topic yet" in anchored.stderr
    assert "the topic could not be asked" in for_people.stdout
    assert json.loads(for_scripts.stdout)["topic_unasked"]
    assert "set KAFKA_BOOTSTRAP_SERVERS" in unnamed.stdout


async def test_an_anchor_that_the_topic_lacks_is_named(
    case_id: CaseId, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A topic that was deleted with all it held is no topic that agrees."""
    assert 0 == (await run("audit", "anchor")).exit_code
    held = await run("audit", "verify")
    monkeypatch.setenv("TOPIC_PREFIX", f"t{secrets.token_hex(4)}")
    monkeypatch.setattr(audit, "_ON_ITS_WAY_SECONDS", 0.0)
    found = await run("audit", "verify")

    assert 0 == held.exit_code
    assert "1 anchors" in held.stdout
    assert 1 == found.exit_code
    assert "anchor 1 is not on the topic" in found.stdout
