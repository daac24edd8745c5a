"""Who else may see a file of a case: what came with an answer, and which pictures stand beside a published one."""

from collections.abc import Mapping, Sequence
from typing import Any

from intake.store.attachments import StoredFile, stored_file
from schemas.events.handlers import ReplyPublished
from schemas.events.routing import MergedAnswered
from schemas.ids import AttachmentId, CaseId
from schemas.ports import Database
from schemas.values import Attachment

#: Beside a published answer: pictures that somebody said yes to, that are there, and that staff do not hide.
_PUBLIC = """
    FROM intake.published AS p JOIN intake.file_rights AS r USING (case_id)
    JOIN intake.attached AS n USING (case_id, attachment_id) JOIN intake.attachment AS a USING (attachment_id)
    LEFT JOIN intake.view AS v USING (case_id)
    WHERE r.publish AND NOT n.is_missing AND a.type LIKE 'image/%' AND v.hides_pictures IS NOT true
        AND (v.hidden_pictures IS NULL OR attachment_id <> ALL (v.hidden_pictures))
"""


#: Place of the first file that came with another case's answer: behind any that the case has of its own (project choice: no
#: case has as many).
_BEHIND_ALL = 1000


async def say_publishable(db: Database, files: Sequence[tuple[CaseId, AttachmentId]]) -> None:
    """The citizens let everybody see these pictures of theirs, as they said with the messages that brought them."""
    await db.execute(
        """
        INSERT INTO intake.file_rights (case_id, attachment_id, for_citizen, publish)
        SELECT *, false, true FROM unnest($1::uuid[], $2::uuid[])
        ON CONFLICT (case_id, attachment_id) DO UPDATE SET publish = true
        """,
        [case_id for case_id, _ in files],
        [attachment_id for _, attachment_id in files],
    )


async def set_publishable(db: Database, case_id: CaseId, ids: Sequence[AttachmentId]) -> None:
    """Of all pictures that are the citizen's own these, and no others, may be seen by everybody."""
    await db.execute(
        """
        INSERT INTO intake.file_rights (case_id, attachment_id, for_citizen, publish)
        SELECT case_id, attachment_id, false, attachment_id = ANY ($2::uuid[])
        FROM intake.attached JOIN intake.attachment AS a USING (attachment_id)
        WHERE case_id = $1::uuid AND department IS NULL AND a.type LIKE 'image/%'
        ON CONFLICT (case_id, attachment_id) DO UPDATE SET publish = excluded.publish
        """,
        case_id,
        list(ids),
    )


async def show_with_answers(db: Database, events: Sequence[ReplyPublished]) -> None:
    """The citizens see the departments' files that their newest answer brings, and none that an earlier one brought."""
    # One row for each file of a department, which few cases have; nothing where more was heard of the case since.
    await db.execute(
        """
        INSERT INTO intake.file_rights (case_id, attachment_id, for_citizen, publish)
        SELECT n.case_id, n.attachment_id, n.attachment_id::text = ANY (string_to_array(e.brought, ',')),
            n.attachment_id::text = ANY (string_to_array(e.public, ','))
        FROM unnest($1::uuid[], $2::int[], $3::text[], $4::text[]) AS e (case_id, version, brought, public)
        JOIN intake.view AS v USING (case_id) JOIN intake.attached AS n USING (case_id)
        WHERE n.department IS NOT NULL AND v.version <= e.version
        ORDER BY n.case_id, n.attachment_id
        ON CONFLICT (case_id, attachment_id) DO UPDATE
        SET for_citizen = excluded.for_citizen, publish = excluded.publish
        """,
        [event.case_id for event in events],
        [event.version for event in events],
        [",".join(file.attachment_id for file in event.attachments) for event in events],
        [",".join(event.public_attachments) for event in events],
    )


