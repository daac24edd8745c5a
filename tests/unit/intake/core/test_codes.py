"""Codes: derived, told from guesses, forgiving about how they are typed."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.core.codes import (
    ALPHABET,
    Codes,
    Sender,
    access_code_of,
    derive,
    name_hash,
    opens,
    parse_tracking_code,
    seed,
)
from schemas.errors import CodeMistyped
from schemas.ids import AccessCode, CaseId, TrackingCode
from schemas.words import Channel
from tests.unit.intake.messages import HOTLINE, KEYS, WEB

SECRET = KEYS.code_secret


def _seed(sender: Sender = WEB, **changed: object) -> bytes:
    given = {"external_id": None, "key": None, "content": "aa", "entropy": b"x" * 32} | changed
    return seed(sender, **given)  # type: ignore[arg-type]  # names and types as in the signature


def test_same_seed_gives_the_same_codes() -> None:
    """A retry gets the codes of the first try."""
    assert derive(SECRET, _seed(key="k")) == derive(SECRET, _seed(key="k"))


def test_another_secret_gives_other_codes() -> None:
    """Nobody makes codes without the secret."""
    assert derive(SECRET, _seed()) != derive(b"other" * 8, _seed())


def test_codes_have_their_printed_form() -> None:
    """Sixteen characters in groups of four; a version 4 UUID; eight characters of access code."""
    codes = derive(SECRET, _seed())

    assert re.fullmatch(r"(?:[0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}", codes.tracking_code)
    assert re.fullmatch(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", codes.case_id)
    assert re.fullmatch(rf"[{ALPHABET}]{{8}}", codes.access_code)


@given(st.binary(min_size=32, max_size=32))
def test_a_code_handed_out_is_understood_however_it_is_typed(entropy: bytes) -> None:
    """Case, spaces, hyphens, full-width letters, O for 0 and I or L for 1 do not matter."""
    code = derive(SECRET, _seed(entropy=entropy)).tracking_code
    wide = "".join(chr(ord(c) + 0xFEE0) if c != "-" else "－" for c in code)

    for typed in (code, code.lower(), code.replace("-", " "), code.replace("-", ""), wide):
        assert parse_tracking_code([SECRET], typed) == code
    assert parse_tracking_code([SECRET], code.replace("0", "O").replace("1", "l")) == code


@given(st.binary(min_size=32, max_size=32), st.integers(0, 15), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_noticed(entropy: bytes, place: int, character: str) -> None:
    """A mistyped code is said to be mistyped, not looked up."""
    code = derive(SECRET, _seed(entropy=entropy)).tracking_code.replace("-", "")
    typed = code[:place] + character + code[place + 1 :]
    if typed == code:
        return

    with pytest.raises(CodeMistyped):
        parse_tracking_code([SECRET], typed)


@given(st.text(max_size=40))
def test_any_text_is_a_code_or_mistyped(typed: str) -> None:
    """Nothing else comes out, whatever is typed."""
    with pytest.raises(CodeMistyped):
        parse_tracking_code([SECRET], typed)


def test_access_code_follows_from_the_tracking_code() -> None:
    """It can be verified before anything is stored, and nothing is kept of it."""
    codes = derive(SECRET, _seed())

    assert codes.access_code == access_code_of(SECRET, codes.tracking_code)
    assert opens([SECRET], codes.tracking_code, codes.access_code.lower())
    assert not opens([SECRET], codes.tracking_code, "00000000")
    assert not opens([SECRET], codes.tracking_code, "é")


def test_codes_outlive_a_change_of_the_secret() -> None:
    """Each opens with the access code that it was handed out with, and with no other."""
    new = b"new!" * 8
    old_codes, new_codes = derive(SECRET, _seed()), derive(new, _seed())

    for codes in (old_codes, new_codes):
        assert codes.tracking_code == parse_tracking_code([new, SECRET], codes.tracking_code)
        assert opens([new, SECRET], codes.tracking_code, codes.access_code)
    assert not opens([new, SECRET], old_codes.tracking_code, access_code_of(new, old_codes.tracking_code))
    with pytest.raises(CodeMistyped):
        parse_tracking_code([new], old_codes.tracking_code)


@pytest.mark.parametrize("sender", [WEB, HOTLINE])
@pytest.mark.parametrize("name", ["key", "external_id"])
def test_nobody_gets_another_messages_codes_with_its_id_alone(sender: Sender, name: str) -> None:
    """Guessed on the open web, used again by a hotline, rounded by a spreadsheet: the content is part of the seed."""
    assert _seed(sender, **{name: "1"}, content="aa") != _seed(sender, **{name: "1"}, content="bb")
    assert _seed(sender, **{name: "1"}, content="aa") == _seed(sender, **{name: "1"}, content="aa")


def test_channels_sources_and_kinds_of_id_do_not_meet() -> None:
    """The same text as key, as external id, of another channel or source is something else."""
    seeds = [
        _seed(HOTLINE, key="1"),
        _seed(HOTLINE, external_id="1"),
        _seed(Sender(channel=Channel.MINIAPP, source="hotline-desk"), key="1"),
        _seed(Sender(channel=Channel.HOTLINE, source="other"), key="1"),
        _seed(HOTLINE),
    ]

    assert len(seeds) == len(set(seeds))


def test_codes_are_the_ones_of_earlier_releases() -> None:
    """A citizen comes back after years, and a retry after an upgrade: the same message has the codes that it had."""
    assert b's["web","web","k:k","aa"]' == _seed(key="k")
    assert b's["web","web","x:e","aa"]' == _seed(external_id="e", key="k")
    assert b"r" + b"x" * 32 == _seed()
    assert Codes(
        case_id=CaseId("1951ab7c-d365-46c1-b3a1-59a2e941affd"),
        tracking_code=TrackingCode("KGKD-9X8V-4KAA-MQFK"),
        access_code=AccessCode("22VB62X1"),
    ) == derive(SECRET, _seed(key="k"))


def test_what_is_kept_of_a_key_is_what_earlier_releases_kept() -> None:
    """Or nobody would find the message that it stood for."""
    known = "596bf5d0b514d162cfce5b3d1001f74c85ff57f04c7886d245659afa96ae03fd"

    assert known == name_hash(KEYS, WEB, "k:k")


def test_what_has_neither_a_name_nor_randomness_is_refused() -> None:
    """Two such messages would have the same codes."""
    with pytest.raises(ValueError, match="randomness"):
        _seed(entropy=b"")
