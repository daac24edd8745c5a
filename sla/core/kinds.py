"""What each clock follows: the events that start, pause, hold and stop it, and whom it holds to something."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources

import msgspec

from schemas.errors import Unusable
from schemas.words import Clock
from sla.core.allowance import is_allowance
from sla.core.hours import Label


class Moment(StrEnum):
    """What happens to a case that clocks follow: an event's type, without its version."""

    #: 登记
    REGISTERED = "case.registered"
    #: 派到单位
    ASSIGNED = "case.assigned"
    #: 签收
    SIGNED = "case.signed"
    #: 退单
    RETURNED = "case.returned"
    #: 退单未准
    RETURN_REFUSED = "return.refused"
    #: 申请延期
    EXTENSION_ASKED = "extension.requested"
    #: 延期审核; only where granted does it extend
    EXTENDED = "extension.decided"
    #: 申请挂起
    SUSPENSION_ASKED = "suspension.requested"
    #: 挂起审核
    SUSPENSION_DECIDED = "suspension.decided"
    #: 挂起
    SUSPENDED = "case.suspended"
    #: 恢复办理
    RESUMED = "case.resumed"
    #: 申请承诺办理
    PROMISE_ASKED = "promise.requested"
    #: 承诺办理审核
    PROMISE_DECIDED = "promise.decided"
    #: 承诺办理获准
    PROMISED = "promise.granted"
    #: 进展告知
    PROGRESS = "progress.noted"
    #: 向市民询问
    QUESTION_ASKED = "question.asked"
    #: 市民已回答
    QUESTION_ANSWERED = "question.answered"
    #: 询问期满
    QUESTION_LAPSED = "question.lapsed"
    #: 请求协办
    PART_ASKED = "part.asked"
    #: 协办完成
    PART_DONE = "part.done"
    #: 撤回协办请求
    PART_WITHDRAWN = "part.withdrawn"
    #: 答复
    REPLIED = "case.replied"
    #: 答复退回
    SENT_BACK = "reply.sent-back"
    #: 重办
    REOPENED = "case.reopened"
    #: 不予受理
    DECLINED = "case.declined"
    #: 并单
    MERGED = "case.merged"
    #: 并单的答复
    MERGED_ANSWERED = "merged.answered"
    #: 对不予受理的异议
    REFUSAL_OBJECTED = "refusal.objected"
    #: 督办
    SUPERVISED = "case.supervised"
    #: 督办要求: a supervisor asks something of the lead department
    ORDERED = "order.given"
    #: 督办回报
    REPORTED_BACK = "order.reported"
    #: 差评
    RATED_BAD = "citizen.rated"
    #: 督办员已回访
    FOLLOWED_UP = "case.followed-up"
    #: 抽中回访
    CALL_BACK_DUE = "call-back.due"
    #: 回访已办
    CALL_BACK_DONE = "call-back.done"


class Owner(StrEnum):
    """Whom a clock holds to something."""

    #: 主办单位: its alerts go to the department's own topic, too
    LEAD = "lead"
    #: 协办单位: one clock for each
    SUPPORTING = "supporting"
    #: 派单员
    DISPATCHER = "dispatcher"
    #: 督办员
    SUPERVISOR = "supervisor"
    #: 市民
    CITIZEN = "citizen"


def owner_of(owner: str | None, department: str | None) -> Owner:
    """Whose time it is: what a department should have and does not at the moment is the centre's.

    `owner`: None in rows of before clocks said it.
    """
    whose = Owner(owner or Owner.LEAD)
    is_departments = whose in (Owner.LEAD, Owner.SUPPORTING)
    return Owner.DISPATCHER if is_departments and department is None else whose


class Dated(StrEnum):
    """The field of the starting event that says when a clock is due, where no term does."""

    #: A moment.
    UNTIL = "until"
    #: The whole of a day.
    DATE = "date"


