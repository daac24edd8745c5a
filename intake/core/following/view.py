"""What the citizen sees of a case, and what may still be done."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Literal

import msgspec

from intake.core.following.asked_back import (
    ABOUT_PROMISES,
    ANSWERS,
    CALLED_BACK,
    OPENED_AGAIN,
    OpenQuestion,
    Promise,
    asked_back_until,
    is_rated,
)
from schemas.ids import CaseId
from schemas.words import ENDED_STATES, CaseState, Channel, CitizenAction

#: Before a department has it: a withdrawal shows at once.
UNDISPATCHED = frozenset({CaseState.RECEIVED, CaseState.REGISTERED, CaseState.IN_REVIEW})
#: What a citizen may do with a registered case of which no department has said anything yet.
BEFORE_DISPATCH = (CitizenAction.SUPPLEMENT, CitizenAction.WITHDRAWAL)
#: No department has the case now.
NOBODY = ""
#: Outcomes that a citizen may object to.
_OUTCOMES = frozenset({CaseState.CLOSED, CaseState.MERGED})
#: States in which somebody works, or will, on what was promised.
_OUTSTANDING = frozenset(CaseState) - ENDED_STATES
#: Lines that tell an outcome in words, and those behind which a dispatcher or a department has the case anew: of these only
#: the first says what an `undone` behind an outcome takes back, and a `recalled` takes back whatever was said.
#: The line of an answer of the case that this one was handled together with, and is no more: its words are nobody's here.
ELSEWHERE = "answered_elsewhere"
_SAID = frozenset({*ANSWERS, ELSEWHERE, "declined"})
_TOLD = _SAID | {"undone", "recalled", "in_review", "assigned", "reopened"}
#: Why a dispatcher decides, where the case is handled together with another one no more.
UNMERGED = "unmerged"
#: Behind the answer of a merged case: it is one no more.
_UNMERGING = frozenset({"in_review", "undone", "assigned", "reopened"})
#: Lines that say that the citizen added words: those stand once, among what was added.
ADDED = frozenset({"supplemented", "answered_question"})


class TimelineEntry(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of the timeline, as a code with what its sentence needs; nothing in it names a person."""

    at: datetime
    event: str
    department: str | None = None
    working_days: int | None = None
    due_at: datetime | None = None
    cause: str | None = None
    #: The deadline may move when a year's holidays are announced.
    provisional: bool = False
    score: int | None = None
    #: Which of the case's call-backs.
    number: int | None = None
    #: What the department wrote for the citizen, or the citizen with a rating, an objection or a withdrawal, masked. Never
    #: what was added, which has no end: the row is written anew with each line. An earlier build kept it here, too; it is
    #: not shown.
    words: str = ""


class View(msgspec.Struct, frozen=True, kw_only=True):
    """One case as its citizen sees it."""

    case_id: CaseId
    tracking_code: str
    title: str
    text: str
    received_at: datetime
    registered_at: datetime | None = None
    channel: Channel = Channel.WEB
    confidential: bool = False
    state: CaseState = CaseState.REGISTERED
    version: int = 1
    category: str | None = None
    department: str | None = None
    due_at: datetime | None = None
    #: The holidays of a year on the way are not announced yet: `due_at` may move.
    provisional: bool = False
    response: str | None = None
    response_at: datetime | None = None
    rating: int | None = None
    #: Of the answer, if anybody else may ever read it: `public`, or `withheld` until the citizen allows it.
    publication: Literal["public", "withheld"] | None = None
    #: The citizen allows it; staff let nobody else read it all the same.
    may_publish: bool = False
    is_withheld: bool = False
    #: The last moment for an objection.
    objection_until: datetime | None = None
    question: OpenQuestion | None = None
    promised_on: date | None = None
    has_files: bool = False
    #: What the department's events allow, less what was used since; None before any department has the case.
    citizen_may: tuple[CitizenAction, ...] | None = None
    timeline: tuple[TimelineEntry, ...] = ()

    @property
    def is_objected(self) -> bool:
        """Whether its citizen objected to the outcome, and nobody has taken it up again yet."""
        return self.state in _OUTCOMES and CitizenAction.OBJECTION in undecided(self.timeline)

    @property
    def is_answered_directly(self) -> bool:
        """Whether the answer that stands is a dispatcher's own: no department had the case."""
        told = [line.event for line in self.timeline if line.event in (*ANSWERS, "declined", "in_review")]
        return self.state is CaseState.CLOSED and told[-1:] == ["answered_directly"]

    @property
    def standing_response(self) -> str | None:
        """What the citizen was told, unless it was taken back, within minutes or as wrong: then nobody says it any more.

        Nor is it the answer of a case that theirs is handled together with no more.
        """
        told = [line.event for line in self.whole_timeline if line.event in _TOLD]
        last = max((at for at, event in enumerate(told) if event in _SAID), default=len(told))
        said, since = told[last : last + 1], told[last + 1 :]
        is_taken_back = said == [ELSEWHERE] or since[:1] == ["undone"] or "recalled" in since
        return None if is_taken_back else self.response

    @property
    def asked_back_until(self) -> datetime | None:
        """Until when the citizen may say here whether it is settled; None where they are not asked, or said so."""
        return asked_back_until(self.timeline) if self.state is CaseState.CLOSED else None

    @property
    def solved(self) -> str | None:
        """Whether it is settled, as the citizen said last: `yes`, `partly`, `no`, `cannot`; None: nobody said."""
        told = [
            line.cause for line in self.timeline if line.event == CALLED_BACK and line.cause != "unreached"
        ]
        return told[-1] if told else None

    @property
    def promise(self) -> Promise | None:
        """What was promised last, while it is still to be kept; an answer or a refusal ends what was promised before."""
        told = [entry for entry in self.whole_timeline if entry.event in ABOUT_PROMISES]
        if self.state not in _OUTSTANDING or not told or told[-1].due_at is None:
            return None
        return Promise(until=told[-1].due_at, plan=told[-1].words)

    @property
    def paused_until(self) -> datetime | None:
        """When the pause ends by itself at the latest, while there is one; None also where an earlier build did not say."""
        if self.state is not CaseState.SUSPENDED:
            return None
        return next((line.due_at for line in reversed(self.timeline) if line.event == "suspended"), None)

    @property
    def whole_timeline(self) -> list[TimelineEntry]:
        """Every line in the order of time, reception first; what was said again, as reconciling does, stands there once."""
        first = [TimelineEntry(at=self.received_at, event="received")]
        if self.registered_at is not None:
            first.append(TimelineEntry(at=self.registered_at, event="registered"))
        lines = sorted(dict.fromkeys((*first, *self.timeline)), key=lambda entry: entry.at)
        left = _answers_left_behind(lines)
        return [
            TimelineEntry(at=line.at, event=ELSEWHERE) if place in left else line
            for place, line in enumerate(lines)
        ]


