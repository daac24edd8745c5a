"""Judges what a citizen says after the message (addition, objection, rating, withdrawal): for accusations and danger."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import msgspec

from routing.core.accusations.misconduct import Accusation, accusation_in
from routing.core.classify import Wording, read_all
from routing.core.danger.over import tells_that_it_is_over
from routing.core.danger.sounding import Danger, danger_in
from routing.core.decisions.clearing import accused_again
from routing.core.decisions.review import RoutingCase
from routing.core.rules import RoutingRules
from schemas.events.call_backs import CallBackDone
from schemas.events.handlers import CaseReopened, RequestDropped
from schemas.events.intake import (
    CaseSupplemented,
    CaseWithdrawn,
    CitizenObjected,
    CitizenRated,
    RefusalObjected,
)
from schemas.events.routing import SupplementJudged
from schemas.ports import Unit
from schemas.simplified import as_read
from schemas.values import Attachment
from schemas.words import Saying, Urgency

#: What brings words that came after the message.
SaidSince = (
    CaseSupplemented
    | CaseReopened
    | CaseWithdrawn
    | CitizenObjected
    | CitizenRated
    | RefusalObjected
    | RequestDropped
    | CallBackDone
)


class AdditionVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """What the rules think of such words: alone, and if the case is a protected one anyway."""

    alone: Accusation
    #: Then each unit that they name is accused.
    protected: Accusation
    #: A rule's word, or that it sounds like it.
    danger: Danger
    #: In Simplified characters.
    text: str


class SupplementWords(NamedTuple):
    """What a citizen said since, what it means, and its words and files as the dispatcher reads them."""

    event: SaidSince
    judged: AdditionVerdict
    words: str
    files: tuple[Attachment, ...] = ()


def addition(rules: RoutingRules, said: str, beside: str = "") -> AdditionVerdict:
    """The judgement; both are in Simplified characters. `beside`: what departments read with the words, such as names."""
    text = f"{said}\n{beside}" if beside else said
    alone, protected = (
        accusation_in(rules.accusations, text, None, is_report=is_report) for is_report in (False, True)
    )
    return AdditionVerdict(alone=alone, protected=protected, danger=_danger(rules, said), text=text)


def _danger(rules: RoutingRules, said: str) -> Danger:
    if not said:
        return Danger(Urgency.NORMAL)
    (read,) = read_all(rules, [Wording("", said)])
    danger = danger_in(rules, read.found, read.sound)
    if not danger.sounds:
        # 电线已经接好了，不冒火花了: a rule's word is no more than suspected where the words also tell that it is over.
        is_over = danger.is_alarm and tells_that_it_is_over(said)
        return Danger(Urgency.URGENT, waits=True) if is_over else danger
    # Said later it is short, and sounds louder than it is: of 120 everyday additions of ours 13 are above the limit of what
    # somebody looks at, 4 above this one. Nobody but a rule calls it an emergency.
    is_loud = read.sound.loudness >= rules.settings.danger_emergency_from
    return Danger(Urgency.URGENT, danger.sounds, waits=True) if is_loud else Danger(Urgency.NORMAL)


def passed_on(
    unit: Unit, told: SupplementWords, said: Saying, *, at: datetime | None = None
) -> SupplementJudged:
    """The words as departments may read them from now on. `at`: when the citizen said them, where the event came later."""
    event, danger = told.event, told.judged.danger
    is_answer = isinstance(event, CaseSupplemented) and event.answers
    return SupplementJudged(
        case_id=event.case_id, version=event.version, at=unit.now, text=told.words, supplemented_at=at or event.at,
        answers=is_answer, attachments=told.files, said=said, danger=danger.urgency if danger.is_alarm else None,
    )  # fmt: skip


def names_of(files: Sequence[Attachment]) -> str:
    """What departments read of files before they open one: 城管队长收钱.jpg accuses as a sentence does."""
    return "\n".join(file.name for file in files if file.name)


def judge_ratings(rules: RoutingRules, events: Sequence[CitizenRated]) -> list[AdditionVerdict]:
    """Whom the words beside each rating accuse; pure, for running beside the event loop."""
    return [addition(rules, as_read(event.comment)) for event in events]


def judge_withdrawals(rules: RoutingRules, events: Sequence[CaseWithdrawn]) -> list[AdditionVerdict]:
    """Whom each withdrawal accuses; pure, for running beside the event loop."""
    return [addition(rules, as_read(event.reason)) for event in events]


def judge_objections(
    rules: RoutingRules, events: Sequence[CitizenObjected | RefusalObjected | CaseReopened | RequestDropped]
) -> list[AdditionVerdict]:
    """Whom each objection accuses; pure, for running beside the event loop."""
    return [addition(rules, as_read(event.reason)) for event in events]


def judge_call_backs(rules: RoutingRules, events: Sequence[CallBackDone]) -> list[AdditionVerdict]:
    """The same of what citizens said when they were called back."""
    return [addition(rules, as_read(event.note)) for event in events]


def accusing(rules: RoutingRules, case: RoutingCase, addition: AdditionVerdict) -> RoutingCase | None:
    """The case with whom it accuses now; None where nothing changed.

    Where these words are the first to accuse, the units that the message itself names are accused too.
    """
    if not (case.protected or addition.alone.alleged):
        return None
    said = addition.protected
    if not case.protected:
        whole = as_read(f"{case.title}\n{case.text}\n{case.supplement}\n{addition.text}")
        said = accusation_in(rules.accusations, whole, case.region, is_report=True)
    if addition.alone.alleged and not said.named:
        # 他们收了红包: of whoever was named before, cleared or not.
        said = Accusation(alleged=True, named=(*case.accused, *(one.department for one in case.cleared)))
    after = accused_again(case, said.named, said.only_named)
    if case.protected and after.accused == case.accused and not addition.alone.alleged:
        return None
    return after
