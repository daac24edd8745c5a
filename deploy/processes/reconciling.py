"""The sweeper's hourly search for cases that one slice has and another lacks: counted, reported and sent again."""

from collections.abc import Set
from datetime import timedelta

import msgspec
import structlog

from deploy import clock
from deploy.access import loggable_reason
from deploy.database.beats import known_beats
from deploy.database.outbox import RelayNotifier
from deploy.database.pool import TRANSIENT
from deploy.observability import metrics
from deploy.processes.runtime import SILENT_SECONDS, Process
from deploy.reconcile.gaps import find_gaps, still_missing
from deploy.reconcile.mending import mend
from deploy.reconcile.revealing import revealing_entries, stop_revealing_entries
from schemas.errors import DataRefused
from schemas.ids import CaseId
from schemas.ports import Database

log = structlog.get_logger()

#: Between two looks (project choice: a million cases are compared in some thirty seconds of Postgres).
LOOK_SECONDS = 3600.0
#: Younger cases may be on their way (project choice: longer than any restart).
_YOUNG = timedelta(minutes=15)
#: What is missing is looked for again so much later: an old case, too, may have moved a moment ago, and how much is left is
#: asked every five seconds where consumers are idle (project choice: twice that).
_AGAIN_SECONDS = 10.0


async def reconcile_for_ever(process: Process, notifier: RelayNotifier) -> None:
    """Until the process stops; the first look after one pause, when all processes have said how they are."""
    said: set[CaseId] = set()
    while True:
        await process.pause(LOOK_SECONDS)
        if process.stopping.is_set():
            return
        try:
            said |= await look(process, _YOUNG, said)
        except TRANSIENT as error:
            log.warning("reconcile.failed", error=type(error).__name__, reason=loggable_reason(error))
        notifier.notify()


async def look(process: Process, young: timedelta, said: Set[CaseId] = frozenset()) -> Set[CaseId]:
    """Say again what is missing of the cases that are not `young`; nothing while consumers have work that may bring it.

    `said`: cases that were said again before; what that did not mend, a dead letter explains. Returns those said now.
    """
    if await _is_behind(process.pool):
        return frozenset()
    before = clock.now() - young
    gaps = await find_gaps(process.pool, before)
    if gaps:
        await process.pause(_AGAIN_SECONDS)
        gaps = await still_missing(process.pool, gaps, before)
    counts = {name: len(getattr(gaps, name)) for name in gaps.__struct_fields__}
    for name, count in counts.items():
        metrics.CASES_MISSING.labels(name).set(count)
    if gaps:
        log.error("reconcile.cases-missing", **counts, remedy="docs/operations.md, Records lost")
    new = gaps.without(said)
    await mend(process.settings, process.pool, new)
    await look_at_entries(process)
    return new.cases


async def look_at_entries(process: Process) -> None:
    """Let nobody read knowledge entries that say what staff keep from everybody, until a dispatcher has looked."""
    try:
        revealing = await revealing_entries(process.settings, process.pool)
    except DataRefused as error:
        # Under a master secret that is gone; whoever gives it back has it looked at again.
        log.warning("reconcile.entries-unread", reason=str(error), remedy="HUIYIN_PREVIOUS_SECRET_KEYS")
        return
    metrics.CASES_MISSING.labels("revealing").set(len(revealing))
    if revealing:
        log.error(
            "reconcile.entries-revealing", count=len(revealing), remedy="docs/operations.md, Records lost"
        )
        await stop_revealing_entries(process.settings, process.pool, revealing)


async def _is_behind(db: Database) -> bool:
    """Whether a consumer has records to handle."""
    healths = [msgspec.json.decode(beat["health"]) for beat in await known_beats(db, SILENT_SECONDS)]
    return any(number for health in healths for number in health.get("lag", {}).values())
