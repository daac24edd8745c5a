"""Published answers as requests: with the moment at which each message came."""

from collections.abc import Sequence
from typing import Any

from intake.core.public_request import PublicRequest, Wanted
from intake.core.published import PublishedCase
from intake.store.published import case_of
from schemas.ids import TrackingCode
from schemas.ports import Database

_COLUMNS = ", ".join(f"p.{name}" for name in PublishedCase.__struct_fields__)
_FROM = f"SELECT {_COLUMNS}, c.received_at FROM intake.published p JOIN intake.case c USING (case_id)"  # noqa: S608  our own names


async def find_requests(db: Database, tracking_codes: Sequence[TrackingCode]) -> list[PublicRequest]:
    """Those of these codes that are published, the newest answer first."""
    # By a unique index, and a primary key each.
    rows = await db.fetch(
        f"{_FROM} WHERE p.tracking_code = ANY ($1::text[]) ORDER BY p.replied_at DESC, p.case_id DESC",
        tracking_codes,
    )
    return [_request(row) for row in rows]


async def list_requests(db: Database, wanted: Wanted) -> list[PublicRequest]:
    """One page, the newest answer first."""
    asked: tuple[tuple[str, object], ...] = (
        # No answer is older than its message: the index of the newest ends here.
        ("p.replied_at >= ${}", wanted.since),
        ("c.received_at >= ${}", wanted.since),
        ("c.received_at < ${}", wanted.until),
        ("p.replied_at >= ${}", wanted.answered_since),
        ("p.replied_at < ${}", wanted.answered_until),
        ("p.category = ANY (${}::text[])", wanted.categories or None),
        ("p.objected = ${}", wanted.is_objected),
    )
    told = [(condition, value) for condition, value in asked if value is not None]
    conditions = " AND ".join(condition.format(place + 1) for place, (condition, _) in enumerate(told))
    rows = await db.fetch(
        f"""
        {_FROM} WHERE {conditions or "true"}
        ORDER BY p.replied_at DESC, p.case_id DESC LIMIT {int(wanted.limit)} OFFSET {int(wanted.skipped)}
        """,
        *(value for _, value in told),
    )
    return [_request(row) for row in rows]


def _request(row: Any) -> PublicRequest:
    return PublicRequest(case=case_of(row), received_at=row["received_at"])
