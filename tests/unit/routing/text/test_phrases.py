"""Phrases of misconduct.toml and the patterns made of them."""

import re

import pytest

from routing.core.text.phrases import Phrases

PHRASES = Phrases(
    parts={"takes": ["收", "拿"], "gifts": ["烟", "茶", "好{what}"], "what": ["酒"]},
    not_before={"gifts": ["草"]},
    not_after={"takes": ["没"]},
)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("收烟", True), ("拿了两条烟", True), ("收了好酒", True), ("收了一堆烟草", False), ("没收烟", False),
        ("收了，烟", False), ("收了一二三四五六七八九烟", False),
    ],
)  # fmt: skip
def test_a_phrase_is_its_parts_in_one_clause(text: str, found: bool) -> None:
    """Any word of each list, a few characters between, and nothing beside a part that makes it something else."""
    assert found is bool(re.search(PHRASES.any_of(["{takes}~{gifts}"]), text))


@pytest.mark.parametrize(
    "text", ["收烟", "拿了两条烟", "收了好酒", "被收买后收了", "吃拿卡要", "吃拿", "索要", "索取"]
)
def test_the_quick_look_finds_whatever_a_phrase_finds(text: str) -> None:
    """A phrase that begins with a list, with a gap, or as another one does."""
    words = ["{takes}~{gifts}", "~收买~{takes}", "吃拿卡要", "吃拿", "索要", "索取"]

    assert re.search(PHRASES.any_of(words), text)
    assert PHRASES.prefilter(words).may_hold(text)


@pytest.mark.parametrize("text", ["收了，烟", "收", "索", "卡要", "路灯坏了"])
def test_the_quick_look_passes_over_the_rest(text: str) -> None:
    """What is no phrase, nor the beginning of one."""
    assert not PHRASES.prefilter(["{takes}~{gifts}", "吃拿卡要", "索要", "索取"]).may_hold(text)


def test_a_part_that_is_not_listed_is_refused() -> None:
    """By its name, when the rules are read."""
    with pytest.raises(ValueError, match="cars"):
        PHRASES.any_of(["{takes}{cars}"])
