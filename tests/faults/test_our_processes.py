"""kill -9 of our own processes, and more of them coming and going, while messages flow."""

from tests.faults.traffic import Traffic, check
from tests.stack import ALL

MESSAGES = 2000


async def test_any_process_may_be_killed_at_any_time(traffic: Traffic) -> None:
    """Each in turn, with messages in hand: every one of 2,000 becomes exactly one case, said once and in order."""
    stack = traffic.stack
    async with traffic.flowing():
        for name in (*ALL, "handlers", "relay"):
            await traffic.arrive(150)
            stack.kill(name)
            stack.start(name)
    await traffic.send(max(0, MESSAGES - len(traffic.accepted)))
    await traffic.quiet()

    await check(traffic)
    await stack.ready()


async def test_processes_join_and_leave(traffic: Traffic) -> None:
    """Second and third consumers share the work and go again by SIGTERM, which ends each cleanly."""
    stack = traffic.stack
    statuses = {}
    async with traffic.flowing():
        for name in ("handlers#2", "intake#2", "routing+sla#2", "relay#2"):
            stack.start(name)
            await traffic.arrive(100)
        for name in ("handlers#2", "relay", "intake#2", "routing+sla#2"):
            statuses[name] = stack.terminate(name)
            await traffic.arrive(50)
        stack.start("relay")
        statuses["relay#2"] = stack.terminate("relay#2")
    await traffic.quiet()

    assert not any(statuses.values()), statuses
    await check(traffic)
