"""A hotline call as a message: what the citizen said is the text, with the agent's questions that it answers."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from itertools import pairwise
from typing import Annotated, Literal

import msgspec

from intake.core.calls.call_words import SUMMARY, text_of, title_of, without_greeting
from intake.core.contacts.telephone import read_telephone
from intake.core.draft import (
    ATTACHMENTS_LIMIT,
    NAME_LIMIT,
    PREFERENCES,
    TEXT_LIMIT,
    TITLE_LIMIT,
    WISH_LIMIT,
    ContactBody,
    Draft,
    PlaceBody,
    SubmissionBody,
    check,
    holdable,
    moment_of,
)
from intake.core.no_words import is_seen
from intake.core.readable import readable_fields
from intake.core.secrecy.asked import asked_for_secrecy, asks_for_secrecy, withholds
from schemas.errors import BadInput, FieldError
from schemas.values import Contact, Turn
from schemas.words import ContactPreference

#: Characters. Project choice: three hours of talk, at about 15,000 characters an hour.
CALL_LIMIT = 50_000
#: Characters of where a recording lies. Project choice: the longest address that browsers take is four times that.
RECORDING_LIMIT = 500
#: What a recogniser writes where nobody speaks.
_HEARD = re.compile(
    r"[\[<（(【](?:音乐|静音|无声|沉默|噪音|杂音|背景[音噪]\w*|挂断|挂机|忙音|彩铃|铃声|听不清|无法识别|unk|noise|music|silence|inaudible|blank_audio)"
    r"[\]>）)】]",
    re.IGNORECASE,
)


class TurnBody(msgspec.Struct, frozen=True, kw_only=True):
    """One utterance. `at_seconds`: since the call began."""

    speaker: Literal["citizen", "agent"]
    text: str
    at_seconds: Annotated[float, msgspec.Meta(ge=0)] = 0.0


class CallerBody(msgspec.Struct, frozen=True, kw_only=True):
    """Who called, as the hotline knows them."""

    name: Annotated[str | None, msgspec.Meta(extra_json_schema={"maxLength": NAME_LIMIT})] = None
    phone: str | None = None
    #: `any`, `text` (no calls) or `none`.
    preference: Annotated[str | None, msgspec.Meta(extra_json_schema={"enum": PREFERENCES})] = None
    hours: Annotated[str | None, msgspec.Meta(extra_json_schema={"maxLength": WISH_LIMIT})] = None
    language: Annotated[str | None, msgspec.Meta(extra_json_schema={"maxLength": WISH_LIMIT})] = None


class TranscriptBody(msgspec.Struct, frozen=True, kw_only=True):
    """One hotline call. The same again is the same case; the same `call_id` with another caller, time or word is another."""

    call_id: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    started_at: datetime
    ended_at: datetime | None = None
    caller: CallerBody | None = None
    turns: Annotated[tuple[TurnBody, ...], msgspec.Meta(max_length=5000)]
    title: str | None = None
    kind: str | None = None
    place: PlaceBody | None = None
    confidential: bool | None = None
    publish: bool | None = None
    #: What the agent wrote about the call; it stands beside what was said.
    summary: Annotated[str | None, msgspec.Meta(extra_json_schema={"maxLength": TEXT_LIMIT})] = None
    #: Where the hotline keeps the recording, in its own words: an id or an address. The recording itself is not sent.
    recording: Annotated[str | None, msgspec.Meta(extra_json_schema={"maxLength": RECORDING_LIMIT})] = None
    #: The recording, and whatever else came with the call: uploaded before, by the ids that it got then.
    attachments: Annotated[list[str], msgspec.Meta(max_length=ATTACHMENTS_LIMIT)] | None = None


def draft_of(body: TranscriptBody, *, zone: tzinfo = UTC) -> Draft:
    """The call as a checked message; every turn travels with it. `zone`: of times that name none.

    What an optional field holds and cannot be read is kept beside it: no call is lost for a telephone.

    Raises:
        BadInput: nobody said anything, or a field is wrong; also an id that nobody sees, by which no call is known again.
    """
    if not is_seen(body.call_id):
        raise BadInput([FieldError("call_id", "此项必填。", "This field is required.")])
    turns = turns_of(body)
    summary = holdable(body.summary or "").strip()
    if not (summary or text_of(turns)):
        raise BadInput([FieldError("turns", "通话中没有任何内容。", "Nothing was said in this call.")])
    given = body.title if body.title and body.title.strip() else ""
    title = given or title_of(turns, summary)
    fields, unread = readable_fields(body.kind, body.place)
    unread = [*unread, *(f"标题“{title}”" for _ in title[TITLE_LIMIT:][:1]), *_long_recording(body.recording)]
    parts = (_summarised(summary), text_of(turns), _oddity(body, zone), _unread(unread))
    draft = check(
        SubmissionBody(
            title=title if len(title) <= TITLE_LIMIT else f"{title[: TITLE_LIMIT - 1]}…",
            text="\n\n".join(part for part in parts if part),
            kind=fields.kind,
            place=fields.place,
            contact=_caller(body.caller)[0],
            confidential=_is_confidential(body, turns, summary),
            publish=body.publish,
            external_id=body.call_id,
            attachments=body.attachments,
        ),
        text_limit=CALL_LIMIT,
    )
    return msgspec.structs.replace(
        draft,
        contact=_with_remarks(draft.contact, body.caller),
        turns=turns,
        said_at=moment_of(body.started_at, zone),
        recording=(body.recording or "")[:RECORDING_LIMIT] or None,
        has_made_title=not given,
    )


def _is_confidential(body: TranscriptBody, turns: Sequence[Turn], summary: str) -> bool:
    """As the agent says; where they do not, what the citizen said, or answered. A name that says so counts always."""
    caller = body.caller or CallerBody()
    if withholds(caller.name or "") or withholds(caller.phone or ""):
        return True
    if body.confidential is not None:
        return body.confidential
    asked = asks_for_secrecy(summary, *(turn.text for turn in turns if turn.speaker == "citizen"))
    return asked or any(
        asked_for_secrecy(before.text, after.text)
        for before, after in pairwise(turn for turn in turns if turn.text.strip())
        if (before.speaker, after.speaker) == ("agent", "citizen")
    )


def _long_recording(recording: str | None) -> list[str]:
    return [f"录音“{recording}”"] if recording and len(recording) > RECORDING_LIMIT else []


def _unread(unread: Sequence[str]) -> str:
    return f"（通话记录中未能识别的内容：{'；'.join(unread)}）" if unread else ""


def contact_of(body: TranscriptBody) -> Contact | None:
    """Who called, as far as it can be read, with what cannot beside it."""
    known, _ = _caller(body.caller)
    contact = Contact(name=known.name or None, phone=known.phone) if known else None
    return _with_remarks(None if contact == Contact() else contact, body.caller)


def _with_remarks(contact: Contact | None, caller: CallerBody | None) -> Contact | None:
    _, remarks = _caller(caller)
    return msgspec.structs.replace(contact or Contact(), remarks=remarks) if remarks else contact


def turns_of(body: TranscriptBody) -> tuple[Turn, ...]:
    """The turns in the order in which they were said: systems that listen to each side apart send one after the other."""
    turns = [
        Turn(speaker=turn.speaker, text=holdable(turn.text), at_seconds=turn.at_seconds)
        for turn in body.turns
    ]
    return tuple(sorted(turns, key=lambda turn: turn.at_seconds))


def is_silent(body: TranscriptBody) -> bool:
    """Whether the citizen said nothing but a greeting, and nobody else said for them what it is about."""
    told = any((body.summary or "").strip()) or any((body.title or "").strip())
    return not told and not any(turn.speaker == "citizen" and _telling(turn.text) for turn in body.turns)


def _telling(words: str) -> bool:
    return any(character.isalnum() for character in without_greeting(_HEARD.sub("", holdable(words))))


def _summarised(summary: str) -> str:
    return f"{SUMMARY}{summary}" if summary else ""


def _oddity(body: TranscriptBody, zone: tzinfo) -> str:
    """What is wrong with the call's times, for whoever reads the case."""
    if body.ended_at is None or moment_of(body.ended_at, zone) >= moment_of(body.started_at, zone):
        return ""
    return "（通话记录：结束时间早于开始时间）"


