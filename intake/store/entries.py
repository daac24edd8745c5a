"""Knowledge entries for everybody: kept in step with their departments', and none shown that does not hold now."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from intake.core.public.entries import PublicEntry
from intake.core.search.bigrams import bigrams
from schemas.event import Event
from schemas.events.knowledge import EntryPublished
from schemas.ids import DepartmentCode, EntryId
from schemas.keysets import falls_below
from schemas.ports import Database
from schemas.values import EntryContent

_json = msgspec.json.Encoder()
_content = msgspec.json.Decoder(EntryContent)
_READ = "entry_id, owner, content, holds_until, published_at"
#: What everybody may read at the moment $1, whether or not anybody has swept.
_HOLDS = "is_live AND holds_from <= $1 AND holds_until > $1"

#: All that is written in an entry, without JSON's own names and signs.
_TEXTS = """concat_ws(chr(10), (SELECT string_agg(q, chr(10)) FROM jsonb_array_elements_text(content->'questions') AS q),
    content->>'answer', content->>'basis', content->>'document_number')"""
#: As `schemas.masking.chosen` compares: width, case, accents, blanks, what nobody sees and the dots of names say nothing.
_AS_COMPARED = r"""regexp_replace(lower(normalize({}, NFKD)),
    '[[:space:][:cntrl:]\u00ad\u0300-\u036f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff·•・‧∙⋅ˑ]', '', 'g')"""


def _words(content: EntryContent) -> str:
    return " ".join(sorted(bigrams(*content.questions, content.answer)))


async def upsert_entries(db: Database, events: Sequence[EntryPublished]) -> None:
    """Let everybody read these entries within their spans; what is older than what is known changes nothing."""
    # By the primary key. array_to_tsvector keeps our own words as they are.
    await db.execute(
        """
        INSERT INTO intake.entry AS e (entry_id, version, is_live, owner, content, holds_from, holds_until, published_at,
                                       search)
        SELECT n.entry_id, n.version, true, n.owner, n.content::jsonb, n.holds_from, n.holds_until, n.published_at,
               array_to_tsvector(string_to_array(n.words, ' '))
        FROM unnest($1::uuid[], $2::int[], $3::text[], $4::text[], $5::timestamptz[], $6::timestamptz[],
                    $7::timestamptz[], $8::text[])
            AS n (entry_id, version, owner, content, holds_from, holds_until, published_at, words)
        ON CONFLICT (entry_id) DO UPDATE SET version = excluded.version, is_live = true, owner = excluded.owner,
            content = excluded.content, holds_from = excluded.holds_from, holds_until = excluded.holds_until,
            published_at = excluded.published_at, search = excluded.search
        WHERE e.version < excluded.version
        """,
        [event.case_id for event in events],
        [event.version for event in events],
        [event.owner for event in events],
        [_json.encode(event.content).decode() for event in events],
        [event.holds_from for event in events],
        [event.holds_until for event in events],
        [event.at for event in events],
        [_words(event.content) for event in events],
    )


async def end(db: Database, events: Sequence[Event]) -> None:
    """Show these entries to nobody; what is older than what is known changes nothing.

    One that was never heard of is remembered as ended: its publication may come late, from the dead letters.
    """
    # By the primary key.
    await db.execute(
        """
        INSERT INTO intake.entry AS e (entry_id, version, is_live, owner, content, holds_from, holds_until, published_at,
                                       search)
        SELECT n.entry_id, n.version, false, '', '{}', n.at, n.at, n.at, ''
        FROM unnest($1::uuid[], $2::int[], $3::timestamptz[]) AS n (entry_id, version, at)
        ON CONFLICT (entry_id) DO UPDATE SET version = excluded.version, is_live = false, content = '{}', search = ''
        WHERE e.version < excluded.version
        """,
        [event.case_id for event in events],
        [event.version for event in events],
        [event.at for event in events],
    )


async def hide_entries(db: Database, entry_ids: Sequence[EntryId]) -> None:
    """Show these entries to nobody from this moment on; that their department's were held back is heard later."""
    # By the primary key.
    await db.execute(
        """UPDATE intake.entry SET is_live = false, content = '{}', search = '' WHERE entry_id = ANY ($1::uuid[])""",
        list(entry_ids),
    )


