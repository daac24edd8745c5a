"""A case's life told once more: every event whole, in the order of time, and nothing that left nothing behind."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from handlers.core.asks import AskedPause, AskedPromise, AskedQuestion, Asks, Part
from handlers.core.case import Case
from handlers.core.chain import Detail
from handlers.core.retelling import LoggedAction, retold
from schemas.event import Event
from schemas.events.handlers import (
    CaseAssigned,
    CaseProtected,
    CaseReopened,
    CaseReplied,
    CaseResumed,
    CaseReturned,
    CaseSigned,
    CaseSuspended,
    ExtensionDecided,
    ExtensionRequested,
    ProgressNoted,
    PromiseDecided,
    PromiseRequested,
    QuestionAnswered,
    QuestionAsked,
    QuestionLapsed,
    ReplySentBack,
    ReturnRefused,
    SuspensionRequested,
)
from schemas.events.parts import PartAsked
from schemas.ids import CategoryCode, DepartmentCode, ItemCode, TrackingCode
from schemas.words import CaseState, Channel, Kind, Urgency
from tests.unit.handlers.making import HOUSING, MONDAY, TRANSPORT, case

#: Whom the case was with before housing.
_WATER = DepartmentCode("water")
UNTIL = datetime(2026, 12, 4, 16, 0, tzinfo=UTC)


def moment(hours: int) -> datetime:
    """So many hours after Monday morning."""
    return MONDAY + timedelta(hours=hours)


def logged(action: str, hours: int, **detail: Any) -> LoggedAction:
    """A row of the log."""
    return LoggedAction(action, moment(hours), detail)


def head(held: Case, hours: int) -> dict[str, Any]:
    """What every event of a case begins with that has version 4 now."""
    return {"case_id": held.case_id, "version": 4, "at": moment(hours)}


def _assigned(held: Case, hours: int = 0) -> CaseAssigned:
    return CaseAssigned(
        **head(held, hours), tracking_code=TrackingCode("ABCD-EFGH-JKLM-NPQR"), channel=Channel.WEB,
        received_at=moment(-24), kind=Kind.COMPLAINT, urgency=Urgency.NORMAL,
        category=CategoryCode("urban-construction"), lead=HOUSING, supporting=(TRANSPORT,), return_count=2,
    )  # fmt: skip


def told_of(held: Case, *log: LoggedAction) -> list[Event]:
    """What is told beside the assignments."""
    told = retold(held, _assigned(held), log)
    assert _assigned(held) in told
    return [event for event in told if not isinstance(event, CaseAssigned)]


def test_a_case_to_which_nothing_happened_is_assigned_alone() -> None:
    """At the same moment as the log says, which is no other assignment."""
    assert told_of(case(state=CaseState.ASSIGNED), logged("route", 0, lead="housing")) == []


def test_the_first_department_is_told_before_the_one_of_now_and_what_lies_between_them_between() -> None:
    """The citizen's deadline began with it; who helps the second one did not help the first, which returned nothing yet."""
    held = case(assigned_at=moment(5))
    log = [
        logged("route", 0, lead="water"), logged("extend", 1), logged("grant-extension", 2, working_days=3),
        logged("route", 5, lead="housing"), logged("sign", 5), logged("grant-extension", 7, working_days=1),
    ]  # fmt: skip

    assert [(event.name, event.at) for event in retold(held, _assigned(held, 5), log)] == [
        ("case.assigned", moment(0)), ("extension.decided", moment(2)), ("case.assigned", moment(5)),
        ("case.signed", moment(5)), ("extension.decided", moment(7)),
    ]  # fmt: skip
    first, last = retold(held, _assigned(held, 5), log[:1] + log[3:4])
    assert isinstance(first, CaseAssigned)
    assert (first.at, first.lead, first.supporting, first.return_count) == (moment(0), _WATER, (), 0)
    assert (first.tracking_code, first.received_at) == ("ABCD-EFGH-JKLM-NPQR", moment(-24))
    assert last == _assigned(held, 5)


@pytest.mark.parametrize("stood", ["unmerge", "object-to-refusal"])
def test_a_first_assignment_from_before_a_time_that_nothing_says_is_not_told(stood: str) -> None:
    """Its deadline stood still for a while: counted from then it would be wrong."""
    held = case(assigned_at=moment(9))
    log = [logged("route", 0, lead="water"), logged(stood, 4), logged("grant-extension", 5, working_days=3)]

    assert [event.at for event in retold(held, _assigned(held, 9), log)] == [moment(9), moment(5)]


