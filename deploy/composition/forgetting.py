"""Forgetting citizens: their rows and their files, a piece at a time, whoever dies when."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

import msgspec

from deploy.database.pool import Connection
from deploy.files.store import files_of
from deploy.notices.store import forget_addresses
from deploy.settings import Settings
from intake.store import forgetting
from schemas.ids import CaseId

#: Cases in one transaction, files included (project choice: some seconds at most, and a killed run loses no more).
_AT_ONCE = 200


class Forgetting(msgspec.Struct, frozen=True, kw_only=True):
    """Who wants citizens to be forgotten, and why; whether the files that they sent stay."""

    by: str
    reason: str
    keeps_files: bool


async def forget(settings: Settings, db: Connection, case_ids: Sequence[CaseId], order: Forgetting) -> None:
    """Forget the citizens of these cases. `db`: the owner's. What dies in between is done again, and ends the same."""
    files = files_of(settings)
    for start in range(0, len(case_ids), _AT_ONCE):
        piece = case_ids[start : start + _AT_ONCE]
        async with db.transaction():
            if not order.keeps_files:
                # The bytes first: a file that no row speaks of would lie there for good.
                await files.forget(await forgetting.lock_blobs(db, piece))
                await forgetting.forget_files(db, piece)
            await forget_addresses(db, piece)
            await forgetting.forget_citizens(db, piece, **msgspec.structs.asdict(order))


async def cases_ended_before(
    db: Connection, moment: datetime, *, keeps_files: bool
) -> AsyncIterator[Sequence[CaseId]]:
    """The cases that ended before then and of whose citizens something is left, a piece at a time."""
    after: CaseId | None = None
    while piece := await forgetting.ended_before(
        db, moment, keeps_files=keeps_files, after=after, limit=_AT_ONCE
    ):
        yield piece
        after = piece[-1]
