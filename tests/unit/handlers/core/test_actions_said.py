"""What each action of a department leaves behind: the whole case after it, its row in the log, events and words."""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import msgspec
import pytest

from handlers.core import desk
from handlers.core.actions import ACTIONS
from handlers.core.asks import AskedOrder, AskedQuestion, Asks, Part
from handlers.core.case import Case, CaseChange
from handlers.core.rules import Action
from schemas.city import load_city
from schemas.errors import BadInput, FieldError
from schemas.event import Event
from schemas.events.handlers import (
    CaseReplied,
    CaseResumed,
    CaseReturned,
    ExtensionRequested,
    QuestionAsked,
    ReplySentBack,
)
from schemas.events.parts import PartWithdrawn
from schemas.events.supervision import OrderReported
from schemas.http import read
from schemas.ids import DepartmentCode
from schemas.words import CaseState, CitizenAction
from tests.unit.handlers.making import HOUSING, MONDAY, TRANSPORT, by_lead, case

CITY = load_city()
LATER = MONDAY + timedelta(hours=5)
SAID, MASKED = "请拨0731-88886666。手机13812345678。", "请拨0731-88886666。手机138****5678。"
HOME = "已到望江路8号3栋2单元501室，请拨0731-88886666。"
ENVIRONMENT = DepartmentCode("environment")
HELD = case(supporting=(TRANSPORT,), return_count=1)
ASKING = case(extension_days=3)
NEW = case(state=CaseState.ASSIGNED)
REPLIED = case(state=CaseState.REPLIED)
#: The midnight with which Wednesday ends in China.
_UNTIL = datetime(2026, 11, 25, 16, tzinfo=UTC)
PAUSED = case(state=CaseState.SUSPENDED, asks=Asks(paused_until=LATER, suspension_count=1))
ORDER = AskedOrder(number=3, text="请说明", by="sun")
ORDERED = case(asks=Asks(order=ORDER))
PART = Part(department=TRANSPORT, text="请核对", until=None, asked_at=MONDAY)
HELPED = case(supporting=(TRANSPORT,), asks=Asks(parts=(PART,)))
#: What the citizen may do while the answer is worked on.
MAY = (CitizenAction.SUPPLEMENT, CitizenAction.WITHDRAWAL)
HEAD: dict[str, Any] = {"version": 5, "at": LATER}


class Deed(NamedTuple):
    """A case, the fields of what its lead asks for, and what comes of it."""

    held: Case
    fields: dict[str, Any]
    #: The row's detail.
    detail: dict[str, Any]
    #: What departments are told, in which words, and who joins.
    told: tuple[str, str, tuple[str, ...]]
    after: dict[str, Any]
    events: tuple[Event, ...] = ()


