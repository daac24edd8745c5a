"""What registration makes of a message."""

import pickle

import pytest
from msgspec.structs import replace

from intake.core.draft import content_digest
from intake.core.registration import may_publish, preparation, prepare_message, prepare_messages
from intake.core.resemblance import clause_hashes
from intake.core.sealing import author_index, phone_index, unseal
from schemas.ids import AttachmentId
from schemas.values import Contact, Place, Turn
from tests.unit.intake.messages import CONTACT, KEYS, NEW_KEYS, draft, message


def test_a_message_is_masked_and_its_original_sealed() -> None:
    """Every later reader sees the masked text, only intake keeps the other."""
    given = message(draft("周丽华家漏水", "我叫周丽华，电话13912345678。", contact=CONTACT)).event
    made = prepare_message(given, KEYS)

    assert ("周**家漏水", "我叫周**，电话139****5678。") == (made.title, made.text)
    assert made.sealed is not None
    kept = unseal(KEYS, given.case_id, made.sealed)
    assert (CONTACT, "周丽华家漏水", "我叫周丽华，电话13912345678。") == (kept.contact, kept.title, kept.text)
    assert made.phone_index is not None


def test_a_message_without_anything_personal_needs_no_sealing() -> None:
    """What the register holds as it was written is not kept twice."""
    made = prepare_message(message().event, KEYS)

    assert (None, None) == (made.sealed, made.phone_index)


def test_places_keep_their_street_and_position() -> None:
    """Who must go there has to know which door; a telephone number in the address is nobody's business."""
    place = Place(address="人民路8号3栋2单元501室，13812345678", longitude=112.9, latitude=28.2)
    made = prepare_message(message(draft(place=place)).event, KEYS)

    assert Place(address="人民路8号3栋2单元501室，138****5678", longitude=112.9, latitude=28.2) == made.place


def test_traditional_text_comes_with_a_simplified_copy() -> None:
    """For matching; the message itself stays as it was written."""
    made = prepare_message(message(draft("路燈不亮", "人民路的路燈壞了。")).event, KEYS)

    assert ("路燈不亮", "路灯不亮\n人民路的路灯坏了。") == (made.title, made.simplified)


def test_every_turn_of_a_call_is_kept() -> None:
    """The transcript itself is sealed."""
    turns = (Turn(speaker="agent", text="您好"), Turn(speaker="citizen", text="停水了"))
    given = message(draft(turns=turns)).event
    made = prepare_message(given, KEYS)

    assert made.sealed is not None
    assert turns == unseal(KEYS, given.case_id, made.sealed).turns


def test_preparation_can_be_sent_to_another_process() -> None:
    """It is a module-level function with its keys."""
    prepare = pickle.loads(pickle.dumps(preparation(KEYS)))  # noqa: S301  our own bytes

    assert [prepare_message(message().event, KEYS)] == prepare([message().event])
    assert [prepare_message(message().event, KEYS)] == prepare_messages([message().event], keys=KEYS)


def test_whoever_wrote_is_known_by_their_telephone_or_else_by_what_they_gave() -> None:
    """Two that are one are told apart from two that are not."""
    by_mail = Contact(email="lihua@example.org")
    mail, phone, nobody = (
        prepare_message(message(draft(contact=contact)).event, KEYS) for contact in (by_mail, CONTACT, None)
    )

    assert (None, author_index(KEYS, by_mail, None, "")) == (mail.phone_index, mail.author_index)
    assert mail.author_index is not None
    assert (phone_index(KEYS, "13912345678"), None) == (phone.phone_index, phone.author_index)
    assert (None, None) == (nobody.phone_index, nobody.author_index)


def test_what_a_source_keeps_of_a_call_and_an_app_of_its_user_is_sealed() -> None:
    """Both lead to a person."""
    given = message(draft(recording="2026/1.wav", push_token="t-1", sender_id="open")).event
    made = prepare_message(given, KEYS)

    assert made.sealed is not None
    kept = unseal(KEYS, given.case_id, made.sealed)
    assert ("2026/1.wav", "t-1", "open") == (kept.recording, kept.push_token, kept.sender_id)


