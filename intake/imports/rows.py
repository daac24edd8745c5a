"""Makes messages of rows: what can be read is taken, the rest is kept beside it and reported by row."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, tzinfo

import msgspec

from intake.core.calls.call_words import TITLE_LENGTH
from intake.core.calls.transcript import CALL_LIMIT
from intake.core.draft import (
    ADDRESS_LIMIT,
    EXTERNAL_ID_LIMIT,
    TITLE_LIMIT,
    Draft,
    PlaceBody,
    SubmissionBody,
    check,
    moment_of,
)
from intake.core.markup import without_markup
from intake.core.readable import MAY_BE_REPORT
from intake.core.secrecy.asked import asks_for_secrecy, withholds
from intake.imports.attached import names_in
from intake.imports.cells import Unreadable, is_ditto, is_rounded, says_nothing, stands_for_nothing, text_of
from intake.imports.columns import SourceRow
from intake.imports.consent import (
    is_confidential,
    is_nameless,
    is_publishable,
    is_ticked,
    misunderstood,
    was_confidential,
)
from intake.imports.contacts import contact_of
from intake.imports.row import MeantRow, by_meaning, word
from intake.imports.times import is_hour, moment_in, whole_second
from schemas.errors import BadInput, FieldError
from schemas.values import Contact
from schemas.words import Kind

#: What is left of characters that some program could not read.
_GARBLED = re.compile("\ufffd|锟斤拷|烫烫烫")
_SENTENCE_ENDS = "。！？!?；;\n"
#: How the paragraph begins that keeps what could not be read.
_UNREAD = "来件中未能识别的内容"


@dataclass(frozen=True, slots=True)
class RowReading:
    """The message in a row, and what somebody should know of it: what was not understood, and how it was taken."""

    draft: Draft
    notes: Sequence[FieldError]
    #: Files that belong to it, by name.
    files: Sequence[str] = ()
    #: The message as earlier releases read it, where that differs: they noted it by that.
    before: Draft | None = None


def read(source: SourceRow, *, coordinates: str = "wgs84", zone: tzinfo = UTC) -> RowReading:
    """The message in a row; a title that is missing is made of the first sentence.

    Raises:
        BadInput: it has no text, or cannot be a message.
    """
    row = MeantRow(by_meaning(source.cells), list(source.notes))
    reading = _reading(row, source.wrong, coordinates, zone)
    if not row.is_read_anew:
        return reading
    before = MeantRow(row.cells, is_as_before=True)
    return replace(reading, before=_reading(before, source.wrong, coordinates, zone).draft)


def _reading(row: MeantRow, broken: Sequence[FieldError], coordinates: str, zone: tzinfo) -> RowReading:
    text = _text(row)
    wrong = broken or _wrong_text(row, text)
    if wrong:
        raise BadInput(wrong)
    _note_unreadable(row)
    if _GARBLED.search(text):
        row.note("text", "文字中有乱码。", "Some of the text is garbled.")
    body = SubmissionBody(
        title=(title := _title(row, text))[0],
        text=title[1],
        kind=_kind(row),
        place=_place(row, coordinates),
        contact=contact_of(row),
        confidential=_is_confidential(row, text),
        publish=is_publishable(row.shown("publish")) and not is_ticked(row.shown("unpublished")),
        external_id=_external_id(row),
    )
    if is_publishable(row.shown("publish")) and not body.publish:
        row.note(
            "publish",
            "是与否都已勾选，按不公开处理。",
            "Both answers are ticked: the message is not published.",
        )
    row.notes += misunderstood(row.shown("confidential"), row.shown("named"), row.shown("publish"))
    said_at = _said_at(row, zone)
    files = names_in([text for text in row.texts("attachments") if not says_nothing(text)])
    draft = check(body, coordinates=coordinates, text_limit=CALL_LIMIT)
    return RowReading(_with_notes(draft, row, said_at), row.notes, files)


def _is_confidential(row: MeantRow, text: str) -> bool:
    """As the column for it says; where it says nothing, what the words ask for. A name that says so counts always."""
    said = row.shown("confidential")
    if is_confidential(said) or is_nameless(row.shown("named")):
        return True
    if was_confidential(said):
        row.is_read_anew = True
        if row.is_as_before:
            return True
    contact = [*row.texts("name"), *row.texts("phone"), *row.texts("email")]
    is_told = any(not says_nothing(cell) for cell in said)
    if not (any(map(withholds, contact)) or (not is_told and asks_for_secrecy(text, *row.texts("title")))):
        return False
    row.note(
        "confidential",
        "内容要求保密，按保密处理。",
        "Its words ask for secrecy: the message is confidential.",
    )
    return True


def _text(row: MeantRow) -> str:
    """What the row says; where `无` or `/` stands there instead, its title does."""
    text = "\n".join(row.texts("text"))
    title = next((said for said in row.texts("title") if not says_nothing(said) and not is_ditto(said)), "")
    if not stands_for_nothing(text) or not title:
        return text
    row.note("text", f"内容为“{text}”，以标题为内容。", f"The text is {text!r}: the title stands for it.")
    return title


def _wrong_text(row: MeantRow, text: str) -> list[FieldError]:
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


def _unreadable_text(row: MeantRow) -> list[FieldError]:
    """Why there is no text: the cell is an error, or nothing stands in it."""
    values = [cell.value for cell in row.cells.get("text", ())]
    said = [FieldError("text", value.zh, value.en) for value in values if isinstance(value, Unreadable)]
    return said or [FieldError("text", "内容为空。", "There is no text.")]


def _note_unreadable(row: MeantRow) -> None:
    for meaning, cells in row.cells.items():
        for cell in cells:
            if isinstance(cell.value, Unreadable):
                row.note(meaning, cell.value.zh, cell.value.en)


def _title(row: MeantRow, text: str) -> tuple[str, str]:
    """Title and text: a title too long for one is the beginning of the text."""
    title = " ".join((row.first("title") or "").split())
    if is_ditto(title):
        row.put_aside("title", title, "指上一行，未采用", "it means the row above, and was not taken")
        title = ""
    if not title:
        return _first_sentence(without_markup(text)), text
    if len(title) <= TITLE_LIMIT:
        return title, text
    row.note("title", "标题过长，全文已放入内容。", "The title is too long; all of it stands in the text.")
    return title[: TITLE_LIMIT - 1] + "…", text if text.startswith(title) else f"{title}\n{text}"


def _first_sentence(text: str) -> str:
    ends = [place for place in (text.strip().find(end) for end in _SENTENCE_ENDS) if place > 0]
    return text.strip()[: min([*ends, TITLE_LENGTH])]


def _kind(row: MeantRow) -> str | None:
    """Our word for theirs; what we do not know and may be a report counts as one, which protects whoever made it."""
    said = row.first("kind")
    if said is None:
        return None
    known = word("kinds", said)
    if known is None and (known := word("later_kinds", said)) is not None:
        row.is_read_anew = True
        known = None if row.is_as_before else known
    if known is None:
        row.put_aside("kind", said, "不认识", "not a word that we know")
        known = Kind.REPORT.value if MAY_BE_REPORT.search(said) else None
    return known


def _place(row: MeantRow, coordinates: str) -> PlaceBody:
    said = [text for text in row.texts("address") if not says_nothing(text)]
    for text in filter(is_ditto, said):
        row.put_aside("address", text, "指上一行，未采用", "it means the row above, and was not taken")
    address = " ".join(text for text in said if not is_ditto(text)) or None
    if address is not None and len(address) > ADDRESS_LIMIT:
        row.put_aside("address", address, "地址过长", "the address is too long")
        address = None
    longitude, latitude = _degrees(row, "longitude", 180), _degrees(row, "latitude", 90)
    if (longitude is None) is not (latitude is None):
        row.note("longitude", "经纬度不全，未采用。", "Half a position; it was not taken.")
        longitude = latitude = None
    return PlaceBody(address=address, longitude=longitude, latitude=latitude, coordinates=coordinates)


def _degrees(row: MeantRow, meaning: str, limit: float) -> float | None:
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


def _external_id(row: MeantRow) -> str | None:
    """The row's number in its source; one that a spreadsheet has rounded is none."""
    cells = [cell for cell in row.cells.get("external_id", ()) if not says_nothing(text_of(cell.value))]
    if not cells:
        return None
    text = text_of(cells[0].value).lstrip("'")
    for other in dict.fromkeys(text_of(cell.value).lstrip("'") for cell in cells[1:]):
        if other != text:
            row.put_aside("external_id", other, "另有编号", "there is another number")
    if is_ditto(text):
        row.put_aside("external_id", text, "指上一行，未采用", "it means the row above, and was not taken")
        return None
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


