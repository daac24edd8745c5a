"""What intake shows of cases, to be compared with what was logged."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import msgspec

from intake.core.following.asked_back import OpenQuestion
from intake.core.following.view import TimelineEntry
from schemas.ids import CaseId, EntryId
from schemas.ports import Database
from schemas.values import EntryContent

_NOTHING: Mapping[str, object] = {"lines": (), "question": None}


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """Where the citizen is told that it stands, the answer that they read, and the one that everybody does."""

    version: int | None
    state: str | None
    response: str | None
    response_at: datetime | None
    published: str | None
    published_at: datetime | None
    #: Staff hid words of it from everybody else, or of the case that it was merged into; which ones, no audit knows.
    hides_words: bool = False
    #: The lines that hold words, and what the department asks and has promised.
    lines: tuple[TimelineEntry, ...] = ()
    question: OpenQuestion | None = None
    promised_on: date | None = None


async def shown(db: Database, case_ids: Sequence[CaseId]) -> Mapping[CaseId, Shown]:
    """What is shown of those of the cases of which anything is."""
    # A few look-ups by primary keys for each case.
    rows = await db.fetch(
        """
        SELECT case_id, v.version, v.state, v.response, v.response_at, p.response AS published, p.replied_at AS published_at,
               EXISTS (SELECT FROM intake.publication_limit AS l
                       WHERE l.case_id IN (case_id, v.merged_into) AND l.hidden_words > 0) AS hides_words,
               jsonb_path_query_array(v.timeline, '$[*] ? (@.words != "")')::text AS lines, v.question::text, v.promised_on
        FROM (SELECT * FROM intake.view WHERE case_id = ANY ($1::uuid[])) AS v
        FULL JOIN (SELECT * FROM intake.published WHERE case_id = ANY ($1::uuid[])) AS p USING (case_id)
        """,
        case_ids,
    )
    return {CaseId(str(row["case_id"])): _shown(row) for row in rows}


def _shown(row: Mapping[str, object]) -> Shown:
    known = {name: row[name] for name in Shown.__struct_fields__}
    for name in ("lines", "question"):
        known[name] = msgspec.json.decode(str(known[name])) if known[name] is not None else _NOTHING[name]
    return msgspec.convert(known, Shown)


async def registered_before(db: Database, before: datetime) -> Sequence[CaseId]:
    """The cases that were registered before this moment."""
    # Reads the table once.
    rows = await db.fetch("SELECT case_id FROM intake.case WHERE registered_at < $1", before)
    return [CaseId(str(row["case_id"])) for row in rows]


async def unregistered(db: Database, case_ids: Sequence[CaseId]) -> Sequence[CaseId]:
    """Those of the cases that the register does not hold."""
    # Each by the primary key.
    rows = await db.fetch(
        """
        SELECT case_id FROM unnest($1::uuid[]) AS asked (case_id)
        WHERE NOT EXISTS (SELECT FROM intake.case AS held WHERE held.case_id = asked.case_id)
        """,
        case_ids,
    )
    return [CaseId(str(row["case_id"])) for row in rows]


async def answered(db: Database) -> Sequence[CaseId]:
    """Every case of which an answer is shown to its citizen or to everybody."""
    # Reads both tables once.
    rows = await db.fetch(
        """SELECT case_id::text FROM intake.view WHERE response_at IS NOT NULL OR response IS NOT NULL
        UNION SELECT case_id::text FROM intake.published"""
    )
    return [CaseId(row["case_id"]) for row in rows]


class ShownEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A knowledge entry as everybody reads it."""

    version: int
    is_live: bool
    owner: str
    content: EntryContent | None


async def shown_entries(db: Database) -> Mapping[EntryId, ShownEntry]:
    """Every entry that was ever shown to everybody."""
    # Reads the table once: some thousand rows.
    rows = await db.fetch("SELECT entry_id::text, version, is_live, owner, content FROM intake.entry")
    return {EntryId(row["entry_id"]): _shown_entry(row) for row in rows}


def _shown_entry(row: Mapping[str, Any]) -> ShownEntry:
    content = msgspec.json.decode(row["content"], type=EntryContent) if row["is_live"] else None
    return ShownEntry(version=row["version"], is_live=row["is_live"], owner=row["owner"], content=content)