async def find(db: Database, entry_id: EntryId, now: datetime) -> PublicEntry | None:
    """The entry, if it holds now."""
    # By the primary key.
    row = await db.fetchrow(
        f"SELECT {_READ} FROM intake.entry WHERE entry_id = $2::uuid AND {_HOLDS}",  # noqa: S608  our own columns
        now,
        entry_id,
    )
    return None if row is None else _entry(row)


async def has_ended(db: Database, entry_id: EntryId, now: datetime) -> bool:
    """Whether everybody could read the entry before, and cannot any more."""
    # By the primary key.
    ended: bool = await db.fetchval(
        """SELECT EXISTS (SELECT FROM intake.entry WHERE entry_id = $2::uuid AND (NOT is_live OR holds_until <= $1))""",
        now,
        entry_id,
    )
    return ended


async def known(db: Database, entry_ids: Sequence[EntryId]) -> Mapping[EntryId, tuple[int, bool]]:
    """The newest version that was heard of each of these, and whether everybody may read it within its span."""
    # By the primary key.
    rows = await db.fetch(
        "SELECT entry_id::text, version, is_live FROM intake.entry WHERE entry_id = ANY ($1::uuid[])",
        list(entry_ids),
    )
    return {EntryId(row["entry_id"]): (row["version"], row["is_live"]) for row in rows}


async def saying(db: Database, words: Sequence[str], now: datetime, limit: int) -> list[PublicEntry]:
    """Entries that hold now and say any of these words, or runs of them, however either is written; at most so many."""
    # The table once: some thousand entries.
    rows = await db.fetch(
        f"""
        WITH sought AS MATERIALIZED (SELECT {_AS_COMPARED.format("w")} AS w FROM unnest($2::text[]) AS w)
        SELECT {_READ} FROM intake.entry, LATERAL (SELECT {_AS_COMPARED.format(_TEXTS)} AS says OFFSET 0) AS texts
        WHERE {_HOLDS} AND EXISTS (SELECT FROM sought WHERE w <> '' AND strpos(says, w) > 0)
        ORDER BY published_at DESC, entry_id DESC LIMIT $3
        """,  # noqa: S608  our own columns
        now,
        list(words),
        limit,
    )
    return [_entry(row) for row in rows]


async def newest(
    db: Database,
    now: datetime,
    *,
    category: str | None,
    department: str | None,
    after: tuple[datetime, UUID] | None,
    limit: int,
) -> list[PublicEntry]:
    """Entries that hold now, the newest first."""
    at, entry_id = after or (None, None)
    # A walk along entry_newest.
    rows = await db.fetch(
        f"""
        SELECT {_READ} FROM intake.entry
        WHERE {_HOLDS} AND ($2::text IS NULL OR content->'categories' ? $2) AND ($3::text IS NULL OR owner = $3)
            AND {falls_below(4, timestamptz="published_at", uuid="entry_id")}
        ORDER BY published_at DESC, entry_id DESC LIMIT $6
        """,  # noqa: S608  our own columns
        now,
        category,
        department,
        at,
        entry_id,
        limit,
    )
    return [_entry(row) for row in rows]


async def search(
    db: Database,
    words: Sequence[str],
    now: datetime,
    *,
    category: str | None,
    department: str | None,
    least: int,
    limit: int,
) -> list[PublicEntry]:
    """Entries that hold now and at least so many of the words, those with the most first."""
    # By the index over words; of what shares one the shared words are counted. There are some thousand entries at most.
    rows = await db.fetch(
        f"""
        SELECT {_READ} FROM (
            SELECT {_READ}, (SELECT count(*) FROM unnest($2::text[]) AS w
                             WHERE search @@ (quote_literal(w) || ':*')::tsquery) AS shared
            FROM intake.entry
            WHERE {_HOLDS} AND ($3::text IS NULL OR content->'categories' ? $3) AND ($4::text IS NULL OR owner = $4)
                AND search @@ $5::text::tsquery) AS found
        WHERE shared >= $6 ORDER BY shared DESC, published_at DESC, entry_id LIMIT $7
        """,  # noqa: S608  our own columns
        now,
        list(words),
        category,
        department,
        " | ".join(f"'{word}':*" for word in words),
        least,
        limit,
    )
    return [_entry(row) for row in rows]


def _entry(row: Any) -> PublicEntry:
    return PublicEntry(
        entry_id=EntryId(str(row["entry_id"])),
        owner=DepartmentCode(row["owner"]),
        content=_content.decode(row["content"]),
        holds_until=row["holds_until"],
        published_at=row["published_at"],
    )
