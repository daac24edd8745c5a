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


def test_a_field_that_holds_a_story_is_read_as_far_as_a_number_may_stand_in_it() -> None:
    """Looking at all of it takes as long as the square of its length; the field is kept whole beside the number."""
    assert ("13900138001", False) == read_telephone(f"13900138001{chr(10) * 200_000}1")
    assert (None, False) == read_telephone("1" * 200_000)
