"""What citizens are told of: by which channel, when not, and in which words."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from intake.core.notices import (
    NEWS_FOR,
    SENTENCES,
    Standing,
    channel_for,
    language_of,
    mobile_of,
    why_outdated,
    words_of,
)
from intake.core.stopping import case_of_token, stop_token
from schemas.ids import CaseId, TrackingCode
from schemas.notices import NoticeChannel, Occasion
from schemas.values import Contact
from schemas.words import CaseState, CitizenAction, ContactPreference, Language
from tests.unit.intake.messages import CONTACT, draft, message

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
ALL = frozenset({NoticeChannel.EMAIL, NoticeChannel.SMS, NoticeChannel.PUSH})
CODE = TrackingCode("ABCD-EFGH-JKMN-7890")
STANDING = Standing(tracking_code=CODE, state=CaseState.CLOSED, language=Language.ZH)
SENT = replace(message(draft("标题", "内容", contact=CONTACT)).event, at=NOW, said_at=None)


@pytest.mark.parametrize(
    ("contact", "channel"),
    [
        (Contact(email="a@b.example", phone="13800138000"), NoticeChannel.EMAIL),
        (Contact(phone="+86 138 0013 8000"), NoticeChannel.SMS),
        (Contact(phone="010-12345678"), None),
        (Contact(phone="13800138000", preference=ContactPreference.TEXT), NoticeChannel.SMS),
        (Contact(email="a@b.example", preference=ContactPreference.NONE), None),
        (None, None),
    ],
)
def test_the_channel_follows_from_what_was_left(
    contact: Contact | None, channel: NoticeChannel | None
) -> None:
    """And from what the citizen wants."""
    assert channel == channel_for(replace(SENT, contact=contact), ALL, NOW)


def test_no_channel_that_the_city_lacks() -> None:
    """An address alone sends nothing."""
    event = replace(SENT, contact=Contact(email="a@b.example", phone="13800138000"))

    assert NoticeChannel.SMS == channel_for(event, frozenset({NoticeChannel.SMS}), NOW)
    assert channel_for(event, frozenset(), NOW) is None


def test_old_messages_wake_nobody() -> None:
    """A file of last year's calls is imported in silence."""
    event = replace(SENT, contact=Contact(phone="13800138000"), said_at=NOW - NEWS_FOR - timedelta(seconds=1))

    assert channel_for(event, ALL, NOW) is None
    assert NoticeChannel.SMS == channel_for(replace(event, said_at=NOW - NEWS_FOR), ALL, NOW)


@pytest.mark.parametrize(
    "phone", ["", "12345", "0571-88001234", "138001380001", "85298765432", "23800138000"]
)
def test_what_is_no_mobile_gets_no_text_message(phone: str) -> None:
    """Nor does a number of another country, or one too long."""
    assert mobile_of(Contact(phone=phone)) is None


@pytest.mark.parametrize("occasion", SENTENCES)
@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("is_private", [False, True])
def test_words_of_every_occasion(occasion: Occasion, language: Language, is_private: bool) -> None:
    """Whole in both languages; a text message never holds the whole code; a private case is only news."""
    standing = STANDING._replace(is_private=is_private)
    words = words_of(
        occasion, standing, until="2026-12-01 18:00", url="https://c.example/follow", stop_url="https://c.example/x",
        language=language,
    )  # fmt: skip
    said = " ".join(words)

    assert "{" not in said
    assert CODE in words.subject
    assert CODE not in words.short
    assert "7890" in words.short
    assert not (is_private and "2026" in said)
    assert (language is Language.EN) == words.text.isascii()
    assert SENTENCES[occasion][0][:6] not in words.subject


def test_what_is_no_longer_true_is_not_sent() -> None:
    """A deadline that moved, a question that was answered, a rating that was given."""
    open_ = STANDING._replace(state=CaseState.IN_PROGRESS, due_at=NOW)
    until = {"until": NOW.isoformat()}

    assert "" == why_outdated(Occasion.ASSIGNED, until, open_)
    assert why_outdated(Occasion.ASSIGNED, until, open_._replace(due_at=NOW + timedelta(days=1)))
    assert why_outdated(Occasion.ASSIGNED, until, STANDING._replace(due_at=NOW))
    assert why_outdated(Occasion.ASKED, until, open_)
    assert "" == why_outdated(Occasion.ASKED, until, open_._replace(may=(CitizenAction.ANSWER,)))
    assert "" == why_outdated(Occasion.RATING, {}, STANDING)
    assert why_outdated(Occasion.RATING, {}, STANDING._replace(is_rated=True))
    assert why_outdated(Occasion.RATING, {}, open_)
    assert "" == why_outdated(Occasion.ANSWERED, {}, open_)


@pytest.mark.parametrize(
    ("said", "language"),
    [
        ("English", Language.EN),
        ("英语", Language.EN),
        ("普通话", Language.ZH),
        ("粤语", Language.EN),
        (None, Language.EN),
    ],
)
def test_the_language_that_was_asked_for(said: str | None, language: Language) -> None:
    """Or else that of the page."""
    assert language is language_of(Contact(language=said), Language.EN)


@given(st.uuids(), st.binary(max_size=64))
def test_only_our_own_addresses_stop_anything(case: object, other: bytes) -> None:
    """Made with our secret, present or former, whole and unchanged."""
    case_id = CaseId(str(case))
    token = stop_token(b"secret", case_id)

    assert case_id == case_of_token([b"new", b"secret"], token)
    assert case_of_token([b"other"], token) is None
    assert case_of_token([b"secret"], token[:-1]) is None
    assert case_of_token([b"secret"], other.decode("latin-1")) is None
