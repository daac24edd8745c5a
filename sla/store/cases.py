"""What sla keeps of each case, for its figures."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from schemas.errors import NotFound
from schemas.events.handlers import CaseAssigned, CaseReplied, ReplySentBack
from schemas.events.intake import CaseRegistered
from schemas.ids import CaseId
from schemas.ports import Database
from sla.core.rules import Facts


class MovedOn(NamedTuple):
    """A case of which another topic told first: when it was dispatched, when it ended."""

    case_id: CaseId
    assigned_at: datetime | None
    closed_at: datetime | None


async def insert_cases(db: Database, events: Sequence[CaseRegistered]) -> list[MovedOn]:
    """Keep the new cases; returns those that are dispatched or ended already."""
    rows = await db.fetch(
        """
        INSERT INTO sla."case" AS c (case_id, tracking_code, channel, kind, received_at, version)
        SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::int[])
        ON CONFLICT (case_id) DO UPDATE
            SET received_at = COALESCE(c.received_at, EXCLUDED.received_at),
                tracking_code = COALESCE(c.tracking_code, EXCLUDED.tracking_code),
                channel = COALESCE(c.channel, EXCLUDED.channel),
                kind = COALESCE(c.kind, EXCLUDED.kind)
        RETURNING case_id, assigned_at, closed_at
        """,
        [e.case_id for e in events],
        [e.tracking_code for e in events],
        [e.channel for e in events],
        [e.kind for e in events],
        [e.received_at for e in events],
        [e.version for e in events],
    )
    moved_on = (MovedOn(CaseId(str(case_id)), *moments) for case_id, *moments in rows)
    return [case for case in moved_on if case.assigned_at or case.closed_at]


async def assign_cases(db: Database, events: Sequence[CaseAssigned]) -> dict[CaseId, bool]:
    """Keep who leads now; for each case that has not ended since: whether this is its first assignment."""
    rows = await db.fetch(
        """
        INSERT INTO sla."case" AS c (case_id, tracking_code, channel, kind, urgency, category, lead, region,
                                     received_at, assigned_at, version)
        SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[],
                             $7::text[], $8::text[], $9::timestamptz[], $10::timestamptz[], $11::int[])
        ON CONFLICT (case_id) DO UPDATE
            SET kind = EXCLUDED.kind, urgency = EXCLUDED.urgency, category = EXCLUDED.category,
                lead = EXCLUDED.lead, region = EXCLUDED.region,
                assigned_at = COALESCE(c.assigned_at, EXCLUDED.assigned_at),
                version = GREATEST(c.version, EXCLUDED.version)
        RETURNING case_id, assigned_at, version, closed_at
        """,
        [e.case_id for e in events],
        [e.tracking_code for e in events],
        [e.channel for e in events],
        [e.kind for e in events],
        [e.urgency for e in events],
        [e.category for e in events],
        [e.lead for e in events],
        [e.region for e in events],
        [e.received_at for e in events],
        [e.at for e in events],
        [e.version for e in events],
    )
    told = {e.case_id: e for e in events}
    firsts: dict[CaseId, bool] = {}
    for case_id, assigned_at, version, closed_at in rows:
        event = told[CaseId(str(case_id))]
        if closed_at is None or version == event.version:
            firsts[event.case_id] = assigned_at == event.at
    return firsts


async def note_versions(db: Database, case_ids: Sequence[CaseId], versions: Sequence[int]) -> None:
    """The versions last seen; locks the cases, in order, so that two processes never wait for each other."""
    await db.execute(
        """
        WITH told AS (SELECT * FROM unnest($1::uuid[], $2::int[]) AS t (case_id, version)), locked AS (
            SELECT case_id FROM sla."case" WHERE case_id = ANY($1::uuid[]) ORDER BY case_id FOR UPDATE
        )
        UPDATE sla."case" AS c SET version = GREATEST(c.version, told.version)
        FROM told JOIN locked USING (case_id) WHERE c.case_id = told.case_id
        """,
        case_ids,
        versions,
    )


class Known(NamedTuple):
    """What a case's rules depend on, and whether it has ended."""

    facts: Facts
    has_ended: bool


async def note_and_know(
    db: Database, case_ids: Sequence[CaseId], versions: Sequence[int]
) -> dict[CaseId, Known]:
    """As `note_versions`; returns what is known of each, for those that are known at all."""
    rows = await db.fetch(
        """
        WITH told AS (SELECT * FROM unnest($1::uuid[], $2::int[]) AS t (case_id, version)), locked AS (
            SELECT case_id FROM sla."case" WHERE case_id = ANY($1::uuid[]) ORDER BY case_id FOR UPDATE
        )
        UPDATE sla."case" AS c SET version = GREATEST(c.version, told.version)
        FROM told JOIN locked USING (case_id) WHERE c.case_id = told.case_id
        RETURNING c.case_id, c.urgency, c.lead, c.category, c.kind, c.channel, c.closed_at
        """,
        case_ids,
        versions,
    )
    return {
        CaseId(str(case_id)): Known(Facts(*facts), closed_at is not None)
        for case_id, *facts, closed_at in rows
    }


async def open_again(db: Database, case_ids: Sequence[CaseId]) -> None:
    """These have not ended after all: somebody decides on them once more."""
    await db.execute(
        'UPDATE sla."case" SET closed_at = NULL, outcome = NULL WHERE case_id = ANY($1::uuid[])', case_ids
    )


