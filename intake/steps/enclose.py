"""Attaches files that arrive after the message to its case; only whoever uploaded a file may name it."""

from collections.abc import Mapping, Sequence

import msgspec

from intake.core.files.attachments import NAMED_WITHIN
from intake.steps.attach import not_there, too_many
from intake.store import attachments as store
from intake.store import file_rights
from schemas.errors import BadInput, FieldError, Unavailable
from schemas.events.intake import CaseSupplemented
from schemas.ids import AttachmentId, CaseId, DepartmentCode
from schemas.masking import declared_by, for_department
from schemas.ports import Unit
from schemas.values import Attachment, Contact
from schemas.words import FileAudience

#: Project choice: five full messages; whoever has more brings one archive of papers to the counter.
MOST_OF_CASE = 50
_NO_PICTURE = FieldError("audience", "只有图片可以公开。", "Nothing but pictures can be published.")
_ANOTHER = FieldError("files", "文件的 SHA-256 不一致。", "The file has another SHA-256.")


async def enclose(
    unit: Unit,
    most_files: int | None,
    case_id: CaseId,
    ids: Sequence[AttachmentId],
    *,
    hashes: Mapping[AttachmentId, str] | None = None,
    pictures_only: bool = False,
    contact: Contact | None = None,
    department: DepartmentCode | None = None,
) -> tuple[Attachment, ...]:
    """The files with these ids, which are the case's from now on, as others are told of them.

    A file that another case has is nobody's to name: its id may have been read there. `contact`: the citizen, whose name
    no file is called by; `department`: whose the files are, where they are not the citizen's; `most_files`: at once, None
    where none are taken; `hashes`: what each must have (SHA-256, hex).

    Raises:
        BadInput: too many, or one that was not uploaded lately, is another case's, or another file. Nothing was given.
        Unavailable: no files are taken here.
    """
    if not ids:
        return ()
    if most_files is None:
        raise Unavailable("attachments")
    if len(ids) > most_files:
        raise BadInput([too_many(most_files, len(ids))])
    since = unit.now - NAMED_WITHIN
    held = await store.lock_unattached(unit.db, ids, case_id, since, department)
    unknown = [place for place, each in enumerate(ids, start=1) if each not in held]
    if unknown:
        raise BadInput([not_there(place) for place in unknown])
    if hashes is not None and any(held[each].sha256 != hashes[each].lower() for each in ids):
        raise BadInput([_ANOTHER])
    if pictures_only and any(not held[each].type.startswith("image/") for each in ids):
        raise BadInput([_NO_PICTURE])
    files = tuple(_told(held[each], contact) for each in ids)
    await _attach(unit, case_id, files, department)
    return files


async def enclose_again(unit: Unit, added: CaseSupplemented) -> tuple[Attachment, ...]:
    """The files that came with what a citizen added, on a register that forgot it; those that nobody has are missing."""
    held = await store.lock_files(unit.db, [each.attachment_id for each in added.attachments])
    files = tuple(
        each if (named := each.attachment_id) in held else Attachment(attachment_id=named, missing=True)
        for each in added.attachments
    )
    first = await store.count_files(unit.db, added.case_id)
    rows = [(added.case_id, place, file) for place, file in enumerate(files, start=first)]
    await store.attach_files(unit.db, rows, unit.now, added_at=added.at)
    return files


async def enclose_late(
    unit: Unit, case_id: CaseId, files: Sequence[Attachment], contact: Contact | None
) -> tuple[Attachment, ...]:
    """Those of the files of a message that came again which nobody has yet: they are its case's from now on."""
    held = await store.lock_files(unit.db, [each.attachment_id for each in files])
    new = tuple(_told(held[each.attachment_id][0], contact) for each in files if each.attachment_id in held)
    first = await store.count_files(unit.db, case_id)
    rows = [(case_id, place, file) for place, file in enumerate(new, start=first)]
    await store.attach_files(unit.db, rows, unit.now, added_at=unit.now)
    return new


async def narrow_file(unit: Unit, attachment_id: AttachmentId, audience: FileAudience) -> None:
    """Show a department's file to `audience` alone from now on, also if it came with an answer."""
    await file_rights.narrow(
        unit.db,
        attachment_id,
        for_citizen=audience is not FileAudience.DEPARTMENTS,
        publish=audience is FileAudience.PUBLIC,
    )


def _told(file: Attachment, contact: Contact | None) -> Attachment:
    return msgspec.structs.replace(file, name=for_department(file.name, declared_by(contact)))


async def _attach(
    unit: Unit, case_id: CaseId, files: Sequence[Attachment], department: DepartmentCode | None
) -> None:
    there = await store.count_files(unit.db, case_id)
    if there + len(files) > MOST_OF_CASE:
        raise BadInput([_full(there)])
    rows = [(case_id, place, file) for place, file in enumerate(files, start=there)]
    await store.attach_files(unit.db, rows, unit.now, added_at=unit.now, department=department)


def _full(there: int) -> FieldError:
    return FieldError(
        "attachments",
        f"一件最多 {MOST_OF_CASE} 个附件，已有 {there} 个。",
        f"A case has at most {MOST_OF_CASE} attachments; there are {there}.",
    )
