"""How often one address may do something, in one process and in several."""

import asyncio
from collections import Counter, defaultdict

import pytest

from deploy.web import rate_limits
from deploy.web.rate_limits import (
    GUESSES_OF_ONE_ADDRESS,
    GUESSES_OF_ONE_CASE,
    GUESSES_PER_MINUTE,
    PER_MINUTE,
    UNKNOWN_CODES_PER_MINUTE,
    WRONG_TOKENS_PER_MINUTE,
    Limits,
    caller_of,
)
from schemas.errors import TooMany, Unauthenticated
from schemas.http import Limit
from schemas.tried_secrets import TriedSecret

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


async def _looked_at(
    limits: Limits,
    code: str = "A",
    *,
    address: str = ELSEWHERE,
    device: str | None = None,
    right: bool = False,
) -> bool:
    """Whether a code was looked at, and not refused."""
    try:
        await limits.count_guess(TriedSecret(of=code, is_right=right), address, device)
    except TooMany:
        return False
    return True


async def _spend(
    limits: Limits, code: str = "A", *, times: int = GUESSES_PER_MINUTE, network: int = 0
) -> int:
    """TriedSecret wrong at one case, ten times from each address; how many were looked at."""
    addresses = [f"10.{network}.0.{number // GUESSES_PER_MINUTE}" for number in range(times)]
    return sum([await _looked_at(limits, code, address=address) for address in addresses])


async def test_guessing_at_one_case_keeps_nobody_from_another(time: Time) -> None:
    """Ten wrong codes a minute; right ones of that case are refused there, too, and of no other case, and nowhere else."""
    limits = _alone(time, 1)
    assert [True] * GUESSES_PER_MINUTE + [False] == [
        await _looked_at(limits) for _ in range(GUESSES_PER_MINUTE + 1)
    ]

    assert not await _looked_at(limits, right=True)
    assert await _looked_at(limits, "B", right=True)
    assert await _looked_at(limits, right=True, address="203.0.113.99")
    time.now += 6
    assert await _looked_at(limits, right=True)


async def test_what_nobody_was_given_opens_nothing_and_stops_nothing(time: Time) -> None:
    """Invented tracking codes are refused after a while, and no code that was handed out with them."""
    limits = _alone(time, 1)
    told = [await _looked_at(limits, "") for _ in range(UNKNOWN_CODES_PER_MINUTE + 1)]

    assert [True] * UNKNOWN_CODES_PER_MINUTE + [False] == told
    assert await _looked_at(limits, right=True)


async def test_one_address_guesses_so_much_at_all_cases(time: Time) -> None:
    """Whoever opened a case from there, or in this browser, goes on; who never did waits as the guesser does."""
    limits = _alone(time, 1)
    assert await _looked_at(limits, "mine", right=True)
    told = [await _looked_at(limits, f"case {number}") for number in range(GUESSES_OF_ONE_ADDRESS + 1)]

    assert [True] * GUESSES_OF_ONE_ADDRESS + [False] == told
    assert await _looked_at(limits, "mine", right=True)
    assert await _looked_at(limits, "another", right=True, device="a browser of ours")
    assert not await _looked_at(limits, "a third", right=True)


async def test_all_addresses_together_guess_so_much_at_one_case(time: Time) -> None:
    """Its citizen goes on in the browser, and from the address, that opened it before; nobody is kept from another case."""
    limits = _alone(time, 1)
    assert await _looked_at(limits, right=True)
    assert GUESSES_OF_ONE_CASE == await _spend(limits, times=3 * GUESSES_OF_ONE_CASE)

    assert await _looked_at(limits, right=True)
    assert await _looked_at(limits, right=True, address="203.0.113.50", device="their browser")
    assert not await _looked_at(limits, right=True, address="203.0.113.51")
    assert await _looked_at(limits, "B", right=True, address="203.0.113.51")


async def test_a_known_browser_guesses_no_more_than_any(time: Time) -> None:
    """Its count is its own: strangers at its address do not run it up, nor it theirs."""
    limits = _alone(time, 1)
    told = [await _looked_at(limits, device="a browser") for _ in range(GUESSES_PER_MINUTE + 1)]

    assert [True] * GUESSES_PER_MINUTE + [False] == told
    assert not await _looked_at(limits, device="a browser", right=True)
    assert await _looked_at(limits, right=True)


async def test_who_signs_in_costs_their_address_nothing(time: Time) -> None:
    """An office behind one address: what was right is given back, however often, and what is full gets no fuller."""
    limits = _alone(time, 1)
    limits.give_back(Limit.SIGN_IN, ELSEWHERE)
    for _ in range(3 * PER_MINUTE[Limit.SIGN_IN]):
        await limits.count(Limit.SIGN_IN, ELSEWHERE)
        limits.give_back(Limit.SIGN_IN, ELSEWHERE)
    for _ in range(PER_MINUTE[Limit.SIGN_IN]):
        await limits.count(Limit.SIGN_IN, ELSEWHERE)

    with pytest.raises(TooMany):
        await limits.count(Limit.SIGN_IN, ELSEWHERE)


async def test_memory_is_bounded(time: Time, monkeypatch: pytest.MonkeyPatch) -> None:
    """The address unseen for longest is forgotten first."""
    monkeypatch.setattr(rate_limits, "_REMEMBERED", 3)
    counted = _alone(time, 1)
    for number in range(4):
        await _submit(counted, 1, f"203.0.113.{number}")

    await _submit(counted, 1, "203.0.113.0")
    with pytest.raises(TooMany):
        await _submit(counted, 1, "203.0.113.3")


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
    several = [Limits(together, submissions_per_minute=60, timer=time) for _ in range(2)]
    told = [await _looked_at(several[number % 2]) for number in range(GUESSES_PER_MINUTE + 2)]

    assert [True] * GUESSES_PER_MINUTE + [False] * 2 == told


@pytest.mark.parametrize("processes", [1, 2, 4])
@pytest.mark.parametrize("before", [0, GUESSES_PER_MINUTE - 1])
async def test_a_burst_is_ten_for_each_process_at_most(time: Time, processes: int, before: int) -> None:
    """However many come at once; the right one behind them is refused as they are, though others wait for Postgres."""
    together = Together()
    several = [Limits(together, submissions_per_minute=60, timer=time) for _ in range(processes)]
    for _ in range(before):
        await _looked_at(several[0])
    burst = [_looked_at(several[number % processes]) for number in range(300)]
    *looked, last = await asyncio.gather(*burst, _looked_at(several[0], right=True))

    assert GUESSES_PER_MINUTE <= before + sum(looked) <= GUESSES_PER_MINUTE * processes
    assert not last


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
    assert await _looked_at(limits)
