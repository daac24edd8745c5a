"""Which searches that found nothing are remembered, so that somebody can write what is missing."""

import re
from datetime import date

import msgspec

from intake.core.wording import matchable
from schemas.masking import for_public

#: Longer ones tell a story, and stories are somebody's (project choice: a title of two lines of a telephone's form).
LONGEST_REMEMBERED = 20
#: Words that fewer searches had are shown to nobody: one person's are their own (project choice, as for topics).
LEAST_SHOWN = 3
#: A digit may be of a number of somebody's; an address of mail, of a page or of an account has one of these.
_TELLING = re.compile(r"\d|[@/:\\]")


class Unanswered(msgspec.Struct, frozen=True, kw_only=True):
    """Words that were looked for in vain: how often, and on which days of the city first and last."""

    words: str
    times: int
    first_on: date
    last_on: date


def remembered(typed: str) -> str | None:
    """What is kept of a search that found nothing: its words as they are compared; None where it may be about somebody."""
    words = " ".join(matchable(typed).split())
    if not words or len(words) > LONGEST_REMEMBERED or _TELLING.search(words):
        return None
    return words if for_public(words) == words else None
