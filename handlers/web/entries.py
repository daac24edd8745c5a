"""The API of knowledge entries: departments write their own, dispatchers review everybody's."""

from functools import partial
from typing import Annotated, Any, Literal
from uuid import uuid4

import msgspec

from handlers.core.entries import EntryText, Version
from handlers.core.entry_views import Contradictions, EntryLines, EntryQuery, FullEntry
from handlers.steps import entries as steps
from handlers.steps.entries import Changed
from schemas.city import City
from schemas.errors import NotFound
from schemas.http import Answer, Call, Route
from schemas.ids import EntryId, is_uuid
from schemas.ports import PublicAnswers
from schemas.words import Role

DEPARTMENT = frozenset({Role.DEPARTMENT})
#: Who may review.
REVIEWERS = frozenset({Role.DISPATCHER, Role.ADMINISTRATOR})

Remarks = Annotated[str, msgspec.Meta(max_length=2_000)]


class NewEntry(EntryText, frozen=True, kw_only=True):
    """An entry that is written. `entry_id`: the caller's own choice, so that a try that is repeated writes no second one."""

    entry_id: Annotated[str, msgspec.Meta(max_length=64)] | None = None


class Rewrite(EntryText, frozen=True, kw_only=True):
    """Another text of an entry, as the caller saw it last. `made_from` stays as it is."""

    version: Version


class Propose(msgspec.Struct, frozen=True, kw_only=True):
    """Have an entry reviewed; `version`: as the caller saw it last."""

    version: Version


class Withdraw(msgspec.Struct, frozen=True, kw_only=True):
    """Take an entry back; `reason`: why."""

    version: Version
    remarks: Remarks


class EntryDecision(msgspec.Struct, frozen=True, kw_only=True):
    """What a dispatcher decides; `remarks` for whatever is not approved."""

    version: Version
    decision: Literal["approve", "send_back", "withdraw"]
    remarks: Remarks = ""


class Settle(msgspec.Struct, frozen=True, kw_only=True):
    """Why both entries may stand."""

    other_id: Annotated[str, msgspec.Meta(max_length=64)]
    remarks: Remarks


def entry_id_of(call: Call) -> EntryId:
    """The entry in the path.

    Raises:
        NotFound: not the form of an id.
    """
    if not is_uuid(call.path["entry_id"]):
        raise NotFound
    return EntryId(call.path["entry_id"])


def own_or_new_id(chosen: str | None) -> EntryId:
    """The id that the caller chose, where it is one; a new one otherwise."""
    return EntryId(chosen if chosen and is_uuid(chosen) else str(uuid4()))


async def list_entries(call: Call) -> EntryLines:
    """One page of the department's entries; for dispatchers of everybody's that were ever proposed."""
    return await steps.list_entries(call.unit, call.principal, call.query)


async def read_entry(call: Call) -> FullEntry:
    """One entry with its history, and those that ask nearly the same."""
    return await steps.read_entry(call.unit, call.principal, entry_id_of(call))


async def write(call: Call, *, city: City, answers: PublicAnswers | None) -> Changed:
    """Keep a new entry as a draft."""
    entry_id = own_or_new_id(call.body.entry_id)
    return await steps.write(call.unit, call.principal, entry_id, call.body, city, answers)


async def save(call: Call, *, city: City) -> Changed:
    """Keep another text of the entry as a draft."""
    return await steps.rewrite(
        call.unit, call.principal, entry_id_of(call), call.body.version, call.body, city
    )


async def propose(call: Call, *, city: City, answers: PublicAnswers | None) -> Changed:
    """Ask for the review of an entry."""
    return await steps.propose(call.unit, call.principal, entry_id_of(call), call.body.version, city, answers)


async def withdraw(call: Call) -> Changed:
    """Take the entry back, so that nobody reads it."""
    body: Withdraw = call.body
    return await steps.withdraw(call.unit, call.principal, entry_id_of(call), body.version, body.remarks)


async def decide(call: Call, *, city: City, answers: PublicAnswers | None) -> Changed:
    """Let everybody read it, have it written again, or take it back."""
    return await decided(call, entry_id_of(call), call.body, city, answers)


async def decided(
    call: Call, entry_id: EntryId, body: EntryDecision, city: City, answers: PublicAnswers | None
) -> Changed:
    """Carry the dispatcher's decision out; returns the entry's new state and version."""
    match body.decision:
        case "approve":
            return await steps.approve(call.unit, call.principal, entry_id, body.version, city, answers)
        case "send_back":
            return await steps.send_back(call.unit, call.principal, entry_id, body.version, body.remarks)
        case "withdraw":
            return await steps.withdraw(call.unit, call.principal, entry_id, body.version, body.remarks)


async def list_contradictions(call: Call) -> Contradictions:
    """Entries that give different figures for nearly one question."""
    return Contradictions(items=tuple(await steps.list_contradictions(call.unit)))


async def settle(call: Call) -> Contradictions:
    """Find that both entries may stand; returns the contradictions that still wait."""
    other = EntryId(call.body.other_id)
    await steps.settle(call.unit, call.principal, entry_id_of(call), other, call.body.remarks)
    return await list_contradictions(call)


def routes(*, city: City, answers: PublicAnswers | None = None) -> tuple[Route, ...]:
    """The routes of departments, and those of dispatchers. `answers`: what everybody reads, for what is made of it."""
    return (*_of_departments(city, answers), *_of_reviewers(city, answers))


def _of_departments(city: City, answers: PublicAnswers | None) -> tuple[Route, ...]:
    write_one, save_one = partial(write, city=city, answers=answers), partial(save, city=city)
    actions = "/{entry_id}/actions"
    return (
        _desk("GET", "", list_entries, "The department's entries", query=EntryQuery, returns=EntryLines),
        _desk("POST", "", write_one, "Write an entry", body=NewEntry, returns=Changed, status=201),
        _desk("GET", "/{entry_id}", read_entry, "One entry and its history", returns=FullEntry),
        _desk("POST", f"{actions}/save", save_one, "Write it anew", body=Rewrite, returns=Changed),
        _desk(
            "POST",
            f"{actions}/propose",
            partial(propose, city=city, answers=answers),
            "Have it reviewed",
            body=Propose,
            returns=Changed,
        ),
        _desk("POST", f"{actions}/withdraw", withdraw, "Take it back", body=Withdraw, returns=Changed),
    )


def _of_reviewers(city: City, answers: PublicAnswers | None) -> tuple[Route, ...]:
    one, decision = "/{entry_id}", partial(decide, city=city, answers=answers)
    return (
        _review("GET", "", list_entries, "Entries that were proposed", query=EntryQuery, returns=EntryLines),
        _review("GET", "/contradictions", list_contradictions, "Entries that contradict each other",
                returns=Contradictions),
        _review("GET", one, read_entry, "One entry and its history", returns=FullEntry),
        _review("POST", f"{one}/decision", decision, "Approve, send back or withdraw an entry",
                body=EntryDecision, returns=Changed),
        _review("POST", f"{one}/settled", settle, "Find that two entries do not contradict each other",
                body=Settle, returns=Contradictions),
    )  # fmt: skip


def _desk(method: str, path: str, answer: Answer, summary: str, **more: Any) -> Route:
    path = f"/api/v1/desk/entries{path}"
    return Route(method=method, path=path, answer=answer, who=DEPARTMENT, summary=summary, **more)


def _review(method: str, path: str, answer: Answer, summary: str, **more: Any) -> Route:
    path = f"/api/v1/review/entries{path}"
    return Route(method=method, path=path, answer=answer, who=REVIEWERS, summary=summary, **more)
