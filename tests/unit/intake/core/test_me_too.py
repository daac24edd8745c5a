"""Me too: what says no more than that it is the same, and who says so."""

import msgspec
import pytest

from intake.core.draft import ContactBody, PlaceBody, SubmissionBody, check, content_digest
from intake.core.me_too import PublicMatter, is_in_own_words, person_of
from intake.core.no_words import SAME
from intake.core.registration import prepare_message
from schemas.errors import BadInput
from schemas.events.intake import SubmissionAccepted
from schemas.ids import CaseId
from tests.unit.intake.messages import KEYS, draft, message

CODE = message().codes.tracking_code
MATTER = PublicMatter(
    case_id=CaseId("6a1f0000-0000-4000-8000-00000000000a"), tracking_code=CODE, title="路灯不亮", own_title="路灯",
    sealed=None, author=b"author",
)  # fmt: skip


def _said(**body: object) -> SubmissionAccepted:
    given = check(msgspec.convert({"same_as": CODE, **body}, SubmissionBody))
    return message(given).event


def test_nothing_need_be_written() -> None:
    """Where a matter is named; otherwise a title and a text are required as ever."""
    assert (SAME, SAME, CODE) == (_said().title, _said().text, _said().same_as)
    with pytest.raises(BadInput):
        check(SubmissionBody())


@pytest.mark.parametrize(
    "more",
    [
        {"text": "也是三天了"}, {"title": "站牌倒了"}, {"place": {"address": "解放路"}}, {"confidential": True},
        {"attachments": ["0198b2c4-0000-7000-8000-00000000000a"]},
    ],
)  # fmt: skip
def test_what_is_said_beside_is_ones_own(more: dict[str, object]) -> None:
    """Words, a place, files, a wish for secrecy: a person reads it."""
    assert is_in_own_words(_said(**more))
    assert not is_in_own_words(_said())


@pytest.mark.parametrize("blank", ["", "   ", "\n"])
def test_blanks_are_no_words(blank: str) -> None:
    """Nor are those that stand for none, typed back."""
    assert not is_in_own_words(_said(text=blank, title=blank))
    assert not is_in_own_words(_said(text=f" {SAME} "))


def test_a_contact_is_no_word() -> None:
    """Who leaves a number to be reached by says nothing more."""
    body = SubmissionBody(same_as=CODE, contact=ContactBody(phone="13912345678"), place=PlaceBody(address=""))

    assert not is_in_own_words(message(check(body)).event)


def test_whoever_it_is_stays_the_same() -> None:
    """The telephone before anything else; the matter's own citizen is nobody; who cannot be told is nobody, too."""
    event = msgspec.structs.replace(_said(), person="ab" * 32)

    def person(said: SubmissionAccepted, **known: object) -> bytes | None:
        prepared = msgspec.structs.replace(prepare_message(said, KEYS), **known)
        return person_of(MATTER, said, prepared)

    assert b"phone" == person(event, phone_index=b"phone", author_index=b"mail")
    assert b"mail" == person(event, author_index=b"mail")
    assert bytes.fromhex("ab" * 32) == person(event)
    assert person(event, phone_index=b"author") is None
    assert person(event, phone_index=b"phone", former_people=(b"other", b"author")) is None
    assert person(_said()) is None


def test_the_public_title_is_shown() -> None:
    """Of an open matter, which has none, its own without what is personal."""
    assert "路灯不亮" == MATTER.title_for_all(KEYS)
    own = msgspec.structs.replace(MATTER, title=None, own_title="东湖路8号3单元201室门口13912345678路灯不亮")
    title = own.title_for_all(KEYS)
    assert "路灯不亮" in title
    assert not [each for each in ("13912345678", "201室") if each in title]


def test_a_message_of_before_is_known_again() -> None:
    """That names no matter: its digest is what it was."""
    said = msgspec.structs.asdict(draft())
    assert "same_as" in said
    assert content_digest(draft()) != content_digest(draft(same_as=CODE))
    assert content_digest(draft()) == content_digest(draft(same_as=None))
