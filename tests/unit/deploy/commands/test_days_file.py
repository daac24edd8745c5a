"""Days of a calendar, in sheets of one workbook."""

from datetime import date
from pathlib import Path

import openpyxl
import pytest

from deploy.commands.days_file import read_days
from schemas.errors import Unusable


def _workbook(path: Path, header: tuple[str, str], *, state: str = "visible") -> Path:
    """Two sheets of days; the header of the second one is called so."""
    book = openpyxl.Workbook()
    book.worksheets[0].append(["日期", "是否工作日"])
    book.worksheets[0].append([date(2026, 10, 1), "否"])
    other = book.create_sheet("2027")
    other.append(header)
    other.append([date(2027, 1, 1), "休"])
    other.sheet_state = state
    book.save(path)
    return path


def test_days_below_a_header_that_is_not_known_are_missed_by_nobody(tmp_path: Path) -> None:
    """A sheet of them beside another that is read: half a notice would be imported as the whole."""
    with pytest.raises(Unusable, match="'2027' has days, and no header"):
        read_days(_workbook(tmp_path / "a.xlsx", ("时间", "安排")), announces_year=True)


@pytest.mark.parametrize(
    ("header", "state", "days"), [(("日期", "上班"), "visible", 2), (("时间", "安排"), "hidden", 1)]
)
def test_every_visible_sheet_of_days_is_read(
    tmp_path: Path, header: tuple[str, str], state: str, days: int
) -> None:
    """What is hidden is no list."""
    read = read_days(_workbook(tmp_path / "a.xlsx", header, state=state), announces_year=True)

    assert days == len(read)


def test_a_sheet_that_only_names_a_date_is_a_note(tmp_path: Path) -> None:
    """When the notice was published, and by whom."""
    path = _workbook(tmp_path / "a.xlsx", ("日期", "上班"))
    book = openpyxl.load_workbook(path)
    book.create_sheet("说明").append(["发布日期", date(2026, 11, 1), "国务院办公厅"])
    book.save(path)

    assert 2 == len(read_days(path, announces_year=True))
