"""What a citizen wants to submit, and every check on it: all wrong fields are named at once, in both languages."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, tzinfo
from enum import StrEnum
from typing import Annotated, TypeVar

import msgspec

from intake.core.calls.call_words import text_as_first_made, title_as_first_made
from intake.core.contacts.dialled import PHONE_LIMIT, UNSEEN, is_plausible_phone
from intake.core.coordinates import Point, is_inside_earth, wgs84_of_gcj02
from intake.core.no_words import SAME, is_seen
from schemas.errors import BadInput, FieldError
from schemas.ids import AttachmentId, is_uuid
from schemas.values import Contact, Place, Turn
from schemas.wording import says_something
from schemas.words import Channel, ContactPreference, Kind

#: Characters, as the API promises (project choice): a title of one line, a text of some pages.
TITLE_LIMIT = 120
TEXT_LIMIT = 10_000
#: Project choice: what an address label, a name and an id of another system hold.
ADDRESS_LIMIT = 200
NAME_LIMIT = 60
EXTERNAL_ID_LIMIT = 200
#: Of the hours and the language that somebody wishes for: a phrase (project choice).
WISH_LIMIT = 60
#: Of a tracking code, however somebody groups it (project choice: several times its length).
CODE_LIMIT = 64
#: Suggestions that a message names as seen (project choice: three times three, and one).
SEEN_LIMIT = 10
#: Files of one message at most, whatever the settings say (project choice).
ATTACHMENTS_LIMIT = 50
#: RFC 5321 §4.5.3.1.3.
EMAIL_LIMIT = 254

_UNHOLDABLE = re.compile("[\x00\ud800-\udfff]")
#: One address, as people have them (RFC 5321 §4.1.2 allows more that nobody has), also under a domain of another script
#: (`xn--…`, RFC 5890 §2.3.2.1). What begins as an encoded word (RFC 2047) programs read as another one.
EMAIL = re.compile(
    r"(?!.*=\?)[A-Za-z0-9._%+'!#$&*/=?^{|}~-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.(?:[A-Za-z]{2,24}|xn--[A-Za-z0-9-]{2,59})",
    re.ASCII,
)

_W = TypeVar("_W", bound=StrEnum)
_KINDS = [kind.value for kind in Kind]
_CHANNELS = [channel.value for channel in Channel]
PREFERENCES = [preference.value for preference in ContactPreference]


class PlaceBody(msgspec.Struct, frozen=True, kw_only=True):
    """Where it is about. Degrees; `coordinates`: `wgs84` or `gcj02`."""

    address: Annotated[str | None, msgspec.Meta(extra_json_schema={"maxLength": ADDRESS_LIMIT})] = None
    longitude: float | None = None
    latitude: float | None = None
    coordinates: Annotated[str | None, msgspec.Meta(extra_json_schema={"enum": ["wgs84", "gcj02"]})] = None


class ContactBody(msgspec.Struct, frozen=True, kw_only=True):
    """How to reach the citizen. Encrypted at rest; departments see it only through an audited action."""

    name: Annotated[str | None, msgspec.Meta(extra_json_schema={"maxLength": NAME_LIMIT})] = None
    phone: str | None = None
    email: Annotated[str | None, msgspec.Meta(extra_json_schema={"maxLength": EMAIL_LIMIT})] = None
    #: `any`, `text` (no calls) or `none`.
    preference: Annotated[str | None, msgspec.Meta(extra_json_schema={"enum": PREFERENCES})] = None
    #: When to call, and in which language, in the citizen's own words.
    hours: Annotated[str | None, msgspec.Meta(extra_json_schema={"maxLength": WISH_LIMIT})] = None
    language: Annotated[str | None, msgspec.Meta(extra_json_schema={"maxLength": WISH_LIMIT})] = None


class SubmissionBody(msgspec.Struct, frozen=True, kw_only=True):
    """A citizen's message. Limits are checked by `check`, which names all wrong fields, not just the first."""

    title: Annotated[str, msgspec.Meta(extra_json_schema={"minLength": 1, "maxLength": TITLE_LIMIT})] = ""
    text: Annotated[str, msgspec.Meta(extra_json_schema={"minLength": 1, "maxLength": TEXT_LIMIT})] = ""
    kind: Annotated[str | None, msgspec.Meta(extra_json_schema={"enum": _KINDS})] = None
    place: PlaceBody | None = None
    contact: ContactBody | None = None
    confidential: bool | None = None
    #: The citizen allows publication; no unless said.
    publish: bool | None = None
    external_id: Annotated[str | None, msgspec.Meta(extra_json_schema={"maxLength": EXTERNAL_ID_LIMIT})] = (
        None
    )
    #: How it reached the city, where somebody else than its citizen sends it; taken from holders of a token alone.
    channel: Annotated[str | None, msgspec.Meta(extra_json_schema={"enum": _CHANNELS})] = None
    #: Files that were uploaded before, by the ids that they got then.
    attachments: Annotated[list[str], msgspec.Meta(max_length=ATTACHMENTS_LIMIT)] | None = None
    #: Those of them, pictures, that everybody may see should the answer be published: a yes to each of them alone.
    publish_attachments: Annotated[list[str], msgspec.Meta(max_length=ATTACHMENTS_LIMIT)] | None = None
    #: Suggestions that were shown before it was sent: their tracking codes and entry ids. What is none counts for nothing.
    seen: list[str] | None = None
    #: The tracking code of a published answer or open public matter that is theirs, too (我也遇到).
    same_as: Annotated[str | None, msgspec.Meta(extra_json_schema={"maxLength": CODE_LIMIT})] = None


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A message that passed every check, as the citizen wrote it."""

    title: str
    text: str
    turns: tuple[Turn, ...] = ()
    kind: Kind | None = None
    place: Place | None = None
    contact: Contact | None = None
    confidential: bool = False
    publish: bool = False
    external_id: str | None = None
    #: Who within the source, such as a mini-app's open id.
    sender_id: str | None = None
    #: What the source would tell them later news by; it may change between two tries of one message.
    push_token: str | None = None
    #: When it was said, as whoever sends it knows: of two equal calls each is a message.
    said_at: datetime | None = None
    #: Where the source keeps the call's recording, in its own words.
    recording: str | None = None
    #: Files that were uploaded before.
    attachments: tuple[AttachmentId, ...] = ()
    #: Those of them that everybody may see.
    publish_attachments: tuple[AttachmentId, ...] = ()
    #: Suggestions that did not help, as the sender names them.
    seen: tuple[str, ...] = ()
    #: The public matter that is theirs, too, by its tracking code.
    same_as: str | None = None
    #: Whether we made the title of what was said, the hotline having given none.
    has_made_title: bool = False


#: What a draft, or its contact, has had only since an earlier release: left out of the digest where it is not said, so
#: that what was sent before is known again.
_LATER = ("said_at", "recording", "attachments", "publish_attachments", "same_as")
_NO_FILES: Mapping[AttachmentId, str] = {}
_EARLIER_IN_CONTACT = ("name", "phone", "email")
_UNSAID = Contact()


def check(body: SubmissionBody, *, coordinates: str = "wgs84", text_limit: int = TEXT_LIMIT) -> Draft:
    """The draft in `body`. `coordinates`: the system that positions are in where the body does not say.

    Raises:
        BadInput: names every field that is wrong.
    """
    errors: list[FieldError] = []
    # What only says that it is about a public matter needs no words of its own.
    wordless = SAME if body.same_as else ""
    draft = Draft(
        title=_required("title", body.title if body.title.strip() else wordless, TITLE_LIMIT, errors).strip(),
        text=_required("text", body.text if body.text.strip() else wordless, text_limit, errors),
        kind=_one_of(Kind, "kind", body.kind, errors),
        place=place_of(body.place, coordinates, errors),
        contact=_contact(body.contact, errors),
        confidential=bool(body.confidential),
        publish=bool(body.publish),
        external_id=_optional("external_id", body.external_id, EXTERNAL_ID_LIMIT, errors),
        attachments=_attachments(body.attachments or (), errors),
        publish_attachments=_publishable(body),
        seen=tuple(dict.fromkeys(body.seen or ()))[:SEEN_LIMIT],
        same_as=_optional("same_as", body.same_as, CODE_LIMIT, errors),
    )
    if errors:
        raise BadInput(errors)
    return draft


def saying(draft: Draft) -> Draft:
    """The draft, of somebody who is answered at once: words in it say something, or a file speaks for them.

    Raises:
        BadInput: dots, signs and what cannot be seen, and no file.
    """
    if draft.attachments or says_something(f"{draft.title}\n{draft.text}"):
        return draft
    zh = "只有标点或符号，看不出是什么事：请写几个字，或者附上照片。"
    raise BadInput(
        [FieldError("text", zh, "Dots and signs alone say nothing: write some words, or add a picture.")]
    )


def content_digest(draft: Draft, files: Mapping[AttachmentId, str] = _NO_FILES) -> str:
    """SHA-256 (hex) of all that the citizen said: the same for a retry, another for another message.

    `files`: what each file holds, where that is to count and not under which id it was uploaded.

    Whoever has it finds a telephone number in it by guessing: kept only under a key (`IntakeKeys.keyed`).
    """
    said = msgspec.structs.asdict(draft)
    # None is what the citizen said: the first two may differ between two tries of one message.
    del said["push_token"], said["seen"], said["has_made_title"]
    if draft.turns:
        said["text"] = text_as_first_made(draft.text, draft.turns)
    if draft.has_made_title:
        said["title"] = title_as_first_made(said["text"], draft.turns)
    for name in ("attachments", "publish_attachments"):
        said[name] = [files.get(each, each) for each in said[name]]
    for name in _LATER:
        if not said[name]:
            del said[name]
    if draft.contact is not None:
        said["contact"] = contact_said(draft.contact)
    return hashlib.sha256(msgspec.json.encode(said)).hexdigest()


def contact_said(contact: Contact) -> dict[str, object]:
    """The contact as an earlier release said it, and of what came since only what was filled in."""
    said = msgspec.structs.asdict(contact)
    return {
        name: value
        for name, value in said.items()
        if name in _EARLIER_IN_CONTACT or value != getattr(_UNSAID, name)
    }


def moment_of(said: datetime, zone: tzinfo) -> datetime:
    """The same moment in UTC, so that one moment is written in one way. `zone`: of a time that names none."""
    try:
        return (said if said.tzinfo else said.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError:
        # Within a day of the year 1 or 9999: no zone matters any more.
        return said.replace(tzinfo=UTC)


def holdable(text: str) -> str:
    """`text` without what neither JSON nor Postgres can hold: NUL and halves of surrogate pairs."""
    return _UNHOLDABLE.sub("", text)


def checked_words(field: str, text: str, limit: int) -> str:
    """A required text of an action, such as the reason of an objection.

    Raises:
        BadInput: empty, without a letter or digit, or longer than `limit`.
    """
    errors: list[FieldError] = []
    words = _required(field, text, limit, errors).strip()
    if not errors and not says_something(words):
        errors.append(FieldError(field, "不能只有标点或符号。", "Dots and signs alone say nothing."))
    if errors:
        raise BadInput(errors)
    return words


def checked_ids(ids: Sequence[str]) -> tuple[AttachmentId, ...]:
    """The files that something names, each once.

    Raises:
        BadInput: one that is no id.
    """
    errors: list[FieldError] = []
    found = _attachments(ids, errors)
    if errors:
        raise BadInput(errors)
    return found


def _required(field: str, text: str, limit: int, errors: list[FieldError]) -> str:
    clean = holdable(text)
    if not is_seen(clean):
        errors.append(FieldError(field, "此项必填。", "This field is required."))
    elif (length := len(clean.strip())) > limit:
        errors.append(_too_long(field, length, limit))
    return clean


def _optional(field: str, text: str | None, limit: int, errors: list[FieldError]) -> str | None:
    clean = holdable(text).strip() if text is not None else ""
    if len(clean) > limit:
        errors.append(_too_long(field, len(clean), limit))
    return clean or None


def _one_of(words: type[_W], field: str, text: str | None, errors: list[FieldError]) -> _W | None:
    if not text:
        return None
    known = [word.value for word in words]
    if text not in known:
        zh, en = f"须为其中之一：{'、'.join(known)}。", f"Must be one of: {', '.join(known)}."
        errors.append(FieldError(field, zh, en))
        return None
    return words(text)


def _attachments(ids: Sequence[str], errors: list[FieldError]) -> tuple[AttachmentId, ...]:
    """Each once, in their order."""
    if any(not is_uuid(each) for each in ids):
        errors.append(FieldError("attachments", "附件编号不对，请重新上传。", "That is no attachment's id."))
    return tuple(AttachmentId(each) for each in dict.fromkeys(ids))


def _publishable(body: SubmissionBody) -> tuple[AttachmentId, ...]:
    """A yes counts only for what the message names; of a confidential one nothing is ever published."""
    allowed = set(body.publish_attachments or ())
    named = [] if body.confidential else body.attachments or []
    return tuple(AttachmentId(each) for each in dict.fromkeys(named) if each in allowed)


def place_of(body: PlaceBody | None, coordinates: str, errors: list[FieldError]) -> Place | None:
    """The place, as far as there is one; what is wrong with it is added to `errors`."""
    if body is None:
        return None
    address = _optional("place.address", body.address, ADDRESS_LIMIT, errors)
    point = _point(body, body.coordinates or coordinates, errors)
    if address is None and point is None:
        return None
    return Place(
        address=address,
        longitude=point.longitude if point else None,
        latitude=point.latitude if point else None,
    )


def _point(body: PlaceBody, coordinates: str, errors: list[FieldError]) -> Point | None:
    if coordinates not in ("wgs84", "gcj02"):
        errors.append(FieldError("place.coordinates", "须为 wgs84 或 gcj02。", "Must be wgs84 or gcj02."))
        return None
    if body.longitude is None and body.latitude is None:
        return None
    if body.longitude is None or body.latitude is None:
        missing = "longitude" if body.longitude is None else "latitude"
        errors.append(
            FieldError(f"place.{missing}", "经度和纬度须同时填写。", "Give both longitude and latitude.")
        )
        return None
    point = Point(longitude=body.longitude, latitude=body.latitude)
    if not is_inside_earth(point):
        errors += _out_of_bounds(point)
        return None
    return wgs84_of_gcj02(point) if coordinates == "gcj02" else point


def _out_of_bounds(point: Point) -> list[FieldError]:
    errors = []
    if not -180 <= point.longitude <= 180:
        errors.append(
            FieldError(
                "place.longitude", "经度须在 -180 到 180 之间。", "Longitude must be within -180 and 180."
            )
        )
    if not -90 <= point.latitude <= 90:
        errors.append(
            FieldError("place.latitude", "纬度须在 -90 到 90 之间。", "Latitude must be within -90 and 90.")
        )
    return errors


def _contact(body: ContactBody | None, errors: list[FieldError]) -> Contact | None:
    if body is None:
        return None
    name = _optional("contact.name", body.name, NAME_LIMIT, errors)
    phone = _optional("contact.phone", _seen(body.phone), PHONE_LIMIT, errors)
    email = _optional("contact.email", _half_width(body.email), EMAIL_LIMIT, errors)
    if phone is not None and not is_plausible_phone(phone):
        errors.append(
            FieldError("contact.phone", "电话号码格式不对。", "This does not look like a telephone number.")
        )
    if email is not None and not EMAIL.fullmatch(email):
        errors.append(
            FieldError("contact.email", "邮箱格式不对。", "This does not look like an e-mail address.")
        )
    contact = Contact(
        name=name,
        phone=phone,
        email=email,
        preference=_one_of(ContactPreference, "contact.preference", body.preference, errors)
        or ContactPreference.ANY,
        hours=_optional("contact.hours", body.hours, WISH_LIMIT, errors),
        language=_optional("contact.language", body.language, WISH_LIMIT, errors),
    )
    return None if contact == _UNSAID else contact


def _seen(text: str | None) -> str | None:
    return text and UNSEEN.sub("", text)


def _half_width(address: str | None) -> str | None:
    """An address as it is sent: Chinese keyboards write `ａ＠ｂ。ｃｎ`."""
    return address and unicodedata.normalize("NFKC", UNSEEN.sub("", address)).replace("。", ".")


def _too_long(field: str, length: int, limit: int) -> FieldError:
    return FieldError(
        field, f"最多 {limit} 个字符，现有 {length} 个。", f"At most {limit} characters; it has {length}."
    )
