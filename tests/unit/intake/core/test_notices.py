"""What citizens are told of: by which channel, when not, and in which words."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from intake.core.following.asked_back import is_rated, promised_until
from intake.core.following.view import TimelineEntry
from intake.core.notices import (
    NEWS_FOR,
    RATING_AFTER,
    SENTENCES,
    Standing,
    channel_for,
    is_of_old_list,
    is_received_news,
    language_of,
    mobile_of,
    told_by,
    why_outdated,
    words_of,
)
from intake.core.stopping import case_of_token, stop_token
from schemas.event import Event
from schemas.events import call_backs, handlers, routing, sla
from schemas.ids import CaseId, DepartmentCode, EntryId, TrackingCode
from schemas.notices import NoticeChannel, Occasion
from schemas.values import Contact
from schemas.words import CaseState, Channel, CitizenAction, ContactPreference, Language
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
    assert channel == channel_for(replace(SENT, contact=contact), ALL)


def test_no_channel_that_the_city_lacks() -> None:
    """An address alone sends nothing."""
    event = replace(SENT, contact=Contact(email="a@b.example", phone="13800138000"))

    assert NoticeChannel.SMS == channel_for(event, frozenset({NoticeChannel.SMS}))
    assert channel_for(event, frozenset()) is None


def test_rows_of_an_old_file_wake_nobody() -> None:
    """A file of last year's calls is imported in silence."""
    row = replace(SENT, contact=Contact(phone="13800138000"), source="import:desk")
    event = replace(row, said_at=NOW - NEWS_FOR - timedelta(seconds=1))

    assert is_of_old_list(event)
    assert channel_for(event, ALL) is None
    assert NoticeChannel.SMS == channel_for(replace(event, said_at=NOW - NEWS_FOR), ALL)


@pytest.mark.parametrize(
    "came",
    [
        {"said_at": None},
        {"source": "desk"},
        {"source": "import:desk", "said_at": None},
        {"channel": Channel.EMAIL},
        {"channel": Channel.HOTLINE, "recording": "calls/7"},
    ],
)
def test_whoever_had_to_wait_for_us_is_told_of_all_that_follows(came: dict[str, object]) -> None:
    """A message that was registered days later, a letter or a call that lay somewhere: only that it came is no news."""
    long_ago = NOW - timedelta(days=4)
    event = replace(SENT, **{"contact": Contact(email="a@b.example"), "said_at": long_ago, **came})

    assert NoticeChannel.EMAIL == channel_for(event, ALL)
    assert not is_received_news(replace(event, at=long_ago), NOW)
    assert is_received_news(replace(event, channel=Channel.WEB, said_at=None), NOW)


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
    assert "None" not in said
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
    assert "" == why_outdated(Occasion.EXTENDED, until, open_)
    assert why_outdated(Occasion.EXTENDED, until, open_._replace(due_at=None))
    assert why_outdated(Occasion.EXTENDED, until, STANDING._replace(due_at=NOW))
    assert why_outdated(Occasion.ASKED, until, open_)
    assert "" == why_outdated(Occasion.ASKED, until, open_._replace(may=(CitizenAction.ANSWER,)))


def test_the_rating_is_asked_for_the_answer_that_is_there() -> None:
    """Of direct and merged ones, too; not before its time where a reopened case was answered anew; not of who rated it."""
    closed = STANDING._replace(may=(CitizenAction.RATING,), answered_at=NOW)
    facts = {"answered": NOW.isoformat()}
    earlier = {"answered": (NOW - timedelta(days=2)).isoformat()}

    assert "" == why_outdated(Occasion.RATING, facts, closed)
    assert "" == why_outdated(Occasion.RATING, {}, closed)
    assert "" == why_outdated(Occasion.RATING, facts, closed._replace(state=CaseState.MERGED))
    assert why_outdated(Occasion.RATING, earlier, closed)
    assert why_outdated(Occasion.RATING, facts, closed._replace(is_rated=True))
    assert why_outdated(Occasion.RATING, facts, closed._replace(may=()))


