"""Rows that were sent before, whichever file they stood in: the database remembers what each is known by."""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

import msgspec

from intake.core.draft import Draft, content_digest
from intake.core.keys import IntakeKeys
from schemas.errors import FieldError
from schemas.ids import CaseId

#: Why a row is not sent that was sent with another list.
SENT_BEFORE = FieldError(
    "",
    "此行已随另一份表格（或用另一来源、渠道）导入过，或那次导入尚未完成；未再发送。确要再立一件，请用 --again 导入本文件",
    "this row was sent before, with another list (or another source or channel), or that import has not come to its end; "
    "it was not sent again. To make another case of it, import this file with --again",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRow:
    """A row of a list and what it is known by, in whatever list it stands."""

    #: The case that its message becomes, without the files that it names; one that had the same before is not another.
    case_id: CaseId
    #: Keyed hashes of all that it says, and of what stays where a list is exported anew.
    hashes: Sequence[bytes]
    #: The same under former master secrets.
    former_hashes: Sequence[bytes]


class SentRows(Protocol):
    """The rows of all lists that were sent."""

    async def claim(self, list_hash: bytes, rows: Sequence[KnownRow]) -> Collection[CaseId]:
        """Note, committed before this returns, that the list sends these rows; which of them another list sent before.

        Raises:
            Unavailable: the database is away.
        """
        ...


def row_of(draft: Draft, case_id: CaseId, keys: IntakeKeys) -> KnownRow:
    """What a row's message is known by, wherever it stands and whichever release reads it."""
    digests = (bytes.fromhex(content_digest(draft)), _lasting_digest(draft))
    return KnownRow(
        case_id=case_id,
        hashes=[keys.keyed(digest) for digest in digests],
        former_hashes=[each.keyed(digest) for each in keys.previous for digest in digests],
    )


def _lasting_digest(draft: Draft) -> bytes:
    """Of the number, the day and the text: other cells may be corrected, and columns be added; numbers may count anew each
    day. A row without a number is told from others of its text by its title, telephone and time."""
    said: list[object] = [draft.external_id, "".join(draft.text.split())]
    if draft.external_id is not None:
        said.append(draft.said_at.date().isoformat() if draft.said_at else None)
    else:
        phone = draft.contact.phone if draft.contact else None
        said += [None if draft.has_made_title else draft.title, phone, draft.said_at]
    return hashlib.sha256(msgspec.json.encode(said)).digest()
