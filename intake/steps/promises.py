"""Promised dates follow their cases, and everybody may read what became of them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from intake.core.draft import holdable
from intake.core.public.promises import FoundPromises, Number, PromiseCounts, PromiseSearch
from intake.steps.handle_events import update_views
from intake.store import me_too
from intake.store import promises as store
from intake.store.file_rights import hide_answers_files
from schemas.events.handlers import (
    CaseAssigned,
    CaseClosed,
    CaseReplied,
    PromiseDecided,
    ReplySentBack,
)
from schemas.events.routing import CaseUnmerged
from schemas.events.undone import MoveUndone, VerdictUndone
from schemas.paging import cursor_of, page_of, read_cursor
from schemas.ports import Unit


async def handle_promises(unit: Unit, events: Sequence[PromiseDecided]) -> None:
    """Show the citizen the promised date, and keep it for the public list."""
    await update_views(unit, events)
    granted = [event for event in events if event.granted and event.until is not None and event.department]
    if granted:
        await store.keep(unit.db, granted)


async def handle_given(unit: Unit, events: Sequence[CaseReplied]) -> None:
    """Note when the department replied: if the review agrees, that moment says whether the promised date was kept."""
    await update_views(unit, events)
    await store.note_replies(unit.db, [(event.case_id, event.at, True) for event in events])


async def handle_sent_back(unit: Unit, events: Sequence[ReplySentBack]) -> None:
    """A reply was sent back, so the promise is not kept yet."""
    await update_views(unit, events)
    await store.note_replies(unit.db, [(event.case_id, event.at, False) for event in events])


async def handle_undone(unit: Unit, events: Sequence[VerdictUndone]) -> None:
    """A reply that was sent back stands again, judged by when it was given."""
    await update_views(unit, events)
    given = [(event.case_id, event.replied_at, True) for event in events if event.replied_at is not None]
    await store.note_replies(unit.db, given)


async def handle_closed(unit: Unit, events: Sequence[CaseClosed]) -> None:
    """The case is closed, so that its promise has ended: kept, or broken."""
    await update_views(unit, events)
    await store.end(unit.db, [(event.case_id, event.at, event.outcome) for event in events])
    if withdrawn := [event.case_id for event in events if event.outcome == "withdrawn"]:
        await me_too.forget(unit.db, withdrawn)


async def handle_unmerged(unit: Unit, events: Sequence[CaseUnmerged]) -> None:
    """What was promised stands again; the other case's answer is not theirs any more, nor are its files."""
    await update_views(unit, events)
    await hide_answers_files(unit.db, [(event.case_id, event.version) for event in events])
    await store.go_on(unit.db, [event.case_id for event in events])


async def handle_assigned(unit: Unit, events: Sequence[CaseAssigned]) -> None:
    """The department that the case was given to keeps what was promised."""
    await update_views(unit, events)
    await store.hand_on(unit.db, [(event.case_id, event.at, event.lead) for event in events])


async def handle_given_back(unit: Unit, events: Sequence[MoveUndone]) -> None:
    """A move was taken back: the department that has the case again keeps what was promised."""
    await update_views(unit, events)
    await store.hand_on(unit.db, [(event.case_id, event.at, event.lead) for event in events])


async def list_promises(unit: Unit, search: PromiseSearch, now: datetime) -> FoundPromises:
    """A page of promises whose citizens allow publication, the latest day first.

    Raises:
        BadInput: a cursor that is not ours.
    """
    after = read_cursor(search.cursor, tuple[datetime, UUID, Number]) if search.cursor else None
    found = await store.listed(
        unit.db,
        now,
        state=search.state,
        department=holdable(search.department) if search.department else None,
        after=after,
        limit=search.limit + 1,
    )
    page, last = page_of(found, search.limit)
    return FoundPromises(promises=page, next_cursor=cursor_of(*last.position) if last else None)


async def tally_promises(unit: Unit, limit: int) -> int:
    """Bring the sums of the figures to what at most so many promises are; returns how many there were."""
    return await store.count(unit.db, limit)


async def count_promises(unit: Unit, now: datetime) -> Sequence[PromiseCounts]:
    """For each department how many of its promises are open, kept and broken."""
    return await store.counts(unit.db, now)
