"""Pauses that were granted: what is kept of them once they are over."""

from collections.abc import Mapping

from routing.core.decisions.open_items import RESUMED_AT
from schemas.ids import CaseId
from schemas.ports import Database


async def note_resumed(db: Database, versions: Mapping[CaseId, int]) -> None:
    """Keep with the pauses of these cases that their departments went on, each with that version."""
    # By the primary key's first column: a handful of items each.
    await db.execute(
        """
        UPDATE routing.review_item AS item SET detail = detail || jsonb_build_object($3::text, n.version)
        FROM unnest($1::uuid[], $2::int[]) AS n (case_id, version)
        WHERE item.case_id = n.case_id AND item.kind = 'suspension' AND item.accepted AND item.version < n.version
            AND NOT item.detail ? $3
        """,
        list(versions),
        list(versions.values()),
        RESUMED_AT,
    )
