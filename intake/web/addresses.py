"""Addresses of files: signed, short-lived, and made for one viewer of one case."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import msgspec

from intake.core.files.attachments import TICKET_KEPT_FOR, Ticket, holder_of, signed
from schemas.attachments import ShownAttachment, told_of
from schemas.http import Call, Principal
from schemas.ids import CaseId
from schemas.values import Attachment

PATH = "/api/v1/attachments"


def holders_of(call: Call, key: bytes) -> tuple[str, ...]:
    """What a citizen's ticket may say of whoever sent this: they know the case's access code, or it is their browser."""
    code = "".join(filter(str.isalnum, call.headers.get("access-code", ""))).upper()
    secrets = (f"code {code}" if code else "", f"browser {call.browser}" if call.browser else "")
    return tuple(holder_of(secret, key) for secret in secrets if secret)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedAddresses:
    """`schemas.attachments.Addresses` with the key that only this server has."""

    key: bytes = field(repr=False)

    def shown(
        self,
        attachments: Sequence[Attachment | ShownAttachment],
        case_id: CaseId,
        viewer: Principal,
        now: datetime,
        holder: str = "",
    ) -> tuple[ShownAttachment, ...]:
        """Each file with an address on this server; what is missing has none. `holder`: see `Ticket`."""
        return tuple(self._shown(file, case_id, viewer, now, holder) for file in attachments)

    def _shown(
        self,
        file: Attachment | ShownAttachment,
        case_id: CaseId,
        viewer: Principal,
        now: datetime,
        holder: str,
    ) -> ShownAttachment:
        told = file if isinstance(file, ShownAttachment) else told_of(file)
        if told.missing:
            return told
        facts = {
            "attachment_id": told.attachment_id,
            "case_id": case_id,
            "ends": int((now + TICKET_KEPT_FOR).timestamp()),
            "role": viewer.role,
            "name": viewer.name,
            "department": viewer.department,
            "holder": holder,
        }
        small = self._address(facts, is_thumbnail=True) if told.type.startswith("image/") else None
        return msgspec.structs.replace(
            told, url=self._address(facts, is_thumbnail=False), thumbnail_url=small
        )

    def _address(self, facts: dict[str, Any], *, is_thumbnail: bool) -> str:
        ticket = Ticket(**facts, is_thumbnail=is_thumbnail)
        return f"{PATH}/{ticket.attachment_id}?ticket={signed(ticket, self.key)}"
