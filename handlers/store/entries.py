"""Knowledge entries: kept with every text that they had, listed, compared, and found when they end."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from handlers.core.chain import Seal
from handlers.core.entries import Entry, EntryAction, EntryChange, entry_seal
from handlers.core.entry_views import Contradiction, EntryHistoryLine, Position
from handlers.core.likeness import pairs
from schemas.ids import CaseId, DepartmentCode, EntryId
from schemas.keysets import falls_below
from schemas.ports import Database
from schemas.values import EntryContent
from schemas.words import EntryState, Kind

_json = msgspec.json.Encoder()
_content = msgspec.json.Decoder(EntryContent)
#: One dispatcher at a time publishes and looks for contradictions: "ENTRY", which no other advisory lock here uses.
_PUBLISHING = 0x454E545259
ENTRY = """entry_id, owner, state, version, content, made_from, published, holds_until, changed_at, written_by,
    remarks"""


def to_entry(row: Any) -> Entry:
    """A row of the table, with `ENTRY`'s columns."""
    known = dict(row.items())
    known.update(
        entry_id=EntryId(str(row["entry_id"])),
        state=EntryState(row["state"]),
        content=_content.decode(row["content"]),
        made_from=tuple(CaseId(str(each)) for each in row["made_from"]),
        published=None if row["published"] is None else _content.decode(row["published"]),
    )
    return Entry(**known)


async def lock_publishing(db: Database) -> None:
    """Nobody else publishes until the unit ends: of two texts at once, the second one finds the first."""
    await db.execute("SELECT pg_advisory_xact_lock($1)", _PUBLISHING)


def _asked(entry: Entry) -> list[str]:
    """What the entry is found by, sorted: the text that everybody reads; of what nobody reads yet, its newest one."""
    return sorted(pairs(*(entry.published or entry.content).questions))


async def lock(db: Database, entry_id: EntryId) -> Entry | None:
    """The entry, nobody else's to change until the unit ends."""
    row = await db.fetchrow(
        f"SELECT {ENTRY} FROM handlers.entry WHERE entry_id = $1 FOR NO KEY UPDATE",  # noqa: S608  our own columns
        entry_id,
    )
    return None if row is None else to_entry(row)


async def find(db: Database, entry_id: EntryId) -> Entry | None:
    """The entry as it stands."""
    row = await db.fetchrow(
        f"SELECT {ENTRY} FROM handlers.entry WHERE entry_id = $1",  # noqa: S608  our own columns
        entry_id,
    )
    return None if row is None else to_entry(row)


async def insert(db: Database, change: EntryChange, seal: Seal) -> bool:
    """Keep a new entry with the first row of its log; False where there is one of that id."""
    entry = change.after
    # By the primary key.
    kept = await db.fetchval(
        """
        INSERT INTO handlers.entry (entry_id, owner, state, version, content, made_from, changed_at, written_by,
                                    remarks, pairs)
        VALUES ($1, $2, $3, $4, $5, $6::uuid[], $7, $8, $9, $10) ON CONFLICT DO NOTHING RETURNING true
        """,
        entry.entry_id,
        entry.owner,
        entry.state,
        entry.version,
        _json.encode(entry.content).decode(),
        list(entry.made_from),
        entry.changed_at,
        entry.written_by,
        entry.remarks,
        _asked(entry),
    )
    if kept:
        await _log(db, [change], seal)
    return bool(kept)


