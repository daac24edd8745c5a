"""How often one address may do something, in one process and in several."""

import asyncio
from collections import Counter, defaultdict
from contextlib import AsyncExitStack

import pytest

from deploy.web import rate_limits
from deploy.web.rate_limits import GUESSES_PER_MINUTE, WRONG_TOKENS_PER_MINUTE, Limits, caller_of
from schemas.errors import TooMany, Unauthenticated
from schemas.http import Limit

ELSEWHERE = "203.0.113.7"


class Time:
    """A clock that stands still until told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """See `time.monotonic`."""
        return self.now


class Nobody:
    """No other process can be asked."""

    async def spend(self, limit: str, caller: str, *, per_minute: int, tokens: int) -> float | None:
        """See `Shared`."""
        return None


class Together:
    """What is left after all processes: a bucket that does not fill up. Answers a turn of the loop later."""

    def __init__(self) -> None:
        self.spent: defaultdict[tuple[str, str], int] = defaultdict(int)
        self.asked = 0
        self.away = False

    async def spend(self, limit: str, caller: str, *, per_minute: int, tokens: int) -> float | None:
        """See `Shared`."""
        if self.away:
            return None
        self.asked += 1
        await asyncio.sleep(0)
        self.spent[limit, caller] += tokens
        return per_minute - self.spent[limit, caller]


@pytest.fixture
def time() -> Time:
    """The limits' clock."""
    return Time()


def _alone(time: Time, per_minute: int) -> Limits:
    return Limits(Nobody(), submissions_per_minute=per_minute, timer=time)


async def _submit(limits: Limits, times: int, address: str = ELSEWHERE) -> None:
    for _ in range(times):
        await limits.count(Limit.SUBMISSIONS, address)


async def _accepted(limits: Limits, address: str) -> bool:
    try:
        await limits.count(Limit.SUBMISSIONS, address)
    except TooMany:
        return False
    return True


async def test_one_too_many_is_told_when_to_come_back(time: Time) -> None:
    """Sixty a minute: the sixty-first waits for the next free place, and is told how long."""
    limits = _alone(time, 60)
    await _submit(limits, 60)

    with pytest.raises(TooMany) as refused:
        await _submit(limits, 1)

    seconds = refused.value.facts["retry_after_seconds"]
    assert isinstance(seconds, int)
    assert 1 <= seconds <= 2
    time.now += seconds
    await _submit(limits, 1)


async def test_a_refusal_costs_nothing(time: Time) -> None:
    """Whoever keeps trying waits no longer than whoever waits."""
    limits = _alone(time, 6)
    await _submit(limits, 6)
    for _ in range(50):
        with pytest.raises(TooMany):
            await _submit(limits, 1)
    time.now += 10

    await _submit(limits, 1)


async def test_places_come_back_but_do_not_pile_up(time: Time) -> None:
    """After a day there are as many as after a minute."""
    limits = _alone(time, 5)
    await _submit(limits, 5)
    time.now += 86_400
    await _submit(limits, 5)

    with pytest.raises(TooMany):
        await _submit(limits, 1)


async def test_addresses_do_not_share(time: Time) -> None:
    """One busy address does not stop another."""
    limits = _alone(time, 1)
    await _submit(limits, 1)

    await _submit(limits, 1, "198.51.100.1")


async def test_limits_do_not_share(time: Time) -> None:
    """Whoever sent too much may still read."""
    limits = _alone(time, 1)
    await _submit(limits, 1)

    await limits.count(Limit.READING, ELSEWHERE)


@pytest.mark.parametrize("limit", list(Limit))
async def test_every_limit_ends(time: Time, limit: Limit) -> None:
    """Each of them is a number, and the one beyond is refused."""
    limits = _alone(time, 7)
    most = {**rate_limits.PER_MINUTE, Limit.SUBMISSIONS: 7}[limit]
    for _ in range(most):
        await limits.count(limit, ELSEWHERE)

    with pytest.raises(TooMany):
        await limits.count(limit, ELSEWHERE)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.8.9.10", "::1", "::ffff:127.0.0.1"])
