"""Which entries ask nearly the same, and where their figures differ."""

from datetime import date
from typing import Any

import msgspec
import pytest

from handlers.core.likeness import ask_the_same, differing, figures, nearness, pairs
from schemas.ids import RegionCode
from schemas.values import EntryContent


def content(answer: str, *questions: str, **changed: Any) -> EntryContent:
    """What an entry of this year says."""
    usual = EntryContent(
        questions=questions or ("居住证怎么办理",), answer=answer, valid_from=date(2026, 1, 1),
        valid_until=date(2026, 12, 31), checked_on=date(2026, 1, 1),
    )  # fmt: skip
    return msgspec.structs.replace(usual, **changed)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("居住证怎么办理", "居住证如何办理？", True),
        ("居住证怎么办", "请问怎么办理居住证", True),
        ("居住证怎么办理", "身份证怎么办理", False),
        ("公交卡怎么退", "老年公交卡怎么办", False),
        ("How do I renew a permit?", "how do i renew my permit", True),
        ("", "居住证怎么办理", False),
    ],
)
def test_which_questions_are_one(one: str, other: str, expected: bool) -> None:
    """By the neighbouring characters that they share, whatever words ask; both ways alike."""
    assert expected is ask_the_same([one], [other]) is ask_the_same([other], [one])


def test_a_question_is_nearest_to_itself() -> None:
    """1; and 0 to one that shares nothing."""
    assert (1.0, 0.0) == (
        nearness(pairs("居住证"), pairs("居住证")),
        nearness(pairs("居住证"), pairs("公交")),
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5个工作日", {"个工作日": {"5"}}),
        ("五个工作日，即五工作日", {"个工作日": {"5"}}),
        ("受理后十五日内", {"日": {"15"}}),
        ("两百二十元", {"元": {"220"}}),
        ("收费20.00元，或２０元", {"元": {"20"}}),
        ("1,500元", {"元": {"1500"}}),
        ("自2026年3月1日起", {"年": {"2026"}, "月": {"3"}, "日": {"1"}}),
        ("within 5 working days, 3 hours", {"个工作日": {"5"}, "小时": {"3"}}),
        ("请拨打12345", {}),
    ],
)
def test_figures_of_a_text(text: str, expected: dict[str, set[str]]) -> None:
    """By unit, however they are written."""
    assert expected == figures(text)


@pytest.mark.parametrize(
    ("one", "other", "units"),
    [
        (content("5个工作日办好"), content("七个工作日办好"), ["个工作日"]),
        (content("5个工作日办好"), content("五个工作日内"), []),
        (content("收20元"), content("5个工作日"), []),
        (content("收20元", "居住证怎么办理"), content("收30元", "公交卡怎么退"), []),
        (content("收20元"), content("收30元", valid_from=date(2027, 1, 1), valid_until=date(2027, 2, 1)), []),
        (
            content("收20元", regions=(RegionCode("east-lake"),)),
            content("收30元", regions=(RegionCode("west-hill"),)),
            [],
        ),
        (content("收20元", regions=(RegionCode("east-lake"),)), content("收30元"), ["元"]),
    ],
)
def test_where_two_answers_differ(one: EntryContent, other: EntryContent, units: list[str]) -> None:
    """To nearly one question, for one place and one time; both ways alike."""
    assert units == differing(one, other) == differing(other, one)
