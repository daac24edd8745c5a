"""What every notice would say, with example values, so that its wording can be checked beforehand."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from deploy.notices.staff import SENTENCES, letter_words, moment_in_words, place_of
from intake.core import notices as citizens
from schemas.notices import Audience, Occasion
from schemas.words import CaseState, Language

#: An example's.
_CODE = "ABCD-EFGH-JKMN-7890"
_UNTIL = datetime(2026, 12, 1, 10, 0, tzinfo=UTC).isoformat()
_AUDIENCES = {
    Occasion.ESCALATED: Audience.SUPERVISORS,
    Occasion.ORDER_REPORTED: Audience.SUPERVISORS,
    Occasion.EXCLUSION_ASKED: Audience.SUPERVISORS,
    Occasion.EXCLUSION_OVERDUE: Audience.SUPERVISORS,
    Occasion.WAITING: Audience.DISPATCHERS,
    Occasion.EMERGENCY: Audience.DISPATCHERS,
    Occasion.SUSPECTED: Audience.DISPATCHERS,
}


class Sample(NamedTuple):
    """One notice: to whom, of what, and its words."""

    audience: Audience
    occasion: Occasion
    is_private: bool
    subject: str
    text: str
    #: As a text message; empty: staff get none.
    short: str = ""


def samples(language: Language, zone: ZoneInfo, public_url: str) -> Sequence[Sample]:
    """Every occasion of every audience in one language, and what is left of it where the case is private."""
    return [*_of_citizens(language, zone, public_url), *_of_staff(language, zone, public_url)]


def _of_citizens(language: Language, zone: ZoneInfo, public_url: str) -> Iterator[Sample]:
    for occasion in citizens.SENTENCES:
        for is_private in (False, True):
            standing = citizens.Standing(_CODE, CaseState.IN_PROGRESS, language, is_private=is_private)
            words = citizens.words_of(
                occasion,
                standing,
                until=moment_in_words(_UNTIL, zone),
                url=f"{public_url}/follow",
                stop_url=f"{public_url}/unsubscribe/…",
                language=language,
            )
            yield Sample(Audience.CITIZEN, occasion, is_private, *words)


def _of_staff(language: Language, zone: ZoneInfo, public_url: str) -> Iterator[Sample]:
    facts = {"until": _UNTIL, "due": "3", "overdue": "1", "new": "2", "waiting": "5"}
    for occasion in SENTENCES:
        audience = _AUDIENCES.get(occasion, Audience.DEPARTMENT)
        for code in (_CODE, ""):
            url = public_url + place_of(occasion, audience)
            subject, text = letter_words(occasion, facts, language, zone, code=code, url=url)
            yield Sample(audience, occasion, not code, subject, text)