#: The term of a rule that starts no clock: the least that is left to who gets a case anew, or gets it back.
HANDED_ON = "handed_on"
#: What lets clocks run again that stood still since: both are the city's own events, not a clock's to choose.
RESUMES: Mapping[Moment, Moment] = {
    Moment.RESUMED: Moment.SUSPENDED,
    Moment.QUESTION_ANSWERED: Moment.QUESTION_ASKED,
    Moment.QUESTION_LAPSED: Moment.QUESTION_ASKED,
}
#: When no department has the case: what applies may not depend on one.
AT_THE_CENTRE = frozenset({Moment.REGISTERED, Moment.REFUSAL_OBJECTED})
#: What begins after the end of a case: no end that is heard late stops it.
AFTER_THE_END = frozenset({Moment.RATED_BAD, Moment.CALL_BACK_DUE})
#: What the clock of a case that was merged follows, and none of a city's own: its end stops them all.
_OF_MERGERS = frozenset({Moment.MERGED, Moment.MERGED_ANSWERED})
_STARTS_NOTHING = _OF_MERGERS | {Moment.DECLINED, Moment.SUSPENSION_DECIDED, Moment.PROMISE_DECIDED}
#: The moments that each field may name.
_MAY: Mapping[str, frozenset[Moment]] = {
    "starts": frozenset(Moment) - _STARTS_NOTHING,
    "anew": frozenset({Moment.ASSIGNED, Moment.RETURN_REFUSED}),
    "pauses": frozenset({Moment.SUSPENDED, Moment.QUESTION_ASKED}),
    "holds": frozenset({Moment.REPLIED}),
    "stops": frozenset(Moment) - {Moment.REGISTERED} - _OF_MERGERS,
    "extends": frozenset({Moment.EXTENDED, Moment.PROMISED}),
}
#: What says in which field when a clock is due.
SAYS_WHEN: Mapping[Dated, frozenset[Moment]] = {
    Dated.UNTIL: frozenset(
        {
            Moment.SUSPENSION_ASKED, Moment.SUSPENDED, Moment.PROMISED, Moment.QUESTION_ASKED, Moment.PART_ASKED,
            Moment.SUPERVISED, Moment.ORDERED, Moment.CALL_BACK_DUE,
        }
    ),
    Dated.DATE: frozenset({Moment.PROMISE_ASKED, Moment.PROMISED}),
}  # fmt: skip
#: A clock that ends by itself warns of nothing, and neither stands still nor gets more time.
_NOT_WITH_ENDS = ("near", "escalate_after", "anew", "pauses", "holds", "extends")
_NEVER: frozenset[Moment] = frozenset()


