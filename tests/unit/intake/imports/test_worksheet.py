"""The rows of a sheet, as they are."""

from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intake.imports import worksheet
from intake.imports.cells import Unreadable
from intake.imports.readers import sheets_of
from intake.imports.rows import read
from intake.imports.tables import EVERYTHING, rows_of, tables_of
from intake.imports.worksheet import Line, column_of, letters_of
from schemas.errors import Malformed
from tests.unit.intake.imports.files import inline, rows_xml, sheet_xml, workbook


def _lines(path: Path) -> list[Line]:
    (sheet,) = sheets_of(path)
    assert sheet.lines is not None
    return list(sheet.lines())


def _cells(path: Path) -> list[dict[int, object]]:
    return [cells for _, cells, _ in _lines(path)]


@pytest.mark.parametrize("dimension", [None, "", "A1", "A1:A1", "A1:B2", "A1:XFD1048576", "nonsense"])
@pytest.mark.parametrize("with_places", [True, False])
def test_what_a_sheet_says_of_its_size_is_not_believed(
    tmp_path: Path, dimension: str | None, with_places: bool
) -> None:
    """Programs leave it as it was, or write A1; rows and cells may even lack their places."""
    rows = [["编号", "内容", "电话"], ["1", "路灯坏了", "13900138001"], ["2", "停水", "13900138002"]]
    path = workbook(
        tmp_path / "a.xlsx", {"一": sheet_xml(rows_xml(rows, with_places=with_places), dimension=dimension)}
    )

    assert rows == [list(cells.values()) for cells in _cells(path)]


def test_empty_rows_are_none(tmp_path: Path) -> None:
    """Formatted, of blanks, or left out; those that say something keep their numbers."""
    rows = (
        rows_xml([["内容"], ["路灯坏了"]])
        + '<row r="3"><c r="A3" s="0"/><c r="B3" t="inlineStr"/></row>'
        + f'<row r="4">{inline("A4", "  ")}</row><row r="9">{inline("A9", "停水")}</row>'
    )
    path = workbook(tmp_path / "a.xlsx", {"一": sheet_xml(rows)})

    assert [(1, "内容"), (2, "路灯坏了"), (9, "停水")] == [
        (number, cells[0]) for number, cells, _ in _lines(path)
    ]


@pytest.mark.parametrize("place", ["3", "-1", "x"])
def test_a_text_that_the_workbook_lost_is_not_taken_for_an_empty_cell(tmp_path: Path, place: str) -> None:
    """What stood under 是否保密 nobody knows any more; an empty cell would say no."""
    rows = f'<row><c t="s"><v>0</v></c><c t="s"><v>{place}</v></c><c t="s"><v/></c><c t="s"/></row>'
    path = workbook(tmp_path / "a.xlsx", {"一": sheet_xml(rows)}, strings=["停水", "", "是"])
    ((_, cells, _),) = _lines(path)

    assert "停水" == cells[0]
    assert isinstance(cells[1], Unreadable)
    assert {0, 1} == cells.keys()


#: The second style shows a date.
_DATED = (
    '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cellStyleXfs><xf numFmtId="14"/>'
    '</cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="22"/></cellXfs></styleSheet>'
)


@pytest.mark.parametrize("share", ["46346.35416666", "46346.35416667", "46346.354166666664"])
def test_a_share_of_a_day_is_the_second_that_was_meant(tmp_path: Path, share: str) -> None:
    """With however many decimals a program wrote half past eight."""
    rows = (
        rows_xml([["内容", "来电时间"]])
        + f'<row r="2">{inline("A2", "停水")}<c r="B2" s="1"><v>{share}</v></c></row>'
    )
    path = workbook(tmp_path / "a.xlsx", {"一": sheet_xml(rows)}, more={"xl/styles.xml": _DATED})
    (table,) = tables_of(path, EVERYTHING)
    (row,) = rows_of(table, EVERYTHING.columns)

    assert datetime(2026, 11, 20, 8, 30, tzinfo=UTC) == read(row).draft.said_at


