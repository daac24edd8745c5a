"""What departments are told of their cases, and who may still be told when the letter leaves.

That there is something to do and where, never what: a department's mailbox has more readers than its desk.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from handlers.core.case import Case, CaseChange
from handlers.core.danger_said import DANGER_SAID, LEVEL
from schemas.event import Event
from schemas.events import handlers as said
from schemas.events.routing import CaseRouted
from schemas.events.undone import MoveUndone
from schemas.ids import CaseId, DepartmentCode
from schemas.notices import Audience, Notice, Occasion, words_mark
from schemas.words import CaseState, Urgency

#: What there is to do, by occasion, in Chinese and English.
SENTENCES: Mapping[Occasion, tuple[str, str]] = {
    Occasion.NEW_CASE: ("有新件待签收。", "There is a new case to sign for."),
    Occasion.SENT_BACK: ("有一件申请或答复被退回。", "A request or a reply was sent back."),
    Occasion.REOPENED: ("有一件重新办理。", "A case was reopened."),
    Occasion.ENTRY_ENDS: (
        "有一条知识点将于 {until} 到期，请核对后续写，到期后市民看不到。",
        "A knowledge entry ends {until}: check it and write it anew, or nobody reads it any more.",
    ),
    Occasion.ENTRY_HELD: (
        "有一条知识点已暂停公开：制作它所依据的件有文字被隐去，或不予公开，请核对。",
        "A knowledge entry is held back: of the case that it was made from more is hidden since. Please check it.",
    ),
    Occasion.CITIZEN_WROTE: ("有一件的市民回答了询问。", "A citizen has answered a question."),
}
#: They concern what is still to be done: of a case that has ended, or waits for somebody else, they are no news.
_PRESSING = frozenset(
    {Occasion.NEW_CASE, Occasion.NEAR, Occasion.MISSED, Occasion.URGED, Occasion.SUPERVISED, Occasion.CITIZEN_WROTE}
)  # fmt: skip


class Standing(NamedTuple):
    """What is known of a case when staff are about to be told of it."""

    tracking_code: str
    case: Case

    @property
    def is_private(self) -> bool:
        """Whether no letter may name the case, because only those who have it may know that it exists."""
        return self.case.protected or self.case.confidential or self.case.withheld

    @property
    def is_emergency(self) -> bool:
        """Whether it is an emergency, of which staff are told at night, too."""
        return self.case.urgency is Urgency.EMERGENCY


def assignment(routed: CaseRouted, at: datetime) -> Iterator[Notice]:
    """What the departments of a case hear that has just been opened."""
    for department in (routed.lead, *routed.supporting):
        yield _notice(Occasion.NEW_CASE, routed.case_id, department, str(routed.version + 1), at)


def news(change: CaseChange, at: datetime) -> Iterator[Notice]:
    """What departments hear of a change beside what they did themselves."""
    case = change.after
    # Whoever has back what they had is told on their own topic: there is nothing new to sign for.
    for department in () if change.what == MoveUndone.name else change.joined:
        yield _notice(Occasion.NEW_CASE, case.case_id, department, str(case.version), at)
    if change.what == DANGER_SAID:
        mark = words_mark(str(change.entry.detail[LEVEL]), case.version, change.text)
        for department in case.readers:
            yield _notice(Occasion.DANGER_SAID, case.case_id, department, mark, at)
    for occasion in filter(None, map(_occasion, change.events)):
        yield _notice(occasion, case.case_id, case.lead, str(case.version), at)


def _occasion(event: Event) -> Occasion | None:
    match event:
        case said.ReplySentBack(cause="withdrawn"):
            return None
        case said.ReplySentBack() | said.ReturnRefused():
            return Occasion.SENT_BACK
        case (
            said.ExtensionDecided(granted=False)
            | said.SuspensionDecided(granted=False)
            | said.PromiseDecided(granted=False)
        ):
            return Occasion.SENT_BACK
        case said.CaseReopened():
            return Occasion.REOPENED
        case said.QuestionAnswered():
            return Occasion.CITIZEN_WROTE
    return None


def _notice(
    occasion: Occasion, case_id: CaseId, department: DepartmentCode, mark: str, at: datetime
) -> Notice:
    return Notice(
        occasion=occasion,
        audience=Audience.DEPARTMENT,
        at=at,
        mark=mark,
        case_id=case_id,
        department=department,
    )


def why_not_told(standing: Standing, occasion: Occasion, department: DepartmentCode | None) -> str:
    """Why the department, or supervisors (None), are not told any more, in a word; empty where they are."""
    case = standing.case
    if department is not None and not has(case, department):
        return "moved"
    is_over = case.closed_at is not None or case.state is CaseState.MERGED
    waits = occasion in (Occasion.NEAR, Occasion.SENT_BACK) and case.state is CaseState.REPLIED
    return "outdated" if (is_over and occasion in _PRESSING) or waits else ""


def has(case: Case, department: DepartmentCode) -> bool:
    """Whether it sees the case: it is one of its departments, it is not accused, and nothing is withheld from it."""
    is_its = department == case.lead or department in case.supporting
    return is_its and department not in case.accused and not case.withheld