async def show_with_merged_answers(db: Database, events: Sequence[MergedAnswered]) -> None:
    """The citizens of merged cases see the files that the other one's answer brings, but for what was taken back since.

    They are the department's, in the case that they were added to; here stands that they are seen. Those of an earlier
    answer are not any more.
    """
    files = [(event, place, file) for event in events for place, file in enumerate(event.attachments)]
    await hide_answers_files(db, [(event.case_id, event.version) for event in events])
    await db.execute(
        """
        WITH brought AS (
            SELECT e.* FROM unnest($1::uuid[], $2::int[], $3::uuid[], $4::smallint[], $5::text[], $6::timestamptz[])
                AS e (case_id, version, attachment_id, place, department, at)
            JOIN intake.view AS v USING (case_id) WHERE v.version <= e.version
        ), there AS (
            INSERT INTO intake.attached (case_id, attachment_id, place, is_missing, added_at, department)
            SELECT case_id, attachment_id, $7::smallint + place, false, at, department FROM brought ON CONFLICT DO NOTHING
        )
        INSERT INTO intake.file_rights (case_id, attachment_id, for_citizen, publish)
        SELECT b.case_id, b.attachment_id, NOT EXISTS (
            SELECT FROM intake.file_rights AS o
            WHERE o.attachment_id = b.attachment_id AND o.case_id <> b.case_id AND NOT o.for_citizen
        ), false FROM brought AS b
        ON CONFLICT (case_id, attachment_id) DO UPDATE SET for_citizen = excluded.for_citizen
        """,
        [event.case_id for event, _, _ in files],
        [event.version for event, _, _ in files],
        [file.attachment_id for _, _, file in files],
        [place for _, place, _ in files],
        [event.department for event, _, _ in files],
        [event.at for event, _, _ in files],
        _BEHIND_ALL,
    )


async def hide_answers_files(db: Database, heard: Sequence[tuple[CaseId, int]]) -> None:
    """The citizens of these cases see no file of a department any more, unless more was heard than this version."""
    await db.execute(
        """
        UPDATE intake.file_rights AS r SET for_citizen = false
        FROM unnest($1::uuid[], $2::int[]) AS e (case_id, version) JOIN intake.view AS v USING (case_id)
            JOIN intake.attached AS n USING (case_id)
        WHERE v.version <= e.version AND n.department IS NOT NULL
            AND r.case_id = n.case_id AND r.attachment_id = n.attachment_id
        """,
        [case_id for case_id, _ in heard],
        [version for _, version in heard],
    )


async def narrow(db: Database, attachment_id: AttachmentId, *, for_citizen: bool, publish: bool) -> None:
    """Nobody sees a department's file any more for whom these say no, in no case; a yes lets nobody see it who did not."""
    await db.execute(
        """
        UPDATE intake.file_rights SET for_citizen = for_citizen AND $2, publish = publish AND $3
        WHERE attachment_id = $1::uuid
        """,
        attachment_id,
        for_citizen,
        publish,
    )


async def public_pictures(
    db: Database, case_ids: Sequence[CaseId]
) -> Mapping[CaseId, Sequence[AttachmentId]]:
    """The pictures that stand beside these cases' published answers, in their order."""
    rows = await db.fetch(
        f"SELECT case_id, attachment_id {_PUBLIC} AND p.case_id = ANY ($1::uuid[]) ORDER BY n.place",
        list(case_ids),
    )
    found: dict[CaseId, list[AttachmentId]] = {}
    for row in rows:
        case_id = CaseId(str(row["case_id"]))
        found.setdefault(case_id, []).append(AttachmentId(str(row["attachment_id"])))
    return found


async def offered_pictures(db: Database, case_id: CaseId) -> tuple[Attachment, ...]:
    """The pictures that stand beside the case's answer, or would, if staff hid none, in their order."""
    rows = await db.fetch(
        """
        SELECT attachment_id, a.name, a.type, a.size, a.sha256, a.blob, a.has_thumbnail
        FROM intake.file_rights AS r JOIN intake.attached AS n USING (case_id, attachment_id)
        JOIN intake.attachment AS a USING (attachment_id)
        WHERE case_id = $1::uuid AND r.publish AND NOT n.is_missing AND a.type LIKE 'image/%' ORDER BY n.place
        """,
        case_id,
    )
    return tuple(stored_file(row).attachment for row in rows)


async def public_picture(db: Database, tracking_code: str, attachment_id: AttachmentId) -> StoredFile | None:
    """One of them, and where its bytes lie; None where everybody may not see it at this moment."""
    row: Any = await db.fetchrow(
        f"""SELECT attachment_id, a.name, a.type, a.size, a.sha256, a.blob, a.has_thumbnail {_PUBLIC}
        AND p.tracking_code = $1 AND attachment_id = $2::uuid""",
        tracking_code,
        attachment_id,
    )
    return None if row is None else stored_file(row)
