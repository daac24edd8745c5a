"""What follows a breach: repeated reminders, and the chain of people who are told one after the other (提级).

Pure: the rules' `[alerts.…]`, when a clock was due, what was told so far and the calendar say what to tell by a moment, and
what next. Whoever was away for a while tells each step of the chain, and of the reminders the latest alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

import msgspec

from schemas.city import City
from schemas.errors import Unusable
from schemas.words import AlertLevel, Urgency
from sla.core.allowance import Allowance, is_allowance, parse_allowance
from sla.core.calendar import Calendar
from sla.core.deadline import allowances_in, due_at
from sla.core.kinds import Owner


class Recipient(StrEnum):
    """Who hears of an escalation, the nearest first."""

    #: 承办单位负责人
    DEPARTMENT_HEAD = "department-head"
    #: 督办员
    SUPERVISOR = "supervisor"
    #: 市级督办
    CITY_SUPERVISOR = "city-supervisor"


#: Nobody hears of their own breach as if it were another's: the chain begins above whoever was late.
_ABOVE: Mapping[Owner, frozenset[Recipient]] = {
    Owner.DISPATCHER: frozenset({Recipient.SUPERVISOR, Recipient.CITY_SUPERVISOR}),
    Owner.SUPERVISOR: frozenset({Recipient.CITY_SUPERVISOR}),
}
#: Project choice: more steps than a city has offices to tell are a mistake.
_MOST_STEPS = 9


class ChainStep(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who is told, and how long after the one before; the first when the clock's own `escalate_after` has passed."""

    to: Recipient
    after: str | None = None


