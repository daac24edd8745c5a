"""Reading files: three formats, three encodings, and what is no file of messages."""

import zipfile
from pathlib import Path

import openpyxl
import pytest

from intake.imports import readers
from intake.imports.readers import count_rows, rows_of
from schemas.errors import Malformed


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_csv_is_read_in_the_encodings_that_spreadsheets_write(
    tmp_path: Path, encoding: str, delimiter: str
) -> None:
    """The header and the cells come out right, line ends within a cell included."""
    path = tmp_path / "a.csv"
    path.write_text(f'标题{delimiter}内容\n停水{delimiter}"三天了\n没水"\n', encoding=encoding)

    assert [{"标题": "停水", "内容": "三天了\n没水"}] == list(rows_of(path))


def test_xlsx_is_read(tmp_path: Path) -> None:
    """The first sheet; empty rows are passed over."""
    path = tmp_path / "a.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (
        ["标题", "内容", "电话"],
        ["停水", "三天了", 13912345678],
        [None, None, None],
        ["停电", "两天了", None],
    ):
        sheet.append(row)
    book.save(path)

    assert ["停水", "停电"] == [row["标题"] for row in rows_of(path)]


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.txt", b"x"), ("a.csv", "标题,时间\n1,2\n".encode()), ("a.csv", b"\xff\xff\xff\xff,\x00")],
)
def test_files_that_hold_no_messages_are_refused(tmp_path: Path, name: str, content: bytes) -> None:
    """Another kind of file, no text column, or no encoding that we know."""
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(Malformed):
        list(rows_of(path))


def test_an_open_quotation_mark_does_not_swallow_the_rows_after_it(tmp_path: Path) -> None:
    """The rows before it are there; then the file says where it is wrong."""
    path = tmp_path / "a.csv"
    path.write_text('内容\n路灯坏了\n"停水三天\n噪音扰民\n', encoding="utf-8")
    rows = rows_of(path)

    assert {"内容": "路灯坏了"} == next(rows)
    with pytest.raises(Malformed, match="after line 2"):
        next(rows)


def test_a_cell_beyond_all_measure_is_named(tmp_path: Path) -> None:
    """Not an error of ours."""
    path = tmp_path / "a.csv"
    path.write_text("内容\n" + "长" * (2 << 20) + "\n", encoding="utf-8")

    with pytest.raises(Malformed, match="after line 1"):
        list(rows_of(path))


def test_a_line_nested_without_end_is_one_bad_row(tmp_path: Path) -> None:
    """Its neighbours are read."""
    path = tmp_path / "a.jsonl"
    path.write_text("[" * 100_000 + '\n{"text": "路灯坏了"}\n', encoding="utf-8")

    bad, good = rows_of(path)

    assert "text" not in bad
    assert {"text": "路灯坏了"} == good


def test_a_workbook_that_unpacks_to_gigabytes_is_refused_unread(tmp_path: Path) -> None:
    """Half a megabyte that becomes half a gigabyte and more."""
    path = tmp_path / "a.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as parts:
        for number in range(6):
            parts.writestr(f"xl/{number}.xml", b" " * 90_000_000)

    with pytest.raises(Malformed, match="unpacks"):
        list(rows_of(path))


def test_rows_are_counted_for_a_progress_bar(tmp_path: Path) -> None:
    """By the line ends; of a workbook nobody knows without reading it."""
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "a"}\n{"text": "b"}\n', encoding="utf-8")

    assert 2 == count_rows(path)
    assert 0 == count_rows(tmp_path / "a.xlsx")


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
        next(rows_of(path))


def test_a_workbook_of_too_many_cells_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Empty ones count as well: they are looked at all the same."""
    monkeypatch.setattr(readers, "_MOST_CELLS", 20)
    book = openpyxl.Workbook()
    for _ in range(12):
        book.worksheets[0].append(["text", "title"])
    book.save(tmp_path / "wide.xlsx")

    with pytest.raises(Malformed, match="cells"):
        list(rows_of(tmp_path / "wide.xlsx"))
