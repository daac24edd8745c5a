"""What the API answers and the pages show: a case to its citizen, a published one to everybody."""

from collections.abc import Mapping, Sequence
from datetime import date as Day
from datetime import datetime, tzinfo
from typing import Any, Literal

import msgspec

from intake.core.danger import LineToCall
from intake.core.following.asked_back import OpenQuestion
from intake.core.following.sentences import sentence
from intake.core.following.view import ADDED, TimelineEntry, View, allowed_actions, pending_actions
from intake.core.public.published import PublishedCase, SortOrder
from intake.core.secrecy.promised import secrecy_promised
from intake.steps.additions import NO_ADDITIONS, Additions
from schemas.attachments import ShownAttachment
from schemas.city import City
from schemas.days import day_of
from schemas.ids import AttachmentId
from schemas.labels import label
from schemas.values import ViewCount
from schemas.words import CaseState, CitizenAction, Language


class TimelineLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the timeline: when, what happened as a word for programs, and as a sentence for people."""

    at: datetime
    event: str
    text: str
    #: What the department wrote for the citizen (its plan, how far it is, each answer), or the citizen with a rating, an
    #: objection or a withdrawal; what they added stands in `supplements`.
    words: str = ""


class PublicResponse(msgspec.Struct, frozen=True, kw_only=True):
    """The answer that the citizen reads, and when it was given."""

    text: str
    at: datetime


class AddedWords(msgspec.Struct, frozen=True, kw_only=True):
    """What the citizen added to their case, and when: as the department reads it, numbers and names hidden."""

    at: datetime
    text: str


class ShownPromise(msgspec.Struct, frozen=True, kw_only=True):
    """The day that the citizen was promised, what is done until then, and whether the day has passed without an answer."""

    date: Day
    plan: str
    is_broken: bool


class CaseAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A case as its citizen sees it. Codes are the city's; names are in the caller's language."""

    tracking_code: str
    state: CaseState
    state_label: str
    category: str | None
    department: str | None
    received_at: datetime
    due_at: datetime | None
    #: The holidays of a year on the way are not announced yet: `due_at` may move.
    provisional: bool = False
    version: int
    timeline: list[TimelineLine]
    response: PublicResponse | None
    rating: int | None
    title: str
    text: str
    #: What was added since, the latest twenty in the order of time; or twenty before `supplements_before`.
    supplements: list[AddedWords] = []
    #: The `supplements_before` of what is older; null: there is nothing older.
    older_supplements: str | None = None
    category_name: str | None
    department_name: str | None
    allowed_actions: list[CitizenAction]
    #: What the department asks, while it waits for the answer.
    question: OpenQuestion | None
    #: The date that the citizen was promised (承诺办理), while it is to be kept.
    promise: ShownPromise | None = None
    #: Accepted from the citizen, and not decided yet: whether it is done, the timeline says.
    pending: list[CitizenAction]
    #: While it is suspended: when that ends by itself at the latest.
    paused_until: datetime | None = None
    #: The last moment for an objection, while there may be one.
    objection_until: datetime | None
    #: `public`, `withheld` until the citizen allows it, or null: there is no answer that anybody else may read.
    publication: Literal["public", "withheld"] | None = None
    #: Staff let nobody else read it, whatever the citizen says.
    withheld_by_staff: bool = False
    #: A dispatcher answered it from a knowledge entry; another one decides on an objection.
    answered_directly: bool = False
    #: The citizen objected, and nobody has taken it up again yet: the state is still that of the outcome.
    objected: bool = False
    #: Whether it is settled, as the citizen said when asked back (回访): `yes`, `partly`, `no`, `cannot`; null: nobody said.
    #: That it is closed says only that it was answered.
    solved: str | None = None
    #: Asked back on this page until then; null: not asked here, or answered.
    asked_back_until: datetime | None = None
    #: It was answered and cannot be objected to any more: what is left is outside (复查, 信访).
    is_last_answer: bool = False
    #: What was promised where the citizen asked for secrecy.
    secrecy: str | None = None
    #: What came with the message; addresses are good for some minutes.
    attachments: list[ShownAttachment]
    #: How often staff opened the case, and when last; None while nobody can say.
    views: int | None
    last_viewed_at: datetime | None
    #: Whom to call at once, where the citizen told within a day that somebody is in danger.
    call_now: list[LineToCall] = []


class PublishedPicture(msgspec.Struct, frozen=True, kw_only=True):
    """A picture that whoever sent it lets everybody see, while they do."""

    url: str
    thumbnail_url: str


class PublishedItem(msgspec.Struct, frozen=True, kw_only=True):
    """An answer that everybody may read."""

    tracking_code: str
    title: str
    text: str
    response: str
    category: str
    department: str
    region: str | None
    replied_at: datetime
    #: Its citizen objected to this answer; a new one is to come.
    objected: bool
    category_name: str
    department_name: str
    region_name: str | None
    pictures: list[PublishedPicture] = []
    #: How many other people say that it is theirs, too (我也遇到).
    me_too: int = 0
    #: What of the search stands in it, the most telling first.
    words: list[str] = []