def _caller(caller: CallerBody | None) -> tuple[ContactBody | None, str]:
    """The caller's contact details, and what of them could not be read."""
    if caller is None:
        return None, ""
    remarks: list[str] = []
    phone, is_all = read_telephone(caller.phone or "")
    if (caller.phone or "").strip() and not is_all:
        remarks.append(f"电话：{holdable(caller.phone or '')}")
    name = holdable(caller.name or "").strip()
    if len(name) > NAME_LIMIT or withholds(name):
        remarks.append(f"姓名：{name}")
        name = ""
    preference = caller.preference or None
    if preference is not None and preference not in PREFERENCES:
        remarks.append(f"联系偏好：{holdable(preference)}")
        # A word that nobody knows may mean that there should be no calls.
        preference = ContactPreference.TEXT.value
    hours, language = (
        _wish(word, said, remarks) for word, said in (("时间", caller.hours), ("语言", caller.language))
    )
    return ContactBody(
        name=name, phone=phone, preference=preference, hours=hours, language=language
    ), "\n".join(remarks)


def _wish(word: str, said: str | None, remarks: list[str]) -> str | None:
    """What was wished for; among the remarks where it is longer than a wish."""
    clean = holdable(said or "").strip()
    if len(clean) <= WISH_LIMIT:
        return clean or None
    remarks.append(f"{word}：{clean}")
    return None
