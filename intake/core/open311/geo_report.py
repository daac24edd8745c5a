"""Values as Open311 GeoReport v2 writes them, in XML or JSON: lists of like things, each with its fields."""

import re
from collections.abc import Mapping, Sequence
from xml.etree.ElementTree import Element, SubElement, tostring

import msgspec

from schemas.written import Written

#: What an address may end with, and the media type of each (GeoReport v2, "Format Support").
FORMATS: Mapping[str, str] = {
    "xml": "text/xml; charset=utf-8",
    "json": "application/json; charset=utf-8",
}
#: What each list is made of, as XML calls it (GeoReport v2 and Service Discovery, "Response").
_ITEMS: Mapping[str, str] = {
    "services": "service",
    "attributes": "attribute",
    "service_requests": "request",
    "errors": "error",
    "endpoints": "endpoint",
    "formats": "format",
}
#: What XML 1.0 cannot hold (§2.2).
_UNHOLDABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def written(format_name: str, name: str, value: object, status: int = 200) -> Written:
    """The value, called `name` where a format calls the whole by a name; in XML where there is no such format."""
    name_of_format = format_name if format_name in FORMATS else "xml"
    body = msgspec.json.encode(value) if name_of_format == "json" else _as_xml(name, value)
    return Written(body=body, content_type=FORMATS[name_of_format], status=status)


def _as_xml(name: str, value: object) -> bytes:
    root = Element(name)
    _fill(root, value)
    whole: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return whole


def _fill(element: Element, value: object) -> None:
    if isinstance(value, Mapping):
        for name, field in value.items():
            _fill(SubElement(element, name), field)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for item in value:
            _fill(SubElement(element, _ITEMS[element.tag]), item)
    elif isinstance(value, bool):
        element.text = "true" if value else "false"
    elif value is not None:
        element.text = _UNHOLDABLE.sub("", str(value))
