"""What supervisors see of their orders, to be compared with what departments' logs hold."""

from collections.abc import Mapping, Sequence

from schemas.ids import CaseId
from schemas.ports import Database
from sla.core.orders import Order
from sla.store.supervision import FIELDS


async def orders(db: Database, case_ids: Sequence[CaseId]) -> Mapping[CaseId, Sequence[Order]]:
    """The orders of these cases, by case; nearly none has any."""
    # Along the primary key.
    rows = await db.fetch(
        f"SELECT case_id::text, {FIELDS} FROM sla.supervision WHERE case_id = ANY ($1::uuid[]) ORDER BY number",  # noqa: S608  our own columns
        case_ids,
    )
    found: dict[CaseId, list[Order]] = {}
    for row in rows:
        known = dict(row.items())
        found.setdefault(CaseId(known.pop("case_id")), []).append(Order(**known))
    return found
