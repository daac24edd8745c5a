"""The lifecycle: what the table promises, whatever happens to a case in whatever order."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from handlers.core import citizens, desk, protection, verdicts
from handlers.core.actions import ACTIONS, extend
from handlers.core.case import By, Case, CaseChange, sealed
from handlers.core.chain import START, ChainHead, first_broken
from handlers.core.citizens import citizen_may
from handlers.core.lifecycle import TABLE, advance, allowed_actions, diagram
from handlers.core.rules import ENDED, MAX_RETURNS, MAX_SUSPENSIONS, Action, Actor, Facts
from schemas.city import load_city
from schemas.errors import ActionNotAllowed, StaleVersion
from schemas.event import StateEvent
from schemas.events.handlers import RequestDropped
from schemas.events.intake import CaseWithdrawn, CitizenObjected
from schemas.events.routing import CaseDeclined, CaseMerged, ReviewDecided, ReviewRequested
from schemas.events.sla import DeadlineMissed
from schemas.http import read
from schemas.words import CaseState, Clock, ReviewKind
from tests.unit.handlers.making import MONDAY, SEAL, TRANSPORT, case, fresh_case, routed

S = CaseState
FACTS = Facts(now=MONDAY, return_until=MONDAY + timedelta(days=3))


def test_every_state_can_be_reached_from_the_start() -> None:
    """No state of the vocabulary is left out of the table."""
    reached = {S.RECEIVED}
    for _ in S:
        reached |= {end or S.ASSIGNED for (state, _, _), end in TABLE.items() if state in reached}

    assert set(S) == reached


def test_three_ways_lead_out_of_an_end() -> None:
    """The citizen objects to an answer, or accused officials before they knew of it; a merged case is taken out."""
    assert {(S.CLOSED, Action.OBJECT), (S.CLOSED, Action.PROTECT), (S.MERGED, Action.UNMERGE)} == {
        (state, action) for (state, action, _), end in TABLE.items() if state in ENDED and end is not state
    }


@pytest.mark.parametrize(
    ("state", "may"),
    [
        (S.RECEIVED, []),
        (S.REGISTERED, ["supplement", "withdrawal"]),
        (S.IN_REVIEW, ["supplement", "withdrawal"]),
        (S.ASSIGNED, ["supplement", "withdrawal"]),
        (S.IN_PROGRESS, ["supplement", "withdrawal"]),
        (S.SUSPENDED, ["supplement", "withdrawal"]),
        (S.REOPENED, ["supplement", "withdrawal"]),
        (S.REPLIED, ["supplement"]),
        (S.CLOSED, ["rating", "objection"]),
        (S.DECLINED, []),
        (S.MERGED, []),
        (S.WITHDRAWN, []),
    ],
)
def test_what_the_citizen_may_do_fits_the_state(state: CaseState, may: list[str]) -> None:
    """Answers are rated and objected to once closed; a case is withdrawn until it is answered."""
    assert may == list(citizen_may(state, FACTS))


def test_an_answer_is_final_after_the_last_reopening() -> None:
    """The citizen may still rate it."""
    facts = Facts(now=MONDAY, return_until=MONDAY, reopened_count=citizens.MAX_REOPENINGS)

    assert ["rating"] == list(citizen_may(S.CLOSED, facts))


def test_a_department_never_decides_its_own_return_extension_or_reply() -> None:
    """Whoever asks is not who decides."""
    decisions = {
        Action.ROUTE, Action.REFUSE_RETURN, Action.GRANT_EXTENSION, Action.REFUSE_EXTENSION,
        Action.APPROVE, Action.SEND_BACK, Action.DECLINE, Action.MERGE,
    }  # fmt: skip
    theirs = {action for _, action, actor in TABLE if actor in (Actor.LEAD, Actor.SUPPORTING)}

    assert decisions.isdisjoint(theirs)


def test_a_supporting_department_may_only_note() -> None:
    """The lead answers for the case."""
    assert {Action.NOTE} == {action for _, action, actor in TABLE if actor is Actor.SUPPORTING}


@pytest.mark.parametrize(
    ("state", "allowed"),
    [
        (S.ASSIGNED, ["sign", "return", "co-handle", "note"]),
        (S.IN_PROGRESS, ["reply", "extend", "suspend", "co-handle", "note"]),
        (S.SUSPENDED, ["resume", "co-handle", "note"]),
        (S.IN_REVIEW, ["note"]),
        (S.REPLIED, ["note"]),
        (S.REOPENED, ["sign", "reply", "co-handle", "note"]),
        (S.CLOSED, []),
        (S.WITHDRAWN, []),
    ],
)
def test_the_lead_is_offered_what_fits_the_state(state: CaseState, allowed: list[str]) -> None:
    """The desk and the API's 409 offer exactly this."""
    assert allowed == allowed_actions(state, Actor.LEAD, FACTS)


def test_a_refusal_says_where_the_case_stands_and_what_may_be_done() -> None:
    """The caller learns what is possible instead."""
    with pytest.raises(ActionNotAllowed) as refusal:
        advance(S.SUSPENDED, Action.REPLY, Actor.LEAD, FACTS)

    assert refusal.value.facts == {"state": "suspended", "allowed_actions": ["resume", "co-handle", "note"]}


