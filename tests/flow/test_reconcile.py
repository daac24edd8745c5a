"""What one slice lost and another knows comes back, on the whole city: nothing twice, nothing left out."""

import json
import subprocess
from collections.abc import Set
from datetime import timedelta
from typing import Any

import aiohttp
import asyncpg
import pytest

from deploy import clock
from deploy.audit.restores import remember_restore
from deploy.commands.reconcile import reconcile_city
from deploy.database.pool import open_pool
from deploy.processes import reconciling
from deploy.processes.runtime import Process
from schemas.ids import CaseId
from tests.faults.traffic import settings_of
from tests.flow.steps import act, followed, on_the_desk, submit
from tests.stack import Stack, eventually

#: As a database that is older than Kafka's commits: the rows are gone, what guards them was not asked.
_UNGUARD, _GUARD = (f"ALTER TABLE handlers.log {word} TRIGGER USER" for word in ("DISABLE", "ENABLE"))


async def _case_id(city: Stack, accepted: Any) -> str:
    rows = await city.sql(
        "SELECT case_id FROM intake.case WHERE tracking_code = $1", accepted["tracking_code"]
    )
    return str(rows[0]["case_id"])


async def _lose(city: Stack, case_id: str, *tables: str) -> None:
    connection = await asyncpg.connect(city.database_url)
    try:
        await connection.execute(_UNGUARD)
        for table in tables:
            await connection.execute(f"DELETE FROM {table} WHERE case_id = $1", case_id)  # noqa: S608  our own names
        await connection.execute(_GUARD)
    finally:
        await connection.close()


async def _reconcile(city: Stack, *, dry_run: bool = False) -> Any:
    """What `huiyin reconcile` does, without a Python of its own each time; how it is typed is asked where it is dry."""
    return await reconcile_city(settings_of(city), timedelta(0), dry_run=dry_run)


def _typed(city: Stack, *options: str) -> subprocess.CompletedProcess[str]:
    return city.command("reconcile", "--older-than", "0", "--dry-run", *options, check=False)


async def _at_desk(city: Stack, http: aiohttp.ClientSession, title: str) -> Any:
    """A routed case with its clock."""
    accepted = await submit(http, title=title)
    await followed(http, accepted, lambda seen: seen["state"] == "assigned" and seen["due_at"])
    return accepted


async def test_a_case_that_every_slice_lost_is_routed_given_to_its_desk_and_clocked_again(
    city: Stack, http: aiohttp.ClientSession
) -> None:
    """Intake alone knows it: it says so, and the rest follows as ever."""
    accepted = await _at_desk(city, http, "对账一：路灯不亮")
    case_id = await _case_id(city, accepted)
    await _lose(city, case_id, "routing.case", "handlers.log", "handlers.case", "sla.clock", "sla.case")

    found = await _reconcile(city)

    assert found["missing"]["unrouted"] == found["missing"]["unwatched"] == 1
    case = await on_the_desk(city, http, "urban-management", accepted["title"])
    assert case["case_id"] == case_id
    await _has_clocks(city, case_id)
    await _nothing_is_missing(city)


async def test_a_case_that_its_desk_lost_is_routed_again(city: Stack, http: aiohttp.ClientSession) -> None:
    """Routing knows where it goes."""
    accepted = await _at_desk(city, http, "对账二：路灯不亮")
    case_id = await _case_id(city, accepted)
    await _lose(city, case_id, "handlers.log", "handlers.case")

    found = await _reconcile(city)

    assert found["missing"]["off_desk"] == 1
    assert (await on_the_desk(city, http, "urban-management", accepted["title"]))["case_id"] == case_id
    await _nothing_is_missing(city)


async def test_a_signed_case_whose_clocks_were_lost_gets_those_that_still_run(
    city: Stack, http: aiohttp.ClientSession
) -> None:
    """The reply's under its old start; signing is over."""
    accepted = await _at_desk(city, http, "对账三：路灯不亮")
    case = await on_the_desk(city, http, "urban-management", accepted["title"])
    await act(city, http, "urban-management", case, "sign", {})
    [before] = await city.sql(
        "SELECT due_at FROM sla.clock WHERE case_id = $1 AND clock = 'reply'", case["case_id"]
    )
    await _lose(city, case["case_id"], "sla.clock", "sla.case")

    found = await _reconcile(city)

    assert found["missing"]["unclocked"] == 1
    clocks = await _has_clocks(city, case["case_id"])
    assert clocks["reply"]["due_at"] == before["due_at"]
    assert clocks["sign"]["state"] == "stopped"
    await _nothing_is_missing(city)


async def test_a_citizen_who_was_never_told_is_told(city: Stack, http: aiohttp.ClientSession) -> None:
    """Of the desk that has the case and what it did; with the lines of the timeline once, whoever else heard it again."""
    accepted = await _at_desk(city, http, "对账七：路灯不亮")
    case = await on_the_desk(city, http, "urban-management", accepted["title"])
    await act(city, http, "urban-management", case, "sign", {})
    await followed(http, accepted, lambda seen: seen["state"] == "in_progress")
    await _lose(city, case["case_id"], "intake.view")

    found = await _reconcile(city)

    assert found["missing"]["untold"] == 1
    told = await followed(http, accepted, lambda seen: seen["state"] == "in_progress")
    await _nothing_is_missing(city)
    assert {"assigned", "in_progress"} <= {line["event"] for line in told["timeline"]}


