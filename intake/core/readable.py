"""Reads kind and place of a message that another system wrote; what cannot be read is kept as words."""

import re
from typing import NamedTuple

from intake.core.draft import ADDRESS_LIMIT, PlaceBody, holdable, place_of
from schemas.errors import FieldError
from schemas.words import Kind


class ReadableFields(NamedTuple):
    """Of a message that somebody else wrote down: its kind and place, as far as they are ones."""

    kind: str | None
    place: PlaceBody | None


#: A word for a report, or one with more to it: 匿名举报, 检举揭发, 信访举报件.
MAY_BE_REPORT = re.compile(
    "举报|舉報|检举|檢舉|控告|揭发|揭發|揭露|爆料|线索|線索|违纪|違紀|纪检|紀檢|监察|監察|廉政|腐败|腐敗|贪污|貪污|受贿|受賄|report|whistle|denounc",
    re.IGNORECASE,
)


def readable_fields(kind: str | None, place: PlaceBody | None) -> tuple[ReadableFields, list[str]]:
    """What of these can be taken, and what cannot, in words: no message is lost for a word or a position.

    What may be a report counts as one, which protects whoever made it.
    """
    unread: list[str] = []
    if kind and kind not in list(Kind):
        unread.append(f"类型“{holdable(kind)}”")
        kind = Kind.REPORT.value if MAY_BE_REPORT.search(kind) else None
    if place is not None:
        wrong: list[FieldError] = []
        place_of(place, "wgs84", wrong)
        if wrong:
            said = (place.address, place.longitude, place.latitude, place.coordinates)
            unread.append(f"地点“{holdable(' '.join(str(each) for each in said if each is not None))}”")
            place = _address_alone(place)
    return ReadableFields(kind or None, place), unread


def _address_alone(place: PlaceBody) -> PlaceBody | None:
    """The place without its position, where its address is one."""
    is_short = place.address is not None and len(place.address.strip()) <= ADDRESS_LIMIT
    return PlaceBody(address=place.address) if is_short else None
