"""Rows of a file as messages: each checked like any other message, equal ones told apart."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime

import msgspec

from intake.core.accepting import Accepted, Envelope, accepted
from intake.core.codes import Sender
from intake.core.draft import ContactBody, Draft, PlaceBody, SubmissionBody, check, content_digest
from intake.core.keys import IntakeKeys
from intake.core.transcript import TITLE_LENGTH
from intake.imports.columns import Row, field_of
from intake.imports.consent import is_confidential, is_publishable, misunderstood
from schemas.errors import FieldError
from schemas.labels import label
from schemas.words import Channel, Kind, Language

_KINDS = {label(kind, Language.ZH): kind.value for kind in Kind}
_SENTENCE_ENDS = "。！？!?；;\n"


def draft_of(row: Row, *, coordinates: str = "wgs84") -> Draft:
    """The message in a row; a title that is missing is made of the first sentence.

    Raises:
        BadInput: names every field that is wrong.
    """
    fields = _fields(row)
    text = fields.get("text", "")
    return check(
        SubmissionBody(
            title=fields.get("title") or _first_sentence(text),
            text=text,
            kind=_kind(fields.get("kind")),
            place=PlaceBody(
                address=fields.get("address"),
                longitude=_number(fields.get("longitude")),
                latitude=_number(fields.get("latitude")),
            ),
            contact=ContactBody(
                name=fields.get("name"), phone=fields.get("phone"), email=fields.get("email")
            ),
            confidential=is_confidential(_cells(row, "confidential")),
            publish=is_publishable(_cells(row, "publish")),
            external_id=fields.get("external_id"),
        ),
        coordinates=coordinates,
    )


def notes_of(row: Row) -> list[FieldError]:
    """What somebody should know of a row that is a message all the same: which cells were not understood."""
    return misunderstood(_cells(row, "confidential"), _cells(row, "publish"))


class Importer:
    """Makes events of the rows of one file: read again, in whatever portions, it gives the same events."""

    def __init__(self, *, channel: Channel, name: str, keys: IntakeKeys) -> None:
        self._sender = Sender(channel=channel, source=f"import:{name}")
        self._keys = keys
        self._seen: Counter[bytes] = Counter()

    def accepted(self, draft: Draft, now: datetime) -> Accepted:
        """The event of the next row. Rows that say the same are several messages, unless their ids say otherwise."""
        key = None if draft.external_id is not None else self._key(draft)
        envelope = Envelope(sender=self._sender, key=key, now=now, entropy=b"")
        return accepted(draft, envelope, keys=self._keys)

    def _key(self, draft: Draft) -> str:
        content = content_digest(draft)
        short = hashlib.blake2b(content.encode(), digest_size=8).digest()
        self._seen[short] += 1
        return f"{content}:{self._seen[short]}"


def _fields(row: Row) -> dict[str, str]:
    """The columns that mean something, as text; of two with one meaning the first that is not empty."""
    found: dict[str, str] = {}
    for column, value in _flat(row):
        meaning = field_of(column)
        text = _text(value)
        if meaning is not None and text:
            found.setdefault(meaning, text)
    return found


def _cells(row: Row, meaning: str) -> list[str]:
    """What stands in every column of this meaning."""
    return [_text(value) for column, value in _flat(row) if field_of(column) == meaning]


def _flat(row: Row) -> list[tuple[str, object]]:
    """JSON rows may nest `contact` and `place`, as the API does."""
    flat: list[tuple[str, object]] = []
    for column, value in row.items():
        if isinstance(value, Mapping):
            flat += value.items()
        else:
            flat.append((column, value))
    return flat


def _text(value: object) -> str:
    """A cell as text: spreadsheets turn telephone numbers into floats."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return str(value).strip()


def _number(text: str | None) -> float | None:
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        # Out of every bound, so that the check names the field.
        return float("inf")


def _kind(text: str | None) -> str | None:
    return None if text is None else _KINDS.get(text, text)


def _first_sentence(text: str) -> str:
    ends = [place for place in (text.strip().find(end) for end in _SENTENCE_ENDS) if place > 0]
    return text.strip()[: min([*ends, TITLE_LENGTH])]


def noted_line(number: int, notes: Sequence[FieldError]) -> bytes:
    """A line of the file of notes: which row, and what was not understood."""
    return msgspec.json.encode({"row": number, "notes": _reasons(notes)}) + b"\n"


def _reasons(errors: Sequence[FieldError]) -> list[dict[str, str]]:
    return [{"field": error.field, "zh": error.zh, "en": error.en} for error in errors]


def rejected_line(row: Row, number: int, errors: Sequence[FieldError]) -> bytes:
    """A line of the rejected file: which row, why, and what it held."""
    held = {
        column: _text(value) if not isinstance(value, Mapping) else dict(value)
        for column, value in row.items()
    }
    return msgspec.json.encode({"row": number, "reasons": _reasons(errors), "data": held}) + b"\n"
