"""What each verdict leaves behind: the whole case after it, its row in the log, and what departments are told."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, NamedTuple

import msgspec
import pytest

from handlers.core import verdicts
from handlers.core.asks import Asks
from handlers.core.case import Case, CaseChange
from schemas.city import load_city
from schemas.event import Event
from schemas.events.handlers import (
    ExtensionDecided,
    ReplyPublished,
    ReplySentBack,
    RequestDropped,
    ReturnRefused,
)
from schemas.events.intake import CitizenObjected, CitizenRated
from schemas.events.routing import CaseDeclined, CaseMerged, ReviewDecided, WithdrawalJudged
from schemas.events.sla import CaseUrged, DeadlineMissed, DeadlineSet
from schemas.ids import CategoryCode, DepartmentCode, RegionCode
from schemas.objections import objection_until
from schemas.words import CaseState, Clock, Kind, ReviewKind, Urgency
from tests.unit.handlers.making import HOUSING, MONDAY, TRANSPORT, case, fresh_case, routed

CITY = load_city()
LATER = MONDAY + timedelta(hours=5)
DUE = MONDAY + timedelta(days=5)
#: An office's landline may be read, a mobile number may not.
SAID, MASKED = "请拨0731-88886666。手机13812345678", "请拨0731-88886666。手机138****5678"
WATER = DepartmentCode("water")
OTHER = fresh_case()

IN_REVIEW = case(state=CaseState.IN_REVIEW, state_before_review=CaseState.ASSIGNED, extension_days=None)
ASKING = case(extension_days=5, extension_count=1)
REPLIED = case(state=CaseState.REPLIED, response=f"已修复，{SAID}", region=RegionCode("donghu"))
CLOSED = case(state=CaseState.CLOSED, closed_at=MONDAY)


def review(held: Case, kind: ReviewKind, accepted: bool) -> CaseChange | None:
    """Li decides five hours later, of a version that routing has counted further than we."""
    decided = ReviewDecided(
        case_id=held.case_id, version=7, at=LATER, kind=kind, accepted=accepted, decided_by="li", remarks=SAID,
    )  # fmt: skip
    return verdicts.decide_review(held, decided, LATER, city=CITY)


def head(held: Case) -> dict[str, Any]:
    """Whose event it is; version 7."""
    return {"case_id": held.case_id, "version": 7, "at": LATER}


def missed(held: Case, clock: Clock) -> DeadlineMissed:
    """A clock of housing's ran out."""
    return DeadlineMissed(**head(held), clock=clock, due_at=DUE, department=HOUSING, deadline_version=1)


class Verdict(NamedTuple):
    """A case, what is decided about it, and what comes of that."""

    held: Case
    decide: Callable[[], CaseChange | None]
    #: actor, role, action, detail
    row: tuple[str, str, str, dict[str, Any]]
    #: What departments are told, and in which words.
    told: tuple[str, str]
    after: dict[str, Any]


