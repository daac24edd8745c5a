"""Which sheets are read, by which header."""

from pathlib import Path

import pytest

from intake.imports.columns import Columns, SourceRow
from intake.imports.rows import read
from intake.imports.tables import EVERYTHING, TableChoice, rows_of, tables_of
from schemas.errors import BadInput, Malformed
from tests.unit.intake.imports.files import HEADER, rows_xml, sheet_xml, workbook

_ROW = ("1", "路灯", "路灯坏了三天", "", "13900138001")
_LIST = sheet_xml(rows_xml([HEADER, _ROW]))
_NOTE = sheet_xml(rows_xml([["内容"], ["请从第二张表开始填写。"]]))


def _read(path: Path, choice: TableChoice = EVERYTHING) -> list[list[tuple[str | None, object]]]:
    return [
        [(cell.field, cell.value) for cell in row.cells if cell.value]
        for table in tables_of(path, choice)
        if not table.why
        for row in rows_of(table, choice.columns)
    ]


def _rows(path: Path) -> list[SourceRow]:
    return [row for table in tables_of(path, EVERYTHING) for row in rows_of(table, EVERYTHING.columns)]


def _texts(path: Path, choice: TableChoice = EVERYTHING) -> list[object]:
    return [dict(row)["text"] for row in _read(path, choice)]


def _why(path: Path, choice: TableChoice = EVERYTHING) -> dict[str, str | None]:
    return {table.sheet.name: table.why and table.why[1] for table in tables_of(path, choice)}