async def save(db: Database, changes: Sequence[EntryChange], seal: Seal) -> None:
    """Keep the entries as they are after the changes, each with a row of its log. Lock them before."""
    entries = [change.after for change in changes]
    # By the primary key.
    await db.execute(
        """
        UPDATE handlers.entry AS e SET state = n.state, version = n.version, content = n.content::jsonb,
            published = n.published::jsonb, holds_until = n.holds_until, changed_at = n.changed_at,
            written_by = n.written_by, remarks = n.remarks, pairs = string_to_array(n.pairs, ' ')
        FROM unnest($1::uuid[], $2::text[], $3::int[], $4::text[], $5::text[], $6::timestamptz[], $7::timestamptz[],
                    $8::text[], $9::text[], $10::text[])
            AS n (entry_id, state, version, content, published, holds_until, changed_at, written_by, remarks, pairs)
        WHERE e.entry_id = n.entry_id
        """,
        [entry.entry_id for entry in entries],
        [entry.state for entry in entries],
        [entry.version for entry in entries],
        [_json.encode(entry.content).decode() for entry in entries],
        [entry.published and _json.encode(entry.published).decode() for entry in entries],
        [entry.holds_until for entry in entries],
        [entry.changed_at for entry in entries],
        [entry.written_by for entry in entries],
        [entry.remarks for entry in entries],
        [" ".join(_asked(entry)) for entry in entries],
    )
    await _log(db, changes, seal)


async def _log(db: Database, changes: Sequence[EntryChange], seal: Seal) -> None:
    await db.execute(
        """
        INSERT INTO handlers.entry_log (entry_id, version, at, actor, action, state, remarks, content, seal)
        SELECT n.entry_id, n.version, n.at, n.actor, n.action, n.state, n.remarks, n.content::jsonb, n.seal
        FROM unnest($1::uuid[], $2::int[], $3::timestamptz[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
                    $9::bytea[])
            AS n (entry_id, version, at, actor, action, state, remarks, content, seal)
        """,
        [change.after.entry_id for change in changes],
        [change.after.version for change in changes],
        [change.after.changed_at for change in changes],
        [change.by for change in changes],
        [change.action for change in changes],
        [change.after.state for change in changes],
        [change.after.remarks for change in changes],
        [_json.encode(change.after.content).decode() for change in changes],
        [entry_seal(change, seal) for change in changes],
    )


async def history(db: Database, entry_id: EntryId) -> list[EntryHistoryLine]:
    """What was done to the entry, the latest first."""
    # The primary key, backwards.
    rows = await db.fetch(
        """SELECT version, at, actor, action, state, remarks, content FROM handlers.entry_log
        WHERE entry_id = $1 ORDER BY version DESC LIMIT 100""",
        entry_id,
    )
    return [
        EntryHistoryLine(
            version=row["version"], at=row["at"], actor=row["actor"], action=EntryAction(row["action"]),
            state=EntryState(row["state"]), remarks=row["remarks"], content=_content.decode(row["content"]),
        )
        for row in rows
    ]  # fmt: skip


async def listed(
    db: Database,
    *,
    owner: DepartmentCode | None,
    states: Sequence[EntryState],
    ends_before: datetime | None,
    after: Position | None,
    limit: int,
) -> list[Entry]:
    """Entries of one department, or of all but drafts that nobody reads, in these states, the latest change first.

    `ends_before`: only those that everybody reads until before that moment.
    """
    at, entry_id = after or (None, None)
    # A walk along entry_by_owner, or along entry_by_state for few states.
    rows = await db.fetch(
        f"""
        SELECT {ENTRY} FROM handlers.entry
        WHERE ($1::text IS NULL OR owner = $1) AND state = ANY ($2::text[])
            AND ($1::text IS NOT NULL OR state <> 'draft' OR published IS NOT NULL)
            AND ($3::timestamptz IS NULL OR holds_until < $3)
            AND {falls_below(4, timestamptz="changed_at", uuid="entry_id")}
        ORDER BY changed_at DESC, entry_id DESC LIMIT $6
        """,  # noqa: S608  our own columns
        owner,
        list(states),
        ends_before,
        at,
        entry_id,
        limit,
    )
    return [to_entry(row) for row in rows]


