"""Rows of a file as messages: what can be read is read, what cannot is kept beside it, and said by row."""

import re
import tomllib
import unicodedata
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from importlib.resources import files

import msgspec

from intake.core.draft import (
    ADDRESS_LIMIT,
    EXTERNAL_ID_LIMIT,
    NAME_LIMIT,
    PREFERENCES,
    TITLE_LIMIT,
    WISH_LIMIT,
    ContactBody,
    Draft,
    PlaceBody,
    SubmissionBody,
    check,
    moment_of,
)
from intake.core.markup import without_markup
from intake.core.readable import MAY_BE_REPORT
from intake.core.telephone import read_telephone
from intake.core.transcript import CALL_LIMIT, TITLE_LENGTH
from intake.imports.attached import names_in
from intake.imports.cells import Unreadable, is_ditto, is_rounded, says_nothing, text_of
from intake.imports.columns import Cell, SourceRow
from intake.imports.consent import is_confidential, is_publishable, misunderstood
from schemas.errors import BadInput, FieldError
from schemas.values import Contact
from schemas.words import ContactPreference, Kind

_WORDS = tomllib.loads(files("intake.imports").joinpath("words.toml").read_text("utf-8"))
_SENTENCE_ENDS = "。！？!?；;\n"
_EMAIL = re.compile(r"[A-Za-z0-9._%+'-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,24}", re.ASCII)
#: Of a time: what stands between year, month, day, hour, minute and second.
_NUMBERS = re.compile(r"\d+")
_MOMENT = re.compile(
    r"\d{4}\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}日?(?:[T\s]*\d{1,2}\s*[:：时]\s*\d{1,2}(?:\s*[:：分]\s*\d{1,2}(?:\.\d+)?秒?|分)?)?"
)
#: How the paragraph begins that keeps what could not be read.
_UNREAD = "来件中未能识别的内容"


@dataclass(frozen=True, slots=True)
class RowReading:
    """The message in a row, and what somebody should know of it: what was not understood, and how it was taken."""

    draft: Draft
    notes: Sequence[FieldError]
    #: Files that belong to it, by name.
    files: Sequence[str] = ()


@dataclass(slots=True)
class _Row:
    """A row while it is read. `aside`: for the case; `of_contact`: what belongs among the contact details."""

    cells: Mapping[str, Sequence[Cell]]
    notes: list[FieldError] = field(default_factory=list)
    aside: list[str] = field(default_factory=list)
    of_contact: list[str] = field(default_factory=list)

    def texts(self, meaning: str) -> list[str]:
        """What stands in the columns of this meaning, each thing once, as text."""
        said = [text_of(cell.value) for cell in self.cells.get(meaning, ())]
        return list(dict.fromkeys(text for text in said if text))

    def shown(self, meaning: str) -> list[str]:
        """The same with what cannot be read, as it shows."""
        values = [cell.value for cell in self.cells.get(meaning, ())]
        return [value.shown if isinstance(value, Unreadable) else text_of(value) for value in values]

    def first(self, meaning: str) -> str | None:
        """What stands first in them, unless it stands for nothing; whatever else does is put aside."""
        said = [text for text in self.texts(meaning) if not says_nothing(text)]
        for text in said[1:]:
            self.put_aside(meaning, text, "另有", "there is another")
        return said[0] if said else None

    def put_aside(self, meaning: str, text: str, zh: str, en: str) -> None:
        """Keep with the case what could not be read, and say so."""
        self.aside.append(f"{self.called(meaning)}“{text}”")
        self.note(meaning, f"{zh}：“{text}”，已作为备注保留。", f"{en}: {text!r}; kept as a note.")

    def keep_contact(self, meaning: str, text: str, zh: str, en: str) -> None:
        """The same of what only those may see who may see the contact details."""
        self.of_contact.append(f"{self.called(meaning)}：{text}")
        self.note(meaning, f"{zh}，已作为备注保留。", f"{en}; kept as a note.")

    def note(self, meaning: str, zh: str, en: str) -> None:
        """Say something of a column."""
        self.notes.append(FieldError(meaning, zh, en))

    def called(self, meaning: str) -> str:
        """What the file calls this column."""
        cells = self.cells.get(meaning)
        return cells[0].column if cells else meaning


