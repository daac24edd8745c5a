"""An answer made once for all who ask."""

import asyncio

import pytest

from deploy.web.remembered import Remembered


class Maker:
    """Counts; fails when told to."""

    def __init__(self) -> None:
        self.made = 0
        self.fails = False
        self.now = 0.0

    async def make(self) -> int:
        """How often it was made."""
        self.made += 1
        await asyncio.sleep(0)
        if self.fails:
            raise ConnectionResetError
        return self.made


@pytest.fixture
def maker() -> Maker:
    """Not asked yet."""
    return Maker()


async def test_all_who_ask_at_once_get_one_answer(maker: Maker) -> None:
    """A hundred callers cost as much as one."""
    remembered = Remembered(maker.make, 5, lambda: maker.now)
    answers = await asyncio.gather(*(remembered.get() for _ in range(100)))

    assert {1} == set(answers)


async def test_an_answer_gets_old(maker: Maker) -> None:
    """After its time it is made anew, and not before."""
    remembered = Remembered(maker.make, 5, lambda: maker.now)
    answers = []
    for maker.now in (0.0, 4.9, 5.0):
        answers.append(await remembered.get())

    assert [1, 1, 2] == answers


async def test_a_failure_is_not_remembered(maker: Maker) -> None:
    """The next who asks lets it be tried again."""
    remembered = Remembered(maker.make, 5, lambda: maker.now)
    maker.fails = True
    with pytest.raises(ConnectionResetError):
        await remembered.get()
    maker.fails = False

    assert await remembered.get() == 2
