"""The review queue as API and pages show it, and the cursor behind a page of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec

from routing.core.decisions.chosen_tags import TAGS_BEFORE
from routing.core.decisions.chosen_urgency import URGENCY_BEFORE
from routing.core.decisions.open_items import RESUMED_AT
from routing.core.decisions.queue import Position, Waiting
from routing.core.decisions.review import Item, RoutingCase, Version
from routing.core.decisions.undo import DONE_AT, DONE_BY
from routing.core.doubts import Doubt, may_be_danger, waiting_doubts
from schemas.attachments import Addresses, ShownAttachment, told_of
from schemas.city import City
from schemas.http import Call
from schemas.ids import CaseId, CategoryCode, DepartmentCode, ItemCode, RegionCode, TagCode
from schemas.paging import cursor_of, read_cursor
from schemas.reasons import in_words
from schemas.values import Attachment, Candidate, Clearance, Place, RaisedDoubt, Reason
from schemas.words import CaseField, Channel, FileAudience, Kind, Language, ReviewKind, Role, Urgency

#: Characters of a cursor at most; ours have about 150.
Cursor = Annotated[str, msgspec.Meta(max_length=300)]
#: Who may see and decide.
DISPATCHERS = frozenset({Role.DISPATCHER, Role.ADMINISTRATOR})

#: Who may see what dispatchers cleared.
OVERSEERS = DISPATCHERS | {Role.SUPERVISOR}


class ShownDoubt(msgspec.Struct, frozen=True, kw_only=True):
    """Why a person must look. `name` and `about` are for people, in the caller's language."""

    code: str
    facts: tuple[str, ...]
    name: str
    about: str


#: In Chinese and English.
_DOUBTS: Mapping[str, tuple[str, str]] = {
    Doubt.TRANSFER: ("可能应立即转其他热线", "May belong to another hotline, at once"),
    Doubt.OUTSIDE: ("可能不属受理范围", "May be outside the city's remit"),
    Doubt.ACCUSED: ("举报涉及单位", "The report accuses"),
    Doubt.ACCUSED_UNKNOWN: ("举报对象不明", "Officials are accused; it is not clear of which unit"),
    Doubt.SOUNDS: ("疑似举报公职人员", "Sounds as if officials were accused"),
    Doubt.SOUNDS_DANGEROUS: (
        "疑似有人遇险，请先核实",
        "Sounds as if somebody were in danger: look into that first",
    ),
    Doubt.NO_WORDS: ("没有可依据的词语", "No words to go by"),
    Doubt.UNMERGED: ("并单已解除", "No longer merged"),
    Doubt.WITHDRAWAL: (
        "市民要求撤回，但说明涉及工作人员或提到压力，请先核实",
        "Its citizen asks to withdraw, in words that accuse somebody or tell of pressure: look into that first",
    ),
    Doubt.UNDONE: ("刚才的决定已撤销", "The last decision was taken back"),
    Doubt.ME_TOO: (
        "市民说与这件公开的事相同，另有说明或不能自动并单",
        "The citizen says that it is the same as this public matter, and more, or it cannot be merged by itself",
    ),
    Doubt.RULINGS: ("同样适用的两条认定归不同单位", "Two rulings that fit alike say otherwise"),
    Doubt.SEVERAL: (
        "似有几件事，分属不同单位",
        "It seems to hold several matters, of different departments",
    ),
    Doubt.UNSURE: ("把握不足", "The machine is not sure enough"),
}


#: Why a case is not merged any more, in Chinese and English.
_UNMERGED: Mapping[str, tuple[str, str]] = {
    "objected": ("市民不满意", "the citizen objects"),
    "declined": ("主件不予受理", "the other case was declined"),
    "withdrawn": ("主件已撤回", "the other case was withdrawn"),
    "merged": ("主件已并入他件", "the other case was merged itself"),
    "protected": ("主件须保密", "the other case's answer is for its own citizen alone"),
    "decided": ("派单员解除", "a dispatcher decided so"),
    "undone": ("派单员撤销了并单", "the dispatcher took the merge back"),
}


