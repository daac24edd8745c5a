"""What sla keeps of each case, for its figures; who leads it: `leads`."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from schemas.errors import NotFound
from schemas.events.handlers import CaseAssigned
from schemas.events.intake import CaseRegistered
from schemas.events.pressing import UrgencyRaised
from schemas.events.routing import ReviewRequested
from schemas.events.tags import TagsChanged
from schemas.ids import CaseId
from schemas.ports import Database
from schemas.words import Kind, Urgency
from sla.core.rules import CaseTraits


class KnownRegistration(NamedTuple):
    """What is known of a case once its registration is: another topic may have told of it first."""

    case_id: CaseId
    #: As the rules take it for, where they have been asked.
    urgency: Urgency | None
    #: When a department got it, which has it still.
    assigned_at: datetime | None
    closed_at: datetime | None


async def insert_cases(db: Database, events: Sequence[CaseRegistered]) -> dict[CaseId, KnownRegistration]:
    """Keep the new cases; returns what is known of each."""
    rows = await db.fetch(
        """
        INSERT INTO sla."case" AS c (case_id, tracking_code, channel, kind, received_at, version, private)
        SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::int[], $7::bool[])
        ON CONFLICT (case_id) DO UPDATE
            SET received_at = COALESCE(c.received_at, EXCLUDED.received_at),
                tracking_code = COALESCE(c.tracking_code, EXCLUDED.tracking_code),
                channel = COALESCE(c.channel, EXCLUDED.channel),
                kind = COALESCE(c.kind, EXCLUDED.kind),
                private = c.private OR EXCLUDED.private,
                settled = false
        RETURNING case_id, urgency, CASE WHEN lead IS NOT NULL THEN assigned_at END, closed_at
        """,
        [event.case_id for event in events],
        [event.tracking_code for event in events],
        [event.channel for event in events],
        [event.kind for event in events],
        [event.received_at for event in events],
        [event.version for event in events],
        [event.confidential or event.kind is Kind.REPORT for event in events],
    )
    kept = (KnownRegistration(CaseId(str(case_id)), *rest) for case_id, *rest in rows)
    return {case.case_id: case for case in kept}


def is_private(event: CaseAssigned | ReviewRequested) -> bool:
    """Whether it stands in no number: a report, told in confidence, or accusing somebody."""
    if isinstance(event, CaseAssigned) and (event.confidential or event.kind is Kind.REPORT):
        return True
    return event.protected or bool(event.accused)


async def note_private(db: Database, case_ids: Sequence[CaseId], versions: Sequence[int]) -> None:
    """From now on these stand in no number, unless something newer said otherwise."""
    await db.execute(
        """
        INSERT INTO sla."case" AS c (case_id, version, private)
        SELECT *, true FROM unnest($1::uuid[], $2::int[]) AS t (case_id, version) ORDER BY case_id
        ON CONFLICT (case_id) DO UPDATE SET private = true, item = NULL, tags = '{}', settled = false
            WHERE NOT c.private AND c.state_version <= EXCLUDED.version
        """,
        case_ids,
        versions,
    )


async def shield(db: Database, case_ids: Sequence[CaseId], versions: Sequence[int]) -> None:
    """From now on these stand in no number, whatever else is known of them."""
    await db.execute(
        """
        INSERT INTO sla."case" AS c (case_id, version, private)
        SELECT *, true FROM unnest($1::uuid[], $2::int[]) AS t (case_id, version) ORDER BY case_id
        ON CONFLICT (case_id) DO UPDATE SET private = true, item = NULL, tags = '{}', settled = false WHERE NOT c.private
        """,
        case_ids,
        versions,
    )


async def pass_over(
    db: Database,
    case_ids: Sequence[CaseId],
    versions: Sequence[int],
    *,
    says_state: Sequence[bool],
    ahead: int = 0,
) -> set[CaseId]:
    """Those of the cases of which something newer is known; of the others this is the newest from now on.

    Locks the cases, in order, so that two processes never wait for each other. `ahead`: how far what is told lies ahead of
    the version that it names; `says_state`: of each, whether what it tells changes the case.
    """
    rows = await db.fetch(
        """
        WITH told AS (
            SELECT * FROM unnest($1::uuid[], $2::int[], $4::bool[]) AS t (case_id, version, says_state)
        ), locked AS (
            SELECT c.case_id, c.state_version > told.version + $3 AS is_old
            FROM sla."case" AS c JOIN told USING (case_id) ORDER BY c.case_id FOR UPDATE OF c
        ), noted AS (
            UPDATE sla."case" AS c
            SET version = GREATEST(c.version, told.version),
                state_version = CASE WHEN told.says_state THEN GREATEST(c.state_version, told.version + $3)
                    ELSE c.state_version END,
                settled = false
            FROM told JOIN locked USING (case_id) WHERE c.case_id = told.case_id
        )
        SELECT case_id FROM locked WHERE is_old
        """,
        case_ids,
        versions,
        ahead,
        says_state,
    )
    return {CaseId(str(row["case_id"])) for row in rows}


async def note_tags(db: Database, events: Sequence[TagsChanged]) -> None:
    """These have other tags, unless the desk has said others since; what stands in no number has none."""
    await db.execute(
        """
        UPDATE sla."case" AS c SET tags = string_to_array(t.tags, ','), tags_at = t.at, settled = false
        FROM unnest($1::uuid[], $2::text[], $3::timestamptz[]) AS t (case_id, tags, at)
        WHERE c.case_id = t.case_id AND NOT c.private AND (c.tags_at IS NULL OR c.tags_at <= t.at)
        """,
        [event.case_id for event in events],
        [",".join(event.tags) for event in events],
        [event.at for event in events],
    )


class RuledCase(NamedTuple):
    """What a case's rules depend on, and whether it has ended."""

    traits: CaseTraits
    has_ended: bool


