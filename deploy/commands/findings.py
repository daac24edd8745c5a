"""What a check of `huiyin doctor` finds."""

from typing import Literal

import msgspec


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One check: what was found, and what to do about it."""

    check: str
    state: Literal["ok", "warn", "fail"]
    found: str
    remedy: str = ""
