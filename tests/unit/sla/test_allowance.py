"""Allowances as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import Unusable
from schemas.words import Language
from sla.core.allowance import Allowance, TimeUnit, parse_allowance


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10 working days", Allowance(10, TimeUnit.WORKING_DAYS)),
        ("1 working day", Allowance(1, TimeUnit.WORKING_DAYS)),
        ("5wd", Allowance(5, TimeUnit.WORKING_DAYS)),
        ("5个工作日", Allowance(5, TimeUnit.WORKING_DAYS)),
        ("90 minutes", Allowance(90, TimeUnit.MINUTES)),
        ("4 Working  Hours", Allowance(4, TimeUnit.WORKING_HOURS)),
        ("24小时", Allowance(24, TimeUnit.HOURS)),
        ("10個工作日", Allowance(10, TimeUnit.WORKING_DAYS)),
        ("7 days", Allowance(7, TimeUnit.CALENDAR_DAYS)),
    ],
)
def test_allowance_is_read(text: str, expected: Allowance) -> None:
    """Both languages, singular and plural, are understood."""
    assert expected == parse_allowance(text)


@pytest.mark.parametrize(
    "text", ["", "0 days", "-1 days", "1.5 days", "days", "5", "5 fortnights", "999999 days"]
)
def test_anything_else_is_refused(text: str) -> None:
    """What is no positive whole number of a known unit is refused, never guessed."""
    with pytest.raises(ValueError, match="is no allowance"):
        parse_allowance(text)


@given(st.builds(Allowance, st.integers(1, 99_999), st.sampled_from(TimeUnit)))
def test_an_allowance_reads_back(allowance: Allowance) -> None:
    """What is stored as text comes back as the same allowance."""
    assert allowance == parse_allowance(str(allowance))


@pytest.mark.parametrize(
    ("allowance", "written"),
    [
        (Allowance(1, TimeUnit.WORKING_DAYS), "1 working day"),
        (Allowance(2, TimeUnit.WORKING_DAYS), "2 working days"),
        (Allowance(1, TimeUnit.HOURS), "1 hour"),
    ],
)
def test_one_is_singular(allowance: Allowance, written: str) -> None:
    """As people write it, in rules, in steps and on pages."""
    assert written == str(allowance)


def test_full_width_digits_are_digits() -> None:
    """As a Chinese keyboard writes them into a rules file."""
    assert parse_allowance("5个工作日") == parse_allowance("５个工作日")


def test_units_are_named_in_the_language_of_the_sentence() -> None:
    """Whoever reads Chinese is told which words to write."""
    with pytest.raises(Unusable) as refused:
        parse_allowance("两个小时")

    assert refused.value.message(Language.ZH).endswith(
        "之一：分钟、小时、工作分钟、工作小时、工作日、半工作日、自然日、周、月"
    )


def test_half_a_working_day_is_not_told_as_one_and_a_half() -> None:
    """一个半工作日 is a day and a half."""
    assert [
        parse_allowance("half a working day").in_both().zh,
        Allowance(3, TimeUnit.HALF_WORKING_DAYS).in_both().zh,
    ] == [
        "半个工作日",
        "3 个半天（工作日）",
    ]
