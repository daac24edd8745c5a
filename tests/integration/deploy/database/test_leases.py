"""Who leads and who froze, on real Postgres."""

import socket

import asyncpg
import pytest

from deploy.database.leases import RELAY_LOCK, Lease, LeaseLost, awake
from deploy.database.pool import TRANSIENT, Pool, connect
from deploy.settings import Settings
from tests.stack import eventually


async def _run_out(pool: Pool) -> None:
    await pool.execute("UPDATE deploy.lease SET until = clock_timestamp() - interval '1 second'")


async def test_one_leads_until_its_session_ends(settings: Settings, pool: Pool) -> None:
    """A leader that dies is followed at once: its lock dies with it, however long its lease would have lasted."""
    async with connect(settings) as second:
        async with connect(settings) as first:
            leads = await Lease(first).take(), await Lease(second).take()

        assert (True, False) == leads
        await eventually(Lease(second).take)


async def test_a_leader_that_does_not_renew_loses_its_session(settings: Settings, pool: Pool) -> None:
    """It froze: whoever follows ends its session, so that it writes nothing as leader when it wakes, and leads."""
    async with connect(settings) as second:
        first = await asyncpg.connect(settings.database_url)
        assert await Lease(first).take()
        await _run_out(pool)

        assert not await Lease(second).take()
        await eventually(Lease(second).take)
        with pytest.raises(TRANSIENT):
            await first.execute("SELECT 1")


async def test_a_leader_that_renews_is_left_alone(settings: Settings, pool: Pool) -> None:
    """However often another one asks."""
    async with connect(settings) as first, connect(settings) as second:
        lease = Lease(first)
        assert await lease.take()
        lease._renew_at = awake()
        await lease.keep()

        assert not any([await Lease(second).take() for _ in range(3)])
        assert 1 == await first.fetchval("SELECT 1")


async def test_a_lease_that_another_took_is_not_renewed(settings: Settings, pool: Pool) -> None:
    """Whoever wakes finds out by the database, too, and not by its own clock alone."""
    async with connect(settings) as first:
        lease = Lease(first)
        assert await lease.take()
        await pool.execute("UPDATE deploy.lease SET holder = 'another'")
        lease._renew_at = awake()
        with pytest.raises(LeaseLost):
            await lease.keep()


async def test_another_databases_leader_is_none_of_ours(settings: Settings, pool: Pool) -> None:
    """Advisory locks are a database's own: two cities on one server do not end each other's relays."""
    elsewhere = await asyncpg.connect(settings.database_url.rpartition("/")[0] + "/postgres")
    await elsewhere.execute("SELECT pg_advisory_lock($1)", RELAY_LOCK)
    async with connect(settings) as ours:
        assert await Lease(ours).take()
        await _run_out(pool)
        async with connect(settings) as second:
            await Lease(second).take()

    assert 1 == await elsewhere.fetchval("SELECT 1")
    await elsewhere.close()


async def test_who_freezes_in_a_transaction_lets_go_of_its_rows(settings: Settings, pool: Pool) -> None:
    """Whoever waits for them goes on, and the frozen one finds an error that another try mends."""
    await pool.execute("INSERT INTO deploy.lease VALUES ('mine', 'me', now())")
    async with connect(settings, {"idle_in_transaction_session_timeout": "200ms"}) as frozen:
        await frozen.execute("BEGIN; SELECT FROM deploy.lease WHERE role = 'mine' FOR UPDATE")
        updated = await pool.execute("UPDATE deploy.lease SET holder = 'you' WHERE role = 'mine'", timeout=10)
        with pytest.raises(TRANSIENT):
            await frozen.execute("COMMIT")

    assert "UPDATE 1" == updated


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("idle_in_transaction_session_timeout", "30s"),
        ("tcp_keepalives_idle", "10"),
        ("tcp_user_timeout", "30000"),
    ],
)
async def test_both_ends_notice_a_peer_that_is_gone(
    settings: Settings, pool: Pool, setting: str, value: str
) -> None:
    """On a process's connections as on a command's; and our own end asks as well."""
    async with connect(settings) as connection:
        ours = connection._transport.get_extra_info("socket")  # type: ignore[attr-defined]  # asyncpg's stubs lack it

        assert value == await connection.fetchval(f"SHOW {setting}") == await pool.fetchval(f"SHOW {setting}")
        assert 1 == ours.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
        assert 10 == ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE)