DEEDS = {
    Action.REPLY: Deed(
        ASKING, {"note": SAID, "response": HOME},
        {"note": MASKED, "response": "已到望江路***，请拨0731-88886666。"}, ("case.replied", "", ()),
        {
            "state": CaseState.REPLIED, "version": 5, "extension_days": None, "note": MASKED,
            "response": "已到望江路***，请拨0731-88886666。", "asks": Asks(replied_at=LATER),
        },
        (
            CaseReplied(
                case_id=ASKING.case_id, **HEAD, department=HOUSING, note=MASKED,
                response="已到望江路***，请拨0731-88886666。", state=CaseState.REPLIED,
                citizen_may=(CitizenAction.SUPPLEMENT,),
            ),
        ),
    ),
    Action.WITHDRAW_REPLY: Deed(
        REPLIED, {"reason": SAID}, {"reason": MASKED}, ("reply.sent-back", MASKED, ()),
        {"state": CaseState.IN_PROGRESS, "version": 5},
        (
            ReplySentBack(
                case_id=REPLIED.case_id, **HEAD, department=HOUSING, remarks=MASKED, cause="withdrawn",
                state=CaseState.IN_PROGRESS, citizen_may=MAY,
            ),
        ),
    ),
    Action.RETURN: Deed(
        NEW, {"reason": SAID, "basis": "三定方案"}, {"reason": MASKED, "basis": "三定方案"},
        ("case.returned", MASKED, ()),
        {
            "state": CaseState.IN_REVIEW, "version": 5, "state_before_review": CaseState.ASSIGNED,
            "return_count": 1, "asks": Asks(returned_by=(HOUSING,)),
        },
        (
            CaseReturned(
                case_id=NEW.case_id, **HEAD, department=HOUSING, reason=MASKED, basis="三定方案",
                return_count=1, state=CaseState.IN_REVIEW, citizen_may=MAY,
            ),
        ),
    ),
    Action.EXTEND: Deed(
        HELD, {"working_days": 5, "reason": SAID}, {"working_days": 5, "reason": MASKED},
        ("extension.requested", MASKED, ()),
        {"version": 5, "extension_days": 5, "asks": Asks(extension_at=LATER)},
    ),
    Action.CO_HANDLE: Deed(
        HELD, {"departments": [TRANSPORT, ENVIRONMENT], "reason": SAID},
        {"departments": [ENVIRONMENT], "reason": MASKED}, ("case.co-handled", MASKED, (ENVIRONMENT,)),
        {"supporting": (TRANSPORT, ENVIRONMENT)},
    ),
    Action.NOTE: Deed(HELD, {"text": SAID}, {"text": MASKED}, ("case.noted", MASKED, ()), {}),
    Action.ASK: Deed(
        HELD, {"text": "是哪一栋？", "until": "2026-11-25"}, {"text": "是哪一栋？", "until": _UNTIL.isoformat()},
        ("question.asked", "是哪一栋？", ()),
        {"version": 5, "asks": Asks(question=AskedQuestion(text="是哪一栋？", until=_UNTIL), question_count=1)},
        (
            QuestionAsked(
                case_id=HELD.case_id, **HEAD, department=HOUSING, text="是哪一栋？", until=_UNTIL,
                state=CaseState.IN_PROGRESS, citizen_may=(*MAY, CitizenAction.ANSWER),
            ),
        ),
    ),
    Action.RESUME: Deed(
        PAUSED, {}, {}, ("case.resumed", "", ()),
        {"state": CaseState.IN_PROGRESS, "version": 5, "asks": Asks(suspension_count=1)},
        (
            CaseResumed(
                case_id=PAUSED.case_id, **HEAD, cause="lead", state=CaseState.IN_PROGRESS, citizen_may=MAY
            ),
        ),
    ),
    Action.REPORT_BACK: Deed(
        ORDERED, {"text": SAID}, {"order": 3, "text": MASKED}, ("order.reported", MASKED, ()),
        {"asks": Asks(order=msgspec.structs.replace(ORDER, reported_at=LATER))},
        (
            OrderReported(
                case_id=ORDERED.case_id, version=4, at=LATER, department=HOUSING, order=3, text=MASKED
            ),
        ),
    ),
    Action.WITHDRAW_PART: Deed(
        HELPED, {"departments": [TRANSPORT], "reason": SAID}, {"departments": ["transport"], "reason": MASKED},
        ("part.withdrawn", MASKED, ()), {"asks": Asks()},
        (PartWithdrawn(case_id=HELPED.case_id, version=4, at=LATER, department=TRANSPORT),),
    ),
}  # fmt: skip


def do(held: Case, action: Action, fields: dict[str, Any]) -> CaseChange:
    """The lead does it five hours later."""
    body = read(ACTIONS[action].body, {"version": held.version, **fields})
    return desk.perform(held, action, body, by_lead(LATER), CITY)


