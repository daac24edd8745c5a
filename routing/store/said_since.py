"""Saves what a citizen's later words change of a case: its urgency, and what they sound like."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from routing.core.decisions.chosen_urgency import PRESSING_SINCE, URGENCY_BEFORE
from routing.store import as_json
from schemas.ids import CaseId
from schemas.ports import Database
from schemas.values import DangerLook
from schemas.words import Urgency


async def keep_danger(db: Database, found: Mapping[CaseId, Urgency], at: datetime) -> None:
    """Their citizens told of danger once more, and so pressing these cases are from now on. Lock them before."""
    # A few rows by their primary key.
    await db.execute(
        """
        UPDATE routing.case AS c SET urgency = n.urgency, dangers_said = c.dangers_said + 1,
            danger_unseen_since = coalesce(c.danger_unseen_since, $3)
        FROM unnest($1::uuid[], $2::text[]) AS n (case_id, urgency) WHERE c.case_id = n.case_id
        """,
        list(found),
        list(found.values()),
        at,
    )


async def note_pressing(db: Database, found: Collection[CaseId], at: datetime) -> None:
    """The dispatches that wait for these cases are so pressing since then, and were less before."""
    if found:
        # A few rows by the first columns of the primary key.
        await db.execute(
            """
            UPDATE routing.review_item AS i SET detail = i.detail || $2::jsonb
            WHERE i.case_id = ANY ($1::uuid[]) AND i.kind = 'dispatch' AND i.state = 'open'
            """,
            sorted(found),
            as_json({PRESSING_SINCE: at}),
        )


async def note_seen(db: Database, case_id: CaseId, seen: int) -> bool:
    """A dispatcher has read the dangers that were told of this case, so many by then; whether nobody had before.

    Nothing where more were told since.
    """
    # One row by its primary key.
    changed = await db.execute(
        """UPDATE routing.case SET danger_unseen_since = NULL
        WHERE case_id = $1 AND dangers_said = $2 AND danger_unseen_since IS NOT NULL""",
        case_id,
        seen,
    )
    return changed == "UPDATE 1"


async def looks(db: Database, case_id: CaseId) -> Sequence[DangerLook]:
    """Who has read what danger was told of this case, and how many there were by then: the first look first."""
    # Along the primary key.
    rows = await db.fetch(
        "SELECT at, by, version FROM routing.told WHERE case_id = $1 AND what = 'looked' ORDER BY version",
        case_id,
    )
    return [DangerLook(at=row["at"], by=row["by"], dangers=row["version"]) for row in rows]


async def forget_less(db: Database, found: Mapping[CaseId, Urgency]) -> None:
    """No decision about these cases, taken back, makes one less pressing than that."""
    # A few rows by the first column of the primary key.
    await db.execute(
        f"""
        UPDATE routing.review_item AS i SET detail = i.detail - '{URGENCY_BEFORE}'
        FROM unnest($1::uuid[], $2::text[]) AS n (case_id, urgency)
        WHERE i.case_id = n.case_id AND i.detail ? '{URGENCY_BEFORE}'
            AND (n.urgency = 'emergency' OR i.detail->>'{URGENCY_BEFORE}' = 'normal')
        """,  # noqa: S608  our own constant
        list(found),
        list(found.values()),
    )


_NOTE_SOUNDS = """
UPDATE routing.review_item AS item
SET detail = detail || jsonb_build_object($4::text, n.sounds::jsonb, 'doubts',
    (coalesce(detail->'doubts', '[]') - $3::text) || jsonb_build_array($3::text))
FROM (SELECT o.case_id, o.kind, o.version, n.sounds FROM unnest($1::uuid[], $2::text[]) AS n (case_id, sounds)
    JOIN routing.review_item AS o ON o.case_id = n.case_id AND o.kind = 'dispatch' AND o.state = 'open'
    ORDER BY o.case_id, o.version FOR UPDATE OF o) AS n
WHERE (item.case_id, item.kind, item.version) = (n.case_id, n.kind, n.version)
"""


async def note_sounds(
    db: Database, doubt: str, name: str, heard: Sequence[tuple[CaseId, Sequence[str]]]
) -> None:
    """The dispatches that wait for these cases have this doubt, and say under that name which words, by which weights."""
    if heard:
        said = [as_json(each) for _, each in heard]
        await db.execute(_NOTE_SOUNDS, [case_id for case_id, _ in heard], said, doubt, name)
