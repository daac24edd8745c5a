"""What a check of `huiyin doctor` finds."""

from typing import Literal

import msgspec

from deploy.access import AccessDenied
from schemas.bilingual import Bilingual
from schemas.words import Language


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One check: what was found, and what to do about it."""

    check: str
    state: Literal["ok", "warn", "fail"]
    found: Bilingual
    remedy: Bilingual = Bilingual(zh="", en="")


def denied(check: str, error: AccessDenied) -> Finding:
    """What is found of a server that refuses us."""
    found = Bilingual(zh=error.found(Language.ZH), en=error.found(Language.EN))
    remedy = Bilingual(zh=error.remedy(Language.ZH), en=error.remedy(Language.EN))
    return Finding(check=check, state="fail", found=found, remedy=remedy)


def process_at(name: str, replica: str) -> Bilingual:
    """A process, and where it runs."""
    return Bilingual(zh=f"{replica} 上的 {name}", en=f"{name} on {replica}")
