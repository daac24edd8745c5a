"""Reading files of text: what spreadsheet programs write, and what is no file of messages."""

from pathlib import Path

import msgspec
import openpyxl
import pytest

from intake.imports import worksheet
from intake.imports.cells import Unreadable
from intake.imports.json_lines import Repeated
from intake.imports.lines import shown
from intake.imports.readers import BROKEN_LINE, count_lines, sheets_of
from intake.imports.tables import EVERYTHING, rows_of, tables_of
from schemas.errors import Malformed


def _lines(path: Path) -> list[list[object]]:
    (sheet,) = sheets_of(path)
    assert sheet.lines is not None
    return [list(cells.values()) for _, cells, _ in sheet.lines()]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]
)
@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_csv_is_read_as_spreadsheets_write_it(
    tmp_path: Path, encoding: str, delimiter: str, line_end: str
) -> None:
    """The header and the cells come out right, line ends within a cell included."""
    path = tmp_path / "a.csv"
    text = f'标题{delimiter}内容\n停水{delimiter}"三天了，没水，𠮶家湾"\n'.replace("\n", line_end)
    path.write_bytes(text.encode(encoding))

    assert [["标题", "内容"], ["停水", "三天了，没水，𠮶家湾"]] == _lines(path)


def test_a_blank_before_a_quotation_mark_is_no_part_of_the_cell(tmp_path: Path) -> None:
    """Some programs write one behind each delimiter; in a file of another the mark is the message's own."""
    path = tmp_path / "a.csv"
    path.write_text('"编号", "标题", "内容"\n"1", "停水", "一,二"\n', encoding="utf-8")

    assert [["编号", "标题", "内容"], ["1", "停水", "一,二"]] == _lines(path)

    path.write_text('编号,标题,内容\n1,停水, "家"里没水\n', encoding="utf-8")

    assert [["编号", "标题", "内容"], ["1", "停水", ' "家"里没水']] == _lines(path)


@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "SEP=;"])
def test_the_line_that_names_the_separator_is_no_row(tmp_path: Path, first: str) -> None:
    """It says more than the commas that stand in the text; the lines after it keep their numbers."""
    path = tmp_path / "a.csv"
    path.write_text(f"{first}\n标题;内容\n停水;一,二,三,四\n", encoding="utf-8-sig")
    (sheet,) = sheets_of(path)
    assert sheet.lines is not None

    assert [["标题", "内容"], ["停水", "一,二,三,四"]] == _lines(path)
    assert [2, 3] == [number for number, _, _ in sheet.lines()]


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.doc", b"x"), ("a.xls", b"\xd0\xcf\x11\xe0"), ("a.csv", b"\xff\xff,"), ("a.csv", b"\xff\xfea")],
)
def test_files_that_hold_no_text_are_refused(tmp_path: Path, name: str, content: bytes) -> None:
    """Another kind of file, or no encoding that we know."""
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(Malformed):
        sheets_of(path)


def test_an_open_quotation_mark_does_not_swallow_the_rows_after_it(tmp_path: Path) -> None:
    """The rows before it are there; then the file says where it is wrong."""
    path = tmp_path / "a.csv"
    path.write_text('内容\n路灯坏了\n"停水三天\n噪音扰民\n', encoding="utf-8")
    (sheet,) = sheets_of(path)
    assert sheet.lines is not None
    lines = sheet.lines()

    assert [{0: "内容"}, {0: "路灯坏了"}] == [next(lines)[1], next(lines)[1]]
    with pytest.raises(Malformed, match="after line 2"):
        next(lines)


def test_a_mark_within_a_cell_costs_its_own_line_alone(tmp_path: Path) -> None:
    """The lines after it are read, and it is said with what stands in it."""
    path = tmp_path / "a.csv"
    path.write_text('编号,内容\n1,"他说"好"的，路灯坏了"\n2,井盖没了\n', encoding="utf-8")
    (table,) = tables_of(path, EVERYTHING)
    bad, good = rows_of(table, EVERYTHING.columns)

    assert ("井盖没了", ()) == (good.cells[1].value, tuple(good.wrong))
    assert (2, "quotation mark") == (bad.number, bad.wrong[0].en[2:16])
    assert "路灯坏了" in shown(bad)["line"]


