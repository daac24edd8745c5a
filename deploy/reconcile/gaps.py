"""Which slice lacks which case, or which entry: compared id by id, a page at a time."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence, Set
from datetime import UTC, datetime, timedelta

import msgspec

import handlers.store.entry_ends as desk_entries
import handlers.store.reconciling as desks
import intake.store.entries as public_entries
import intake.store.reconciling as register
import routing.store.reconciling as routes
import sla.store.reconciling as clocks
from deploy import clock
from handlers.core.entries import EntryAction
from handlers.store.entry_ends import LastTold
from schemas.ids import CaseId, EntryId
from schemas.ports import Database
from schemas.words import CaseState, Clock, ReviewKind

#: Ids compared at once (project choice: some hundredths of a second).
_PAGE = 10_000
#: What was said so much later than now was said by a clock that was ahead (project choice: processes differ by far less).
_AHEAD = timedelta(minutes=1)

Ids = frozenset[CaseId]
_NONE: Ids = frozenset()
#: Where a case stands so at its desk, that clock does not run.
_STANDS_STILL: Mapping[Clock, Set[str]] = {
    Clock.SIGN: frozenset(CaseState) - {CaseState.ASSIGNED},
    Clock.REPLY: {CaseState.REPLIED, CaseState.SUSPENDED},
}
_NEVER = datetime.min.replace(tzinfo=UTC)


class Gaps(msgspec.Struct, frozen=True, kw_only=True):
    """Cases, and entries, that somebody should know and does not; empty where nothing is missing."""

    #: Registered, and routing never heard of them.
    unrouted: Ids = _NONE
    #: Registered, and no clock watches over their dispatch.
    unwatched: Ids = _NONE
    #: Routed, or given over, to a department whose desk does not have them.
    off_desk: Ids = _NONE
    #: At a desk, and nobody counts the department's time; or it is counted on where it stands still.
    unclocked: Ids = _NONE
    #: At a desk, or answered, and their citizens were never told; or that it stands otherwise.
    untold: Ids = _NONE
    #: A department asked something of a dispatcher, and none has it before them or has decided.
    unasked: Ids = _NONE
    #: A dispatcher decided what a department had asked, and its desk waits on.
    undecided: Ids = _NONE
    #: Declined, merged, withdrawn or answered directly, and their citizens were never told.
    untold_end: Ids = _NONE
    #: Private, and counted with all others: an sla of the release before knew no such cases.
    unshielded: Ids = _NONE
    #: Knowledge entries that everybody reads otherwise than their departments have them, or not at all.
    entries: Ids = _NONE

    def __or__(self, other: "Gaps") -> "Gaps":
        """The gaps of both, field by field."""
        fields = self.__struct_fields__
        return Gaps(**{name: getattr(self, name) | getattr(other, name) for name in fields})

    def __and__(self, other: "Gaps") -> "Gaps":
        """What both have, field by field."""
        return Gaps(**{name: getattr(self, name) & getattr(other, name) for name in self.__struct_fields__})

    @property
    def cases(self) -> Ids:
        """All cases that lack anything at all."""
        return frozenset().union(*(getattr(self, name) for name in self.__struct_fields__))

    def without(self, known: Set[CaseId]) -> "Gaps":
        """The gaps of all other cases than these."""
        return Gaps(**{name: getattr(self, name) - known for name in self.__struct_fields__})

    def __len__(self) -> int:
        """How many cases are missing somewhere, each as often as it is."""
        return sum(len(getattr(self, name)) for name in self.__struct_fields__)


async def find_gaps(db: Database, before: datetime, tell: Callable[[int], None] = lambda _: None) -> Gaps:
    """What is missing of the cases registered before then. `tell`: how many were compared so far."""
    found, count = Gaps(), 0
    async for ids in _pages(db, before):
        found |= await _gaps_among(db, ids, before)
        count += len(ids)
        tell(count)
    return found | Gaps(entries=await _entries_untold(db, before))


async def still_missing(db: Database, gaps: Gaps, before: datetime) -> Gaps:
    """Those of the gaps that are there now, too: what was only on its way has come meanwhile."""
    ids, found = sorted(gaps.cases - gaps.entries), Gaps()
    for start in range(0, len(ids), _PAGE):
        found |= await _gaps_among(db, ids[start : start + _PAGE], before)
    if gaps.entries:
        found |= Gaps(entries=await _entries_untold(db, before))
    return gaps & found


async def _entries_untold(db: Database, before: datetime) -> Ids:
    found: set[CaseId] = set()
    last: EntryId | None = None
    while ids := await desk_entries.page_of_ids(db, last, _PAGE):
        told, known = await desk_entries.told(db, ids), await public_entries.known(db, ids)
        late = [
            each.entry_id for each in told.values() if _is_old(each, before) and not _is_known(each, known)
        ]
        found |= {CaseId(entry_id) for entry_id in late}
        last = ids[-1]
    return frozenset(found)


def _is_old(told: LastTold, before: datetime) -> bool:
    """Also where it would seem to be still to come: the clock was ahead, and is right now."""
    return told.at < before or told.at > clock.now() + _AHEAD


def _is_known(told: LastTold, known: Mapping[EntryId, tuple[int, bool]]) -> bool:
    version, is_live = known.get(told.entry_id, (0, False))
    return version > told.version or (
        version == told.version and is_live == (told.action is EntryAction.APPROVE)
    )


async def _pages(db: Database, before: datetime) -> AsyncIterator[list[CaseId]]:
    last: CaseId | None = None
    while ids := list(await register.page_of_ids(db, last, before, _PAGE)):
        yield ids
        last = ids[-1]


async def _moved(db: Database, ids: Sequence[CaseId], before: datetime) -> Ids:
    """Those that were given to another department, whose desk does not have them."""
    sent, held = await routes.leads(db, ids, before), await desks.leads(db, ids)
    return frozenset(case_id for case_id, lead in held.items() if sent.get(case_id, lead) != lead)


async def _otherwise(db: Database, ids: Sequence[CaseId], before: datetime) -> tuple[Ids, Ids]:
    """Cases whose citizens were told that they stand otherwise than at their desks, and those whose clocks run on."""
    at_desks = await desks.open_states(db, ids)
    shown = await register.shown_states(db, list(at_desks))
    told = {case_id for case_id, state in shown.items() if state != at_desks[case_id]}
    run_on = {
        case_id
        for case_id, which in await clocks.running(db, list(at_desks))
        if at_desks[case_id] in _STANDS_STILL[which]
    }
    moved = await desks.moved_since(db, sorted(told | run_on), before) if told | run_on else set()
    return frozenset(told - moved), frozenset(run_on - moved)


async def _requests(db: Database, ids: Sequence[CaseId], before: datetime) -> tuple[Ids, Ids]:
    """Of what departments asked dispatchers before then, what these never heard of, and of what no desk heard the decision.

    A promise whose day a release of before did not keep cannot be said again.
    """
    waiting = await desks.waiting_since(db, ids, before)
    asked = await routes.last_asked(db, sorted({case_id for case_id, _ in waiting})) if waiting else {}
    promised = sorted({case_id for case_id, kind in waiting if kind is ReviewKind.PROMISE})
    unkept = await routes.days_unkept(db, promised) if promised else frozenset[CaseId]()
    unasked, undecided = set[CaseId](), set[CaseId]()
    for (case_id, kind), since in waiting.items():
        decided_at = asked.get((case_id, kind), _NEVER)
        if decided_at is not None and decided_at < since:
            unasked.add(case_id)
        elif decided_at is not None and decided_at < before:
            is_unkept = kind is ReviewKind.PROMISE and case_id in unkept
            undecided |= set() if is_unkept else {case_id}
    return frozenset(unasked), frozenset(undecided)


async def _gaps_among(db: Database, ids: list[CaseId], before: datetime) -> Gaps:
    registered = frozenset(ids)
    at_desks = await desks.open_ids(db, ids)
    untold = at_desks & await desks.shown_ids(db, ids) - await register.assigned_ids(db, ids)
    untold |= await desks.answered_ids(db, ids) - await register.answered_ids(db, ids)
    ended = await routes.ended(db, ids)
    shown = await register.shown_states(db, list(ended))
    unasked, undecided = await _requests(db, ids, before)
    told_otherwise, run_on = await _otherwise(db, ids, before)
    return Gaps(
        unrouted=registered - await routes.known_ids(db, ids),
        # Registered again, these would have clocks that never stop: nobody could say again how they ended.
        unwatched=registered - await clocks.known_ids(db, ids) - await routes.untellable_ids(db, ids),
        off_desk=frozenset(await routes.routed_ids(db, ids) - await desks.known_ids(db, ids))
        | await _moved(db, ids, before),
        unclocked=frozenset(at_desks - await clocks.assigned_ids(db, ids)) | run_on,
        untold=frozenset(untold) | told_otherwise,
        unasked=unasked,
        undecided=undecided,
        unshielded=frozenset(await routes.private_ids(db, ids) & await clocks.in_numbers(db, ids)),
        untold_end=frozenset(each for each, state in ended.items() if shown.get(each) != state),
    )
