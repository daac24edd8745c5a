"""Files: taken before their message, looked for when it comes, given to its case, and fetched by whoever may see that."""

import asyncio
import hashlib
import secrets
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import IO

import msgspec

from intake.core.attachments import (
    JPEG,
    NAMED_WITHIN,
    ONE_SHARE,
    STRANGERS_SHARE,
    FileKind,
    Ticket,
    WaitingFilesFull,
    attachment_id_of,
    clean_name,
    kind_of,
    kinds_in_words,
    uploader_of,
    uuid_of,
)
from intake.steps.filing import Arrived, FileRows, FileStore, Scanner
from intake.store import attachments as store
from intake.store.attachments import THUMBNAIL, StoredFile, blobs_of
from schemas.attachments import CaseAccess, ShownAttachment
from schemas.errors import BadInput, FieldError, NotFound, TooLarge, TooMany, TypeRefused, Unavailable
from schemas.http import File
from schemas.ids import AttachmentId, CaseId
from schemas.masking import declared_by, for_department
from schemas.ports import Unit
from schemas.values import Attachment, Contact
from schemas.words import Language, Role

#: Project choice: when there may be room again.
_AGAIN_SECONDS = 600
#: Between three tries to unpack a picture that nobody will send again (project choice): others are done within seconds.
_PAUSES_SECONDS = (1.0, 5.0)


class NoRoomToUnpack(Unavailable):
    """There was no memory to unpack a picture, which may be as good as any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cabinet:
    """What taking and giving out files depends on. `key`: signs tickets, and makes ids."""

    files: FileStore
    rows: FileRows
    scanner: Scanner
    access: CaseAccess
    key: bytes
    #: Of one file, of one message, and of all files whose message has not come.
    most_bytes: int
    most_files: int
    most_waiting_bytes: int
    entropy: Callable[[int], bytes] = secrets.token_bytes

    @property
    def most_of_one(self) -> int:
        """Of one stranger's files whose message has not come: one whole message at least."""
        return max(round(ONE_SHARE * self.most_waiting_bytes), self.most_files * self.most_bytes)


async def take_file(
    cabinet: Cabinet,
    chunks: AsyncIterator[bytes],
    *,
    name: str,
    key: str | None,
    now: datetime,
    language: Language = Language.ZH,
    stranger: str | None = None,
) -> Attachment:
    """Keep a file until its message comes. The same file with the same idempotency key is one attachment.

    `stranger`: where it comes from, empty where nobody knows; None: from us, or from who has a right of their own.

    Raises:
        TooMany: too much of theirs waits already.
        TooLarge: more bytes than a file may have; reading stops there.
        TypeRefused: none of the kinds that are taken, by its content.
        BadInput: empty, a broken or monstrous picture, or infected.
        NoRoomToUnpack, Unavailable: nothing was kept.
    """
    await _ensure_room(cabinet, stranger)
    limited = _at_most(cabinet.most_bytes, chunks)
    async with cabinet.files.arriving(limited) as arrived:
        async with cabinet.files.turn():
            kind = await _looked_into(cabinet, arrived, language)
        await _ensure_room(cabinet, stranger, arrived.size)
        # Numbers that are somebody's go at once; names once it is known whose the message is.
        called = for_department(clean_name(name, kind))
        found = _id(cabinet, key, arrived.sha256, called)
        uploader = uploader_of(cabinet.key, stranger or "")
        return await _keep(cabinet, arrived, kind, found, called, now, uploader)


async def _looked_into(cabinet: Cabinet, arrived: Arrived, language: Language) -> FileKind:
    """Its kind, which is one that is taken.

    Raises:
        TypeRefused, BadInput, Unavailable: as `take_file`.
    """
    kind = await cabinet.files.off_loop(lambda: kind_of(arrived.file))
    if arrived.size == 0:
        raise _refused("文件是空的。", "The file is empty.")
    if kind is None:
        raise TypeRefused(kinds=kinds_in_words(language))
    if await cabinet.scanner.finds(arrived.file):
        raise _refused("这个文件没有通过病毒检查。", "A virus was found in this file.")
    return kind


async def take_enclosed(
    cabinet: Cabinet, pieces: Callable[[], AsyncIterator[bytes]], *, name: str, key: str, now: datetime
) -> Attachment:
    """As `take_file`, of what came with a message that nobody sends again, and that is not to wait for ever.

    Raises:
        BadInput: as there; or a picture for which there was no memory at three tries.
        Refused, Unavailable: as there.
    """
    pauses = iter(_PAUSES_SECONDS)
    while True:
        try:
            return await take_file(cabinet, pieces(), name=name, key=key, now=now)
        except NoRoomToUnpack as error:
            pause = next(pauses, None)
            if pause is None:
                raise _refused(
                    "没有足够的内存读取这张图片。", "There is not enough memory to read this picture."
                ) from error
        await asyncio.sleep(pause)


