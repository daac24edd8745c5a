"""A sheet that goes on where the one before it ended."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from intake.imports.preview import has_unread_messages, reports_of
from intake.imports.run import run_import
from intake.imports.tables import TableChoice
from tests.kafka_in_memory import KafkaInMemory
from tests.unit.intake.imports.files import HEADER, import_of, rows_xml, sheet_xml, workbook

_FIRST = [list(HEADER), ["G-1", "路灯", "路灯坏了三天", "张三", "13900138001"]]
_WORDS = [["A", "红色", "表示紧急", "甲", "乙"], ["B", "黄色", "表示一般", "甲", "乙"]]


async def _read(path: Path, second: Sequence[Sequence[str]]) -> tuple[list[str], str | None, bool]:
    """What was sent, why the second sheet was not read, and whether the exit status says so."""
    book = workbook(path / "a.xlsx", {"一": sheet_xml(rows_xml(_FIRST)), "二": sheet_xml(rows_xml(second))})
    task, kafka = import_of(book), KafkaInMemory()
    done = await run_import(task, kafka)
    _, report = reports_of(task)
    assert done.rows == done.accepted + done.rejected
    return [event.text for event in kafka.events], report.why or None, has_unread_messages(task)


@pytest.mark.parametrize(
    "row",
    [
        ["G-2", "油烟", "楼下餐馆油烟大", "李四", "13900138002"],
        ["G-20261120", "油烟", "楼下餐馆油烟大", "李四", ""],
        ["", "", "楼下餐馆油烟大", "李四", "0551-62213456"],
    ],
)
async def test_a_sheet_without_a_header_is_read_by_the_one_before(tmp_path: Path, row: list[str]) -> None:
    """Its numbers or telephones stand where those of that sheet stand: not one of its messages is lost."""
    sent, why, is_lacking = await _read(tmp_path, [row, [*row[:2], "工地夜间施工", *row[3:]]])

    assert ["路灯坏了三天", "楼下餐馆油烟大", "工地夜间施工"] == sent
    assert (None, False) == (why, is_lacking)


async def test_what_only_may_go_on_is_said_and_not_taken(tmp_path: Path) -> None:
    """A list of words must not become citizens' messages; the exit status says that something was not taken."""
    sent, why, is_lacking = await _read(tmp_path, _WORDS)

    assert ["路灯坏了三天"] == sent
    assert why
    assert "no header" in why
    assert is_lacking


@pytest.mark.parametrize(
    "second",
    [
        [["颜色", "含义"], ["红", "急"]],
        [["汇总"]],
        [["a", "b", "c", "d", "e", "f", "g"]],
        [["G-2", "油烟", "楼下餐馆油烟大", "李四", "13900138002", "已回访"]],
        [["x", "y", "", "", "13900138001"]],
    ],
)
async def test_what_cannot_go_on_is_no_list(tmp_path: Path, second: list[list[str]]) -> None:
    """Narrower than a row, wider than the header, or without a text."""
    sent, why, is_lacking = await _read(tmp_path, second)

    assert (["路灯坏了三天"], False) == (sent, is_lacking)
    assert "no column for the text (内容, text)" == why


async def test_the_same_row_on_both_sheets_is_two_messages(tmp_path: Path) -> None:
    """Each sheet's numbers are its own where nobody named one source."""
    book = workbook(
        tmp_path / "a.xlsx",
        {name: sheet_xml(rows_xml(rows)) for name, rows in (("一", _FIRST), ("二", _FIRST[1:]))},
    )
    kafka = KafkaInMemory()
    await run_import(import_of(book), kafka)

    assert 2 == len({event.case_id for event in kafka.events})


async def test_an_earlier_readers_rows_are_known_again(tmp_path: Path) -> None:
    """It passed over the sheet that goes on: the rows behind that are the same messages, and nothing of it is one twice."""
    rows = [["", title, text, "", phone] for title, text, phone in (
        ("油烟", "楼下餐馆油烟大", "13900138002"), ("噪音", "工地夜间施工", "13900138003"),
    )]  # fmt: skip
    third = [list(HEADER), ["", "积水", "路口积水很深", "", ""], ["", "积水", "路口积水很深", "", ""]]
    sheets = {"一": [list(HEADER), *rows], "二": rows, "三": third}
    book = workbook(tmp_path / "a.xlsx", {name: sheet_xml(rows_xml(each)) for name, each in sheets.items()})
    before, now = KafkaInMemory(), KafkaInMemory()
    await run_import(import_of(book, choice=TableChoice(sheets=("一", "三"))), before)
    await run_import(import_of(book), now)
    known, ids = ({event.case_id for event in kafka.events} for kafka in (before, now))

    assert (4, 6) == (len(known), len(ids))
    assert known < ids
