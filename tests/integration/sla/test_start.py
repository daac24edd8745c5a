"""Clocks start: once, from the right moment, whatever order the topics arrive in."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from schemas.event import Event
from schemas.events.handlers import CaseReturned, CaseSigned
from schemas.events.routing import CaseDeclined, WithdrawalConfirmed
from schemas.events.sla import DeadlineSet
from schemas.ports import Handler
from schemas.words import CaseState, Clock, Kind, Urgency
from sla.subscribers import subscriptions
from tests.integration.sla.events import WATER, Sla, assigned, china, closed, registered
from tests.unit.handlers.making import HOUSING, MONDAY, fresh_case


def _deadline(said: list[Event]) -> DeadlineSet:
    (event,) = said
    assert isinstance(event, DeadlineSet)
    return event


async def test_registration_starts_the_dispatch_clock(sla: Sla) -> None:
    """An undispatched case can be late: its clock runs from registration, and nothing is said yet."""
    case = fresh_case()

    assert [] == await sla.hear(registered(case))
    clock = await sla.clock(case, Clock.DISPATCH)
    assert ("running", None, MONDAY + timedelta(hours=2)) == (
        clock["state"],
        clock["department"],
        clock["due_at"],
    )


async def test_assignment_sets_one_deadline(sla: Sla) -> None:
    """The department learns by when to sign and by when to reply, in one event; dispatch is done."""
    case = fresh_case()
    event = _deadline(await sla.hear(registered(case), assigned(case)))

    assert china("2026-11-30 17:30") == event.due_at
    assert china("2026-11-24 17:30") == event.sign_due_at
    assert (HOUSING, 1, 3, "assigned") == (
        event.department,
        event.deadline_version,
        event.version,
        event.cause,
    )
    assert f"general@{sla.rules.version}" == event.rule
    assert "stopped" == (await sla.clock(case, Clock.DISPATCH))["state"]


async def test_the_rule_follows_kind_and_urgency(sla: Sla) -> None:
    """An enquiry gets three working days, an emergency two hours by day and night."""
    enquiry = await sla.hear(assigned(fresh_case(), kind=Kind.CONSULTATION))
    emergency = await sla.hear(assigned(fresh_case(), MONDAY, urgency=Urgency.EMERGENCY))

    assert china("2026-11-26 17:30") == _deadline(enquiry).due_at
    assert MONDAY + timedelta(hours=2) == _deadline(emergency).due_at


async def test_a_late_registration_starts_nothing(sla: Sla) -> None:
    """Registration heard after the assignment leaves a stopped dispatch clock, and both moments are kept."""
    case = fresh_case()
    await sla.hear(assigned(case), registered(case))
    clock = await sla.clock(case, Clock.DISPATCH)

    assert ("stopped", None) == (clock["state"], clock["next_alert_at"])
    assert MONDAY + timedelta(minutes=5) == clock["stopped_at"]


async def test_a_late_registration_of_an_ended_case_starts_nothing(sla: Sla) -> None:
    """Declined before its registration was heard: nobody need dispatch it."""
    case = fresh_case()
    declined = CaseDeclined(case_id=case, version=2, at=MONDAY, legal_route="法院", decided_by="d")
    await sla.hear(declined, registered(case))

    assert "stopped" == (await sla.clock(case, Clock.DISPATCH))["state"]


async def test_an_assignment_heard_after_the_end_starts_nothing(sla: Sla) -> None:
    """Merged while the assignment was still on its way: no clock runs for an ended case."""
    case = fresh_case()
    declined = CaseDeclined(case_id=case, version=9, at=MONDAY, legal_route="法院", decided_by="d")

    assert [] == await sla.hear(registered(case), declined, assigned(case))
    assert ("stopped", None, None) == await sla.facts(case, "state", "department", "next_alert_at")
    assert await sla.clock(case, Clock.SIGN) is None


async def test_a_second_registration_changes_nothing(sla: Sla) -> None:
    """Heard twice, the dispatch clock stays where it was."""
    case = fresh_case()
    await sla.hear(registered(case), registered(case, MONDAY + timedelta(hours=1)))

    assert MONDAY + timedelta(hours=2) == (await sla.clock(case, Clock.DISPATCH))["due_at"]


async def test_a_return_never_resets_the_citizens_clock(sla: Sla) -> None:
    """With another department the deadline stays; signing starts anew, warnings start anew."""
    case = fresh_case()
    first = _deadline(await sla.hear(registered(case), assigned(case)))
    returned = CaseReturned(
        case_id=case, version=4, at=MONDAY + timedelta(hours=1), department=HOUSING, reason="r", basis="b",
        return_count=1,
    )  # fmt: skip
    again = assigned(case, china("2026-11-25 10:00"), lead=WATER, version=6, return_count=1)
    second = _deadline(await sla.hear(returned, again))

    assert first.due_at == second.due_at
    assert china("2026-11-26 17:30") == second.sign_due_at
    assert (WATER, 2, 6) == (second.department, second.deadline_version, second.version)
    assert MONDAY + timedelta(minutes=5) == (await sla.clock(case))["started_at"]
    assert (WATER, "running") == await sla.facts(case, "department", "state", clock=Clock.SIGN)


async def test_signing_stops_its_clock_alone(sla: Sla) -> None:
    """The clocks are independent: the reply's runs on."""
    case = fresh_case()
    signed = CaseSigned(
        case_id=case, version=4, at=MONDAY + timedelta(hours=1), department=HOUSING, signed_by="z"
    )
    await sla.hear(assigned(case), signed)

    assert "stopped" == (await sla.clock(case, Clock.SIGN))["state"]
    assert "running" == (await sla.clock(case))["state"]


async def test_withdrawn_before_dispatch_stops_the_dispatch_clock(sla: Sla) -> None:
    """Once routing has confirmed it; of a case with a department handlers says so."""
    case = fresh_case()
    confirmed = WithdrawalConfirmed(
        case_id=case, version=3, at=MONDAY + timedelta(minutes=9), state=CaseState.WITHDRAWN
    )
    await sla.hear(registered(case), confirmed)

    assert "stopped" == (await sla.clock(case, Clock.DISPATCH))["state"]


async def test_nothing_runs_for_an_ended_case(sla: Sla) -> None:
    """Closing stops every clock, and no alert comes after it."""
    case = fresh_case()
    await sla.hear(registered(case), assigned(case), closed(case, MONDAY + timedelta(hours=3)))

    assert [] == await sla.sweep_at(MONDAY + timedelta(days=60))


async def test_a_batch_is_a_fixed_number_of_statements(sla: Sla) -> None:
    """Two hundred assignments take three statements, like one."""
    cases = [fresh_case() for _ in range(200)]
    counting = _Counting(sla.unit.db)
    sla.unit.db = counting
    (line,) = [line for line in _hears(sla) if line.event.__name__ == "CaseAssigned"]
    await line.step(sla.unit, [assigned(case) for case in cases])

    assert 3 == counting.statements
    assert 200 == len(sla.unit.emitted)


def _hears(sla: Sla) -> Sequence[Handler]:
    (subscription,) = subscriptions(rules=sla.rules, calendar=sla.calendar)
    return subscription.handlers


class _Counting:
    """A connection that counts statements."""

    def __init__(self, db: Any) -> None:
        self._db = db
        self.statements = 0

    def __getattr__(self, name: str) -> Any:
        self.statements += 1
        return getattr(self._db, name)
