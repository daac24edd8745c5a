"""Moments as the tests write them."""

from datetime import datetime
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")


def at(text: str) -> datetime:
    """`at("2026-02-13 10:00")`: a moment in China."""
    return datetime.fromisoformat(text).replace(tzinfo=CHINA)