class PublishedList(msgspec.Struct, frozen=True, kw_only=True):
    """One page of them, in `order`. `total` stops at ten thousand, with `q` at one thousand, of the nearest at sixty;
    `total_exact` says so.
    """

    items: list[PublishedItem]
    next_cursor: str | None
    total: int
    total_exact: bool
    order: SortOrder


def _asked_back(case: View, now: datetime) -> datetime | None:
    until = case.asked_back_until
    return until if until is not None and now <= until else None


def case_view(
    case: View,
    language: Language,
    *,
    now: datetime,
    city: City,
    zone: tzinfo,
    views: ViewCount | None = None,
    files: Sequence[ShownAttachment] = (),
    added: Additions = NO_ADDITIONS,
    lines: Sequence[LineToCall] = (),
) -> CaseAnswer:
    """The case as its citizen sees it. `zone`: the one that dates are said in; `lines`: whom to call."""
    allowed = allowed_actions(case, now)
    return CaseAnswer(
        tracking_code=case.tracking_code,
        state=case.state,
        state_label=label(case.state, language),
        category=case.category,
        department=case.department,
        received_at=case.received_at,
        due_at=case.due_at,
        provisional=case.provisional,
        version=case.version,
        timeline=[_line(entry, language, city, zone) for entry in case.whole_timeline],
        response=_response(case),
        rating=case.rating,
        title=case.title,
        text=case.text,
        supplements=[AddedWords(at=at, text=text) for at, text in added.said],
        older_supplements=added.older,
        category_name=named(city.category, case.category, language),
        department_name=named(city.department, case.department, language),
        allowed_actions=allowed,
        question=case.question if CitizenAction.ANSWER in allowed else None,
        promise=_promise(case, now, zone),
        pending=pending_actions(case),
        paused_until=case.paused_until,
        objection_until=case.objection_until if CitizenAction.OBJECTION in allowed else None,
        publication=case.publication,
        withheld_by_staff=case.is_withheld,
        objected=case.is_objected,
        answered_directly=case.is_answered_directly,
        solved=case.solved,
        asked_back_until=_asked_back(case, now),
        is_last_answer=case.state is CaseState.CLOSED
        and case.response is not None
        and CitizenAction.OBJECTION not in allowed
        and not (case.is_objected or CitizenAction.OBJECTION in pending_actions(case)),
        secrecy=secrecy_promised(case.channel, language) if case.confidential else None,
        attachments=list(files),
        views=views.views if views else None,
        last_viewed_at=views.last_at if views else None,
        call_now=list(lines),
    )


def published_view(
    case: PublishedCase,
    language: Language,
    *,
    city: City,
    pictures: Sequence[AttachmentId] = (),
    people: int = 0,
    words: Sequence[str] = (),
) -> PublishedItem:
    """A published case as everybody reads it, with the names of its codes in the reader's language."""
    return PublishedItem(
        tracking_code=case.tracking_code,
        title=case.title,
        text=case.text,
        response=case.response,
        category=case.category,
        department=case.department,
        region=case.region,
        replied_at=case.replied_at,
        objected=case.objected,
        category_name=named(city.category, case.category, language) or case.category,
        department_name=named(city.department, case.department, language) or case.department,
        region_name=named(city.region, case.region, language),
        pictures=[_picture(case.tracking_code, each) for each in pictures],
        me_too=people,
        words=list(words),
    )


def _picture(tracking_code: str, attachment_id: AttachmentId) -> PublishedPicture:
    url = f"/api/v1/published/{tracking_code}/pictures/{attachment_id}"
    return PublishedPicture(url=url, thumbnail_url=f"{url}?small=true")


def _response(case: View) -> PublicResponse | None:
    if case.standing_response is None or case.response_at is None:
        return None
    return PublicResponse(text=case.standing_response, at=case.response_at)


def _promise(case: View, now: datetime, zone: tzinfo) -> ShownPromise | None:
    if (promise := case.promise) is None:
        return None
    is_broken = now > promise.until and case.state is not CaseState.REPLIED
    return ShownPromise(date=day_of(promise.until, zone), plan=promise.plan, is_broken=is_broken)


def _line(entry: TimelineEntry, language: Language, city: City, zone: tzinfo) -> TimelineLine:
    due_date = f"{day_of(entry.due_at, zone):%Y-%m-%d}" if entry.due_at else ""
    return TimelineLine(
        at=entry.at,
        event=entry.event,
        text=sentence(entry, language, city, due_date),
        words="" if entry.event in ADDED else entry.words,
    )


def named(entries: Mapping[str, Any], code: str | None, language: Language) -> str | None:
    """What people call it; its code where the city has no such thing any more."""
    if code is None:
        return None
    entry = entries.get(code)
    return code if entry is None else str(entry.name(language))
