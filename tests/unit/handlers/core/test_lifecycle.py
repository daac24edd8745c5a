"""The lifecycle: what the table promises, whatever happens to a case in whatever order."""

from datetime import timedelta

import pytest

from handlers.core import citizens
from handlers.core.citizens import citizen_may
from handlers.core.lifecycle import TABLE, advance, allowed_actions, diagram
from handlers.core.rules import (
    Action,
    Actor,
    Facts,
)
from schemas.errors import ActionNotAllowed
from schemas.words import ENDED_STATES, CaseState
from tests.unit.handlers.making import MONDAY

S = CaseState
FACTS = Facts(now=MONDAY, return_until=MONDAY + timedelta(days=3))


def test_every_state_can_be_reached_from_the_start() -> None:
    """No state of the vocabulary is left out of the table."""
    reached = {S.RECEIVED}
    for _ in S:
        reached |= {end or S.ASSIGNED for (state, _, _), end in TABLE.items() if state in reached}

    assert set(S) == reached


def test_few_ways_lead_out_of_an_end() -> None:
    """The citizen objects, is called back and nothing is settled, or accuses; a decision is undone, a direct answer is
    read again and found wrong.
    """
    ways = {
        (S.CLOSED, Action.OBJECT),
        (S.CLOSED, Action.REDO),
        (S.CLOSED, Action.PROTECT),
        (S.CLOSED, Action.RECALL),
        (S.MERGED, Action.UNMERGE),
        (S.MERGED, Action.OBJECT),
        (S.DECLINED, Action.OBJECT_TO_REFUSAL),
        (S.CLOSED, Action.OBJECT_TO_REFUSAL),
        *((state, Action.UNDO) for state in (S.CLOSED, S.DECLINED, S.MERGED)),
    }
    assert ways == {
        (state, action)
        for (state, action, _), end in TABLE.items()
        if state in ENDED_STATES and end is not state
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
        Action.APPROVE, Action.SEND_BACK, Action.DECLINE, Action.MERGE, Action.GRANT_SUSPENSION,
        Action.REFUSE_SUSPENSION, Action.GRANT_PROMISE, Action.REFUSE_PROMISE,
    }  # fmt: skip
    theirs = {action for _, action, actor in TABLE if actor in (Actor.LEAD, Actor.SUPPORTING)}

    assert decisions.isdisjoint(theirs)


def test_a_supporting_department_notes_and_does_its_part() -> None:
    """The lead answers for the case."""
    assert {Action.NOTE, Action.PART} == {action for _, action, actor in TABLE if actor is Actor.SUPPORTING}


@pytest.mark.parametrize(
    ("state", "allowed"),
    [
        (S.ASSIGNED, ["sign", "return", "co-handle", "note"]),
        (S.IN_PROGRESS, ["reply", "extend", "ask", "promise", "progress", "suspend", "co-handle", "note"]),
        (S.SUSPENDED, ["progress", "resume", "co-handle", "note"]),
        (S.IN_REVIEW, ["note"]),
        (S.REPLIED, ["withdraw-reply", "note"]),
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

    assert refusal.value.facts == {
        "state": "suspended",
        "allowed_actions": ["progress", "resume", "co-handle", "note"],
    }


@pytest.mark.parametrize(
    ("facts", "barred"),
    [
        ({"extension_pending": True}, Action.EXTEND),
        ({"extension_pending": True}, Action.SUSPEND),
        ({"pause_pending": True}, Action.EXTEND),
        ({"promise_pending": True}, Action.EXTEND),
        ({"question_open": True}, Action.EXTEND),
        ({"pause_pending": True}, Action.SUSPEND),
        ({"promise_pending": True}, Action.SUSPEND),
        ({"question_open": True}, Action.SUSPEND),
        ({"extension_count": 3}, Action.EXTEND),
        ({"suspension_count": 2}, Action.SUSPEND),
        ({"is_emergency": True}, Action.SUSPEND),
        ({"is_emergency": True}, Action.PROMISE),
        ({"pause_pending": True}, Action.PROMISE),
        ({"promise_pending": True}, Action.PROMISE),
        ({"question_open": True}, Action.PROMISE),
        ({"extension_pending": True}, Action.PROMISE),
        ({"due_at": MONDAY}, Action.PROMISE),
        ({"promise_count": 2}, Action.PROMISE),
        ({"promised_until": MONDAY}, Action.PROMISE),
        ({"promised_until": MONDAY + timedelta(days=9)}, Action.EXTEND),
        ({"promised_until": MONDAY + timedelta(days=9)}, Action.SUSPEND),
        ({"is_emergency": True}, Action.ASK),
        ({"pause_pending": True}, Action.ASK),
        ({"promise_pending": True}, Action.ASK),
        ({"question_open": True}, Action.ASK),
        ({"question_count": 1}, Action.ASK),
        ({"due_at": MONDAY}, Action.ASK),
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


def test_a_case_is_returned_until_the_last_moment() -> None:
    """That moment included."""
    ends = FACTS.return_until
    late = Facts(now=ends + timedelta(seconds=1), return_until=ends)

    assert Action.RETURN in allowed_actions(S.ASSIGNED, Actor.LEAD, Facts(now=ends, return_until=ends))
    assert Action.RETURN not in allowed_actions(S.ASSIGNED, Actor.LEAD, late)


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