def test_cells_of_every_kind(tmp_path: Path) -> None:
    """Shared and rich text, numbers, truth, dates, results of formulas; how a word is read aloud is no text."""
    rows = (
        '<row><c t="s"><v>0</v></c>'
        '<c t="inlineStr"><is><r><t>三号</t></r><r><t>楼</t></r><rPh sb="0" eb="1"><t>sanhao</t></rPh></is></c>'
        '<c><v>13900138001</v></c><c><v>1.5</v></c><c t="b"><v>1</v></c><c s="1"><v>46000.5</v></c>'
        '<c t="str"><f>A1</f><v>结果</v></c><c t="inlineStr"><is><t>一_x000D_\n二_x005F_三</t></is></c></row>'
    )
    path = workbook(
        tmp_path / "a.xlsx", {"一": sheet_xml(rows)}, strings=["共享"], more={"xl/styles.xml": _DATED}
    )

    assert [
        "共享", "三号楼", 13900138001, 1.5, True, datetime(2025, 12, 9, 12),  # noqa: DTZ001  a spreadsheet has no zones
         "结果", "一\r\n二_三",
    ] == list(_cells(path)[0].values())  # fmt: skip


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ('<c t="e"><v>#REF!</v></c>', "#REF!"),
        ('<c t="str"><f>A9</f><v>#N/A</v></c>', "#N/A"),
        ('<c><f>CONCATENATE("a","b")</f><v/></c>', '=CONCATENATE("a","b")'),
        ("<c><f>A1</f></c>", "=A1"),
        ("<c><f>A1</f><v>0</v></c>", "=A1"),
    ],
)
def test_an_error_or_a_formula_without_a_result_is_no_value(tmp_path: Path, cell: str, shown: str) -> None:
    """Nor is the 0 that a program writes which leaves all formulas to whoever opens the workbook."""
    path = workbook(
        tmp_path / "a.xlsx",
        {"一": sheet_xml(f"<row>{cell}</row>")},
        calculation='<calcPr fullCalcOnLoad="1"/>',
    )
    value = _cells(path)[0][0]

    assert isinstance(value, Unreadable)
    assert shown == value.shown


def test_a_merged_cell_counts_for_every_row(tmp_path: Path) -> None:
    """Downwards, and said; a row that has nothing else is none."""
    rows = [["编号", "内容"], ["1", "水泵噪声"], ["2"], ["3", "别的事"]]
    path = workbook(
        tmp_path / "a.xlsx",
        {"一": sheet_xml(rows_xml(rows) + '<row r="5"/>', merges=["B2:B3", "A4:A9", "C1:F1"])},
    )

    assert [
        (2, {0: "1", 1: "水泵噪声"}, frozenset()),
        (3, {0: "2", 1: "水泵噪声"}, frozenset({1})),
        (4, {0: "3", 1: "别的事"}, frozenset()),
    ] == _lines(path)[1:]


