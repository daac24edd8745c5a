"""Knowledge entries (知识点): what departments write once for everybody, dispatchers review, and time ends."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any

import msgspec

from handlers.core.entry_ends import SPANS
from handlers.core.texts import clean, tidy
from schemas.city import City
from schemas.days import day_of, end_of_day
from schemas.errors import ActionNotAllowed, BadInput, FieldError, StaleVersion
from schemas.event import Event
from schemas.events.knowledge import EntryExpired, EntryProposed, EntryPublished, EntryWithdrawn
from schemas.ids import CaseId, DepartmentCode, EntryId
from schemas.masking import for_public
from schemas.masking.chosen import hide_words
from schemas.values import EntryContent
from schemas.words import EntryState

_json = msgspec.json.Encoder(order="deterministic")

#: Project choices: a question is read in a list, an answer at one sitting, and more ways to ask it are another entry.
MOST_QUESTIONS = 10
QUESTION_CHARACTERS = 120
ANSWER_CHARACTERS = 5_000
BASIS_CHARACTERS = 500

Question = Annotated[str, msgspec.Meta(min_length=1, max_length=QUESTION_CHARACTERS)]
Code = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Version = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]


#: What to do where a text begins later, and another one holds until then.
_GAP = (
    "现在公开的版本仍然有效，而新版本还未生效，公开后到生效前将无答案可查：请到生效当天再提交和批准，或另写一条从那天起生效的知识点。",
    "What everybody reads holds still and would be gone until this text begins: propose and approve it on its first day,"
    " or write another entry that begins then.",
)


class StaleEntry(StaleVersion):
    """The entry changed since the caller saw it."""

    zh = "这条知识点已有更新（现为第 {current} 版），请先看最新的内容，再重新操作。"
    en = "The entry has changed since (now version {current}); read what is new, then decide again."


class EntryText(msgspec.Struct, frozen=True, kw_only=True):
    """An entry as somebody writes it. `made_from`: closed enquiries of the department that asked this."""

    questions: Annotated[tuple[Question, ...], msgspec.Meta(min_length=1, max_length=MOST_QUESTIONS)]
    answer: Annotated[str, msgspec.Meta(min_length=1, max_length=ANSWER_CHARACTERS)]
    basis: Annotated[str, msgspec.Meta(max_length=BASIS_CHARACTERS)] = ""
    document_number: Annotated[str, msgspec.Meta(max_length=100)] = ""
    categories: Annotated[tuple[Code, ...], msgspec.Meta(max_length=10)] = ()
    regions: Annotated[tuple[Code, ...], msgspec.Meta(max_length=30)] = ()
    valid_from: date
    valid_until: date
    checked_on: date
    made_from: Annotated[tuple[Code, ...], msgspec.Meta(max_length=10)] = ()


class EntryAction(StrEnum):
    """What somebody does to an entry."""

    #: Its department writes it, or writes it anew.
    SAVE = "save"
    #: Its department asks for the review.
    PROPOSE = "propose"
    #: A dispatcher lets everybody read it.
    APPROVE = "approve"
    #: A dispatcher has it written again.
    SEND_BACK = "send_back"
    #: Its department, or a dispatcher, takes it back.
    WITHDRAW = "withdraw"
    #: Its last day has passed.
    EXPIRE = "expire"
    #: Staff keep more of the case that it was made from from everybody: somebody looks before they read it again.
    HOLD = "hold"


#: With these what everybody could read is read no more.
ENDING = frozenset({EntryAction.WITHDRAW, EntryAction.EXPIRE, EntryAction.HOLD})


#: What a department may do, and where that leads.
OWNERS: Mapping[tuple[EntryState, EntryAction], EntryState] = {
    **{(state, EntryAction.SAVE): EntryState.DRAFT for state in EntryState},
    (EntryState.DRAFT, EntryAction.PROPOSE): EntryState.PROPOSED,
    **{
        (state, EntryAction.WITHDRAW): EntryState.WITHDRAWN
        for state in EntryState
        if state is not EntryState.WITHDRAWN
    },
}
#: The same of dispatchers.
REVIEWERS: Mapping[tuple[EntryState, EntryAction], EntryState] = {
    (EntryState.PROPOSED, EntryAction.APPROVE): EntryState.LIVE,
    (EntryState.PROPOSED, EntryAction.SEND_BACK): EntryState.DRAFT,
    **{
        (state, EntryAction.WITHDRAW): EntryState.WITHDRAWN
        for state in (EntryState.PROPOSED, EntryState.LIVE)
    },
}


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry. `content`: its newest text; `published`: the text that everybody may read until `holds_until`, if any."""

    entry_id: EntryId
    owner: DepartmentCode
    state: EntryState
    version: int
    content: EntryContent
    made_from: tuple[CaseId, ...] = ()
    published: EntryContent | None = None
    holds_until: datetime | None = None
    changed_at: datetime
    #: Who wrote the newest text.
    written_by: str
    #: Why a dispatcher sent it back, or somebody took it back.
    remarks: str = ""

    def is_expiring(self, now: datetime) -> bool:
        """Whether what everybody reads ends soon."""
        return (
            self.holds_until is not None
            and self.holds_until - SPANS.warned_before[0] <= now < self.holds_until
        )

    def may(self, table: Mapping[tuple[EntryState, EntryAction], EntryState]) -> list[EntryAction]:
        """The actions that `table` allows on the entry now. A live text under revision may be taken back by both sides."""
        may = [action for state, action in table if state is self.state]
        if self.published is not None and EntryAction.WITHDRAW not in may:
            may.append(EntryAction.WITHDRAW)
        return may


