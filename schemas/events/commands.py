"""What department systems ask for on Kafka, and the answer they get: the desk's actions without a browser.

`version` is the version of the case that the department saw. `signature` proves who asks; how it is made
stands in `handlers/core/commands.py`. Limits on the texts are checked by the step: a refusal can be answered.
"""

from typing import ClassVar

import msgspec

from schemas.event import Event, event_type
from schemas.ids import AttachmentId, DepartmentCode
from schemas.words import CaseState, FileAudience


class Command(Event, frozen=True, kw_only=True):
    """A department's system asks for one action on one case."""

    producer: ClassVar[str] = "commands"

    #: The sender's own id of this command: asked twice, done once.
    command_id: str
    department: DepartmentCode
    #: Hex HMAC-SHA256.
    signature: str


@event_type
class SignCase(Command, frozen=True, kw_only=True):
    """The department signs for the case (签收)."""

    type: ClassVar[str] = "command.sign.v1"


@event_type
class ReturnCase(Command, frozen=True, kw_only=True):
    """Say that it is not ours (退单)."""

    type: ClassVar[str] = "command.return.v1"

    reason: str
    basis: str


@event_type
class ReplyToCase(Command, frozen=True, kw_only=True):
    """Answer it; `note` stays inside, `response` is for the citizen."""

    type: ClassVar[str] = "command.reply.v1"

    note: str
    response: str


@event_type
class WithdrawReply(Command, frozen=True, kw_only=True):
    """Take the answer back that nobody has reviewed yet (撤回答复)."""

    type: ClassVar[str] = "command.withdraw-reply.v1"

    reason: str


@event_type
class ExtendCase(Command, frozen=True, kw_only=True):
    """Ask for more time (延期)."""

    type: ClassVar[str] = "command.extend.v1"

    working_days: int
    reason: str


@event_type
class SuspendCase(Command, frozen=True, kw_only=True):
    """Ask to wait for something outside (挂起), until a day or a moment."""

    type: ClassVar[str] = "command.suspend.v1"

    reason: str
    basis: str = ""
    #: In ISO 8601: a day of the city, or a moment with its offset.
    until: str = ""


@event_type
class ResumeCase(Command, frozen=True, kw_only=True):
    """Go on with a suspended case."""

    type: ClassVar[str] = "command.resume.v1"


@event_type
class AskCitizen(Command, frozen=True, kw_only=True):
    """Ask the citizen for what is missing (补充材料), once."""

    type: ClassVar[str] = "command.ask.v1"

    text: str
    #: As in `SuspendCase`.
    until: str


@event_type
class PromiseDate(Command, frozen=True, kw_only=True):
    """Ask to promise the citizen a date (承诺办理)."""

    type: ClassVar[str] = "command.promise.v1"

    #: A day of the city, in ISO 8601.
    date: str
    reason: str
    basis: str
    plan: str


@event_type
class TellProgress(Command, frozen=True, kw_only=True):
    """Tell the citizen how far it is (进展告知)."""

    type: ClassVar[str] = "command.progress.v1"

    text: str


@event_type
class ReportBack(Command, frozen=True, kw_only=True):
    """Report back on a supervisor's order (督办回报)."""

    type: ClassVar[str] = "command.report-back.v1"

    text: str


@event_type
class CoHandleCase(Command, frozen=True, kw_only=True):
    """Ask other departments to support (协办)."""

    type: ClassVar[str] = "command.co-handle.v1"

    departments: tuple[DepartmentCode, ...]
    reason: str


@event_type
class AskPart(Command, frozen=True, kw_only=True):
    """Ask supporting departments for their part (协办事项)."""

    type: ClassVar[str] = "command.ask-part.v1"

    departments: tuple[DepartmentCode, ...]
    text: str
    #: As in `SuspendCase`; the rule's term where none is named.
    until: str | None = None


@event_type
class DoPart(Command, frozen=True, kw_only=True):
    """Contribute one's part (提交协办结果)."""

    type: ClassVar[str] = "command.part.v1"

    text: str


@event_type
class WithdrawPart(Command, frozen=True, kw_only=True):
    """Ask for a part no more."""

    type: ClassVar[str] = "command.withdraw-part.v1"

    departments: tuple[DepartmentCode, ...]
    reason: str


@event_type
class AttachFiles(Command, frozen=True, kw_only=True):
    """Add files to the case (上传材料), which were uploaded before: no byte of them goes over Kafka."""

    type: ClassVar[str] = "command.attach.v1"

    #: By the id that the upload got: the SHA-256 (hex) that it was answered with. Another file under that id is refused.
    files: dict[AttachmentId, str]
    #: Who may see them: `departments`, `citizen` with the answer, or `public` where it is published.
    audience: FileAudience = FileAudience.DEPARTMENTS


@event_type
class NoteOnCase(Command, frozen=True, kw_only=True):
    """Write something down, for the inside only."""

    type: ClassVar[str] = "command.note.v1"

    text: str


class WrongField(msgspec.Struct, frozen=True, kw_only=True):
    """One field of a command, or its header, that is missing or does not fit; why, in both languages."""

    field: str
    zh: str
    en: str


@event_type
class CommandAnswered(Event, frozen=True, kw_only=True):
    """On the department's topic: what became of its command. `version` is the case's now."""

    type: ClassVar[str] = "command.answered.v1"
    producer: ClassVar[str] = "handlers"

    #: Empty where the command had none that could be told.
    command_id: str
    ok: bool
    #: Where the case stands; None where the department may not see it.
    state: CaseState | None = None
    #: A refusal's code and HTTP status, as the API would have answered.
    code: str | None = None
    status: int | None = None
    zh: str | None = None
    en: str | None = None
    #: What may be done instead, where the action was not allowed.
    allowed_actions: tuple[str, ...] = ()
    #: Which fields are wrong, where the code is `bad-input`.
    errors: tuple[WrongField, ...] = ()
