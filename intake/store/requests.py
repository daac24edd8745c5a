"""Published answers as requests: with the moment at which each message came."""

from collections.abc import Sequence
from typing import Any

from intake.core.open311.public_request import PublicRequest, Wanted
from intake.core.public.published import PublishedCase
from intake.store.published import case_of
from schemas.ids import TrackingCode
from schemas.ports import Database

_COLUMNS = ", ".join(f"p.{name}" for name in PublishedCase.__struct_fields__)
#: As an index has it.
_UPDATED = "GREATEST(p.replied_at, p.changed_at)"
_READ = f"SELECT {_COLUMNS}, c.received_at, {_UPDATED} AS updated_at FROM intake.published p"  # noqa: S608  our own names
_LATEST = f"{_UPDATED} DESC, p.case_id DESC"
#: What came then, before anything is asked of its answers: what changed since may be a hundred times as much.
_CAME = """WITH c AS MATERIALIZED (
    SELECT case_id, received_at FROM intake.case WHERE received_at >= $1 AND received_at < $2) """


async def find_requests(db: Database, tracking_codes: Sequence[TrackingCode]) -> list[PublicRequest]:
    """Those of these codes that are published, what changed last first."""
    # By a unique index, and a primary key each.
    rows = await db.fetch(
        f"""{_READ} JOIN intake.case c USING (case_id)
        WHERE p.tracking_code = ANY ($1::text[]) ORDER BY {_LATEST}""",
        tracking_codes,
    )
    return [_request(row) for row in rows]


async def list_requests(db: Database, wanted: Wanted) -> list[PublicRequest]:
    """One page, what changed last first."""
    asked: tuple[tuple[str, object], ...] = (
        ("c.received_at >= ${}", wanted.since),
        ("c.received_at < ${}", wanted.until),
        # No answer is older than its message: the index of what changed last ends here.
        (f"{_UPDATED} >= ${{}}", wanted.since),
        (f"{_UPDATED} >= ${{}}", wanted.updated_since),
        (f"{_UPDATED} < ${{}}", wanted.updated_until),
        ("p.category = ANY (${}::text[])", wanted.categories or None),
    )
    told = [(condition, value) for condition, value in asked if value is not None]
    conditions = [condition.format(place + 1) for place, (condition, _) in enumerate(told)]
    if wanted.is_objected is not None:
        # Outright, so that the index of these alone may answer.
        conditions.append("p.objected" if wanted.is_objected else "NOT p.objected")
    before, cases = (_CAME, "c") if wanted.is_far_back else ("", "intake.case c")
    rows = await db.fetch(
        f"""
        {before}{_READ} JOIN {cases} USING (case_id) WHERE {" AND ".join(conditions) or "true"}
        ORDER BY {_LATEST} LIMIT {int(wanted.limit)} OFFSET {int(wanted.skipped)}
        """,
        *(value for _, value in told),
    )
    return [_request(row) for row in rows]


def _request(row: Any) -> PublicRequest:
    return PublicRequest(case=case_of(row), received_at=row["received_at"], updated_at=row["updated_at"])