def test_a_cell_beyond_all_measure_is_named(tmp_path: Path) -> None:
    """It costs its own line; one over several lines may have swallowed whole messages, and is refused aloud."""
    path = tmp_path / "a.csv"
    path.write_text("内容\n" + "长" * (2 << 20) + "\n路灯坏了\n", encoding="utf-8")

    _, (bad,), good = _lines(path)

    assert ["路灯坏了"] == good
    assert isinstance(bad, Unreadable)
    path.write_text('内容\n"' + "长\n" * (1 << 20) + '"\n', encoding="utf-8")
    with pytest.raises(Malformed, match="after line"):
        _lines(path)


@pytest.mark.parametrize("bad", [b"\xff\xfe", b"\0", "坏了".encode("gb18030")])
def test_a_line_that_is_not_of_the_files_encoding_is_named(tmp_path: Path, bad: bytes) -> None:
    """Somebody must find it among two hundred thousand."""
    path = tmp_path / "a.csv"
    path.write_bytes(("编号,内容\n" + "1,路灯坏了\n" * 20 + "2,").encode() + bad + "\n3,油烟\n".encode())

    with pytest.raises(Malformed, match="line 22"):
        sheets_of(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_lines_of_json_are_read_in_what_programs_write(tmp_path: Path, encoding: str) -> None:
    """RFC 8259 wants UTF-8, and a shell's `>` writes another; halves of characters and NaN cost no message."""
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "路灯坏了三天了"}\n{"text": "\\ud800油烟", "id": NaN}\n', encoding=encoding)

    said = [line for (line,) in _lines(path) if isinstance(line, dict)]
    assert [{"text": "路灯坏了三天了"}, {"text": "\ufffd油烟", "id": None}] == said
    # Whatever is put aside can be written.
    assert msgspec.json.encode(said)


def test_a_line_nested_without_end_is_one_bad_row(tmp_path: Path) -> None:
    """Its neighbours are read."""
    path = tmp_path / "a.jsonl"
    path.write_text("[" * 100_000 + '\n\n{"text": "路灯坏了"}\n', encoding="utf-8")

    (bad,), (good,) = _lines(path)

    assert isinstance(bad, str)
    assert {"text": "路灯坏了"} == good


def test_lines_are_counted_for_a_progress_bar(tmp_path: Path) -> None:
    """By the line ends; of a workbook nobody knows without reading it."""
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "a"}\n{"text": "b"}\n', encoding="utf-8")

    assert 2 == count_lines(path)
    openpyxl.Workbook().save(tmp_path / "a.xlsx")
    assert 0 == count_lines(tmp_path / "a.xlsx")


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ('{"text": "路灯坏了", "text": "井盖丢了"}', "text"),
        ('{"text": "路灯坏了", "contact": {"phone": "1", "phone": "2"}}', "phone"),
        ('{"text": "他说：\\"text\\": 两次", "text": "井盖丢了"}', "text"),
    ],
)
def test_a_name_that_stands_twice_is_one_bad_row(tmp_path: Path, line: str, name: str) -> None:
    """Whichever of the two would be taken, the other would be lost; its neighbours are read."""
    path = tmp_path / "a.jsonl"
    path.write_text(line + '\n{"text": "他说：\\"text\\": 一次"}\n', encoding="utf-8")

    (bad,), (good,) = _lines(path)

    assert Repeated(name, line) == bad
    assert {"text": '他说："text": 一次'} == good


def test_a_line_of_more_cells_than_any_sheet_has_is_its_own_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told with its number, and the lines around it are read."""
    monkeypatch.setattr(worksheet, "MOST_COLUMNS", 3)
    path = tmp_path / "a.csv"
    path.write_text("标题,内容\n灯,灯坏了\n灯,灯,灯,灯\n水,停水\n", encoding="utf-8")
    (sheet,) = sheets_of(path)
    assert sheet.lines is not None
    lines = {number: cells for number, cells, _ in sheet.lines()}

    assert {1, 2, 3, 4} == lines.keys()
    assert isinstance(lines[3][BROKEN_LINE], Unreadable)
    assert {0: "水", 1: "停水"} == lines[4]
