"""Adapters of intake's suggestions: they answer while somebody types, or not at all."""

import asyncio
from collections.abc import Sequence
from datetime import tzinfo

import structlog

from deploy.database.in_time import within
from deploy.database.pool import TRANSIENT, Pool
from deploy.database.unit_of_work import single_statements
from intake.core.search.matches import MatchPiece, excerpt, marked
from intake.core.wording import matchable
from intake.steps.offers import note_shown
from intake.steps.suggest import LEAST_TITLE, Suggestion, suggest, suggest_beside
from routing.core.classify import classify
from routing.core.rules import RoutingRules
from schemas.ids import DepartmentCode, EntryId
from schemas.ports import Unit
from schemas.values import NearAnswer
from schemas.words import Kind, Urgency

log = structlog.get_logger()

#: How long somebody who types, or who sends a form without a script, may wait (project choice: ten times what it takes).
_SECONDS = 2.0
#: What was offered is counted so often (project choice: soon enough for a figure of days).
_COUNTED_SECONDS = 1.0
#: Asked at the same time by one process: the rest of its connections is for those who came to do something
#: (project choice).
_AT_ONCE = 3


class TimelySuggestions:
    """`intake.web.dependencies.Suggestions` that never delay a form."""

    def __init__(self, rules: RoutingRules, pool: Pool, *, prefix: str, zone: tzinfo) -> None:
        self._rules = rules
        self._pool = pool
        self._prefix = prefix
        self._zone = zone
        self._turn = asyncio.Semaphore(_AT_ONCE)
        self._uncounted: list[Sequence[Suggestion]] = []
        self._counting: asyncio.Task[None] | None = None

    async def __call__(self, title: str, text: str) -> Sequence[Suggestion]:
        """Three at most; none for danger or an accusation, or what sounds like one: those are sent, not talked out of it."""
        if len(title.strip()) < LEAST_TITLE:
            return ()
        try:
            found = await within(_SECONDS, self._suggested(title, text))
        except TRANSIENT as error:
            log.warning("suggestions.unanswered", error=type(error).__name__)
            return ()
        if found:
            self._count_soon(found)
        return found

    async def _suggested(self, title: str, text: str) -> Sequence[Suggestion]:
        async with self._turn:
            if await asyncio.to_thread(self._must_not_wait, title, text):
                return ()
            async with single_statements(self._pool, prefix=self._prefix) as unit:
                return await suggest(unit, title, text)

    def _count_soon(self, found: Sequence[Suggestion]) -> None:
        """Nobody waits for it, and what is offered within a second is one statement: all of it counts in one row.

        A process that ends meanwhile forgets what it offered in its last second: a figure of many thousand.
        """
        self._uncounted.append(found)
        if self._counting is None or self._counting.done():
            self._counting = asyncio.create_task(self._count(), name="suggestions shown")

    async def _count(self) -> None:
        while self._uncounted:
            await asyncio.sleep(_COUNTED_SECONDS)
            offers, self._uncounted = self._uncounted, []
            try:
                async with (
                    asyncio.timeout(_SECONDS),
                    single_statements(self._pool, prefix=self._prefix) as unit,
                ):
                    await note_shown(unit, offers, self._zone)
            except TRANSIENT as error:
                log.warning("suggestions.uncounted", error=type(error).__name__, offers=len(offers))

    def _must_not_wait(self, title: str, text: str) -> bool:
        found = classify(self._rules, matchable(title), matchable(text))
        is_urgent = found.urgency is Urgency.EMERGENCY or bool(found.transfer or found.sounds_dangerous)
        return is_urgent or found.protected or found.kind is Kind.REPORT or bool(found.sounds)


class StaffSuggestions:
    """`schemas.ports.NearAnswers` over what citizens are offered: for reports and emergencies, too, which staff handle."""

    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(_AT_ONCE)

    async def beside(self, unit: Unit, title: str, text: str, *, but: str) -> Sequence[NearAnswer] | None:
        """Looked for with the connection that the call has; what takes long is given up, and the connection free again."""
        try:
            async with asyncio.timeout(_SECONDS), self._turn:
                return [_near(found) for found in await suggest_beside(unit, title, text, but)]
        except TRANSIENT as error:
            log.warning("suggestions.unanswered", error=type(error).__name__)
            return None


def _near(found: Suggestion) -> NearAnswer:
    return NearAnswer(
        url=f"/knowledge/{found.entry_id}" if found.entry_id else f"/published/{found.tracking_code}",
        title=_pairs(marked(found.title, found.words)),
        excerpt=_pairs(marked(excerpt(found.response, found.words), found.words)),
        department=DepartmentCode(found.department),
        at=found.replied_at,
        entry_id=None if found.entry_id is None else EntryId(found.entry_id),
        tracking_code=found.tracking_code,
        response=found.response,
        words=tuple(found.words),
    )


def _pairs(pieces: Sequence[MatchPiece]) -> tuple[tuple[str, bool], ...]:
    return tuple((piece.text, piece.is_match) for piece in pieces)
