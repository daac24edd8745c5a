"""How a route's function meets the database, on real Postgres: alone, in company, or looking up."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import msgspec
import pytest

from deploy.database.outbox import RelayNotifier
from deploy.database.pool import FOR_PEOPLE, TRANSIENT, Pool, connect, open_pool
from deploy.settings import Settings
from deploy.web.transactions import RouteRunner
from schemas.errors import NotFound, StaleVersion, Unconfirmed
from schemas.http import ANYONE, Answer, Call, Principal, Route, answer_one
from schemas.ports import Unit
from schemas.words import Language
from tests.unit.deploy.records import case, supplemented

#: Texts that cannot be written: refused by the step, or by Postgres.
REFUSED, NUL = "refused", "a\x00b"
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class Notes:
    """A made-up slice that writes a row and an event for each call; holds its first transaction open until told."""

    def __init__(self) -> None:
        self.go_on = asyncio.Event()
        self.begun = asyncio.Event()
        self.answer_batch: list[int] = []

    async def write_each(self, unit: Unit, calls: Sequence[Call]) -> Sequence[Any]:
        """How many rows each call's case has after it."""
        self.answer_batch.append(len(calls))
        self.begun.set()
        await self.go_on.wait()
        return [await self._write(unit, call) for call in calls]

    async def _write(self, unit: Unit, call: Call) -> int | StaleVersion:
        if call.body == REFUSED:
            return StaleVersion(current=7)
        unit.emit(msgspec.structs.replace(supplemented(1), case_id=call.case_id))
        rows = await unit.db.fetch("SELECT FROM scratch.seen WHERE case_id = $1 FOR UPDATE", call.case_id)
        known = len(rows)
        await unit.db.execute(
            "INSERT INTO scratch.seen (case_id, version, text) VALUES ($1, $2, $3)",
            call.case_id,
            known + 1,
            call.body,
        )
        return known + 1


def call(number: int, text: str = "路灯", traceparent: str | None = None) -> Call:
    """Somebody writes `text` to a case."""
    return Call(
        principal=Principal(),
        language=Language.ZH,
        path={"case_id": case(number)},
        headers={},
        address="127.0.0.1",
        body=text,
        traceparent=traceparent,
    )


def caller(pool: Pool, answer: Answer, **more: Any) -> RouteRunner:
    """Of a route with this function."""
    route = Route(
        method=more.pop("method", "POST"), path="/x", answer=answer, who=ANYONE, summary="…", **more
    )
    return RouteRunner(route, pool, "calls", b"a" * 32, RelayNotifier(pool))


async def _answers(notes: Notes, answer_batch: RouteRunner, calls: Sequence[Call]) -> list[Any]:
    """Of `calls`, made while an earlier one is under way."""
    first = asyncio.create_task(answer_batch.answer(call(99)))
    await notes.begun.wait()
    others = [asyncio.create_task(answer_batch.answer(one)) for one in calls]
    await asyncio.sleep(0)
    notes.go_on.set()
    await first
    return await asyncio.gather(*others, return_exceptions=True)


def _shared(pool: Pool, notes: Notes) -> RouteRunner:
    return caller(pool, answer_one(notes.write_each), answer_batch=notes.write_each)


async def _written(pool: Pool) -> list[tuple[str, str]]:
    rows = await pool.fetch("SELECT case_id, text FROM scratch.seen WHERE case_id <> $1", case(99))
    return sorted((str(row["case_id"]), row["text"]) for row in rows)


async def test_those_who_wait_share_a_transaction(pool: Pool) -> None:
    """The first goes alone at once, the rest together; each gets its own answer, its event and its trace."""
    notes = Notes()
    answers = await _answers(notes, _shared(pool, notes), [call(n, traceparent=TRACE) for n in range(1, 6)])

    assert [1, 5] == notes.answer_batch
    assert [1] * 5 == answers
    assert [(case(n), "路灯") for n in range(1, 6)] == await _written(pool)
    traces = await pool.fetch("SELECT traceparent FROM deploy.outbox WHERE case_id <> $1", case(99))
    assert [TRACE] * 5 == [row["traceparent"] for row in traces]
    writers = await pool.fetch("SELECT DISTINCT xmin::text FROM scratch.seen WHERE case_id <> $1", case(99))
    assert 1 == len(writers)