VERDICTS = {
    "refused return": Verdict(
        IN_REVIEW, lambda: review(IN_REVIEW, ReviewKind.RETURN, False),
        ("li", "dispatcher", "refuse-return", {"remarks": MASKED}), ("return.refused", MASKED),
        {"state": CaseState.ASSIGNED, "version": 8, "return_barred": True, "state_before_review": None},
    ),
    "granted extension": Verdict(
        ASKING, lambda: review(ASKING, ReviewKind.EXTENSION, True),
        ("li", "dispatcher", "grant-extension", {"working_days": 5, "remarks": MASKED}),
        ("extension.decided", MASKED),
        {"version": 8, "extension_count": 2, "extension_days": None},
    ),
    "refused extension": Verdict(
        ASKING, lambda: review(ASKING, ReviewKind.EXTENSION, False),
        ("li", "dispatcher", "refuse-extension", {"working_days": 5, "remarks": MASKED}),
        ("extension.decided", MASKED),
        {"version": 8, "extension_days": None},
    ),
    "approved reply": Verdict(
        REPLIED, lambda: review(REPLIED, ReviewKind.REPLY, True),
        ("li", "dispatcher", "approve", {"public": True, "response": f"已修复，{MASKED}"}),
        ("reply.published", f"已修复，{MASKED}"),
        {
            "state": CaseState.CLOSED, "version": 8, "response": f"已修复，{MASKED}", "closed_at": LATER,
            "asks": Asks(objection_until=objection_until(LATER, CITY.zone)),
        },
    ),
    "reply sent back": Verdict(
        REPLIED, lambda: review(REPLIED, ReviewKind.REPLY, False),
        ("li", "dispatcher", "send-back", {"remarks": MASKED}), ("reply.sent-back", MASKED),
        {"state": CaseState.IN_PROGRESS, "version": 8},
    ),
    "declined": Verdict(
        IN_REVIEW,
        lambda: verdicts.decline(
            IN_REVIEW, CaseDeclined(**head(IN_REVIEW), legal_route="请去法院", decided_by="li"), LATER
        ),
        ("li", "dispatcher", "decline", {"legal_route": "请去法院"}), ("case.closed", "请去法院"),
        {"state": CaseState.DECLINED, "version": 8, "closed_at": LATER, "state_before_review": None},
    ),
    "merged": Verdict(
        ASKING,
        lambda: verdicts.merge(ASKING, CaseMerged(**head(ASKING), into=OTHER, decided_by="li"), LATER),
        ("li", "dispatcher", "merge", {"into": OTHER}), ("case.closed", ""),
        {"state": CaseState.MERGED, "version": 8, "closed_at": LATER, "extension_days": None},
    ),
    "withdrawn": Verdict(
        ASKING,
        lambda: verdicts.withdraw(ASKING, WithdrawalJudged(withdrawn_at=LATER, **head(ASKING), reason="修好了"), LATER),
        ("", "citizen", "withdraw", {"reason": "修好了"}), ("case.closed", ""),
        {"state": CaseState.WITHDRAWN, "version": 8, "closed_at": LATER, "extension_days": None},
    ),
    "objection": Verdict(
        CLOSED,
        lambda: verdicts.reopen(CLOSED, CitizenObjected(**head(CLOSED), reason="没修好"), LATER),
        ("", "citizen", "object", {"reason": "没修好"}), ("case.reopened", ""),
        {
            "state": CaseState.REOPENED, "version": 8, "closed_at": None, "return_barred": True,
            "reopened_count": 1,
        },
    ),
    "rating": Verdict(
        CLOSED,
        lambda: verdicts.rate(CLOSED, CitizenRated(**head(CLOSED), score=5, comment="快"), LATER),
        ("", "citizen", "citizen.rated", {"score": 5, "comment": "快"}), ("", ""), {},
    ),
    "urging": Verdict(
        ASKING, lambda: verdicts.urge(ASKING, CaseUrged(**head(ASKING), by="sun", note=SAID), LATER),
        ("sun", "supervisor", "case.urged", {"text": MASKED, "supervised": False}), ("", ""),
        {"urged_count": 1},
    ),
    "missed reply": Verdict(
        ASKING, lambda: verdicts.miss(ASKING, missed(ASKING, Clock.REPLY), LATER),
        ("", "system", "deadline.missed", {"due_at": DUE.isoformat()}), ("", ""), {"overdue": True},
    ),
    "moved deadline": Verdict(
        ASKING,
        lambda: verdicts.move_deadline(
            ASKING,
            DeadlineSet(
                **head(ASKING), due_at=DUE, rule="general@1", department=HOUSING,
                deadline_version=2, cause="extended",
            ),
            LATER,
        ),
        ("general@1", "system", "deadline.set", {"due_at": DUE.isoformat(), "cause": "extended"}), ("", ""),
        {},
    ),
    "too late": Verdict(
        CLOSED, lambda: review(CLOSED, ReviewKind.REPLY, True),
        ("li", "dispatcher", "review.decided", {"ignored": True, "seen_version": 7}), ("", ""), {},
    ),
}  # fmt: skip


@pytest.mark.parametrize("verdict", VERDICTS.values(), ids=VERDICTS)
def test_the_whole_case_the_row_and_the_words(verdict: Verdict) -> None:
    """Nothing else of the case moves; personal numbers stand nowhere; each event has the version after both."""
    check_verdict(verdict)


def check_verdict(verdict: Verdict) -> None:
    """That what is decided leaves behind what was foretold."""
    change = verdict.decide()
    assert change is not None
    entry, after = change.entry, change.after

    # What it may be undone to is tried where it is undone.
    known = msgspec.structs.replace(after, asks=msgspec.structs.replace(after.asks, before=None))
    assert msgspec.structs.replace(verdict.held, log_seq=1, log_hash=after.log_hash, **verdict.after) == known
    assert verdict.row == (entry.actor, entry.role, entry.action, entry.detail)
    assert (verdict.held.state, after.state, after.version) == (
        entry.from_state, entry.to_state, entry.version
    )  # fmt: skip
    assert verdict.told == (change.what, change.text)
    # What was not done is said to whoever asked for it, at the version that the case has, and to no department.
    said = [event for event in change.events if not isinstance(event, RequestDropped)]
    assert {(verdict.held.case_id, 8, LATER)} >= {(e.case_id, e.version, e.at) for e in said}
    assert bool(verdict.told[0]) is bool(said)


