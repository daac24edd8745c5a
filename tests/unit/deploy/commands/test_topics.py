"""`huiyin topics --file`: what does not read is named."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import typer

from deploy.commands.topics import _rows

ZONE = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize("row", ["b,c,soon,x", "b,c"])
def test_a_row_whose_time_cannot_be_read_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], row: str
) -> None:
    """Also one that ends before it; by its number in the file, in a sentence."""
    file = tmp_path / "a.csv"
    file.write_text(f"title,text,received_at,author\na,b,2026-11-22 16:45,x\n{row}\n", encoding="utf-8")
    with pytest.raises(typer.Exit):
        _rows(file, ("title", "text"), ("received_at", "author"), ZONE)

    assert "row 3" in capsys.readouterr().err


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-22 16:45",
        "2026/11/22 16:45:00",
        "2026-11-22T16:45",
        "2026-11-22T08:45:00Z",
        "2026-11-22T16:45:00+08:00",
        "2026-11-22 16:45:00+08",
        "2026-11-22 08:45:00.25+00",
        "2026/11/22 16:45:00+08:00",
        "2026/11/22 8:45 z",
        "2026-11-22t08:45:00z",
        "2026-11-22 04:15-0430",
    ],
)
def test_a_time_is_the_citys_unless_it_says_otherwise(tmp_path: Path, written: str) -> None:
    """Also as our own exports write it."""
    file = tmp_path / "a.csv"
    file.write_text(f"title,text,received_at,author\na,b,{written},x\n", encoding="utf-8")

    [row] = _rows(file, ("title", "text"), ("received_at", "author"), ZONE)

    assert datetime(2026, 11, 22, 8, 45, tzinfo=UTC) == row.told.at


def test_a_stray_quotation_mark_ends_nothing(tmp_path: Path) -> None:
    """Where it stands within a cell, what is behind it belongs to the cell."""
    file = tmp_path / "a.csv"
    rows = 'a,"夜里"很吵,2026-11-22 16:45,x\nb,说"吵",2026-11-22 16:46,y\n'
    file.write_text(f"title,text,received_at,author\n{rows}", encoding="utf-8")

    found = _rows(file, ("title", "text"), ("received_at", "author"), ZONE)

    assert ["夜里很吵", '说"吵"'] == [row.told.text for row in found]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-16", "utf-8-sig"])
def test_one_author_is_one_whatever_stands_around_the_name(tmp_path: Path, encoding: str) -> None:
    """In what spreadsheet programs write; a cell may be as long as one of an import."""
    file = tmp_path / "a.csv"
    rows = f"搅拌站,噪音,2026-11-22 16:45,住户\n搅拌站,{'夜里噪音' * 40_000},2026-11-22 16:46, 住户 \n"
    file.write_text(f"title,text,received_at,author\n{rows}", encoding=encoding)

    found = _rows(file, ("title", "text"), ("received_at", "author"), ZONE)

    assert ["住户", "住户"] == [row.author for row in found]