class EntryChange(msgspec.Struct, frozen=True, kw_only=True):
    """One change: the entry after it, what was done by whom, and what others are told."""

    after: Entry
    action: EntryAction
    by: str
    events: tuple[Event, ...] = ()


def entry_seal(change: EntryChange, seal: Callable[[bytes], bytes]) -> bytes:
    """The keyed hash of a row of the log: nobody writes another, or changes an entry beside it, unseen."""
    after = change.after
    return seal(
        b"entry\0"
        + _json.encode(
            [after.entry_id, after.owner, after.version, after.changed_at.astimezone(UTC), change.by, change.action,
             after.state, after.remarks, after.content]
        )
    )  # fmt: skip


def cleaned(text: EntryText, city: City, today: date) -> EntryContent:
    """What somebody wrote as it is kept: masked for everybody, its codes and its span checked.

    Raises:
        BadInput: names every field that cannot be so.
    """
    errors = [*_unknown(text, city), *_span(text, today)]
    written: dict[str, Any] = {}
    for field, kept in (("questions", _questions), ("answer", _answer)):
        try:
            written[field] = kept(text)
        except BadInput as refusal:
            errors += refusal.errors
    if errors:
        raise BadInput(errors)
    plain = {
        name: for_public(tidy(getattr(text, name)), official=True) for name in ("basis", "document_number")
    }
    copied = {
        name: getattr(text, name)
        for name in ("categories", "regions", "valid_from", "valid_until", "checked_on")
    }
    return msgspec.convert({**written, **plain, **copied}, EntryContent)


def _questions(text: EntryText) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(" ".join(clean(each, "questions", public=True).split()) for each in text.questions)
    )


def _answer(text: EntryText) -> str:
    return clean(text.answer, "answer", public=True)


def _unknown(text: EntryText, city: City) -> Iterable[FieldError]:
    if not set(text.categories) <= city.category.keys():
        yield FieldError("categories", "没有这个类别。", "There is no such category.")
    if not set(text.regions) <= city.region.keys():
        yield FieldError("regions", "没有这个区县。", "There is no such district.")


