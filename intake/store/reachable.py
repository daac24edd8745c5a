"""Which citizens are told of news, by which channel; their addresses lie sealed elsewhere."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from intake.core.following.asked_back import asked_back_until, is_rated, is_to_be_called, promised_until
from intake.core.following.view import (
    TimelineEntry,
)
from intake.core.notices import Standing
from schemas.ids import CaseId
from schemas.notices import NoticeChannel
from schemas.ports import Database
from schemas.words import CaseState, CitizenAction, Kind, Language

_timeline = msgspec.json.Decoder(tuple[TimelineEntry, ...])


async def keep(db: Database, rows: Sequence[tuple[CaseId, NoticeChannel]]) -> None:
    """These citizens are told from now on."""
    await db.execute(
        """
        INSERT INTO intake.reachable (case_id, channel) SELECT * FROM unnest($1::uuid[], $2::text[])
        ON CONFLICT DO NOTHING
        """,
        [case_id for case_id, _ in rows],
        [channel.value for _, channel in rows],
    )


async def channels_of(db: Database, cases: Sequence[CaseId]) -> Mapping[CaseId, NoticeChannel]:
    """Those of the cases whose citizens are told."""
    # By the primary key.
    rows = await db.fetch(
        "SELECT case_id, channel FROM intake.reachable WHERE case_id = ANY($1::uuid[]) AND stopped_at IS NULL",
        cases,
    )
    return {CaseId(str(row["case_id"])): NoticeChannel(row["channel"]) for row in rows}


async def stop(db: Database, case_id: CaseId, now: datetime) -> None:
    """Its citizen wants to hear no more of it."""
    # One row by the primary key.
    await db.execute(
        "UPDATE intake.reachable SET stopped_at = $2 WHERE case_id = $1::uuid AND stopped_at IS NULL",
        case_id,
        now,
    )


async def standing_of(db: Database, case_id: CaseId) -> tuple[Standing, bytes | None] | None:
    """What is known of a case whose citizen is told, and what of it is sealed; None where they want no more."""
    # Four rows by their primary keys.
    row = await db.fetchrow(
        """
        SELECT c.tracking_code, c.language, c.kind, c.confidential, coalesce(v.state, 'registered') AS state, v.due_at,
               v.rating, v.citizen_may, v.response_at, coalesce(v.timeline, '[]') AS timeline, s.sealed
        FROM intake.reachable r JOIN intake.case c USING (case_id) LEFT JOIN intake.view v USING (case_id)
        LEFT JOIN intake.sealed s USING (case_id)
        WHERE r.case_id = $1::uuid AND r.stopped_at IS NULL
        """,
        case_id,
    )
    return None if row is None else (_standing(row), row["sealed"])


def _standing(row: Any) -> Standing:
    timeline = _timeline.decode(row["timeline"])
    return Standing(
        tracking_code=row["tracking_code"],
        state=CaseState(row["state"]),
        language=Language(row["language"]),
        is_private=row["confidential"] or row["kind"] == Kind.REPORT,
        due_at=row["due_at"],
        is_rated=is_rated(row["rating"], timeline),
        answered_at=row["response_at"],
        promised_until=promised_until(timeline),
        is_called=is_to_be_called(timeline) and row["state"] == CaseState.CLOSED,
        asked_back_until=asked_back_until(timeline) if row["state"] == CaseState.CLOSED else None,
        may=tuple(CitizenAction(word) for word in row["citizen_may"] or ()),
    )
