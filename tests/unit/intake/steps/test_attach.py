"""Taking files: nobody's file waits for a picture that is none of theirs."""

import asyncio
import io
import zipfile
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy.files import store
from intake.steps import take_files
from intake.steps.filing import Cabinet
from intake.steps.take_files import take_file
from intake.store.attachments import StoredFile
from schemas.errors import BadInput, TypeRefused, Unavailable
from schemas.ids import AttachmentId
from schemas.masking import for_department
from schemas.values import Attachment
from schemas.words import Language
from tests.unit.intake.cabinets import cabinet_in
from tests.unit.intake.core.files.test_attachments import office
from tests.unit.intake.core.files.test_pictures import bomb, picture, webp

#: Whose packed objects nobody can unpack, as a password leaves them; and what office programs make of a docx that has one.
_ENCRYPTED_PDF = b"%PDF-1.7\n1 0 obj<</Type/ObjStm/Filter/FlateDecode>>stream\n" + b"\x9c" * 100
_ENCRYPTED_OFFICE = (
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(600)
)


async def _take(cabinet: Cabinet, content: bytes, key: str | None = None, name: str = "a") -> Attachment:
    async def chunks() -> AsyncIterator[bytes]:
        yield content

    now = datetime(2026, 11, 27, tzinfo=UTC)
    return await take_file(cabinet, chunks(), name=name, key=key, now=now)


async def test_a_letter_waits_for_no_large_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One is unpacked, and two wait for it, which is as many as there are places."""
    monkeypatch.setattr(store, "_LARGE_PIXELS", 0)
    cabinet, rows = cabinet_in(tmp_path)
    unpacking, waiting = cabinet.files.unpacking, asyncio.Semaphore(0)

    def note(pixels: int) -> AbstractAsyncContextManager[None]:
        waiting.release()
        return unpacking(pixels)

    monkeypatch.setattr(cabinet.files, "unpacking", note)
    async with asyncio.TaskGroup() as group, unpacking(1):
        for _ in range(2):
            group.create_task(_take(cabinet, picture(size=(64, 48))))
        for _ in range(2):
            await waiting.acquire()
        letter = await _take(cabinet, b"%PDF-1.7\n")
        assert [letter.attachment_id] == list(rows.files)

    assert 3 == len(rows.files)


async def test_the_bytes_stay_whose_row_may_be_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Postgres kept the row and could not say so: the same file sent again is the one that lies there."""
    cabinet, rows = cabinet_in(tmp_path)
    keep = rows.keep

    async def keep_and_break(file: StoredFile, now: datetime, uploader: bytes | None) -> StoredFile:
        await keep(file, now, uploader)
        raise Unavailable("postgres")

    monkeypatch.setattr(rows, "keep", keep_and_break)
    with pytest.raises(Unavailable):
        await _take(cabinet, b"%PDF-1.7\n")

    [kept] = rows.files.values()
    assert await cabinet.files.open(kept.blob) is not None


async def test_a_file_sent_again_keeps_its_id_over_a_change_of_the_master_secret(tmp_path: Path) -> None:
    """Its message would be another else: the retry of a letter a second case, that of a form or a program refused."""
    before, rows = cabinet_in(tmp_path)
    first = await _take(before, b"%PDF-1.7\n", key="K")
    after = replace(before, key=b"n" * 32, former_keys=(b"o" * 32, before.key))

    assert first == await _take(after, b"%PDF-1.7\n", key="K")
    other = await _take(after, b"%PDF-1.7\n", key="another")
    assert other == await _take(replace(after, former_keys=()), b"%PDF-1.7\n", key="another")
    assert {first.attachment_id, other.attachment_id} == set(rows.files)


