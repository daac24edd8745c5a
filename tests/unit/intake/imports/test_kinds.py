"""What kind of file it is, whatever it is called."""

import zipfile
from pathlib import Path

import openpyxl
import pytest

from intake.imports.readers import count_lines, sheets_of
from schemas.errors import Malformed

_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_PAGE = '<html xmlns:x="urn:schemas-microsoft-com:office:excel"><table><tr><td>内容</td></tr></table></html>'


def _package(path: Path, *names: str) -> Path:
    with zipfile.ZipFile(path, "w") as package:
        for name in names:
            package.writestr(name, "x")
    return path


@pytest.mark.parametrize(
    "name", ["a.xlsx", "a.XLSX", "a.xls", "a.et", "a.csv", "a.txt", "a", "a.xlsm", "a.xltx"]
)
def test_a_workbook_is_read_under_any_name(tmp_path: Path, name: str) -> None:
    """Programs and people rename them."""
    book = openpyxl.Workbook()
    book.worksheets[0].append(["内容"])
    book.save(tmp_path / "book.xlsx")
    path = (tmp_path / "book.xlsx").rename(tmp_path / name)
    (sheet,) = sheets_of(path)

    assert sheet.lines is not None
    assert [{0: "内容"}] == [cells for _, cells, _ in sheet.lines()]
    assert 0 == count_lines(path)


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.txt", "a.xls", "a.xlsx"])
@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("between", ["\t", ","])
def test_a_text_with_cells_is_read_under_any_name(
    tmp_path: Path, name: str, encoding: str, between: str
) -> None:
    """Many systems write tabs, or commas, and call it xls."""
    path = tmp_path / name
    path.write_text(f"编号{between}内容\n1{between}路灯坏了三天了\n", encoding=encoding)
    (sheet,) = sheets_of(path)

    assert sheet.lines is not None
    assert {0: "1", 1: "路灯坏了三天了"} == [cells for _, cells, _ in sheet.lines()][1]


@pytest.mark.parametrize("content", [b"a\x01,b\n\x01\t\n", b"a,b", b"one line\nand another\n"])
def test_what_is_no_text_with_cells_is_no_table_under_a_workbooks_name(
    tmp_path: Path, content: bytes
) -> None:
    """Some program's own data, a line without an end, a letter: nobody wrote these as messages."""
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)
    with pytest.raises(Malformed):
        sheets_of(path)


def test_a_column_may_be_called_as_packages_begin(tmp_path: Path) -> None:
    """PK is what databases call their numbers."""
    path = tmp_path / "a.csv"
    path.write_text("PK,内容\n1,路灯坏了三天了\n", encoding="utf-8")
    (sheet,) = sheets_of(path)

    assert sheet.lines is not None
    assert {0: "PK", 1: "内容"} == next(cells for _, cells, _ in sheet.lines())


@pytest.mark.parametrize("name", ["a.xls", "a.xlsx", "a.csv"])
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (_OLE + b"\0" * 600, "old kind"),
        (_OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "password"),
        (_PAGE.encode(), "web page"),
        (_PAGE.encode("utf-16"), "web page"),
        (
            b"\xef\xbb\xbf<?xml version='1.0'?><Workbook xmlns='urn:schemas-microsoft-com:office:spreadsheet'/>",
            "of 2003",
        ),
    ],
)
def test_what_cannot_be_read_says_what_it_is_and_what_to_do(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    """Whatever it is called: nobody is told of encodings who must save it otherwise."""
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(Malformed, match=said):
        sheets_of(path)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("xl/workbook.bin", "xl/worksheets/sheet1.bin"), "xlsb"),
        (("mimetype", "content.xml"), "ods"),
        (("word/document.xml",), "no valid xlsx"),
    ],
)
def test_another_package_is_refused_by_its_name(tmp_path: Path, names: tuple[str, ...], said: str) -> None:
    """Each says as what it is to be saved."""
    with pytest.raises(Malformed, match=said):
        sheets_of(_package(tmp_path / "a.xlsx", *names))