class ClockKind(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One clock, as clocks.toml describes its fields."""

    owner: Owner
    starts: Mapping[Moment, str]
    anew: frozenset[Moment] = _NEVER
    pauses: frozenset[Moment] = _NEVER
    holds: frozenset[Moment] = _NEVER
    stops: frozenset[Moment] = _NEVER
    extends: frozenset[Moment] = _NEVER
    #: The starting event says when it is due; a term only where the event does not.
    due: Dated | None = None
    #: With `due`: how long before and after it to warn and to escalate.
    near: str | None = None
    escalate_after: str | None = None
    #: At its due time it ends, and what it waited for goes on: nobody is late.
    ends: bool = False
    required: bool = False
    #: None for the clocks that every city has: theirs stand in `schemas/labels.py`.
    label: Label | None = None

    @property
    def problems(self) -> Iterator[Unusable]:
        """What is wrong with this clock as it is described, each as one sentence."""
        for name, may in _MAY.items():
            for moment in sorted(frozenset(getattr(self, name)) - may):
                known = ", ".join(sorted(may))
                yield Unusable(
                    zh=f"`{name}` 不能写 {moment}，可写：{known}",
                    en=f"`{name}` cannot name {moment}: {known}",
                )
        if not self.starts:
            yield Unusable(zh="`starts` 为空", en="`starts` is empty")
        if self.owner in (Owner.LEAD, Owner.SUPPORTING) and AT_THE_CENTRE & self.starts.keys():
            yield Unusable(
                zh=f"它开始时还没有主办单位，所以 `owner` 不能是 {self.owner}",
                en=f"nobody leads yet when it starts, so its owner cannot be {self.owner}",
            )
        if self.due is None and (self.near or self.escalate_after or self.ends):
            yield Unusable(
                zh="`near`、`escalate_after` 和 `ends` 须与 `due` 同写；其他时钟写在规则的时限中",
                en="`near`, `escalate_after` and `ends` need `due`; other clocks have them in the rules' terms",
            )
        if self.due is not None and (silent := sorted(self.starts.keys() - SAYS_WHEN[self.due])):
            events = ", ".join(silent)
            yield Unusable(
                zh=f"`due` 写的是 `{self.due}`，而 {events} 不含此项",
                en=f"`due` is `{self.due}`, which {events} does not say",
            )
        if self.ends and (named := [name for name in _NOT_WITH_ENDS if getattr(self, name)]):
            fields = ", ".join(named)
            yield Unusable(
                zh=f"写了 `ends`：无人逾期，所以不能有 {fields}",
                en=f"`ends`: nobody is late, so it cannot have {fields}",
            )
        for lead in (self.near, self.escalate_after):
            if lead is not None and not is_allowance(lead):
                yield Unusable(zh=f"{lead!r} 不是时限", en=f"{lead!r} is no allowance")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Clocks:
    """All clocks of a city, and which of them follow a moment."""

    kinds: Mapping[Clock, ClockKind]

    def started_by(self, moment: Moment) -> Sequence[Clock]:
        """The clocks that begin at this moment of a case."""
        return [clock for clock, kind in self.kinds.items() if moment in kind.starts]

    @property
    def after_the_end(self) -> Sequence[Clock]:
        """The clocks that run of a case that has ended."""
        return [clock for clock, kind in self.kinds.items() if AFTER_THE_END & kind.starts.keys()]

    def begun_anew_by(self, moment: Moment) -> Sequence[Clock]:
        """The clocks that begin once more at this moment."""
        return [clock for clock, kind in self.kinds.items() if moment in kind.anew]

    def paused_by(self, moment: Moment) -> Sequence[Clock]:
        """The clocks that stand still from this moment of a case on."""
        return [clock for clock, kind in self.kinds.items() if moment in kind.pauses]

    def held_by(self, moment: Moment) -> Sequence[Clock]:
        """The clocks that this moment holds while a review is waited for."""
        return [clock for clock, kind in self.kinds.items() if moment in kind.holds]

    def stopped_by(self, moment: Moment) -> Sequence[Clock]:
        """The clocks that stop for good at this moment of a case."""
        return [clock for clock, kind in self.kinds.items() if moment in kind.stops]

    def extended_by(self, moment: Moment) -> Sequence[Clock]:
        """The clocks that this moment allows more time."""
        return [clock for clock, kind in self.kinds.items() if moment in kind.extends]

    def resumed_by(self, moment: Moment) -> Sequence[Clock]:
        """The clocks that run again at this moment of a case."""
        return self.paused_by(RESUMES[moment]) if moment in RESUMES else ()

    def kind_of(self, clock: Clock) -> ClockKind | None:
        """How a clock is described; None where the rules describe it no more."""
        return self.kinds.get(Clock(clock.kind))

    @property
    def handed_on(self) -> Sequence[Clock]:
        """Those of the lead department that go on when another one gets the case."""
        return [
            clock
            for clock, kind in self.kinds.items()
            if kind.owner is Owner.LEAD and Moment.ASSIGNED not in kind.anew and not kind.ends
        ]

    @property
    def terms(self) -> Mapping[str, Moment]:
        """The terms that a rule may state, and when each begins to apply."""
        starts = {term: moment for kind in self.kinds.values() for moment, term in kind.starts.items()}
        return {**starts, HANDED_ON: Moment.ASSIGNED}


@cache
def shipped_kinds() -> Mapping[Clock, ClockKind]:
    """The descriptions of all clocks that clocks.toml ships."""
    text = (resources.files("sla") / "data" / "clocks.toml").read_text(encoding="utf-8")
    return msgspec.toml.decode(text, type=dict[Clock, ClockKind])
