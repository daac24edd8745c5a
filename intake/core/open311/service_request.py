"""A request as Open311 has it (GeoReport v2, "POST Service Request"), and the message that it is here."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated

import msgspec

from intake.core.draft import TITLE_LIMIT, ContactBody, Draft, PlaceBody, SubmissionBody, check, saying
from intake.core.resemblance import BESIDE
from intake.core.secrecy.fields import asks_in_field, names_secrecy
from schemas.city import Category
from schemas.errors import BadInput, FieldError
from schemas.simplified import simplified
from schemas.wording import says_something

#: Characters of an address on the web, and of an id of another system (project choices: what browsers and APIs take).
_URL_LIMIT, _ID_LIMIT = 2000, 128
#: What a service of another city asks besides (GeoReport v2, "POST Service Request", `attribute[CODE]`, several with `[]`),
#: and what clients nest in it (`attribute[CODE][0]`).
_ATTRIBUTE = re.compile(r"attribute\[([^\[\]]*)\]((?:\[[^\[\]]+\])*)(?:\[\])?")
#: Characters of all of them together (project choice: some answers on a form; more belongs into the description).
_ATTRIBUTES_LIMIT = 1000
_YES = frozenset({"true", "yes", "1"})
#: Chinese characters (Unicode's CJK Unified Ideographs): names in them are written without a blank.
_HAN = range(0x4E00, 0xA000)

_Id = Annotated[str, msgspec.Meta(max_length=_ID_LIMIT)]


class ServiceRequestBody(msgspec.Struct, frozen=True, kw_only=True):
    """A request: a service's code, and where: `lat` and `long` (WGS-84), or `address_string`."""

    service_code: str
    lat: float | None = None
    long: float | None = None
    address_string: str | None = None
    address_id: _Id | None = None
    description: str = ""
    first_name: str | None = None
    last_name: str | None = None
    phone: str | None = None
    email: str | None = None
    #: Who it is within the caller's system; kept from holders of a token alone.
    device_id: _Id | None = None
    account_id: _Id | None = None
    #: Never fetched: it stands in the message as text.
    media_url: Annotated[str, msgspec.Meta(max_length=_URL_LIMIT)] | None = None
    #: One city is served: it stands for nothing.
    jurisdiction_id: str | None = None
    #: A token of ours.
    api_key: str | None = None
    #: Ours, beside the standard: the citizen allows publication (`true`); they ask for secrecy (anything but no).
    publish: str | None = None
    confidential: str | None = None


def draft_of(
    body: ServiceRequestBody,
    fields: Mapping[str, str],
    category: Category,
    *,
    has_files: bool = False,
    is_known: bool,
) -> Draft:
    """The message, without its files. `fields`: all that was sent, ours or not; `has_files`: some came with it, and may say
    all; `is_known`: whoever sends it holds a token.

    A link, a place's number and attributes, which have no field here, stand in the text, and the service by its code: its
    name would tell the classifier what the citizen did not.

    Raises:
        BadInput: names every field that is wrong.
    """
    attributes = _attributes(fields)
    wrong = [] if _says_where(body) else [_NO_PLACE]
    if sum(len(f"{code}{said}") for code, said in attributes) > _ATTRIBUTES_LIMIT:
        wrong.append(_TOO_MUCH)
    try:
        draft = check(_message(body, fields))
        draft = draft if has_files else saying(draft)
    except BadInput as refusal:
        raise BadInput([*wrong, *refusal.errors]) from refusal
    if wrong:
        raise BadInput(wrong)
    text = "\n".join([f"{draft.text}\n", *_asides(body, category, attributes)])
    # A picture is published by a yes to it alone, and no number of a house, nor what another form asked for, ever.
    publish = draft.publish and not (body.media_url or body.address_id or attributes)
    sender_id = _sender_in(body) if is_known else None
    return msgspec.structs.replace(draft, text=text, publish=publish, sender_id=sender_id)


def _sender_in(body: ServiceRequestBody) -> str | None:
    """Who it is within the caller's system: an account's number is no device's."""
    if body.account_id:
        return f"account:{body.account_id}"
    return f"device:{body.device_id}" if body.device_id else None


_NO_PLACE = FieldError(
    "place.address",
    "请提供 lat 和 long，或者 address_string。",
    "Give lat and long, or address_string.",
)


_TOO_MUCH = FieldError(
    "attribute",
    f"总共最多 {_ATTRIBUTES_LIMIT} 个字符，请写在 description 里。",
    f"At most {_ATTRIBUTES_LIMIT} characters altogether; write it in description.",
)


def _attributes(fields: Mapping[str, str]) -> Sequence[tuple[str, str]]:
    """What was said of attributes, each on one line. Whether secrecy is asked for is heard elsewhere."""
    named = [(_ATTRIBUTE.fullmatch(name), " ".join(said.split())) for name, said in fields.items()]
    return [
        (found[1] + found[2], said)
        for found, said in named
        if found and said and not names_secrecy(simplified(found[0].lower()))
    ]


def _says_where(body: ServiceRequestBody) -> bool:
    return body.lat is not None or body.long is not None or bool((body.address_string or "").strip())


def _message(body: ServiceRequestBody, fields: Mapping[str, str]) -> SubmissionBody:
    text = body.description.strip()
    lines = (line.strip() for line in text.split("\n"))
    return SubmissionBody(
        title=next(filter(says_something, lines), text)[:TITLE_LIMIT],
        text=text,
        place=PlaceBody(address=body.address_string, longitude=body.long, latitude=body.lat),
        contact=ContactBody(name=_name(body), phone=body.phone, email=body.email),
        confidential=any(asks_in_field(name, said) for name, said in fields.items()),
        publish=(body.publish or "").strip().lower() in _YES,
    )


def _name(body: ServiceRequestBody) -> str | None:
    first, last = (body.first_name or "").strip(), (body.last_name or "").strip()
    if first and last and ord(last[0]) in _HAN:
        return last + first
    return f"{first} {last}".strip() or None


def _asides(
    body: ServiceRequestBody, category: Category, attributes: Sequence[tuple[str, str]]
) -> Iterator[str]:
    yield f"{BESIDE}选择的类别：{category.code}）"
    if body.media_url:
        yield f"{BESIDE}附有链接：{body.media_url}）"
    if body.address_id:
        yield f"{BESIDE}地点编号：{body.address_id}）"
    for code, said in attributes:
        yield f"{BESIDE}填写的 {code}：{said}）"
