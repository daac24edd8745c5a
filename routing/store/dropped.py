"""What dispatchers decided and was not done, since the case had moved on."""

from collections.abc import Sequence

import msgspec

from routing.core.decisions.queue import Dropped
from schemas.events.handlers import RequestDropped
from schemas.ids import CaseId
from schemas.ports import Database

#: Project choice: whoever has more than these to read asks what goes wrong, not case by case.
_SHOWN = 50


async def keep(db: Database, events: Sequence[RequestDropped]) -> None:
    """Keep them for whoever decided; told twice, kept once."""
    await db.execute(
        """INSERT INTO routing.dropped (case_id, asked, asked_at, by, review, accepted, case_state, at)
        SELECT * FROM unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::text[], $5::text[], $6::bool[],
            $7::text[], $8::timestamptz[])
        ON CONFLICT DO NOTHING""",
        [event.case_id for event in events],
        [event.asked for event in events],
        [event.asked_at for event in events],
        [event.by for event in events],
        [event.review for event in events],
        [event.accepted for event in events],
        [event.state for event in events],
        [event.at for event in events],
    )


async def of(db: Database, by: str) -> list[Dropped]:
    """The decisions of one dispatcher that were not done, the latest first."""
    rows = await db.fetch(
        """SELECT d.*, c.tracking_code FROM routing.dropped AS d JOIN routing.case AS c USING (case_id)
        WHERE d.by = $1 ORDER BY d.at DESC, d.case_id DESC LIMIT $2""",
        by,
        _SHOWN,
    )
    return [msgspec.convert({**row, "case_id": CaseId(str(row["case_id"]))}, Dropped) for row in rows]


async def restore(db: Database, events: Sequence[RequestDropped]) -> None:
    """The department that has the case is the one that had it: a new route was not followed, and made no version.

    One that a dispatcher has chosen since is another route: it stays.
    """
    await db.execute(
        """UPDATE routing.case AS c
        SET lead = n.lead, supporting = string_to_array(n.supporting, ','), category = n.category,
            item = CASE WHEN c.protected THEN NULL WHEN b.is_this THEN b.was->>'item' ELSE c.item END,
            tags = CASE WHEN c.protected THEN '{}' WHEN b.is_this AND b.was->'tags' <> 'null'
                THEN ARRAY(SELECT jsonb_array_elements_text(b.was->'tags')) ELSE c.tags END,
            version = LEAST(c.version, n.version), before_move = NULL
        FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::int[], $6::int[])
            AS n (case_id, lead, supporting, category, asked_version, version)
        JOIN routing.case AS k USING (case_id)
        CROSS JOIN LATERAL (
            SELECT k.before_move AS was, COALESCE((k.before_move->>'version')::int = n.asked_version, false) AS is_this
        ) AS b
        WHERE c.case_id = n.case_id AND c.state = 'routed' AND c.version <= n.asked_version""",
        [event.case_id for event in events],
        [event.lead for event in events],
        [",".join(event.supporting) for event in events],
        [event.category for event in events],
        [event.asked_version for event in events],
        [event.version for event in events],
    )