async def note_and_know(
    db: Database, case_ids: Sequence[CaseId], versions: Sequence[int]
) -> dict[CaseId, RuledCase]:
    """The versions last seen; returns what is known of each, for those that are known at all. Locks them, in order."""
    rows = await db.fetch(
        """
        WITH told AS (SELECT * FROM unnest($1::uuid[], $2::int[]) AS t (case_id, version)), locked AS (
            SELECT case_id FROM sla."case" WHERE case_id = ANY($1::uuid[]) ORDER BY case_id FOR UPDATE
        )
        UPDATE sla."case" AS c SET version = GREATEST(c.version, told.version), settled = false
        FROM told JOIN locked USING (case_id) WHERE c.case_id = told.case_id
        RETURNING c.case_id, c.urgency, c.lead, c.category, c.kind, c.channel, c.closed_at
        """,
        case_ids,
        versions,
    )
    return {
        CaseId(str(case_id)): RuledCase(CaseTraits(*traits), closed_at is not None)
        for case_id, *traits, closed_at in rows
    }


async def unanswered(db: Database, ended: Mapping[CaseId, datetime]) -> dict[CaseId, CaseTraits]:
    """Those of these cases, which have ended at that moment, that had no answer since; with what their rules depend on."""
    rows = await db.fetch(
        """
        SELECT c.case_id, c.urgency, c.lead, c.category, c.kind, c.channel
        FROM unnest($1::uuid[], $2::timestamptz[]) AS t (case_id, at) JOIN sla."case" AS c USING (case_id)
        WHERE c.replied_at IS NULL OR c.replied_at < t.at
        """,
        list(ended),
        list(ended.values()),
    )
    return {CaseId(str(case_id)): CaseTraits(*traits) for case_id, *traits in rows}


async def note_urgency(db: Database, events: Sequence[ReviewRequested]) -> dict[CaseId, CaseTraits]:
    """How pressing the rules take these for, whether they are known yet or not; returns what their own rules depend on.

    Of a case that has been assigned since, the assignment says it.
    """
    rows = await db.fetch(
        """
        INSERT INTO sla."case" AS c (case_id, urgency, version)
        SELECT * FROM unnest($1::uuid[], $2::text[], $3::int[])
        ON CONFLICT (case_id) DO UPDATE
            SET urgency = CASE WHEN c.assigned_at IS NULL THEN EXCLUDED.urgency ELSE c.urgency END,
                version = GREATEST(c.version, EXCLUDED.version)
        RETURNING case_id, urgency, lead, category, kind, channel
        """,
        [event.case_id for event in events],
        [event.urgency for event in events],
        [event.version for event in events],
    )
    return {CaseId(str(case_id)): CaseTraits(*traits) for case_id, *traits in rows}


async def raise_urgency(db: Database, events: Sequence[UrgencyRaised]) -> dict[CaseId, CaseTraits]:
    """The desk takes these for so pressing; returns what their rules depend on now. Locks them, in order.

    What is heard again, or late, makes no emergency less.
    """
    rows = await db.fetch(
        """
        WITH told AS (SELECT * FROM unnest($1::uuid[], $2::text[]) AS t (case_id, urgency)), locked AS (
            SELECT case_id FROM sla."case" WHERE case_id = ANY($1::uuid[]) ORDER BY case_id FOR UPDATE
        )
        UPDATE sla."case" AS c SET urgency = CASE c.urgency WHEN 'emergency' THEN c.urgency ELSE told.urgency END
        FROM told JOIN locked USING (case_id) WHERE c.case_id = told.case_id
        RETURNING c.case_id, c.urgency, c.lead, c.category, c.kind, c.channel
        """,
        [event.case_id for event in events],
        [event.urgency for event in events],
    )
    return {CaseId(str(case_id)): CaseTraits(*traits) for case_id, *traits in rows}


async def assigned_times(db: Database, case_ids: Sequence[CaseId]) -> dict[CaseId, datetime]:
    """When each was first assigned; locks the cases."""
    rows = await db.fetch(
        """SELECT case_id, assigned_at FROM sla."case"
           WHERE case_id = ANY($1::uuid[]) AND assigned_at IS NOT NULL ORDER BY case_id FOR UPDATE""",
        case_ids,
    )
    return {CaseId(str(row[0])): row[1] for row in rows}


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
