"""What is said of each wrong field, word for word, and the edges at which it is said."""

import pytest

from intake.core.draft import (
    ContactBody,
    PlaceBody,
    SubmissionBody,
    check,
    checked_words,
    saying,
)
from schemas.errors import BadInput, FieldError
from schemas.values import Contact
from schemas.words import Kind


def _refused(**fields: object) -> list[FieldError]:
    given = {"title": "路灯", "text": "不亮"} | fields
    with pytest.raises(BadInput) as refused:
        check(SubmissionBody(**given))  # type: ignore[arg-type]  # the tests name fields that exist
    return list(refused.value.errors)


def _place(**fields: object) -> list[FieldError]:
    return _refused(place=PlaceBody(**fields))  # type: ignore[arg-type]  # as above


def _contact(**fields: str) -> list[FieldError]:
    return _refused(contact=ContactBody(**fields))


KINDS = [kind.value for kind in Kind]
EAST = FieldError("place.longitude", "经度须在 -180 到 180 之间。", "Longitude must be within -180 and 180.")
NORTH = FieldError("place.latitude", "纬度须在 -90 到 90 之间。", "Latitude must be within -90 and 90.")
BOTH = ("经度和纬度须同时填写。", "Give both longitude and latitude.")


def test_required_fields_say_that_they_are() -> None:
    """Title and text."""
    words = ("此项必填。", "This field is required.")

    assert [FieldError("title", *words), FieldError("text", *words)] == _refused(title=" ", text="\u200b")


def test_what_is_too_long_is_told_its_length_and_the_limit() -> None:
    """Whichever the field; without the blanks around it."""
    assert [
        FieldError("title", "最多 120 个字符，现有 121 个。", "At most 120 characters; it has 121.")
    ] == _refused(title=f" {'标' * 121} ")
    assert [
        FieldError("place.address", "最多 200 个字符，现有 201 个。", "At most 200 characters; it has 201.")
    ] == _place(address="a" * 201)
    assert ["contact.phone", "contact.phone"] == [error.field for error in _contact(phone="1" * 41)]
    assert ["contact.email", "contact.email"] == [error.field for error in _contact(email="a" * 255)]


def test_what_just_fits_passes() -> None:
    """An address of two hundred characters, an id of as many, a name of sixty, a key of 255."""
    found = check(
        SubmissionBody(
            title="a", text="b", place=PlaceBody(address="街" * 200), contact=ContactBody(name="名" * 60),
            external_id="x" * 200,
        )
    )  # fmt: skip

    assert found.place is not None
    assert ("街" * 200, Contact(name="名" * 60), "x" * 200) == (
        found.place.address, found.contact, found.external_id
    )  # fmt: skip


def test_an_e_mail_address_is_kept() -> None:
    """As it was given."""
    found = check(SubmissionBody(title="a", text="b", contact=ContactBody(email="a.b@example.org")))

    assert Contact(email="a.b@example.org") == found.contact


def test_a_kind_is_one_of_those_that_exist() -> None:
    """All of them are named."""
    assert [
        FieldError("kind", f"须为其中之一：{'、'.join(KINDS)}。", f"Must be one of: {', '.join(KINDS)}.")
    ] == _refused(kind="rumour")


def test_contact_details_that_are_none_are_said_to_be_none() -> None:
    """A telephone number and an address that nobody could use."""
    assert [
        FieldError("contact.phone", "电话号码格式不对。", "This does not look like a telephone number."),
        FieldError("contact.email", "邮箱格式不对。", "This does not look like an e-mail address."),
    ] == _contact(phone="call me", email="nobody")


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        ({"longitude": 1.0}, [FieldError("place.latitude", *BOTH)]),
        ({"latitude": 1.0}, [FieldError("place.longitude", *BOTH)]),
        (
            {"longitude": 1.0, "latitude": 1.0, "coordinates": "bd09"},
            [FieldError("place.coordinates", "须为 wgs84 或 gcj02。", "Must be wgs84 or gcj02.")],
        ),
        ({"longitude": 180.1, "latitude": 90.0}, [EAST]),
        ({"longitude": -180.1, "latitude": -90.0}, [EAST]),
        ({"longitude": 180.0, "latitude": 90.1}, [NORTH]),
        ({"longitude": -180.0, "latitude": -90.1}, [NORTH]),
        ({"longitude": 181.0, "latitude": 91.0}, [EAST, NORTH]),
    ],
)
def test_positions_that_are_none_say_what_is_wrong(
    fields: dict[str, object], errors: list[FieldError]
) -> None:
    """Half a position, an unknown system, or beyond the earth's edge: and the edge itself is on it."""
    assert errors == _place(**fields)


@pytest.mark.parametrize(("longitude", "latitude"), [(180.0, 90.0), (-180.0, -90.0)])
def test_the_edges_of_the_earth_are_on_it(longitude: float, latitude: float) -> None:
    """As far east, west, north and south as there is."""
    place = check(
        SubmissionBody(title="a", text="b", place=PlaceBody(longitude=longitude, latitude=latitude))
    ).place

    assert place is not None
    assert (longitude, latitude) == (place.longitude, place.latitude)


def test_words_of_an_action_are_refused_under_their_own_name() -> None:
    """The form shows the error beside that field."""
    with pytest.raises(BadInput) as refused:
        checked_words("reason", "长" * 11, 10)

    assert [
        FieldError("reason", "最多 10 个字符，现有 11 个。", "At most 10 characters; it has 11.")
    ] == list(refused.value.errors)


@pytest.mark.parametrize("words", [("。。。", "？？？"), ("…", "\u3164"), ("!!!", "🔥🔥")])
def test_a_message_that_says_nothing_is_refused_unless_a_file_speaks_for_it(words: tuple[str, str]) -> None:
    """Whoever wrote it is there, and can write more; one word, in the title or the text, is enough."""
    title, text = words
    with pytest.raises(BadInput) as refused:
        saying(check(SubmissionBody(title=title, text=text)))
    assert ["text"] == [error.field for error in refused.value.errors]

    saying(
        check(SubmissionBody(title=title, text=text, attachments=["a" * 8 + "-0000-7000-8000-" + "b" * 12]))
    )
    saying(check(SubmissionBody(title="漏水", text=text)))
    saying(check(SubmissionBody(title=title, text="3号楼")))
