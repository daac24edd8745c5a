"""What a department may do to its case, one pure function an action: API, pages and Kafka all end here."""

import unicodedata
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import msgspec

from handlers.core import lifecycle
from handlers.core.case import By, Case, CaseChange, change, record
from handlers.core.lifecycle import MAX_EXTENSION_WORKDAYS, Action, Actor
from handlers.core.redaction import redact
from schemas.city import City
from schemas.errors import BadInput, FieldError, StaleVersion
from schemas.events.handlers import (
    CaseReplied,
    CaseResumed,
    CaseReturned,
    CaseSigned,
    CaseSuspended,
    ExtensionRequested,
)
from schemas.ids import DepartmentCode
from schemas.words import CaseState, Kind

Sentence = Annotated[str, msgspec.Meta(min_length=1, max_length=2_000)]
LongText = Annotated[str, msgspec.Meta(min_length=1, max_length=10_000)]


class Body(msgspec.Struct, frozen=True, kw_only=True):
    """What every action carries: the version of the case that was seen."""

    version: Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]


class Sign(Body, frozen=True, kw_only=True):
    """Sign for it (签收)."""


class Resume(Body, frozen=True, kw_only=True):
    """Go on (恢复办理)."""


class Return(Body, frozen=True, kw_only=True):
    """Not ours (退单), and the basis on which."""

    reason: Sentence
    basis: Sentence


class Reply(Body, frozen=True, kw_only=True):
    """What was done (inside), and what the citizen will read (outside)."""

    note: LongText
    response: LongText


class Extend(Body, frozen=True, kw_only=True):
    """More time (延期)."""

    working_days: Annotated[int, msgspec.Meta(ge=1, le=MAX_EXTENSION_WORKDAYS)]
    reason: Sentence


class Suspend(Body, frozen=True, kw_only=True):
    """Waiting for something outside (挂起)."""

    reason: Sentence


class CoHandle(Body, frozen=True, kw_only=True):
    """Support from other departments (协办)."""

    departments: Annotated[tuple[DepartmentCode, ...], msgspec.Meta(min_length=1, max_length=10)]
    reason: Sentence


class Note(Body, frozen=True, kw_only=True):
    """Something to remember, for the inside only."""

    text: LongText


class ContactReason(msgspec.Struct, frozen=True, kw_only=True):
    """Why somebody needs to see how to reach the citizen."""

    reason: Sentence


#: The body of each action.
BODIES: Mapping[Action, type[Body]] = {
    Action.SIGN: Sign,
    Action.RETURN: Return,
    Action.REPLY: Reply,
    Action.EXTEND: Extend,
    Action.SUSPEND: Suspend,
    Action.RESUME: Resume,
    Action.CO_HANDLE: CoHandle,
    Action.NOTE: Note,
}


def perform(case: Case, action: Action, body: Body, by: By, city: City) -> CaseChange:
    """What comes of it.

    Raises:
        StaleVersion: the case changed since `body.version`.
        ActionNotAllowed: not now, or not for this department's part.
        BadInput: a department that does not exist.
    """
    if body.version != case.version:
        raise StaleVersion(current=case.version)
    state = lifecycle.advance(case.state, action, by.role, case.facts(by.now))
    if action is Action.CO_HANDLE:
        return _co_handle(case, body, by, city)
    return _DO[action](case, body, by, state)


def may_see_contact(case: Case, role: Actor) -> bool:
    """Whether the citizen's contact details may be shown: never a report's; confidential ones to the lead."""
    in_hand = case.state in lifecycle.IN_HAND or case.state == CaseState.REPLIED
    return in_hand and case.kind != Kind.REPORT and (role is Actor.LEAD or not case.confidential)


#: Letters and symbols that nobody can see: Hangul fillers, the empty Braille pattern.
_BLANK_LETTERS = "\u115f\u1160\u3164\uffa0\u2800"


def tidy(text: str) -> str:
    """`text` as Postgres and UTF-8 can hold it."""
    return text.replace("\x00", "").replace("\r\n", "\n").encode("utf-8", "ignore").decode().strip()