async def test_this_machine_is_not_limited(time: Time, address: str) -> None:
    """Imports and tests on the machine itself are not counted."""
    await _submit(_alone(time, 1), 100, address)


@pytest.mark.parametrize("address", ["", "not an address", "testclient"])
async def test_an_unknown_address_is_limited(time: Time, address: str) -> None:
    """What is no address shares one place rather than none."""
    limits = _alone(time, 1)
    await _submit(limits, 1, address)

    with pytest.raises(TooMany):
        await _submit(limits, 1, "another that is none")


@pytest.mark.parametrize(
    ("address", "caller"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("nonsense", "unknown"),
    ],
)
def test_whom_an_address_stands_for(address: str, caller: str) -> None:
    """A home's IPv6 network is one caller, and an IPv4 address is the same however it is written."""
    assert caller == caller_of(address)


async def test_guessing_is_stopped_and_right_codes_cost_nothing(time: Time) -> None:
    """Ten wrong codes a minute; looking at one's own case is free until then."""
    limits = _alone(time, 1)
    for _ in range(GUESSES_PER_MINUTE):
        limits.check_guesses(ELSEWHERE)
        await limits.count_wrong_guess(ELSEWHERE)

    with pytest.raises(TooMany):
        limits.check_guesses(ELSEWHERE)


async def test_guesses_from_this_machine_are_counted_by_address(time: Time) -> None:
    """One loopback address that guesses stops no other: behind each stands somebody else."""
    limits = _alone(time, 1)
    for _ in range(GUESSES_PER_MINUTE):
        await limits.count_wrong_guess("127.0.0.77")

    limits.check_guesses("127.0.0.78")
    with pytest.raises(TooMany):
        limits.check_guesses("127.0.0.77")


