"""Files that came with messages: what is known of each, which case has it, and which nobody ever asked for."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from schemas.ids import AttachmentId, CaseId
from schemas.ports import Database
from schemas.values import Attachment


class StoredFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of the file store, and what is told of it."""

    attachment: Attachment
    #: Where its bytes lie.
    blob: str
    has_thumbnail: bool


_KNOWN = "attachment_id, name, type, size, sha256"


async def keep_file(db: Database, file: StoredFile, now: datetime) -> StoredFile:
    """The row of a file that was stored; where the same came before, that one, which waits anew."""
    # What comes again keeps its bytes: those that came now are not needed.
    row = await db.fetchrow(
        f"""
        INSERT INTO intake.attachment AS a (attachment_id, name, type, size, sha256, blob, has_thumbnail, uploaded_at)
        VALUES ($1::uuid, $2, $3, $4, $5, $6, $7, $8)
        ON CONFLICT (attachment_id) DO UPDATE SET uploaded_at = excluded.uploaded_at
        RETURNING {_KNOWN}, blob, has_thumbnail
        """,  # noqa: S608  made of constants
        file.attachment.attachment_id,
        file.attachment.name,
        file.attachment.type,
        file.attachment.size,
        bytes.fromhex(file.attachment.sha256),
        file.blob,
        file.has_thumbnail,
        now,
    )
    return _stored(row)


async def find_files(
    db: Database, ids: Sequence[AttachmentId], since: datetime
) -> Mapping[AttachmentId, Attachment]:
    """Those of the files that were uploaded since then."""
    rows = await db.fetch(
        f"SELECT {_KNOWN} FROM intake.attachment WHERE attachment_id = ANY($1::uuid[]) AND uploaded_at >= $2",  # noqa: S608  made of constants
        list(ids),
        since,
    )
    return {file.attachment_id: file for file in map(_attachment, rows)}


async def hold_files(
    db: Database, ids: Sequence[AttachmentId]
) -> Mapping[AttachmentId, tuple[Attachment, datetime]]:
    """Those of the files that there are, with the moment of their upload; nobody sweeps them until the unit ends."""
    rows = await db.fetch(
        f"""SELECT {_KNOWN}, uploaded_at FROM intake.attachment WHERE attachment_id = ANY($1::uuid[])
        ORDER BY attachment_id FOR UPDATE""",  # noqa: S608  made of constants
        list(ids),
    )
    return {(file := _attachment(row)).attachment_id: (file, row["uploaded_at"]) for row in rows}


async def attach_files(db: Database, files: Sequence[tuple[CaseId, int, Attachment]], now: datetime) -> None:
    """Give files to cases: which, at which place, and as they are called from now on."""
    # One row for each file that a message names, whether there is one or not.
    await db.execute(
        """
        INSERT INTO intake.attached (case_id, place, attachment_id, is_missing)
        SELECT * FROM unnest($1::uuid[], $2::smallint[], $3::uuid[], $4::bool[]) ON CONFLICT DO NOTHING
        """,
        [case_id for case_id, _, _ in files],
        [place for _, place, _ in files],
        [file.attachment_id for _, _, file in files],
        [file.missing for _, _, file in files],
    )
    there = {file.attachment_id: file.name for _, _, file in files if not file.missing}
    await db.execute(
        """
        UPDATE intake.attachment AS a SET name = n.name, attached_at = coalesce(a.attached_at, $3)
        FROM unnest($1::uuid[], $2::text[]) AS n (attachment_id, name) WHERE a.attachment_id = n.attachment_id
        """,
        list(there),
        list(there.values()),
        now,
    )


async def files_of(db: Database, case_ids: Sequence[CaseId]) -> Mapping[CaseId, tuple[Attachment, ...]]:
    """What the messages of cases name, in their order, by case; what is not there is missing."""
    # The primary key's first half; then one row of the other table for each.
    rows = await db.fetch(
        """
        SELECT named.case_id, named.attachment_id, coalesce(name, '') AS name, coalesce(type, '') AS type,
            coalesce(size, 0) AS size,
            coalesce(sha256, '') AS sha256, is_missing OR a.attachment_id IS NULL AS missing
        FROM intake.attached AS named LEFT JOIN intake.attachment AS a USING (attachment_id)
        WHERE named.case_id = ANY ($1::uuid[]) ORDER BY place
        """,
        list(case_ids),
    )
    found: dict[CaseId, tuple[Attachment, ...]] = {}
    for row in rows:
        case_id = CaseId(str(row["case_id"]))
        found[case_id] = (*found.get(case_id, ()), _attachment(row, missing=row["missing"]))
    return found


async def file_of(db: Database, case_id: CaseId, attachment_id: AttachmentId) -> StoredFile | None:
    """One file of a case, and where its bytes lie; None where the case has none of that id."""
    row = await db.fetchrow(
        f"""SELECT {_KNOWN}, blob, has_thumbnail FROM intake.attachment
        JOIN intake.attached USING (attachment_id)
        WHERE case_id = $1::uuid AND attachment_id = $2::uuid AND NOT is_missing""",  # noqa: S608  made of constants
        case_id,
        attachment_id,
    )
    return None if row is None else _stored(row)


async def waiting_bytes(db: Database) -> int:
    """How much all files weigh whose message has not come."""
    return int(
        await db.fetchval("SELECT coalesce(sum(size), 0) FROM intake.attachment WHERE attached_at IS NULL")
    )


async def sweep_waiting(db: Database, before: datetime, limit: int) -> Sequence[str]:
    """Forget files whose message has not come since then; where their bytes lie, small pictures too."""
    # A message that comes at this moment holds its files; those are passed over.
    rows = await db.fetch(
        """
        DELETE FROM intake.attachment WHERE attachment_id IN (
            SELECT attachment_id FROM intake.attachment WHERE attached_at IS NULL AND uploaded_at < $1
            ORDER BY uploaded_at LIMIT $2 FOR UPDATE SKIP LOCKED
        ) AND attached_at IS NULL
        RETURNING blob, has_thumbnail
        """,
        before,
        limit,
    )
    return [name for row in rows for name in blobs_of(row["blob"], has_thumbnail=row["has_thumbnail"])]


async def unknown_blobs(db: Database, blobs: Sequence[str]) -> Sequence[str]:
    """Those that no row speaks of."""
    rows = await db.fetch(
        """
        SELECT asked.blob FROM unnest($1::text[]) AS asked (blob)
        WHERE NOT EXISTS (SELECT FROM intake.attachment AS a WHERE a.blob = split_part(asked.blob, $2, 1))
        """,
        list(blobs),
        THUMBNAIL,
    )
    return [row["blob"] for row in rows]


#: What the name of a small picture has behind its picture's.
THUMBNAIL = "-small"


def blobs_of(blob: str, *, has_thumbnail: bool) -> Sequence[str]:
    """Where the bytes of a file lie, and those of its small picture."""
    return (blob, blob + THUMBNAIL) if has_thumbnail else (blob,)


def _stored(row: Any) -> StoredFile:
    return StoredFile(attachment=_attachment(row), blob=row["blob"], has_thumbnail=row["has_thumbnail"])


def _attachment(row: Any, *, missing: bool = False) -> Attachment:
    return Attachment(
        attachment_id=AttachmentId(str(row["attachment_id"])),
        name=row["name"],
        type=row["type"],
        size=row["size"],
        sha256=row["sha256"].hex(),
        missing=missing,
    )