@pytest.mark.parametrize("state", CaseState)
def test_an_answer_is_told_while_it_is_the_cases(state: CaseState) -> None:
    """Of one that is looked into again another one is to come; a refusal is told while it stands."""
    standing = STANDING._replace(state=state)
    has_answer = state in (CaseState.REPLIED, CaseState.CLOSED, CaseState.MERGED, CaseState.DECLINED)

    assert has_answer == (not why_outdated(Occasion.ANSWERED, {}, standing))
    assert (state is CaseState.DECLINED) == (not why_outdated(Occasion.DECLINED, {}, standing))


def test_the_present_promise_is_told() -> None:
    """Not one that was changed since, or ended with a reopening."""
    until = {"until": NOW.isoformat()}
    open_ = STANDING._replace(state=CaseState.IN_PROGRESS, promised_until=NOW)

    assert "" == why_outdated(Occasion.PROMISED, until, open_)
    assert why_outdated(Occasion.PROMISED, until, open_._replace(promised_until=NOW + timedelta(days=1)))
    assert why_outdated(Occasion.PROMISED, until, open_._replace(promised_until=None))
    assert why_outdated(Occasion.PROMISED, until, open_._replace(state=CaseState.CLOSED))


def test_what_was_promised_last_and_what_was_rated() -> None:
    """A reopening ends a promise; an answer after it may be rated anew."""
    lines = [
        TimelineEntry(at=NOW + timedelta(hours=hour), event=event, due_at=due)
        for hour, (event, due) in enumerate([("promised", NOW), ("answered", None), ("rated", None)])
    ]
    reopened = TimelineEntry(at=NOW + timedelta(hours=4), event="reopened")
    again = TimelineEntry(at=NOW + timedelta(hours=5), event="answered")

    assert (NOW, True) == (promised_until(lines), is_rated(5, lines))
    assert (None, False) == (promised_until([*lines, reopened]), is_rated(5, [*lines, reopened, again]))
    assert not is_rated(None, lines)


def test_whichever_answer_it_is_the_rating_follows() -> None:
    """A department's with the closing, a dispatcher's own and that of a merged case with themselves; once each."""
    head: dict[str, Any] = {"case_id": CaseId("7"), "version": 5, "at": NOW}
    said: dict[str, Any] = {"response": "好", "department": "housing", "category": "light"}
    reply = handlers.ReplyPublished(**head, **said, public=False)
    closed = handlers.CaseClosed(**head, outcome="answered", state=CaseState.CLOSED)
    direct = routing.CaseAnswered(
        **head, **said, entry_id=EntryId("e"), decided_by="wang", public=False, state=CaseState.CLOSED
    )
    merged = routing.MergedAnswered(**head, **said, state=CaseState.MERGED)
    both = [Occasion.ANSWERED, Occasion.RATING]

    assert both == [told.occasion for event in (reply, closed) for told in told_by(event)]
    assert both == [told.occasion for told in told_by(direct)]
    assert both == [told.occasion for told in told_by(merged)]
    assert {NOW.isoformat()} == {
        told.facts["answered"]
        for event in (closed, direct, merged)
        for told in told_by(event)
        if told.occasion is Occasion.RATING
    }


_HEAD: dict[str, Any] = {"case_id": CaseId("7"), "version": 5, "at": NOW}
_DUE = NOW + timedelta(days=3)
_AT = NOW.isoformat()
_UNTIL = {"until": _DUE.isoformat()}


def _deadline(cause: Any) -> sla.DeadlineSet:
    return sla.DeadlineSet(
        **_HEAD,
        due_at=_DUE,
        department=DepartmentCode("housing"),
        deadline_version=2,
        rule="general",
        cause=cause,
    )


def _promise(*, granted: bool) -> handlers.PromiseDecided:
    return handlers.PromiseDecided(
        **_HEAD, granted=granted, date=_DUE.date(), decided_by="li", until=_DUE, plan="更换"
    )


