"""Files that departments add to a case: whose each is, and who may see it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import msgspec

from handlers.core.actions.description import Body
from handlers.core.case import By, Case, CaseChange, CaseFile, record
from handlers.core.chain import Detail
from handlers.core.rules import IN_HAND, Actor
from schemas.attachments import ShownAttachment, told_of
from schemas.errors import ActionNotAllowed, BadInput, FieldError, Forbidden, StaleVersion
from schemas.ids import DepartmentCode
from schemas.values import Attachment
from schemas.words import CaseState, FileAudience

#: What the log calls it; the desk's words for it stand with those of the actions.
ADDED, SHARED = "files.added", "file.shared"
#: While a dispatcher looks at the answer, it stays as it was handed in.
_FOR_DEPARTMENTS = (*IN_HAND, CaseState.IN_REVIEW, CaseState.REPLIED)
_WIDTH = {FileAudience.DEPARTMENTS: 0, FileAudience.CITIZEN: 1, FileAudience.PUBLIC: 2}


class AddFiles(Body, frozen=True, kw_only=True):
    """Files that were uploaded before, and who may see them."""

    attachments: Annotated[list[str], msgspec.Meta(min_length=1, max_length=50)]
    audience: FileAudience = FileAudience.DEPARTMENTS


class ShareFile(Body, frozen=True, kw_only=True):
    """Who may see a file of the case from now on."""

    attachment_id: str
    audience: FileAudience


def check_adding(case: Case, body: AddFiles, part: Actor) -> None:
    """Refuse files that may not be added to the case now, or not for those readers.

    Raises:
        StaleVersion: the case changed since `body.version`.
        ActionNotAllowed: not in this state, or not for the citizen while a dispatcher looks at the answer.
        Forbidden: a supporting department answers no citizen: the lead may let them see its files.
    """
    if body.version != case.version:
        raise StaleVersion(current=case.version)
    if body.audience is not FileAudience.DEPARTMENTS and part is not Actor.LEAD:
        raise Forbidden
    is_inside = body.audience is FileAudience.DEPARTMENTS
    if case.state not in (_FOR_DEPARTMENTS if is_inside else IN_HAND):
        raise ActionNotAllowed(state=case.state.value, allowed_actions=[])


def added(
    case: Case, by: By, department: DepartmentCode, files: Sequence[Attachment], audience: FileAudience
) -> CaseChange | None:
    """The case with these files; its version stays. None where it has them all, as a form that is sent twice finds it.

    Raises:
        BadInput: something else than a picture is to be published.
    """
    fresh = [_owned(file, department, audience, by.now) for file in files]
    there = {(each.file, each.department, each.audience) for each in case.files}
    if all((each.file, each.department, each.audience) in there for each in fresh):
        return None
    names = {each.file.attachment_id for each in fresh}
    kept = tuple(each for each in case.files if each.file.attachment_id not in names)
    detail: Detail = {"department": department, "audience": audience.value, **_named(files)}
    after, entry = record(case, by, ADDED, detail, files=(*kept, *fresh))
    return CaseChange(after=after, entry=entry, what="case.files-added", attachments=tuple(files))


def _owned(file: Attachment, department: DepartmentCode, audience: FileAudience, now: datetime) -> CaseFile:
    if audience is FileAudience.PUBLIC and not file.type.startswith("image/"):
        raise BadInput(
            [FieldError("audience", "只有图片可以公开。", "Nothing but pictures can be published.")]
        )
    return CaseFile(file=file, department=department, audience=audience, at=now)


def _named(files: Sequence[Attachment]) -> Detail:
    """What the log keeps of files: with their hashes, so that none is exchanged unseen."""
    return {
        "text": "、".join(file.name for file in files),
        "attachments": [file.attachment_id for file in files],
        "sha256": [file.sha256 for file in files],
    }


def shared(case: Case, by: By, department: DepartmentCode, body: ShareFile) -> CaseChange | None:
    """The case with another audience for one of its files. None where it is that already.

    Narrowing is possible at any time, for whoever added the file and for the lead; widening for the lead alone, while it
    has the case in hand.

    Raises:
        StaleVersion: the case changed since `body.version`.
        BadInput: no such file, or not this department's, or no picture that could be published.
        ActionNotAllowed: the answer is with a dispatcher, or was given.
    """
    if body.version != case.version:
        raise StaleVersion(current=case.version)
    found = next((each for each in case.present_files if each.file.attachment_id == body.attachment_id), None)
    is_lead = by.role is Actor.LEAD
    if found is None or not (is_lead or found.department == department):
        raise BadInput([FieldError("attachment_id", "没有这个附件。", "There is no such file.")])
    if found.audience is body.audience:
        return None
    if _WIDTH[body.audience] > _WIDTH[found.audience] and not (is_lead and case.state in IN_HAND):
        raise ActionNotAllowed(state=case.state.value, allowed_actions=[])
    changed = _owned(found.file, found.department, body.audience, found.at)
    files = tuple(changed if each is found else each for each in case.files)
    detail: Detail = {"audience": body.audience.value, **_named([found.file])}
    after, entry = record(case, by, SHARED, detail, files=files)
    return CaseChange(after=after, entry=entry)


def shown_files(case: Case) -> tuple[ShownAttachment, ...]:
    """The departments' files as the desk tells of them."""
    return tuple(
        told_of(each.file, added_at=each.at, department=each.department, audience=each.audience)
        for each in case.present_files
    )


def may_add_files(case: Case) -> bool:
    """Whether the desk offers it."""
    return case.state in _FOR_DEPARTMENTS


def audiences(part: Actor, state: CaseState) -> tuple[FileAudience, ...]:
    """Whom this department may let see what it adds now."""
    is_free = part is Actor.LEAD and state in IN_HAND
    return tuple(FileAudience) if is_free else (FileAudience.DEPARTMENTS,)


def may_become(file: ShownAttachment, part: Actor, state: CaseState) -> tuple[FileAudience, ...]:
    """Which other audiences the desk offers for a file: see `shared`."""
    now = file.audience or FileAudience.DEPARTMENTS
    is_picture = file.type.startswith("image/")
    return tuple(
        each
        for each in FileAudience
        if each is not now
        and (is_picture or each is not FileAudience.PUBLIC)
        and (_WIDTH[each] < _WIDTH[now] or each in audiences(part, state))
    )