async def test_a_file_sent_again_keeps_its_id_over_a_change_of_the_masker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The row of a list that is imported again, or a letter, would be a second case: the masker of before left the name."""
    cabinet, rows = cabinet_in(tmp_path)
    with monkeypatch.context() as before:
        before.setattr(take_files, "for_department", str)
        first = await _take(cabinet, b"%PDF-1.7\n", key="K", name="赵建军欠条.pdf")

    again = await _take(cabinet, b"%PDF-1.7\n", key="K", name="赵建军欠条.pdf")

    assert first.attachment_id == again.attachment_id
    assert [first.attachment_id] == list(rows.files)


async def test_a_file_whose_id_is_of_its_masked_name_keeps_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As releases before made them."""
    cabinet, rows = cabinet_in(tmp_path)
    with monkeypatch.context() as before:
        before.setattr(take_files, "clean_name", lambda name, _: for_department(name))
        first = await _take(cabinet, b"%PDF-1.7\n", key="K", name="13812345678.pdf")

    assert first == await _take(cabinet, b"%PDF-1.7\n", key="K", name="13812345678.pdf")
    assert [first.attachment_id] == list(rows.files)
    others = {
        (await _take(cabinet, b"%PDF-1.7\n", key="L", name=f"138{each}5678.pdf")).attachment_id
        for each in ("1234", "4321")
    }
    assert 2 == len(others - {first.attachment_id})


async def test_where_nobody_can_say_whether_a_file_came_before_it_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def unknown(_: Sequence[AttachmentId]) -> None:
        return None

    cabinet, rows = cabinet_in(tmp_path)
    monkeypatch.setattr(rows, "contents", unknown)
    with pytest.raises(Unavailable):
        await _take(replace(cabinet, former_keys=(b"o" * 32,)), b"%PDF-1.7\n", key="K")
    assert not rows.files


@pytest.mark.parametrize(
    ("content", "zh", "en"),
    [
        (webp(6001, 4000), "2400 万像素", "24 million pixels"),
        (bomb(8000, 8000), "5200 万像素", "52 million pixels"),
        (picture("PNG")[:200], "已损坏", "damaged"),
        (_ENCRYPTED_PDF, "加了密", "encrypted"),
        (_ENCRYPTED_OFFICE, "去掉密码", "without one"),
    ],
    ids=["a large WebP", "a large PNG", "a damaged PNG", "an encrypted PDF", "an encrypted docx"],
)
async def test_whoever_sent_a_file_hears_what_is_wrong(
    tmp_path: Path, content: bytes, zh: str, en: str
) -> None:
    """A picture that is too large can be made smaller, and to what is said; a password can be taken away."""
    cabinet, rows = cabinet_in(tmp_path)
    with pytest.raises(BadInput) as refused:
        await _take(cabinet, content)

    [why] = refused.value.errors
    assert zh in why.zh
    assert en in why.en
    assert not rows.files


@pytest.mark.parametrize(
    ("brand", "zh", "en"),
    [
        (b"heic", "把这张照片截屏", "Take a screenshot of it"),
        (b"mif1", "兼容性最佳", "Most Compatible"),
        (b"avif", "不接受这种文件", "Files of this kind are not taken"),
    ],
)
async def test_whoever_sends_a_picture_of_an_iphone_reads_what_to_do(
    tmp_path: Path, brand: bytes, zh: str, en: str
) -> None:
    """It is refused like any other kind, and how to send it otherwise stands before the kinds that are taken."""
    cabinet, rows = cabinet_in(tmp_path)
    with pytest.raises(TypeRefused) as refused:
        await _take(cabinet, b"\x00\x00\x00\x18ftyp" + brand + bytes(600), name="IMG_0001.HEIC")

    assert (415, "type-refused") == (refused.value.status, refused.value.code)
    assert zh in refused.value.message(Language.ZH)
    assert en in refused.value.message(Language.EN)
    assert not rows.files


@pytest.mark.parametrize(
    ("of", "part"), [("xl/workbook.xml", "xl/sharedStrings.xml"), ("word/document.xml", "word/styles.xml")]
)
async def test_what_becomes_gigabytes_is_given_to_nobody(tmp_path: Path, of: str, part: str) -> None:
    """A clerk's program would unpack it; its sender reads why, and that the same saved anew is taken."""
    cabinet, rows = cabinet_in(tmp_path)
    cabinet = replace(cabinet, most_bytes=1_000_000)
    ordinary = office(of)
    written = io.BytesIO(ordinary)
    with zipfile.ZipFile(written, "a", zipfile.ZIP_DEFLATED) as archive, archive.open(part, "w") as hollow:
        for _ in range(20):
            hollow.write(b"<row></row>" * 100_000)

    with pytest.raises(BadInput) as refused:
        await _take(cabinet, written.getvalue())

    [why] = refused.value.errors
    assert "展开后" in why.zh
    taken = await _take(cabinet, ordinary)
    assert [taken.attachment_id] == list(rows.files)