async def test_what_was_under_way_when_a_copy_was_made_comes_to_whoever_had_not_heard_it(
    city: Stack, http: aiohttp.ClientSession
) -> None:
    """The desk had signed, the clocks had not heard it: Kafka brings it no more, since they read on behind it."""
    accepted = await _at_desk(city, http, "对账十：路灯不亮")
    case = await on_the_desk(city, http, "urban-management", accepted["title"])
    [before] = await city.sql("SELECT clock_timestamp() AS at")
    await act(city, http, "urban-management", case, "sign", {})
    await followed(http, accepted, lambda seen: seen["state"] == "in_progress")
    await eventually(lambda: _signing(city, case["case_id"]), is_done=lambda state: state == "stopped")
    await _nothing_is_missing(city)
    # As in a copy of just then.
    await city.sql("DELETE FROM deploy.inbox WHERE consumer = 'sla' AND handled_at >= $1", before["at"])
    await city.sql(
        "UPDATE sla.clock SET state = 'running', stopped_at = NULL WHERE case_id = $1 AND clock = 'sign'",
        case["case_id"],
    )
    assert not (await _reconcile(city, dry_run=True))["missing"]["half_heard"]
    await remember_restore(settings_of(city).as_owner, clock.now())

    found = await _reconcile(city)

    assert found["missing"]["half_heard"]
    assert not [each for each in found["gone"] if each["case_id"] == case["case_id"]]
    await eventually(lambda: _signing(city, case["case_id"]), is_done=lambda state: state == "stopped")
    await _nothing_is_missing(city)


async def _signing(city: Stack, case_id: str) -> str:
    [row] = await city.sql("SELECT state FROM sla.clock WHERE case_id = $1 AND clock = 'sign'", case_id)
    return str(row["state"])


async def test_a_message_that_kafka_alone_still_has_becomes_the_case_that_it_was(
    city: Stack, http: aiohttp.ClientSession
) -> None:
    """As after an older copy of the database was restored: the citizen's codes open it again."""
    accepted = await _at_desk(city, http, "对账四：路灯不亮")
    case_id = await _case_id(city, accepted)
    await _lose(
        city, case_id, "intake.view", "intake.sealed", "intake.case", "routing.case", "handlers.log", "handlers.case",
        "sla.clock", "sla.case",
    )  # fmt: skip
    await city.sql("DELETE FROM deploy.inbox WHERE consumer = 'intake'")

    found = await _reconcile(city)

    assert found["missing"]["submissions"] == 1
    await followed(http, accepted, lambda seen: seen["state"] == "assigned" and seen["due_at"])
    assert await _case_id(city, accepted) == case_id
    await _nothing_is_missing(city)


async def test_a_dry_run_says_what_is_missing_and_does_nothing(
    city: Stack, http: aiohttp.ClientSession
) -> None:
    """Twice the same answer, and exit status 1."""
    accepted = await _at_desk(city, http, "对账五：路灯不亮")
    await _lose(city, await _case_id(city, accepted), "handlers.log", "handlers.case")

    found = json.loads(_typed(city, "--json").stdout)["missing"]
    done = _typed(city)

    assert found["off_desk"] == 1
    assert found == (await _reconcile(city, dry_run=True))["missing"]
    assert done.returncode == 1
    assert "routed again" in done.stdout
    await _reconcile(city)
    await _nothing_is_missing(city)


async def _has_clocks(city: Stack, case_id: str) -> dict[str, Any]:
    async def look() -> dict[str, Any]:
        rows = await city.sql("SELECT clock, state, due_at FROM sla.clock WHERE case_id = $1", case_id)
        return {row["clock"]: row for row in rows}

    return await eventually(look, is_done=lambda found: "reply" in found, seconds=30)


async def test_a_returned_case_is_missing_nowhere(city: Stack, http: aiohttp.ClientSession) -> None:
    """It is at no desk while a dispatcher decides, and its citizen reads just that."""
    accepted = await _at_desk(city, http, "对账九：路灯不亮")
    case = await on_the_desk(city, http, "urban-management", accepted["title"])
    await act(
        city, http, "urban-management", case, "return", {"reason": "不属于本单位", "basis": "三定方案第五条"}
    )
    await followed(http, accepted, lambda seen: seen["state"] == "in_review")

    await _nothing_is_missing(city)


async def _nothing_is_missing(city: Stack) -> None:
    async def look() -> bool:
        found = await _reconcile(city, dry_run=True)
        return not any(found["missing"].values()) and not found["lag"]

    assert await eventually(look, seconds=60, every=0.5)


async def test_the_sweeper_says_once_again_what_is_missing(
    city: Stack, http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it has said before it does not say each hour: a dead letter explains why that did not help."""
    # Nothing else is under way: it need not wait for what may be.
    monkeypatch.setattr(reconciling, "_AGAIN_SECONDS", 0.5)
    accepted = await _at_desk(city, http, "对账六：路灯不亮")
    case_id = await _case_id(city, accepted)
    await _lose(city, case_id, "handlers.log", "handlers.case")
    settings = settings_of(city)

    async with open_pool(settings, size=2) as pool:
        process = Process(name="sweep", settings=settings, pool=pool)

        async def look(said: Set[CaseId] = frozenset()) -> Set[CaseId]:
            return await reconciling.look(process, timedelta(0), said)

        assert await look({CaseId(case_id)}) == set()
        said = await eventually(look, seconds=30)

    assert said == {case_id}
    assert (await on_the_desk(city, http, "urban-management", accepted["title"]))["case_id"] == case_id
