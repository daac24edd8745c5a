"""How a workbook shows a whole number."""

import pytest

from intake.imports.formats import shape_of, shown


@pytest.mark.parametrize(
    ("code", "number", "said"),
    [
        ("0000-00000000", "55162213456", "0551-62213456"),
        ("000 0000 0000", "13900138001", "139 0013 8001"),
        ("00000", "12", "00012"),
        ('"GD-"0000', "34", "GD-0034"),
        (r"\N\o0000;-0000", "7", "No0007"),
        ("0000_ ", "7", "0007"),
        ("000-0000", "1234567890", "123456-7890"),
    ],
)
def test_a_number_is_read_as_its_sheet_shows_it(code: str, number: str, said: str) -> None:
    """The area of a telephone number begins with a nought that the cell itself has not."""
    assert said == shown(shape_of(code), number)


@pytest.mark.parametrize(
    "code", [None, "", "0", "0.00", "#,##0", "General", "yyyy-mm-dd", "@", "0.00E+00", "[Red]0", "0%"]
)
def test_other_formats_leave_a_number_as_it_is(code: str | None) -> None:
    """Amounts, dates and whatever nobody can tell."""
    assert shape_of(code) == ""


def test_a_format_longer_than_any_is_none() -> None:
    """Spreadsheet programs take 255 characters; work on one grows with its square."""
    assert shape_of("0-" * 127 + "0") == "0-" * 127 + "0"
    assert shape_of("0-" * 128) == ""
