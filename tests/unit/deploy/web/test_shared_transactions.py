"""What whoever shares a transaction is told, without a database."""

from collections.abc import Sequence

import pytest

from deploy.web.transactions import SharedTransactions
from schemas.errors import StaleVersion
from schemas.http import Call, Principal
from schemas.words import Language
from tests.unit.deploy.records import case


def _impatient() -> Call:
    return Call(
        principal=Principal(),
        language=Language.ZH,
        path={"case_id": case(1)},
        headers={},
        address="127.0.0.1",
        until=0.0,
    )


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