def read(source: SourceRow, *, coordinates: str = "wgs84", zone: tzinfo = UTC) -> RowReading:
    """The message in a row; a title that is missing is made of the first sentence.

    Raises:
        BadInput: it has no text, or cannot be a message.
    """
    row = _Row(_by_meaning(source.cells), list(source.notes))
    text = "\n".join(row.texts("text"))
    wrong = [*source.wrong, *_wrong_text(row, text)]
    if wrong:
        raise BadInput(wrong)
    _note_unreadable(row)
    body = SubmissionBody(
        title=(title := _title(row, text))[0],
        text=title[1],
        kind=_kind(row),
        place=_place(row, coordinates),
        contact=_contact_body(row),
        confidential=is_confidential(row.shown("confidential")),
        publish=is_publishable(row.shown("publish")),
        external_id=_external_id(row),
    )
    row.notes += misunderstood(row.shown("confidential"), row.shown("publish"))
    said_at = _said_at(row, zone)
    files = names_in([text for text in row.texts("attachments") if not says_nothing(text)])
    draft = check(body, coordinates=coordinates, text_limit=CALL_LIMIT)
    return RowReading(_with_notes(draft, row, said_at), row.notes, files)


def _by_meaning(cells: Sequence[Cell]) -> Mapping[str, Sequence[Cell]]:
    found: dict[str, list[Cell]] = {}
    for cell in cells:
        if cell.field is not None:
            found.setdefault(cell.field, []).append(cell)
    return found


def _wrong_text(row: _Row, text: str) -> list[FieldError]:
    """Why nobody can know what it says: there is none, or it stands for another row's."""
    if not text:
        return _unreadable_text(row)
    if is_ditto(text):
        return [
            FieldError(
                "text", f"“{text}”指上一行，请填写内容。", f"{text!r} means the row above: write it out."
            )
        ]
    return []


def _unreadable_text(row: _Row) -> list[FieldError]:
    """Why there is no text: the cell is an error, or nothing stands in it."""
    values = [cell.value for cell in row.cells.get("text", ())]
    said = [FieldError("text", value.zh, value.en) for value in values if isinstance(value, Unreadable)]
    return said or [FieldError("text", "内容为空。", "There is no text.")]


def _note_unreadable(row: _Row) -> None:
    for meaning, cells in row.cells.items():
        for cell in cells:
            if isinstance(cell.value, Unreadable):
                row.note(meaning, cell.value.zh, cell.value.en)


def _title(row: _Row, text: str) -> tuple[str, str]:
    """Title and text: a title too long for one is the beginning of the text."""
    title = " ".join((row.first("title") or "").split())
    if not title:
        return _first_sentence(without_markup(text)), text
    if len(title) <= TITLE_LIMIT:
        return title, text
    row.note("title", "标题过长，全文已放入内容。", "The title is too long; all of it stands in the text.")
    return title[: TITLE_LIMIT - 1] + "…", text if text.startswith(title) else f"{title}\n{text}"


def _first_sentence(text: str) -> str:
    ends = [place for place in (text.strip().find(end) for end in _SENTENCE_ENDS) if place > 0]
    return text.strip()[: min([*ends, TITLE_LENGTH])]


def _kind(row: _Row) -> str | None:
    """Our word for theirs; what we do not know and may be a report counts as one, which protects whoever made it."""
    said = row.first("kind")
    if said is None:
        return None
    known = _word("kinds", said)
    if known is None:
        row.put_aside("kind", said, "不认识", "not a word that we know")
        known = Kind.REPORT.value if MAY_BE_REPORT.search(said) else None
    return known


def _word(table: str, said: str) -> str | None:
    """Our word for theirs; None for one that we do not know."""
    plain = "".join(unicodedata.normalize("NFKC", said).lower().split()).strip("。.！!")
    for ours, theirs in _WORDS[table].items():
        if plain == ours or plain in theirs:
            return str(ours)
    return None


def _place(row: _Row, coordinates: str) -> PlaceBody:
    address = " ".join(text for text in row.texts("address") if not says_nothing(text)) or None
    if address is not None and len(address) > ADDRESS_LIMIT:
        row.put_aside("address", address, "地址过长", "the address is too long")
        address = None
    longitude, latitude = _degrees(row, "longitude", 180), _degrees(row, "latitude", 90)
    if (longitude is None) is not (latitude is None):
        row.note("longitude", "经纬度不全，未采用。", "Half a position; it was not taken.")
        longitude = latitude = None
    return PlaceBody(address=address, longitude=longitude, latitude=latitude, coordinates=coordinates)


def _degrees(row: _Row, meaning: str, limit: float) -> float | None:
    said = row.first(meaning)
    if said is None:
        return None
    try:
        degrees = float(unicodedata.normalize("NFKC", said).strip("°EN东北经纬 "))
    except ValueError:
        degrees = limit + 1
    if -limit <= degrees <= limit:
        return degrees
    row.put_aside(meaning, said, "无法识别", "it cannot be read")
    return None


