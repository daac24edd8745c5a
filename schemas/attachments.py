"""What other slices ask of attachments, which intake keeps: an address for who may see a case; and what intake asks back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import msgspec

from schemas.http import Call, File, Principal
from schemas.ids import AttachmentId, CaseId, DepartmentCode
from schemas.ports import Unit
from schemas.values import Attachment
from schemas.words import FileAudience


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicFile(File):
    """A file that everybody may see: browsers keep it under `etag`, never another's, and ask each time if they still may."""

    etag: str


class ShownAttachment(msgspec.Struct, frozen=True, kw_only=True):
    """A file of a case as somebody who may see the case is told of it. `url`, None where it is missing: see `Addresses`."""

    attachment_id: AttachmentId
    name: str
    type: str
    size: int
    sha256: str
    missing: bool = False
    url: str | None = None
    #: A small picture of it, where it is a picture.
    thumbnail_url: str | None = None
    #: When it was added to the case; None where it came with the message.
    added_at: datetime | None = None
    #: Whose it is, where it is a department's.
    department: DepartmentCode | None = None
    #: A department's: who may see it.
    audience: FileAudience | None = None
    #: A citizen's own picture: whether they let everybody see it beside a published answer.
    publish: bool | None = None


def told_of(file: Attachment, **more: Any) -> ShownAttachment:
    """The file, as it is told of without an address; `more`: what else is known of it."""
    return ShownAttachment(
        attachment_id=file.attachment_id,
        name=file.name,
        type=file.type,
        size=file.size,
        sha256=file.sha256,
        missing=file.missing,
        **more,
    )


class Addresses(Protocol):
    """Signs the addresses that files are fetched from."""

    def shown(
        self,
        attachments: Sequence[Attachment | ShownAttachment],
        case_id: CaseId,
        viewer: Principal,
        now: datetime,
    ) -> tuple[ShownAttachment, ...]:
        """The files with addresses on this server, good for some minutes and for `viewer`, who gets them with the case.

        The caller has checked that `viewer` may see the case. It is checked again when a file is fetched, by nobody but
        `viewer`, and the view is written down then as theirs.
        """
        ...


class CaseAccess(Protocol):
    """Whether a department may see a case at this moment: the slice that has the cases of departments answers."""

    async def may_see(self, unit: Unit, case_id: CaseId, department: DepartmentCode) -> bool:
        """False also where there is no such case: it was never theirs, is not any more, or accuses them."""
        ...


class NamedFiles(Protocol):
    """Files that departments' systems name on Kafka, and that intake keeps."""

    async def give(
        self,
        unit: Unit,
        case_id: CaseId,
        department: DepartmentCode,
        hashes: Mapping[AttachmentId, str],
        *,
        pictures_only: bool,
    ) -> tuple[Attachment, ...]:
        """As `CaseFiles.give`; `hashes`: the SHA-256 (hex) that each file must have. Where it raises, nothing was given."""
        ...


class CaseFiles(Protocol):
    """Files that departments add to their cases, which intake keeps."""

    @property
    def most_bytes(self) -> int:
        """How many bytes a form with files may have; none where no files are taken."""
        ...

    async def keep(self, call: Call) -> None:
        """Keep the files that a form brought, and name them in it; for `Route.before`."""
        ...

    async def offer(self, unit: Unit, form: Mapping[str, str]) -> Mapping[str, Any]:
        """What a form's page says of files; see `site/attachments.html`."""
        ...

    async def give(
        self, unit: Unit, case_id: CaseId, department: DepartmentCode, ids: Sequence[AttachmentId]
    ) -> tuple[Attachment, ...]:
        """Give the case these files, which no other case has; for departments alone, until an answer brings them.

        The caller has checked that the department may add some. Raises `BadInput`, `Unavailable`.
        """
        ...

    async def narrow(
        self, unit: Unit, case_id: CaseId, attachment_id: AttachmentId, audience: FileAudience
    ) -> None:
        """Let nobody see the department's file from now on who is not in `audience`; nobody gets to see it by that."""
        ...