async def assigned_times(db: Database, case_ids: Sequence[CaseId]) -> dict[CaseId, datetime]:
    """When each was first assigned; locks the cases."""
    rows = await db.fetch(
        """SELECT case_id, assigned_at FROM sla."case"
           WHERE case_id = ANY($1::uuid[]) AND assigned_at IS NOT NULL ORDER BY case_id FOR UPDATE""",
        case_ids,
    )
    return {CaseId(str(row[0])): row[1] for row in rows}


async def note_replies(db: Database, events: Sequence[CaseReplied], workdays: Sequence[float | None]) -> None:
    """When each was replied to, and how many working days that took."""
    await db.execute(
        """
        UPDATE sla."case" AS c
        SET replied_at = t.at, reply_workdays = t.workdays, version = GREATEST(c.version, t.version)
        FROM unnest($1::uuid[], $2::timestamptz[], $3::float8[], $4::int[])
          AS t (case_id, at, workdays, version)
        WHERE c.case_id = t.case_id
        """,
        [e.case_id for e in events],
        [e.at for e in events],
        list(workdays),
        [e.version for e in events],
    )


async def take_back_replies(db: Database, events: Sequence[ReplySentBack]) -> None:
    """As if they had not been replied to."""
    await db.execute(
        """
        UPDATE sla."case" AS c
        SET replied_at = NULL, reply_workdays = NULL, version = GREATEST(c.version, t.version)
        FROM unnest($1::uuid[], $2::int[]) AS t (case_id, version) WHERE c.case_id = t.case_id
        """,
        [e.case_id for e in events],
        [e.version for e in events],
    )


async def close_cases(
    db: Database,
    case_ids: Sequence[CaseId],
    ats: Sequence[datetime],
    outcomes: Sequence[str],
    versions: Sequence[int],
) -> None:
    """The cases have ended; one that is not known yet is kept, so that its clock does not start later."""
    await db.execute(
        """
        INSERT INTO sla."case" AS c (case_id, closed_at, outcome, version)
        SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::int[])
        ON CONFLICT (case_id) DO UPDATE
            SET closed_at = EXCLUDED.closed_at, outcome = EXCLUDED.outcome,
                version = GREATEST(c.version, EXCLUDED.version)
        """,
        case_ids,
        ats,
        outcomes,
        versions,
    )


async def reopen_cases(
    db: Database, case_ids: Sequence[CaseId], versions: Sequence[int]
) -> dict[CaseId, Any]:
    """The cases are open again; returns what their rules depend on, for those that are known."""
    rows = await db.fetch(
        """
        WITH told AS (SELECT * FROM unnest($1::uuid[], $2::int[]) AS t (case_id, version)), locked AS (
            SELECT case_id FROM sla."case" WHERE case_id = ANY($1::uuid[]) ORDER BY case_id FOR UPDATE
        )
        UPDATE sla."case" AS c
        SET closed_at = NULL, outcome = NULL, replied_at = NULL, version = GREATEST(c.version, told.version)
        FROM told JOIN locked USING (case_id) WHERE c.case_id = told.case_id
        RETURNING c.case_id, c.kind, c.urgency, c.category, c.channel
        """,
        case_ids,
        versions,
    )
    return {CaseId(str(row["case_id"])): row for row in rows}


async def take_back_cases(
    db: Database, case_ids: Sequence[CaseId], versions: Sequence[int]
) -> dict[CaseId, Facts]:
    """No department has them any more; returns what the dispatcher's clock depends on, for those that one had, or that
    had ended."""
    rows = await db.fetch(
        """
        WITH told AS (SELECT * FROM unnest($1::uuid[], $2::int[]) AS t (case_id, version)), locked AS (
            SELECT case_id FROM sla."case" WHERE case_id = ANY($1::uuid[])
              AND (lead IS NOT NULL OR closed_at IS NOT NULL) ORDER BY case_id FOR UPDATE
        )
        UPDATE sla."case" AS c
        SET lead = NULL, closed_at = NULL, outcome = NULL, replied_at = NULL, reply_workdays = NULL,
            version = GREATEST(c.version, told.version)
        FROM told JOIN locked USING (case_id) WHERE c.case_id = told.case_id
        RETURNING c.case_id, c.kind, c.channel
        """,
        case_ids,
        versions,
    )
    return {CaseId(str(row["case_id"])): Facts(kind=row["kind"], channel=row["channel"]) for row in rows}


async def unassigned(db: Database, case_ids: Sequence[CaseId]) -> set[CaseId]:
    """Which of these are not with a department."""
    rows = await db.fetch(
        """SELECT case_id FROM sla."case"
           WHERE case_id = ANY($1::uuid[]) AND assigned_at IS NULL ORDER BY case_id FOR UPDATE""",
        case_ids,
    )
    return {CaseId(str(row[0])) for row in rows}


async def lock_case(db: Database, case_id: CaseId) -> Any:
    """One case, held until the unit ends.

    Raises:
        NotFound: no such case.
    """
    row = await db.fetchrow('SELECT * FROM sla."case" WHERE case_id = $1 FOR UPDATE', case_id)
    if row is None:
        raise NotFound
    return row


async def note_urged(db: Database, case_id: CaseId, *, supervised: bool) -> None:
    """One more reminder, or under supervision from now on."""
    await db.execute(
        """UPDATE sla."case" SET urged = urged + CASE WHEN $2 THEN 0 ELSE 1 END, supervised = supervised OR $2
           WHERE case_id = $1""",
        case_id,
        supervised,
    )