async def counts(
    db: Database, owner: DepartmentCode | None, ends_before: datetime
) -> tuple[Mapping[EntryState, int], int]:
    """How many entries stand in each state, and how many of those that everybody reads end before that moment."""
    # All entries of a department, or of all: some thousand at most.
    rows = await db.fetch(
        """SELECT state, count(*) AS n, count(*) FILTER (WHERE holds_until < $2) AS ending FROM handlers.entry
        WHERE owner = $1 OR ($1::text IS NULL AND (state <> 'draft' OR published IS NOT NULL)) GROUP BY state""",
        owner,
        ends_before,
    )
    return {EntryState(row["state"]): row["n"] for row in rows}, sum(row["ending"] for row in rows)


async def nearest(
    db: Database,
    questions: Sequence[str],
    owner: DepartmentCode | None,
    but: EntryId | None,
    limit: int,
    *,
    only_public: bool = False,
) -> list[Entry]:
    """Entries that ask nearly this, the nearest first: those that everybody reads, and the department's own.

    `owner`: None sees all but drafts that nobody proposed. `but`: not this one. `only_public`: what everybody reads.
    """
    # By the index over pairs; of rows that share one the shared pairs are counted.
    rows = await db.fetch(
        f"""
        SELECT {ENTRY} FROM (
            SELECT *, (SELECT count(*) FROM unnest(pairs) AS p WHERE p = ANY ($1::text[])) AS shared
            FROM handlers.entry
            WHERE pairs && $1::text[]
                AND (published IS NOT NULL OR NOT $5 AND (owner = $2 OR ($2::text IS NULL AND state <> 'draft')))
                AND state <> 'withdrawn' AND ($3::uuid IS NULL OR entry_id <> $3)) AS found
        ORDER BY shared::float / (cardinality(pairs) + cardinality($1::text[]) - shared) DESC, entry_id LIMIT $4
        """,  # noqa: S608  our own columns
        sorted(pairs(*questions)),
        owner,
        but,
        limit,
        only_public,
    )
    return [to_entry(row) for row in rows]


async def publications(db: Database, entry_ids: Sequence[EntryId]) -> dict[EntryId, tuple[int, datetime]]:
    """Under which version, and when, each of these entries was published last."""
    # By the primary key.
    rows = await db.fetch(
        """SELECT entry_id, max(version) AS version, max(at) AS at FROM handlers.entry_log
        WHERE entry_id = ANY ($1::uuid[]) AND action = 'approve' GROUP BY entry_id""",
        list(entry_ids),
    )
    return {EntryId(str(row["entry_id"])): (row["version"], row["at"]) for row in rows}


async def lock_ended(db: Database, now: datetime, limit: int) -> list[Entry]:
    """Entries whose published text has come to its end, locked; another sweeper's are left to it."""
    rows = await db.fetch(
        f"""
        SELECT {ENTRY} FROM handlers.entry WHERE holds_until <= $1 ORDER BY holds_until LIMIT $2
        FOR NO KEY UPDATE SKIP LOCKED
        """,  # noqa: S608  our own columns
        now,
        limit,
    )
    return [to_entry(row) for row in rows]


# An answered enquiry that the department led, and that anybody may read of: what else may be an entry has no words of
# somebody's case in it. Whatever is confidential, protected, withheld, merged or without consent is none.
_MAY_BE_MADE = f"""lead = $1 AND state = 'closed' AND kind = '{Kind.CONSULTATION}' AND response IS NOT NULL AND publish
    AND NOT confidential AND NOT protected AND NOT withheld AND $1 <> ALL (accused)"""


async def source(db: Database, case_id: CaseId, department: DepartmentCode) -> tuple[str, str, str] | None:
    """Title, answer and category of a case that the department may make an entry from."""
    row = await db.fetchrow(
        f"SELECT title, response, category FROM handlers.case WHERE case_id = $2 AND {_MAY_BE_MADE}",  # noqa: S608  our own
        department,
        case_id,
    )
    return None if row is None else (row["title"], row["response"], row["category"])