class ReviewCase(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to decide, and the case that it is about."""

    case_id: CaseId
    #: What is to be decided.
    kind: ReviewKind
    #: To be sent back with the decision.
    version: int
    title: str
    #: With what the citizen added since.
    text: str
    candidates: tuple[Candidate, ...]
    #: First why a person must look, of weight 0; then the rule that decided, if one did (`code`), both in the caller's
    #: language; then the words that counted.
    reasons: tuple[Reason, ...]
    doubts: tuple[ShownDoubt, ...]
    #: A return's reason and basis; an extension's days and reason; a pause's too, and its end; a promise's day,
    #: plan, reason and basis; a reply's note and response.
    detail: Mapping[str, Any]
    #: The end of a pause that is asked for.
    until: datetime | None
    tracking_code: str
    channel: Channel
    received_at: datetime
    opened_at: datetime
    #: What the citizen wants (诉求类型).
    request_kind: Kind
    urgency: Urgency
    category: CategoryCode
    #: Of the dispatch catalogue (事项); None where none is clear.
    item: ItemCode | None = None
    #: Time, people and nature (标签), as the city lists them.
    tags: tuple[TagCode, ...] = ()
    lead: DepartmentCode
    supporting: tuple[DepartmentCode, ...]
    region: RegionCode | None
    place: Place | None
    attachments: tuple[ShownAttachment, ...]
    #: Of a reply: the departments' files that the citizen would get with it.
    reply_attachments: tuple[ShownAttachment, ...] = ()
    confidential: bool
    #: Units that it may not reach: those accused, with their superiors and subordinates.
    accused: tuple[DepartmentCode, ...]
    #: A report, or a message that accuses officials whatever its kind.
    protected: bool
    #: Those of `accused` that a dispatcher may find not to be (`…/clear`): of the others it tells a deed.
    only_named: tuple[DepartmentCode, ...]
    #: Those that were found not to be, with who did and why.
    cleared: tuple[Clearance, ...]
    suspected_duplicate: CaseId | None
    similarity: float | None
    #: How often supervisors urged it.
    urged_count: int
    #: How often its citizen told of danger since: what whoever confirms has read (`dangers_seen`).
    dangers_said: int
    #: Stands before the rest: somebody may be in danger, and no department knows.
    emergency: bool
    #: Somebody may be in danger: to decline, merge or answer it takes `confirm`.
    confirm_to_end: bool


def shown(row: Waiting, city: City, language: Language) -> ReviewCase:
    """An item with its case, worded for the caller."""
    item, case = row.item, row.case
    doubts = tuple(_shown_doubt(doubt, city, language) for doubt in waiting_doubts(item, case))
    return ReviewCase(
        case_id=case.case_id,
        kind=item.kind,
        version=item.version,
        title=case.title,
        text=f"{case.text}\n\n{case.supplement}" if case.supplement else case.text,
        candidates=item.candidates,
        reasons=(
            *(_as_reason(doubt, language) for doubt in doubts),
            *(_in_words(reason, city, language) for reason in item.reasons if reason.weight),
        ),
        doubts=doubts,
        detail={name: value for name, value in item.detail.items() if name not in _SHOWN_OTHERWISE},
        until=until_of(item),
        tracking_code=case.tracking_code,
        channel=case.channel,
        received_at=case.received_at,
        opened_at=item.opened_at,
        request_kind=case.kind,
        urgency=case.urgency,
        category=case.category,
        item=case.item,
        tags=case.tags,
        lead=case.lead,
        supporting=case.supporting,
        region=case.region,
        place=case.place,
        attachments=tuple(told_of(file) for file in (*case.attachments, *case.added_files)),
        reply_attachments=_files_of_reply(item),
        confidential=case.confidential,
        accused=case.accused,
        protected=case.protected,
        only_named=case.only_named,
        cleared=case.cleared,
        suspected_duplicate=case.suspected_duplicate,
        similarity=case.similarity,
        urged_count=case.urged_count,
        dangers_said=case.dangers_said,
        emergency=row.is_emergency,
        confirm_to_end=may_be_danger(case, item),
    )


#: What of an item is shown in a better form than as it is kept.
_SHOWN_OTHERWISE = (
    "attachments", "public_attachments", "item", TAGS_BEFORE, URGENCY_BEFORE, DONE_BY, DONE_AT, RESUMED_AT,
)  # fmt: skip


def _files_of_reply(item: Item) -> tuple[ShownAttachment, ...]:
    public = item.detail.get("public_attachments", ())
    files = msgspec.convert(item.detail.get("attachments", ()), tuple[Attachment, ...])
    department = item.detail.get("department")
    return tuple(
        told_of(
            file,
            department=department,
            audience=FileAudience.PUBLIC if file.attachment_id in public else FileAudience.CITIZEN,
        )
        for file in files
    )


def until_of(item: Item) -> datetime | None:
    """The end of the pause that the item is about."""
    until = item.detail.get("until")
    return datetime.fromisoformat(until) if isinstance(until, str) else None


def with_addresses(row: ReviewCase, call: Call, addresses: Addresses | None) -> ReviewCase:
    """The same, with addresses of its files where somebody signs them."""
    if addresses is None:
        return row
    files, brought = (
        addresses.shown(part, row.case_id, call.principal, call.unit.now)
        for part in (row.attachments, row.reply_attachments)
    )
    return msgspec.structs.replace(row, attachments=files, reply_attachments=brought)


def shown_fields(case: RoutingCase, waiting: Sequence[Item]) -> list[CaseField]:
    """What of a case is shown beside what waits about it: whatever somebody wrote."""
    there = {
        CaseField.TITLE: case.title,
        CaseField.TEXT: case.text,
        CaseField.PLACE: case.place,
        CaseField.ATTACHMENTS: case.attachments or case.added_files,
        CaseField.SUPPLEMENTS: case.supplement,
        CaseField.DETAIL: any(item.detail for item in waiting),
    }
    return [field for field, value in there.items() if value]


def doubt_name(code: str, language: Language) -> str:
    """Why a person must look, in words; a code that has none stays as it is."""
    return language.choose(*_DOUBTS.get(code, (code, code)))


def _shown_doubt(doubt: RaisedDoubt, city: City, language: Language) -> ShownDoubt:
    name = doubt_name(doubt.code, language)
    if doubt.code in (Doubt.SOUNDS, Doubt.SOUNDS_DANGEROUS) and doubt.facts:
        about = _sounding(*doubt.facts, language=language)
    else:
        facts = [_fact(doubt.code, fact, city, language) for fact in doubt.facts]
        about = language.choose("、", ", ").join(facts)
    return ShownDoubt(code=doubt.code, facts=doubt.facts, name=name, about=about)


def _sounding(edition: str, *words: str, language: Language) -> str:
    """The words that sound so, and by which edition of the learned weights they do."""
    said = language.choose("、", ", ").join(f"“{each}”" for each in words)
    return said + language.choose(f"（模型 {edition}）", f" (model {edition})")


def _fact(code: str, fact: str, city: City, language: Language) -> str:
    if code in (Doubt.ACCUSED, Doubt.SEVERAL) and fact in city.department:
        return city.department[DepartmentCode(fact)].name(language)
    if code == Doubt.UNMERGED and fact in _UNMERGED:
        return language.choose(*_UNMERGED[fact])
    return f"{float(fact):.0%}" if code == Doubt.UNSURE else fact


def _as_reason(doubt: ShownDoubt, language: Language) -> Reason:
    said = (doubt.name, doubt.about) if doubt.about else (doubt.name,)
    return Reason(words=language.choose("：", ": ").join(said), weight=0.0)


def _in_words(reason: Reason, city: City, language: Language) -> Reason:
    return msgspec.structs.replace(reason, words=in_words(reason, language, city))


def cursor_behind(position: Position | None) -> str | None:
    """The cursor of the page that goes on there."""
    return cursor_of(*msgspec.structs.astuple(position)) if position else None


def position_of(cursor: str | None) -> Position | None:
    """Where a cursor of ours says that the page goes on.

    Raises:
        BadInput: not a cursor of ours.
    """
    if cursor is None:
        return None
    emergency, opened_at, case_id, kind, version = read_cursor(
        cursor, tuple[bool, datetime, UUID, ReviewKind, Version]
    )
    return Position(
        emergency=emergency, opened_at=opened_at, case_id=CaseId(str(case_id)), kind=kind, version=version
    )
