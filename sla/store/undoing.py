"""Saves clocks before a decision that can be undone changes them, and restores them."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from schemas.ids import CaseId
from schemas.ports import Database
from schemas.words import Clock


class Undoing(NamedTuple):
    """A decision about a case that is undone: when it took effect, and when it was taken back."""

    case_id: CaseId
    since: datetime
    at: datetime


#: The columns of a clock that beginning it anew writes over.
_WRITTEN_OVER = (
    "state", "department", "started_at", "due_at", "near_at", "escalate_at", "next_alert_at", "next_level", "rule",
    "allow", "near", "escalate_after", "provisional", "owner", "calendar", "stopped_at",
)  # fmt: skip


async def keep(db: Database, kept: Sequence[tuple[CaseId, datetime]], clocks: Sequence[Clock]) -> None:
    """Write down how these clocks of these cases stand, before a move at that moment begins them anew."""
    await db.execute(
        """
        INSERT INTO sla.history (case_id, clock, at, what, detail)
        SELECT c.case_id, c.clock, t.at, 'begun anew', jsonb_build_object('before', to_jsonb(c))
        FROM unnest($1::uuid[], $2::timestamptz[]) AS t (case_id, at)
        JOIN sla.clock AS c ON c.case_id = t.case_id AND c.clock = ANY($3::text[])
        """,
        [case_id for case_id, _ in kept],
        [at for _, at in kept],
        clocks,
    )


async def restore(db: Database, undone: Sequence[Undoing]) -> None:
    """The clocks that a move began anew stand as they stood.

    Under the next version: what was told of the one in between stays.
    """
    columns = ", ".join(_WRITTEN_OVER)
    await db.execute(
        f"""
        WITH kept AS (
            SELECT t.at, (jsonb_populate_record(NULL::sla.clock, h.detail -> 'before')).*
            FROM unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[]) AS t (case_id, since, at)
            JOIN sla.history AS h ON h.case_id = t.case_id AND h.at = t.since AND h.what = 'begun anew'
        ), written AS (
            INSERT INTO sla.history (case_id, clock, at, what) SELECT case_id, clock, at, 'move undone' FROM kept
        )
        UPDATE sla.clock AS c
        SET ({columns}) = (SELECT {columns} FROM kept AS k WHERE (k.case_id, k.clock) = (kept.case_id, kept.clock)),
            deadline_version = c.deadline_version + 1, missed_at = COALESCE(kept.missed_at, c.missed_at),
            missed_version = CASE WHEN kept.missed_version = kept.deadline_version THEN c.deadline_version + 1
                                  ELSE kept.missed_version END
        FROM kept WHERE (c.case_id, c.clock) = (kept.case_id, kept.clock)
        """,  # noqa: S608  made of constants
        [each.case_id for each in undone],
        [each.since for each in undone],
        [each.at for each in undone],
    )


async def stop_begun(db: Database, undone: Sequence[Undoing]) -> None:
    """What a decision began is over, for nothing: nobody was late by it. Also what was hurried since.

    Not what ran before, and was hurried with the decision.
    """
    await db.execute(
        """
        UPDATE sla.clock AS c
        SET state = 'stopped', stopped_at = t.at, next_level = NULL, next_alert_at = NULL
        FROM unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[]) AS t (case_id, since, at)
        WHERE c.case_id = t.case_id AND c.state <> 'stopped' AND t.since = COALESCE((
            SELECT (h.detail ->> 'began')::timestamptz FROM sla.history AS h
            WHERE h.case_id = c.case_id AND h.clock = c.clock AND h.what = 'urgency' AND h.at = c.started_at
            ORDER BY h.seq DESC LIMIT 1), c.started_at)
        """,
        [each.case_id for each in undone],
        [each.since for each in undone],
        [each.at for each in undone],
    )


async def go_on(db: Database, undone: Sequence[Undoing], ends: Sequence[Clock]) -> None:
    """What a decision stopped runs on under the deadline that it had; what was raised is not planned again.

    `ends`: the clocks that end by themselves, and are late for nobody.
    """
    await db.execute(
        """
        WITH went_on AS (
            UPDATE sla.clock AS c
            SET state = 'running', stopped_at = NULL,
                next_level = CASE WHEN c.clock = ANY($4::text[]) THEN 'ended'
                                  WHEN c.next_level = 'missed' THEN 'missed'
                                  WHEN c.missed_version = c.deadline_version THEN 'escalated'
                                  WHEN c.near_at > t.at THEN 'near' ELSE 'missed' END,
                next_alert_at = CASE WHEN c.clock = ANY($4::text[]) THEN c.due_at
                                     WHEN c.next_level = 'missed' THEN c.next_alert_at
                                     WHEN c.missed_version = c.deadline_version THEN t.at
                                     WHEN c.near_at > t.at THEN c.near_at ELSE c.due_at END
            FROM unnest($1::uuid[], $2::timestamptz[], $3::timestamptz[]) AS t (case_id, since, at)
            WHERE c.case_id = t.case_id AND c.stopped_at = t.since AND c.state = 'stopped'
            RETURNING c.case_id, c.clock, t.at
        )
        INSERT INTO sla.history (case_id, clock, at, what) SELECT case_id, clock, at, 'undone' FROM went_on
        """,
        [each.case_id for each in undone],
        [each.since for each in undone],
        [each.at for each in undone],
        ends,
    )
