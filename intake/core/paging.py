"""Where a list goes on: opaque to the reader, a position in the index for us."""

import base64
import binascii
from datetime import datetime
from uuid import UUID

from schemas.errors import BadInput, FieldError
from schemas.ids import CaseId


def cursor_after(at: datetime, case_id: CaseId) -> str:
    """The place behind this row."""
    return base64.urlsafe_b64encode(f"{at.isoformat()}|{case_id}".encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> tuple[datetime, CaseId]:
    """The row that a page ended with.

    Raises:
        BadInput: not a cursor of ours.
    """
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars="-_", validate=True).decode()
        moment, _, case_id = text.partition("|")
        at = datetime.fromisoformat(moment)
        if at.tzinfo is None:
            raise ValueError(moment)
        return at, CaseId(str(UUID(case_id)))
    except (ValueError, binascii.Error) as error:
        raise BadInput([FieldError("cursor", "翻页标记无效。", "Not a cursor of ours.")]) from error
