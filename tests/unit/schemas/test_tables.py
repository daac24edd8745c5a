"""Tables as files."""

import csv
import io
import json
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest

from schemas.tables import TableFormat, table_file

_CHINA = ZoneInfo("Asia/Shanghai")
_COLUMNS = ("title", "at", "n")


def _rows(title: str) -> list[dict[str, Any]]:
    return [{"title": title, "at": datetime(2026, 11, 23, 2, tzinfo=UTC), "n": 3, "other": "x"}]


def _read(body: bytes, form: TableFormat) -> list[Any]:
    match form:
        case "csv":
            return list(csv.reader(io.StringIO(body.decode("utf-8-sig"))))[1]
        case "xlsx":
            return [cell.value for cell in list(openpyxl.load_workbook(io.BytesIO(body)).active.rows)[1]]  # type: ignore[union-attr]  # it has a sheet
        case "jsonl":
            return list(json.loads(body).values())


@pytest.mark.parametrize("form", ["csv", "xlsx", "jsonl"])
def test_a_table_comes_back_as_it_was(form: TableFormat) -> None:
    """Only its columns, in order, with moments in the city's zone: as such in a workbook, whose first row stays in sight."""
    body = table_file(_COLUMNS, _rows("路灯不亮，“三天”\n了"), form, _CHINA)
    at = "2026-11-23 10:00:00" if form == "xlsx" else "2026-11-23T10:00:00+08:00"

    assert ["路灯不亮，“三天”\n了", at, "3"] == [str(cell) for cell in _read(body, form)]
    if form == "xlsx":
        sheet = openpyxl.load_workbook(io.BytesIO(body)).active
        assert ("A2", True) == (sheet.freeze_panes, sheet["B2"].is_date)  # type: ignore[union-attr, index]  # it has a sheet


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize(
    "title",
    [
        '=HYPERLINK("http://x")',
        "+1",
        "-1",
        "@SUM(1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "＝1＋1",
        "＋1",
        "－1",
        "＠SUM(1)",
        "\t1",
        " =1",
        "\u3000=1",
        "\xa0+1",
        "\u200b=1",
        "\ufeff-1",
        "\x01=1",
        " \u2060@SUM(1)",
    ],
)
def test_no_cell_is_a_formula(form: TableFormat, title: str) -> None:
    """What a citizen writes is never executed by whoever opens the file."""
    body = table_file(_COLUMNS, _rows(title), form, _CHINA)
    (first, *_) = _read(body, form)

    assert first.startswith("'")


def test_an_empty_table_has_its_header() -> None:
    """And a file without lines, where lines are all there is."""
    assert b"\xef\xbb\xbftitle,at,n\r\n" == table_file(_COLUMNS, [], "csv", _CHINA)
    assert b"" == table_file(_COLUMNS, [], "jsonl", _CHINA)