def _answers_left_behind(lines: Sequence[TimelineEntry]) -> Collection[int]:
    """Where answers stand of a case that this one was merged into then, and is in no more."""
    left: set[int] = set()
    given: list[int] | None = None
    for place, line in enumerate(lines):
        if line.event == "merged":
            given = []
        elif given is not None and line.event == "answered":
            given.append(place)
        elif given is not None and line.event in _UNMERGING:
            left.update(given)
            # What a department said before it heard of the merge takes nothing out of it.
            is_over = line.event != "in_review" or line.cause == UNMERGED
            given = None if is_over else []
    return left


#: A withdrawal that came too late, or that a dispatcher looks at first.
NOT_WITHDRAWN = ("withdrawal_dropped", "withdrawal_held")
#: The lines that say that something was asked for, and those that say what came of it.
_ASKED: Mapping[str, tuple[CitizenAction, frozenset[str]]] = {
    "withdrawal": (CitizenAction.WITHDRAWAL, frozenset({"withdrawn", *NOT_WITHDRAWN})),
    "objected": (CitizenAction.OBJECTION, frozenset({"objection_dropped", *OPENED_AGAIN})),
}


def undecided(timeline: Iterable[TimelineEntry]) -> Collection[CitizenAction]:
    """What these lines say was asked for, and none of the later ones that it was decided, or needs to be no more.

    In the order in which they were heard: that an outcome was taken back a moment before its citizen objected to it is heard
    afterwards, and no machines' clocks are compared.
    """
    pending: dict[CitizenAction, frozenset[str]] = {}
    for line in timeline:
        pending = {action: ends for action, ends in pending.items() if line.event not in ends}
        pending |= dict([_ASKED[line.event]] if line.event in _ASKED else [])
    return pending.keys()


def pending_actions(view: View) -> list[CitizenAction]:
    """What was accepted from the citizen and is not decided yet: whether it is done, a later line says."""
    pending = undecided(view.timeline)
    # Before a department has the case a withdrawal is done at once; of one that has ended otherwise there is nothing to do.
    has_ended = view.state not in _OUTSTANDING
    return [action for action in pending if not (has_ended and action is CitizenAction.WITHDRAWAL)]


def allowed_actions(view: View, now: datetime) -> list[CitizenAction]:
    """What the citizen may do now."""
    if view.registered_at is None:
        return []
    may = view.citizen_may
    if may is None:
        return list(BEFORE_DISPATCH) if view.state in UNDISPATCHED else []
    is_late = view.objection_until is not None and now > view.objection_until
    gone = {CitizenAction.RATING: is_rated(view.rating, view.timeline), CitizenAction.OBJECTION: is_late}
    return [action for action in may if not gone.get(action, False)]
