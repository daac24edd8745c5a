"""Reports as they were made: rows are only added, and one that turns out to be wrong is followed by an erratum."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import msgspec

from schemas.keysets import falls_below
from schemas.ports import Database
from sla.core.readings import FrozenReport, ReportLine
from sla.core.report_body import ReportBody
from sla.core.reports import Covered, Period

_LINE = "r.seq, r.period, r.first, r.last, r.edition, r.made_at, r.made_by, r.reason"


async def missing(db: Database, wanted: Sequence[Covered]) -> list[Covered]:
    """Those of the reports that were never made."""
    rows = await db.fetch(
        """
        SELECT t.number FROM unnest($1::text[], $2::date[]) WITH ORDINALITY AS t (period, first, number)
        WHERE NOT EXISTS (SELECT 1 FROM sla.report AS r WHERE r.period = t.period AND r.first = t.first)
        ORDER BY t.number
        """,
        [each.period for each in wanted],
        [each.days.first for each in wanted],
    )
    return [wanted[row["number"] - 1] for row in rows]


async def first_received(db: Database) -> datetime | None:
    """When the first case came; None: none has."""
    found: datetime | None = await db.fetchval(
        'SELECT received_at FROM sla."case" WHERE received_at IS NOT NULL ORDER BY received_at LIMIT 1'
    )
    return found


async def add(
    db: Database, covered: Covered, body: ReportBody, *, edition: int, at: datetime, by: str, reason: str
) -> int | None:
    """Keep a report for good; returns its number, or None where somebody was quicker."""
    number: int | None = await db.fetchval(
        """
        INSERT INTO sla.report (period, first, last, edition, made_at, made_by, reason, body)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8::text::jsonb)
        ON CONFLICT (period, first, edition) DO NOTHING RETURNING seq
        """,
        covered.period,
        covered.days.first,
        covered.days.last,
        edition,
        at,
        by,
        reason,
        msgspec.json.encode(body).decode(),
    )
    return number


async def lines(
    db: Database, period: str | None, before: tuple[date, int] | None, limit: int
) -> list[ReportLine]:
    """Reports without what they hold, the latest days first."""
    rows = await db.fetch(
        f"""
        SELECT {_LINE} FROM sla.report AS r
        WHERE ($1::text IS NULL OR r.period = $1) AND {falls_below(2, date="r.last", int8="r.seq")}
        ORDER BY r.last DESC, r.seq DESC LIMIT $4
        """,  # noqa: S608  made of this module's constants
        period,
        before[0] if before else None,
        before[1] if before else None,
        limit,
    )
    return [_line(row) for row in rows]


async def report(db: Database, number: int) -> FrozenReport | None:
    """One, with what it holds and every edition of the same days; None: there is no such."""
    row = await db.fetchrow(f"SELECT {_LINE}, r.body::text FROM sla.report AS r WHERE r.seq = $1", number)  # noqa: S608  as above
    if row is None:
        return None
    editions = await db.fetch(
        f"SELECT {_LINE} FROM sla.report AS r WHERE r.period = $1 AND r.first = $2 ORDER BY r.edition",  # noqa: S608  as above
        row["period"],
        row["first"],
    )
    body = msgspec.json.decode(row["body"], type=ReportBody)
    return FrozenReport(line=_line(row), body=body, editions=[_line(each) for each in editions])


def _line(row: Any) -> ReportLine:
    return ReportLine(
        number=row["seq"],
        period=Period(row["period"]),
        first=row["first"],
        last=row["last"],
        edition=row["edition"],
        made_at=row["made_at"],
        made_by=row["made_by"],
        reason=row["reason"],
    )