def _csv(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8-sig")
    return path


def test_every_visible_sheet_with_messages_is_read(tmp_path: Path) -> None:
    """Whatever stands first; each of the others says why not."""
    sheets = {
        "下拉": _LIST, "说明": _NOTE, "24日": _LIST, "空": sheet_xml(""), "25日": _LIST,
        "图例": sheet_xml(rows_xml([["颜色", "含义"], ["红", "急"]])),
    }  # fmt: skip
    path = workbook(tmp_path / "a.xlsx", sheets, states={"下拉": "veryHidden"})

    assert 2 == len(_texts(path))
    assert {
        "下拉": "it is hidden",
        "说明": "it looks like a note on how to fill in another sheet",
        "24日": None,
        "空": "it is empty",
        "25日": None,
        "图例": "no column for the text (内容, text)",
    } == _why(path)


def test_a_sheet_that_is_asked_for_is_read(tmp_path: Path) -> None:
    """Hidden or a note, and no other; one that is not there is named with those that are."""
    path = workbook(tmp_path / "a.xlsx", {"说明": _NOTE, "表": _LIST}, states={"表": "hidden"})

    assert ["请从第二张表开始填写。"] == _texts(path)
    assert ["路灯坏了三天"] == _texts(path, TableChoice(sheets=("表",)))
    with pytest.raises(Malformed, match=r"no sheet x; it has 说明、表"):
        tables_of(path, TableChoice(sheets=("x",)))


def test_a_sheet_of_texts_alone_is_one_of_messages_where_no_other_is(tmp_path: Path) -> None:
    """It is the only one that can be meant."""
    assert 1 == len(_texts(workbook(tmp_path / "a.xlsx", {"一": _NOTE})))


@pytest.mark.parametrize(
    "above",
    [
        "某市12345热线工单明细表,,\n",
        "某市热线,,\n制表：周某 2026年11月,,\n\n",
        "诉求人,,诉求\n",
        "工单,内容,\n",
    ],
)
def test_the_header_is_found_below_titles(tmp_path: Path, above: str) -> None:
    """What stands above it is no row."""
    path = _csv(tmp_path / "a.csv", f"{above}编号,标题,内容\n1,路灯,路灯坏了三天\n")

    assert ["路灯坏了三天"] == _texts(path)


@pytest.mark.parametrize(
    "column",
    [
        "*内容（必填）",
        "诉求\n内容",
        " 内 容 ",
        "内容：",
        "【内容】",
        "Content",
        "内容/Content",
        "內容",
        "反映内容(2000字以内)",
    ],
)
def test_columns_are_known_however_a_form_writes_them(tmp_path: Path, column: str) -> None:
    """Marks, brackets, line breaks and a second language around the name."""
    path = workbook(tmp_path / "a.xlsx", {"一": sheet_xml(rows_xml([["编号", column], ["1", "路灯坏了"]]))})

    assert ["路灯坏了"] == _texts(path)


def test_a_header_without_a_text_is_shown(tmp_path: Path) -> None:
    """So that somebody can say which column it is."""
    path = _csv(tmp_path / "a.csv", "序号,来电摘要\n1,路灯坏了\n")

    with pytest.raises(Malformed, match=r"序号、来电摘要.*--map"):
        tables_of(path, EVERYTHING)
    assert ["路灯坏了"] == _texts(path, TableChoice(columns=Columns({"来电摘要": "text"})))


def test_somebody_may_say_that_a_column_is_not_read(tmp_path: Path) -> None:
    """And is told of a column that is not there."""
    path = _csv(tmp_path / "a.csv", "内容,电话\n路灯坏了,13900138001\n")

    assert [[("text", "路灯坏了"), (None, "13900138001")]] == _read(
        path, TableChoice(columns=Columns({"电话": "-"}))
    )
    with pytest.raises(Malformed, match="摘要"):
        tables_of(path, TableChoice(columns=Columns({"摘要": "text"})))


def test_a_cell_too_many_is_said(tmp_path: Path) -> None:
    """A comma within the text that is not quoted would cut it: the row is refused aloud."""
    path = _csv(tmp_path / "a.csv", "编号,内容\n1,路灯坏了,三天了\n2,停水\n内容,编号\n")
    (table,) = tables_of(path, EVERYTHING)
    cut, whole, again = rows_of(table, Columns())

    assert ["三天了"] == [cell.value for cell in cut.cells if cell.field is None]
    assert cut.wrong
    assert not whole.wrong
    assert again.wrong


def test_a_column_without_a_name_moves_nothing(tmp_path: Path) -> None:
    """The header has its place: what stands there is said, and the row is whole."""
    path = _csv(tmp_path / "a.csv", "编号,内容,\n1,路灯坏了,已催\n2,停水,\n")
    (table,) = tables_of(path, EVERYTHING)
    one, other = rows_of(table, Columns())

    assert [([], 1), ([], 0)] == [(list(row.wrong), len(row.notes)) for row in (one, other)]


@pytest.mark.parametrize(
    ("mark", "text"),
    [("\t", "一,二,三,四,五"), (";", "一,二,三,四,五"), (",", "一;二;三;四"), ("|", "a,b;c,d;e")],
)
def test_the_delimiter_is_what_cuts_the_header(tmp_path: Path, mark: str, text: str) -> None:
    """Not what stands most often in the texts, or in a title."""
    path = _csv(tmp_path / "a.csv", f"{text}{text}\n编号{mark}内容\n1{mark}{text}\n")

    assert [text] == _texts(path)


def test_another_table_below_is_read_by_its_own_header(tmp_path: Path) -> None:
    """Its columns stand in another order: one citizen's words would be another's number."""
    path = _csv(
        tmp_path / "a.csv",
        "编号,内容,电话\n1,路灯坏了,139\n电话,内容,编号\n138,井盖没了,2\n标题,内容,姓名\na,漏水,张三\n",
    )
    rows = [{cell.field: cell.value for cell in row.cells} for row in _rows(path) if not row.wrong]

    assert [
        {"external_id": "1", "text": "路灯坏了", "phone": "139"},
        {"external_id": "2", "text": "井盖没了", "phone": "138"},
        {"title": "a", "text": "漏水", "name": "张三"},
    ] == rows
    assert 5 == len(_rows(path))


def test_a_total_or_a_signature_is_no_message(tmp_path: Path) -> None:
    """Lists end with them; they are said like any row that is not taken."""
    path = _csv(
        tmp_path / "a.csv",
        "编号,内容\n1,路灯坏了\n合计,共1件\n制表人：李四,2026年\n合计表丢了,我的材料丢了\n",
    )

    assert [False, True, True, False] == [bool(row.wrong) for row in _rows(path)]


def test_a_form_is_refused(tmp_path: Path) -> None:
    """Labels on the left: its lines are no messages, and the one that it is would be lost."""
    path = _csv(tmp_path / "a.csv", "来信登记表,\n姓名,张三\n电话,139\n内容,路灯坏了\n是否保密,是\n")
    with pytest.raises(Malformed, match="form"):
        tables_of(path, EVERYTHING)


def test_a_sheet_that_explains_the_columns_is_no_list(tmp_path: Path) -> None:
    """It is named with the reason."""
    note = sheet_xml(rows_xml([["字段", "内容", "备注"], ["电话", "填写联系电话", "必填"]]))
    path = workbook(tmp_path / "a.xlsx", {"说明": note, "表": _LIST})

    assert ["路灯坏了三天"] == _texts(path)
    assert "note" in str(_why(path)["说明"])


def test_what_json_nests_of_somebody_else_stays_theirs(tmp_path: Path) -> None:
    """A clerk's or a department's name and number are not the citizen's; lists are read, a line each."""
    path = tmp_path / "a.jsonl"
    path.write_text(
        '{"text": "a", "operator": {"name": "李四", "phone": "1"}, "contact": {"name": "张三", "phones": ["2", "3"]}}\n'
        '{"text": "b", "reply": {"text": "已修复", "title": "答复"}, "confidential": {"value": true}}\n'
        '{"data": {"text": ["c", "d"], "files": [{"name": "a.jpg"}, "b.jpg"]}}\n',
        encoding="utf-8",
    )
    first, second, third = (
        {cell.field: cell.value for cell in row.cells if cell.field} for row in _rows(path)
    )

    assert {"text": "a", "name": "张三", "phone": "2\n3"} == first
    assert {"text": "b", "confidential": True} == second
    assert {"text": "c\nd", "attachments": "a.jpg\nb.jpg"} == third


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "Case Number,ID,Created On,内容\n2026-1,7,2026-11-20 09:30,路灯坏了\n"),
        (
            "a.jsonl",
            '{"Case Number": "2026-1", "ID": 7, "Created On": "2026-11-20 09:30", "text": "路灯坏了"}\n',
        ),
    ],
)
def test_of_a_list_with_two_numbers_the_one_called_id_is_the_messages(
    tmp_path: Path, name: str, text: str
) -> None:
    """By which it was known before the other had a meaning."""
    draft = read(*_rows(_csv(tmp_path / name, text))).draft

    assert ("7", "路灯坏了", True) == (draft.external_id, draft.text, draft.said_at is not None)


