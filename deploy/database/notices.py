"""Notices wait in Postgres: a row for each recipient, written in the transaction that gives the reason for it."""

from collections.abc import Sequence

import msgspec

from schemas.notices import Notice
from schemas.ports import Database

#: The city's own systems hear of all that any of the staff hears.
_ANYTHING = ("city", "")

# A citizen's goes by the channel that the step names; the staff's to every address of theirs, and to the city's systems.
_STORE = """
WITH n AS (
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[],
        $8::timestamptz[], $9::timestamptz[])
        AS n (id, occasion, case_id, audience, department, channel, facts, at, send_after)
)
INSERT INTO deploy.notice
    (id, occasion, case_id, audience, department, facts, at, send_after, channel, endpoint_id)
SELECT id, occasion, case_id, audience, department, facts::jsonb, at, send_after, channel, NULL::uuid
FROM n WHERE channel IS NOT NULL
UNION ALL
SELECT md5(n.id::text || e.id::text)::uuid, n.occasion, n.case_id, n.audience, n.department, n.facts::jsonb, n.at,
    n.send_after, e.channel, e.id
FROM n JOIN deploy.notice_endpoint AS e ON e.audience = n.audience AND e.department = n.department
WHERE n.channel IS NULL AND e.removed_at IS NULL
UNION ALL
SELECT md5(n.id::text || e.id::text)::uuid, n.occasion, n.case_id, n.audience, n.department, n.facts::jsonb, n.at,
    n.send_after, e.channel, e.id
FROM n CROSS JOIN (SELECT id, channel FROM deploy.notice_endpoint WHERE audience = 'city' AND removed_at IS NULL) AS e
WHERE n.channel IS NULL
ON CONFLICT (id) DO NOTHING
"""


async def store_notices(db: Database, notices: Sequence[Notice]) -> None:
    """A row for each recipient that has an address, where there is none yet."""
    if any(notice.channel is None for notice in notices):
        heard = await _addressed(db)
        notices = [
            notice
            for notice in notices
            if notice.channel is not None or heard & {(notice.audience, notice.department or ""), _ANYTHING}
        ]
    if notices:
        await _store(db, notices)


async def _addressed(db: Database) -> set[tuple[str, str]]:
    """Who has an address at all: what nobody hears costs nothing more than this."""
    # Some rows: a city has hundreds of them at most.
    rows = await db.fetch(
        "SELECT DISTINCT audience, department FROM deploy.notice_endpoint WHERE removed_at IS NULL"
    )
    return {(row["audience"], row["department"]) for row in rows}


async def _store(db: Database, notices: Sequence[Notice]) -> None:
    await db.execute(
        _STORE,
        [notice.id for notice in notices],
        [notice.occasion.value for notice in notices],
        [notice.case_id for notice in notices],
        [notice.audience.value for notice in notices],
        [notice.department or "" for notice in notices],
        [notice.channel and notice.channel.value for notice in notices],
        [msgspec.json.encode(notice.facts).decode() for notice in notices],
        [notice.at for notice in notices],
        [notice.not_before or notice.at for notice in notices],
    )
