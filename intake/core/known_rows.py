"""Recognises rows that were imported before, from whichever file, by keyed hashes in the database."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import msgspec

from intake.core.accepting import Envelope
from intake.core.codes import Codes, access_code_of, derive, seed
from intake.core.draft import Draft, content_digest
from intake.core.keys import IntakeKeys
from schemas.errors import FieldError
from schemas.ids import CaseId, TrackingCode
from schemas.values import ListRow

#: Why a row is not sent that was sent with another list.
SENT_BEFORE = FieldError(
    "",
    "此行已随另一份表格（或用另一来源、渠道）导入过，或那次导入尚未完成；未再发送。确要再立一件，请用 --again 导入本文件",
    "this row was sent before, with another list (or another source or channel), or that import has not come to its end; "
    "it was not sent again. To make another case of it, import this file with --again",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownRow:
    """A row of an imported list, and the hashes that identify it in any list."""

    #: Of the case that its message becomes, whatever becomes of the files that it names.
    codes: Codes
    #: Keyed hashes of all that it says: under the present master secret, then under former ones, then as it was read before.
    whole: Sequence[bytes]
    #: The same of what stays where a list is exported anew.
    lasting: Sequence[bytes]
    names_files: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RowNote:
    """What another list noted of a row."""

    hash: bytes
    case_id: CaseId
    #: None: noted by a release that did not keep it.
    tracking_code: TrackingCode | None
    #: The row that was sent as this case since; see `claim`.
    taken_by: CaseId | None
    is_registered: bool


class SentRows(Protocol):
    """The rows of all lists that were sent."""

    async def note(self, list_hash: bytes, rows: Sequence[KnownRow]) -> None:
        """Note, committed before this returns, that the list sends these rows, whoever sent them before.

        Raises:
            Unavailable: the database is away.
        """
        ...

    async def claim(self, list_hash: bytes, rows: Sequence[KnownRow]) -> Mapping[CaseId, RowNote | None]:
        """As `note`; by the case of each row that another list sends, or that this one sent under codes that nobody knows:
        what it is sent as, or None where it is not.

        What another list noted and nobody registered may have been sent or not. Sent once more as that very case, by one row
        alone, it is one case either way.
        """
        ...


def row_of(
    draft: Draft, envelope: Envelope, keys: IntakeKeys, *, names_files: bool, before: Draft | None = None
) -> KnownRow:
    """What a row's message is known by, wherever it stands and whichever release reads it, before its files are there.

    `before`: as earlier releases read it, where that differs. They noted it by that, and made its codes of it.
    """
    readings = [draft] if before is None else [draft, before]
    wholes = [content_digest(each) for each in readings]
    lasting = [_lasting_digest(each) for each in readings]
    named = seed(
        envelope.sender, external_id=draft.external_id, key=envelope.key, content=wholes[-1], entropy=b""
    )
    return KnownRow(
        codes=derive(keys.code_secret, named),
        whole=[each.keyed(bytes.fromhex(content)) for content in wholes for each in keys.all],
        lasting=[each.keyed(digest) for digest in lasting for each in keys.all],
        names_files=names_files,
    )


def noted_elsewhere(row: KnownRow, notes: Mapping[bytes, RowNote]) -> RowNote | None:
    """What was noted of the row under another case: first what is a case, then by whoever says all the same.

    A list notes also what it does not send: where the row is known by what lasts, its other hash stands for no case.
    """
    found = [notes[each] for each in (*row.whole, *row.lasting) if each in notes]
    if not found or _is_own(row, found[0]):
        return None
    note = next((each for each in found if each.is_registered), found[0])
    return None if _is_own(row, note) else note


def _is_own(row: KnownRow, note: RowNote) -> bool:
    """Whether the row's message becomes the case of that note. A release that kept no codes sent a row that names files
    under such as followed from these files, too, whatever it noted."""
    is_known = note.tracking_code is not None or note.is_registered or not row.names_files
    return is_known and note.case_id == row.codes.case_id


def may_be_taken(row: KnownRow, note: RowNote) -> bool:
    """Whether the row may be sent as the case of that note: it says all the same, and there is no case yet, or its own."""
    is_open = not note.is_registered or note.taken_by == row.codes.case_id
    return is_open and note.hash in row.whole and note.tracking_code is not None


def codes_of(row: KnownRow, claimed: Mapping[CaseId, RowNote | None], keys: IntakeKeys) -> Codes | None:
    """The codes that a row is sent under, its own or those that another list began to send it under; None: it is not sent.

    `claimed`: as `SentRows.claim` answers.
    """
    if row.codes.case_id not in claimed:
        return row.codes
    note = claimed[row.codes.case_id]
    if note is None or note.tracking_code is None:
        return None
    access_code = access_code_of(keys.code_secret, note.tracking_code)
    return Codes(case_id=note.case_id, tracking_code=note.tracking_code, access_code=access_code)


def listed(row: KnownRow, list_hash: bytes) -> ListRow:
    """What the message says of it: whoever registers it notes the same."""
    hashes = (row.whole[0].hex(), row.lasting[0].hex())
    return ListRow(list_hash=list_hash.hex(), hashes=hashes)


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