def _said_at(row: MeantRow, zone: tzinfo) -> datetime | None:
    cells = [cell.value for cell in row.cells.get("said_at", ()) if not says_nothing(text_of(cell.value))]
    for value in cells:
        moment = moment_in(value)
        if moment is not None:
            meant = _at_hour(whole_second(moment) if isinstance(value, datetime) else moment, cells)
            row.is_read_anew |= meant != moment
            return moment_of(moment if row.is_as_before else meant, zone)
        is_beside_day = is_hour(text_of(value)) and any(map(moment_in, cells))
        row.is_read_anew |= is_beside_day
        if row.is_as_before or not is_beside_day:
            row.put_aside("said_at", text_of(value), "时间无法识别", "the time cannot be read")
    return None


def _at_hour(day: datetime, cells: Sequence[object]) -> datetime:
    """A day, at the hour that stands in a column of its own: 来电日期 and 来电时间."""
    if day.timetz() != time():
        return day
    hours = [said for said in map(text_of, cells) if is_hour(said)]
    return (moment_in(f"{day.date()} {hours[0]}") if hours else None) or day


def _with_notes(draft: Draft, row: MeantRow, said_at: datetime | None) -> Draft:
    """The message with what could not be read: with the case, or among the contact details."""
    text = draft.text
    if row.aside:
        text = f"{text.rstrip()}\n\n（{_UNREAD}：{'；'.join(dict.fromkeys(row.aside))}）"
    contact = draft.contact
    if row.of_contact:
        contact = msgspec.structs.replace(contact or Contact(), remarks="\n".join(row.of_contact))
    return msgspec.structs.replace(draft, text=text, contact=contact, said_at=said_at)