def test_nested_json_is_read_like_the_api(tmp_path: Path) -> None:
    """A line may look like the body of a submission; what is no object is said."""
    path = tmp_path / "a.jsonl"
    path.write_text(
        '{"text": "b", "contact": {"phone": "1"}, "place": {"address": "人民路"}}\n[1]\n', encoding="utf-8"
    )
    (table,) = tables_of(path, EVERYTHING)
    good, bad = rows_of(table, Columns())

    assert {"text": "b", "phone": "1", "address": "人民路"} == {cell.field: cell.value for cell in good.cells}
    assert bad.wrong


@pytest.mark.parametrize("number", ["1234567890123456789", "1234567890123450000", "20261127000000000"])
def test_a_number_of_nineteen_digits_is_a_systems_and_no_spreadsheets(tmp_path: Path, number: str) -> None:
    """Without it the same case, sent in the next file, would be another; zeros at its end are its own."""
    path = tmp_path / "a.jsonl"
    path.write_text(f'{{"text": "路灯坏了", "id": {number}}}\n', encoding="utf-8")
    (row,) = _rows(path)

    assert (number, []) == ((found := read(row)).draft.external_id, list(found.notes))


def test_somebody_may_name_what_the_last_line_alone_has(tmp_path: Path) -> None:
    """Of lines that name their own columns all are looked at before one is said to be missing."""
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "a"}\n' * 120 + '{"text": "b", "备用号": "7"}\n', encoding="utf-8")

    assert 121 == len(_read(path, TableChoice(columns=Columns({"备用号": "external_id"}))))


def test_a_text_that_is_merged_with_its_title_is_read(tmp_path: Path) -> None:
    """It says so; a heading across the list, and what stands beside a number, is no text."""
    rows = [
        HEADER,
        ("1", "路灯坏了三天", "", "", "13900138001"),
        ("一、路灯", "", "", "", ""),
        ("", "二、供水", "", "", ""),
    ]
    xml = rows_xml(rows).replace('<t xml:space="preserve"></t>', "")
    path = workbook(tmp_path / "a.xlsx", {"一": sheet_xml(xml, merges=["B2:C2", "A3:E3", "B4:E4"])})

    first, *others = _rows(path)

    assert "路灯坏了三天" == read(first).draft.text
    assert ["内容"] == [note.field for note in first.notes]
    for row in others:
        with pytest.raises(BadInput):
            read(row)


def test_a_hidden_sheet_is_named_where_nothing_else_was_read(tmp_path: Path) -> None:
    """Its messages would be missed without a word."""
    other = sheet_xml(rows_xml([["颜色", "含义"], ["红", "急"]]))
    path = workbook(tmp_path / "a.xlsx", {"图例": other, "工单": _LIST}, states={"工单": "hidden"})

    with pytest.raises(Malformed, match="工单; name them with --sheet"):
        tables_of(path, EVERYTHING)


def test_a_line_that_tells_how_to_fill_in_the_list_is_no_message(tmp_path: Path) -> None:
    """Where nothing else stands in it; a citizen may ask others to fill in something."""
    path = _csv(
        tmp_path / "a.csv",
        "编号,内容\n,请勿删除此行，从下一行开始填写\n,说明：带星号的必填\n7,社区让我请按要求填写，已经三次了\n",
    )
    rows = _rows(path)

    assert [["像是填表说明，不是诉求"], ["像是填表说明，不是诉求"], []] == [
        [error.zh for error in row.wrong] for row in rows
    ]


@pytest.mark.parametrize("end", ["\x85", "\u2028", "\x0b"])
def test_lines_that_end_as_no_others_do_are_lines(tmp_path: Path, end: str) -> None:
    """A whole file read as its header would be nobody's message."""
    path = _csv(tmp_path / "a.csv", f"编号,内容{end}1,路灯坏了{end}2,停水{end}")

    assert ["路灯坏了", "停水"] == _texts(path)
