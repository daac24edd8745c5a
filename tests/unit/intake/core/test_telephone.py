"""Telephone numbers as clerks write them."""

from hypothesis import given
from hypothesis import strategies as st

from intake.core.draft import is_plausible_phone
from intake.core.telephone import read_telephone


@given(st.text("0123456789 -()（）/、转本人+eE*", max_size=40))
def test_what_is_found_can_be_dialled(written: str) -> None:
    """Or nothing is."""
    number, _ = read_telephone(written)

    assert number is None or is_plausible_phone(number)


def test_an_exponent_is_no_number() -> None:
    """Its digits are gone, whatever a program made of them."""
    assert (None, False) == read_telephone("1.39E+10")
