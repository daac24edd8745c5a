"""The adapter of intake's suggestions: asked while somebody types, so it answers in time or not at all."""

import asyncio
from collections.abc import Sequence

import structlog

from deploy.database.pool import TRANSIENT, Pool
from deploy.database.unit_of_work import single_statements
from intake.core.wording import matchable
from intake.steps.suggest import LEAST_TITLE, Suggestion, suggest
from routing.core.classify import classify
from routing.core.rules import RoutingRules
from schemas.words import Kind, Urgency

log = structlog.get_logger()

#: How long somebody who types, or who sends a form without a script, may wait (project choice: ten times what it takes).
_SECONDS = 2.0
#: Asked at the same time by one process: the rest of its connections is for those who came to do something.
_AT_ONCE = 3


class TimelySuggestions:
    """`intake.web.dependencies.Suggestions` that never delay a form."""

    def __init__(self, rules: RoutingRules, pool: Pool, *, prefix: str) -> None:
        self._rules = rules
        self._pool = pool
        self._prefix = prefix
        self._turn = asyncio.Semaphore(_AT_ONCE)

    async def __call__(self, title: str, text: str) -> Sequence[Suggestion]:
        """Three at most; none for an emergency or what sounds like an accusation: those are sent, not talked out of it."""
        if len(title.strip()) < LEAST_TITLE:
            return ()
        try:
            async with asyncio.timeout(_SECONDS), self._turn:
                if await asyncio.to_thread(self._must_not_wait, title, text):
                    return ()
                async with single_statements(self._pool, prefix=self._prefix) as unit:
                    return await suggest(unit, title, text)
        except TRANSIENT as error:
            log.warning("suggestions.unanswered", error=type(error).__name__)
            return ()

    def _must_not_wait(self, title: str, text: str) -> bool:
        found = classify(self._rules, matchable(title), matchable(text))
        is_urgent = found.urgency is Urgency.EMERGENCY or bool(found.transfer)
        return is_urgent or found.protected or found.kind is Kind.REPORT or bool(found.sounds)