def _contact_body(row: _Row) -> ContactBody:
    return ContactBody(
        name=_short(row, "name", NAME_LIMIT),
        phone=_phone(row),
        email=_email(row),
        preference=_preference(row),
        hours=_short(row, "hours", WISH_LIMIT),
        language=_short(row, "language", WISH_LIMIT),
    )


def _said(row: _Row, meaning: str) -> list[str]:
    """What stands there; a sign for the row above is said, and nobody's name."""
    said = [text for text in row.texts(meaning) if not says_nothing(text)]
    for text in filter(is_ditto, said):
        row.keep_contact(meaning, text, "指上一行，未采用", "it means the row above, and was not taken")
    return [text for text in said if not is_ditto(text)]


def _short(row: _Row, meaning: str, limit: int) -> str | None:
    said = _said(row, meaning)
    for text in said if said and len(said[0]) > limit else said[1:]:
        row.keep_contact(meaning, text, "无法采用", "it cannot be taken as it is")
    return said[0] if said and len(said[0]) <= limit else None


def _phone(row: _Row) -> str | None:
    """The first number that can be dialled; whatever was written beside it is kept."""
    number: str | None = None
    for text in _said(row, "phone"):
        found, is_all = read_telephone(text)
        if number is not None or not is_all:
            row.keep_contact("phone", text, *_of_phone(found))
        number = number or found
    return number


def _of_phone(found: str | None) -> tuple[str, str]:
    if found is None:
        return "不是可以拨打的电话", "it is no number that can be dialled"
    return "除一个号码外另有内容", "there is more than one number in it"


def _email(row: _Row) -> str | None:
    address: str | None = None
    for text in _said(row, "email"):
        if address is None and _EMAIL.fullmatch(text):
            address = text
        else:
            row.keep_contact("email", text, "不是邮箱地址", "it is no e-mail address")
    return address


def _preference(row: _Row) -> str | None:
    """What is said of calls; a word that is not known may mean that there should be none.

    Of several the strictest counts: `none` and `0` are answers here, whatever they stand for elsewhere.
    """
    wishes: list[str] = []
    for said in row.texts("preference"):
        known = _word("preferences", said)
        if known is None and says_nothing(said):
            continue
        if known is None:
            row.put_aside("preference", said, "不认识", "not a word that we know")
        wishes.append(known or ContactPreference.TEXT.value)
    return max(wishes, key=lambda wish: PREFERENCES.index(wish), default=None)


def _external_id(row: _Row) -> str | None:
    """The row's number in its source; one that a spreadsheet has rounded is none."""
    cells = [cell for cell in row.cells.get("external_id", ()) if not says_nothing(text_of(cell.value))]
    if not cells:
        return None
    text = text_of(cells[0].value).lstrip("'")
    if is_rounded(cells[0].value):
        row.note(
            "external_id",
            f"编号 {text} 已被电子表格四舍五入，不采用。",
            f"The number {text} was rounded by a spreadsheet and is not used.",
        )
        return None
    if len(text) > EXTERNAL_ID_LIMIT:
        row.put_aside("external_id", text, "编号过长", "the number is too long")
        return None
    return text


def _said_at(row: _Row, zone: tzinfo) -> datetime | None:
    for cell in row.cells.get("said_at", ()):
        moment = cell.value if isinstance(cell.value, datetime) else _moment(text_of(cell.value))
        if moment is not None:
            return moment_of(moment, zone)
        if not says_nothing(text_of(cell.value)):
            row.put_aside("said_at", text_of(cell.value), "时间无法识别", "the time cannot be read")
    return None


def _moment(text: str) -> datetime | None:
    plain = unicodedata.normalize("NFKC", text).strip()
    # Most exports write times in their own way, which is looked at next.
    with suppress(ValueError):
        return datetime.fromisoformat(plain)
    if not _MOMENT.fullmatch(plain):
        return None
    year, month, day, *clock = (int(number) for number in _NUMBERS.findall(plain)[:6])
    hour, minute, second = (*clock, 0, 0, 0)[:3]
    try:
        # Without a zone on purpose: `moment_of` gives it the city's.
        return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001  has none yet
    except ValueError:
        return None


def _with_notes(draft: Draft, row: _Row, said_at: datetime | None) -> Draft:
    """The message with what could not be read: with the case, or among the contact details."""
    text = draft.text
    if row.aside:
        text = f"{text.rstrip()}\n\n（{_UNREAD}：{'；'.join(dict.fromkeys(row.aside))}）"
    contact = draft.contact
    if row.of_contact:
        contact = msgspec.structs.replace(contact or Contact(), remarks="\n".join(row.of_contact))
    return msgspec.structs.replace(draft, text=text, contact=contact, said_at=said_at)
