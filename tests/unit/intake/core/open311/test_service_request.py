"""A request of Open311 as a message: every word of it is kept, and what it asks for is heard."""

from collections.abc import Mapping

import msgspec
import pytest

from intake.core.draft import Draft
from intake.core.open311.service_request import ServiceRequestBody, draft_of
from intake.core.resemblance import clause_hashes
from schemas.city import load_city
from schemas.errors import BadInput
from schemas.http import read

CATEGORY = load_city().category["transport"]
GOOD = {"service_code": "transport", "lat": "30.6", "long": "114.3", "description": "路灯坏了\n三天没人修。"}


def _draft(**more: str) -> Draft:
    return _sent(more, is_known=False)


def _sent(more: Mapping[str, str], *, is_known: bool) -> Draft:
    fields = {**GOOD, **more}
    body = read(ServiceRequestBody, {name: said for name, said in fields.items() if said}, strict=False)
    return draft_of(body, fields, CATEGORY, is_known=is_known)


def test_its_first_line_is_the_title_and_the_service_stands_in_the_text() -> None:
    """Plainly, in the city's language, behind what the citizen wrote."""
    found = _draft()

    assert ("路灯坏了", "路灯坏了\n三天没人修。\n\n（来件选择的类别：transport）") == (
        found.title,
        found.text,
    )
    assert found.place is not None
    assert (114.3, 30.6, None) == (found.place.longitude, found.place.latitude, found.place.address)
    assert (False, False, None) == (found.publish, found.confidential, found.contact)


def test_a_place_in_words_is_one() -> None:
    """Without a position."""
    found = _draft(lat="", long="", address_string="望江路 3 号")

    assert found.place is not None
    assert "望江路 3 号" == found.place.address


@pytest.mark.parametrize("beside", [{"media_url": "http://127.0.0.1/a.jpg"}, {"address_id": "545483"}])
def test_no_link_and_no_house_is_published(beside: dict[str, str]) -> None:
    """Whatever was allowed: they stand in the text, and a yes to the text is none to them."""
    assert _draft(publish="true").publish
    assert not _draft(publish="true", **beside).publish


def test_what_another_citys_form_asked_is_kept_as_text() -> None:
    """On one line each, nowhere published; what asks for secrecy is heard, and not repeated; what is empty is not there."""
    more = {
        "attribute[WHISHETN]": "颜色\n红", "attribute[depth][]": "3,4", "attribute[anonymous]": "false", "attribute[x]": " ",
    }  # fmt: skip
    found = _draft(publish="true", **more)

    assert found.text.endswith("（来件填写的 WHISHETN：颜色 红）\n（来件填写的 depth：3,4）")
    assert not found.publish


def test_who_use_one_app_do_not_resemble_one_another() -> None:
    """By its links and categories."""
    told = [
        clause_hashes(_draft(description=said, media_url=f"https://fixmystreet.example.org/{place}.jpg").text)
        for place, said in enumerate(
            ("路灯坏了三天没人修理，晚上一片漆黑", "公交车半天不来老人等了很久，天冷")
        )
    ]

    assert told[0] is not None
    assert told[1] is not None
    assert {told[0].first, told[0].second}.isdisjoint({told[1].first, told[1].second})


def test_what_has_no_field_is_kept_as_text() -> None:
    """A link is never fetched; an address's id of another register means nothing here."""
    found = _draft(media_url="http://127.0.0.1/a.jpg", address_id="545483")

    assert found.text.endswith("（来件附有链接：http://127.0.0.1/a.jpg）\n（来件地点编号：545483）")


@pytest.mark.parametrize(
    ("first", "last", "name"), [("小明", "王", "王小明"), ("John", "Smith", "John Smith"), ("", "王", "王")]
)
def test_names_are_joined_as_their_language_does(first: str, last: str, name: str) -> None:
    """Chinese ones without a blank, the family first."""
    found = _draft(first_name=first, last_name=last, phone="13800138000", email="a@example.org").contact

    assert found is not None
    assert (name, "13800138000", "a@example.org") == (found.name, found.phone, found.email)


@pytest.mark.parametrize("said", ["true", "1", "Yes", " TRUE "])
def test_publication_is_allowed_in_words(said: str) -> None:
    """And by nothing else."""
    assert _draft(publish=said).publish
    assert not _draft(publish=f"not {said}").publish


@pytest.mark.parametrize(
    "field", ["confidential", "is_anonymous", "attribute[anonymous]", "是否保密", "attribute[PRIVATE]"]
)
def test_secrecy_is_asked_for_by_any_field(field: str) -> None:
    """Whatever it is called; a plain no is one."""
    assert _draft(**{field: "true"}).confidential
    assert not _draft(**{field: "false"}).confidential
    assert not _draft(**{field: ""}).confidential


def test_what_nests_in_an_attribute_is_kept_too() -> None:
    """As clients of PHP write lists and objects; none that asks for secrecy stands in the text, in whichever characters."""
    said = {"attribute[A][0]": "x", "attribute[A][b][]": "y", "attribute[隱私]": "是的"}
    found = _draft(**said)

    assert found.text.endswith("（来件填写的 A[0]：x）\n（来件填写的 A[b]：y）")
    assert ("隱私" in found.text, found.confidential) == (False, True)


def test_who_it_is_in_another_system_counts_from_a_token_alone() -> None:
    """Anybody may write any id."""
    assert _draft(account_id="a-1", device_id="d-1").sender_id is None
    assert "account:a-1" == _sent({"account_id": "a-1", "device_id": "d-1"}, is_known=True).sender_id
    assert "device:a-1" == _sent({"device_id": "a-1"}, is_known=True).sender_id


@pytest.mark.parametrize(
    ("wrong", "fields"),
    [
        ({"lat": "", "long": ""}, ["place.address"]),
        ({"description": " "}, ["title", "text"]),
        ({"lat": "", "long": "", "address_string": "  "}, ["place.address"]),
        ({"long": ""}, ["place.longitude"]),
        ({"lat": "91"}, ["place.latitude"]),
        ({"lat": "nan"}, ["place.latitude"]),
        ({"description": "……！"}, ["text"]),
        ({"description": "长" * 10_001}, ["text"]),
        ({"lat": "", "long": "", "phone": "abc", "email": "x"}, ["place.address", "contact.phone", "contact.email"]),
        ({"lat": "north"}, ["lat"]),
        ({"media_url": "h" * 2001}, ["media_url"]),
        ({"attribute[a]": "长" * 500, "attribute[b]": "长" * 500}, ["attribute"]),
    ],
)  # fmt: skip
def test_whatever_is_wrong_is_named(wrong: dict[str, str], fields: list[str]) -> None:
    """All of it at once, as far as it can be read."""
    with pytest.raises(BadInput) as refusal:
        _draft(**wrong)

    assert fields == [each.field for each in refusal.value.errors]


def test_every_field_of_the_standard_is_known() -> None:
    """As the standard's form calls them."""
    standard = (
        "jurisdiction_id service_code lat long address_string address_id email device_id account_id first_name "
        "last_name phone description media_url api_key"
    )

    assert set(standard.split()) <= {each.name for each in msgspec.structs.fields(ServiceRequestBody)}
