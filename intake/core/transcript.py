"""A hotline call as a message: what the citizen said is the text, with the agent's questions that it answers."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from typing import Annotated, Literal

import msgspec

from intake.core.draft import (
    NAME_LIMIT,
    PREFERENCES,
    WISH_LIMIT,
    ContactBody,
    Draft,
    PlaceBody,
    SubmissionBody,
    check,
    holdable,
    moment_of,
)
from schemas.errors import BadInput, FieldError
from schemas.values import Turn

#: Characters. Project choice: three hours of talk, at about 15,000 characters an hour.
CALL_LIMIT = 50_000
#: Characters of a title that we make. Project choice: half of what a title may hold.
TITLE_LENGTH = 60
#: An answer as short as this says nothing without its question. Project choice.
_SHORT_ANSWER = 12
_AGENT = "（话务员）"
_POLITE = re.compile(
    r"(?:喂|你好|您好|嗯+|啊+|哦+|呃+|那个|就是|是这样的?|这样的?|我想(?:问|咨询|反映|投诉|举报|了解|请问)(?:一下)?|请问(?:一下)?|麻烦"
    r"|我要(?:反映|投诉|举报)(?:一下)?|[，,。.、！!？?\s])+"
)
_SENTENCE_END = re.compile(r"[。！？!?；;\n]")
#: Characters that a sentence needs to say what it is about. Project choice.
_MEANINGFUL = 6


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
    turns: Annotated[tuple[TurnBody, ...], msgspec.Meta(min_length=1, max_length=5000)]
    title: str | None = None
    kind: str | None = None
    place: PlaceBody | None = None
    confidential: bool | None = None
    publish: bool | None = None


def draft_of(body: TranscriptBody, *, zone: tzinfo = UTC) -> Draft:
    """The call as a checked message; every turn travels with it. `zone`: of times that name none.

    Raises:
        BadInput: nobody said anything, or a field is wrong.
    """
    turns = tuple(
        Turn(speaker=turn.speaker, text=holdable(turn.text), at_seconds=turn.at_seconds)
        for turn in body.turns
    )
    text = text_of(turns)
    if not text:
        raise BadInput([FieldError("turns", "通话中没有任何内容。", "Nothing was said in this call.")])
    caller = body.caller
    draft = check(
        SubmissionBody(
            title=body.title if body.title and body.title.strip() else title_of(turns),
            text=text,
            kind=body.kind,
            place=body.place,
            contact=ContactBody(name=caller.name, phone=caller.phone) if caller else None,
            confidential=body.confidential,
            publish=body.publish,
            external_id=body.call_id,
        ),
        text_limit=CALL_LIMIT,
    )
    return msgspec.structs.replace(draft, turns=turns, said_at=moment_of(body.started_at, zone))


def text_of(turns: Sequence[Turn]) -> str:
    """What the citizen said, line by line; before a short answer the question that it answers.

    Where only the agent spoke, what the agent said.
    """
    lines: list[str] = []
    question = ""
    for turn in turns:
        words = turn.text.strip()
        if turn.speaker == "agent":
            question = words
        elif words:
            if question and lines and len(words) <= _SHORT_ANSWER:
                lines.append(f"{_AGENT}{question}")
            lines.append(words)
            question = ""
    return "\n".join(lines) or "\n".join(
        f"{_AGENT}{turn.text.strip()}" for turn in turns if turn.text.strip()
    )


def title_of(turns: Sequence[Turn]) -> str:
    """The citizen's first words that say something, without greetings, at most 60 characters."""
    said = [_without_greeting(turn.text) for turn in turns if turn.speaker == "citizen"]
    said = [words for words in said if words]
    telling = next((words for words in said if len(words) >= _MEANINGFUL), said[0] if said else "来电")
    sentence = _SENTENCE_END.split(telling, maxsplit=1)[0].strip() or telling
    return sentence[:TITLE_LENGTH].rstrip("，, ")


def _without_greeting(words: str) -> str:
    greeting = _POLITE.match(words)
    return words[greeting.end() if greeting else 0 :].strip()
