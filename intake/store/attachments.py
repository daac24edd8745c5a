"""Files that came with messages: what is known of each, which case has it, and which nobody ever asked for."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from schemas.attachments import ShownAttachment, told_of
from schemas.ids import AttachmentId, CaseId, DepartmentCode
from schemas.ports import Database
from schemas.values import Attachment


class StoredFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file of the file store, and what is told of it."""

    attachment: Attachment
    #: Where its bytes lie.
    blob: str
    has_thumbnail: bool


_KNOWN = "attachment_id, name, type, size, sha256"


async def keep_file(
    db: Database, file: StoredFile, now: datetime, uploader: bytes | None = None
) -> StoredFile:
    """The row of a file that was stored; where the same came before, that one, which waits anew."""
    # What comes again keeps its bytes: those that came now are not needed.
    row = await db.fetchrow(
        f"""
        INSERT INTO intake.attachment AS a
            (attachment_id, name, type, size, sha256, blob, has_thumbnail, uploaded_at, uploader)
        VALUES ($1::uuid, $2, $3, $4, $5, $6, $7, $8, $9)
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
        uploader,
    )
    return stored_file(row)


async def find_files(
    db: Database, ids: Sequence[AttachmentId], since: datetime, case_id: CaseId | None = None
) -> Mapping[AttachmentId, Attachment]:
    """Those of the files that were uploaded since then, and that no case has but this one, where one is named."""
    rows = await db.fetch(
        f"""SELECT {_KNOWN} FROM intake.attachment AS a
        WHERE attachment_id = ANY($1::uuid[]) AND uploaded_at >= $2 AND (attached_at IS NULL OR EXISTS (
            SELECT FROM intake.attached AS n WHERE n.case_id = $3::uuid AND n.attachment_id = a.attachment_id))""",  # noqa: S608  made of constants
        list(ids),
        since,
        case_id,
    )
    return {file.attachment_id: file for file in map(_attachment, rows)}


async def name_files(
    db: Database, ids: Sequence[AttachmentId], since: datetime, case_id: CaseId, now: datetime
) -> Mapping[AttachmentId, Attachment]:
    """As `find_files`, for the message of this case: what no case has waits for it from now on."""
    # Always in the same order: messages that name the same files never wait for one another.
    await db.execute(
        """
        UPDATE intake.attachment SET named_at = $3 WHERE attachment_id IN (
            SELECT attachment_id FROM intake.attachment
            WHERE attachment_id = ANY($1::uuid[]) AND uploaded_at >= $2 AND attached_at IS NULL
            ORDER BY attachment_id FOR UPDATE)
        """,
        list(ids),
        since,
        now,
    )
    return await find_files(db, ids, since, case_id)


async def hashes_of_files(db: Database, ids: Sequence[AttachmentId]) -> Mapping[AttachmentId, str]:
    """The hash (hex) of what each file holds, also where a case has it already."""
    rows = await db.fetch(
        "SELECT attachment_id, sha256 FROM intake.attachment WHERE attachment_id = ANY($1::uuid[])", list(ids)
    )
    return {AttachmentId(str(row["attachment_id"])): row["sha256"].hex() for row in rows}


async def lock_files(
    db: Database, ids: Sequence[AttachmentId]
) -> Mapping[AttachmentId, tuple[Attachment, datetime]]:
    """Those of the files that no case has, with the moment of their upload; nobody sweeps them until the unit ends."""
    rows = await db.fetch(
        f"""SELECT {_KNOWN}, uploaded_at FROM intake.attachment
        WHERE attachment_id = ANY($1::uuid[]) AND attached_at IS NULL
        ORDER BY attachment_id FOR UPDATE""",  # noqa: S608  made of constants
        list(ids),
    )
    return {(file := _attachment(row)).attachment_id: (file, row["uploaded_at"]) for row in rows}


async def attach_files(
    db: Database,
    files: Sequence[tuple[CaseId, int, Attachment]],
    now: datetime,
    *,
    added_at: datetime | None = None,
    department: DepartmentCode | None = None,
) -> None:
    """Give files to cases: which, at which place, and as they are called from now on.

    `added_at`: when they came, where that was after the message; `department`: whose they are, if not the citizen's.
    """
    # One row for each file that a message names, whether there is one or not.
    await db.execute(
        """
        INSERT INTO intake.attached (case_id, place, attachment_id, is_missing, added_at, department)
        SELECT *, $5::timestamptz, $6::text FROM unnest($1::uuid[], $2::smallint[], $3::uuid[], $4::bool[])
        ON CONFLICT DO NOTHING
        """,
        [case_id for case_id, _, _ in files],
        [place for _, place, _ in files],
        [file.attachment_id for _, _, file in files],
        [file.missing for _, _, file in files],
        added_at,
        department,
    )
    there = {file.attachment_id: file.name for _, _, file in files if not file.missing}
    await db.execute(
        """
        UPDATE intake.attachment AS a
        SET name = n.name, attached_at = coalesce(a.attached_at, $3), uploader = NULL
        FROM unnest($1::uuid[], $2::text[]) AS n (attachment_id, name) WHERE a.attachment_id = n.attachment_id
        """,
        list(there),
        list(there.values()),
        now,
    )


# The primary key's first half; then one row of the other table for each.
_OF_CASES = """
    SELECT named.case_id, named.attachment_id, coalesce(name, '') AS name, coalesce(type, '') AS type,
        coalesce(size, 0) AS size, added_at, department, coalesce(r.publish, false) AS publish,
        coalesce(sha256, '') AS sha256, is_missing OR a.attachment_id IS NULL AS missing
    FROM intake.attached AS named LEFT JOIN intake.attachment AS a USING (attachment_id)
        LEFT JOIN intake.file_rights AS r USING (case_id, attachment_id)
    WHERE named.case_id = ANY ($1::uuid[])
"""


async def files_of(db: Database, case_ids: Sequence[CaseId]) -> Mapping[CaseId, tuple[Attachment, ...]]:
    """What the messages of cases name, in their order, by case; what is not there is missing."""
    rows = await db.fetch(f"{_OF_CASES} AND added_at IS NULL ORDER BY place", list(case_ids))
    found: dict[CaseId, tuple[Attachment, ...]] = {}
    for row in rows:
        case_id = CaseId(str(row["case_id"]))
        found[case_id] = (*found.get(case_id, ()), _attachment(row, missing=row["missing"]))
    return found


#: What a case's citizen sees: their own files, and what came with the answer.
_THEIRS = "(department IS NULL OR coalesce(r.for_citizen, false))"


async def citizens_files(db: Database, case_id: CaseId) -> tuple[ShownAttachment, ...]:
    """Every file that a case's citizen sees, in the order in which they came."""
    rows = await db.fetch(f"{_OF_CASES} AND {_THEIRS} ORDER BY place", [case_id])
    return tuple(_shown(row) for row in rows)


def _shown(row: Any) -> ShownAttachment:
    is_own_picture = row["department"] is None and row["type"].startswith("image/")
    return told_of(
        _attachment(row, missing=row["missing"]),
        added_at=row["added_at"],
        department=row["department"],
        publish=row["publish"] if is_own_picture else None,
    )


async def lock_unattached(
    db: Database,
    ids: Sequence[AttachmentId],
    case_id: CaseId,
    since: datetime,
    department: DepartmentCode | None,
) -> Mapping[AttachmentId, Attachment]:
    """Those of the files that were uploaded since then and that nobody else has; nobody takes them until the unit ends.

    Else is another case, and within the case another department, or the citizen where `department` is one.
    """
    rows = await db.fetch(
        f"""SELECT {_KNOWN} FROM intake.attachment AS a
        WHERE attachment_id = ANY($1::uuid[]) AND uploaded_at >= $3
            AND (attached_at IS NULL OR EXISTS (
                SELECT FROM intake.attached AS n WHERE n.case_id = $2::uuid AND n.attachment_id = a.attachment_id
                    AND n.department IS NOT DISTINCT FROM $4::text))
        ORDER BY attachment_id FOR UPDATE""",  # noqa: S608  made of constants
        list(ids),
        case_id,
        since,
        department,
    )
    return {file.attachment_id: file for file in map(_attachment, rows)}


async def count_files(db: Database, case_id: CaseId) -> int:
    """How many files a case has, missing ones included."""
    return int(await db.fetchval("SELECT count(*) FROM intake.attached WHERE case_id = $1::uuid", case_id))


async def file_of(
    db: Database, case_id: CaseId, attachment_id: AttachmentId, *, for_citizen: bool = False
) -> StoredFile | None:
    """One file of a case, and where its bytes lie; None where the case has none of that id, or none for its citizen."""
    row = await db.fetchrow(
        f"""SELECT {_KNOWN}, blob, has_thumbnail FROM intake.attachment
        JOIN intake.attached USING (attachment_id) LEFT JOIN intake.file_rights AS r USING (case_id, attachment_id)
        WHERE case_id = $1::uuid AND attachment_id = $2::uuid AND NOT is_missing
            AND (NOT $3 OR {_THEIRS})""",  # noqa: S608  made of constants
        case_id,
        attachment_id,
        for_citizen,
    )
    return None if row is None else stored_file(row)


async def waiting_bytes(db: Database) -> int:
    """How much all files weigh whose message has not come."""
    return int(
        await db.fetchval("SELECT coalesce(sum(size), 0) FROM intake.attachment WHERE attached_at IS NULL")
    )


async def waiting_bytes_of(db: Database, uploader: bytes) -> int:
    """How much the files of one uploader weigh whose message has not come."""
    # By the index of uploaders.
    return int(
        await db.fetchval(
            "SELECT coalesce(sum(size), 0) FROM intake.attachment WHERE uploader = $1", uploader
        )
    )


async def sweep_waiting(
    db: Database, before: datetime, unnamed_before: datetime, limit: int, since: datetime | None = None
) -> Sequence[str]:
    """Forget files whose message has not come since then; where their bytes lie, small pictures too.

    `unnamed_before`: the same for those that no message names; `since`: of these only what was uploaded then or later.
    """
    # A message that comes at this moment holds its files; those are passed over.
    rows = await db.fetch(
        """
        DELETE FROM intake.attachment WHERE attachment_id IN (
            SELECT attachment_id FROM intake.attachment WHERE attached_at IS NULL
                AND (uploaded_at < $1 OR uploaded_at < $2 AND named_at IS NULL
                    AND uploaded_at >= coalesce($4::timestamptz, '-infinity'))
            ORDER BY uploaded_at LIMIT $3 FOR UPDATE SKIP LOCKED
        ) AND attached_at IS NULL
        RETURNING blob, has_thumbnail
        """,
        before,
        unnamed_before,
        limit,
        since,
    )
    return [name for row in rows for name in blobs_of(row["blob"], has_thumbnail=row["has_thumbnail"])]


async def unknown_blobs(db: Database, blobs: Sequence[str]) -> Sequence[str]:
    """Those of the stored files (`blobs`) that no row of an attachment names."""
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


def stored_file(row: Any) -> StoredFile:
    """The file in a row with all that is known of it."""
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
