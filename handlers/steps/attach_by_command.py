"""Files that a department's command names: checked by the desk's rules, in the command's transaction."""

from handlers.core import files as rules
from handlers.core.case import By, Case, CaseChange
from handlers.core.commands import files_of
from schemas.attachments import NamedFiles
from schemas.errors import NotFound, Refused, Unavailable
from schemas.events.commands import AttachFiles
from schemas.ports import Unit
from schemas.words import FileAudience


async def attached(
    unit: Unit, command: AttachFiles, case: Case | None, files: NamedFiles | None
) -> CaseChange | Case | Refused:
    """The case with its files; as it was where it has them already; or why it gets none of them.

    Raises:
        Unavailable: no files are taken here.
    """
    if case is None:
        return NotFound()
    if files is None:
        raise Unavailable("attachments")
    department = command.department
    by = By(name=department, role=case.part_of(department), now=unit.now, department=department)
    try:
        body = files_of(command)
        rules.check_adding(case, body, by.role)
        is_public = body.audience is FileAudience.PUBLIC
        given = await files.give(unit, case.case_id, department, command.files, pictures_only=is_public)
        return rules.added(case, by, department, given, body.audience) or case
    except Refused as refusal:
        return refusal
