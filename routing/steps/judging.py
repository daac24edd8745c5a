"""Whom the words accuse that come after the message: an addition, an objection, a rating, a withdrawal."""

from collections.abc import Sequence

import msgspec

from routing.core.clearing import accused_again
from routing.core.misconduct import Accusation, accusation_in
from routing.core.review import RoutingCase
from routing.core.rules import RoutingRules
from schemas.events.call_backs import CallBackDone
from schemas.events.handlers import CaseReopened, RequestDropped
from schemas.events.intake import CaseWithdrawn, CitizenObjected, CitizenRated, RefusalObjected
from schemas.simplified import as_read
from schemas.values import Attachment


class AdditionVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """What the rules think of such words: alone, and if the case is a protected one anyway."""

    alone: Accusation
    #: Then each unit that they name is accused.
    protected: Accusation
    #: In Simplified characters.
    text: str


def addition(rules: RoutingRules, text: str) -> AdditionVerdict:
    """The judgement; `text` is in Simplified characters."""
    alone, protected = (
        accusation_in(rules.accusations, text, None, is_report=is_report) for is_report in (False, True)
    )
    return AdditionVerdict(alone=alone, protected=protected, text=text)


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
