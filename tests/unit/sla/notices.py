"""Whole notices of years that nobody has announced yet, made up for tests."""

from collections.abc import Sequence
from datetime import date

from sla.core.calendar import DayOverride, missing_of


def notice(year: int, *more: tuple[str, bool]) -> Sequence[DayOverride]:
    """Every statutory day off, a Saturday to make up for them, and `more`: (day, whether it is worked)."""
    days = {line[:10]: False for line in map(str, missing_of(year, {})) if line.startswith(f"{year}-")}
    days |= {f"{year}-01-02": True} | dict(more)
    return [
        DayOverride(day=date.fromisoformat(day), is_workday=worked) for day, worked in sorted(days.items())
    ]


def as_csv(days: Sequence[DayOverride]) -> str:
    """As `huiyin calendar import` reads it."""
    return "date,is_workday\n" + "".join(f"{day.day},{str(day.is_workday).lower()}\n" for day in days)
