"""An operator's Postgres goes back to a moment, as docs/copies.md says; what came after it comes back from Kafka."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator, Set
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import asyncpg
import pytest
import typer
from typer.testing import CliRunner, Result

from deploy.commands import audit, main, reconcile
from deploy.local.embedded.kafka import EmbeddedKafka
from deploy.local.embedded.postgres import EmbeddedPostgres
from tests.faults.traffic import Traffic, settings_of, traffic_to
from tests.integration.deploy.backup.operators_postgres import Operator, operator_in
from tests.stack import Stack

_SLICES = ("intake+routing+handlers+sla", "relay")
_EACH = 3


@pytest.fixture
def operator() -> Iterator[Operator]:
    """A Postgres that archives, where `nobody` can read its settings: only root may enter `tmp_path`."""
    with TemporaryDirectory(prefix="operator-") as folder:
        Path(folder).chmod(0o711)
        found = operator_in(Path(folder))
        with found.server:
            yield found


@pytest.fixture
async def city(operator: Operator, kafka_server: EmbeddedKafka, tmp_path: Path) -> AsyncIterator[Stack]:
    """A city on that Postgres, migrated; nothing runs yet."""
    found = Stack(tmp_path, operator.server.url, kafka_server.login())
    await _huiyin(found, "migrate")
    yield found
    found.stop()


async def _huiyin(city: Stack, *words: str, status: int = 0) -> Result:
    """The command, in a process that is here already."""
    runner, app = CliRunner(env={**city.environment}), typer.Typer()
    audit.register(app)
    reconcile.register(app)
    app.command()(main.migrate)
    done = await asyncio.to_thread(runner.invoke, app, list(words))
    assert done.exit_code == status, (done.output, done.exception)
    return done


async def _json(city: Stack, *words: str, status: int = 0) -> Any:
    return json.loads((await _huiyin(city, *words, "--json", status=status)).stdout)


async def _cases(city: Stack, table: str) -> Set[str]:
    return {str(row["case_id"]) for row in await city.sql(f"SELECT case_id FROM {table}")}  # noqa: S608  our own names


async def _destroyed(city: Stack) -> None:
    """The mistake: a table with everything that hangs on it."""
    db = await asyncpg.connect(city.database_url)
    await db.execute('DROP TABLE intake."case" CASCADE; DELETE FROM routing."case"')
    await db.close()


async def test_the_moment_before_a_destruction_comes_back_and_kafka_brings_the_rest(
    operator: Operator, city: Stack
) -> None:
    """Every case of before it and none of after; the audit holds; `reconcile` makes of what came since the same cases."""
    operator.copy_base()
    async with traffic_to(city) as traffic:
        before, moment = await _a_day(city, traffic)
        await _destroyed(city)
        city.stop()
        operator.server.stop()
        with operator.recovering(moment) as recovered:
            _use(city, recovered)
            traffic.settings = settings_of(city)
            assert before == await _cases(city, 'intake."case"') == await _cases(city, 'handlers."case"')
            await _the_audit_is_told(city, moment)
            city.start(*_SLICES)
            found = await _json(city, "reconcile", "--older-than", "0")
            await traffic.quiet()

            assert found["missing"]["submissions"] == _EACH
            assert traffic.accepted == await _cases(city, 'intake."case"')
            assert traffic.accepted == await _cases(city, 'handlers."case"')
            assert (await _json(city, "audit", "verify"))["cases"] == 2 * _EACH
            city.stop()


async def _a_day(city: Stack, traffic: Traffic) -> tuple[Set[str], datetime]:
    """Cases, a moment, and more cases, with an anchor that knows them all; the cases of before the moment."""
    city.start(*_SLICES)
    await traffic.send(_EACH)
    await traffic.quiet()
    before = set(traffic.accepted)
    [[moment]] = await city.sql("SELECT clock_timestamp()")
    await traffic.send(_EACH)
    await traffic.quiet()
    await _huiyin(city, "audit", "anchor")
    return before, moment


def _use(city: Stack, server: EmbeddedPostgres) -> None:
    city.database_url = city.environment["DATABASE_URL"] = server.url


async def _the_audit_is_told(city: Stack, moment: datetime) -> None:
    """The anchor of after the moment tells of rows that are gone, which is a fault until the recovery is remembered."""
    assert (await _json(city, "audit", "verify", status=1))["broken"]
    await _huiyin(city, "audit", "restored", moment.isoformat())

    found = await _json(city, "audit", "verify")

    assert [1] == [each["anchors"] for each in found["restored"]]