class AfterBreach(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is said of a deadline that stays missed, for cases of one urgency."""

    #: Between two reminders; None: none are sent.
    remind_every: str | None = None
    #: Reminders and escalations wait for working hours. Warnings and breaches are facts, told when they happen.
    quiet: bool = False
    #: More reminders than this for one recipient at once are one digest.
    digest_above: int = 5
    chain: tuple[ChainStep, ...] = (ChainStep(to=Recipient.SUPERVISOR),)
    basis: str = ""

    @property
    def problems(self) -> Iterator[Unusable]:
        """What is wrong with this ladder of alerts as it is written, each as one sentence."""
        if not self.basis.strip():
            yield NO_BASIS
        if self.digest_above < 1:
            yield Unusable(zh="`digest_above` 至少为 1", en="`digest_above` must be at least 1")
        if not 1 <= len(self.chain) <= _MOST_STEPS:
            yield Unusable(
                zh=f"`chain` 应有 1 至 {_MOST_STEPS} 级", en=f"the chain needs 1 to {_MOST_STEPS} steps"
            )
        for text in (self.remind_every, *(step.after for step in self.chain)):
            if text is not None and not is_allowance(text):
                yield Unusable(zh=f"{text!r} 不是时限", en=f"{text!r} is no allowance")
        if any(step.after is None for step in self.chain[1:]):
            yield Unusable(
                zh="`chain` 除第一级外都须写 `after`",
                en="every step of the chain but the first needs `after`",
            )
        if [step.to for step in self.chain] != sorted({step.to for step in self.chain}, key=_RANK.index):
            ranks = ", ".join(_RANK)
            yield Unusable(
                zh=f"`chain` 须逐级向上，不得重复：{ranks}",
                en=f"the chain goes up, and tells nobody twice: {ranks}",
            )

    def steps_for(self, owner: Owner) -> Sequence[ChainStep]:
        """Those above whoever was late; there is always somebody."""
        above = _ABOVE.get(owner, frozenset(Recipient))
        return [step for step in self.chain if step.to in above] or [ChainStep(to=Recipient.CITY_SUPERVISOR)]


_RANK = tuple(Recipient)
#: Of a term, too.
NO_BASIS = Unusable(
    zh="`basis` 为空：请写明法规，或写 project choice 并说明理由",
    en="the basis is empty; name the regulation, or say project choice and why",
)


class AlertedPeople(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="kebab"):
    """Who they are, as alerts name them: of each department its head."""

    department_head: Mapping[str, str] = {}
    supervisor: str = ""
    city_supervisor: str = ""

    def name_of(self, recipient: Recipient, department: str | None) -> str:
        """The person; empty where the rules name none."""
        if recipient is Recipient.DEPARTMENT_HEAD:
            return self.department_head.get(department or "", "")
        return self.supervisor if recipient is Recipient.SUPERVISOR else self.city_supervisor


class AlertRules(msgspec.Struct, frozen=True, kw_only=True):
    """What a city says after breaches, by urgency, and to whom."""

    by_urgency: Mapping[Urgency, AfterBreach] = {}
    people: AlertedPeople = AlertedPeople()

    def of(self, urgency: str | None) -> AfterBreach:
        """What counts for such a case; where the rules name no such urgency, what counts for ordinary ones."""
        usual = self.by_urgency.get(Urgency.NORMAL, _UNSAID)
        return self.by_urgency.get(Urgency(urgency), usual) if urgency else usual

    def problems(self, city: City | None) -> Iterator[Unusable]:
        """What is wrong with these alerts as they are written, each as one sentence."""
        for urgency, said in self.by_urgency.items():
            for problem in said.problems:
                yield problem.within(f"alerts.{urgency}")
        if city is None:
            return
        for code in self.people.department_head:
            if code not in city.department:
                yield no_department(code).within("people")


#: Rules files of before they said anything of it: one escalation, no reminders.
_UNSAID = AfterBreach(basis="as before rules could say it")


class Breach(NamedTuple):
    """A clock that was missed and is not answered, and what was told of it under this deadline."""

    owner: Owner
    due_at: datetime
    #: None: its rule never escalates.
    escalate_at: datetime | None
    #: Steps of the chain that were told.
    escalated: int
    #: The number of the last reminder; 0: none yet.
    reminded: int


class AlertToSay(NamedTuple):
    """One thing to say: its number within its level, when, and of an escalation to whom."""

    level: AlertLevel
    number: int
    at: datetime
    to: Recipient | None = None


class FollowUp(NamedTuple):
    """What is to be told by a moment, and what comes next (None: nothing ever)."""

    now: Sequence[AlertToSay]
    next: AlertToSay | None


def follow_up(said: AfterBreach, breach: Breach, until: datetime, calendar: Calendar) -> FollowUp:
    """What is due before `until` and was not told yet, and the next thing after it."""
    due, later = _steps(said, breach, until, calendar)
    if said.remind_every is not None:
        latest = _latest_reminder(said, breach, until, calendar)
        due += [latest] if latest.number > breach.reminded else []
        later.append(_reminder(said, breach, max(latest.number, breach.reminded) + 1, calendar))
    return FollowUp(due, min(later, key=_moment, default=None))


def _steps(
    said: AfterBreach, breach: Breach, until: datetime, calendar: Calendar
) -> tuple[list[AlertToSay], list[AlertToSay]]:
    """The steps of the chain that are due and untold, and the first that is not due; later ones are not looked at."""
    due: list[AlertToSay] = []
    for step in _escalations(said, breach, calendar):
        if step.at >= until and step.number > breach.escalated:
            return due, [step]
        due += [step] if step.number > breach.escalated else []
    return due, []


def _moment(told: AlertToSay) -> datetime:
    return told.at


def _escalations(said: AfterBreach, breach: Breach, calendar: Calendar) -> Iterator[AlertToSay]:
    if (at := breach.escalate_at) is None:
        return
    for number, step in enumerate(said.steps_for(breach.owner), start=1):
        if number > 1 and step.after is not None:
            at = due_at(at, parse_allowance(step.after), calendar).at
        yield AlertToSay(AlertLevel.ESCALATED, number, _when_open(said, at, calendar), step.to)


def _latest_reminder(said: AfterBreach, breach: Breach, until: datetime, calendar: Calendar) -> AlertToSay:
    """The last one that is due before `until`; number 0 where none is."""
    number = allowances_in(breach.due_at, until, _cadence(said), calendar)
    # One month is not as long as another: the allowance that was counted by may be the longest.
    while _reminder(said, breach, number + 1, calendar).at < until:
        number += 1
    told = _reminder(said, breach, number, calendar)
    while number and told.at >= until:
        number -= 1
        told = _reminder(said, breach, number, calendar)
    return told


def _reminder(said: AfterBreach, breach: Breach, number: int, calendar: Calendar) -> AlertToSay:
    if not number:
        return AlertToSay(AlertLevel.REMINDED, 0, breach.due_at)
    cadence = _cadence(said)
    at = due_at(breach.due_at, cadence._replace(amount=number * cadence.amount), calendar).at
    return AlertToSay(AlertLevel.REMINDED, number, _when_open(said, at, calendar))


def _cadence(said: AfterBreach) -> Allowance:
    return parse_allowance(said.remind_every or "")


def _when_open(said: AfterBreach, at: datetime, calendar: Calendar) -> datetime:
    """That moment, or where alerts are quiet outside working hours, the next at which work begins."""
    is_heard = not said.quiet or calendar.is_working_time(at)
    return at if is_heard else calendar.opens_after(at)


def no_department(code: str) -> Unusable:
    """The city has none of that code."""
    return Unusable(
        zh=f"departments.toml 中没有单位 {code!r}", en=f"no department {code!r} in departments.toml"
    )