async def test_a_refusal_is_its_callers_alone(pool: Pool) -> None:
    """The others are written in the same transaction; nothing of the refused one is."""
    notes = Notes()
    answers = await _answers(notes, _shared(pool, notes), [call(1), call(2, REFUSED), call(3)])

    assert [1, 3] == notes.answer_batch
    assert [1, StaleVersion, 1] == [a if isinstance(a, int) else type(a) for a in answers]
    assert [(case(1), "路灯"), (case(3), "路灯")] == await _written(pool)
    assert 3 == await pool.fetchval("SELECT count(*) FROM deploy.outbox")


async def test_one_that_postgres_refuses_spoils_no_other(pool: Pool) -> None:
    """What was begun together is undone; then each goes alone, and only the one fails."""
    notes = Notes()
    answers = await _answers(notes, _shared(pool, notes), [call(1), call(2, NUL), call(3)])

    assert [1, 3, 1, 1, 1] == notes.answer_batch
    assert [1, True, 1] == [a if isinstance(a, int) else isinstance(a, asyncpg.DataError) for a in answers]
    assert [(case(1), "路灯"), (case(3), "路灯")] == await _written(pool)
    assert 3 == await pool.fetchval("SELECT count(*) FROM deploy.outbox")


async def test_what_was_answered_too_seldom_is_not_written(pool: Pool) -> None:
    """A function that leaves a caller out has its transaction undone: what was committed is not done a second time."""
    notes = Notes()

    async def all_but_the_last(unit: Unit, calls: Sequence[Call]) -> Sequence[Any]:
        written = await notes.write_each(unit, calls)
        return written[:-1] if len(written) > 1 else written

    runner = caller(pool, answer_one(notes.write_each), answer_batch=all_but_the_last)
    answers = await _answers(notes, runner, [call(1), call(2)])

    assert [1, 2, 1, 1] == notes.answer_batch
    assert [1, 1] == answers


async def test_two_of_one_case_go_one_after_the_other(pool: Pool) -> None:
    """The later sees what the earlier wrote."""
    notes = Notes()
    answers = await _answers(notes, _shared(pool, notes), [call(1, "a"), call(2), call(1, "b")])

    assert [1, 2, 1] == notes.answer_batch
    assert [1, 1, 2] == answers


async def test_a_case_that_somebody_holds_keeps_no_other_waiting(pool: Pool, settings: Settings) -> None:
    """Its own caller is told to try again; those who shared its transaction are answered."""
    notes = Notes()
    async with (
        open_pool(settings, server_settings={"lock_timeout": "200ms"}) as impatient,
        pool.acquire() as holder,
        holder.transaction(),
    ):
        await pool.execute("INSERT INTO scratch.seen (case_id, version, text) VALUES ($1, 1, '')", case(1))
        await holder.execute("SELECT FROM scratch.seen WHERE case_id = $1 FOR UPDATE", case(1))
        async with asyncio.timeout(10):
            held, free = await _answers(notes, _shared(impatient, notes), [call(1), call(2)])

    assert isinstance(held, TRANSIENT)
    assert 1 == free


async def test_impatient_callers_of_a_held_case_keep_nobody_else_waiting(
    pool: Pool, settings: Settings
) -> None:
    """However often they ask: the others wait for the first of them at most."""
    notes = Notes()
    notes.go_on.set()
    async with (
        open_pool(settings, server_settings={"lock_timeout": "500ms"}) as impatient,
        pool.acquire() as holder,
        holder.transaction(),
    ):
        await pool.execute("INSERT INTO scratch.seen (case_id, version, text) VALUES ($1, 1, '')", case(1))
        await holder.execute("SELECT FROM scratch.seen WHERE case_id = $1 FOR UPDATE", case(1))
        shared = _shared(impatient, notes)
        held = [asyncio.create_task(shared.answer(call(1))) for _ in range(8)]
        await notes.begun.wait()
        free = [asyncio.create_task(shared.answer(call(2 + number))) for number in range(4)]
        answers = await asyncio.gather(*free)
        still_waiting = sum(not task.done() for task in held)
        failed = await asyncio.gather(*held, return_exceptions=True)

    assert [1] * 4 == answers
    assert still_waiting >= 5
    assert all(isinstance(error, TRANSIENT) for error in failed)


async def test_what_may_be_committed_is_never_done_again(pool: Pool) -> None:
    """The connection broke after the commit and before its answer: every caller hears that nobody knows."""
    notes = Notes()

    class Breaking:
        """A pool whose connections break when they are given back."""

        @asynccontextmanager
        async def acquire(self) -> AsyncIterator[Any]:
            async with pool.acquire() as connection:
                yield connection
            if len(notes.answer_batch) > 1:
                raise asyncpg.ConnectionDoesNotExistError("closed in the middle of the operation")

    breaking: Any = Breaking()
    answers = await _answers(notes, _shared(breaking, notes), [call(1), call(2)])

    assert [1, 2] == notes.answer_batch
    assert all(isinstance(error, Unconfirmed) for error in answers)
    assert [(case(1), "路灯"), (case(2), "路灯")] == await _written(pool)


