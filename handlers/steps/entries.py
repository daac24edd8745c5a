"""Knowledge entries: departments write them, dispatchers review them, time ends them."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

import msgspec

from handlers.core import entries as core
from handlers.core import entry_views as views
from handlers.core.entries import OWNERS, REVIEWERS, Entry, EntryAction, EntryChange, EntryText
from handlers.core.entry_ends import SPANS
from handlers.core.entry_views import (
    Contradiction,
    EntryHistoryLine,
    EntryLine,
    EntryLines,
    EntryQuery,
    FullEntry,
)
from handlers.core.likeness import differing
from handlers.core.texts import clean
from handlers.store import entries as store
from schemas.city import City
from schemas.days import day_of
from schemas.errors import BadInput, FieldError, KeyReused, NotFound
from schemas.http import Principal
from schemas.ids import CaseId, DepartmentCode, EntryId, is_uuid
from schemas.masking import for_public
from schemas.paging import cursor_of, page_of, read_cursor
from schemas.ports import PublicAnswers, Unit
from schemas.words import EntryState, Role

#: Two sends of one form, by a finger that pressed twice or a browser that tried again (project choice, as for cases).
_SENT_TWICE = timedelta(seconds=5)
#: Old entries that are shown beside a new one, and that a new answer is compared with (project choices).
_NEAREST = 10
_COMPARED = 50
_CONTRADICTIONS_SHOWN = 50


class Changed(msgspec.Struct, frozen=True, kw_only=True):
    """Where the entry stands after an action."""

    entry_id: EntryId
    state: EntryState
    version: int


async def write(
    unit: Unit,
    who: Principal,
    entry_id: EntryId,
    text: EntryText,
    city: City,
    answers: PublicAnswers | None = None,
) -> Changed:
    """Keep a new entry as a draft of the caller's department; sent twice, it is kept once. `answers`: see `read_source`.

    Raises:
        BadInput: a field cannot be so. KeyReused: there is such an entry, of somebody else or with another text.
    """
    content = core.cleaned(text, city, day_of(unit.now, city.zone))
    made_from = await _made_from(unit, who.own_department, text.made_from, answers)
    change = core.written(entry_id, who.own_department, content, made_from, who.name, unit.now)
    if await store.insert(unit.db, change, unit.seal):
        return _changed(change.after)
    known = await store.find(unit.db, entry_id)
    if known is None or known.owner != who.own_department or known.content != content:
        raise KeyReused
    return _changed(known)


async def _made_from(
    unit: Unit, department: DepartmentCode, named: Sequence[str], answers: PublicAnswers | None
) -> list[CaseId]:
    case_ids = [CaseId(each) for each in dict.fromkeys(named) if is_uuid(each)]
    may = await store.sources(unit.db, case_ids, department) if case_ids else set()
    if len(may) < len(set(named)):
        wrong = FieldError(
            "made_from",
            "只能用本单位已办结、市民同意公开的咨询件。",
            "Only closed enquiries of your department whose citizens allow publication.",
        )
        raise BadInput([wrong])
    # Whoever opened the form before somebody kept the answer from everybody makes no entry of it, either.
    if any([answers and await answers.response(unit, each) is None for each in case_ids]):
        raise BadInput([FieldError("made_from", KeptFromOthers.zh, KeptFromOthers.en)])
    return case_ids


async def rewrite(
    unit: Unit, who: Principal, entry_id: EntryId, version: int, text: EntryText, city: City
) -> Changed:
    """Keep another text of the entry as a draft; what everybody reads stays until that is reviewed.

    Raises:
        NotFound: another department's. StaleVersion, BadInput.
    """
    entry = await _own(unit, who, entry_id)
    content = core.cleaned(text, city, day_of(unit.now, city.zone))
    return await _apply(unit, core.rewritten(entry, version, content, who.name, unit.now))


async def propose(
    unit: Unit,
    who: Principal,
    entry_id: EntryId,
    version: int,
    city: City,
    answers: PublicAnswers | None = None,
) -> Changed:
    """Ask a dispatcher to let everybody read the draft. `answers`: see `approve`.

    Raises:
        NotFound: another department's. StaleVersion, ActionNotAllowed, BadInput.
    """
    entry = await _own(unit, who, entry_id)
    change = core.proposed(entry, version, who.name, unit.now, city)
    await _check_hidden(unit, entry, answers)
    return await _apply(unit, change)


async def _check_hidden(unit: Unit, entry: Entry, answers: PublicAnswers | None) -> None:
    if answers and entry.made_from:
        core.check_hidden(entry.content, await answers.hidden(unit, entry.made_from))


async def withdraw(unit: Unit, who: Principal, entry_id: EntryId, version: int, remarks: str) -> Changed:
    """Take the entry back: nobody reads it any more.

    Raises:
        NotFound: another department's, or a draft that dispatchers do not see. StaleVersion, ActionNotAllowed, BadInput.
    """
    is_owner = who.role is Role.DEPARTMENT
    entry = await _own(unit, who, entry_id) if is_owner else await _reviewed(unit, entry_id)
    return await _apply(unit, core.withdrawn(entry, version, remarks, who.name, unit.now, is_owner=is_owner))


async def approve(
    unit: Unit,
    who: Principal,
    entry_id: EntryId,
    version: int,
    city: City,
    answers: PublicAnswers | None = None,
) -> Changed:
    """Let everybody read the entry; what others say differently is queued for a dispatcher.

    `answers`: who knows which words staff hide in the cases that it was made from; none are looked for if None.

    Raises:
        NotFound: nobody proposed it ever. StaleVersion, ActionNotAllowed, BadInput.
    """
    await store.lock_publishing(unit.db)
    entry = await _reviewed(unit, entry_id)
    change = core.approved(entry, version, who.name, unit.now, city)
    await _check_hidden(unit, entry, answers)
    changed = await _apply(unit, change)
    await _look_for_contradictions(unit, change.after)
    return changed


async def send_back(unit: Unit, who: Principal, entry_id: EntryId, version: int, remarks: str) -> Changed:
    """Have the entry written again; its department reads why.

    Raises:
        NotFound: nobody proposed it ever. StaleVersion, ActionNotAllowed, BadInput.
    """
    entry = await _reviewed(unit, entry_id)
    return await _apply(unit, core.sent_back(entry, version, remarks, who.name, unit.now))


async def expire(unit: Unit, limit: int = 500) -> int:
    """End what everybody could read until now, at most so many at once; how many. Any number may do so at once."""
    ended = await store.lock_ended(unit.db, unit.now, limit)
    changes = [core.expired(entry, unit.now) for entry in ended]
    if changes:
        await keep(unit, changes)
    return len(changes)


async def _apply(unit: Unit, change: EntryChange) -> Changed:
    await keep(unit, [change])
    return _changed(change.after)


async def keep(unit: Unit, changes: Sequence[EntryChange]) -> None:
    """Save these changes of entries that are locked, and say what others are told of them."""
    await store.save(unit.db, changes, unit.seal)
    read_otherwise = {EntryAction.APPROVE, *core.ENDING}
    ended = [change.after.entry_id for change in changes if change.action in read_otherwise]
    if ended:
        await store.end_contradictions(unit.db, ended, unit.now)
    for change in changes:
        for event in change.events:
            unit.emit(event)


async def _look_for_contradictions(unit: Unit, entry: Entry) -> None:
    near = await store.nearest(
        unit.db, entry.content.questions, None, entry.entry_id, _COMPARED, only_public=True
    )
    found = [
        (each.entry_id, units)
        for each in near
        if each.published and (units := differing(entry.content, each.published))
    ]
    if found:
        await store.note_contradictions(unit.db, entry, found, unit.now)


def _changed(entry: Entry) -> Changed:
    return Changed(entry_id=entry.entry_id, state=entry.state, version=entry.version)


async def _own(unit: Unit, who: Principal, entry_id: EntryId) -> Entry:
    entry = await store.lock(unit.db, entry_id) if is_uuid(entry_id) else None
    if entry is None or entry.owner != who.own_department:
        raise NotFound
    return entry


async def _reviewed(unit: Unit, entry_id: EntryId) -> Entry:
    entry = await store.lock(unit.db, entry_id) if is_uuid(entry_id) else None
    if entry is None or not _is_for_reviewers(entry):
        raise NotFound
    return entry


def _is_for_reviewers(entry: Entry) -> bool:
    """A draft that nobody proposed, and nothing of which everybody reads, is its department's alone."""
    return entry.state is not EntryState.DRAFT or entry.published is not None


