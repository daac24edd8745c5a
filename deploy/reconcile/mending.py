"""Has the slice that knows something say it again to those that lack it."""

from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from functools import partial

import routing.store.reconciling as routes
from deploy import composition
from deploy.database.pool import Pool
from deploy.database.unit_of_work import unit_of_work
from deploy.reconcile.gaps import Gaps
from deploy.settings import Settings
from handlers.steps.entry_ends import say_entries_again
from handlers.steps.say_again import say_assigned_again, say_closed_again, say_to_citizen_again
from intake.core.keys import IntakeKeys
from intake.steps.say_again import say_registered_again
from routing.steps.say_again import (
    say_decided_again,
    say_ended_again,
    say_routed_again,
    say_shielded_again,
    say_waiting_again,
)
from schemas.ids import CaseId
from schemas.ports import Unit

#: Cases in one transaction (project choice: as many as a consumer's batch).
_AT_ONCE = 500

_SayAgain = Callable[[Unit, Sequence[CaseId]], Awaitable[None]]


async def mend(settings: Settings, pool: Pool, gaps: Gaps) -> None:
    """Say again what is missing; the relay sends it, and who lacks it handles it as ever."""
    register_again = partial(_register_again, keys=composition.intake_keys(settings))
    await _say(settings, pool, gaps.unrouted | gaps.unwatched, register_again)
    await _say(settings, pool, gaps.off_desk, say_routed_again)
    await _say(settings, pool, gaps.unshielded, say_shielded_again)
    await _say(settings, pool, gaps.unclocked | gaps.unasked, say_assigned_again)
    await _say(settings, pool, gaps.undecided, say_decided_again)
    await _say(settings, pool, gaps.untold - gaps.unclocked - gaps.unasked, say_to_citizen_again)
    await _say(settings, pool, gaps.unwatched, say_waiting_again)
    # Registered again, an ended case would have clocks that never stop.
    await _say(settings, pool, gaps.unwatched - gaps.unclocked, say_closed_again)
    ended_again = partial(say_ended_again, zone=composition.city_of(settings).zone)
    await _say(settings, pool, gaps.untold_end | gaps.unwatched, ended_again)
    zone = composition.city_of(settings).zone
    await _say(settings, pool, gaps.entries, partial(say_entries_again, zone=zone))


async def _register_again(unit: Unit, ids: Sequence[CaseId], *, keys: IntakeKeys) -> None:
    """With the moment since when a dispatcher has it anew, where one has: intake does not know that."""
    await say_registered_again(unit, ids, keys=keys, anew=await routes.waiting_anew(unit.db, ids))


async def _say(settings: Settings, pool: Pool, ids: Iterable[CaseId], say_again: _SayAgain) -> None:
    for some in _portions(sorted(ids)):
        async with unit_of_work(
            pool, prefix=settings.topic_prefix, audit_key=composition.audit_key(settings)
        ) as unit:
            await say_again(unit, some)


def _portions(ids: Sequence[CaseId]) -> Iterator[Sequence[CaseId]]:
    return (ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE))
