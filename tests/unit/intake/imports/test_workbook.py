"""What is a workbook, and what is none."""

import zipfile
from contextlib import nullcontext
from pathlib import Path

import pytest

from intake.imports.readers import sheets_of
from schemas.errors import Malformed
from tests.unit.intake.imports.files import rows_xml, sheet_xml, workbook

_SHEET = sheet_xml(rows_xml([["内容"], ["路灯坏了"]]))


def test_parts_are_found_however_their_names_are_written(tmp_path: Path) -> None:
    """Back slashes, a leading slash, capitals: as odd programs write them."""
    path = workbook(tmp_path / "a.xlsx", {"一": _SHEET})
    odd = tmp_path / "odd.xlsx"
    with zipfile.ZipFile(path) as given, zipfile.ZipFile(odd, "w") as package:
        for name in given.namelist():
            info = zipfile.ZipInfo("placeholder")
            info.filename = name.replace("/", "\\").replace("sheet1", "Sheet1")
            package.writestr(info, given.read(name))
    (sheet,) = sheets_of(odd)
    assert sheet.lines is not None

    assert [{0: "内容"}, {0: "路灯坏了"}] == [cells for _, cells, _ in sheet.lines()]


def _read_all(path: Path) -> None:
    for sheet in sheets_of(path):
        list(sheet.lines() if sheet.lines else ())


@pytest.mark.parametrize(
    "part", ["xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/worksheets/sheet1.xml"]
)
@pytest.mark.parametrize("content", ["", "no xml", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "<a>"])
def test_a_workbook_with_a_broken_part_is_refused(tmp_path: Path, part: str, content: str) -> None:
    """In a sentence; entities, which no spreadsheet program declares, are not looked at."""
    path = workbook(tmp_path / "a.xlsx", {"一": _SHEET}, more={part: content})

    with pytest.raises(Malformed, match="workbook"):
        _read_all(path)


@pytest.mark.parametrize(("encoding", "is_read"), [("GBK", False), ("x-none", False), ("utf-8", True)])
def test_a_part_in_an_encoding_that_no_parser_reads_is_refused(
    tmp_path: Path, encoding: str, is_read: bool
) -> None:
    """In a sentence, as every workbook that is none."""
    path = workbook(tmp_path / "a.xlsx", {"一": f'<?xml version="1.0" encoding="{encoding}"?>{_SHEET}'})

    with nullcontext() if is_read else pytest.raises(Malformed, match="no valid xlsx"):
        _read_all(path)


@pytest.mark.parametrize("content", [b"", b"no workbook", b"PK\x03\x04 and no more"])
def test_what_is_no_package_is_refused(tmp_path: Path, content: bytes) -> None:
    """Whatever it is called."""
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)

    with pytest.raises(Malformed, match="no valid xlsx"):
        sheets_of(path)


def test_a_workbook_that_unpacks_to_gigabytes_is_refused_unread(tmp_path: Path) -> None:
    """Half a megabyte that becomes half a gigabyte and more."""
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as parts:
        for number in range(6):
            parts.writestr(f"xl/{number}.xml", b" " * 90_000_000)

    with pytest.raises(Malformed, match="unpacks"):
        sheets_of(path)


def test_a_small_workbook_of_much_nothing_is_refused_unread(tmp_path: Path) -> None:
    """A few hundred kilobytes that unpack to a hundred megabytes would be looked at for minutes."""
    path = tmp_path / "hollow.xlsx"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as parts,
        parts.open("xl/worksheets/sheet1.xml", "w") as part,
    ):
        for _ in range(100):
            part.write(b"<row></row>" * 100_000)

    with pytest.raises(Malformed, match="unpacks"):
        sheets_of(path)


@pytest.mark.parametrize("how", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_workbook_that_is_packed_as_no_program_packs_them_is_refused_unread(
    tmp_path: Path, how: int
) -> None:
    """Of these, all that was read unpacks at once, whatever size they say they have."""
    path = tmp_path / "packed.xlsx"
    with (
        zipfile.ZipFile(workbook(tmp_path / "a.xlsx", {"一": _SHEET})) as given,
        zipfile.ZipFile(path, "w", how) as parts,
    ):
        for name in given.namelist():
            parts.writestr(name, given.read(name))

    with pytest.raises(Malformed, match="no valid xlsx"):
        sheets_of(path)
