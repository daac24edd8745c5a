"""Repeats what people did and Postgres forgot, in the slice that owns it, where the case still stands as it did."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence, Set
from functools import partial

from deploy import composition
from deploy.database.inbox import note_handled
from deploy.database.pool import Pool
from deploy.database.unit_of_work import PostgresUnit, unit_of_work
from deploy.messaging.client.client import open_producer
from deploy.reconcile.deeds import RECONCILER, TRIED, LostDeed
from deploy.reconcile.effects import effects_of
from deploy.reconcile.fates import EventFate
from deploy.settings import Settings
from handlers.store.reconciling import versions
from intake.steps.take_up import take_up as take_up_citizens
from routing.steps.take_up import take_up as take_up_dispatchers
from schemas.event import Event
from schemas.events import routing
from schemas.events.commands import Command
from schemas.events.intake import PublicationDecided
from schemas.events.undone import UndoRequested
from schemas.ids import CaseId, EventId

#: One may follow from another: a rating from the answer that is brought back (project choice: longer than any such chain).
_ROUNDS = 8
#: After these a dispatcher's decision was none any more.
_UNDONE = (
    routing.AnswerRecalled,
    routing.CaseUnmerged,
    routing.DecisionUndone,
    routing.RecallRequested,
    routing.MergeRequested,
)

_Effects = Mapping[EventId, Sequence[LostDeed]]


async def bring_back(
    settings: Settings, pool: Pool, deeds: Sequence[LostDeed], settle: Callable[[], Awaitable[None]]
) -> Sequence[LostDeed]:
    """Do these once more, the oldest first; returns those that could not be done, which stay as they are.

    `settle`: waits until everybody has heard what was said meanwhile.
    """
    left = _undone(deeds)
    again = [deed for deed in deeds if deed.fate is EventFate.AGAIN and deed not in left]
    effects = effects_of(deeds)
    for some in _turns(again):
        left += await _in_rounds(some, partial(_do, settings, pool, effects), settle)
    async with pool.acquire() as db:
        await note_handled(db, TRIED, [deed.event_id for deed in left if not deed.is_tried])
    return sorted(left, key=lambda deed: deed.event.at)


def without_hope(deeds: Sequence[LostDeed]) -> Sequence[LostDeed]:
    """Those of which it is known before anything is tried that they will not be done: undone since, or tried in vain."""
    undone = _undone(deeds)
    return [deed for deed in deeds if deed.is_tried or deed in undone]


def _undone(deeds: Sequence[LostDeed]) -> list[LostDeed]:
    undone, moves = _undone_at(deeds), _moves_undone(deeds)
    every = [deed for deed in deeds if deed.fate is EventFate.AGAIN]
    return [each for each in every if _is_undone(each.event, undone) or _is_undone_move(each.event, moves)]


async def _in_rounds(
    left: Sequence[LostDeed],
    do: Callable[[LostDeed], Awaitable[bool]],
    settle: Callable[[], Awaitable[None]],
) -> Sequence[LostDeed]:
    """Those of them that could not be done, however often they were tried."""
    for _ in range(_ROUNDS):
        rest = [deed for deed in left if not await do(deed)]
        if len(rest) == len(left):
            break
        left = rest
        await settle()
    return left


def _turns(deeds: Sequence[LostDeed]) -> Sequence[Sequence[LostDeed]]:
    """As they were done; but who let everybody read their answer comes last, and who took that back first.

    Nobody reads meanwhile what its citizen took back, or what accuses somebody by then.
    """
    turns: tuple[list[LostDeed], ...] = ([], [], [])
    for deed in deeds:
        said = deed.event.allowed if isinstance(deed.event, PublicationDecided) else None
        turns[{False: 0, None: 1, True: 2}[said]].append(deed)
    refused, others, allowed = turns
    return [*refused, *others], allowed


def _undone_at(deeds: Sequence[LostDeed]) -> Mapping[CaseId, int]:
    found: dict[CaseId, int] = {}
    for deed in deeds:
        if isinstance(deed.event, _UNDONE):
            found[deed.event.case_id] = max(found.get(deed.event.case_id, 0), deed.event.version)
    return found


def _moves_undone(deeds: Sequence[LostDeed]) -> Set[tuple[CaseId, int]]:
    """The routes that were taken back within minutes: of the case, what came before them stands."""
    asked = [deed.event for deed in deeds if isinstance(deed.event, UndoRequested)]
    return {(event.case_id, event.version - 1) for event in asked if event.review is None}


def _is_undone_move(event: Event, moves: Set[tuple[CaseId, int]]) -> bool:
    return isinstance(event, routing.CaseRouted) and (event.case_id, event.version) in moves


def _is_undone(event: Event, undone: Mapping[CaseId, int]) -> bool:
    return event.producer == "routing" and event.version < undone.get(event.case_id, 0)


async def _do(settings: Settings, pool: Pool, effects: _Effects, deed: LostDeed) -> bool:
    if isinstance(deed.event, Command):
        return await _send(settings, pool, deed, effects[deed.event_id])
    async with unit_of_work(
        pool, prefix=settings.topic_prefix, audit_key=composition.audit_key(settings)
    ) as unit:
        is_done = await _take_up(settings, unit, deed.event)
        if is_done:
            await note_handled(unit.db, RECONCILER, [deed.event_id])
    return is_done


async def _take_up(settings: Settings, unit: PostgresUnit, event: Event) -> bool:
    if event.producer == "routing":
        return await take_up_dispatchers(unit, event, settings.derived("second readings"))
    return await take_up_citizens(unit, composition.intake_keys(settings), event)


async def _send(settings: Settings, pool: Pool, deed: LostDeed, effects: Sequence[LostDeed]) -> bool:
    """The same record once more, where the case stands as its sender saw it; what came of it then will come of it again."""
    async with pool.acquire() as db:
        known = await versions(db, [deed.event.case_id])
        if known.get(deed.event.case_id) != deed.event.version:
            return False
        async with open_producer(settings, linger_ms=5) as producer:
            record = deed.record
            await producer.send_and_wait(
                record.topic, key=record.key, value=record.value, headers=list(record.headers)
            )
        await note_handled(db, RECONCILER, [each.event_id for each in (deed, *effects)])
    return True


async def settled(is_quiet: Callable[[], Awaitable[bool]], seconds: float, pause: float = 1.0) -> None:
    """Return when it is quiet, or that much time has passed: nobody may be there to handle anything."""
    for _ in range(max(1, int(seconds / pause))):
        if await is_quiet():
            return
        await asyncio.sleep(pause)