async def _ensure_room(cabinet: Cabinet, stranger: str | None, size: int = 0) -> None:
    """Strangers leave room for everybody else, and each for the others; see `take_file`."""
    uploader = uploader_of(cabinet.key, stranger or "")
    if uploader is not None and await cabinet.rows.waiting_bytes_of(uploader) + size > cabinet.most_of_one:
        raise TooMany(retry_after_seconds=_AGAIN_SECONDS)
    share = 1.0 if stranger is None else STRANGERS_SHARE
    if await cabinet.rows.waiting_bytes() + size > share * cabinet.most_waiting_bytes:
        raise WaitingFilesFull("attachments", retry_after_seconds=_AGAIN_SECONDS)


async def _at_most(limit: int, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    size = 0
    async for chunk in chunks:
        size += len(chunk)
        if size > limit:
            raise TooLarge(limit=limit)
        yield chunk


def _id(cabinet: Cabinet, key: str | None, sha256: bytes, name: str) -> AttachmentId:
    if key is None:
        return uuid_of(cabinet.entropy(16).hex())
    return attachment_id_of(cabinet.key, key, sha256, name)


async def _keep(
    cabinet: Cabinet,
    arrived: Arrived,
    kind: FileKind,
    attachment_id: AttachmentId,
    name: str,
    now: datetime,
    uploader: bytes | None,
) -> Attachment:
    """First the bytes, then the row: a row never speaks of what is not there."""
    blob = f"{now:%Y-%m-%d}/{cabinet.entropy(16).hex()}"
    size, sha256 = arrived.size, arrived.sha256
    standing = None
    try:
        if kind.is_picture:
            size, sha256 = await _keep_picture(cabinet, blob, arrived.file, kind)
        else:
            async with cabinet.files.turn():
                await cabinet.files.keep(blob, arrived.file)
        attachment = Attachment(
            attachment_id=attachment_id, name=name, type=kind.type, size=size, sha256=sha256.hex()
        )
        file = StoredFile(attachment=attachment, blob=blob, has_thumbnail=kind.is_picture)
        standing = await cabinet.rows.keep(file, now, uploader)
    finally:
        if standing is None or standing.blob != blob:
            await cabinet.files.forget(blobs_of(blob, has_thumbnail=True))
    return standing.attachment


async def _keep_picture(cabinet: Cabinet, blob: str, file: IO[bytes], kind: FileKind) -> tuple[int, bytes]:
    # Here: who only hears of messages takes no pictures, and starts without Pillow.
    from intake.core.pictures import MOST_PIXELS, BrokenPicture, TooManyPixels, pixels_of

    try:
        async with cabinet.files.turn():
            pixels = await cabinet.files.off_loop(lambda: pixels_of(file, kind))
        async with cabinet.files.unpacking(pixels):
            return await _keep_made_anew(cabinet, blob, file, kind)
    except TooManyPixels as error:
        raise _refused_for_pixels(kind, MOST_PIXELS[kind]) from error
    except BrokenPicture as error:
        raise _refused(
            "这张图片已损坏，无法读取。", "This picture is damaged, and cannot be read."
        ) from error
    except MemoryError as error:
        # It is taken when others are done with, if there ever is room for it.
        raise NoRoomToUnpack("attachments") from error


async def _keep_made_anew(cabinet: Cabinet, blob: str, file: IO[bytes], kind: FileKind) -> tuple[int, bytes]:
    from intake.core.pictures import made_anew

    picture = await cabinet.files.off_loop(lambda: made_anew(file, kind))
    await cabinet.files.keep(blob, BytesIO(picture.body))
    await cabinet.files.keep(blob + THUMBNAIL, BytesIO(picture.thumbnail))
    return len(picture.body), hashlib.sha256(picture.body).digest()


def _refused_for_pixels(kind: FileKind, most: int) -> BadInput:
    return _refused(
        f"这张图片过大：{kind.zh}最多 {most // 10_000} 万像素。请缩小后再上传。",
        f"This picture is too large: {kind.en} may have at most {most // 1_000_000} million pixels. Make it smaller first.",
    )


def _refused(zh: str, en: str) -> BadInput:
    return BadInput([FieldError("file", zh, en)])


async def waiting_files(
    cabinet: Cabinet, unit: Unit | None, ids: Sequence[AttachmentId], since: datetime
) -> Mapping[AttachmentId, Attachment] | None:
    """Those that were uploaded since then; None where nobody can say in time.

    Whoever has a `unit` asks for no other connection: many at once would wait for one another.
    """
    return await (store.find_files(unit.db, ids, since) if unit else cabinet.rows.find(ids, since))


async def named_files(
    cabinet: Cabinet, ids: Sequence[AttachmentId], case_id: CaseId, now: datetime
) -> tuple[Attachment, ...]:
    """What is known of the files that a message names; with Postgres away their ids, and registration finds out.

    `case_id`: the message's, which has them already where it is sent again.

    Raises:
        BadInput: too many, or one that was never uploaded, too long ago, or for another case.
    """
    if len(ids) > cabinet.most_files:
        raise BadInput([too_many(cabinet.most_files, len(ids))])
    known = await cabinet.rows.name(ids, now - NAMED_WITHIN, case_id, now) if ids else {}
    if known is None:
        return tuple(Attachment(attachment_id=each) for each in ids)
    unknown = [place for place, each in enumerate(ids, start=1) if each not in known]
    if unknown:
        raise BadInput([not_there(place) for place in unknown])
    return tuple(known[each] for each in ids)


def too_many(most: int, given: int) -> FieldError:
    """What is said to whoever names more files than go together."""
    return FieldError(
        "attachments",
        f"最多 {most} 个附件，现有 {given} 个。",
        f"At most {most} attachments; there are {given}.",
    )


def not_there(place: int) -> FieldError:
    """What is said of a file that nobody uploaded, or too long ago: the how manieth that is named."""
    return FieldError(
        "attachments",
        f"第 {place} 个附件不存在或已过期，请重新上传。",
        f"Attachment {place} does not exist, or is too old; please upload it again.",
    )


async def attach(
    unit: Unit, messages: Sequence[tuple[CaseId, Sequence[Attachment], Contact | None, datetime]]
) -> Mapping[CaseId, tuple[Attachment, ...]]:
    """Give each new case the files that its message names; what is told of them, masked, and which are missing.

    A file that another case has is missing: its id may have been read there. Of two messages the first gets it.

    `messages`: case, files, whoever sent it, and when it was accepted.
    """
    ids = sorted({file.attachment_id for _, files, _, _ in messages for file in files})
    held = {**await store.hold_files(unit.db, ids)}
    told: dict[CaseId, tuple[Attachment, ...]] = {}
    for case_id, files, contact, accepted_at in messages:
        if files:
            told[case_id] = tuple(_told(file, held, contact, accepted_at) for file in files)
            for file in files:
                held.pop(file.attachment_id, None)
    rows = [(case_id, place, file) for case_id, files in told.items() for place, file in enumerate(files)]
    await store.attach_files(unit.db, rows, unit.now)
    return told


def _told(
    named: Attachment,
    held: Mapping[AttachmentId, tuple[Attachment, datetime]],
    contact: Contact | None,
    accepted_at: datetime,
) -> Attachment:
    """The file as others are told of it; an id that somebody finds days later opens nothing."""
    file, uploaded_at = held.get(named.attachment_id, (None, accepted_at))
    if file is None or accepted_at - uploaded_at > NAMED_WITHIN:
        return Attachment(attachment_id=named.attachment_id, missing=True)
    return msgspec.structs.replace(file, name=for_department(file.name, declared_by(contact)))


async def files_of_case(unit: Unit, case_id: CaseId) -> tuple[ShownAttachment, ...]:
    """The files that a case's citizen sees, in the order in which they came."""
    return await store.citizens_files(unit.db, case_id)


async def open_file(cabinet: Cabinet, unit: Unit, ticket: Ticket) -> File:
    """The file that the ticket is for, while whoever holds it may see the case.

    Raises:
        NotFound: not any more, or the file is gone.
    """
    is_citizen = ticket.role is Role.CITIZEN
    found = await store.file_of(unit.db, ticket.case_id, ticket.attachment_id, for_citizen=is_citizen)
    if found is None or not await _may_see(cabinet, unit, ticket):
        raise NotFound
    return await opened_file(cabinet, found, is_thumbnail=ticket.is_thumbnail)


async def opened_file(cabinet: Cabinet, found: StoredFile, *, is_thumbnail: bool) -> File:
    """The file itself, for somebody who may see it, or the small picture of it.

    Raises:
        NotFound: its bytes are gone.
    """
    is_small = is_thumbnail and found.has_thumbnail
    opened = await cabinet.files.open(found.blob + THUMBNAIL if is_small else found.blob)
    if opened is None:
        raise NotFound
    size, chunks = opened
    content_type = JPEG.type if is_small else found.attachment.type
    return File(chunks=chunks, size=size, content_type=content_type, filename=found.attachment.name)


async def _may_see(cabinet: Cabinet, unit: Unit, ticket: Ticket) -> bool:
    """Its citizen always may, and dispatchers and supervisors see every case; a department those that it has now."""
    if ticket.role is not Role.DEPARTMENT:
        return True
    department = ticket.viewer.own_department
    return await cabinet.access.may_see(unit, ticket.case_id, department)
