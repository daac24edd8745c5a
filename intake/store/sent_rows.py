"""The keyed hashes of imported rows, so that none is sent twice unasked."""

from collections.abc import Mapping, Sequence
from typing import Any

from intake.core.known_rows import KnownRow, RowNote, may_be_taken, noted_elsewhere
from schemas.events.intake import SubmissionAccepted
from schemas.ids import CaseId
from schemas.ports import Database


async def note(db: Database, list_hash: bytes, rows: Sequence[KnownRow]) -> None:
    """Note that a list sends these rows; what was noted before stays."""
    noted = {each: row.codes for row in rows for each in (row.whole[0], row.lasting[0])}
    hashes = sorted(noted)
    # In one order whoever writes them; of two lists at once the second waits for the first.
    await db.execute(
        """
        INSERT INTO intake.sent_row (hash, case_id, tracking_code, list_hash)
        SELECT *, $4 FROM unnest($1::bytea[], $2::uuid[], $3::text[]) ON CONFLICT DO NOTHING
        """,
        hashes,
        [noted[each].case_id for each in hashes],
        [noted[each].tracking_code for each in hashes],
        list_hash,
    )


async def note_registered(db: Database, events: Sequence[SubmissionAccepted]) -> None:
    """Note rows that are cases now, at least one: where nothing is noted any more (an older copy of the database was
    restored), or something that never became a case."""
    noted = {
        bytes.fromhex(each): (event, event.row.list_hash)
        for event in events
        if event.row is not None
        for each in event.row.hashes
    }
    hashes = sorted(noted)
    # By primary keys. What the import noted is passed over first: it is not even locked.
    await db.execute(
        """
        INSERT INTO intake.sent_row AS s (hash, case_id, tracking_code, list_hash)
        SELECT * FROM unnest($1::bytea[], $2::uuid[], $3::text[], $4::bytea[]) AS r (hash, case_id, tracking_code, list_hash)
        WHERE NOT EXISTS (SELECT FROM intake.sent_row AS k WHERE k.hash = r.hash AND k.case_id = r.case_id)
        ON CONFLICT (hash) DO UPDATE
        SET case_id = excluded.case_id, tracking_code = excluded.tracking_code, list_hash = excluded.list_hash,
            taken_by = NULL
        WHERE NOT EXISTS (SELECT FROM intake.case AS c WHERE c.case_id = s.case_id)
        """,
        hashes,
        [noted[each][0].case_id for each in hashes],
        [noted[each][0].tracking_code for each in hashes],
        [bytes.fromhex(noted[each][1]) for each in hashes],
    )


async def claim(db: Database, list_hash: bytes, rows: Sequence[KnownRow]) -> Mapping[CaseId, RowNote | None]:
    """What of these rows was noted elsewhere, and what each is sent as: see `intake.core.known_rows.SentRows`."""
    await note(db, list_hash, rows)
    notes = await _notes(db, list_hash, rows)
    claimed: dict[CaseId, RowNote | None] = {}
    taken: dict[bytes, CaseId] = {}
    for row in rows:
        if (found := noted_elsewhere(row, notes)) is None:
            continue
        claimed[row.codes.case_id] = None
        if may_be_taken(row, found):
            taken.setdefault(found.hash, row.codes.case_id)
    return claimed | await _take(db, taken) if taken else claimed


async def _notes(db: Database, list_hash: bytes, rows: Sequence[KnownRow]) -> Mapping[bytes, RowNote]:
    """What other lists noted; and of rows that name files this one, too, in a release that kept no codes."""
    # By primary keys.
    found = await db.fetch(
        """
        SELECT s.hash, s.case_id, s.tracking_code, s.taken_by, c.case_id IS NOT NULL AS is_registered
        FROM intake.sent_row AS s LEFT JOIN intake.case AS c USING (case_id)
        WHERE s.hash = ANY($1::bytea[])
            AND (s.list_hash <> $2 OR s.tracking_code IS NULL AND s.hash = ANY($3::bytea[]))
        """,
        [each for row in rows for each in (*row.whole, *row.lasting)],
        list_hash,
        [each for row in rows if row.names_files for each in (*row.whole, *row.lasting)],
    )
    return {each["hash"]: _note(each, is_registered=each["is_registered"]) for each in found}


async def _take(db: Database, rows: Mapping[bytes, CaseId]) -> dict[CaseId, RowNote | None]:
    """By the case of each of these rows, at least one, the note as whose case it is sent; a note that another row took is
    left out."""
    hashes = sorted(rows)
    # By the primary key. Of two lists at once the second waits, and finds it taken.
    found = await db.fetch(
        """
        UPDATE intake.sent_row AS s SET taken_by = t.row FROM unnest($1::bytea[], $2::uuid[]) AS t (hash, row)
        WHERE s.hash = t.hash AND coalesce(s.taken_by, t.row) = t.row
        RETURNING s.hash, s.case_id, s.tracking_code, s.taken_by
        """,
        hashes,
        [rows[each] for each in hashes],
    )
    return {rows[each["hash"]]: _note(each, is_registered=False) for each in found}


def _note(row: Any, *, is_registered: bool) -> RowNote:
    return RowNote(
        hash=row["hash"],
        case_id=CaseId(str(row["case_id"])),
        tracking_code=row["tracking_code"],
        taken_by=None if row["taken_by"] is None else CaseId(str(row["taken_by"])),
        is_registered=is_registered,
    )
