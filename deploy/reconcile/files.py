"""Files newer than a restored copy of Postgres: no row names them, and they still lie in the file store.

What was lost names them, with the hash of each (SHA-256), and by that they are known again.
"""

import hashlib
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from msgspec.structs import replace

from deploy import clock
from deploy.database.pool import Pool
from deploy.files.store import Files, files_of
from deploy.reconcile.deeds import LostDeed
from deploy.reconcile.fates import EventFate
from deploy.reconcile.submissions import Missing
from deploy.settings import Settings
from intake.core.files.attachments import KEPT_WAITING_FOR, clean_name, kind_of
from intake.store import attachments as store
from intake.store.attachments import THUMBNAIL, StoredFile
from schemas.event import Event
from schemas.events.commands import AttachFiles
from schemas.events.intake import CaseSupplemented
from schemas.ids import CaseId
from schemas.values import Attachment


class LostFile(NamedTuple):
    """A file that a case is to have, and of which Postgres knows nothing. Of a command's only id and hash are known."""

    case_id: CaseId
    file: Attachment
    #: When it was named.
    at: datetime


class FoundFile(NamedTuple):
    """A lost file, and where its bytes lie."""

    lost: LostFile
    blob: str


async def find_files(
    settings: Settings, pool: Pool, missing: Sequence[Missing], deeds: Sequence[LostDeed]
) -> tuple[Sequence[FoundFile], Sequence[LostFile]]:
    """Files that these messages and deeds name and no row speaks of: those that still lie there, and those that nobody has.

    Raises:
        Unavailable: the file store does not answer.
    """
    lost = await _unknown(pool, [*_of_messages(missing), *_of_deeds(deeds)])
    blobs = await _blobs_by_hash(files_of(settings), pool, lost)
    found: list[FoundFile] = []
    gone: list[LostFile] = []
    for each in lost:
        if there := blobs.get(each.file.sha256.lower()):
            found.append(FoundFile(each, there.pop()))
        else:
            gone.append(each)
    return found, gone


async def keep_again(settings: Settings, pool: Pool, found: Sequence[FoundFile]) -> None:
    """Each has its row again, and waits for what names it.

    Raises:
        Unavailable: the file store does not answer.
    """
    files, now = files_of(settings), clock.now()
    for lost, blob in found:
        if (opened := await files.open(blob)) is None:
            # Gone since it was found: registered as missing, as if it had never come.
            continue
        file = lost.file if lost.file.type else await _described(files, lost.file, opened[1])
        has_thumbnail = await files.open(blob + THUMBNAIL) is not None
        row = StoredFile(attachment=file, blob=blob, has_thumbnail=has_thumbnail)
        async with pool.acquire() as db, db.transaction():
            await store.keep_file(db, row, now)
            await store.name_files(db, [file.attachment_id], now, lost.case_id, now)


def _of_messages(missing: Sequence[Missing]) -> Sequence[LostFile]:
    return [LostFile(each.case_id, file, each.at) for each in missing for file in each.files]


def _of_deeds(deeds: Sequence[LostDeed]) -> Sequence[LostFile]:
    again = [deed.event for deed in deeds if deed.fate is EventFate.AGAIN]
    return [LostFile(event.case_id, file, event.at) for event in again for file in _named_in(event)]


def _named_in(event: Event) -> Sequence[Attachment]:
    if isinstance(event, CaseSupplemented):
        return event.attachments
    if isinstance(event, AttachFiles):
        return [Attachment(attachment_id=each, sha256=sha256) for each, sha256 in event.files.items()]
    return ()


async def _unknown(pool: Pool, named: Sequence[LostFile]) -> Sequence[LostFile]:
    """Each id once; what was missing when it was named nobody ever had."""
    once = {each.file.attachment_id: each for each in reversed(named) if not each.file.missing}
    async with pool.acquire() as db:
        known = await store.hashes_of_files(db, list(once))
    return [each for attachment_id, each in once.items() if attachment_id not in known]


async def _blobs_by_hash(files: Files, pool: Pool, lost: Sequence[LostFile]) -> Mapping[str, list[str]]:
    """Of those days: what no row speaks of, by the hash (hex) of its content."""
    found: dict[str, list[str]] = defaultdict(list)
    for day in _days([each.at for each in lost]):
        async for page in files.list_day(day):
            async with pool.acquire() as db:
                unknown = await store.unknown_blobs(db, page)
            for blob in unknown:
                if not blob.endswith(THUMBNAIL) and (sha256 := await _hash_of(files, blob)):
                    found[sha256].append(blob)
    return found


def _days(moments: Sequence[datetime]) -> Sequence[str]:
    """The folders that files lie in which were named at these moments, and may have waited for that."""
    if not moments:
        return ()
    first = (min(moments) - KEPT_WAITING_FOR).date()
    days = (max(moments).date() - first).days + 1
    return [f"{first + timedelta(days=day):%Y-%m-%d}" for day in range(days)]


async def _hash_of(files: Files, blob: str) -> str | None:
    """SHA-256 of the file that lies there; None where it went meanwhile."""
    opened = await files.open(blob)
    if opened is None:
        return None
    digest = hashlib.sha256()
    async for piece in opened[1]:
        digest.update(piece)
    return digest.hexdigest()


async def _described(files: Files, file: Attachment, chunks: AsyncIterator[bytes]) -> Attachment:
    """What a command does not say of its file, as far as the content tells it: not what it was called."""
    async with files.arriving(chunks) as arrived:
        kind = await files.off_loop(lambda: kind_of(arrived.file))
        size = arrived.size
    return (
        replace(file, size=size, type=kind.type, name=clean_name("", kind))
        if kind
        else replace(file, size=size)
    )
