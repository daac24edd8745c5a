"""Files that were taken: looked for when their message comes, given to its case, and fetched by whoever may see that."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from intake.core.files.attachments import (
    JPEG,
    NAMED_WITHIN,
    Ticket,
)
from intake.steps.filing import Cabinet
from intake.store import attachments as store
from intake.store.attachments import THUMBNAIL, StoredFile
from schemas.attachments import ShownAttachment
from schemas.errors import BadInput, FieldError, NotFound
from schemas.http import File
from schemas.ids import AttachmentId, CaseId
from schemas.masking import declared_by, for_department
from schemas.ports import Unit
from schemas.values import Attachment, Contact
from schemas.words import Role


async def waiting_files(
    cabinet: Cabinet, unit: Unit | None, ids: Sequence[AttachmentId], since: datetime
) -> Mapping[AttachmentId, Attachment] | None:
    """Those that were uploaded since then; None where nobody can say in time.

    Whoever has a `unit` asks for no other connection: many at once would wait for one another.
    """
    return await (store.find_files(unit.db, ids, since) if unit else cabinet.rows.find(ids, since))


async def named_files(
    cabinet: Cabinet, ids: Sequence[AttachmentId], case_id: CaseId, now: datetime
) -> tuple[Attachment, ...]:
    """What is known of the files that a message names; with Postgres away their ids, and registration finds out.

    `case_id`: the message's, which has them already where it is sent again.

    Raises:
        BadInput: too many, or one that was never uploaded, too long ago, or for another case.
    """
    if len(ids) > cabinet.most_files:
        raise BadInput([too_many(cabinet.most_files, len(ids))])
    known = await cabinet.rows.name(ids, now - NAMED_WITHIN, case_id, now) if ids else {}
    if known is None:
        return tuple(Attachment(attachment_id=each) for each in ids)
    unknown = [place for place, each in enumerate(ids, start=1) if each not in known]
    if unknown:
        raise BadInput([not_there(place) for place in unknown])
    return tuple(known[each] for each in ids)


def too_many(most: int, given: int) -> FieldError:
    """The refusal for more files than may come together."""
    return FieldError(
        "attachments",
        f"最多 {most} 个附件，现有 {given} 个。",
        f"At most {most} attachments; there are {given}.",
    )


def not_there(place: int) -> FieldError:
    """What is said of a file that nobody uploaded, or too long ago: the how manieth that is named."""
    return FieldError(
        "attachments",
        f"第 {place} 个附件不存在或已过期，请重新上传。",
        f"Attachment {place} does not exist, or is too old; please upload it again.",
    )


async def attach(
    unit: Unit, messages: Sequence[tuple[CaseId, Sequence[Attachment], Contact | None, datetime]]
) -> Mapping[CaseId, tuple[Attachment, ...]]:
    """Give each new case the files that its message names; what is told of them, masked, and which are missing.

    A file that another case has is missing: its id may have been read there. Of two messages the first gets it.

    `messages`: case, files, whoever sent it, and when it was accepted.
    """
    ids = sorted({file.attachment_id for _, files, _, _ in messages for file in files})
    held = {**await store.lock_files(unit.db, ids)}
    told: dict[CaseId, tuple[Attachment, ...]] = {}
    for case_id, files, contact, accepted_at in messages:
        if files:
            told[case_id] = tuple(_told(file, held, contact, accepted_at) for file in files)
            for file in files:
                held.pop(file.attachment_id, None)
    rows = [(case_id, place, file) for case_id, files in told.items() for place, file in enumerate(files)]
    await store.attach_files(unit.db, rows, unit.now)
    return told


def _told(
    named: Attachment,
    held: Mapping[AttachmentId, tuple[Attachment, datetime]],
    contact: Contact | None,
    accepted_at: datetime,
) -> Attachment:
    """The file as others are told of it; an id that somebody finds days later opens nothing."""
    file, uploaded_at = held.get(named.attachment_id, (None, accepted_at))
    if file is None or accepted_at - uploaded_at > NAMED_WITHIN:
        return Attachment(attachment_id=named.attachment_id, missing=True)
    return msgspec.structs.replace(file, name=for_department(file.name, declared_by(contact)))


async def files_of_case(unit: Unit, case_id: CaseId) -> tuple[ShownAttachment, ...]:
    """The files that a case's citizen sees, in the order in which they came."""
    return await store.citizens_files(unit.db, case_id)


async def open_file(cabinet: Cabinet, unit: Unit, ticket: Ticket) -> File:
    """The file that a ticket is for, while its holder may see the case.

    Raises:
        NotFound: not any more, or the file is gone.
    """
    is_citizen = ticket.role is Role.CITIZEN
    found = await store.file_of(unit.db, ticket.case_id, ticket.attachment_id, for_citizen=is_citizen)
    if found is None or not await _may_see(cabinet, unit, ticket):
        raise NotFound
    return await opened_file(cabinet, found, is_thumbnail=ticket.is_thumbnail)


async def opened_file(cabinet: Cabinet, found: StoredFile, *, is_thumbnail: bool) -> File:
    """The file itself, for somebody who may see it, or the small picture of it.

    Raises:
        NotFound: its bytes are gone.
    """
    is_small = is_thumbnail and found.has_thumbnail
    opened = await cabinet.files.open(found.blob + THUMBNAIL if is_small else found.blob)
    if opened is None:
        raise NotFound
    size, chunks = opened
    content_type = JPEG.type if is_small else found.attachment.type
    return File(chunks=chunks, size=size, content_type=content_type, filename=found.attachment.name)


async def _may_see(cabinet: Cabinet, unit: Unit, ticket: Ticket) -> bool:
    """Its citizen always may, and dispatchers and supervisors see every case; a department those that it has now."""
    if ticket.role is not Role.DEPARTMENT:
        return True
    department = ticket.viewer.own_department
    return await cabinet.access.may_see(unit, ticket.case_id, department)
