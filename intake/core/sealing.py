"""Encrypts personal data (AES-256-GCM, bound to its case); telephone numbers also have a keyed hash to be found by."""

import unicodedata
from contextlib import suppress
from functools import lru_cache

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from intake.core.draft import contact_said
from intake.core.keys import IntakeKeys
from schemas.errors import DataRefused
from schemas.hmac_sha256 import hmac_of
from schemas.ids import CaseId
from schemas.masking import NOTHING, Declared, declared_by, digits_of
from schemas.values import Contact, Place, Turn

#: NIST SP 800-38D §8.2: what GCM is made for.
_NONCE_BYTES = 12


class Personal(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the register must not show: the contact, and the message as written where masking changed it."""

    contact: Contact | None = None
    title: str | None = None
    text: str | None = None
    turns: tuple[Turn, ...] = ()
    place: Place | None = None
    sender_id: str | None = None
    push_token: str | None = None
    recording: str | None = None
    #: What staff hide from everybody else besides: see `intake.core.public.publication`.
    hidden: tuple[str, ...] = ()


#: What nothing is personal of: no row is kept of it.
NOTHING_PERSONAL = Personal()
_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Personal)


def seal(keys: IntakeKeys, case_id: CaseId, personal: Personal) -> bytes:
    """`personal`, encrypted; readable only with the key and as part of this case.

    The nonce derives from key, case and content, so that the same input gives the same bytes and two different
    messages never share one (synthetic IV, the idea of RFC 8452).
    """
    plain = _encoder.encode(_said(personal))
    bound = case_id.encode()
    nonce = hmac_of(keys.contact_key).digest(b"nonce|" + bound + plain)[:_NONCE_BYTES]
    return nonce + _cipher(keys.contact_key).encrypt(nonce, plain, bound)


def _said(personal: Personal) -> Personal | dict[str, object]:
    """What is encrypted: the same bytes as an earlier release's, where nothing is said that it did not know."""
    if personal.contact is None:
        return personal
    said = msgspec.structs.asdict(personal)
    filled = {name: value for name, value in said.items() if value != getattr(NOTHING_PERSONAL, name)}
    return filled | {"contact": contact_said(personal.contact)}


def unseal(keys: IntakeKeys, case_id: CaseId, sealed: bytes) -> Personal:
    """What was sealed, under these keys or former ones.

    Raises:
        DataRefused: another key, another case, or the bytes were changed.
    """
    for key in (each.contact_key for each in keys.all):
        with suppress(InvalidTag):
            plain = _cipher(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], case_id.encode())
            return _decoder.decode(plain)
    raise DataRefused("sealed contact cannot be read with this key")


def contact_in(keys: IntakeKeys, case_id: CaseId, sealed: bytes | None) -> Contact | None:
    """The contact details among what was sealed of a case; None where there are none.

    Raises:
        DataRefused: as `unseal`.
    """
    return None if sealed is None else unseal(keys, case_id, sealed).contact


def declared_in(keys: IntakeKeys, case_id: CaseId, sealed: bytes | None) -> Declared:
    """What a text about this case does not show everybody else: what its citizen declared, and what staff hide besides.

    Raises:
        DataRefused: as `unseal`.
    """
    if sealed is None:
        return NOTHING
    personal = unseal(keys, case_id, sealed)
    return msgspec.structs.replace(declared_by(personal.contact), hidden=personal.hidden)


def is_reachable(keys: IntakeKeys, case_id: CaseId, sealed: bytes | None) -> bool:
    """Whether there is anything to reveal to whoever may see the contact details: those, or where the call's recording lies.

    Raises:
        DataRefused: as `unseal`.
    """
    if sealed is None:
        return False
    personal = unseal(keys, case_id, sealed)
    return personal.contact is not None or personal.recording is not None


def author_index(
    keys: IntakeKeys, contact: Contact | None, sender_id: str | None, source: str
) -> bytes | None:
    """Who wrote, where no telephone tells: e-mail, else the mini-app's user, else the name as that source writes it.

    Only good to tell people apart, never to show one's cases for the other's: two may have one name.
    """
    email = contact.email if contact else None
    name = contact.name if contact else None
    known = (
        ("email", _mailbox(email or "")),
        ("sender", sender_id and f"{source}|{sender_id}"),
        ("name", name and f"{source}|{name}"),
    )
    said = next((f"{what}|{who}" for what, who in known if who), None)
    return None if said is None else hmac_of(keys.index_key).digest(said.encode())[:16]


def _mailbox(email: str) -> str:
    """Whose an address is: `li+park@…` is delivered to `li@…` (RFC 5233), and one person would be as many as they like."""
    local, at, host = email.casefold().rpartition("@")
    return (local.partition("+")[0] or local) + at + host


def phone_index(keys: IntakeKeys, phone: str) -> bytes:
    """What a telephone number is found by, without being readable: a keyed hash of its last eleven digits."""
    digits = digits_of(unicodedata.normalize("NFKC", phone))[-11:]
    return hmac_of(keys.index_key).digest(digits.encode())[:16]


@lru_cache(maxsize=16)
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(key)
