"""Topics: which cases belong together, who wrote them, and what was warned of."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from routing.core.topics.heat import Member
from schemas.ids import CaseId, CategoryCode, RegionCode
from schemas.ports import Database

#: One sweeper at a time looks for topics: "TOPICS", which no other advisory lock here uses.
_LOCK = 0x544F50494353
#: Characters of a text that say what it is about; as many as `routing.core.topics.sketch` reads.
_READ = 600


class Unread(NamedTuple):
    """A case whose words are to be read: in which group it was found to be, if it was."""

    case_id: CaseId
    at: datetime
    region: str | None
    title: str
    text: str
    #: Where no topic may have it: it is confidential, a report, or accuses somebody.
    is_hidden: bool
    topic: int | None


async def lead(db: Database) -> bool:
    """Try to be the only transaction that looks for topics, until it ends; whether it is."""
    leads: bool = await db.fetchval("SELECT pg_try_advisory_xact_lock($1)", _LOCK)
    return leads


async def newest(db: Database) -> tuple[int, int]:
    """The number of the row that was written last, and of the newest group; 0 where there is none."""
    row = await db.fetchrow(
        "SELECT coalesce(max(seq), 0) AS seq, coalesce(max(topic), 0) AS topic FROM routing.topic_case"
    )
    return row["seq"], row["topic"]


# Whose words no topic may have; `c` is the case.
_HIDDEN = "(c.confidential OR c.protected OR c.kind = 'report' OR c.accused <> '{}' OR c.cleared <> '[]')"

_UNREAD = f"""
SELECT c.case_id::text, c.received_at, c.region, concat_ws(' ', c.title, c.place ->> 'address') AS title,
    left(c.text, {_READ}) AS text, {_HIDDEN} AS is_hidden, NULL::bigint AS topic
FROM routing.case AS c
WHERE c.received_at >= $1 AND NOT EXISTS (SELECT FROM routing.topic_case AS t WHERE t.case_id = c.case_id)
ORDER BY c.received_at LIMIT $2
"""  # noqa: S608  made of this module's constants


async def unread(db: Database, since: datetime, limit: int) -> list[Unread]:
    """The oldest cases received since then whose words nobody has read for topics."""
    return [Unread(*row) for row in await db.fetch(_UNREAD, since, limit)]


# What is hidden now counts as one of the page, or the page would look like the last one; its words stay where they are.
_READ_BEFORE = f"""
SELECT t.case_id::text, t.at, c.region, concat_ws(' ', c.title, c.place ->> 'address') AS title,
    left(c.text, {_READ}) AS text, c.case_id IS NULL AS is_hidden, t.topic
FROM (SELECT case_id, at, topic FROM routing.topic_case
      WHERE topic IS NOT NULL AND at >= $1 AND at <= $2 AND (at < $2 OR case_id < $3::uuid)
      ORDER BY at DESC, case_id DESC LIMIT $4) AS t