async def was_just_done(
    unit: Unit, who: Principal, entry_id: EntryId, action: EntryAction, version: int
) -> bool:
    """Whether `who` did this very thing a moment ago, to the entry as they saw it: the same form, sent twice."""
    done = await store.history(unit.db, entry_id)
    return any(
        (row.actor, row.action, row.version) == (who.name, action, version + 1)
        and unit.now - row.at <= _SENT_TWICE
        for row in done
    )


async def list_entries(unit: Unit, who: Principal, query: EntryQuery) -> EntryLines:
    """One page of the department's entries, or for dispatchers of everybody's but drafts; the latest change first.

    Raises:
        BadInput: a cursor that is not ours.
    """
    is_expiring = query.state == "expiring"
    found = await store.listed(
        unit.db,
        owner=who.own_department if who.role is Role.DEPARTMENT else None,
        states=views.STATES[query.state],
        ends_before=unit.now + SPANS.warned_before[0] if is_expiring else None,
        after=read_cursor(query.cursor, tuple[datetime, UUID]) if query.cursor else None,
        limit=query.limit + 1,
    )
    page, last = page_of(found, query.limit)
    return EntryLines(
        items=tuple(views.line(entry, unit.now) for entry in page),
        next_cursor=cursor_of(last.changed_at, last.entry_id) if last else None,
    )


async def count_entries(unit: Unit, who: Principal) -> tuple[Mapping[EntryState, int], int]:
    """How many of these entries stand in each state, and how many end soon."""
    owner = who.own_department if who.role is Role.DEPARTMENT else None
    return await store.counts(unit.db, owner, unit.now + SPANS.warned_before[0])


