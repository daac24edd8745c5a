"""What happened to cases that the figures count and a case's own row does not show."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from schemas.ids import CaseId, DepartmentCode
from schemas.ports import Database
from sla.core.lives import Deed, Happened, Life


class Noted(NamedTuple):
    """One deed; of whoever has the case, where no department is named."""

    case_id: CaseId
    at: datetime
    department: DepartmentCode | None = None
    value: int = 0


async def note(db: Database, what: Happened, noted: Sequence[Noted]) -> None:
    """Keep what happened (`what`) to each of these cases, and when."""
    if not noted:
        return
    await db.execute(
        """
        INSERT INTO sla.deed (case_id, at, what, department, value)
        SELECT t.case_id, t.at, $2, COALESCE(t.department, c.lead), t.value
        FROM unnest($1::uuid[], $3::timestamptz[], $4::text[], $5::int[]) AS t (case_id, at, department, value)
        LEFT JOIN sla."case" AS c USING (case_id)
        """,
        [each.case_id for each in noted],
        what,
        [each.at for each in noted],
        [each.department for each in noted],
        [each.value for each in noted],
    )


async def keep_past(db: Database, case_ids: Sequence[CaseId]) -> None:
    """When these were replied to and closed, before their rows forget it: the reply was sent back, or the case reopened.

    Of the end the value is 1 where it was none with an answer.
    """
    await db.execute(
        """
        INSERT INTO sla.deed (case_id, at, what, department, value)
        SELECT c.case_id, past.at, past.what, c.lead, past.value
        FROM sla."case" AS c, LATERAL (VALUES
            (c.replied_at, $2, 0), (c.closed_at, $3, COALESCE((c.outcome <> 'answered')::int, 0))
        ) AS past (at, what, value)
        WHERE c.case_id = ANY($1::uuid[]) AND past.at IS NOT NULL
        """,
        case_ids,
        Happened.REPLIED,
        Happened.CLOSED,
    )


async def keep_signed(db: Database, given: Mapping[CaseId, datetime], zone: str) -> None:
    """Who had signed for these cases, or returned them, in time, before their clocks begin anew for whom they are given.

    What stopped because a dispatcher took the case back, or because it ended, was never signed for.
    """
    if not given:
        return
    await db.execute(
        """
        INSERT INTO sla.deed (case_id, at, what, department, value)
        SELECT c.case_id, t.at, $3, c.department,
               ((c.due_at - interval '1 microsecond') AT TIME ZONE $4)::date - date '1970-01-01'
        FROM unnest($1::uuid[], $2::timestamptz[]) AS t (case_id, at)
        JOIN sla.clock AS c ON c.case_id = t.case_id AND c.clock = 'sign'
        WHERE c.state = 'stopped' AND c.stopped_at <= c.due_at AND c.missed_version IS DISTINCT FROM c.deadline_version
          AND NOT EXISTS (SELECT FROM sla.deed AS d WHERE d.case_id = c.case_id AND d.at = c.stopped_at
                            AND d.what IN ($5, $6))
        """,
        list(given),
        list(given.values()),
        Happened.SIGNED,
        zone,
        Happened.TAKEN_BACK,
        Happened.CLOSED,
    )


async def answered_lives(db: Database, case_ids: Sequence[CaseId]) -> list[Life]:
    """Of those that ended with an answer: who had them from when on. Deeds of a later release are none here."""
    rows = await db.fetch(
        """
        SELECT c.case_id, c.received_at, c.assigned_at, c.replied_at, c.closed_at, COALESCE(d.deeds, '{}') AS deeds,
               COALESCE(d.ats, '{}') AS ats
        FROM sla."case" AS c LEFT JOIN LATERAL (
            SELECT array_agg(e.what ORDER BY e.at, e.seq) AS deeds, array_agg(e.at ORDER BY e.at, e.seq) AS ats
            FROM sla.deed AS e WHERE e.case_id = c.case_id AND e.what = ANY($2::text[])) AS d ON true
        WHERE c.case_id = ANY($1::uuid[]) AND c.outcome = 'answered' AND c.received_at IS NOT NULL
          AND c.closed_at IS NOT NULL
        """,
        case_ids,
        list(Happened),
    )
    return [
        Life(
            case_id=CaseId(str(row["case_id"])),
            received_at=row["received_at"],
            assigned_at=row["assigned_at"],
            replied_at=row["replied_at"],
            closed_at=row["closed_at"],
            deeds=[Deed(Happened(what), at) for what, at in zip(row["deeds"], row["ats"], strict=True)],
        )
        for row in rows
    ]
