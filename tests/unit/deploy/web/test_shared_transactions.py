"""What whoever shares a transaction is told, without a database."""

import asyncio
from collections.abc import Sequence

import asyncpg
import pytest

from deploy.web.transactions import SharedTransactions
from schemas.errors import StaleVersion, Unavailable, Unconfirmed
from schemas.http import Call, Principal
from schemas.words import Language
from tests.unit.deploy.records import case


def _impatient(number: int = 1, until: float = 0.0) -> Call:
    return Call(
        principal=Principal(),
        language=Language.ZH,
        path={"case_id": case(number)},
        headers={},
        address="127.0.0.1",
        until=until,
    )


def _patient(number: int) -> Call:
    return _impatient(number, asyncio.get_running_loop().time() + 60)


class OfAnArgument(asyncpg.InterfaceError, ValueError):
    """As asyncpg says of an argument, before anything is sent."""


class City:
    """Answers calls with the number of their transaction; the first one takes until the city is `free`."""

    def __init__(self, fails: Exception | None = None) -> None:
        #: The cases of each transaction.
        self.done: list[list[str]] = []
        self.begun, self.free = asyncio.Event(), asyncio.Event()
        #: What happens to a transaction of several.
        self._fails = fails
        self.shared = SharedTransactions(self._run)

    async def _run(self, calls: Sequence[Call]) -> Sequence[int]:
        self.done.append([case_numbers[call.case_id] for call in calls])
        number = len(self.done)
        self.begun.set()
        await self.free.wait()
        if len(calls) > 1 and self._fails is not None:
            raise self._fails
        return [number for _ in calls]

    async def answers(self, *numbers: int) -> list[int | BaseException]:
        """What calls for these cases are answered that come while the first, for case 9, is under way."""
        under_way = asyncio.create_task(self.shared.answer(_patient(9)))
        await self.begun.wait()
        calls = [asyncio.create_task(self.shared.answer(_patient(number))) for number in numbers]
        await asyncio.sleep(0)
        self.free.set()
        assert 1 == await under_way
        answered: list[int | BaseException] = await asyncio.gather(*calls, return_exceptions=True)
        return answered


case_numbers = {case(number): str(number) for number in range(10)}


async def test_what_comes_at_the_last_moment_is_the_answer() -> None:
    """The time is over as it is done: whoever asked hears what came of it, and not that nothing was submitted."""

    async def do(calls: Sequence[Call]) -> Sequence[str]:
        return ["done" for _ in calls]

    assert "done" == await SharedTransactions(do).answer(_impatient())


async def test_so_is_a_refusal() -> None:
    """It is the caller's, as at any other moment."""

    async def refuse(calls: Sequence[Call]) -> Sequence[StaleVersion]:
        return [StaleVersion(current=7) for _ in calls]

    with pytest.raises(StaleVersion):
        await SharedTransactions(refuse).answer(_impatient())


async def test_whoever_waits_shares_the_next_one_and_no_case_is_in_it_twice() -> None:
    """In the order in which they came, each once; what is second for its case waits for the one after."""
    city = City()

    assert [2, 3, 2, 4] == await city.answers(2, 2, 3, 2)
    assert [["9"], ["2", "3"], ["2"], ["2"]] == city.done


@pytest.mark.parametrize(
    "error", [asyncpg.DeadlockDetectedError("deadlock"), OfAnArgument("text for a number")], ids=type
)
async def test_where_nothing_was_done_each_tries_alone(error: Exception) -> None:
    """Once, beside those that come after."""
    city = City(fails=error)

    assert {2, 3, 4} >= set(await city.answers(2, 3))
    assert [["9"], ["2", "3"], ["2"], ["3"]] == city.done


@pytest.mark.parametrize("error", [Unconfirmed("postgres"), ConnectionResetError("gone")], ids=type)
async def test_what_may_have_been_done_is_not_done_again(error: Exception) -> None:
    """Only the answer may be lost: each of them is told so."""
    city = City(fails=error)

    assert [error, error] == await city.answers(2, 3)
    assert [["9"], ["2", "3"]] == city.done


async def test_a_failed_transaction_of_one_is_not_tried_again() -> None:
    """It was alone already."""
    tried: list[int] = []

    async def fail(calls: Sequence[Call]) -> Sequence[int]:
        tried.append(len(calls))
        raise asyncpg.DeadlockDetectedError("deadlock")

    with pytest.raises(asyncpg.DeadlockDetectedError):
        await SharedTransactions(fail).answer(_patient(1))
    assert [1] == tried


async def test_whose_time_is_over_is_told_whether_it_may_have_been_done() -> None:
    """What waits still is not done any more; what is under way may be."""
    city, now = City(), asyncio.get_running_loop().time()
    under_way = asyncio.create_task(city.shared.answer(_impatient(9, now + 0.02)))
    await city.begun.wait()
    with pytest.raises(Unavailable) as waited:
        await city.shared.answer(_impatient(2, now + 0.01))
    with pytest.raises(Unconfirmed):
        await under_way
    city.free.set()
    assert 2 == await city.shared.answer(_patient(3))

    assert not isinstance(waited.value, Unconfirmed)
    assert [["9"], ["3"]] == city.done
