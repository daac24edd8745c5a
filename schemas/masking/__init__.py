"""One masker, two views of one text: without contact data for the responsible department, without homes for everybody.

Pure, total and idempotent; the time grows with the length of the text. Each family of patterns is tried only where a
cheap look says that it could match. A person still reads every text before it is published.
See docs/decisions/0014-one-masker-two-views.md.
"""

from schemas.masking.accounts import hide_accounts
from schemas.masking.as_written import masked_as_written
from schemas.masking.chosen import hide_words
from schemas.masking.declared import NOTHING, Declared, declared_by, hide_declared
from schemas.masking.dictation import hide_dictated
from schemas.masking.disguised import undisguised
from schemas.masking.dotted_names import DOT_HINT, hide_dotted
from schemas.masking.foreign_names import INTRODUCTION_HINT, LETTER_HINT, hide_foreign
from schemas.masking.judge import hide_judged
from schemas.masking.names import hide_listed, hide_names
from schemas.masking.numbers import hide_numbers
from schemas.masking.other_names import hide_other_names, patterns_of_others
from schemas.masking.places import hide_homes
from schemas.masking.positions import cut_positions
from schemas.masking.spellings import digits_of, unstyled
from schemas.masking.told_names import TOLD_HINT, hide_told
from schemas.values import Place
from schemas.wording import UNSEEN_ONE, without_unseen

__all__ = [
    "MASKER",
    "NOTHING",
    "Declared",
    "declared_by",
    "digits_of",
    "for_department",
    "for_public",
    "place_for_department",
    "place_for_public",
]

#: Raised whenever some text comes out otherwise than before, so that what was published is masked anew (a test knows) (by
#: definition: it counts such changes).
MASKER = 32
#: Decimals of a degree that everybody may see: about 100 m. Project choice: a street, not a house.
PUBLIC_DECIMALS = 3
_AT_MOST = 4


def for_department(text: str, declared: Declared = NOTHING, *, official: bool = False) -> str:
    """`text` with nobody's contact data or name; the place stays, since who must go there has to know which.

    `official`: an office wrote it, so that a landline is its own unless the words say otherwise.
    """
    if UNSEEN_ONE.search(text):
        text = without_unseen(text)
    return masked_as_written(text, lambda plain: _for_department(plain, declared, official=official))


def _for_department(text: str, declared: Declared, *, official: bool) -> str:
    text = undisguised(unstyled(text))
    if declared.name or declared.email:
        text = hide_declared(text, declared)
    text = hide_accounts(text)
    text = hide_numbers(text, phone=declared.phone, official=official)
    text = hide_dictated(text)
    if patterns_of_others().may_begin.search(text):
        text = hide_other_names(text)
    if LETTER_HINT.search(text) and INTRODUCTION_HINT.search(text):
        text = hide_foreign(text)
    text = hide_names(text)
    for _ in range(_AT_MOST):
        judged = hide_judged(text)
        if judged == text:
            break
        # A list's other names, and a name's letters, are known by what is hidden; all else was looked for before.
        text = hide_listed(judged)
        if TOLD_HINT.search(text):
            text = hide_told(text)
    return hide_dotted(text) if DOT_HINT.search(text) else text


def for_public(text: str, declared: Declared = NOTHING, *, official: bool = False) -> str:
    """`text` as everybody may read it: in addition, addresses end at the street or the community."""
    if UNSEEN_ONE.search(text):
        text = without_unseen(text)
    shown = masked_as_written(text, lambda plain: _for_public(plain, declared, official=official))
    return hide_words(shown, declared.hidden) if declared.hidden else shown


def _for_public(text: str, declared: Declared, *, official: bool) -> str:
    shown = cut_positions(_for_department(text, declared, official=official))
    for _ in range(_AT_MOST):
        public = hide_homes(shown, official=official)
        if public == shown:
            break
        # Words that told what a number was may have gone with the home.
        shown = _for_department(public, declared, official=official)
    return shown


def place_for_department(place: Place, declared: Declared = NOTHING) -> Place:
    """`place` with its address masked and its position as it was given."""
    if place.address is None:
        return place
    return Place(
        address=for_department(place.address, declared), longitude=place.longitude, latitude=place.latitude
    )


def place_for_public(place: Place, declared: Declared = NOTHING) -> Place:
    """`place` up to its street, its position to about 100 m."""
    address = None if place.address is None else for_public(place.address, declared)
    return Place(address=address, longitude=_rounded(place.longitude), latitude=_rounded(place.latitude))


def _rounded(degrees: float | None) -> float | None:
    return None if degrees is None else round(degrees, PUBLIC_DECIMALS)