@pytest.mark.parametrize("action", ["sign", "deem-signed"])
def test_a_signature_of_this_assignment_is_told(action: str) -> None:
    """Whose it was is nobody's business."""
    held = case(assigned_at=moment(3))
    [signed] = told_of(held, logged(action, 1), logged(action, 3))
    assert signed == CaseSigned(**head(held, 3), department=HOUSING, signed_by="")


def test_no_signature_is_told_of_a_case_that_waits_for_one() -> None:
    """It was another department's."""
    assert told_of(case(state=CaseState.ASSIGNED), logged("sign", 1)) == []


def test_a_pause_that_ended_is_told_with_its_end() -> None:
    """Why, and the how manieth it was: both limits count."""
    held = case()
    log = [
        logged("suspend", 1, reason="等省里批复"), logged("grant-suspension", 2, until=UNTIL.isoformat()),
        logged("resume", 4),
        logged("suspend", 5, reason="等材料"), logged("grant-suspension", 6, until=UNTIL.isoformat()), logged("resume", 7),
    ]  # fmt: skip
    assert told_of(held, *log) == [
        CaseSuspended(**head(held, 2), reason="等省里批复", until=UNTIL, suspension_count=1),
        CaseResumed(**head(held, 4)),
        CaseSuspended(**head(held, 6), reason="等材料", until=UNTIL, suspension_count=2),
        CaseResumed(**head(held, 7)),
    ]


@pytest.mark.parametrize(("end", "ended"), [("answer", QuestionAnswered), ("lapse", QuestionLapsed)])
def test_a_question_that_was_settled_is_told_with_its_end_and_without_the_answer(
    end: str, ended: type[Any]
) -> None:
    """Of whoever had the case when it was asked."""
    held = case()
    words: dict[str, Any] = {"text": ""} if ended is QuestionAnswered else {}
    log = [
        logged("route", -9, lead="water"),
        logged("ask", 1, text="哪一栋？", until=UNTIL.isoformat()),
        logged(end, 3),
    ]
    assert told_of(held, *log) == [
        QuestionAsked(**head(held, 1), department=_WATER, text="哪一栋？", until=UNTIL),
        ended(**head(held, 3), **words),
    ]


@pytest.mark.parametrize(
    ("fields", "is_told"),
    [
        ({"state": CaseState.SUSPENDED}, True),
        ({"asks": Asks(question=AskedQuestion(text="哪一栋？", until=UNTIL))}, True),
        ({}, False),
    ],
)
def test_a_pause_that_has_no_end_is_told_where_there_is_one_now(
    fields: dict[str, Any], is_told: bool
) -> None:
    """Otherwise whatever took the case away has ended it."""
    held = case(**fields)
    told = told_of(held, logged("grant-suspension", 2, until=UNTIL.isoformat()))
    pause = CaseSuspended(**head(held, 2), reason="", until=UNTIL, suspension_count=1)
    assert told == ([pause] if is_told else [])


@pytest.mark.parametrize("cut", ["route", "protect", "reply", "return", "object"])
def test_what_takes_a_case_away_ends_its_pause_unsaid(cut: str) -> None:
    """The end that comes later is not this one's."""
    log = [logged("grant-suspension", 2, until=UNTIL.isoformat()), logged(cut, 3), logged("resume", 4)]
    names = [event.name for event in told_of(case(state=CaseState.SUSPENDED), *log)]
    assert not {"case.suspended", "case.resumed"} & set(names)


def test_a_second_end_of_one_pause_is_nobodys() -> None:
    """Nothing had begun again."""
    log = [logged("grant-suspension", 2, until=UNTIL.isoformat()), logged("resume", 3), logged("resume", 4)]
    assert [event.at for event in told_of(case(), *log)] == [moment(2), moment(3)]


def test_extensions_are_told_with_when_they_were_asked_for_and_refused_ones_are_not() -> None:
    """The days count from the asking."""
    held = case()
    log = [
        logged("extend", 1), logged("grant-extension", 2, working_days=3), logged("extend", 3),
        logged("refuse-extension", 4),
        logged("extend", 5), logged("grant-extension", 6, working_days=7),
    ]  # fmt: skip
    usual: dict[str, Any] = {"granted": True, "decided_by": ""}
    assert told_of(held, *log) == [
        ExtensionDecided(**head(held, 2), **usual, working_days=3, extension_count=1, requested_at=moment(1)),
        ExtensionDecided(**head(held, 6), **usual, working_days=7, extension_count=2, requested_at=moment(5)),
    ]