async def read_entry(unit: Unit, who: Principal, entry_id: EntryId) -> FullEntry:
    """One entry with its history and those that ask nearly the same.

    Raises:
        NotFound: another department's, or a draft that dispatchers do not see.
    """
    entry = await store.find(unit.db, entry_id) if is_uuid(entry_id) else None
    is_owner = who.role is Role.DEPARTMENT
    if entry is None or (entry.owner != who.own_department if is_owner else not _is_for_reviewers(entry)):
        raise NotFound
    owner = who.own_department if is_owner else None
    history = await store.history(unit.db, entry_id)
    return FullEntry(
        entry_id=entry.entry_id, owner=entry.owner, state=entry.state, version=entry.version, content=entry.content,
        published=entry.published, holds_until=entry.holds_until, is_expiring=entry.is_expiring(unit.now),
        made_from=entry.made_from if is_owner else (), remarks=entry.remarks,
        is_held=_is_held(history), written_by=entry.written_by,
        allowed_actions=tuple(entry.may(OWNERS if is_owner else REVIEWERS)),
        history=tuple(history),
        nearest=await nearest_to(unit, entry.content.questions, owner, entry_id),
    )  # fmt: skip


def _is_held(history: Sequence[EntryHistoryLine]) -> bool:
    """Whether nobody has written or looked since it was held back: who proposes it as it was has not. The latest first."""
    done = (row.action for row in history if row.action is not EntryAction.PROPOSE)
    return next(done, None) is EntryAction.HOLD


async def nearest_to(
    unit: Unit, questions: Sequence[str], owner: DepartmentCode | None, but: EntryId | None = None
) -> tuple[EntryLine, ...]:
    """Old entries that ask nearly this, the nearest first. `owner`: who asks; None sees all."""
    found = await store.nearest(unit.db, questions, owner, but, _NEAREST)
    others = [entry.entry_id for entry in found if owner is not None and entry.owner != owner]
    published = await store.publications(unit.db, others) if others else {}
    return tuple(
        views.public_line(entry, *published[entry.entry_id], unit.now)
        if entry.entry_id in published
        else views.line(entry, unit.now)
        for entry in found
    )


class NoContradiction(NotFound):
    """Two entries about which nothing waits."""

    zh = "这两条并不互相矛盾，或已有人处理。"
    en = "These two do not contradict each other, or somebody has settled it."


class KeptFromOthers(NotFound):
    """A case of which nobody else reads any more, so that nothing for everybody is made of it."""

    code = "kept-from-others"
    zh = "此件的答复现在不公开（市民没有同意，或工作人员不予公开），不能做成知识点。"
    en = "Nobody else reads this answer now, as its citizen or staff decided: no entry can be made of it."


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """A closed enquiry that an entry may be made from: its title, and its answer masked for everybody."""

    case_id: CaseId
    title: str
    answer: str
    category: str


async def read_source(
    unit: Unit, department: DepartmentCode, case_id: CaseId, answers: PublicAnswers | None
) -> Source:
    """What an entry may be made from. `answers`: as everybody reads them; None: nobody says more than this slice knows.

    Raises:
        NotFound: no closed enquiry that the department led. KeptFromOthers: nobody else may read of it.
    """
    found = await store.source(unit.db, case_id, department)
    if found is None:
        raise NotFound
    title, answer, category = found
    public = answer if answers is None else await answers.response(unit, case_id)
    if public is None:
        raise KeptFromOthers
    return Source(case_id=case_id, title=title, answer=for_public(public, official=True), category=category)


async def may_make(
    unit: Unit, department: DepartmentCode, case_id: CaseId, answers: PublicAnswers | None = None
) -> Literal["yes", "kept", "no"]:
    """Whether the department may make an entry of this case; `kept`: it might, if everybody read its answer now."""
    if not await store.sources(unit.db, [case_id], department):
        return "no"
    return "kept" if answers and await answers.response(unit, case_id) is None else "yes"


async def list_contradictions(unit: Unit) -> Sequence[Contradiction]:
    """Entries that give different figures for nearly one question, the oldest first."""
    return await store.contradictions(unit.db, _CONTRADICTIONS_SHOWN)


async def settle(unit: Unit, who: Principal, entry_id: EntryId, other: EntryId, remarks: str) -> None:
    """Both may stand; why stays with the contradiction.

    Raises:
        BadInput: no reason is given. NoContradiction: nothing waits about these two.
    """
    reason = clean(remarks, "remarks")
    is_known = is_uuid(entry_id) and is_uuid(other)
    if not is_known or not await store.settle(unit.db, entry_id, other, who.name, reason, unit.now):
        raise NoContradiction


async def has_text(unit: Unit, entry_id: EntryId, text: EntryText, city: City) -> bool:
    """Whether this is the entry's newest text."""
    entry = await store.find(unit.db, entry_id)
    return entry is not None and entry.content == core.cleaned(text, city, day_of(unit.now, city.zone))
