"""How a route's function meets the database: in a transaction of its own, in one shared with others, or in none.

The only place that commits for the slices' routes, and that writes down what their answers show of cases.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import asyncpg
import structlog

from deploy import clock
from deploy.database.case_views import store_views, views_of
from deploy.database.coalescing import settle
from deploy.database.in_time import within
from deploy.database.outbox import RelayNotifier
from deploy.database.pool import TRANSIENT, UNCERTAIN, Connections
from deploy.database.unit_of_work import PostgresUnit, single_statements, unit_of_work
from schemas.errors import Unavailable, Unconfirmed
from schemas.http import Answer, Call, Page, Route, Stream
from schemas.ids import CaseId
from schemas.ports import Database, Unit

log = structlog.get_logger()

#: How long Postgres may hang before a route answers without it, if it can (project choice: as long as people wait).
WITHOUT_AFTER_SECONDS = 3.0
#: How long a request that changes something waits for Postgres (project choice: as long as one that only reads).
CHANGE_SECONDS = 10.0


class _Waiting(NamedTuple):
    """A call, the case that it is about, and where its answer goes."""

    call: Call
    case_id: CaseId
    answer: "asyncio.Future[Any]"


class _RollBack(Exception):
    """Carries a page that shows an error out of the transaction, which is rolled back; the page is the answer."""

    def __init__(self, answer: Page) -> None:
        super().__init__()
        self.answer = answer


def _may_be_done(unit: Unit | None) -> bool:
    """Whether the COMMIT was under way when Postgres stopped answering."""
    return isinstance(unit, PostgresUnit) and unit.is_committing


class RouteRunner:
    """Calls one route's function in the transaction that the route asks for, commits it, and wakes the relay."""

    def __init__(
        self, route: Route, pool: Connections, prefix: str, audit_key: bytes, notifier: RelayNotifier
    ) -> None:
        self._route = route
        self._pool = pool
        self._single_statements = partial(single_statements, pool, prefix=prefix)
        self._unit_of_work = partial(
            unit_of_work, pool, prefix=prefix, audit_key=audit_key, notifier=notifier
        )
        self._shared = SharedTransactions(self._in_one_shared)
        self._meet_database = self._way_to_database()

    async def answer(self, call: Call) -> Any:
        """The function's answer, after its transaction is committed and it is recorded which cases the answer shows.

        Raises:
            Exception: whatever it raised; nothing of its call was committed.
        """
        if self._route.before is not None:
            await self._route.before(call)
        call.until = asyncio.get_running_loop().time() + CHANGE_SECONDS
        try:
            answer = await self._meet_database(call)
        except asyncpg.InvalidCachedStatementError:
            # A migration changed what a prepared statement answers; it is prepared anew, and nothing was committed.
            if self._route.streams:
                raise
            call.shown.clear()
            answer = await self._meet_database(call)
        if call.shown:
            await self._record_apart(call)
        if isinstance(answer, Stream):
            return Stream(chunks=self._recorded(answer.chunks, call))
        return answer

    def _way_to_database(self) -> Answer:
        """How this route's function gets at the database: chosen once, from the fields of `Route`."""
        route = self._route
        if not route.database:
            return route.answer
        if route.lookup:
            way: Answer = self._in_single_statements
        elif route.answer_batch is not None:
            way = self._shared.answer
        elif route.method == "GET" or route.streams:
            way = self._in_one_transaction
        else:
            way = self._in_time
        return partial(self._perhaps_without, way) if route.without_database else way

    async def _perhaps_without(self, way: Answer, call: Call) -> Any:
        """The answer of `way`; where Postgres is away or hangs, the function is called without a database."""
        try:
            return await within(WITHOUT_AFTER_SECONDS, way(call))
        except TRANSIENT as error:
            log.warning("request.without-database", route=self._route.path, error=type(error).__name__)
            call.unit_or_none = None
            return await self._route.answer(call)

    async def _in_single_statements(self, call: Call) -> Any:
        async with self._single_statements() as unit:
            call.unit_or_none = unit
            answer = await self._route.answer(call)
            if call.shown:
                await self._record(unit.db, [call])
            return answer

    async def _in_time(self, call: Call) -> Any:
        """As `_in_one_transaction`, with a time limit: what is not committed in time is rolled back.

        Raises:
            Unconfirmed: the limit passed during COMMIT; it may be done.
        """
        try:
            seconds = call.until - asyncio.get_running_loop().time()
            return await within(seconds, self._in_one_transaction(call))
        except UNCERTAIN as error:
            if _may_be_done(call.unit_or_none):
                raise Unconfirmed("postgres") from error
            raise

    async def _in_one_transaction(self, call: Call) -> Any:
        plans_vary = self._route.method == "GET"
        try:
            async with self._unit_of_work(plans_vary=plans_vary) as unit:
                unit.origin = call.traceparent
                call.unit_or_none = unit
                answer = await self._route.answer(call)
                if isinstance(answer, Page) and answer.status >= 400:
                    raise _RollBack(answer)
                if call.shown:
                    await self._record(unit.db, [call])
                return answer
        except _RollBack as rolled_back:
            return rolled_back.answer

    async def _in_one_shared(self, calls: Sequence[Call]) -> Sequence[Any]:
        assert self._route.answer_batch is not None
        traces = {call.case_id: call.traceparent for call in calls if call.traceparent is not None}
        unit: PostgresUnit | None = None
        try:
            async with self._unit_of_work(traces=traces) as unit:
                outcomes = await self._route.answer_batch(unit, calls)
                if len(outcomes) != len(calls):
                    raise RuntimeError("one outcome for each call")
                answered = zip(calls, outcomes, strict=True)
                if showing := [each for each, at in answered if each.shown and not isinstance(at, Exception)]:
                    await self._record(unit.db, showing)
                return outcomes
        except UNCERTAIN as error:
            if _may_be_done(unit):
                raise Unconfirmed("postgres") from error
            raise

    async def _record(self, db: Database, calls: Sequence[Call]) -> None:
        """Record in one statement what the answers to these calls show; each shows something of a case."""
        route, now = f"{self._route.method} {self._route.path}", clock.now()
        await store_views(db, [view for call in calls for view in views_of(call, route, now)])
        for call in calls:
            call.shown.clear()

    async def _record_apart(self, call: Call) -> None:
        """Record what the answer shows in a transaction of its own: the call had none, or it was rolled back.

        Raises:
            TimeoutError: Postgres did not confirm in time.
        """
        await within(CHANGE_SECONDS, self._record_on_its_own(call))

    async def _record_on_its_own(self, call: Call) -> None:
        async with self._pool.acquire() as db:
            await self._record(db, [call])

    async def _recorded(self, chunks: AsyncIterator[bytes], call: Call) -> AsyncIterator[bytes]:
        """A stream's chunks; what a chunk shows is recorded before it is sent."""
        async for chunk in chunks:
            if call.shown:
                await self._record_apart(call)
            yield chunk


