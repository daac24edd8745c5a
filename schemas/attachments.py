"""What other slices ask of attachments, which intake keeps: an address for who may see a case; and what intake asks back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from schemas.http import Principal
from schemas.ids import AttachmentId, CaseId, DepartmentCode
from schemas.ports import Unit
from schemas.values import Attachment


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


def told_of(file: Attachment) -> ShownAttachment:
    """The file, as it is told of without an address."""
    return ShownAttachment(
        attachment_id=file.attachment_id,
        name=file.name,
        type=file.type,
        size=file.size,
        sha256=file.sha256,
        missing=file.missing,
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
