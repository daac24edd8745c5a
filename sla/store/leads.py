"""Who leads each case, and has led it: what assignments, moves and dispatchers make of that."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from msgspec import UNSET

from schemas.events.facts import tags_said
from schemas.events.handlers import CaseAssigned
from schemas.events.undone import CaseRecalled, MoveUndone
from schemas.ids import CaseId
from schemas.ports import Database
from sla.store.cases import is_private

#: The newest that was heard of a case: what makes it private may say nothing of its state.
_KNOWN = "GREATEST(c.state_version, c.version)"


class Assigned(NamedTuple):
    """What an assignment makes of a case."""

    #: No department had it before.
    is_first: bool
    #: Something newer is known: it has ended since, or a dispatcher has it again.
    is_old: bool
    #: When it had ended, before this was heard.
    ended_at: datetime | None


async def assign_cases(db: Database, events: Sequence[CaseAssigned]) -> dict[CaseId, Assigned]:
    """Keep who leads now; of what something newer is known about, only what is not known otherwise."""
    rows = await db.fetch(
        f"""
        WITH before AS (SELECT case_id, closed_at FROM sla."case" WHERE case_id = ANY($1::uuid[]))
        INSERT INTO sla."case" AS c (case_id, tracking_code, channel, kind, urgency, category, item, lead, region,
                              received_at, assigned_at, version, private, tags, tags_at, state_version, lead_version,
                              facts_version, leads)
        SELECT case_id, tracking_code, channel, kind, urgency, category, item, lead, region, received_at, assigned_at,
            version, private, string_to_array(tags, ','), tags_at, version, version, version, ARRAY[lead]
        FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                    $9::text[], $10::timestamptz[], $11::timestamptz[], $12::int[], $13::bool[], $14::text[],
                    $15::timestamptz[]) AS t (case_id, tracking_code, channel, kind, urgency, category, item, lead, region,
                        received_at, assigned_at, version, private, tags, tags_at)
        ON CONFLICT (case_id) DO UPDATE
            SET kind = CASE WHEN c.facts_version > EXCLUDED.version THEN c.kind ELSE EXCLUDED.kind END,
                urgency = CASE WHEN c.facts_version > EXCLUDED.version THEN c.urgency ELSE EXCLUDED.urgency END,
                category = CASE WHEN c.facts_version > EXCLUDED.version THEN c.category ELSE EXCLUDED.category END,
                region = CASE WHEN c.facts_version > EXCLUDED.version THEN c.region ELSE EXCLUDED.region END,
                item = CASE WHEN c.private AND {_KNOWN} > EXCLUDED.version THEN NULL
                    WHEN c.facts_version > EXCLUDED.version THEN c.item ELSE EXCLUDED.item END,
                facts_version = GREATEST(c.facts_version, EXCLUDED.version),
                tags = CASE WHEN c.private AND {_KNOWN} > EXCLUDED.version THEN '{{}}'
                    WHEN EXCLUDED.tags_at IS NULL OR c.tags_at > EXCLUDED.tags_at THEN c.tags ELSE EXCLUDED.tags END,
                tags_at = GREATEST(c.tags_at, EXCLUDED.tags_at),
                lead = CASE WHEN c.lead_version <= EXCLUDED.version THEN EXCLUDED.lead ELSE c.lead END,
                lead_version = GREATEST(c.lead_version, EXCLUDED.version),
                closed_at = CASE WHEN c.state_version > EXCLUDED.version THEN c.closed_at END,
                outcome = CASE WHEN c.state_version > EXCLUDED.version THEN c.outcome END,
                assigned_at = COALESCE(c.assigned_at, EXCLUDED.assigned_at),
                version = GREATEST(c.version, EXCLUDED.version),
                private = CASE WHEN c.facts_version > EXCLUDED.version THEN c.private
                    ELSE EXCLUDED.private OR c.private AND {_KNOWN} > EXCLUDED.version END,
                state_version = GREATEST(c.state_version, EXCLUDED.version),
                leads = CASE WHEN EXCLUDED.lead = ANY(c.leads) THEN c.leads ELSE c.leads || EXCLUDED.lead END,
                settled = false
        RETURNING case_id, assigned_at, state_version, (SELECT b.closed_at FROM before AS b WHERE b.case_id = c.case_id)
        """,  # noqa: S608  a constant of this module
        [event.case_id for event in events],
        [event.tracking_code for event in events],
        [event.channel for event in events],
        [event.kind for event in events],
        [event.urgency for event in events],
        [event.category for event in events],
        [None if is_private(event) else event.item for event in events],
        [event.lead for event in events],
        [event.region for event in events],
        [event.received_at for event in events],
        [event.at for event in events],
        [event.version for event in events],
        [is_private(event) for event in events],
        ["" if is_private(event) else ",".join(tags_said(event.tags)) for event in events],
        [None if event.tags is UNSET and not is_private(event) else event.at for event in events],
    )
    told = {event.case_id: event for event in events}
    return {
        (event := told[CaseId(str(case_id))]).case_id: Assigned(
            is_first=assigned_at == event.at,
            is_old=state_version > event.version,
            ended_at=ended_at,
        )
        for case_id, assigned_at, state_version, ended_at in rows
    }


async def give_back(db: Database, events: Sequence[MoveUndone]) -> None:
    """Who had these leads them again; who had one by the move alone has not led it. Tags said since stay."""
    await db.execute(
        """
        UPDATE sla."case" AS c
        SET lead = t.lead, category = t.category, region = t.region, item = CASE WHEN NOT c.private THEN t.item END,
            lead_version = t.version, facts_version = t.version,
            tags = CASE WHEN c.private THEN '{}' WHEN c.tags_at > t.at THEN c.tags
                        ELSE COALESCE(string_to_array(t.tags, ','), c.tags) END,
            tags_at = CASE WHEN t.tags IS NULL THEN c.tags_at ELSE GREATEST(c.tags_at, t.at) END,
            leads = CASE WHEN c.leads[1] = t.moved_to OR EXISTS (
                SELECT FROM sla.deed AS d WHERE d.case_id = c.case_id AND d.what = 'assigned' AND d.department = t.moved_to
                  AND d.at <> t.moved_at) THEN c.leads ELSE array_remove(c.leads, t.moved_to) END
        FROM unnest($1::uuid[], $2::text[], $3::text[], $4::int[], $5::text[], $6::timestamptz[], $7::text[],
               $8::text[], $9::timestamptz[], $10::text[])
          AS t (case_id, lead, category, version, moved_to, moved_at, item, tags, at, region)
        WHERE c.case_id = t.case_id
        """,
        [event.case_id for event in events],
        [event.lead for event in events],
        [event.category for event in events],
        [event.version for event in events],
        [event.moved_to for event in events],
        [event.moved_at for event in events],
        [event.item for event in events],
        [None if event.tags is None else ",".join(event.tags) for event in events],
        [event.at for event in events],
        [event.region for event in events],
    )


async def uncount_dispatches(db: Database, events: Sequence[CaseRecalled]) -> None:
    """The last assignment before each was none: who had the case by it alone has not led it."""
    await db.execute(
        """
        WITH stood AS (
            SELECT t.case_id, t.at AS recalled_at, a.at, a.department
            FROM unnest($1::uuid[], $2::timestamptz[]) AS t (case_id, at) JOIN sla."case" AS c USING (case_id)
            CROSS JOIN LATERAL (
                SELECT c.assigned_at, c.leads[1] UNION ALL
                SELECT d.at, d.department FROM sla.deed AS d WHERE d.case_id = c.case_id AND d.what = 'assigned'
            ) AS a (at, department)
            WHERE NOT EXISTS (SELECT FROM sla.deed AS u
                              WHERE u.case_id = c.case_id AND u.at = a.at AND u.what = 'assigned undone')
        ), undone AS (
            SELECT DISTINCT ON (case_id) case_id, at, department FROM stood WHERE at <= recalled_at ORDER BY case_id, at DESC
        ), noted AS (
            INSERT INTO sla.deed (case_id, at, what, department, value)
            SELECT case_id, at, 'assigned undone', department, 0 FROM undone
        )
        UPDATE sla."case" AS c SET leads = array_remove(c.leads, u.department)
        FROM undone AS u WHERE c.case_id = u.case_id AND NOT EXISTS (
            SELECT FROM stood AS s WHERE s.case_id = u.case_id AND s.department = u.department AND s.at <> u.at)
        """,
        [event.case_id for event in events],
        [event.at for event in events],
    )


async def forget_leads(db: Database, case_ids: Sequence[CaseId], versions: Sequence[int]) -> None:
    """A dispatcher had these again at that version: nobody leads them, unless somebody was told to since."""
    await db.execute(
        """
        UPDATE sla."case" AS c SET lead = NULL, lead_version = t.version
        FROM unnest($1::uuid[], $2::int[]) AS t (case_id, version)
        WHERE c.case_id = t.case_id AND c.lead_version <= t.version
        """,
        case_ids,
        versions,
    )
