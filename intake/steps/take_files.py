"""Takes a file before its message: checked, cleaned if it is a picture, and kept until a message names it."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from io import BytesIO
from typing import IO

from intake.core.files.active_content import CannotBeRead, is_active
from intake.core.files.archives import is_bomb
from intake.core.files.attachments import (
    DOCX,
    STRANGERS_SHARE,
    XLSX,
    FileKind,
    WaitingFilesFull,
    attachment_id_of,
    clean_name,
    is_telephone_picture,
    kind_of,
    kinds_in_words,
    needs_password,
    uploader_of,
    uuid_of,
)
from intake.steps.filing import Arrived, Cabinet
from intake.store.attachments import THUMBNAIL, StoredFile, blobs_of
from schemas.errors import (
    BadInput,
    FieldError,
    TelephonePictureRefused,
    TooLarge,
    TooMany,
    TypeRefused,
    Unavailable,
)
from schemas.ids import AttachmentId
from schemas.masking import for_department
from schemas.values import Attachment
from schemas.words import Language

#: Project choice: when there may be room again.
_AGAIN_SECONDS = 600


#: Between three tries to unpack a picture that nobody will send again (project choice): others are done within seconds.
_PAUSES_SECONDS = (1.0, 5.0)


class NoRoomToUnpack(Unavailable):
    """There was no memory to unpack a picture, which may be as good as any."""


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
        written = clean_name(name, kind)
        # Numbers and names are masked at once; those the citizen declares once it is known whose the message is.
        called = for_department(written)
        found = await _id(cabinet, key, arrived.sha256, written, called)
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
        if await cabinet.files.off_loop(lambda: needs_password(arrived.file)):
            raise _refused(
                "这个文件设了打开密码，我们打不开，不能接收。请去掉密码后再上传。",
                "This file opens with a password only, which we do not have. Save it without one, and send that.",
            )
        refusal = TelephonePictureRefused if is_telephone_picture(arrived.file) else TypeRefused
        raise refusal(kinds=kinds_in_words(language))
    if kind in (DOCX, XLSX) and await cabinet.files.off_loop(lambda: is_bomb(arrived.file)):
        raise _refused(
            "这个文件展开后大得不正常，打开它的电脑可能会停住，不能接收。请另存为新文件，或打印成 PDF 再上传。",
            "Unpacked, this file is so large that it may halt whatever computer opens it. Save it anew, or print it to "
            "a PDF, and send that.",
        )
    if await _would_act(cabinet, arrived, kind):
        raise _refused(
            "这个文件打开时会从别处加载内容或运行程序，不能接收。请另存为不含链接图片、模板和脚本的文件，"
            "或打印成新的 PDF 再上传。",
            "When opened, this file would load something from elsewhere, or run. Save it without linked pictures, templates "
            "and scripts, or print it to a new PDF, and send that.",
        )
    if await cabinet.scanner.finds(arrived.file):
        raise _refused("这个文件没有通过病毒检查。", "A virus was found in this file.")
    return kind


async def _would_act(cabinet: Cabinet, arrived: Arrived, kind: FileKind) -> bool:
    try:
        return await cabinet.files.off_loop(lambda: is_active(arrived.file, kind))
    except CannotBeRead as error:
        raise _refused(
            "这个 PDF 加了密（例如设了密码或限制了权限），或已损坏，无法检查，不能接收。请去掉密码和限制，"
            "或打印成新的 PDF 再上传。",
            "This PDF is encrypted (it has a password, or forbids something, say) or damaged, and cannot be looked through. "
            "Take that away, or print it to a new PDF, and send that.",
        ) from error


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


async def _id(cabinet: Cabinet, key: str | None, sha256: bytes, written: str, called: str) -> AttachmentId:
    """Of what comes again the id that it got, under a former secret too: its message is known by it.

    Made of the name as it was written, which no masker changes; files of releases before have one of the masked name.

    Raises:
        Unavailable: nobody can say whether it came before.
    """
    if key is None:
        return uuid_of(cabinet.entropy(16).hex())
    now, *before = (
        attachment_id_of(secret, key, sha256, name)
        for secret in (cabinet.key, *cabinet.former_keys)
        for name in dict.fromkeys((written, called))
    )
    known = await cabinet.rows.contents([now, *before]) if before else {}
    if known is None:
        raise Unavailable("attachments")
    return next(filter(known.__contains__, before), now)


async def _keep(
    cabinet: Cabinet,
    arrived: Arrived,
    kind: FileKind,
    attachment_id: AttachmentId,
    name: str,
    now: datetime,
    uploader: bytes | None,
) -> Attachment:
    """First the bytes, then the row: a row never speaks of what is not there.

    Where nobody knows whether the row is kept, the bytes stay: the sweeper finds those that no row speaks of.
    """
    blob = f"{now:%Y-%m-%d}/{cabinet.entropy(16).hex()}"
    size, sha256 = arrived.size, arrived.sha256
    is_needed = False
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
        is_needed = True
        standing = await cabinet.rows.keep(file, now, uploader)
        is_needed = standing.blob == blob
    finally:
        if not is_needed:
            await cabinet.files.forget(blobs_of(blob, has_thumbnail=True))
    return standing.attachment


async def _keep_picture(cabinet: Cabinet, blob: str, file: IO[bytes], kind: FileKind) -> tuple[int, bytes]:
    # Here: who only hears of messages takes no pictures, and starts without Pillow.
    from intake.core.files.pictures import MOST_PIXELS, BrokenPicture, TooIntricate, TooManyPixels, pixels_of

    try:
        async with cabinet.files.turn():
            pixels = await cabinet.files.off_loop(lambda: pixels_of(file, kind))
        async with cabinet.files.unpacking(pixels):
            return await _keep_made_anew(cabinet, blob, file, kind)
    except TooManyPixels as error:
        raise _refused_for_pixels(kind, MOST_PIXELS[kind]) from error
    except TooIntricate as error:
        raise _refused(
            "这张图片由过多的数据段组成，无法处理。请用看图软件另存一份后再上传。",
            "This picture is made of too many pieces to be taken. Save it anew with a program for pictures, and send that.",
        ) from error
    except BrokenPicture as error:
        raise _refused(
            "这张图片已损坏，无法读取。", "This picture is damaged, and cannot be read."
        ) from error
    except MemoryError as error:
        # It is taken when others are done with, if there ever is room for it.
        raise NoRoomToUnpack("attachments") from error


async def _keep_made_anew(cabinet: Cabinet, blob: str, file: IO[bytes], kind: FileKind) -> tuple[int, bytes]:
    from intake.core.files.pictures import made_anew  # here: see `_keep_picture`

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
