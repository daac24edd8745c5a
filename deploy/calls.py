"""How a route's function meets the database: in a transaction of its own, in one shared with others, or in none.

The only place that commits for the slices' routes.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import structlog

from deploy.database import TRANSIENT, Pool, single_statements, unit_of_work
from deploy.outbox import Bell
from deploy.together import Together
from schemas.http import Call, Page, Route

log = structlog.get_logger()


class _RollBack(Exception):
    """A page that shows an error: its answer goes out, its transaction does not."""

    def __init__(self, answer: Page) -> None:
        super().__init__()
        self.answer = answer


class Caller:
    """Calls the function of one route."""

    def __init__(self, route: Route, pool: Pool, prefix: str, bell: Bell) -> None:
        self._route = route
        self._pool = pool
        self._prefix = prefix
        self._bell = bell
        self._together = Together(self._answer_each)

    async def answer(self, call: Call) -> Any:
        """What the function answers.

        Raises:
            Exception: whatever it raised; nothing of its call was committed.
        """
        if not self._route.database:
            return await self._route.answer(call)
        try:
            return await self._with_database(call)
        except _RollBack as rolled_back:
            return rolled_back.answer
        except TRANSIENT as error:
            if not self._route.without_database:
                raise
            log.warning("request.without-database", route=self._route.path, error=type(error).__name__)
            call.unit_or_none = None
            return await self._route.answer(call)

    async def _with_database(self, call: Call) -> Any:
        if self._route.lookup:
            async with single_statements(self._pool, prefix=self._prefix) as call.unit_or_none:
                return await self._route.answer(call)
        if self._route.together is None:
            return await self._in_one_transaction(call)
        outcome = await self._together.of(call)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def _in_one_transaction(self, call: Call) -> Any:
        plans_vary = self._route.method == "GET"
        async with unit_of_work(self._pool, prefix=self._prefix, plans_vary=plans_vary) as unit:
            unit.origin = call.traceparent
            call.unit_or_none = unit
            answer = await self._route.answer(call)
            if isinstance(answer, Page) and answer.status >= 400:
                raise _RollBack(answer)
            wrote = unit.has_emitted
        if wrote:
            self._bell.ring()
        return answer

    async def _answer_each(self, calls: Sequence[Call]) -> Mapping[Call, Any]:
        """Every call's answer or error. Those that cannot go together go alone, so that one spoils no other."""
        outcomes: dict[Call, Any] = {}
        for wave in _waves(calls):
            outcomes.update(await self._outcomes(wave))
        return outcomes

    async def _outcomes(self, calls: Sequence[Call]) -> Mapping[Call, Any]:
        try:
            return dict(zip(calls, await self._in_one_shared(calls), strict=True))
        except Exception as error:  # noqa: BLE001  raised again for its caller, in `_with_database`
            if len(calls) == 1:
                return {calls[0]: error}
        each = await asyncio.gather(*(self._outcomes([call]) for call in calls))
        return {call: outcome for one in each for call, outcome in one.items()}

    async def _in_one_shared(self, calls: Sequence[Call]) -> Sequence[Any]:
        assert self._route.together is not None
        traces = {call.case_id: call.traceparent for call in calls if call.traceparent is not None}
        async with unit_of_work(self._pool, prefix=self._prefix, traces=traces) as unit:
            outcomes = await self._route.together(unit, calls)
            wrote = unit.has_emitted
        if wrote:
            self._bell.ring()
        return outcomes


def _waves(calls: Sequence[Call]) -> Iterator[Sequence[Call]]:
    """`calls` in order, split so that no case appears twice in one part."""
    while calls:
        first = {call.path["case_id"]: call for call in reversed(calls)}
        wave = [call for call in calls if first[call.path["case_id"]] is call]
        yield wave
        calls = [call for call in calls if first[call.path["case_id"]] is not call]