class SharedTransactions:
    """Transactions shared by calls: calls that arrive while one runs all go into the next.

    A call never waits for others to join. A transaction has at most one call for each case. If it fails, it is rolled
    back, and each of its calls is tried again in a transaction of its own, beside later ones.
    """

    def __init__(self, run: Callable[[Sequence[Call]], Awaitable[Sequence[Any]]]) -> None:
        self._run = run
        self._waiting: list[_Waiting] = []
        self._serving: asyncio.Task[None] | None = None
        #: Cases whose calls go alone, for instance because their row is locked: they keep no other case waiting.
        self._alone: Counter[CaseId] = Counter()
        self._tasks: set[asyncio.Task[None]] = set()

    async def answer(self, call: Call) -> Any:
        """The answer to `call`, from a transaction shared with others or of its own.

        Raises:
            Exception: it was refused, or failed; NotFound where the path holds no case id.
            Unavailable: it was not begun in time, and never will be.
            Unconfirmed: it was begun, and its outcome is unknown.
        """
        loop = asyncio.get_running_loop()
        waiting = _Waiting(call, call.case_id, loop.create_future())
        if waiting.case_id in self._alone:
            self._send_alone(waiting)
        else:
            self._waiting.append(waiting)
            if self._serving is None:
                self._serving = asyncio.create_task(self._serve(), name="shared transactions")
        try:
            # Shielded: a caller who leaves takes nothing from the others.
            return await asyncio.wait_for(asyncio.shield(waiting.answer), call.until - loop.time())
        except TimeoutError as error:
            # The answer came at the same moment as the timeout.
            if waiting.answer.done():
                return waiting.answer.result()
            raise self._given_up(waiting) from error

    def _given_up(self, waiting: _Waiting) -> Unavailable:
        if waiting not in self._waiting:
            return Unconfirmed("postgres")
        self._waiting.remove(waiting)
        return Unavailable("postgres")

    async def _serve(self) -> None:
        """Run shared transactions until no call waits; of several calls for one case the first goes first."""
        try:
            while self._waiting:
                first = {one.case_id: one for one in reversed(self._waiting)}
                wave = [one for one in self._waiting if first[one.case_id] is one]
                self._waiting = [one for one in self._waiting if first[one.case_id] is not one]
                await self._serve_together(wave)
        finally:
            self._serving = None

    async def _serve_together(self, wave: Sequence[_Waiting]) -> None:
        """Answer all of `wave` from one transaction; where that fails, let each try alone."""
        try:
            outcomes = await self._run([waiting.call for waiting in wave])
        except Exception as error:  # noqa: BLE001  raised again for its caller
            # Perhaps it was committed and only the answer lost: then it must not be tried again.
            # asyncpg raises ValueError for a bad argument before it sends anything.
            is_uncertain = isinstance(error, (Unconfirmed, *UNCERTAIN)) and not isinstance(error, ValueError)
            if len(wave) == 1 or is_uncertain:
                outcomes = [error] * len(wave)
            else:
                for waiting in wave:
                    self._send_alone(waiting)
                return
        for waiting, outcome in zip(wave, outcomes, strict=True):
            settle(waiting.answer, outcome)

    def _send_alone(self, waiting: _Waiting) -> None:
        self._alone[waiting.case_id] += 1
        task = asyncio.create_task(self._serve_alone(waiting), name="a call alone")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve_alone(self, waiting: _Waiting) -> None:
        try:
            await self._serve_together([waiting])
        finally:
            self._alone -= Counter([waiting.case_id])
