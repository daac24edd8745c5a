"""What a department adds to its case besides words: files, each with who may see it."""

from collections.abc import Sequence

from handlers.core import files as rules
from handlers.core.case import By, Case, CaseChange
from handlers.core.files import AddFiles, ShareFile
from handlers.steps.act_on_case import held_case
from handlers.steps.apply import apply
from handlers.steps.once import Acted
from schemas.attachments import CaseFiles
from schemas.errors import BadInput, FieldError
from schemas.http import Principal
from schemas.ids import AttachmentId, CaseId, is_uuid
from schemas.ports import Unit


async def add_files(unit: Unit, who: Principal, case_id: CaseId, body: AddFiles, files: CaseFiles) -> Acted:
    """Give the case files that this department uploaded; the case's departments are told.

    Raises:
        NotFound: not this department's case.
        StaleVersion, ActionNotAllowed, Forbidden, BadInput: see `handlers.core.files`, and the files themselves.
    """
    case = await held_case(unit, who, case_id)
    by = _by(unit, who, case)
    rules.check_adding(case, body, by.role)
    given = await files.give(unit, case_id, who.own_department, _ids(body.attachments))
    change = rules.added(case, by, who.own_department, given, body.audience)
    return Acted.of(case) if change is None else await _applied(unit, change)


async def share_file(unit: Unit, who: Principal, case_id: CaseId, body: ShareFile, files: CaseFiles) -> Acted:
    """Let others see a file of the case, or see it no longer.

    Raises:
        NotFound: not this department's case.
        StaleVersion, ActionNotAllowed, BadInput: see `handlers.core.files.shared`.
    """
    case = await held_case(unit, who, case_id)
    change = rules.shared(case, _by(unit, who, case), who.own_department, body)
    if change is None:
        return Acted.of(case)
    await files.narrow(unit, case_id, AttachmentId(body.attachment_id), body.audience)
    return await _applied(unit, change)


def _by(unit: Unit, who: Principal, case: Case) -> By:
    return By(name=who.name, role=case.part_of(who.own_department), now=unit.now)


def _ids(named: Sequence[str]) -> tuple[AttachmentId, ...]:
    if any(not is_uuid(each) for each in named):
        raise BadInput(
            [FieldError("attachments", "附件编号不对，请重新上传。", "That is no attachment's id.")]
        )
    return tuple(AttachmentId(each) for each in dict.fromkeys(named))


async def _applied(unit: Unit, change: CaseChange) -> Acted:
    await apply(unit, [change])
    return Acted.of(change.after)
