"""One case, to which everybody does anything in any order: what the lifecycle promises holds throughout."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from msgspec.structs import replace

from handlers.core import answers, citizens, desk, protection, verdicts
from handlers.core.actions import ACTIONS, extend
from handlers.core.actions.promise import days_to_promise
from handlers.core.case import By, Case, CaseChange, seal_case
from handlers.core.chain import START, ChainHead, first_broken
from handlers.core.citizens import citizen_may
from handlers.core.lifecycle import TABLE, allowed_actions
from handlers.core.rules import (
    IN_HAND,
    MAX_PROMISES,
    MAX_QUESTIONS,
    MAX_RETURNS,
    MAX_SUSPENSIONS,
    Action,
    Actor,
)
from schemas.city import load_city
from schemas.days import day_of
from schemas.errors import ActionNotAllowed, StaleVersion
from schemas.event import StateEvent
from schemas.events.handlers import ProgressNoted, RequestDropped
from schemas.events.intake import CitizenObjected
from schemas.events.parts import PartAsked, PartDone, PartWithdrawn
from schemas.events.routing import (
    CaseDeclined,
    CaseMerged,
    ReviewDecided,
    ReviewRequested,
    SupplementJudged,
    WithdrawalJudged,
)
from schemas.events.sla import DeadlineMissed, PauseEnded
from schemas.http import read
from schemas.ids import DepartmentCode
from schemas.words import ENDED_STATES, CaseState, Clock, ReviewKind
from tests.unit.handlers.making import HOUSING, MONDAY, SEAL, TRANSPORT, case, fresh_case, routed

S = CaseState

_WORDS = {
    "reason": "原因",
    "basis": "依据",
    "note": "已查",
    "response": "已修复",
    "text": "记录",
    "working_days": 5,
    "plan": "先测量，再施工。",
}
#: Events that leave the case's version as it was.
LeavesTheVersion = RequestDropped | ProgressNoted | PartAsked | PartDone | PartWithdrawn
_CITY = load_city()


class Life(RuleBasedStateMachine):
    """One case, to which everybody does anything at any time."""

    def __init__(self) -> None:
        super().__init__()
        self.now: datetime = MONDAY
        self.case: Case = case(state=S.ASSIGNED, version=3)
        self.rows: list[CaseChange] = []

    def take(self, change: CaseChange | None) -> None:
        """Whatever a decision made of the case."""
        if change is not None:
            change = replace(change, after=seal_case(change.after, change.entry, SEAL))
            self.rows.append(change)
            self.case = change.after

    def head_of(self, ahead: int = 0) -> dict[str, Any]:
        """What an event about this case begins with, `ahead` of its version."""
        return {"case_id": self.case.case_id, "version": self.case.version + ahead, "at": self.now}

    def who(self, part: Actor) -> DepartmentCode:
        """Of which department they are."""
        return self.case.lead if part is Actor.LEAD else (*self.case.supporting, TRANSPORT)[0]

    def offers(self, part: Actor) -> list[Action]:
        """What the desk offers to that part."""
        return allowed_actions(self.case.state, part, self.case.facts(self.now, self.who(part)))

    @rule(hours=st.integers(1, 12))
    def time_passes(self, hours: int) -> None:
        """Deadlines and limits come nearer."""
        self.now += timedelta(hours=hours)

    @precondition(lambda self: bool(set(self.offers(Actor.LEAD)) - {Action.NOTE, Action.CO_HANDLE}))
    @rule(data=st.data())
    def lead_does_what_is_offered(self, data: st.DataObject) -> None:
        """Whatever the desk offers can be done."""
        moves = [
            action for action in self.offers(Actor.LEAD) if action not in (Action.NOTE, Action.CO_HANDLE)
        ]
        self.act(data.draw(st.sampled_from(moves)), Actor.LEAD)

    @rule(
        action=st.sampled_from(sorted(ACTIONS)),
        part=st.sampled_from([Actor.LEAD, Actor.SUPPORTING]),
        stale=st.booleans(),
    )
    def department_tries_anything(self, action: Action, part: Actor, stale: bool) -> None:
        """What is not offered is refused with what is, and an older version before anything else."""
        if stale:
            with pytest.raises(StaleVersion):
                self.act(action, part, stale=True)
        elif action not in self.offers(part):
            with pytest.raises(ActionNotAllowed) as refusal:
                self.act(action, part)
            assert self.offers(part) == refusal.value.facts["allowed_actions"]
        else:
            self.act(action, part)

    def act(self, action: Action, part: Actor, *, stale: bool = False) -> None:
        """The action with a body that fits it."""
        until = (self.now + timedelta(days=3)).isoformat()
        fields = {**_WORDS, "version": self.case.version - stale, "departments": [TRANSPORT], "until": until}
        fields["date"] = self.day_to_promise()
        if action is Action.PROGRESS:
            fields["text"] = f"第{len(self.rows)}步已完成"
        by = By(name="wang", role=part, now=self.now, department=self.who(part))
        if action is Action.ASK_PART:
            waits_for = [waits.department for waits in self.case.asks.parts]
            free = [code for code in self.case.supporting if code not in waits_for]
            fields["departments"] = free or [TRANSPORT]
        if action is Action.WITHDRAW_PART:
            fields["departments"] = [waits.department for waits in self.case.asks.parts] or [TRANSPORT]
        self.take(desk.perform(self.case, action, read(ACTIONS[action].body, fields), by, _CITY))

    def day_to_promise(self) -> str:
        """The first that may be."""
        today = day_of(self.now, _CITY.zone)
        return days_to_promise(self.case.due_at, self.case.asks.promised, today, _CITY.zone)[0].isoformat()

    @precondition(
        lambda self: (
            self.case.state in (S.IN_REVIEW, S.REPLIED, S.SUSPENDED)
            or self.case.extension_days
            or self.case.asks.pause
            or self.case.asks.promise
        )
    )
    @rule(accepted=st.booleans())
    def dispatcher_decides(self, accepted: bool) -> None:
        """On what is waiting: it is always heard."""
        asked = ReviewKind.SUSPENSION if self.case.asks.pause else ReviewKind.EXTENSION
        asked = ReviewKind.PROMISE if self.case.asks.promise else asked
        waiting = {
            S.IN_REVIEW: ReviewKind.RETURN,
            S.REPLIED: ReviewKind.REPLY,
            S.SUSPENDED: ReviewKind.SUSPENSION,
        }
        kind = waiting.get(self.case.state, asked)
        accepted = accepted and self.case.state is not S.SUSPENDED
        if kind is ReviewKind.RETURN and (accepted or self.case.withheld):
            self.take(verdicts.reroute(self.case, routed(**self.head_of(1), decided_by="li"), self.now))
            assert self.case.state is S.ASSIGNED
        else:
            review = ReviewDecided(**self.head_of(), kind=kind, accepted=accepted, decided_by="li")
            self.take(verdicts.decide_review(self.case, review, self.now, city=_CITY))
            assert self.rows[-1].events

    @rule(kind=st.sampled_from(ReviewKind), accepted=st.booleans(), behind=st.integers(1, 3))
    def an_old_verdict_comes_late(self, kind: ReviewKind, accepted: bool, behind: int) -> None:
        """It changes nothing."""
        before = self.case
        review = ReviewDecided(**self.head_of(-behind), kind=kind, accepted=accepted, decided_by="li")
        self.take(verdicts.decide_review(self.case, review, self.now, city=_CITY))
        followed = self.head_of() | {"version": self.case.routed_version}
        self.take(verdicts.reroute(self.case, routed(**followed, lead=TRANSPORT), self.now))
        assert (before.state, before.version, before.lead) == (
            self.case.state,
            self.case.version,
            self.case.lead,
        )

    @precondition(lambda self: self.case.asks.question is not None)
    @rule(answered=st.booleans())
    def a_question_ends(self, answered: bool) -> None:
        """By the answer, or by its end date: the department's work goes on."""
        question = self.case.asks.question
        assert question is not None
        if answered:
            judged = SupplementJudged(**self.head_of(), text="在南门", supplemented_at=self.now, answers=True)
            self.take(answers.answer(self.case, judged, self.now))
        else:
            over = PauseEnded(**self.head_of(), clock=Clock.QUESTION, due_at=question.until)
            self.take(answers.lapse(self.case, over, self.now))
        assert self.case.asks.question is None

    @precondition(lambda self: self.case.asks.paused_until is not None)
    @rule()
    def a_pause_ends(self) -> None:
        """By itself."""
        until = self.case.asks.paused_until
        assert until is not None
        over = PauseEnded(**self.head_of(), clock=Clock.PAUSE, due_at=until)
        self.take(verdicts.end_pause(self.case, over, self.now))
        assert self.case.state is S.IN_PROGRESS

    @rule()
    def dispatcher_moves_it(self) -> None:
        """Whenever: to another department, with a reason, or it is told that this came too late."""
        before, lead = self.case.state, TRANSPORT if self.case.lead == HOUSING else HOUSING
        route = routed(
            **self.head_of(1), lead=lead, decided_by="li", moved_because="改派", supporting=(),
        )  # fmt: skip
        self.take(verdicts.reroute(self.case, route, self.now))
        is_moved = before in (S.IN_REVIEW, *IN_HAND)
        assert (self.case.state is S.ASSIGNED and self.case.lead == lead) == is_moved

    @rule()
    def citizen_accuses(self) -> None:
        """Whenever: nobody of the departments sees the case from then on."""
        asked = ReviewRequested(**self.head_of(), kind=ReviewKind.DISPATCH, protected=True)
        self.take(protection.protect(self.case, asked, self.now))
        assert (self.case.readers, self.case.state in (S.IN_REVIEW, *ENDED_STATES)) == ((), True)

    @precondition(lambda self: self.case.state is S.CLOSED)
    @rule()
    def citizen_objects(self) -> None:
        """Heard once."""
        again = self.case.reopened_count
        self.take(verdicts.reopen(self.case, CitizenObjected(**self.head_of(), reason="没修"), self.now))
        assert (self.case.state is S.REOPENED) == (again == 0)

    @rule(which=st.sampled_from(Clock))
    def a_clock_runs_out(self, which: Clock) -> None:
        """Of signing or of replying, at any time."""
        missed = DeadlineMissed(
            **self.head_of(), clock=which, due_at=self.now, department=None, deadline_version=1
        )
        self.take(verdicts.miss(self.case, missed, self.now))

    @precondition(lambda self: len(self.rows) > 8)
    @rule(which=st.sampled_from(["withdraw", "decline", "merge", "object"]))
    def somebody_ends_it(self, which: str) -> None:
        """At any time after a while, and again after the end."""
        match which:
            case "withdraw":
                self.take(
                    verdicts.withdraw(
                        self.case, WithdrawalJudged(withdrawn_at=self.now, **self.head_of()), self.now
                    )
                )
            case "decline":
                declined = CaseDeclined(**self.head_of(1), legal_route="诉讼", decided_by="li")
                self.take(verdicts.decline(self.case, declined, self.now))
            case "merge":
                merged = CaseMerged(**self.head_of(1), into=fresh_case(), decided_by="li")
                self.take(verdicts.merge(self.case, merged, self.now))
            case _:
                self.take(verdicts.reopen(self.case, CitizenObjected(**self.head_of(), reason="x"), self.now))

    @precondition(lambda self: self.rows)
    @invariant()
    def each_step_is_in_the_table(self) -> None:
        """A state never changes but along a line of the table, and never in silence."""
        entry = self.rows[-1].entry
        start, end = S(entry.from_state), S(entry.to_state)
        if start != end:
            action, actor = Action(entry.action), Actor(entry.role)
            expected = TABLE[start, action, actor]
            assert end == expected or (expected is None and end in (S.ASSIGNED, S.IN_PROGRESS))
            assert self.rows[-1].events or self.rows[-1].is_assignment

    @precondition(lambda self: self.rows)
    @invariant()
    def everyone_is_told_where_it_stands(self) -> None:
        """Whatever tells a state tells the one that the case has, and what its citizen may do there."""
        change = self.rows[-1]
        may = citizen_may(change.after.state, change.after.facts(self.now))
        for event in change.events:
            if isinstance(event, StateEvent):
                assert (change.after.state, may) == (event.state, event.citizen_may)
        # An accepted return is told by the assignment that follows.
        if change.entry.from_state != change.entry.to_state and not change.is_assignment:
            assert any(isinstance(event, StateEvent) for event in change.events)

    @invariant()
    def versions_grow_with_every_event(self) -> None:
        """Whoever reads two topics can tell old from new."""
        said = [
            event.version
            for change in self.rows
            for event in change.events[:1]
            if not isinstance(event, LeavesTheVersion)
        ]
        assert sorted(set(said)) == said, (
            "an event that leaves the version is to be named in LeavesTheVersion"
        )

    @invariant()
    def limits_hold(self) -> None:
        """Three extensions, one reopening, one pending request; late once is late for ever."""
        assert self.case.extension_count <= extend.MAX_EXTENSIONS
        assert self.case.reopened_count <= citizens.MAX_REOPENINGS
        assert self.case.asks.suspension_count <= MAX_SUSPENSIONS
        assert self.case.return_count <= MAX_RETURNS
        assert self.case.asks.question_count <= MAX_QUESTIONS
        assert self.case.asks.promise_count <= MAX_PROMISES
        waits = [
            self.case.extension_days, self.case.asks.pause, self.case.asks.promise, self.case.asks.question
        ]  # fmt: skip
        assert sum(bool(one) for one in waits) <= (self.case.state is S.IN_PROGRESS)
        assert (self.case.asks.paused_until is not None) == (self.case.state is S.SUSPENDED)
        assert (self.case.closed_at is not None) == (self.case.state in ENDED_STATES)
        assert self.case.overdue == any(change.after.overdue for change in self.rows)
        is_returned = self.case.state is S.IN_REVIEW and not self.case.withheld
        assert (self.case.state_before_review is not None) == is_returned

    @invariant()
    def a_promise_is_kept_before_everybodys_eyes(self) -> None:
        """While one stands, no extension and no pause moves the deadline; it stays through every hand that the case goes."""
        if self.case.asks.promised is not None:
            offered = set(self.offers(Actor.LEAD))
            assert self.case.asks.promise_count >= 1
            assert offered.isdisjoint({Action.EXTEND, Action.SUSPEND})

    @invariant()
    def the_log_holds_it_all(self) -> None:
        """The chain is whole and ends where the case stands."""
        head = ChainHead(
            seq=self.case.log_seq,
            hash=self.case.log_hash,
            state=self.case.state.value,
            version=self.case.version,
        )
        rows = [(change.entry, change.after.log_hash) for change in self.rows]
        if rows:
            assert first_broken(rows, head, [SEAL]) is None
        else:
            assert self.case.log_hash == START


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
