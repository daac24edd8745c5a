"""What is written for Open311: the standard's names, whatever stands in the texts."""

import json
from xml.etree import ElementTree

import pytest

from intake.core.open311.geo_report import FORMATS, written

SERVICES = [{"service_code": "001", "metadata": False, "group": None}]


def test_a_list_in_xml_names_each_thing() -> None:
    """As in the standard's examples: true and false in words, nothing where there is nothing, UTF-8 as declared."""
    found = written("xml", "services", SERVICES)

    assert found.body.startswith(b"<?xml version='1.0' encoding='utf-8'?>")
    assert found.body.endswith(
        b"<services><service><service_code>001</service_code><metadata>false</metadata><group /></service></services>"
    )
    assert (200, "text/xml; charset=utf-8") == (found.status, found.content_type)


def test_a_list_in_json_is_a_list() -> None:
    """Without the name of the whole (the Spark convention)."""
    found = written("json", "services", SERVICES)

    assert SERVICES == json.loads(found.body)
    assert "application/json; charset=utf-8" == found.content_type


def test_a_list_within_stands_under_its_name() -> None:
    """As the formats of an endpoint do."""
    root = ElementTree.fromstring(written("xml", "discovery", {"endpoints": [{"formats": ["a", "b"]}]}).body)  # noqa: S314  our own

    assert ["a", "b"] == [each.text for each in root.findall("endpoints/endpoint/formats/format")]


@pytest.mark.parametrize("odd", ["<b>&amp;</b>", "]]>", "\"'", "路灯💧", "<?xml?>", "<!DOCTYPE a>"])
def test_whatever_somebody_wrote_is_text(odd: str) -> None:
    """Nothing of it is markup."""
    root = ElementTree.fromstring(written("xml", "errors", [{"description": odd}]).body)  # noqa: S314  our own

    assert odd == root.findtext("error/description")
    assert [{"description": odd}] == json.loads(written("json", "errors", [{"description": odd}]).body)


def test_what_xml_cannot_hold_is_left_out() -> None:
    """Whatever character there is, a reader of XML reads all."""
    every = "".join(map(chr, (*range(0xD800), *range(0xE000, 0x110000, 7), 0xFFFD, 0xFFFE, 0xFFFF)))
    root = ElementTree.fromstring(written("xml", "errors", [{"description": every}]).body)  # noqa: S314  our own

    found = root.findtext("error/description") or ""
    assert {"\0", "\x0b", "\x1f", "\ufffe", "\uffff"}.isdisjoint(found)
    assert {"\t", "\n", " ", "\ufffd", "路"} <= set(found)


def test_another_format_is_answered_in_xml() -> None:
    """Which every server has."""
    assert FORMATS["xml"] == written("yaml", "errors", [], 404).content_type
