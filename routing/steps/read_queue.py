"""What a dispatcher looks at: the queue, how much waits in it, and one case."""

from collections.abc import Sequence
from datetime import datetime

from msgspec.structs import replace

from routing.core.decisions.alike import is_open_to_staff, may_suggest
from routing.core.decisions.open_items import granted_pause
from routing.core.decisions.queue import CaseToDecide, Counts, Dropped, Position, QueuePage, Waiting
from routing.core.decisions.review import RoutingCase
from routing.core.doubts import Doubt
from routing.store import above_queue, cases, drift, dropped, items, said_since
from routing.store.drift import Drift
from schemas.errors import NotFound
from schemas.ids import CaseId
from schemas.paging import page_of
from schemas.ports import Callers, Unit
from schemas.reckoned import Reckoned
from schemas.words import ReviewKind

#: Project choice: what fits above the queue.
_URGED = 10


async def read_queue(
    unit: Unit,
    kind: ReviewKind | None,
    after: Position | None,
    limit: int,
    *,
    without: Sequence[CaseId] = (),
) -> QueuePage:
    """Emergencies first, then the oldest; `limit` items at most, behind `after`, of no case that is in `without`."""
    rows, last = page_of(await items.queue(unit.db, kind, after, limit + 1, without=without), limit)
    return QueuePage(rows=await _as_suggested(unit, rows), next_after=last.position if last else None)


async def _as_suggested(unit: Unit, rows: Sequence[Waiting]) -> list[Waiting]:
    """The same, where what a case looks like can still be suggested; of the others it is not said."""
    named = {row.case.suspected_duplicate for row in rows if row.case.suspected_duplicate}
    known = await cases.find_all(unit.db, named) if named else {}
    return [
        row if _is_suggested(row.case, known.get(row.case.suspected_duplicate or "")) else _alone(row)
        for row in rows
    ]


def _is_suggested(case: RoutingCase, earlier: RoutingCase | None) -> bool:
    return earlier is not None and may_suggest(case, earlier)


def _alone(row: Waiting) -> Waiting:
    return replace(row, case=replace(row.case, suspected_duplicate=None, similarity=None))


async def read_earlier(unit: Unit, case_id: CaseId, callers: Callers) -> list[RoutingCase]:
    """The caller's other cases, the latest first; none that is for its citizen alone, nor any where this one is."""
    case = await cases.find(unit.db, case_id)
    if case is None or not is_open_to_staff(case):
        return []
    return await _open_to_staff(unit, await callers.earlier(unit, case.case_id))


async def read_callers(unit: Unit, telephone: str, callers: Callers) -> list[RoutingCase]:
    """Other cases of the telephone that calls, the latest first, without those for the citizen alone and merged ones."""
    found = await _open_to_staff(unit, await callers.of_telephone(unit, telephone))
    return [case for case in found if case.state != "merged"]


async def _open_to_staff(unit: Unit, ids: Sequence[CaseId]) -> list[RoutingCase]:
    found = await cases.find_all(unit.db, set(ids)) if ids else {}
    known = [found[case_id] for case_id in ids if case_id in found]
    return [one for one in known if is_open_to_staff(one)]


async def count_unsure(unit: Unit) -> int:
    """How many wait only because the machine is not sure enough of the department."""
    return await items.count_unsure(unit.db, Doubt.UNSURE)


class ReckonedDrift:
    """What went out without a person, and was sent elsewhere by one since; two weeks of a large city are counted seldom."""

    def __init__(self) -> None:
        self._kept: Reckoned[list[Drift]] = Reckoned(lambda found: sum(each.sure for each in found))

    async def since(self, unit: Unit, since: datetime) -> list[Drift]:
        """Of what was received since then, by category."""
        return await self._kept.get(None, unit.now, lambda: drift.by_category(unit.db, since))


async def read_urged(unit: Unit) -> tuple[list[Waiting], int]:
    """What waits about cases that supervisors urged; a screen of them, and how many there are, `COUNTED` at most."""
    return await above_queue.urged(unit.db, _URGED)


async def read_alarming(unit: Unit) -> tuple[list[Waiting], int]:
    """What waits and sounds as if somebody were in danger; a screen of it, what woke somebody last first, and how many."""
    return await above_queue.doubtful(unit.db, Doubt.SOUNDS_DANGEROUS, _URGED)


async def read_unseen_dangers(unit: Unit) -> tuple[Sequence[RoutingCase], int]:
    """What departments have, or has ended, with danger that its citizen told of since and no dispatcher has looked at.

    A screen of it, who waits longest first; and how many there are.
    """
    return await above_queue.unseen(unit.db, _URGED)


async def count_queue(unit: Unit) -> Counts:
    """How many items wait, by kind."""
    return await items.count(unit.db)


async def count_waiting(unit: Unit, kind: ReviewKind | None, among: Sequence[CaseId]) -> int:
    """How many of these cases have an item in that part of the queue; None: in any."""
    return await items.count_waiting(unit.db, kind, among)


async def read_case(unit: Unit, case_id: CaseId) -> CaseToDecide:
    """One case with what waits about it.

    Raises:
        NotFound: no such case.
    """
    case = await cases.find(unit.db, case_id)
    if case is None:
        raise NotFound
    named = await cases.find(unit.db, case.suspected_duplicate) if case.suspected_duplicate else None
    duplicate = named if _is_suggested(case, named) else None
    into = await cases.find(unit.db, case.merged_into) if case.merged_into else None
    every = await items.of_case(unit.db, case_id)
    waiting = [Waiting(item=item, case=case) for item in every if item.state == "open"]
    looks = await said_since.looks(unit.db, case_id) if case.dangers_said else ()
    return CaseToDecide(
        case=case,
        waiting=waiting,
        duplicate=duplicate,
        every=every,
        pause=granted_pause(every),
        into=into,
        looks=looks,
    )


async def read_dropped(unit: Unit, by: str) -> list[Dropped]:
    """What this dispatcher decided and was not done, the latest first."""
    return await dropped.of(unit.db, by)