@pytest.mark.parametrize(
    ("event", "told"),
    [
        (_deadline("assigned"), (Occasion.ASSIGNED, NOW.isoformat(), _UNTIL)),
        (_deadline("reopened"), (Occasion.ASSIGNED, NOW.isoformat(), _UNTIL)),
        (_deadline("undone"), (Occasion.ASSIGNED, NOW.isoformat(), _UNTIL)),
        (_deadline("extended"), (Occasion.EXTENDED, NOW.isoformat(), _UNTIL)),
        (_deadline("reassigned"), None),
        (_promise(granted=True), (Occasion.PROMISED, _AT, _UNTIL)),
        (_promise(granted=False), None),
        (
            handlers.QuestionAsked(
                **_HEAD, department=DepartmentCode("housing"), text="哪栋？", until=_DUE, state=CaseState.IN_PROGRESS
            ),
            (Occasion.ASKED, _AT, _UNTIL),
        ),
        (
            handlers.ProgressNoted(**_HEAD, department=DepartmentCode("housing"), text="已勘察"),
            (Occasion.PROGRESS, _AT, {}),
        ),
        (call_backs.CallBackDue(**_HEAD, number=2, why="sample"), (Occasion.CALL_BACK, "2", {})),
        (call_backs.CallBackDue(**_HEAD, number=2, why="sample", until=_DUE), (Occasion.ASKED_BACK, "2", _UNTIL)),
        (
            routing.CaseDeclined(**_HEAD, state=CaseState.DECLINED, legal_route="诉讼", decided_by="li"),
            (Occasion.DECLINED, "5", {}),
        ),
        (
            handlers.CaseClosed(**_HEAD, outcome="withdrawn", state=CaseState.WITHDRAWN),
            (Occasion.WITHDRAWN, "5", {}),
        ),
        (
            routing.WithdrawalConfirmed(**_HEAD, state=CaseState.WITHDRAWN),
            (Occasion.WITHDRAWN, "5", {}),
        ),
        (handlers.CaseClosed(**_HEAD, outcome="merged", state=CaseState.MERGED), None),
    ],
    ids=lambda value: getattr(value, "type", None),
)  # fmt: skip
def test_what_each_event_tells(event: Event, told: tuple[Occasion, str, dict[str, str]] | None) -> None:
    """Once each, with until when; what is the city's own business tells nothing."""
    found = [(cause.occasion, cause.mark, dict(cause.facts)) for cause in told_by(event)]

    assert ([] if told is None else [told]) == found


@pytest.mark.parametrize(
    "event",
    [
        _promise(granted=True),
        handlers.QuestionAsked(
            **_HEAD,
            department=DepartmentCode("housing"),
            text="哪栋？",
            until=_DUE,
            state=CaseState.IN_PROGRESS,
        ),
        handlers.ProgressNoted(**_HEAD, department=DepartmentCode("housing"), text="已勘察"),
        handlers.CaseClosed(**_HEAD, outcome="answered", state=CaseState.CLOSED),
    ],
    ids=lambda value: value.type,
)
def test_what_is_said_again_of_a_newer_case_is_no_news(event: Event) -> None:
    """What `huiyin reconcile` says once more bears the case's version of now: its letter went out twice."""
    (first,) = told_by(event)
    (again,) = told_by(replace(event, version=event.version + 2))

    assert first == again


def test_each_progress_note_is_news() -> None:
    """The second of a case that stands as it stood at the first, too: it was never sent."""
    notes = [
        handlers.ProgressNoted(
            **{**_HEAD, "at": _HEAD["at"] + timedelta(days=day)},
            department=DepartmentCode("housing"),
            text="已勘察",
        )
        for day in (0, 7)
    ]
    assert 2 == len({cause.mark for note in notes for cause in told_by(note)})


def test_a_rating_is_asked_for_some_days_after_the_answer() -> None:
    """Nobody knows at once whether it is settled; all else is told now."""
    closed = handlers.CaseClosed(**_HEAD, outcome="answered", state=CaseState.CLOSED)

    assert [RATING_AFTER] == [cause.after for cause in told_by(closed)]
    assert [False] == [bool(cause.after) for cause in told_by(_deadline("assigned"))]


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
