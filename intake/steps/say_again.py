"""Say once more that a case was registered: to whoever lost the event."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec.structs import replace

from intake.core.contacts.contact_words import words_beside
from intake.core.keys import IntakeKeys
from intake.core.sealing import contact_in, is_reachable
from intake.core.wording import simplified
from intake.store import reconciling as store
from intake.store.attachments import files_of
from schemas.events.intake import CaseRegistered
from schemas.ids import CaseId
from schemas.ports import Unit
from schemas.values import Attachment, Place, SameMatter
from schemas.words import Channel, Kind, ReviewKind

#: Since when a dispatcher has a case once more, and what they decide.
Anew = Mapping[CaseId, tuple[datetime, ReviewKind]]


async def say_registered_again(
    unit: Unit, case_ids: Sequence[CaseId], *, keys: IntakeKeys, anew: Anew | None = None
) -> None:
    """Emit the registration of these cases once more; a slice that knows a case ignores it.

    `anew`: those of them that a dispatcher has once more: whoever lost their clocks starts them from that moment.

    Raises:
        DataRefused: what is sealed cannot be read with these keys.
    """
    files = await files_of(unit.db, case_ids)
    for row in await store.as_registered(unit.db, case_ids):
        unit.emit(_since(_registered(row, keys, files), anew or {}))


def _since(event: CaseRegistered, anew: Anew) -> CaseRegistered:
    since, what_for = anew.get(event.case_id, (None, None))
    return replace(event, waits_since=since, waits_for=what_for)


def _registered(row: Any, keys: IntakeKeys, files: Mapping[CaseId, tuple[Attachment, ...]]) -> CaseRegistered:
    case_id = CaseId(str(row["case_id"]))
    return CaseRegistered(
        case_id=case_id,
        version=1,
        at=row["registered_at"],
        tracking_code=row["tracking_code"],
        channel=Channel(row["channel"]),
        received_at=row["received_at"],
        kind=None if row["kind"] is None else Kind(row["kind"]),
        title=row["title"],
        text=row["text"],
        simplified=simplified(f"{row['title']}\n{row['text']}"),
        place=_place(row),
        beside=words_beside(contact_in(keys, case_id, row["sealed"])),
        attachments=files.get(case_id, ()),
        has_contact=is_reachable(keys, case_id, row["sealed"]),
        confidential=row["confidential"],
        publish=row["publish"],
        me_too=_same(row),
        same_as=row["same_as"],
        of_old_list=row["of_old_list"],
    )


def _same(row: Any) -> SameMatter | None:
    """The matter that the message joined; as told in own words, which is not kept: then a dispatcher looks at it."""
    if row["same_as"] is None:
        return None
    return SameMatter(case_id=row["matter"], tracking_code=row["same_as"], in_own_words=True)


def _place(row: Any) -> Place | None:
    known = {"address": row["place_address"], "longitude": row["longitude"], "latitude": row["latitude"]}
    return None if set(known.values()) == {None} else Place(**known)
