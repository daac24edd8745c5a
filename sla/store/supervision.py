"""What supervisors asked of departments (督办要求), and what these reported."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from schemas.events.supervision import OrderReported
from schemas.ids import CaseId
from schemas.keysets import rises_above
from schemas.ports import Database
from sla.core.orders import ListedOrder, Order

FIELDS = "number, at, by, text, until, state, department, report, reported_at, settled_at, settled_by"


async def give(
    db: Database, case_id: CaseId, *, by: str, text: str, until: datetime | None, now: datetime
) -> int:
    """Keep another order of a case that is held until the unit ends; whatever waited before gives way. Its number."""
    number: int = await db.fetchval(
        """
        WITH before AS (
            UPDATE sla.supervision SET state = 'again', settled_at = $5, settled_by = $2
            WHERE case_id = $1 AND state IN ('open', 'reported'))
        INSERT INTO sla.supervision (case_id, number, at, by, text, until, state)
        SELECT $1::uuid, COALESCE(max(number), 0) + 1, $5, $2, $3, $4, 'open' FROM sla.supervision WHERE case_id = $1
        RETURNING number
        """,
        case_id,
        by,
        text,
        until,
        now,
    )
    return number


async def note_reports(db: Database, events: Sequence[OrderReported]) -> set[CaseId]:
    """What departments reported, each once; of which cases an order waited for it.

    On an order that another one followed it is kept, and that other one waits on.
    """
    rows = await db.fetch(
        """
        UPDATE sla.supervision AS s
        SET department = t.department, report = t.text, reported_at = t.at,
            state = CASE WHEN s.state = 'open' THEN 'reported' ELSE s.state END
        FROM unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::timestamptz[])
          AS t (case_id, number, department, text, at)
        WHERE s.case_id = t.case_id AND s.number = t.number AND s.report IS NULL
        RETURNING s.case_id::text, s.state
        """,
        [event.case_id for event in events],
        [event.order for event in events],
        [event.department for event in events],
        [event.text for event in events],
        [event.at for event in events],
    )
    return {CaseId(row["case_id"]) for row in rows if row["state"] == "reported"}


async def accept(db: Database, case_id: CaseId, *, by: str, now: datetime) -> int | None:
    """Accept the report on the latest order; returns the order's number, or None where no report waits."""
    number: int | None = await db.fetchval(
        """UPDATE sla.supervision SET state = 'accepted', settled_at = $3, settled_by = $2
           WHERE case_id = $1 AND state = 'reported' RETURNING number""",
        case_id,
        by,
        now,
    )
    return number


async def orders_of(db: Database, case_id: CaseId) -> list[Order]:
    """All orders of one case, the first first."""
    rows = await db.fetch(
        f"SELECT {FIELDS} FROM sla.supervision WHERE case_id = $1 ORDER BY number",  # noqa: S608  made of constants
        case_id,
    )
    return [msgspec.convert(dict(row), Order) for row in rows]


async def unsettled(db: Database, *, after: tuple[datetime, CaseId] | None, limit: int) -> list[ListedOrder]:
    """Orders of open cases that wait for a report or for the supervisor's word, the first due first."""
    since, case_id = after or (None, None)
    rows = await db.fetch(
        f"""
        SELECT s.case_id::text, {", ".join(f"s.{name.strip()}" for name in FIELDS.split(","))},
               k.tracking_code, k.lead
        FROM sla.supervision AS s JOIN sla."case" AS k USING (case_id)
        WHERE s.state IN ('open', 'reported') AND k.closed_at IS NULL
          AND {rises_above(1, timestamptz="COALESCE(s.until, s.at)", uuid="s.case_id")}
        ORDER BY COALESCE(s.until, s.at), s.case_id LIMIT $3
        """,  # noqa: S608  made of this module's constants
        since,
        case_id,
        limit,
    )
    return [_listed(row) for row in rows]


def _listed(row: Any) -> ListedOrder:
    return msgspec.convert(dict(row), ListedOrder)