@pytest.mark.parametrize("how", ["object", "redo"])
def test_reopenings_are_told_without_their_words(how: str) -> None:
    """By an objection or a call-back: otherwise the deadline of before would count. Whoever may read the words has them."""
    held = case(reopened_count=1)
    told = told_of(held, logged(how, 4, reason="还是不亮"), logged("sign", 5))
    assert told[0] == CaseReopened(**head(held, 4), reason="", lead=HOUSING)


def test_a_reply_that_was_sent_back_is_told_with_it_and_neither_has_words() -> None:
    """Of the department that had written it; what was not sent back is none, and twice is once."""
    held = case()
    log = [
        logged("reply", 1), logged("route", 2, lead="water"), logged("reply", 3), logged("send-back", 4),
        logged("send-back", 5),
    ]  # fmt: skip
    assert told_of(held, *log) == [
        CaseReplied(**head(held, 3), department=_WATER, note="", response=""),
        ReplySentBack(**head(held, 4), department=_WATER, remarks=""),
    ]


def test_a_reply_that_its_department_took_back_is_told_as_that() -> None:
    """Nobody counts it as sent back; the next one is another."""
    held = case()
    log = [
        logged("reply", 1),
        logged("withdraw-reply", 2, reason="漏了附件"),
        logged("reply", 3),
        logged("send-back", 4),
    ]
    assert told_of(held, *log) == [
        CaseReplied(**head(held, 1), department=HOUSING, note="", response=""),
        ReplySentBack(**head(held, 2), department=HOUSING, remarks="", cause="withdrawn"),
        CaseReplied(**head(held, 3), department=HOUSING, note="", response=""),
        ReplySentBack(**head(held, 4), department=HOUSING, remarks=""),
    ]


def test_a_return_that_was_refused_is_told_with_it() -> None:
    """As the second it was, the first having been accepted, and of whoever had the case then."""
    held = case(state=CaseState.ASSIGNED)
    log = [
        logged("return", 1, reason="不是我们的", basis="三定"), logged("route", 2, lead="water"), logged("return", 3),
        logged("refuse-return", 4), logged("refuse-return", 5),
    ]  # fmt: skip
    words: dict[str, Any] = {"reason": "", "basis": ""}
    assert told_of(held, *log) == [
        CaseReturned(**head(held, 3), department=_WATER, **words, return_count=2),
        ReturnRefused(
            **head(held, 4), department=_WATER, state=CaseState.ASSIGNED, remarks="", return_count=2
        ),
    ]


def test_a_case_that_accuses_its_department_since_is_told_so_while_no_other_has_it() -> None:
    """Whom it accuses, too: the dispatcher must not give it to them."""
    fields: dict[str, Any] = {"withheld": True, "accused": (HOUSING,), "state": CaseState.IN_REVIEW}
    held = case(**fields)
    assert told_of(held, logged("protect", 1), logged("protect", 3)) == [
        CaseProtected(**head(held, 3), accused=(HOUSING,))
    ]
    assert told_of(case(**fields)) == []
    assert told_of(case(**fields | {"withheld": False}), logged("protect", 1)) == []
    assert told_of(case(**fields | {"state": CaseState.CLOSED}), logged("protect", 1)) == []


_PROMISED = AskedPromise(date=date(2027, 3, 1), plan="分三期更换", asked_at=moment(1), ends_at=moment(999))


def _kept_promise(held: Case, *, publishable: bool) -> PromiseDecided:
    return PromiseDecided(
        **head(held, 2), granted=True, date=date(2027, 3, 1), decided_by="", department=HOUSING, until=moment(999),
        plan="分三期更换", requested_at=moment(1), promise_count=2, publishable=publishable,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "publishable"), [({}, True), ({"confidential": True}, False), ({"protected": True}, False)]
)
def test_the_promise_that_holds_is_told_with_its_day_and_whether_everybody_may_read_it(
    fields: dict[str, Any], publishable: bool
) -> None:
    """Of a private case nobody else may."""
    held = case(asks=Asks(promised=_PROMISED, promise_count=2), **fields)
    assert told_of(held, logged("grant-promise", 2)) == [_kept_promise(held, publishable=publishable)]


