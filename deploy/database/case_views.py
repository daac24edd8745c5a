"""Who looked at which case: one row a case and request, never changed. All the SQL about them.

A view is what of a case was shown to staff, wherever it was. Rows are written before the answer leaves, in the
transaction of the call where it has one.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from schemas.http import Call
from schemas.ids import CaseId, DepartmentCode
from schemas.ports import Database, Unit
from schemas.values import CaseView, ViewCount
from schemas.words import CaseField

#: Of those times that a case was opened so many are told, and of the people who saw its line in a list as many
#: (project choice: more than anybody reads; the rows themselves stay).
_TOLD = 50


class StaffView(NamedTuple):
    """A row: when, which case, who, from where, by which route, and what was shown."""

    at: datetime
    case_id: CaseId
    who: str
    role: str
    unit: DepartmentCode | None
    address: str
    route: str
    fields: Sequence[CaseField]


def views_of(call: Call, route: str, at: datetime) -> list[StaffView]:
    """What the answer to `call` shows, a row a case."""
    who = call.principal
    return [
        StaffView(at, case_id, who.name, who.role.value, who.department, call.address, route, list(fields))
        for case_id, fields in call.shown.items()
    ]


async def store_views(db: Database, views: Sequence[StaffView]) -> None:
    """Write the rows down, in one statement; nothing was shown where there are none."""
    if not views:
        return
    *columns, fields = zip(*views, strict=True)
    # An array of arrays would have to be rectangular: each row's fields travel as one text.
    await db.execute(
        """
        INSERT INTO deploy.case_view (at, case_id, who, role, unit, address, route, fields)
        SELECT at, case_id, who, role, unit, address, route, string_to_array(fields, ',')
        FROM unnest($1::timestamptz[], $2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[])
            AS v (at, case_id, who, role, unit, address, route, fields)
        """,
        *map(list, columns),
        [",".join(shown) for shown in fields],
    )


# Found by the partial index `case_view_opened`, as the next statement's first half: its condition is the index's. The rows
# are read for who it was: a case has some dozens.
_COUNT = """
SELECT count(DISTINCT (who, date_trunc('hour', at))) AS views, max(at) AS last_at FROM deploy.case_view
WHERE case_id = $1 AND NOT fields <@ '{title,alert}'
"""
# The second half reads every row of the case: only supervisors ask.
_LATEST = """
(SELECT at, who AS name, role, unit, address, route, fields, 1 AS times FROM deploy.case_view
 WHERE case_id = $1 AND NOT fields <@ '{title,alert}' ORDER BY at DESC LIMIT $2)
UNION ALL
(SELECT max(at), who, role, unit, address, route, fields, count(*) FROM deploy.case_view
 WHERE case_id = $1 AND fields <@ '{title,alert}'
 GROUP BY who, role, unit, address, route, fields ORDER BY max(at) DESC LIMIT $2)
ORDER BY at DESC
"""


class PostgresViewCounts:
    """`schemas.ports.ViewCounts`, counted from the rows of views."""

    async def count(self, unit: Unit, case_id: CaseId) -> ViewCount:
        """How often staff opened the case; its lines in lists and alerts are not counted.

        Whoever looks again within the hour looks once: a page that is refreshed, or a system that polls (project choice).
        """
        row = await unit.db.fetchrow(_COUNT, case_id)
        return ViewCount(views=row["views"], last_at=row["last_at"])

    async def latest(self, unit: Unit, case_id: CaseId) -> Sequence[CaseView]:
        """Who looked, the newest first: each time that it was opened, lines of lists by person."""
        rows = await unit.db.fetch(_LATEST, case_id, _TOLD)
        return [
            CaseView(**{**row, "fields": tuple(CaseField(word) for word in row["fields"])}) for row in rows
        ]