def test_what_events_say_is_what_was_decided() -> None:
    """The department that answers, the remarks without personal numbers, the words that are published."""

    def first(held: Case, kind: ReviewKind, accepted: bool) -> Event:
        change = review(held, kind, accepted)
        assert change is not None
        return change.events[0]

    refused = first(IN_REVIEW, ReviewKind.RETURN, False)
    granted = first(ASKING, ReviewKind.EXTENSION, True)
    sent_back = first(REPLIED, ReviewKind.REPLY, False)
    published = first(REPLIED, ReviewKind.REPLY, True)

    assert isinstance(refused, ReturnRefused)
    assert (HOUSING, MASKED, CaseState.ASSIGNED) == (refused.department, refused.remarks, refused.state)
    assert isinstance(granted, ExtensionDecided)
    assert (True, 5, "li", 2) == (
        granted.granted, granted.working_days, granted.decided_by, granted.extension_count
    )  # fmt: skip
    assert isinstance(sent_back, ReplySentBack)
    assert (HOUSING, MASKED) == (sent_back.department, sent_back.remarks)
    assert isinstance(published, ReplyPublished)
    assert (HOUSING, REPLIED.category, "donghu", f"已修复，{MASKED}") == (
        published.department, published.category, published.region, published.response
    )  # fmt: skip


def test_a_new_route_begins_the_case_anew() -> None:
    """With what routing says of it now; who stays in it is told as well as who leaves."""
    held = case(
        state=CaseState.IN_REVIEW, state_before_review=CaseState.ASSIGNED, supporting=(TRANSPORT, WATER),
        return_count=2, due_at=DUE, sign_due_at=DUE,
    )  # fmt: skip
    route = routed(
        case_id=held.case_id, version=7, lead=TRANSPORT, supporting=(DepartmentCode("tax"),), decided_by="li",
        kind=Kind.HELP, urgency=Urgency.URGENT, category=CategoryCode("transport"),
        region=RegionCode("xishan"),
    )  # fmt: skip
    change = verdicts.reroute(held, route, LATER)
    assert change is not None

    assert msgspec.structs.replace(
        held, log_seq=1, log_hash=change.after.log_hash, state=CaseState.ASSIGNED, state_before_review=None,
        version=8, assigned_at=LATER, kind=Kind.HELP, urgency=Urgency.URGENT, category=route.category,
        region=route.region, lead=TRANSPORT, supporting=("tax",), return_count=2, sign_due_at=None,
        routed_version=7,
    ) == change.after  # fmt: skip
    told = {"lead": "transport", "supporting": ["tax"], "urgency_before": "normal"}
    assert ("li", "dispatcher", "route", told) == (
        change.entry.actor, change.entry.role, change.entry.action, change.entry.detail
    )  # fmt: skip
    assert ("return.accepted", True, (TRANSPORT, "tax"), (HOUSING, WATER)) == (
        change.what, change.is_assignment, change.joined, change.left
    )  # fmt: skip


@pytest.mark.parametrize("version", [4, 3])
def test_what_is_no_newer_than_the_case_ends_nothing(version: int) -> None:
    """A decline or a merge from before the route that handlers followed last is only remembered."""
    held = msgspec.structs.replace(IN_REVIEW, routed_version=4)
    known: dict[str, Any] = {"case_id": IN_REVIEW.case_id, "version": version, "at": LATER}
    declined = CaseDeclined(**known, legal_route="请去法院", decided_by="li")
    merged = CaseMerged(**known, into=OTHER, decided_by="li")

    for change in (
        verdicts.decline(held, declined, LATER), verdicts.merge(held, merged, LATER),
    ):  # fmt: skip
        assert change is not None
        assert ((), {"ignored": True, "seen_version": version}) == (change.events, change.entry.detail)


def test_only_the_signing_clock_signs() -> None:
    """A dispatch clock that ran out before says nothing of the department."""
    held = case(state=CaseState.ASSIGNED)

    assert verdicts.miss(held, missed(held, Clock.DISPATCH), LATER) is None
