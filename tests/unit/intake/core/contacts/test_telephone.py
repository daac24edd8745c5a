"""Telephone numbers as clerks write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.core.contacts.dialled import is_plausible_phone
from intake.core.contacts.telephone import read_telephone


@given(st.text("0123456789 -()（）/、转本人+eE*", max_size=40))
def test_what_is_found_can_be_dialled(written: str) -> None:
    """Or nothing is."""
    number, _ = read_telephone(written)

    assert number is None or is_plausible_phone(number)


def test_an_exponent_is_no_number() -> None:
    """Its digits are gone, whatever a program made of them."""
    assert (None, False) == read_telephone("1.39E+10")
    assert (None, False) == read_telephone("1.3900138E10")


def test_an_exponent_behind_every_digit_is_read() -> None:
    """As Java writes a number that a workbook held: nothing of it is gone."""
    assert ("13900138001", True) == read_telephone("1.3900138001E10")
    assert ("62213456", True) == read_telephone("6.2213456e+7")


@pytest.mark.parametrize(
    "written",
    [
        "62213456 x801",
        "62213456×801",
        "62213456 ext 801",
        "62213456#801",
        "62213456轉801",
        "62213456 分機801",
    ],
)
def test_an_extension_is_dialled_behind_its_number(written: str) -> None:
    """However it is set apart; a mobile number with crosses for what was hidden is none."""
    assert ("62213456转801", True) == read_telephone(written)
    for hidden in ("139xxxx8001", "6221x3456", "1390013x8001"):
        assert (None, False) == read_telephone(hidden)
    assert ("13900138001", False) == read_telephone("13900138001x2")


def test_a_field_that_holds_a_story_is_read_as_far_as_a_number_may_stand_in_it() -> None:
    """Looking at all of it takes as long as the square of its length; the field is kept whole beside the number."""
    assert ("13900138001", False) == read_telephone(f"13900138001{chr(10) * 200_000}1")
    assert (None, False) == read_telephone("1" * 200_000)


@pytest.mark.parametrize("before", [486, 491, 495, 499, 500, 501, 2000])
@pytest.mark.parametrize("stop", ["、", "／", "，", " ", "  "])
def test_no_number_is_cut_where_reading_stops(before: int, stop: str) -> None:
    """Half of a number is somebody else's: a mobile number is found whole wherever it stands, any other not at all."""
    assert ("13800138000", False) == read_telephone(f"{'人' * before}{stop}13800138000")
    assert (None, False) == read_telephone(f"{'人' * before}{stop}0571-88886666转{'8' * 30}")


def test_a_number_before_a_story_is_the_first() -> None:
    """Also one that is no mobile number, with a mobile number behind where reading stops."""
    assert ("0571-88886666", False) == read_telephone(f"0571-88886666，{'人' * 600}13800138000")


def test_a_grouped_mobile_beside_a_name_is_found() -> None:
    """As a clerk writes it into one cell."""
    assert ("139 0013 8001", False) == read_telephone("139 0013 8001 张先生")
