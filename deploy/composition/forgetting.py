"""Forgets citizens: their rows and files, in small pieces, so that it may be killed at any moment."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from deploy import clock
from deploy.database.pool import Connection, staying
from deploy.files.store import files_of
from deploy.notices.store import forget_addresses
from deploy.settings import Settings
from intake.core.following.ended import have_ended
from intake.store import forgetting
from routing.core.decisions.undo import UNDO_WITHIN
from routing.store.cases import decided_among, withdrawn_among
from routing.store.topics import forget_authors
from schemas.ids import CaseId
from sla.store.call_backs import awaited_among

#: Cases in one transaction, files included, whose events wait meanwhile (project choice: some seconds at most, in a bucket
#: too, and a killed run loses no more).
_AT_ONCE = 20
#: Cases looked through at once for those that have ended (project choice: a tenth of a second).
_LOOKED_THROUGH = 1000


class Forgetting(msgspec.Struct, frozen=True, kw_only=True):
    """Who wants citizens to be forgotten, and why; whether the files that they sent stay."""

    by: str
    reason: str
    keeps_files: bool


async def lock_ended(
    db: Connection, case_ids: Sequence[CaseId], before: datetime | None = None
) -> Sequence[CaseId]:
    """Those of the cases that have ended (`before`: by then), locked so that nothing happens in them meanwhile."""
    ends = await forgetting.lock_ends(db, case_ids)
    # Routing alone knows whether it holds a withdrawal that shows already.
    withdrawn = await withdrawn_among(db, [each.case_id for each in ends.values() if each.awaits_withdrawal])
    # And sla alone whether it is to be asked about still: a call-back is over with the end that it is about.
    called = await awaited_among(db, list(ends))
    # What a dispatcher ended minutes ago they may take back, and then somebody has to reach its citizen.
    now = clock.now()
    undoable = await decided_among(db, list(ends), now - UNDO_WITHIN)
    return have_ended(ends, case_ids, withdrawn, {*called, *undoable}, before=before, now=now)


async def forget(settings: Settings, db: Connection, case_ids: Sequence[CaseId], order: Forgetting) -> None:
    """Forget the citizens of these cases, which have ended and are locked. `db`: the owner's, in a transaction."""
    await forget_authors(db, case_ids)
    await forgetting.forget_citizens(db, case_ids, **msgspec.structs.asdict(order))
    if not order.keeps_files:
        # The bytes last: who may not touch the rows has touched nothing. But before the commit: no row would speak of them
        # any more, while what dies in between has its rows again, by which the next run finds them.
        blobs = await forgetting.forget_files(db, case_ids)
        async with staying(db):
            # A bucket takes its time.
            await files_of(settings).forget(blobs)


async def forget_named(
    settings: Settings, db: Connection, case_ids: Sequence[CaseId], order: Forgetting
) -> None:
    """Forget the citizens of these few cases, as `forget` does, and where they were told of news."""
    await forget_addresses(db, case_ids)
    await forget(settings, db, case_ids, order)


async def cases_ended_before(db: Connection, moment: datetime, *, keeps_files: bool) -> Sequence[CaseId]:
    """The cases that ended before then and of whose citizens something is left."""
    ended: list[CaseId] = []
    after: CaseId | None = None
    while piece := await forgetting.perhaps_ended(
        db, moment, keeps_files=keeps_files, after=after, limit=_LOOKED_THROUGH
    ):
        ended += await lock_ended(db, piece, moment)
        after = piece[-1]
    return ended


async def forget_ended_before(
    settings: Settings, db: Connection, moment: datetime, order: Forgetting
) -> Sequence[CaseId]:
    """Forget the citizens of all cases that ended before then. What dies in between is done again, and ends the same."""
    found = await cases_ended_before(db, moment, keeps_files=order.keeps_files)
    # Once, since it is a scan; and first: a run that dies finds the cases again by what is left in the other tables.
    await forget_addresses(db, found)
    forgotten: list[CaseId] = []
    for start in range(0, len(found), _AT_ONCE):
        async with db.transaction():
            # Their citizens may have objected since.
            ended = await lock_ended(db, found[start : start + _AT_ONCE], moment)
            await forget(settings, db, ended, order)
        forgotten += ended
    return forgotten
