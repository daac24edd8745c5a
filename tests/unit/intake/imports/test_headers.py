"""Headers of two lines, as cities draw them."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import openpyxl
import pytest

from intake.imports.columns import SourceRow
from intake.imports.rows import read
from intake.imports.tables import EVERYTHING, rows_of, tables_of

_Lines = Sequence[Sequence[str | None]]


def _rows(path: Path, lines: _Lines, merges: Sequence[str] = ()) -> Sequence[SourceRow]:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for line in lines:
        sheet.append(list(line))
    for merge in merges:
        sheet.merge_cells(merge)
    book.save(path)
    (table,) = tables_of(path, EVERYTHING)
    return list(rows_of(table, EVERYTHING.columns))


def _meant(row: SourceRow) -> Mapping[str | None, object]:
    return {cell.field: cell.value for cell in row.cells if cell.field and cell.value}


def test_a_header_of_two_lines_is_no_message_and_names_every_column(tmp_path: Path) -> None:
    """Its second line stands below names that are merged into it."""
    lines: _Lines = [
        ["编号", "内容", "联系人", None, "受理时间"],
        [None, None, "姓名", "电话", None],
        ["1", "停水三天", "李四", "13900138001", "2026-11-20"],
    ]
    rows = _rows(tmp_path / "a.xlsx", lines, ["A1:A2", "B1:B2", "C1:D1", "E1:E2"])

    assert [
        {
            "external_id": "1",
            "text": "停水三天",
            "name": "李四",
            "phone": "13900138001",
            "said_at": "2026-11-20",
        }
    ] == [_meant(row) for row in rows]


def test_a_column_that_the_upper_line_alone_names_is_read(tmp_path: Path) -> None:
    """Nobody merged it with the empty cell below."""
    lines: _Lines = [
        ["编号", "内容", "联系人", None, "是否保密"],
        [None, None, "姓名", "电话", None],
        ["1", "停水三天", "李四", "13900138001", "是"],
    ]
    (row,) = _rows(tmp_path / "a.xlsx", lines, ["A1:A2", "B1:B2", "C1:D1"])

    assert read(row).draft.confidential
    assert not row.notes


@pytest.mark.parametrize(
    ("group", "answers", "ticked", "is_protected"),
    [
        ("是否保密", ("是", "否"), 0, True),
        ("是否保密", ("否", "是"), 1, True),
        ("是否保密", ("是", "否"), 1, False),
        ("是否公开姓名", ("同意", "不同意"), 1, True),
        ("是否公开", ("是", "否"), 0, False),
        ("是否公开", ("否", "是"), 0, True),
        ("是否公开", ("不同意", "同意"), 0, True),
    ],
)
def test_an_answer_is_ticked_in_a_column_of_its_own(
    tmp_path: Path, group: str, answers: tuple[str, str], ticked: int, is_protected: bool
) -> None:
    """Below what was asked: the tick says what its column is called."""
    ticks = [("√" if place == ticked else None) for place in range(2)]
    lines: _Lines = [["编号", "内容", group, None], [None, None, *answers], ["1", "停水三天", *ticks]]
    (row,) = _rows(tmp_path / "a.xlsx", lines, ["A1:A2", "B1:B2", "C1:D1"])
    draft = read(row).draft

    assert is_protected == (not draft.publish if group == "是否公开" else draft.confidential)


@pytest.mark.parametrize(
    ("group", "ticks", "is_protected", "notes"),
    [
        ("是否公开", ("√", "√"), True, 1),
        ("是否公开", ("√", "□"), False, 0),
        ("是否公开", ("√", "×"), False, 0),
        ("是否公开", ("√", "/"), False, 0),
        ("是否公开", ("√", "部分"), True, 1),
        ("是否公开", (None, None), True, 0),
        ("是否保密", ("√", "√"), True, 0),
        ("是否实名", ("√", "√"), True, 0),
    ],
)
def test_whoever_ticks_both_answers_is_protected(
    tmp_path: Path, group: str, ticks: tuple[str | None, str | None], is_protected: bool, notes: int
) -> None:
    """Nobody knows which was meant."""
    lines: _Lines = [["编号", "内容", group, None], [None, None, "是", "否"], ["1", "停水三天", *ticks]]
    (row,) = _rows(tmp_path / "a.xlsx", lines, ["A1:A2", "B1:B2", "C1:D1"])
    found = read(row)

    assert is_protected == (not found.draft.publish if group == "是否公开" else found.draft.confidential)
    assert notes == len(found.notes)


@pytest.mark.parametrize(
    ("group", "answers", "ticks", "wish"),
    [
        ("是否需要回访", ("是", "否"), ("√", None), "any"),
        ("是否需要回访", ("是", "否"), (None, "√"), "text"),
        ("是否需要回访", ("需要", "不需要"), (None, "√"), "none"),
        ("联系意愿", ("电话", "短信"), (None, "√"), "text"),
        ("联系意愿", ("电话", "短信"), ("√", "√"), "text"),
        ("联系意愿", ("短信", "微信"), ("√", "×"), "text"),
        ("是否需要回访", ("需要", "不需要"), ("√", "×"), "any"),
    ],
)
def test_whoever_ticks_that_they_want_no_call_gets_none(
    tmp_path: Path, group: str, answers: tuple[str, str], ticks: tuple[str | None, str | None], wish: str
) -> None:
    """In a column of its own below what was asked; of two that are ticked the stricter counts."""
    lines: _Lines = [
        ["编号", "内容", "电话", group, None],
        [None, None, None, *answers],
        ["1", "停水三天", "13900138001", *ticks],
    ]
    (row,) = _rows(tmp_path / "a.xlsx", lines, ["A1:A2", "B1:B2", "C1:C2", "D1:E1"])
    contact = read(row).draft.contact

    assert contact is not None
    assert (wish, "13900138001") == (contact.preference, contact.phone)


@pytest.mark.parametrize(
    ("group", "answers", "said", "wish"),
    [
        ("回复方式", ("短信", "微信"), ("13900138002", "wx_abc"), "text"),
        ("是否需要回访", ("是", "否"), ("晚上八点后打", "/"), "any"),
        ("是否需要回访", ("需要", "不需要"), ("/", "勾选"), "none"),
    ],
)
def test_what_stands_below_an_answer_and_is_no_tick_is_kept(
    tmp_path: Path, group: str, answers: tuple[str, str], said: tuple[str, str], wish: str
) -> None:
    """Among the contact details, with a note: it counts as a tick, and its words were lost."""
    lines: _Lines = [
        ["编号", "内容", "电话", group, None],
        [None, None, None, *answers],
        ["1", "停水三天", "13900138001", *said],
    ]
    (row,) = _rows(tmp_path / "a.xlsx", lines, ["A1:A2", "B1:B2", "C1:C2", "D1:E1"])
    found = read(row)
    kept = [text for text in said if text != "/"]

    assert found.draft.contact is not None
    assert (wish, "13900138001") == (found.draft.contact.preference, found.draft.contact.phone)
    assert len(kept) == len(found.notes)
    assert all(text in str(found.draft) for text in kept)


@pytest.mark.parametrize(
    ("name", "offered", "field"),
    [
        ("是否需要回访", "是/否", "preference"),
        ("是否保密", "是／否", "confidential"),
        ("是否公开", "同意或不同意", "publish"),
    ],
)
def test_what_there_is_to_choose_from_is_no_message(
    tmp_path: Path, name: str, offered: str, field: str
) -> None:
    """Printed below the name of its column, where all others are merged: the line became a message called 内容."""
    lines: _Lines = [["编号", "内容", name], [None, None, offered], ["1", "停水三天", "否"]]
    (row,) = _rows(tmp_path / "a.xlsx", lines, ["A1:A2", "B1:B2"])

    assert {"external_id": "1", "text": "停水三天", field: "否"} == _meant(row)


def test_a_header_of_three_lines_is_read(tmp_path: Path) -> None:
    """Groups within groups."""
    lines: _Lines = [
        ["编号", "内容", "标题", "来电人", None, None],
        [None, None, None, "姓名", "联系方式", None],
        [None, None, None, None, "手机", "邮箱"],
        ["1", "停水三天", "停水", "李四", "13900138001", "li@example.org"],
    ]
    merges = ["A1:A3", "B1:B3", "C1:C3", "D1:F1", "D2:D3", "E2:F2"]
    (row,) = _rows(tmp_path / "a.xlsx", lines, merges)

    assert {"phone": "13900138001", "email": "li@example.org", "name": "李四"}.items() <= _meant(row).items()


def test_a_row_whose_text_is_merged_into_the_header_is_not_lost(tmp_path: Path) -> None:
    """It is a row still, and says what is wrong."""
    lines: _Lines = [["编号", "内容", "电话"], ["1", None, "13900138001"], ["2", "停水三天", "13900138002"]]
    first, _ = _rows(tmp_path / "a.xlsx", lines, ["B1:B2"])

    assert ("1", "13900138001") == (_meant(first)["external_id"], _meant(first)["phone"])
    assert first.notes


@pytest.mark.parametrize("first", [("张三", "13900138001"), ("张三", None)])
def test_a_first_row_below_a_group_is_no_header(tmp_path: Path, first: tuple[str, str | None]) -> None:
    """Its text is merged away, and what stands below the group names nothing."""
    lines: _Lines = [["内容", "联系人", None], [None, *first], ["停水三天", "李四", "13900138002"]]
    rows = _rows(tmp_path / "a.xlsx", lines, ["A1:A2", "B1:C1"])

    assert ["张三", "李四"] == [_meant(row)["name"] for row in rows]


def test_a_line_into_which_other_columns_are_merged_is_no_message(tmp_path: Path) -> None:
    """Whatever the columns of a group are called."""
    lines: _Lines = [
        ["编号", "内容", "地址", None],
        [None, None, "小区", "门牌号"],
        ["1", "路灯坏了", "望江小区", "3"],
    ]
    (row,) = _rows(tmp_path / "a.xlsx", lines, ["A1:A2", "B1:B2", "C1:D1"])

    assert "路灯坏了" == _meant(row)["text"]


def test_a_group_that_we_do_not_know_may_have_any_columns(tmp_path: Path) -> None:
    """They are a header's all the same, and no message."""
    lines: _Lines = [
        ["编号", "内容", "办理", None],
        [None, None, "经办", "结果"],
        ["1", "停水三天", "甲", "乙"],
    ]
    (row,) = _rows(tmp_path / "a.xlsx", lines, ["A1:A2", "B1:B2", "C1:D1"])

    assert {"external_id": "1", "text": "停水三天"} == _meant(row)


def test_a_title_above_the_header_names_no_column(tmp_path: Path) -> None:
    """Nor does what stands beside it."""
    lines: _Lines = [
        ["热线工单明细", None, None, "联系电话"],
        ["编号", "内容", "姓名", None],
        ["1", "停水三天", "李四", "501"],
    ]
    (row,) = _rows(tmp_path / "a.xlsx", lines, ["A1:C1"])

    assert {"external_id": "1", "text": "停水三天", "name": "李四"} == _meant(row)