@pytest.mark.parametrize("action", DEEDS)
def test_the_whole_case_the_row_and_the_words(action: Action) -> None:
    """All that the action changes and nothing else; what is said is masked as an office's words are."""
    deed = DEEDS[action]
    change = do(deed.held, action, deed.fields)
    row = change.entry

    assert msgspec.structs.replace(deed.held, log_seq=1, **deed.after) == change.after
    assert ("wang", "lead", action.value, deed.detail, LATER) == (
        row.actor, row.role, row.action, row.detail, row.at
    )  # fmt: skip
    assert deed.told == (change.what, change.text, change.joined)
    assert not deed.events or deed.events == change.events


def test_more_time_is_asked_for_in_the_departments_name() -> None:
    """How many days, and why."""
    asked = do(HELD, Action.EXTEND, DEEDS[Action.EXTEND].fields).events[0]

    assert isinstance(asked, ExtensionRequested)
    assert (HELD.case_id, HOUSING, 5, MASKED, LATER) == (
        asked.case_id, asked.department, asked.working_days, asked.reason, asked.at
    )  # fmt: skip


@pytest.mark.parametrize(
    ("action", "fields", "empty"),
    [
        (Action.REPLY, {"note": " ", "response": "r"}, "note"),
        (Action.REPLY, {"note": "n", "response": " "}, "response"),
        (Action.RETURN, {"reason": " ", "basis": "b"}, "reason"),
        (Action.RETURN, {"reason": "r", "basis": " "}, "basis"),
        (Action.EXTEND, {"working_days": 5, "reason": " "}, "reason"),
        (Action.CO_HANDLE, {"departments": [ENVIRONMENT], "reason": " "}, "reason"),
        (Action.NOTE, {"text": " "}, "text"),
        (Action.ASK, {"text": " ", "until": "2026-11-25"}, "text"),
        (Action.REPORT_BACK, {"text": " "}, "text"),
        (Action.WITHDRAW_PART, {"departments": [TRANSPORT], "reason": " "}, "reason"),
        (Action.WITHDRAW_REPLY, {"reason": " "}, "reason"),
    ],
)
def test_an_empty_text_is_refused_by_its_name(action: Action, fields: dict[str, Any], empty: str) -> None:
    """So that the form shows it beside the right field."""
    with pytest.raises(BadInput) as refused:
        do(DEEDS[action].held if action in DEEDS else HELD, action, fields)

    assert [FieldError(empty, "此项必填。", "This field is required.")] == list(refused.value.errors)


@pytest.mark.parametrize(
    ("held", "asked", "zh", "en"),
    [
        (case(), "moon", "没有这个单位。", "There is no such department."),
        (
            case(accused=(TRANSPORT,)), TRANSPORT, "该单位不能协办本件。",
            "This department cannot support this case.",
        ),
    ],
)  # fmt: skip
def test_who_cannot_support_is_said_in_both_languages(held: Case, asked: str, zh: str, en: str) -> None:
    """And of which field."""
    with pytest.raises(BadInput) as refused:
        do(held, Action.CO_HANDLE, {"departments": [asked], "reason": "x"})

    assert [FieldError("departments", zh, en)] == list(refused.value.errors)


@pytest.mark.parametrize(
    ("part", "asked", "zh", "en"),
    [
        (PART, ENVIRONMENT, "该单位没有未办完的协办事项。", "Nothing is asked of this department."),
        (
            msgspec.structs.replace(PART, is_matter=True), TRANSPORT, "这一项是派单员分出的，不能撤回。",
            "A dispatcher split this matter off: it is not yours to withdraw.",
        ),
    ],
)  # fmt: skip
def test_which_part_cannot_be_withdrawn_is_said_in_both_languages(
    part: Part, asked: str, zh: str, en: str
) -> None:
    """Another one that is asked for makes it no better."""
    other = msgspec.structs.replace(PART, department=DepartmentCode("water"))
    held = msgspec.structs.replace(HELPED, asks=Asks(parts=(part, other)))
    with pytest.raises(BadInput) as refused:
        do(held, Action.WITHDRAW_PART, {"departments": [asked], "reason": "x"})

    assert [FieldError("departments", zh, en)] == list(refused.value.errors)
