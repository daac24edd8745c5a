"""What is known of a case when staff are about to be told of it."""

from handlers.core.notices import Standing
from handlers.store.cases import CASE, to_case
from schemas.ids import CaseId
from schemas.ports import Database


async def standing_of(db: Database, case_id: CaseId) -> Standing | None:
    """As it is now; None where no department ever had it."""
    # One row by the primary key.
    row = await db.fetchrow(
        f"SELECT {CASE}, tracking_code FROM handlers.case WHERE case_id = $1::uuid",  # noqa: S608  made of constants
        case_id,
    )
    if row is None:
        return None
    known = dict(row)
    tracking_code = known.pop("tracking_code")
    return Standing(tracking_code=tracking_code, case=to_case(known))
