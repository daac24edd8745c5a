"""What became of suggestions: counted by day, and compared with what was filed."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from intake.core.public.offers import AGAIN_WITHIN, OfferOutcome, UnopenedEntry
from schemas.ids import EntryId, is_uuid
from schemas.ports import Database
from schemas.words import Kind


async def count(db: Database, day: date, what: OfferOutcome, times: Mapping[str, int]) -> None:
    """Add `times`, by item, to what is counted of this outcome on that day; the empty item stands for all together."""
    # Some rows by the primary key, always in one order.
    await db.execute(
        """
        INSERT INTO intake.offer AS o (day, what, item, times)
        SELECT $1, $2, n.item, n.times FROM unnest($3::text[], $4::int[]) AS n (item, times) ORDER BY n.item
        ON CONFLICT (day, what, item) DO UPDATE SET times = o.times + excluded.times
        """,
        day,
        what.value,
        list(times),
        list(times.values()),
    )


async def known_of(db: Database, items: Sequence[str], now: datetime) -> Mapping[str, str]:
    """Those of the items that everybody may read now, and where."""
    # By tracking codes, and by the primary key.
    rows = await db.fetch(
        """
        SELECT tracking_code AS item, '/published/' || tracking_code AS url FROM intake.published
        WHERE tracking_code = ANY ($1::text[])
        UNION ALL
        SELECT entry_id::text, '/knowledge/' || entry_id FROM intake.entry
        WHERE entry_id = ANY ($3::uuid[]) AND is_live AND holds_from <= $2 AND holds_until > $2
        """,
        list(items),
        now,
        [item for item in items if is_uuid(item)],
    )
    return {row["item"]: row["url"] for row in rows}


async def note_settled(db: Database, phone_index: bytes, at: datetime) -> None:
    """Keep that somebody with this telephone number, sealed, said that a suggestion settled the matter."""
    await db.execute(
        "INSERT INTO intake.settled (phone_index, at) VALUES ($1, $2) ON CONFLICT DO NOTHING", phone_index, at
    )


async def sums(db: Database, first: date, last: date) -> Mapping[str, int]:
    """How often each thing happened from the first to the last day."""
    # Some rows a day along the primary key.
    rows = await db.fetch(
        "SELECT what, sum(times)::int AS n FROM intake.offer WHERE day BETWEEN $1 AND $2 AND item = '' GROUP BY what",
        first,
        last,
    )
    return {row["what"]: row["n"] for row in rows}


async def filed_again(db: Database, since: datetime, until: datetime) -> int:
    """How often somebody for whom it was settled in this time filed soon after, from the same telephone."""
    # Along the index of telephones, for each that said so.
    found: int = await db.fetchval(
        """
        SELECT count(*) FROM intake.settled AS s WHERE s.at >= $1 AND s.at < $2 AND EXISTS (
            SELECT FROM intake.sealed AS x JOIN intake."case" AS c USING (case_id)
            WHERE x.phone_index = s.phone_index AND c.received_at > s.at AND c.received_at <= s.at + $3::interval
                AND NOT c.confidential AND c.kind IS DISTINCT FROM $4)
        """,
        since,
        until,
        AGAIN_WITHIN,
        Kind.REPORT.value,
    )
    return found


async def unopened(
    db: Database, entry_ids: Sequence[EntryId], since: date, limit: int
) -> tuple[Sequence[UnopenedEntry], int]:
    """Those of the entries that nobody opened from a suggestion since that day: some of them, and how many."""
    # By the primary keys: some thousand entries at most, and what was opened in ninety days.
    rows = await db.fetch(
        """
        SELECT entry_id::text, content->'questions'->>0 AS title, count(*) OVER () AS many FROM intake.entry
        WHERE entry_id = ANY ($1::uuid[]) AND is_live AND entry_id::text NOT IN (
            SELECT item FROM intake.offer WHERE day >= $2 AND what = $3 AND item <> '')
        ORDER BY published_at, entry_id LIMIT $4
        """,
        list(entry_ids),
        since,
        OfferOutcome.OPENED.value,
        limit,
    )
    found = [UnopenedEntry(entry_id=EntryId(row["entry_id"]), title=row["title"]) for row in rows]
    return found, rows[0]["many"] if rows else 0


async def forget(db: Database, before: date, settled_before: datetime) -> None:
    """Delete counts of days before `before`, and what was settled before `settled_before`: no figure needs them."""
    # Along the primary key, and along its index.
    await db.execute("DELETE FROM intake.offer WHERE day < $1", before)
    await db.execute("DELETE FROM intake.settled WHERE at < $1", settled_before)
