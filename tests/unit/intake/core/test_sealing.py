"""Sealed contacts: readable with the key, as part of their case, unchanged; otherwise not at all."""

from dataclasses import replace

import pytest

from intake.core.sealing import Personal, author_index, contact_in, phone_index, seal, unseal
from schemas.errors import DataRefused
from schemas.ids import CaseId
from schemas.values import Contact
from tests.unit.intake.messages import CONTACT, KEYS, NEW_KEYS

CASE = CaseId("6a1f0000-0000-4000-8000-000000000001")
OTHER = CaseId("6a1f0000-0000-4000-8000-000000000002")
PERSONAL = Personal(contact=CONTACT, text="原文")


def test_what_was_sealed_comes_back() -> None:
    """Contact and original text survive."""
    assert PERSONAL == unseal(KEYS, CASE, seal(KEYS, CASE, PERSONAL))


def test_nothing_readable_is_stored() -> None:
    """Neither the telephone nor the name stands in the bytes."""
    sealed = seal(KEYS, CASE, PERSONAL)

    assert b"13912345678" not in sealed
    assert "周丽华".encode() not in sealed


def test_sealed_bytes_belong_to_their_case_and_key() -> None:
    """Copied to another case, changed, or read with another key, they are refused."""
    sealed = seal(KEYS, CASE, PERSONAL)
    changed = sealed[:-1] + bytes([sealed[-1] ^ 1])
    other_keys = replace(KEYS, contact_key=b"o" * 32)

    for keys, case_id, stored in ((KEYS, OTHER, sealed), (KEYS, CASE, changed), (other_keys, CASE, sealed)):
        with pytest.raises(DataRefused):
            unseal(keys, case_id, stored)


def test_a_former_key_opens_what_it_sealed() -> None:
    """After a change of the master secret; what is sealed from then on needs the new one."""
    assert PERSONAL == unseal(NEW_KEYS, CASE, seal(KEYS, CASE, PERSONAL))
    assert PERSONAL == unseal(NEW_KEYS, CASE, seal(NEW_KEYS, CASE, PERSONAL))
    with pytest.raises(DataRefused):
        unseal(KEYS, CASE, seal(NEW_KEYS, CASE, PERSONAL))


def test_nonces_differ_between_cases_and_contents() -> None:
    """Two messages never share one; the same message is sealed the same way again."""
    nonces = {
        seal(KEYS, CASE, PERSONAL)[:12],
        seal(KEYS, OTHER, PERSONAL)[:12],
        seal(KEYS, CASE, Personal(contact=CONTACT))[:12],
    }

    assert 3 == len(nonces)
    assert seal(KEYS, CASE, PERSONAL) == seal(KEYS, CASE, PERSONAL)


def test_a_telephone_is_found_however_it_was_written() -> None:
    """The blind index does not depend on prefix, blanks or width."""
    indexes = {phone_index(KEYS, phone) for phone in ("13912345678", "+86 139 1234 5678", "１３９12345678")}

    assert 1 == len(indexes)
    assert phone_index(KEYS, "13912345679") not in indexes


def test_contact_details_are_found_among_what_was_sealed() -> None:
    """None where nothing was."""
    assert CONTACT == contact_in(KEYS, CASE, seal(KEYS, CASE, PERSONAL))
    assert contact_in(KEYS, CASE, None) is None


def test_a_telephone_number_is_found_by_what_earlier_releases_kept_of_it() -> None:
    """Sixteen bytes, for ever the same under the same key."""
    assert "e64fd8da83a58631988592ba961cec81" == phone_index(KEYS, "13912345678").hex()


def test_what_was_sealed_is_sealed_the_same_way_again() -> None:
    """Registered once more after a restore, a message is the same bytes as before."""
    assert "cd5c84eac0375ac0d8063004" == seal(KEYS, CASE, Personal(contact=CONTACT))[:12].hex()


def test_people_without_a_number_are_told_apart() -> None:
    """By e-mail, else the mini-app's user, else the name as that source writes it; nothing of it can be read back."""
    known = {
        author_index(KEYS, Contact(email="a@b.cn", name="王芳"), None, "web"),
        author_index(KEYS, Contact(email="A@B.cn"), "user-1", "wechat"),
        author_index(KEYS, Contact(email="a+park@b.cn"), None, "web"),
        author_index(KEYS, Contact(email="a+1+2@b.cn"), None, "web"),
        author_index(KEYS, Contact(email="+a@b.cn"), None, "web"),
        author_index(KEYS, None, "user-1", "wechat"),
        author_index(KEYS, None, "user-1", "alipay"),
        author_index(KEYS, Contact(name="王芳"), None, "web"),
        author_index(KEYS, Contact(name="王芳"), None, "import"),
    }

    assert 6 == len(known)
    assert None not in known
    assert author_index(KEYS, Contact(hours="晚上"), None, "web") is None
