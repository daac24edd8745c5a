"""Patterns of a city's list of dangers."""

import re
from collections.abc import Sequence

from schemas.errors import Unusable
from schemas.simplified import readings_of


def any_of(patterns: Sequence[str]) -> re.Pattern[str]:
    """What matches where one of them does; none listed, nothing is matched."""
    check(patterns)
    return re.compile("|".join(reading for each in patterns for reading in readings_of(each)) or "(?!)")


def check(patterns: Sequence[str]) -> None:
    """Raises Unusable: one of them is none."""
    for pattern in patterns:
        try:
            re.compile(pattern)
        except re.error as error:
            raise Unusable(
                zh=f"perils.toml 中的 {pattern} 不是正则表达式（{error}）",
                en=f"{pattern} in perils.toml is no pattern ({error})",
            ) from error
