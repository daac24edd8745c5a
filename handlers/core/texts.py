"""What departments write: made storable, refused where nothing can be seen of it, masked."""

import unicodedata
from typing import Annotated

import msgspec

from schemas.errors import BadInput, FieldError
from schemas.masking import for_department, for_public

#: Project choice: a reason fills a page at most; what takes longer is an answer or a note.
MAX_SENTENCE_CHARACTERS = 2_000
#: Project choice: as long as a citizen's message may be.
MAX_TEXT_CHARACTERS = 10_000
Sentence = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_SENTENCE_CHARACTERS)]
LongText = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_TEXT_CHARACTERS)]

#: Letters and symbols that nobody can see: Hangul fillers, the empty Braille pattern.
_BLANK_LETTERS = "\u115f\u1160\u3164\uffa0\u2800"


def tidy(text: str) -> str:
    """`text` as Postgres and UTF-8 can hold it."""
    return text.replace("\x00", "").replace("\r\n", "\n").encode("utf-8", "ignore").decode().strip()


def clean(text: str, field: str, *, public: bool = False) -> str:
    """`text`, tidied and masked; `public`: everybody may come to read it.

    Raises:
        BadInput: nothing is left of it.
    """
    cleaned = (for_public if public else for_department)(tidy(text), official=True)
    if not any(map(_is_seen, cleaned)):
        raise BadInput([FieldError(field, "此项必填。", "This field is required.")])
    return cleaned


def _is_seen(character: str) -> bool:
    return unicodedata.category(character)[0] not in "ZC" and character not in _BLANK_LETTERS