def test_a_traditional_text_is_compared_as_the_simplified_one() -> None:
    """The same matter, whichever characters it is told in."""
    traditional, plain = (
        prepare_message(message(draft(title, text)).event, KEYS).clause_hashes
        for title, text in (
            ("路燈不亮", "人民路的路燈壞了三天，晚上看不見。"),
            ("路灯不亮", "人民路的路灯坏了三天，晚上看不见。"),
        )
    )

    assert traditional == plain is not None


def test_no_hash_that_is_kept_can_be_undone_by_guessing() -> None:
    """Ten thousand guesses at a telephone number would find it in a plain SHA-256 of the message; nor is it masked there."""
    given = draft(text="请打电话13912345678。")
    made = prepare_message(message(given, key="K").event, KEYS)
    guessed = bytes.fromhex(content_digest(given))

    assert guessed not in (made.content_hash, made.key_hash)
    assert KEYS.keyed(guessed) == made.content_hash


def test_what_an_earlier_release_said_gets_its_key_here() -> None:
    """Kept as if it had been said today: a retry is known by it."""
    today = message(draft(contact=CONTACT), key="K").event
    plain = bytes.fromhex(content_digest(draft(contact=CONTACT)))
    made = prepare_message(replace(today, revision=1, content_hash=plain.hex(), key_hash="11" * 32), KEYS)

    assert (bytes.fromhex(today.content_hash), KEYS.keyed(b"\x11" * 32)) == (made.content_hash, made.key_hash)


@pytest.mark.parametrize("attachments", [(), (AttachmentId("0b0e6a5e-52a5-8d3e-a9a5-6f3c0f9d8f11"),)])
def test_what_an_earlier_release_said_is_known_over_a_change_of_the_master_secret(
    attachments: tuple[AttachmentId, ...],
) -> None:
    """When it comes again: kept under the former key, whatever its digest was made of, files too."""
    said = message(draft(contact=CONTACT, attachments=attachments)).event
    early = replace(said, revision=1, content_hash="22" * 32)

    assert (prepare_message(early, KEYS).content_hash,) == prepare_message(early, NEW_KEYS).former_hashes
    assert prepare_message(said, KEYS).content_hash == prepare_message(said, NEW_KEYS).content_hash


def test_a_masked_message_is_cut_after_its_title_alone() -> None:
    """A text of several lines stays whole, and what resembles it is found by it."""
    text = "人民路的路灯坏了三天晚上看不见。\n学校门口也没有灯。"
    made = prepare_message(message(draft("路灯不亮", text)).event, KEYS)

    assert ("路灯不亮", text) == (made.title, made.text)
    assert clause_hashes(f"路灯不亮\n{text}") == made.clause_hashes
    assert made.clause_hashes is not None


def test_a_place_that_was_masked_is_sealed_as_it_was_written() -> None:
    """With who sent it; a place that says nothing personal is not kept twice."""
    private = Place(address="人民路8号，13812345678", longitude=112.9, latitude=28.2)
    given = message(draft(place=private, sender_id="open")).event
    made = prepare_message(given, KEYS)

    assert made.sealed is not None
    kept = unseal(KEYS, given.case_id, made.sealed)
    assert (private, "open") == (kept.place, kept.sender_id)
    plain = message(draft(place=Place(address="人民路8号"))).event
    assert prepare_message(plain, KEYS).sealed is None


def test_whoever_says_their_name_is_not_named_by_the_place() -> None:
    """What the contact declares is masked in the address, too; blanks in it are one."""
    place = Place(address=" 周丽华家\n门口 ")
    made = prepare_message(message(draft(place=place, contact=CONTACT)).event, KEYS)

    assert made.place is not None
    assert made.place.address is not None
    assert "丽华" not in made.place.address
    assert "\n" not in made.place.address


def test_only_a_yes_allows_publication() -> None:
    """Of an earlier release's yes nobody knows whether it was silence."""
    yes, no = (message(draft(publish=publish)).event for publish in (True, False))

    assert (True, False, False) == (may_publish(yes), may_publish(no), may_publish(replace(yes, revision=1)))