LEFT JOIN routing.case AS c ON c.case_id = t.case_id AND NOT {_HIDDEN} ORDER BY t.at DESC, t.case_id DESC
"""  # noqa: S608  made of this module's constants


async def read_before(
    db: Database, since: datetime, before: tuple[datetime, CaseId], limit: int
) -> list[Unread]:
    """The latest cases of a span that are in groups, before that one, the latest first; hidden ones without their words."""
    return [Unread(*row) for row in await db.fetch(_READ_BEFORE, since, *before, limit)]


async def keep(db: Database, rows: Sequence[tuple[CaseId, int | None, datetime, bytes | None]]) -> None:
    """Where these cases belong, when they came, and who wrote."""
    await db.execute(
        """INSERT INTO routing.topic_case (case_id, topic, at, author)
        SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::timestamptz[], $4::bytea[]) ON CONFLICT DO NOTHING""",
        [row[0] for row in rows],
        [row[1] for row in rows],
        [row[2] for row in rows],
        [row[3] for row in rows],
    )


async def absorb(db: Database, into: Mapping[int, int]) -> None:
    """Let the members of groups that are no more belong to those that took them in."""
    await db.execute(
        """UPDATE routing.topic_case AS t SET topic = n.taken_by
        FROM unnest($1::bigint[], $2::bigint[]) AS n (gone, taken_by) WHERE t.topic = n.gone""",
        list(into),
        list(into.values()),
    )
    # What was said of one of them was said of both.
    await db.execute(
        """INSERT INTO routing.topic (topic, last_at, warned_people, warned_at)
        SELECT n.taken_by, max(g.last_at), max(g.warned_people), max(g.warned_at)
        FROM unnest($1::bigint[], $2::bigint[]) AS n (gone, taken_by) JOIN routing.topic AS g ON g.topic = n.gone
        GROUP BY n.taken_by
        ON CONFLICT (topic) DO UPDATE SET last_at = greatest(topic.last_at, excluded.last_at),
            warned_people = greatest(topic.warned_people, excluded.warned_people),
            warned_at = greatest(topic.warned_at, excluded.warned_at), crowded_at = NULL""",
        list(into),
        list(into.values()),
    )


async def grow(db: Database, last: Mapping[int, datetime], *, crowd: int) -> None:
    """Note when each of these topics grew last, and since when it has had a crowd of so many messages."""
    await db.execute(
        """INSERT INTO routing.topic (topic, last_at) SELECT * FROM unnest($1::bigint[], $2::timestamptz[])
        ON CONFLICT (topic) DO UPDATE SET last_at = greatest(topic.last_at, excluded.last_at)""",
        list(last),
        list(last.values()),
    )
    # By the index of members, from the latest.
    await db.execute(
        """UPDATE routing.topic AS t SET crowded_at = n.at FROM (
            SELECT g.topic, COALESCE((
                SELECT m.at FROM routing.topic_case AS m WHERE m.topic = g.topic ORDER BY m.at DESC OFFSET $2 LIMIT 1
            ), '-infinity') AS at FROM unnest($1::bigint[]) AS g (topic)
        ) AS n WHERE t.topic = n.topic""",
        list(last),
        crowd - 1,
    )


async def crowded(db: Database, since: datetime, limit: int) -> list[int]:
    """The topics that have had a crowd of messages since then, or perhaps, the latest to grow first: no other is hot."""
    # The index of crowds: most of what grows never becomes one.
    rows = await db.fetch(
        """SELECT topic FROM routing.topic WHERE COALESCE(crowded_at, last_at) > $1 AND last_at > $1
        ORDER BY last_at DESC LIMIT $2""",
        since,
        limit,
    )
    return [row["topic"] for row in rows]


# A case may have become protected since it was looked at: what it is now counts.
_MEMBERS = f"""
SELECT t.topic, c.case_id::text, c.tracking_code, c.title, t.at, t.author, c.category, c.region,
    coalesce(c.place ->> 'address', '') AS place, c.state IN ('open', 'routed') AS is_shown
FROM routing.topic_case AS t JOIN routing.case AS c USING (case_id)
WHERE t.topic = ANY($1::bigint[]) AND t.at > $2 AND NOT {_HIDDEN} AND c.state NOT IN ('withdrawn', 'declined')
ORDER BY t.at, c.case_id
"""  # noqa: S608  made of this module's constants


async def members(db: Database, topics: Iterable[int], since: datetime) -> dict[int, list[Member]]:
    """By topic, those of its cases since then that may be counted, in the order in which they came."""
    found: dict[int, list[Member]] = {}
    for row in await db.fetch(_MEMBERS, list(topics), since):
        found.setdefault(row["topic"], []).append(_member(row))
    return found


def _member(row: Any) -> Member:
    return Member(
        case_id=CaseId(row["case_id"]),
        tracking_code=row["tracking_code"],
        title=row["title"],
        at=row["at"],
        author=row["author"],
        category=CategoryCode(row["category"]),
        region=RegionCode(row["region"]) if row["region"] else None,
        place=row["place"],
        is_shown=row["is_shown"],
    )


async def warned(db: Database, topics: Iterable[int]) -> dict[int, tuple[int, datetime | None]]:
    """How many people each topic had when somebody was warned of it last, and when that was."""
    rows = await db.fetch(
        "SELECT topic, warned_people, warned_at FROM routing.topic WHERE topic = ANY($1::bigint[])",
        list(topics),
    )
    return {row["topic"]: (row["warned_people"], row["warned_at"]) for row in rows}


async def note_warned(db: Database, people: Mapping[int, int], at: datetime) -> None:
    """That somebody was warned of these topics now."""
    await db.execute(
        """UPDATE routing.topic AS t SET warned_people = n.people, warned_at = $3
        FROM unnest($1::bigint[], $2::int[]) AS n (topic, people) WHERE t.topic = n.topic""",
        list(people),
        list(people.values()),
        at,
    )


async def version_of(db: Database, case_id: CaseId) -> int:
    """The case's version; its row is locked from here on."""
    version: int = await db.fetchval(
        "SELECT version FROM routing.case WHERE case_id = $1::uuid FOR NO KEY UPDATE", case_id
    )
    return version


async def forget_authors(db: Database, case_ids: Sequence[CaseId]) -> None:
    """Forget who wrote these cases; of their topics they stay."""
    # Some rows by their primary keys.
    await db.execute(
        "UPDATE routing.topic_case SET author = NULL WHERE case_id = ANY($1::uuid[]) AND author IS NOT NULL",
        list(case_ids),
    )