def _span(text: EntryText, today: date) -> Iterable[FieldError]:
    if text.checked_on > today:
        yield FieldError("checked_on", "不能晚于今天。", "It cannot be later than today.")
    if text.valid_until < max(text.valid_from, today):
        yield FieldError(
            "valid_until", "不能早于今天和生效日期。", "It cannot be before today, nor before it begins."
        )
    elif text.valid_until - text.checked_on > SPANS.longest_valid:
        yield FieldError(
            "valid_until",
            "最多到核对日期后两年，到期请重新核对。",
            "At most two years after the day on which it was checked: then look at it again.",
        )


def written(
    entry_id: EntryId,
    owner: DepartmentCode,
    content: EntryContent,
    made_from: Sequence[CaseId],
    by: str,
    now: datetime,
) -> EntryChange:
    """A new entry, as a draft."""
    entry = Entry(
        entry_id=entry_id, owner=owner, state=EntryState.DRAFT, version=1, content=content,
        made_from=tuple(made_from), changed_at=now, written_by=by,
    )  # fmt: skip
    return EntryChange(after=entry, action=EntryAction.SAVE, by=by)


def rewritten(entry: Entry, version: int, content: EntryContent, by: str, now: datetime) -> EntryChange:
    """Another text of an entry, as a draft; what everybody reads stays until the new one is reviewed.

    Raises:
        StaleVersion: it changed since.
    """
    after = _after(entry, version, EntryAction.SAVE, OWNERS, now)
    after = msgspec.structs.replace(after, content=content, written_by=by, remarks="")
    return EntryChange(after=after, action=EntryAction.SAVE, by=by)


def proposed(entry: Entry, version: int, by: str, now: datetime, city: City) -> EntryChange:
    """Its department asks for the review.

    Raises:
        StaleVersion: it changed since. ActionNotAllowed: it is no draft. BadInput: nothing would hold until it begins.
    """
    after = msgspec.structs.replace(_after(entry, version, EntryAction.PROPOSE, OWNERS, now), remarks="")
    _check_no_gap(entry, now, city)
    said = EntryProposed(**_head(after), owner=entry.owner)
    return EntryChange(after=after, action=EntryAction.PROPOSE, by=by, events=(said,))


def approved(entry: Entry, version: int, by: str, now: datetime, city: City) -> EntryChange:
    """Everybody may read it from now on.

    Raises:
        StaleVersion: it changed since. ActionNotAllowed: nobody proposed it. BadInput: its last day has passed, or
            nothing would hold until it begins.
    """
    after = _after(entry, version, EntryAction.APPROVE, REVIEWERS, now)
    content, until = entry.content, end_of_day(entry.content.valid_until, city.zone)
    if until <= now:
        raise BadInput(
            [FieldError("valid_until", "有效期已过，请退回修改。", "It has ended already: send it back.")]
        )
    _check_no_gap(entry, now, city)
    after = msgspec.structs.replace(after, published=content, holds_until=until, remarks="")
    begins = end_of_day(content.valid_from - timedelta(days=1), city.zone)
    said = EntryPublished(
        **_head(after), owner=entry.owner, content=content, holds_from=begins, holds_until=until
    )
    return EntryChange(after=after, action=EntryAction.APPROVE, by=by, events=(said,))


def _check_no_gap(entry: Entry, now: datetime, city: City) -> None:
    """Everybody reads one text of an entry: one that begins later would take away what holds until then."""
    today = day_of(now, city.zone)
    holds = entry.published is not None and entry.published.valid_from <= today
    if holds and entry.holds_until and now < entry.holds_until and entry.content.valid_from > today:
        raise BadInput([FieldError("valid_from", *_GAP)])


def sent_back(entry: Entry, version: int, remarks: str, by: str, now: datetime) -> EntryChange:
    """Its department is to write it again, and reads why.

    Raises:
        StaleVersion: it changed since. ActionNotAllowed: nobody proposed it. BadInput: no reason is given.
    """
    after = _after(entry, version, EntryAction.SEND_BACK, REVIEWERS, now)
    after = msgspec.structs.replace(after, remarks=clean(remarks, "remarks"))
    return EntryChange(after=after, action=EntryAction.SEND_BACK, by=by)


