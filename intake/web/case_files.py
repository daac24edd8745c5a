"""Files of departments, for the slice that has the desk: see `schemas.attachments.CaseFiles`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from intake.steps.enclose import enclose, narrow_file
from intake.web import uploads
from intake.web.dependencies import Dependencies
from schemas.http import Call
from schemas.ids import AttachmentId, CaseId, DepartmentCode
from schemas.ports import Unit
from schemas.values import Attachment
from schemas.words import FileAudience


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptCaseFiles:
    """The same cabinet that citizens' files lie in."""

    dependencies: Dependencies

    @property
    def most_bytes(self) -> int:
        """As `CaseFiles.most_bytes`, of a form with files."""
        return uploads.most_bytes(self.dependencies)

    async def keep(self, call: Call) -> None:
        """What a form brought, before its transaction is open."""
        call.form, call.refusal = await uploads.with_files(call, self.dependencies)

    async def offer(self, unit: Unit, form: Mapping[str, str]) -> Mapping[str, Any]:
        """As `CaseFiles.offer`, in the words of citizens' pages."""
        return await uploads.offered(self.dependencies, form, unit)

    async def give(
        self, unit: Unit, case_id: CaseId, department: DepartmentCode, ids: Sequence[AttachmentId]
    ) -> tuple[Attachment, ...]:
        """In the transaction of whoever logs it."""
        cabinet = self.dependencies.cabinet
        most = cabinet.most_files if cabinet else None
        return await enclose(unit, most, case_id, ids, department=department)

    async def narrow(
        self, unit: Unit, _case_id: CaseId, attachment_id: AttachmentId, audience: FileAudience
    ) -> None:
        """As the other methods: in the transaction of `unit`."""
        await narrow_file(unit, attachment_id, audience)
