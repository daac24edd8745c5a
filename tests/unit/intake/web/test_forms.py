"""Forms as messages."""

import pytest

from intake.core.public.publication import TooManyConsents
from intake.steps.act_on_case import TooManyAdditions
from intake.web.forms import draft_of, errors_of, key_of
from schemas.errors import BadInput, FieldError, Unavailable
from schemas.words import Language

FORM = {"title": "路灯", "text": "坏了\r\n三天", "nonce": "n"}


def test_publication_is_only_what_the_citizen_chose() -> None:
    """Saying nothing is not consent."""
    assert not draft_of(FORM).publish
    assert draft_of(FORM | {"publish": "yes"}).publish


def test_line_ends_of_browsers_count_once() -> None:
    """CR LF is one character."""
    assert "坏了\n三天" == draft_of(FORM).text


def test_the_same_form_twice_has_one_key_and_a_changed_one_another() -> None:
    """A double click is a retry; a correction is a new message."""
    assert key_of(FORM) == key_of(dict(reversed(FORM.items())))
    assert key_of(FORM) != key_of(FORM | {"text": "改过"})
    assert key_of(FORM) != key_of(FORM | {"nonce": "m"})


def test_errors_lead_to_the_inputs_of_the_page() -> None:
    """The API's contact.phone is the page's phone."""
    with pytest.raises(BadInput) as refused:
        draft_of(FORM | {"title": "", "phone": "x"})

    errors = errors_of(refused.value, Language.EN)
    assert ["title", "phone"] == [error.field for error in errors.summary]
    assert "This field is required." == errors.by_field["title"]


def test_files_that_were_not_taken_are_named_beside_whatever_else_is_wrong() -> None:
    """The form that comes back has them no more: said later, nobody would miss them."""
    svg = BadInput([FieldError("files", "平面图.svg：不接受。", "plan.svg: not taken.")])
    for wrong, fields in ({"title": ""}, ["title", "files"]), ({}, ["files"]):
        with pytest.raises(BadInput) as refused:
            draft_of(FORM | wrong, svg)
        assert fields == [error.field for error in errors_of(refused.value, Language.ZH).summary]


def test_too_many_additions_lead_to_what_was_typed() -> None:
    """The API's text is what the page's form is called after."""
    errors = errors_of(TooManyAdditions(), Language.EN, text="supplement")

    assert ["supplement"] == list(errors.by_field)
    assert ["publish-yes"] == list(errors_of(TooManyConsents(), Language.EN).by_field)


@pytest.mark.parametrize(
    "phone", ["1381234567", "138 1234 567", "+86 138-1234-56789", "１３８１２３４５６７"]
)
def test_a_mobile_number_with_a_digit_too_few_or_too_many_is_asked_for_again(phone: str) -> None:
    """Nobody would ever reach whoever typed it; said beside whatever else is wrong."""
    with pytest.raises(BadInput) as refused:
        draft_of(FORM | {"title": "", "phone": phone})

    errors = errors_of(refused.value, Language.ZH)
    assert ["title", "phone"] == [error.field for error in errors.summary]
    assert "11 位" in errors.by_field["phone"]
    with pytest.raises(BadInput):
        draft_of(FORM | {"phone": phone})


@pytest.mark.parametrize(
    "phone",
    [
        "13812345678", "+86 138 1234 5678", "010-62345678", "62345678", "12345", "10086", "4008123456",
        "+1 415 555 0100", "13812345678转1", "00852 2345 6789",
    ],
)  # fmt: skip
def test_numbers_of_every_other_kind_are_taken(phone: str) -> None:
    """Fixed lines with and without their code, short numbers, extensions, other countries."""
    contact = draft_of(FORM | {"phone": phone}).contact

    assert contact is not None
    assert phone == contact.phone


def test_an_absent_kafka_says_that_nothing_was_submitted() -> None:
    """The sentence is the error's own, and leads to the first input."""
    errors = errors_of(Unavailable("kafka"), Language.ZH, otherwise="title")

    assert ["title"] == list(errors.by_field)
    assert "尚未提交" in errors.by_field["title"]