async def test_memory_is_bounded(time: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address unseen for longest is forgotten first."""
    monkeypatch.setattr(rate_limits, "_REMEMBERED", 3)
    counted = _alone(time, 1)
    for number in range(4):
        await _submit(counted, 1, f"203.0.113.{number}")

    await _submit(counted, 1, "203.0.113.0")
    with pytest.raises(TooMany):
        await _submit(counted, 1, "203.0.113.3")


async def test_a_burst_of_guesses_is_paid_for(time: Time) -> None:
    """All may have looked before the first was counted; then the address waits, for a minute and a bit, not for ever."""
    limits = _alone(time, 60)
    for _ in range(300):
        await limits.count_wrong_guess(ELSEWHERE)

    with pytest.raises(TooMany) as refused:
        limits.check_guesses(ELSEWHERE)
    time.now += 60
    with pytest.raises(TooMany):
        limits.check_guesses(ELSEWHERE)
    time.now += 10
    limits.check_guesses(ELSEWHERE)

    assert refused.value.facts["retry_after_seconds"] == 66


@pytest.mark.parametrize("processes", [1, 2, 3])
async def test_processes_share_a_limit(time: Time, processes: int) -> None:
    """However many processes a burst meets at once, the limit passes, and a twentieth more for each process at most."""
    together = Together()
    several = [Limits(together, submissions_per_minute=60, timer=time) for _ in range(processes)]
    burst = [_accepted(several[number % processes], ELSEWHERE) for number in range(300)]
    accepted = sum(await asyncio.gather(*burst))

    assert 60 <= accepted <= 60 + 3 * (processes - 1)


async def test_a_few_requests_settle_nothing(time: Time) -> None:
    """A citizen's own two messages wait for nobody."""
    together = Together()
    await _submit(Limits(together, submissions_per_minute=60, timer=time), 2)

    assert together.asked == 0


async def test_guesses_are_told_at_once(time: Time) -> None:
    """Guessing at one process after the other gives not one guess for each process more."""
    together = Together()
    one, other = (Limits(together, submissions_per_minute=60, timer=time) for _ in range(2))
    for number in range(GUESSES_PER_MINUTE + 1):
        await (one, other)[number % 2].count_wrong_guess(ELSEWHERE)

    for limits in (one, other):
        with pytest.raises(TooMany):
            limits.check_guesses(ELSEWHERE)


async def _guess(limits: Limits) -> bool:
    """Whether a wrong code was looked at."""
    try:
        limits.check_guesses(ELSEWHERE)
        async with limits.guessing(ELSEWHERE):
            await asyncio.sleep(0)
            await limits.count_wrong_guess(ELSEWHERE)
    except TooMany:
        return False
    return True


@pytest.mark.parametrize("processes", [1, 2, 4])
@pytest.mark.parametrize("before", [0, GUESSES_PER_MINUTE - 1])
async def test_a_burst_is_ten_for_each_process_at_most(time: Time, processes: int, before: int) -> None:
    """Whoever looks might be wrong: no more look at once than may be, also behind nine that were wrong one by one."""
    together = Together()
    several = [Limits(together, submissions_per_minute=60, timer=time) for _ in range(processes)]
    for _ in range(before):
        await _guess(several[0])
    looked = sum(await asyncio.gather(*(_guess(several[n % processes]) for n in range(300))))

    assert GUESSES_PER_MINUTE <= before + looked <= GUESSES_PER_MINUTE * processes


async def test_right_codes_at_once_wait_for_one_another(time: Time) -> None:
    """A school behind one address: nobody is refused, also where a single wrong one is left."""
    limits = _alone(time, 1)
    for _ in range(GUESSES_PER_MINUTE - 1):
        await limits.count_wrong_guess(ELSEWHERE)
    looking, most = 0, 0

    async def look() -> None:
        nonlocal looking, most
        async with limits.guessing(ELSEWHERE):
            looking += 1
            most = max(most, looking)
            await asyncio.sleep(0)
            looking -= 1

    await asyncio.gather(*(look() for _ in range(100)))

    assert most == 1


async def test_who_waits_for_slow_ones_is_told_to_come_again(
    time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten that do not end keep nobody without an answer, and nobody at all once their codes are known to be right."""
    monkeypatch.setattr(rate_limits, "_PLACE_SECONDS", 0.01)
    limits = _alone(time, 1)
    async with AsyncExitStack() as slow:
        places = [
            await slow.enter_async_context(limits.guessing(ELSEWHERE)) for _ in range(GUESSES_PER_MINUTE)
        ]
        with pytest.raises(TooMany) as refused:
            async with limits.guessing(ELSEWHERE):
                pass
        places[0]()
        async with limits.guessing(ELSEWHERE):
            pass

    assert refused.value.facts["retry_after_seconds"] == 1


async def test_what_was_counted_alone_is_told_once(time: Time) -> None:
    """After hours without Postgres an address owes no more than its bucket lacks."""
    together = Together()
    together.away = True
    limits = Limits(together, submissions_per_minute=60, timer=time)
    for _ in range(600):
        time.now += 1
        await _submit(limits, 1)
    together.away = False
    await _submit(limits, 1)

    assert sum(together.spent.values()) <= 3


async def test_invented_tokens_are_stopped(time: Time) -> None:
    """From one address, after so many in a minute, though all come at once; this machine is never limited."""
    limits = _alone(time, 1)
    looked_up: Counter[str] = Counter()

    async def invented(address: str) -> None:
        async with limits.showing_unknown_token(address):
            looked_up[address] += 1
            await asyncio.sleep(0)
            raise Unauthenticated

    many = 3 * WRONG_TOKENS_PER_MINUTE
    shown = [invented(address) for _ in range(many) for address in (ELSEWHERE, "127.0.0.1")]
    told = Counter(type(each) for each in await asyncio.gather(*shown, return_exceptions=True))

    assert {ELSEWHERE: WRONG_TOKENS_PER_MINUTE, "127.0.0.1": many} == looked_up
    assert {Unauthenticated: WRONG_TOKENS_PER_MINUTE + many, TooMany: many - WRONG_TOKENS_PER_MINUTE} == told
    limits.check_guesses(ELSEWHERE)
