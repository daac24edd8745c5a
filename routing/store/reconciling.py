"""What routing knows that others may have missed, and what it missed itself."""

from collections.abc import Mapping, Sequence, Set
from datetime import datetime

from routing.core.decisions.direct import RESTS_ON
from routing.core.decisions.review import PROMISED_DAY
from routing.core.decisions.undo import UNDONE_BY
from schemas.ids import CaseId
from schemas.ports import Database
from schemas.words import ReviewKind

#: Of a case answered directly: what the answer rests on was kept. Some rows, by the first column of the primary key.
_RESTS = f"""EXISTS (SELECT FROM routing.review_item AS i WHERE i.case_id = c.case_id
    AND i.state = 'decided' AND i.detail ? '{RESTS_ON}')"""


async def known_ids(db: Database, case_ids: Sequence[CaseId]) -> set[CaseId]:
    """Those of the cases that routing has heard of."""
    rows = await db.fetch("SELECT case_id FROM routing.case WHERE case_id = ANY ($1::uuid[])", case_ids)
    return {CaseId(str(row["case_id"])) for row in rows}


async def routed_ids(db: Database, case_ids: Sequence[CaseId]) -> set[CaseId]:
    """Those of the cases that were sent to a department."""
    rows = await db.fetch(
        "SELECT case_id FROM routing.case WHERE case_id = ANY ($1::uuid[]) AND state = 'routed'", case_ids
    )
    return {CaseId(str(row["case_id"])) for row in rows}


async def leads(db: Database, case_ids: Sequence[CaseId], before: datetime) -> Mapping[CaseId, str]:
    """The department that each of the cases was sent to, where nothing was decided of it since then."""
    rows = await db.fetch(
        """
        SELECT case_id, lead FROM routing.case AS c WHERE case_id = ANY ($1::uuid[]) AND state = 'routed'
        AND NOT EXISTS (
            SELECT FROM routing.review_item AS i WHERE i.case_id = c.case_id AND (i.decided_at >= $2 OR i.state = 'open'))
        """,
        case_ids,
        before,
    )
    return {CaseId(str(row["case_id"])): row["lead"] for row in rows}


async def last_asked(
    db: Database, case_ids: Sequence[CaseId]
) -> Mapping[tuple[CaseId, ReviewKind], datetime | None]:
    """When the last of each kind that dispatchers were asked about each case was decided; None where it is before them."""
    rows = await db.fetch(
        """
        SELECT DISTINCT ON (case_id, kind) case_id, kind, decided_at FROM routing.review_item
        WHERE case_id = ANY ($1::uuid[]) AND state IN ('open', 'decided')
        ORDER BY case_id, kind, version DESC
        """,
        case_ids,
    )
    return {(CaseId(str(row["case_id"])), ReviewKind(row["kind"])): row["decided_at"] for row in rows}


async def days_unkept(db: Database, case_ids: Sequence[CaseId]) -> Set[CaseId]:
    """Those of the cases whose last promise a release granted that kept no day with it: nobody could say that again."""
    rows = await db.fetch(
        """
        SELECT case_id FROM (
            SELECT DISTINCT ON (case_id) case_id, accepted, detail FROM routing.review_item
            WHERE case_id = ANY ($1::uuid[]) AND kind = 'promise' AND state IN ('open', 'decided')
            ORDER BY case_id, version DESC
        ) AS last WHERE accepted AND NOT detail ? $2
        """,
        case_ids,
        PROMISED_DAY,
    )
    return {CaseId(str(row["case_id"])) for row in rows}


async def ended(db: Database, case_ids: Sequence[CaseId]) -> dict[CaseId, str]:
    """How those of the cases ended that no department ended, as their citizens read it.

    `declined`, `merged`, `withdrawn`, or `closed` by a direct answer. An earlier release did not keep what such an answer
    rested on: nobody could say that again, and it is left out.
    """
    rows = await db.fetch(
        f"""
        SELECT case_id, CASE state WHEN 'answered' THEN 'closed' ELSE state END AS state FROM routing.case AS c
        WHERE case_id = ANY ($1::uuid[])
        AND (state IN ('declined', 'merged', 'withdrawn') OR state = 'answered' AND {_RESTS})
        """,  # noqa: S608  a constant
        case_ids,
    )
    return {CaseId(str(row["case_id"])): row["state"] for row in rows}


async def private_ids(db: Database, case_ids: Sequence[CaseId]) -> set[CaseId]:
    """Those of the cases that are told in confidence, reports, or accuse somebody."""
    rows = await db.fetch(
        """
        SELECT case_id FROM routing.case WHERE case_id = ANY ($1::uuid[])
          AND (confidential OR protected OR kind = 'report' OR accused <> '{}')
        """,
        case_ids,
    )
    return {CaseId(str(row["case_id"])) for row in rows}


async def untellable_ids(db: Database, case_ids: Sequence[CaseId]) -> set[CaseId]:
    """Those of the cases that a dispatcher of an earlier release answered directly: from which entry nobody kept."""
    rows = await db.fetch(
        f"""SELECT case_id FROM routing.case AS c
        WHERE case_id = ANY ($1::uuid[]) AND state = 'answered' AND NOT {_RESTS}""",  # noqa: S608  a constant
        case_ids,
    )
    return {CaseId(str(row["case_id"])) for row in rows}


async def waiting_anew(db: Database, case_ids: Sequence[CaseId]) -> dict[CaseId, tuple[datetime, ReviewKind]]:
    """Those of the cases that a dispatcher has once more, since when, and what for; what was undone never was."""
    # Some rows a case, by the first column of the primary key.
    rows = await db.fetch(
        """
        SELECT DISTINCT ON (case_id) case_id, i.opened_at, i.kind
        FROM routing.review_item AS i JOIN routing.case AS c USING (case_id)
        WHERE case_id = ANY ($1::uuid[]) AND c.state = 'open' AND NOT i.detail ? $2
        AND (i.kind = 'objection' OR i.kind = 'dispatch' AND i.detail ? 'unmerged')
        ORDER BY case_id, i.version DESC
        """,
        case_ids,
        UNDONE_BY,
    )
    return {CaseId(str(row["case_id"])): (row["opened_at"], ReviewKind(row["kind"])) for row in rows}


async def last_decided(db: Database, case_ids: Sequence[CaseId]) -> Mapping[CaseId, datetime]:
    """When a dispatcher decided last on each of those of the cases of which one ever did."""
    # Some rows a case, by the first column of the primary key.
    rows = await db.fetch(
        """
        SELECT case_id, max(decided_at) AS at FROM routing.review_item
        WHERE case_id = ANY ($1::uuid[]) AND state = 'decided' GROUP BY case_id
        """,
        case_ids,
    )
    return {CaseId(str(row["case_id"])): row["at"] for row in rows}
