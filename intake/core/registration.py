"""Makes a case of a message: normalised, masked, hashed for look-alikes, its personal part sealed."""

from collections.abc import Sequence
from functools import partial

import msgspec

from intake.core.contacts.contact_words import words_beside
from intake.core.keys import IntakeKeys
from intake.core.markup import without_markup
from intake.core.resemblance import ClauseHashes, clause_hashes
from intake.core.sealing import NOTHING_PERSONAL, Personal, author_index, phone_index, seal
from intake.core.secrecy.asked import refuses_publication
from intake.core.wording import normalised, one_line, simplified
from schemas.events.intake import SubmissionAccepted
from schemas.masking import Declared, declared_by, for_department, place_for_department
from schemas.ports import Prepare
from schemas.values import Place

#: The revision of `submission.accepted` from which on `publish` is what the citizen said (by definition, as `REVISION`
#: counts).
_SILENCE_IS_NO = 2
#: The one from which on its hashes are keyed (by definition, as `REVISION` counts).
_KEYED = 2


class PreparedMessage(msgspec.Struct, frozen=True, kw_only=True):
    """What registration computes from one message before the transaction."""

    title: str
    text: str
    simplified: str | None
    place: Place | None
    clause_hashes: ClauseHashes | None
    #: Words where contact details belong.
    beside: str
    #: Whether everybody may read it once it is answered.
    publish: bool
    #: None where nothing is personal.
    sealed: bytes | None
    phone_index: bytes | None
    #: Who wrote, where there is no telephone.
    author_index: bytes | None
    content_hash: bytes
    key_hash: bytes | None
    #: The content's hash under earlier master secrets.
    former_hashes: tuple[bytes, ...] = ()
    #: The index of the telephone, or else of the author, under earlier master secrets, the latest first.
    former_people: tuple[bytes, ...] = ()


def preparation(keys: IntakeKeys) -> Prepare:
    """`prepare_messages` with the keys of this city, for a subscription's `Handler.prepare`."""
    return partial(prepare_messages, keys=keys)


def prepare_messages(events: Sequence[SubmissionAccepted], *, keys: IntakeKeys) -> Sequence[PreparedMessage]:
    """What registration needs of each of these messages, in their order."""
    return [prepare_message(event, keys) for event in events]


def prepare_message(event: SubmissionAccepted, keys: IntakeKeys) -> PreparedMessage:
    """The message as the register will hold it: normalised, masked, compared, its personal part sealed."""
    written = f"{one_line(without_markup(event.title))}\n{normalised(without_markup(event.text))}"
    declared = declared_by(event.contact)
    masked = for_department(written, declared)
    phone = event.contact.phone if event.contact else None
    title, _, text = masked.partition("\n")
    return PreparedMessage(
        title=title,
        text=text,
        simplified=(plain := simplified(masked)),
        place=(place := _masked_place(event.place, declared)),
        beside=words_beside(event.contact),
        publish=may_publish(event),
        clause_hashes=clause_hashes(plain or masked),
        sealed=_sealed(event, title, text, place, keys),
        phone_index=phone_index(keys, phone) if phone else None,
        author_index=None if phone else _author(event, keys),
        content_hash=_keyed(event, event.content_hash, keys),
        key_hash=None if event.key_hash is None else _keyed(event, event.key_hash, keys),
        former_hashes=() if event.revision >= _KEYED else _former_hashes(event, keys),
        former_people=tuple(filter(None, (_person(event, phone, former) for former in keys.previous))),
    )


def _author(event: SubmissionAccepted, keys: IntakeKeys) -> bytes | None:
    return author_index(keys, event.contact, event.sender_id, event.source)


def _person(event: SubmissionAccepted, phone: str | None, keys: IntakeKeys) -> bytes | None:
    return phone_index(keys, phone) if phone else _author(event, keys)


def _keyed(event: SubmissionAccepted, said: str, keys: IntakeKeys) -> bytes:
    """A hash of the event as it is stored; one that an earlier release computed without a key gets it here."""
    given = bytes.fromhex(said)
    return given if event.revision >= _KEYED else keys.keyed(given)


def _former_hashes(event: SubmissionAccepted, keys: IntakeKeys) -> tuple[bytes, ...]:
    """The hashes under which an earlier release, which sent none with a key, may have registered this content."""
    return tuple(former.keyed(bytes.fromhex(event.content_hash)) for former in keys.previous)


def may_publish(event: SubmissionAccepted) -> bool:
    """Whether the citizen said yes to publication, and nothing else in their words.

    What an earlier release took for a yes may have been silence.
    """
    is_yes = event.publish and event.revision >= _SILENCE_IS_NO
    return is_yes and not refuses_publication(event.title, event.text)


def _masked_place(place: Place | None, declared: Declared) -> Place | None:
    if place is None or place.address is None:
        return place
    return place_for_department(msgspec.structs.replace(place, address=one_line(place.address)), declared)


def _sealed(
    event: SubmissionAccepted, title: str, text: str, place: Place | None, keys: IntakeKeys
) -> bytes | None:
    """Encrypt the contact, and all that the register keeps only in masked form; None where nothing is personal."""
    personal = Personal(
        contact=event.contact,
        title=event.title if event.title != title else None,
        text=event.text if event.text != text else None,
        turns=event.turns,
        place=event.place if event.place != place else None,
        sender_id=event.sender_id,
        push_token=event.push_token,
        recording=event.recording,
    )
    return None if personal == NOTHING_PERSONAL else seal(keys, event.case_id, personal)