def test_the_last_word_of_how_far_a_promise_is_is_told_and_none_from_before_it() -> None:
    """What was said of an earlier one is over."""
    held = case(asks=Asks(promised=_PROMISED, promise_count=2))
    granted, early, late = (
        logged("grant-promise", 2),
        logged("progress", 1, text="开工"),
        logged("progress", 3, text="完成一半"),
    )

    assert told_of(held, early, granted) == [_kept_promise(held, publishable=True)]
    assert told_of(held, granted, logged("progress", 2, text="开工"), late) == [
        _kept_promise(held, publishable=True),
        ProgressNoted(**head(held, 3), department=HOUSING, text="完成一半"),
    ]


def test_a_promise_that_holds_no_more_is_not_told() -> None:
    """Nor one that nobody granted."""
    assert told_of(case(), logged("grant-promise", 2), logged("progress", 3, text="开工")) == []
    assert told_of(case(asks=Asks(promised=_PROMISED))) == []


def test_parts_and_matters_that_are_not_done_are_told() -> None:
    """A matter with what it is; what a department was asked for stays between the two."""
    part = Part(department=TRANSPORT, text="请核对线路", until=UNTIL, asked_at=moment(1))
    matter = Part(
        department=_WATER,
        text="水管漏水",
        until=None,
        asked_at=moment(2),
        is_matter=True,
        item=ItemCode("leak"),
    )
    held = case(asks=Asks(parts=(part, matter)))
    assert told_of(held) == [
        PartAsked(**head(held, 1), department=TRANSPORT, until=UNTIL, matter=""),
        PartAsked(**head(held, 2), department=_WATER, until=None, matter="水管漏水", item=ItemCode("leak")),
    ]


_WAITS = {"reason": "要等材料", "basis": "合同第三条"}


@pytest.mark.parametrize(
    ("fields", "row", "waiting", "words"),
    [
        (
            {"extension_days": 5, "asks": Asks(extension_at=moment(3))},
            {"action": "extend"},
            ExtensionRequested,
            {"working_days": 5, "reason": "要等材料", "requested_at": moment(3)},
        ),
        (
            {"asks": Asks(pause=AskedPause(until=UNTIL, reason="等省里"))},
            {"action": "suspend"},
            SuspensionRequested,
            {"reason": "等省里", "basis": "合同第三条", "until": UNTIL},
        ),
        (
            {"asks": Asks(promise=_PROMISED)},
            {"action": "promise", "date": "2027-03-01"},
            PromiseRequested,
            {"date": date(2027, 3, 1), **_WAITS, "plan": "分三期更换"},
        ),
        (
            {"state": CaseState.IN_REVIEW, "state_before_review": CaseState.ASSIGNED, "return_count": 2},
            {"action": "return"},
            CaseReturned,
            {**_WAITS, "return_count": 2},
        ),
        (
            {"state": CaseState.REPLIED, "note": "内部", "response": "已修复"},
            {"action": "reply"},
            CaseReplied,
            {"note": "内部", "response": "已修复"},
        ),
    ],
)
def test_what_waits_for_a_dispatcher_is_told_whole(
    fields: dict[str, Any], row: Detail, waiting: type[Any], words: dict[str, Any]
) -> None:
    """As its department asked last; nothing of it where it waits no more, or where the log has no such row."""
    action, detail = str(row["action"]), {**_WAITS, **{name: row[name] for name in row if name != "action"}}
    earlier = {
        **detail,
        "reason": "早先",
        "basis": "早先",
        **({"date": "2027-01-01"} if "date" in detail else {}),
    }
    log = [logged(action, 1, **earlier), logged(action, 3, **detail)]
    held = case(**fields)

    assert told_of(held, *log) == [waiting(**head(held, 3), department=HOUSING, **words)]
    assert told_of(held) == []
    assert told_of(case(), *log) == []


def test_what_happened_is_told_in_the_order_of_time() -> None:
    """Whatever kind it is of."""
    held = case(state=CaseState.REPLIED, response="已修复", asks=Asks(promised=_PROMISED))
    log = [
        logged("sign", 1), logged("grant-promise", 2), logged("ask", 3, text="哪栋？", until=UNTIL.isoformat()),
        logged("answer", 4), logged("grant-extension", 5, working_days=1), logged("reply", 6), logged("send-back", 7),
        logged("reply", 8),
    ]  # fmt: skip
    assert [event.at for event in told_of(held, *log)] == [moment(hours) for hours in range(1, 9)]