def withdrawn(
    entry: Entry, version: int, remarks: str, by: str, now: datetime, *, is_owner: bool
) -> EntryChange:
    """Nobody reads it any more.

    Raises:
        StaleVersion: it changed since. ActionNotAllowed: it is withdrawn already, or a draft that dispatchers do not see.
        BadInput: no reason is given.
    """
    after = _after(entry, version, EntryAction.WITHDRAW, OWNERS if is_owner else REVIEWERS, now)
    after = msgspec.structs.replace(
        after, published=None, holds_until=None, remarks=clean(remarks, "remarks")
    )
    was_told = entry.published is not None or entry.state is EntryState.PROPOSED
    events = (EntryWithdrawn(**_head(after), owner=entry.owner),) if was_told else ()
    return EntryChange(after=after, action=EntryAction.WITHDRAW, by=by, events=events)


def expired(entry: Entry, now: datetime) -> EntryChange:
    """What everybody could read has come to its end; another text of it that is being written stays."""
    state = EntryState.EXPIRED if entry.state is EntryState.LIVE else entry.state
    after = msgspec.structs.replace(
        entry, state=state, version=entry.version + 1, published=None, holds_until=None, changed_at=now
    )
    said = EntryExpired(**_head(after), owner=entry.owner)
    return EntryChange(after=after, action=EntryAction.EXPIRE, by="", events=(said,))


def held(entry: Entry, now: datetime) -> EntryChange | None:
    """Nobody reads it until a dispatcher has looked, or its department, where that is writing it anew; None: nobody does.

    More of a case that it was made from is kept from everybody: words that it may hold, too.
    """
    if entry.published is None and entry.state is not EntryState.PROPOSED:
        return None
    state = EntryState.PROPOSED if entry.state is EntryState.LIVE else entry.state
    after = msgspec.structs.replace(
        entry,
        state=state,
        version=entry.version + 1,
        published=None,
        holds_until=None,
        remarks="",
        changed_at=now,
    )
    events = (EntryWithdrawn(**_head(after), owner=entry.owner),) if entry.published else ()
    return EntryChange(after=after, action=EntryAction.HOLD, by="", events=events)


def check_hidden(content: EntryContent, words: Sequence[str]) -> None:
    """Nothing is for everybody that staff hide in a case that it was made from. `words`: all of those.

    Raises:
        BadInput: names each text that holds one, and which.
    """
    texts = {
        "questions": "\n".join(content.questions),
        "answer": content.answer,
        "basis": content.basis,
        "document_number": content.document_number,
    }
    errors = [
        FieldError(
            field,
            f"含有原件中另行隐去的文字“{word}”，请改写。",
            f"This holds “{word}”, which is hidden in the case that it was made from: put it otherwise.",
        )
        for field, text in texts.items()
        for word in words
        if hide_words(text, [word]) != text
    ]
    if errors:
        raise BadInput(errors)


def _after(
    entry: Entry,
    version: int,
    action: EntryAction,
    table: Mapping[tuple[EntryState, EntryAction], EntryState],
    now: datetime,
) -> Entry:
    if version != entry.version:
        raise StaleEntry(current=entry.version)
    allowed = entry.may(table)
    if action not in allowed:
        raise ActionNotAllowed(state=entry.state.value, allowed_actions=[each.value for each in allowed])
    state = table.get((entry.state, action), EntryState.WITHDRAWN)
    return msgspec.structs.replace(entry, state=state, version=entry.version + 1, changed_at=now)


def _head(after: Entry) -> dict[str, Any]:
    return {"case_id": CaseId(after.entry_id), "version": after.version, "at": after.changed_at}
