"""Phrases of misconduct.toml and the patterns made of them."""

import re

import pytest

from routing.core.phrases import Phrases

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


def test_a_text_without_a_hint_has_no_phrase() -> None:
    """The hints are of the list that is hardest to come by."""
    assert {"烟", "茶", "好"} == PHRASES.hints(["{takes}~{gifts}"])
    assert {"收买"} == PHRASES.hints(["~收买~{takes}"])


def test_a_part_that_is_not_listed_is_refused() -> None:
    """By its name, when the rules are read."""
    with pytest.raises(ValueError, match="cars"):
        PHRASES.any_of(["{takes}{cars}"])
