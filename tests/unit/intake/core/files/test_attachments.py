"""Which files are taken, what they are called, and which tickets open one."""

import io
import struct
import zipfile
from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.core.files.attachments import (
    AMR,
    DOCX,
    JPEG,
    KINDS,
    M4A,
    MP3,
    MP4,
    NAME_LIMIT,
    PDF,
    PNG,
    TICKET_KEPT_FOR,
    WAV,
    WEBP,
    XLSX,
    FileKind,
    Ticket,
    attachment_id_of,
    clean_name,
    kind_of,
    opened,
    signed,
)
from schemas.errors import NotFound
from schemas.ids import AttachmentId, CaseId, DepartmentCode, is_uuid
from schemas.words import Role
from tests.unit.intake.messages import NOW

KEY = b"k" * 32
ID = AttachmentId("0198b2c4-0000-7000-8000-00000000000a")


def office(*names: str) -> bytes:
    """A zip archive with these entries."""
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name in ("[Content_Types].xml", *names):
            archive.writestr(name, "<x/>")
    return written.getvalue()


def ticket(**changed: object) -> Ticket:
    """For one file of one case, to a clerk."""
    facts: dict[str, object] = {
        "attachment_id": ID,
        "case_id": CaseId("0198b2c4-0000-7000-8000-000000000001"),
        "ends": int((NOW + TICKET_KEPT_FOR).timestamp()),
        "is_thumbnail": False,
        "role": Role.DEPARTMENT,
        "name": "clerk",
        "department": DepartmentCode("housing"),
    }
    return Ticket(**{**facts, **changed})  # type: ignore[arg-type]  # the tests name fields that exist


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", JPEG),
        (b"\x89PNG\r\n\x1a\n", PNG),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", WEBP),
        (b"%PDF-1.7\n", PDF),
        (office("word/document.xml"), DOCX),
        (office("xl/workbook.xml"), XLSX),
        (b"ID3\x04", MP3),
        (b"\xff\xfb\x90\x00", MP3),
        (b"\x00\x00\x00\x20ftypM4A ", M4A),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", WAV),
        (b"#!AMR\n", AMR),
        (b"\x00\x00\x00\x18ftypmp42", MP4),
    ],
    ids=lambda value: value.ending if isinstance(value, FileKind) else None,
)
def test_a_kind_is_known_by_its_content(content: bytes, kind: FileKind) -> None:
    """Each kind that is taken, by what its files begin with or hold."""
    assert kind == kind_of(io.BytesIO(content))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<!doctype html><script>alert(1)</script>",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"<?xml version='1.0'?><svg/>",
        b"\xef\xbb\xbf<html>",
        b"MZ\x90\x00",
        b"\x7fELF",
        b"#!/bin/sh\n",
        b"GIF89a",
        b"Rar!\x1a\x07",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        b"PK\x03\x04",
        b"PK\x03\x04 not an archive at all",
        b" %PDF-1.7",
        b"\x00\x00\x00\x20ftypheic",
        office(),
        office("hello.txt"),
        office("word/document.xml", "word/vbaProject.bin"),
        office("xl/workbook.xml", "xl/activeX/activeX1.bin"),
        office("word/document.xml", "word/embeddings/oleObject1.bin"),
    ],
)
def test_nothing_else_is_taken(content: bytes) -> None:
    """No page, no script, no program, no archive, no office file with macros, and nothing unknown."""
    assert kind_of(io.BytesIO(content)) is None


def test_an_archive_with_an_endless_list_is_not_read() -> None:
    """What a zip file says of its list is believed before the list is: half a million entries take no memory."""
    content = office("word/document.xml", *(f"{number:0100d}" for number in range(6000)))

    assert kind_of(io.BytesIO(content)) is None


def _told_otherwise(content: bytes) -> bytes:
    """The same archive, whose last record holds what looks like another, in the place of a number that nobody needs."""
    return content[:-6] + b"PK\x05\x06" + content[-2:]


def _told_in_64_bits(content: bytes) -> bytes:
    """The same archive, which tells the length of its list before its last record, and has the longest remark behind it."""
    end = content.rindex(b"PK\x05\x06")
    size, start = struct.unpack("<II", content[end + 12 : end + 20])
    far = struct.pack("<IQHHIIQQQQ", 0x06064B50, 44, 45, 45, 0, 0, 6002, 6002, size, start)
    locator = struct.pack("<IIQI", 0x07064B50, 0, end, 1)
    near = struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 6002, 6002, 1, start, 65_535)
    return content[:end] + far + locator + near + b" " * 65_535


@pytest.mark.parametrize("told", [_told_otherwise, _told_in_64_bits])
def test_its_list_is_as_long_as_the_library_reads_it(told: Callable[[bytes], bytes]) -> None:
    """Two readers that look for it in different places: the length of the one was believed, the list of the other read."""
    content = told(office("word/document.xml", *(f"{number:0100d}" for number in range(6000))))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert 6002 == len(archive.namelist())

    assert kind_of(io.BytesIO(content)) is None


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("照片.PNG", "照片.jpg"),
        ("../../etc/passwd", "passwd.jpg"),
        ("C:\\Users\\li\\现场.jpeg", "现场.jpg"),
        ("now\u202egpj.exe", "nowgpj.jpg"),
        ("a\x00b\r\nc.jpg", "ab c.jpg"),
        ("<script>.html", "_script_.jpg"),
        ("", "附件.jpg"),
        ("..", "附件.jpg"),
        ("月" * 300, "月" * 96 + ".jpg"),
    ],
)
def test_a_name_is_cleaned(name: str, cleaned: str) -> None:
    """No path, nothing invisible or that a page or a shell reads, one line, and the ending of what it is."""
    assert cleaned == clean_name(name, JPEG)


@given(st.text(), st.sampled_from(KINDS))
def test_whatever_a_file_is_called_its_name_is_safe(name: str, kind: FileKind) -> None:
    """And cleaning it again changes nothing."""
    cleaned = clean_name(name, kind)

    assert cleaned.endswith(kind.ending)
    assert len(cleaned) <= NAME_LIMIT
    assert not set(cleaned) & set('/\\<>"\r\n\0')
    assert cleaned.isprintable()
    assert cleaned == clean_name(cleaned, kind)


def test_a_ticket_opens_its_file() -> None:
    """Until it is over."""
    given = ticket()

    assert given == opened(signed(given, KEY), ID, NOW, KEY)
    with pytest.raises(NotFound):
        opened(signed(given, KEY), ID, NOW + TICKET_KEPT_FOR, KEY)


def test_no_other_ticket_opens_it() -> None:
    """For another file, under another key, changed anywhere, cut, or made up."""
    said = signed(ticket(), KEY)
    others = [
        said[:place] + ("A" if said[place] != "A" else "B") + said[place + 1 :]
        for place in range(len(said) - 1)
    ]
    for wrong in (*others, "", "é", "a", said[:-4], said[:40], signed(ticket(), b"x" * 32)):
        with pytest.raises(NotFound):
            opened(wrong, ID, NOW, KEY)
    with pytest.raises(NotFound):
        opened(said, "0198b2c4-0000-7000-8000-00000000000b", NOW - timedelta(days=1), KEY)


def test_the_same_file_has_another_id_for_each_sender() -> None:
    """Nobody learns from an id whether somebody else has sent the file."""
    ids = {attachment_id_of(KEY, said, b"h" * 32, "a.jpg") for said in ("mine", "mine", "yours")}

    assert len(ids) == 2
    assert all(map(is_uuid, ids))
