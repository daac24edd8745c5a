"""SIGSTOP of the relay that leads, with real processes, Kafka and Postgres."""

import asyncio
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from typing import Any

import pytest

from deploy.database.leases import LEASE_SECONDS
from tests.integration.deploy.messaging.test_outbox import emit
from tests.integration.deploy.reading import everything_on
from tests.integration.deploy.rig import Rig, events
from tests.stack import eventually
from tests.unit.deploy.records import case


@pytest.fixture
async def relays() -> AsyncIterator[list["subprocess.Popen[bytes]"]]:
    """Relays that a test starts; ended with it."""
    started: list[subprocess.Popen[bytes]] = []
    yield started
    for each in started:
        each.send_signal(signal.SIGCONT)
        each.kill()
        await asyncio.to_thread(each.wait)


def _relay() -> "subprocess.Popen[bytes]":
    # The settings of the test are in the environment.
    return subprocess.Popen([sys.executable, "-m", "deploy", "relay"])


async def _left(rig: Rig) -> int:
    return int(await rig.pool.fetchval("SELECT count(*) FROM deploy.outbox"))


async def _emptied(rig: Rig, seconds: float = 30) -> None:
    await eventually(lambda: _left(rig), is_done=lambda count: count == 0, seconds=seconds)


async def test_a_frozen_relay_is_replaced_and_doubles_nothing_when_it_wakes(
    rig: Rig, relays: list["subprocess.Popen[bytes]"]
) -> None:
    """The second sends on within a lease's time; the first wakes into a session that is gone, and follows."""
    everything = events(20, 40)
    relays.append(_relay())
    await emit(rig, everything[:200])
    await _emptied(rig, 60)
    relays[0].send_signal(signal.SIGSTOP)
    await emit(rig, everything[200:600])
    relays.append(_relay())
    await _emptied(rig, 60 + LEASE_SECONDS)
    relays[0].send_signal(signal.SIGCONT)
    await emit(rig, everything[600:])
    await _emptied(rig)
    leaders = await rig.pool.fetchval("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted")

    sent = await everything_on(rig.settings, rig.topic)
    found: dict[str, list[int]] = {}
    for record in sent:
        found.setdefault(record.case_id, []).append(record.version)
    assert found == {case(number + 1): list(range(1, 41)) for number in range(20)}
    assert 1 == leaders
    assert [None, None] == [each.poll() for each in relays]


async def test_the_age_of_what_waits_is_told_while_the_relay_stands_still(
    rig: Rig, http: Any, relays: list["subprocess.Popen[bytes]"]
) -> None:
    """Whoever stands still says nothing: the web looks for itself."""
    await emit(rig, events(1))
    await rig.pool.execute("UPDATE deploy.outbox SET at = now() - interval '90 seconds'")
    async with http.get("/readyz") as answer:
        found = (await answer.json())["checks"]["outbox"]
    async with http.get("/metrics") as answer:
        (line,) = [
            line
            for line in (await answer.text()).splitlines()
            if line.startswith('huiyin_outbox_oldest_seconds{process="web",')
        ]

    assert not found["ok"]
    assert "have waited for Kafka for 9" in found["reason"]
    assert "有事件等待发往 Kafka 已 9" in found["reason_zh"]
    assert 90 <= float(line.split()[1]) < 120
