"""What departments write: made storable, refused where it says nothing, masked."""

from typing import Annotated

import msgspec

from schemas.errors import BadInput, FieldError
from schemas.masking import for_department, for_public
from schemas.wording import UNSEEN_ONE, says_something, without_unseen

#: Project choice: a reason fills a page at most; what takes longer is an answer or a note.
MAX_SENTENCE_CHARACTERS = 2_000
#: Project choice: as long as a citizen's message may be.
MAX_TEXT_CHARACTERS = 10_000
Sentence = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_SENTENCE_CHARACTERS)]
LongText = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_TEXT_CHARACTERS)]


def tidy(text: str) -> str:
    """`text` as Postgres and UTF-8 can hold it, with nothing in it that nobody sees or that shows words in another order."""
    if UNSEEN_ONE.search(text):
        text = without_unseen(text)
    return text.replace("\r\n", "\n").encode("utf-8", "ignore").decode().strip()


def clean(text: str, field: str, *, public: bool = False) -> str:
    """`text`, tidied and masked; `public`: everybody may come to read it.

    Raises:
        BadInput: it says nothing: no letter and no digit is in it.
    """
    cleaned = (for_public if public else for_department)(tidy(text), official=True)
    if not says_something(cleaned):
        raise BadInput([_silence(field, cleaned)])
    return cleaned


def clean_each(*texts: tuple[str, str], public: str = "") -> list[str]:
    """Several texts of one form, as text and field each; `public`: the field that everybody may come to read.

    Raises:
        BadInput: names every field that says nothing, not the first alone.
    """
    cleaned: list[str] = []
    errors: list[FieldError] = []
    for text, field in texts:
        try:
            cleaned.append(clean(text, field, public=field == public))
        except BadInput as refusal:
            errors += refusal.errors
    if errors:
        raise BadInput(errors)
    return cleaned


def _silence(field: str, text: str) -> FieldError:
    if not text.strip():
        return FieldError(field, "此项必填。", "This field is required.")
    return FieldError(field, "不能只有标点或符号。", "Dots and signs alone say nothing.")