async def sources(db: Database, case_ids: Sequence[CaseId], department: DepartmentCode) -> set[CaseId]:
    """Those of the cases that the department may make an entry from."""
    rows = await db.fetch(
        f"SELECT case_id FROM handlers.case WHERE case_id = ANY ($2::uuid[]) AND {_MAY_BE_MADE}",  # noqa: S608  our own
        department,
        list(case_ids),
    )
    return {CaseId(str(row["case_id"])) for row in rows}


async def note_contradictions(
    db: Database, entry: Entry, found: Sequence[tuple[EntryId, Sequence[str]]], now: datetime
) -> None:
    """Have dispatchers look at what this entry and others say differently, in these units."""
    await db.execute(
        """
        INSERT INTO handlers.contradiction (entry_id, version, other, units, found_at)
        SELECT $1, $2, n.other, string_to_array(n.units, ' '), $5 FROM unnest($3::uuid[], $4::text[]) AS n (other, units)
        ON CONFLICT DO NOTHING
        """,
        entry.entry_id,
        entry.version,
        [other for other, _ in found],
        [" ".join(units) for _, units in found],
        now,
    )


async def end_contradictions(db: Database, entry_ids: Sequence[EntryId], now: datetime) -> None:
    """These entries read otherwise now, or nobody reads them: what they contradicted is nobody's question."""
    await db.execute(
        """
        UPDATE handlers.contradiction SET settled_at = $2, settled_by = ''
        WHERE settled_at IS NULL AND (entry_id = ANY ($1::uuid[]) OR other = ANY ($1::uuid[]))
        """,
        list(entry_ids),
        now,
    )


async def settle(
    db: Database, entry_id: EntryId, other: EntryId, by: str, remarks: str, now: datetime
) -> bool:
    """A dispatcher has found that both may stand; False where nothing waits."""
    done = await db.execute(
        """
        UPDATE handlers.contradiction SET settled_at = $5, settled_by = $3, remarks = $4
        WHERE settled_at IS NULL AND entry_id = $1 AND other = $2
        """,
        entry_id,
        other,
        by,
        remarks,
        now,
    )
    return done != "UPDATE 0"


async def contradictions(db: Database, limit: int) -> list[Contradiction]:
    """What waits for a dispatcher, the oldest first."""
    rows = await db.fetch(
        f"""
        SELECT c.entry_id AS one_id, c.other AS other_id, c.units, c.found_at,
               one.owner AS one_owner, one.published AS one_text, other.owner AS other_owner, other.published AS other_text
        FROM handlers.contradiction AS c JOIN handlers.entry AS one USING (entry_id)
        JOIN handlers.entry AS other ON other.entry_id = c.other
        WHERE c.settled_at IS NULL AND one.published IS NOT NULL AND other.published IS NOT NULL
        ORDER BY c.found_at LIMIT {int(limit)}
        """,  # noqa: S608  a number of ours
    )
    return [
        Contradiction(
            entry_id=EntryId(str(row["one_id"])), other_id=EntryId(str(row["other_id"])), units=tuple(row["units"]),
            found_at=row["found_at"], owner=row["one_owner"], content=_content.decode(row["one_text"]),
            other_owner=row["other_owner"], other_content=_content.decode(row["other_text"]),
        )
        for row in rows
    ]  # fmt: skip


async def published_after(db: Database, after: EntryId | None, limit: int) -> list[Entry]:
    """Entries that everybody may read, behind that one by their ids."""
    # By the primary key, a page at a time.
    rows = await db.fetch(
        f"""SELECT {ENTRY} FROM handlers.entry WHERE published IS NOT NULL AND ($1::uuid IS NULL OR entry_id > $1)
        ORDER BY entry_id LIMIT $2""",  # noqa: S608  our own columns
        after,
        limit,
    )
    return [to_entry(row) for row in rows]