def clean(text: str, field: str) -> str:
    """`text`, tidied and with personal numbers masked.

    Raises:
        BadInput: nothing is left of it.
    """
    cleaned = redact(tidy(text))
    if not any(map(_is_seen, cleaned)):
        raise BadInput([FieldError(field, "此项必填。", "This field is required.")])
    return cleaned


def _is_seen(character: str) -> bool:
    return unicodedata.category(character)[0] not in "ZC" and character not in _BLANK_LETTERS


def _head(case: Case, by: By) -> dict[str, Any]:
    return {"case_id": case.case_id, "version": case.version + 1, "at": by.now}


def _sign(case: Case, body: Any, by: By, state: CaseState) -> CaseChange:
    event = CaseSigned(**_head(case, by), department=case.lead, signed_by=by.name)
    return change(case, by, Action.SIGN, {}, (event,), state=state, version=event.version)


def _return(case: Case, body: Any, by: By, state: CaseState) -> CaseChange:
    reason, basis = clean(body.reason, "reason"), clean(body.basis, "basis")
    event = CaseReturned(
        **_head(case, by), department=case.lead, reason=reason, basis=basis, return_count=case.return_count
    )
    return change(
        case, by, Action.RETURN, {"reason": reason, "basis": basis}, (event,), text=reason,
        state=state, version=event.version, state_before_review=case.state,
        extension_days=None,
    )  # fmt: skip


def _reply(case: Case, body: Any, by: By, state: CaseState) -> CaseChange:
    note, response = clean(body.note, "note"), clean(body.response, "response")
    event = CaseReplied(**_head(case, by), department=case.lead, note=note, response=response)
    return change(
        case, by, Action.REPLY, {"note": note, "response": response}, (event,),
        state=state, version=event.version, note=note, response=response,
        extension_days=None,
    )  # fmt: skip


def _extend(case: Case, body: Any, by: By, state: CaseState) -> CaseChange:
    days, reason = body.working_days, clean(body.reason, "reason")
    event = ExtensionRequested(**_head(case, by), department=case.lead, working_days=days, reason=reason)
    return change(
        case, by, Action.EXTEND, {"working_days": days, "reason": reason}, (event,), text=reason,
        state=state, version=event.version, extension_days=days,
    )  # fmt: skip


def _suspend(case: Case, body: Any, by: By, state: CaseState) -> CaseChange:
    reason = clean(body.reason, "reason")
    event = CaseSuspended(**_head(case, by), reason=reason)
    return change(
        case, by, Action.SUSPEND, {"reason": reason}, (event,), text=reason,
        state=state, version=event.version,
    )  # fmt: skip


def _resume(case: Case, body: Any, by: By, state: CaseState) -> CaseChange:
    event = CaseResumed(**_head(case, by))
    return change(case, by, Action.RESUME, {}, (event,), state=state, version=event.version)


def _note(case: Case, body: Any, by: By, state: CaseState) -> CaseChange:
    text = clean(body.text, "text")
    after, entry = record(case, by, Action.NOTE, {"text": text})
    return CaseChange(after=after, entry=entry, what="case.noted", text=text)


def _co_handle(case: Case, body: Any, by: By, city: City) -> CaseChange:
    unknown = [code for code in body.departments if code not in city.department]
    if unknown:
        raise BadInput([FieldError("departments", "没有这个单位。", "There is no such department.")])
    part = {case.lead, *case.supporting}
    joined = tuple(dict.fromkeys(code for code in body.departments if code not in part))
    reason = clean(body.reason, "reason")
    detail: dict[str, Any] = {"departments": list(joined), "reason": reason}
    after, entry = record(case, by, Action.CO_HANDLE, detail, supporting=case.supporting + joined)
    return CaseChange(after=after, entry=entry, what="case.co-handled", text=reason, joined=joined)


_DO: Mapping[Action, Callable[[Case, Any, By, CaseState], CaseChange]] = {
    Action.SIGN: _sign,
    Action.RETURN: _return,
    Action.REPLY: _reply,
    Action.EXTEND: _extend,
    Action.SUSPEND: _suspend,
    Action.RESUME: _resume,
    Action.NOTE: _note,
}
