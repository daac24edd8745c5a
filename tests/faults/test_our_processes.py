"""kill -9 of our own processes, and more of them coming and going, while messages flow."""

from tests.faults.traffic import Traffic, check
from tests.stack import ALL

MESSAGES = 1000


async def test_any_process_may_be_killed_at_any_time(traffic: Traffic) -> None:
    """Each in turn, with messages in hand: every one of 1,000 becomes exactly one case, said once and in order."""
    stack = traffic.stack
    async with traffic.flowing():
        for name in (*ALL, "handlers", "relay"):
            await traffic.arrive(75)
            stack.kill(name)
            stack.start(name)
    await traffic.send(max(0, MESSAGES - len(traffic.accepted)))
    await traffic.quiet()

    await check(traffic)
    await stack.ready()


async def test_processes_join_and_leave(traffic: Traffic) -> None:
    """A second process of each kind shares the work, and goes again by SIGTERM, which ends it cleanly."""
    stack = traffic.stack
    statuses = {}
    async with traffic.flowing():
        for group in ("handlers", "intake", "routing", "sla"):
            stack.start(f"{group}#2")
            await traffic.members(group, 2)
            await traffic.arrive(50)
        for group in ("sla", "handlers", "intake", "routing"):
            statuses[group] = stack.terminate(f"{group}#2")
            await traffic.members(group, 1)
            await traffic.arrive(50)
    await traffic.quiet()

    assert not any(statuses.values()), statuses
    await check(traffic)


async def test_a_second_relay_takes_over(traffic: Traffic) -> None:
    """It waits while the first lives, and goes on when that is stopped."""
    stack = traffic.stack
    async with traffic.flowing():
        stack.start("relay#2")
        await traffic.arrive(50)
        status = stack.terminate("relay")
        await traffic.arrive(100)
        stack.start("relay")
        stack.kill("relay#2")
        await traffic.arrive(50)
    await traffic.quiet()

    assert status == 0
    await check(traffic)