async def test_an_odd_spelling_of_a_case_id_joins_nobody(pool: Pool) -> None:
    """Postgres would read it as the same case."""
    notes = Notes()
    odd = call(1)
    odd.path = {"case_id": "0000000-00000-0000-0000-000000000001"}
    answers = await _answers(notes, _shared(pool, notes), [odd, call(2)])

    assert [1, 1] == notes.answer_batch
    assert [NotFound, int] == [type(answer) for answer in answers]


async def test_a_lookup_has_no_transaction_and_says_nothing(pool: Pool) -> None:
    """Each statement stands alone; an event would have no transaction to belong to."""

    async def transactions(call: Call) -> set[str]:
        return {await call.unit.db.fetchval("SELECT pg_current_xact_id()::text") for _ in range(2)}

    async def speak(call: Call) -> None:
        call.unit.emit(supplemented(1))

    assert 2 == len(await caller(pool, transactions, method="GET", lookup=True).answer(call(1)))
    assert 1 == len(await caller(pool, transactions, method="GET").answer(call(1)))
    with pytest.raises(RuntimeError):
        await caller(pool, speak, method="GET", lookup=True).answer(call(1))
    assert 0 == await pool.fetchval("SELECT count(*) FROM deploy.outbox")


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_a_migration_meanwhile_is_nobodys_trouble(settings: Settings, method: str) -> None:
    """A statement that was prepared before it answers otherwise now: the call is done once more, and once only."""

    async def write_and_look(call: Call) -> list[str]:
        await call.unit.db.execute("INSERT INTO scratch.migrated VALUES (1)")
        return list((await call.unit.db.fetch("SELECT * FROM scratch.migrated"))[-1].keys())

    async with open_pool(settings, size=1) as pool, connect(settings) as owner:
        await owner.execute("DROP TABLE IF EXISTS scratch.migrated; CREATE TABLE scratch.migrated (a int)")
        runner = caller(pool, write_and_look, method=method)
        before = await runner.answer(call(1))
        await owner.execute("ALTER TABLE scratch.migrated ADD b int")
        after = await runner.answer(call(1))
        written = await owner.fetchval("SELECT count(*) FROM scratch.migrated")

    assert (["a"], ["a", "b"], 2) == (before, after, written)


async def test_lists_plan_anew_and_all_else_keeps_plans_by_indexes(settings: Settings) -> None:
    """A plan that was made while a table was small must do when it has grown; figures read whole tables."""

    async def server_settings(call: Call) -> tuple[str, str]:
        db = call.unit.db
        return await db.fetchval("SHOW plan_cache_mode"), await db.fetchval("SHOW enable_seqscan")

    async with open_pool(settings, server_settings=FOR_PEOPLE) as pool:
        found = [
            await caller(pool, server_settings, method="GET").answer(call(1)),
            await caller(pool, server_settings, method="GET", lookup=True).answer(call(1)),
            await caller(pool, server_settings).answer(call(1)),
        ]

    assert [("auto", "on"), ("force_generic_plan", "off"), ("force_generic_plan", "off")] == found


async def test_a_step_that_answers_too_few_leaves_nobody_waiting(pool: Pool) -> None:
    """A defect of ours: everybody hears of it, and nothing is committed."""

    async def forgetful(unit: Unit, calls: Sequence[Call]) -> Sequence[Any]:
        return []

    answer_batch = caller(pool, answer_one(forgetful), answer_batch=forgetful)
    async with asyncio.timeout(10):
        answers = await asyncio.gather(
            *(answer_batch.answer(call(number)) for number in range(3)), return_exceptions=True
        )

    assert [RuntimeError] * 3 == [type(error) for error in answers]


async def test_what_can_be_answered_without_postgres_does_not_wait_for_it(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It hangs: after a while the function is asked again, without a unit."""
    monkeypatch.setattr("deploy.web.transactions.WITHOUT_AFTER_SECONDS", 0.2)

    async def look(call: Call) -> str:
        if call.unit_or_none is None:
            return "without"
        await call.unit.db.execute("SELECT pg_sleep(30)")
        return "with"

    async with asyncio.timeout(10):
        answer = await caller(pool, look, method="GET", lookup=True, without_database=True).answer(call(1))

    assert "without" == answer