@pytest.mark.parametrize(
    ("facts", "barred"),
    [
        ({"extension_pending": True}, Action.EXTEND),
        ({"extension_pending": True}, Action.SUSPEND),
        ({"is_waiting": True}, Action.EXTEND),
        ({"is_waiting": True}, Action.SUSPEND),
        ({"extension_count": 3}, Action.EXTEND),
        ({"suspension_count": 2}, Action.SUSPEND),
        ({"is_emergency": True}, Action.SUSPEND),
        ({"due_at": MONDAY}, Action.EXTEND),
        ({"due_at": MONDAY}, Action.SUSPEND),
        ({"is_protected": True}, Action.CO_HANDLE),
    ],
)
def test_the_rules_beyond_the_state(facts: dict[str, object], barred: Action) -> None:
    """Each rule bars its action, and nothing else of what an untroubled case allows."""
    untroubled = allowed_actions(S.IN_PROGRESS, Actor.LEAD, FACTS)
    known: dict[str, object] = {"now": MONDAY, "return_until": MONDAY + timedelta(days=3), **facts}
    troubled = allowed_actions(S.IN_PROGRESS, Actor.LEAD, Facts(**known))  # type: ignore[arg-type]  # parametrized

    assert barred in untroubled
    assert barred not in troubled


def test_a_refused_return_gives_back_the_state_before() -> None:
    """Signed stays signed."""
    action, actor = Action.REFUSE_RETURN, Actor.DISPATCHER

    assert advance(S.IN_REVIEW, action, actor, FACTS, before=S.IN_PROGRESS) == S.IN_PROGRESS
    assert advance(S.IN_REVIEW, action, actor, FACTS, before=S.ASSIGNED) == S.ASSIGNED


def test_the_diagram_draws_every_line_of_the_table() -> None:
    """The docs show what the code does."""
    drawn = diagram()

    assert drawn.startswith("stateDiagram-v2\n")
    for (state, action, _), end in TABLE.items():
        assert f"{state} --> {end or S.ASSIGNED}: {action} (" in drawn


_WORDS = {
    "reason": "原因",
    "basis": "依据",
    "note": "已查",
    "response": "已修复",
    "text": "记录",
    "working_days": 5,
    "until": "2026-12-04",
}
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
            change = sealed(change, SEAL)
            self.rows.append(change)
            self.case = change.after

    def head_of(self, ahead: int = 0) -> dict[str, Any]:
        """What an event about this case begins with, `ahead` of its version."""
        return {"case_id": self.case.case_id, "version": self.case.version + ahead, "at": self.now}

    def offers(self, part: Actor) -> list[Action]:
        """What the desk offers to that part."""
        return allowed_actions(self.case.state, part, self.case.facts(self.now))

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
        fields = {**_WORDS, "version": self.case.version - stale, "departments": [TRANSPORT]}
        by = By(name="wang", role=part, now=self.now)
        self.take(desk.perform(self.case, action, read(ACTIONS[action].body, fields), by, _CITY))

    @precondition(
        lambda self: (
            self.case.state in (S.IN_REVIEW, S.REPLIED, S.SUSPENDED)
            or self.case.extension_days
            or self.case.asks.pause
        )
    )
    @rule(accepted=st.booleans())
    def dispatcher_decides(self, accepted: bool) -> None:
        """On what is waiting: it is always heard."""
        asked = ReviewKind.SUSPENSION if self.case.asks.pause else ReviewKind.EXTENSION
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
            self.take(verdicts.decide_review(self.case, review, self.now))
            assert self.rows[-1].events

    @rule(kind=st.sampled_from(ReviewKind), accepted=st.booleans(), behind=st.integers(1, 3))
    def an_old_verdict_comes_late(self, kind: ReviewKind, accepted: bool, behind: int) -> None:
        """It changes nothing."""
        before = self.case
        review = ReviewDecided(**self.head_of(-behind), kind=kind, accepted=accepted, decided_by="li")
        self.take(verdicts.decide_review(self.case, review, self.now))
        followed = self.head_of() | {"version": self.case.routed_version}
        self.take(verdicts.reroute(self.case, routed(**followed, lead=TRANSPORT), self.now))
        assert (before.state, before.version, before.lead) == (
            self.case.state,
            self.case.version,
            self.case.lead,
        )

    @rule()
    def citizen_accuses(self) -> None:
        """Whenever: nobody of the departments sees the case from then on."""
        asked = ReviewRequested(**self.head_of(), kind=ReviewKind.DISPATCH, protected=True)
        self.take(protection.protect(self.case, asked, self.now))
        assert (self.case.readers, self.case.state in (S.IN_REVIEW, *ENDED)) == ((), True)

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
                self.take(verdicts.withdraw(self.case, CaseWithdrawn(**self.head_of()), self.now))
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
            if not isinstance(event, RequestDropped)
        ]
        assert sorted(set(said)) == said

    @invariant()
    def limits_hold(self) -> None:
        """Three extensions, one reopening, one pending request; late once is late for ever."""
        assert self.case.extension_count <= extend.MAX_EXTENSIONS
        assert self.case.reopened_count <= citizens.MAX_REOPENINGS
        assert self.case.asks.suspension_count <= MAX_SUSPENSIONS
        assert self.case.return_count <= MAX_RETURNS
        waits = [self.case.extension_days, self.case.asks.pause]
        assert sum(bool(one) for one in waits) <= (self.case.state is S.IN_PROGRESS)
        assert (self.case.asks.paused_until is not None) == (self.case.state is S.SUSPENDED)
        assert (self.case.closed_at is not None) == (self.case.state in ENDED)
        assert self.case.overdue == any(change.after.overdue for change in self.rows)
        is_returned = self.case.state is S.IN_REVIEW and not self.case.withheld
        assert (self.case.state_before_review is not None) == is_returned

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
