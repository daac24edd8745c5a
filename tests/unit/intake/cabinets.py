"""A cabinet for tests: the real file store in a folder, and rows in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from pydantic import SecretStr

from deploy.files.clamd import Unscanned
from deploy.files.store import files_of
from deploy.settings import Settings
from intake.steps.filing import Cabinet
from intake.store.attachments import StoredFile
from schemas.ids import AttachmentId, CaseId, DepartmentCode
from schemas.ports import Unit
from schemas.values import Attachment


@dataclass
class Rows:
    """What Postgres would hold."""

    files: dict[AttachmentId, StoredFile] = field(default_factory=dict)

    async def keep(self, file: StoredFile, now: datetime, uploader: bytes | None) -> StoredFile:
        """The first of its id stands."""
        return self.files.setdefault(file.attachment.attachment_id, file)

    async def find(
        self, ids: Sequence[AttachmentId], since: datetime, case_id: CaseId | None = None
    ) -> Mapping[AttachmentId, Attachment] | None:
        """Those that are there."""
        return {each: self.files[each].attachment for each in ids if each in self.files}

    async def name(
        self, ids: Sequence[AttachmentId], since: datetime, case_id: CaseId, now: datetime
    ) -> Mapping[AttachmentId, Attachment] | None:
        """The same."""
        return await self.find(ids, since)

    async def contents(self, ids: Sequence[AttachmentId]) -> Mapping[AttachmentId, str] | None:
        """The hash of each that is there."""
        return {each: self.files[each].attachment.sha256 or "" for each in ids if each in self.files}

    async def waiting_bytes(self) -> int:
        """Nothing waits."""
        return 0

    async def waiting_bytes_of(self, uploader: bytes) -> int:
        """Nothing of theirs."""
        return 0


class _Everybody:
    async def may_see(self, unit: Unit, case_id: CaseId, department: DepartmentCode) -> bool:
        return True


def cabinet_in(folder: Path, *, most_files: int = 9) -> tuple[Cabinet, Rows]:
    """A cabinet whose files lie there, and what it holds."""
    rows = Rows()
    settings = Settings(attachments_directory=folder, secret_key=SecretStr(""))
    cabinet = Cabinet(
        files=files_of(settings),
        rows=rows,
        scanner=Unscanned(),
        access=_Everybody(),
        key=b"k" * 32,
        most_bytes=10_000,
        most_files=most_files,
        most_waiting_bytes=1_000_000,
    )
    return cabinet, rows
