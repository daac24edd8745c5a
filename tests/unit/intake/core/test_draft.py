"""Checks on a message: every wrong field is named, in both languages."""

import msgspec
import pytest

from intake.core.contacts.dialled import is_plausible_phone
from intake.core.draft import (
    ContactBody,
    Draft,
    PlaceBody,
    SubmissionBody,
    check,
    checked_ids,
    checked_words,
    content_digest,
)
from schemas.errors import BadInput
from schemas.values import Contact, Place, Turn
from schemas.words import Kind


def _wrong(body: SubmissionBody) -> set[str]:
    with pytest.raises(BadInput) as refused:
        check(body)
    assert all(error.zh and error.en for error in refused.value.errors)
    return {error.field for error in refused.value.errors}


def test_a_full_message_passes() -> None:
    """Everything that the interface promises is taken over."""
    found = check(
        SubmissionBody(
            title=" 标题 ",
            text="内容\n第二行",
            kind="complaint",
            place=PlaceBody(address="人民路", longitude=112.9, latitude=28.2),
            contact=ContactBody(name="王某", phone="0731-8888 6666", email="a.b@example.org"),
            confidential=True,
            publish=False,
            external_id="E-1",
        )
    )

    assert ("标题", "内容\n第二行", Kind.COMPLAINT) == (found.title, found.text, found.kind)
    assert found.place is not None
    assert (112.9, 28.2) == (found.place.longitude, found.place.latitude)
    assert found.contact is not None
    assert found.confidential
    assert not found.publish
    assert "E-1" == found.external_id


def test_all_wrong_fields_are_named_at_once() -> None:
    """A citizen corrects a form once, not field by field."""
    body = SubmissionBody(
        title="标" * 121,
        text=" \n\u200b\t",
        kind="nonsense",
        place=PlaceBody(longitude=181, latitude=-91),
        contact=ContactBody(name="名" * 61, phone="call me", email="nobody"),
        external_id="x" * 201,
    )

    assert {
        "title",
        "text",
        "kind",
        "place.longitude",
        "place.latitude",
        "contact.name",
        "contact.phone",
        "contact.email",
        "external_id",
    } == _wrong(body)


def test_a_missing_title_and_text_are_both_named() -> None:
    """Required fields that are absent are wrong like any other."""
    assert {"title", "text"} == _wrong(SubmissionBody())


def test_limits_hold_at_their_edge() -> None:
    """120 and 10,000 characters pass, one more does not."""
    assert check(SubmissionBody(title="标" * 120, text="文" * 10_000)).title == "标" * 120
    assert {"title", "text"} == _wrong(SubmissionBody(title="标" * 121, text="文" * 10_001))


def test_what_postgres_cannot_hold_is_left_out_and_all_else_kept() -> None:
    """NUL and halves of surrogate pairs go; everything else stays as it was written."""
    found = check(SubmissionBody(title="a\x00b\ud800", text="x\x00\ty\udfff\r\n ①Ａ"))

    assert ("ab", "x\ty\r\n ①Ａ") == (found.title, found.text)


@pytest.mark.parametrize(
    ("place", "field"),
    [
        (PlaceBody(longitude=1.0), "place.latitude"),
        (PlaceBody(latitude=1.0), "place.longitude"),
        (PlaceBody(longitude=float("nan"), latitude=1.0), "place.longitude"),
        (PlaceBody(longitude=1.0, latitude=1.0, coordinates="bd09"), "place.coordinates"),
    ],
)
def test_half_a_position_is_refused(place: PlaceBody, field: str) -> None:
    """A position has two numbers, and a system that we know."""
    assert {field} == _wrong(SubmissionBody(title="a", text="b", place=place))


def test_gcj02_positions_are_converted() -> None:
    """A mini-app's position is kept as WGS-84."""
    body = SubmissionBody(title="a", text="b", place=PlaceBody(longitude=116.397, latitude=39.909))
    found = check(body, coordinates="gcj02").place

    assert found is not None
    assert found.longitude is not None
    assert 0.005 < 116.397 - found.longitude < 0.008


def test_empty_contact_and_place_are_none() -> None:
    """An empty form section is no contact."""
    found = check(
        SubmissionBody(title="a", text="b", place=PlaceBody(address=" "), contact=ContactBody(name=""))
    )

    assert (None, None) == (found.place, found.contact)


@pytest.mark.parametrize(
    "phone", ["13912345678", "+86 139 1234 5678", "（0731）88886666", "0731-88886666转801", "12345"]
)
def test_telephone_numbers_are_taken_as_people_write_them(phone: str) -> None:
    """Groups, brackets and extensions are no mistakes."""
    assert is_plausible_phone(phone)


def test_content_digest_tells_contents_apart() -> None:
    """The same message has one hash, another message another."""
    one = check(SubmissionBody(title="a", text="b"))

    assert content_digest(one) == content_digest(check(SubmissionBody(title=" a", text="b")))
    assert content_digest(one) != content_digest(check(SubmissionBody(title="a", text="b", publish=True)))


def test_words_of_an_action_are_required() -> None:
    """An objection without a reason is refused."""
    assert "因为" == checked_words("reason", " 因为 ", 10)
    for words in ("  ", "长" * 11):
        with pytest.raises(BadInput):
            checked_words("reason", words, 10)


def test_another_push_token_is_the_same_message() -> None:
    """A telephone gets a new one between two tries."""
    one = check(SubmissionBody(title="a", text="b"))

    assert content_digest(one) == content_digest(msgspec.structs.replace(one, push_token="t"))


def test_content_digest_is_the_one_of_earlier_releases() -> None:
    """A retry of what an earlier release took is known by it: what drafts have had only since then is left out."""
    given = Draft(
        title="路灯不亮",
        text="坏了三天",
        turns=(Turn(speaker="citizen", text="停水了", at_seconds=1.25),),
        kind=Kind.COMPLAINT,
        place=Place(address="人民路", longitude=112.9, latitude=28.2),
        contact=Contact(name="周丽华", phone="13912345678"),
        confidential=True,
        publish=True,
        external_id="E",
        sender_id="open",
    )

    assert "12d411e2e76168acce0e26f22f0cc83496527db005b8f199228df413f121925d" == content_digest(given)


def test_files_are_named_once_each_and_by_ids() -> None:
    """One that is no id is refused, with its place; the same one twice is one."""
    first, second = (f"0198a5f0-0000-4000-8000-00000000000{number}" for number in (1, 2))

    assert (first, second) == checked_ids([first, second, first])
    with pytest.raises(BadInput) as refusal:
        checked_ids([first, "evidence.pdf"])
    assert ["attachments"] == [error.field for error in refusal.value.errors]


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (ContactBody(phone="\u202d13900138001\u202c"), Contact(phone="13900138001")),
        (ContactBody(phone="\u200b"), None),
        (ContactBody(email="ａ＠ｂ。ｃｎ"), Contact(email="a@b.cn")),
        (ContactBody(email="a@b.cn\u200b"), Contact(email="a@b.cn")),
    ],
)
def test_what_nobody_sees_makes_no_contact_wrong(written: ContactBody, kept: Contact | None) -> None:
    """What a list of contacts copies along, and what a Chinese keyboard writes: people would look for a mistake in vain."""
    assert kept == check(SubmissionBody(title="a", text="b", contact=written)).contact


def test_a_telephone_that_became_an_amount_is_refused() -> None:
    """With its nought it would be somebody else's."""
    wrong = _wrong(SubmissionBody(title="a", text="b", contact=ContactBody(phone="13900138001.0")))

    assert {"contact.phone"} == wrong
