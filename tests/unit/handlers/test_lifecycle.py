"""The lifecycle: what the table promises, whatever happens to a case in whatever order."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from handlers.core import desk, lifecycle, verdicts
from handlers.core.case import By, Case, Change
from handlers.core.chain import START, Head, first_broken
from handlers.core.desk import BODIES, Body
from handlers.core.lifecycle import ENDED, TABLE, Action, Actor, Facts, advance, allowed_actions, diagram
from schemas.city import load_city
from schemas.errors import ActionNotAllowed, StaleVersion
from schemas.events.intake import CaseWithdrawn, CitizenObjected
from schemas.events.routing import CaseDeclined, CaseMerged, ReviewDecided
from schemas.events.sla import DeadlineMissed
from schemas.http import read
from schemas.words import CaseState, Clock, ReviewKind
from tests.unit.handlers.making import HOUSING, MONDAY, TRANSPORT, case, fresh_case, routed

S = CaseState
FACTS = Facts(now=MONDAY, return_until=MONDAY + timedelta(days=3))


def test_every_state_can_be_reached_from_the_start() -> None:
    """No state of the vocabulary is left out of the table."""
    reached = {S.RECEIVED}
    for _ in S:
        reached |= {end or S.ASSIGNED for (state, _, _), end in TABLE.items() if state in reached}

    assert set(S) == reached


def test_nothing_leads_out_of_an_end_but_an_objection() -> None:
    """What ended stays ended, save that the citizen may object to an answer."""
    assert {(S.CLOSED, Action.OBJECT)} == {(state, action) for state, action, _ in TABLE if state in ENDED}


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
        (S.IN_PROGRESS, ["reply", "return", "extend", "suspend", "co-handle", "note"]),
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
        ({"return_barred": True}, Action.RETURN),
        ({"now": MONDAY + timedelta(days=3, seconds=1)}, Action.RETURN),
        ({"extension_pending": True}, Action.EXTEND),
        ({"extension_pending": True}, Action.SUSPEND),
        ({"extension_count": 3}, Action.EXTEND),
        ({"due_at": MONDAY}, Action.EXTEND),
        ({"is_report": True}, Action.CO_HANDLE),
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
}
_CITY = load_city()


class Life(RuleBasedStateMachine):
    """One case, to which everybody does anything at any time."""

    def __init__(self) -> None:
        super().__init__()
        self.now: datetime = MONDAY
        self.case: Case = case(state=S.ASSIGNED, version=3)
        self.rows: list[Change] = []
        self.granted = 0
        self.closings = 0
        self.refused_returns = 0

    def take(self, change: Change | None) -> None:
        """Whatever a decision made of the case."""
        if change is not None:
            self.rows.append(change)
            self.case = change.after

    @rule(hours=st.integers(1, 40))
    def time_passes(self, hours: int) -> None:
        """Deadlines and limits come nearer."""
        self.now += timedelta(hours=hours)

    @rule(
        data=st.data(),
        part=st.sampled_from([Actor.LEAD, Actor.LEAD, Actor.SUPPORTING]),
        tries=st.integers(0, 9),
    )
    def department_acts(self, data: st.DataObject, part: Actor, tries: int) -> None:
        """Allowed exactly when the desk offers it, and never on an older version. Mostly, what is offered is done."""
        offered = allowed_actions(self.case.state, part, self.case.facts(self.now))
        known = [action for action in offered if action in BODIES]
        action = data.draw(st.sampled_from(known if known and tries > 1 else sorted(BODIES)))
        stale = tries == 0
        body = self.body_of(action, self.case.version - stale)
        by = By(name="wang", role=part, now=self.now)
        if stale:
            with pytest.raises(StaleVersion):
                desk.perform(self.case, action, body, by, _CITY)
        elif action not in offered:
            with pytest.raises(ActionNotAllowed) as refusal:
                desk.perform(self.case, action, body, by, _CITY)
            assert offered == refusal.value.facts["allowed_actions"]
        else:
            self.take(desk.perform(self.case, action, body, by, _CITY))

    @staticmethod
    def body_of(action: Action, version: int) -> Body:
        """A body that fits the action."""
        return read(BODIES[action], {**_WORDS, "version": version, "departments": [TRANSPORT]})

    @rule(data=st.data(), accepted=st.booleans(), behind=st.sampled_from([0, 0, 0, 1, 2]))
    def dispatcher_decides(self, data: st.DataObject, accepted: bool, behind: int) -> None:
        """About this version or an older one; mostly about what is waiting."""
        waiting = {S.IN_REVIEW: ReviewKind.RETURN, S.REPLIED: ReviewKind.REPLY}.get(self.case.state)
        kind = waiting or data.draw(st.sampled_from(ReviewKind))
        version = self.case.version - behind
        review = ReviewDecided(
            case_id=self.case.case_id, version=version, at=self.now, kind=kind, accepted=accepted,
            decided_by="li",
        )  # fmt: skip
        self.take(verdicts.decide_review(self.case, review, self.now))

    @rule(ahead=st.integers(-2, 2), lead=st.sampled_from([HOUSING, TRANSPORT]))
    def dispatcher_routes(self, ahead: int, lead: str) -> None:
        """An accepted return, or an old route that comes late."""
        route = routed(
            case_id=self.case.case_id, version=self.case.version + ahead, lead=lead, decided_by="li"
        )
        before = self.case
        self.take(verdicts.reroute(self.case, route, self.now))
        if self.case.return_count > before.return_count:
            assert (before.state, ahead > 0) == (S.IN_REVIEW, True)

    @rule(which=st.sampled_from(["withdraw", "object", "decline", "merge", "sign-clock", "reply-clock"]))
    def somebody_else_acts(self, which: str) -> None:
        """Citizens, dispatchers and clocks."""
        known: dict[str, Any] = {"case_id": self.case.case_id, "version": self.case.version, "at": self.now}
        newer = {**known, "version": self.case.version + 1}
        match which:
            case "withdraw":
                self.take(verdicts.withdraw(self.case, CaseWithdrawn(**known), self.now))
            case "object":
                self.take(verdicts.reopen(self.case, CitizenObjected(**known, reason="没修"), self.now))
            case "decline":
                event = CaseDeclined(**newer, legal_route="诉讼", decided_by="li")
                self.take(verdicts.decline(self.case, event, self.now))
            case "merge":
                merged = CaseMerged(**newer, into=fresh_case(), decided_by="li")
                self.take(verdicts.merge(self.case, merged, self.now))
            case _:
                clock = Clock.SIGN if which == "sign-clock" else Clock.REPLY
                missed = DeadlineMissed(
                    **known, clock=clock, due_at=self.now, department=None, deadline_version=1
                )
                self.take(verdicts.miss(self.case, missed, self.now))

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

    @invariant()
    def versions_grow_with_every_event(self) -> None:
        """Whoever reads two topics can tell old from new."""
        said = [event.version for change in self.rows for event in change.events[:1]]
        assert sorted(set(said)) == said

    @invariant()
    def limits_hold(self) -> None:
        """Three extensions, one reopening, one pending request; late once is late for ever."""
        assert self.case.extension_count <= lifecycle.MAX_EXTENSIONS
        assert self.case.reopened_count <= lifecycle.MAX_REOPENINGS
        assert self.case.extension_days is None or self.case.state is S.IN_PROGRESS
        assert (self.case.closed_at is not None) == (self.case.state in ENDED)
        assert self.case.overdue == any(change.after.overdue for change in self.rows)
        assert (self.case.state_before_review is not None) == (self.case.state is S.IN_REVIEW)

    @invariant()
    def the_log_holds_it_all(self) -> None:
        """The chain is whole and ends where the case stands."""
        head = Head(
            seq=self.case.log_seq,
            hash=self.case.log_hash,
            state=self.case.state.value,
            version=self.case.version,
        )
        rows = [(change.entry, change.after.log_hash) for change in self.rows]
        if rows:
            assert first_broken(rows, head) is None
        else:
            assert self.case.log_hash == START


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