def test_a_workbook_of_too_many_cells_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Empty ones count as well: they are looked at all the same."""
    monkeypatch.setattr(worksheet, "MOST_CELLS", 20)
    book = openpyxl.Workbook()
    for _ in range(12):
        book.worksheets[0].append(["text", "title"])
    book.save(tmp_path / "wide.xlsx")

    with pytest.raises(Malformed, match="cells"):
        _lines(tmp_path / "wide.xlsx")


_ENDLESS = "1" * 5000


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        (f'<c r="A2"><v>{_ENDLESS}</v></c>', _ENDLESS),
        (f'<c r="A2" s="{_ENDLESS}"><v>7</v></c>', 7),
        ('<c r="A2"><v>1e999</v></c>', "1e999"),
        ('<c r="A2"><v>nan</v></c>', "nan"),
    ],
)
def test_numbers_without_end_break_nothing(tmp_path: Path, cell: str, shown: object) -> None:
    """More digits than Python makes a number of (CVE-2020-10735): the cell stands as it is, and so do those beside it."""
    row = f'<row r="2">{cell}{inline("B2", "路灯坏了")}</row>'
    path = workbook(tmp_path / "a.xlsx", {"一": sheet_xml(row)})

    assert [(2, {0: shown, 1: "路灯坏了"}, frozenset())] == _lines(path)


def test_places_without_end_are_passed_over(tmp_path: Path) -> None:
    """A row goes by the one above it, and a text that is nowhere is said to be lost."""
    rows = f'<row r="2">{inline("A2", "x")}</row><row r="{_ENDLESS}"><c t="s"><v>{_ENDLESS}</v></c></row>'
    path = workbook(tmp_path / "a.xlsx", {"一": sheet_xml(rows)})
    (_, last) = _lines(path)

    assert 3 == last[0]
    assert isinstance(last[1][0], Unreadable)


@pytest.mark.parametrize(
    ("merges", "is_taken"),
    [
        (["B2:E2"] * 9, True),
        (["A2:E2", "A3:E3", "A4:E4"], False),
        (["A2:A9", "B2:B9", "C2:C9"], True),
        (["A2:A9", "B2:B9", "C2:C9", "D2:D9"], False),
        (["A2:A4", "A5:A9", "B8:B9"], True),
    ],
)
def test_merges_without_end_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, merges: list[str], is_taken: bool
) -> None:
    """A few bytes say that every row has sixteen thousand cells: filled they are counted, and the same again is not."""
    monkeypatch.setattr(worksheet, "_MOST_MERGED", 9)
    monkeypatch.setattr(worksheet, "_MERGED_FOR_EACH", 0)
    rows = [["编号", "内容"], *([str(number), "路灯坏了"] for number in range(3))]
    path = workbook(tmp_path / "a.xlsx", {"一": sheet_xml(rows_xml(rows), merges=merges)})

    if is_taken:
        assert 4 == len(_lines(path))
    else:
        with pytest.raises(Malformed, match="cells"):
            _lines(path)


@pytest.mark.parametrize("columns", [2, 10, 300])
def test_a_long_list_that_is_merged_throughout_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    """What merges may fill grows with what the file holds; three hundred columns for two cells in each row do not."""
    monkeypatch.setattr(worksheet, "_MOST_MERGED", 9)
    letters = [letters_of(column) for column in range(columns)]
    rows = [["编号", "内容"], *([str(number), "路灯坏了"] for number in range(40))]
    merges = [f"{letter}{row}:{letter}{row + 1}" for letter in letters for row in range(2, 40, 2)]
    path = workbook(tmp_path / "a.xlsx", {"一": sheet_xml(rows_xml(rows), merges=merges)})

    if columns < 100:
        assert 41 == len(_lines(path))
    else:
        with pytest.raises(Malformed, match="cells"):
            _lines(path)


@given(st.integers(0, 16_383))
def test_columns_have_letters(column: int) -> None:
    """And the letters say which column it is."""
    assert column == column_of(letters_of(column))


_CELLS = st.one_of(
    st.none(), st.integers(-(10**14), 10**14), st.booleans(), st.text("停水abc<&_x 0D\n\t'\"", max_size=8)
)


def test_a_number_has_the_zeros_that_its_cell_shows(tmp_path: Path) -> None:
    """0551 before a landline's number, 0012 of a list: a format shows them, the number lacks them."""
    book = openpyxl.Workbook()
    book.worksheets[0].append([55162213456, 12, 12])
    book.worksheets[0]["A1"].number_format = "000000000000"
    book.worksheets[0]["B1"].number_format = "0000"
    book.save(tmp_path / "a.xlsx")

    assert [{0: "055162213456", 1: "0012", 2: 12}] == [cells for _, cells, _ in _lines(tmp_path / "a.xlsx")]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(_CELLS, max_size=5), max_size=8))
def test_what_openpyxl_wrote_is_read(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[object]]
) -> None:
    """Every cell that says anything, in its row and column."""
    path = tmp_path_factory.getbasetemp() / "what-openpyxl-wrote.xlsx"
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(path)
    said = {
        number: {at: value for at, value in enumerate(row) if value is not None and value != ""}
        for number, row in enumerate(rows, start=1)
    }
    said = {
        number: cells
        for number, cells in said.items()
        if any(not isinstance(value, str) or value.strip() for value in cells.values())
    }

    assert said == {number: cells for number, cells, _ in _lines(path)}


def test_a_number_is_what_its_sheet_shows(tmp_path: Path) -> None:
    """0551-62213456 and not 55162213456: a telephone that nobody could ring."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["内容", 55162213456])
    sheet["B1"].number_format = "0000-00000000"
    book.save(tmp_path / "a.xlsx")

    assert [{0: "内容", 1: "0551-62213456"}] == _cells(tmp_path / "a.xlsx")
