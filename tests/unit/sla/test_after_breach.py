"""What is said after a breach: the chain in its order, reminders at their cadence, nothing at night that can wait."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.city import load_city
from schemas.words import AlertLevel, Urgency
from sla.core.after_breach import (
    AfterBreach,
    AlertedPeople,
    AlertRules,
    AlertToSay,
    Breach,
    ChainStep,
    FollowUp,
    Recipient,
    follow_up,
)
from sla.core.calendar import Calendar, china_calendar
from sla.core.kinds import Owner
from sla.core.rules import load_rules, parse_rules, rules_text
from sla.core.written import RulesRefused
from tests.unit.sla.moments import at

_CHINA = china_calendar()
_HEAD, _SUPERVISOR, _CITY = Recipient
#: A Friday's close of business.
_DUE = at("2026-11-27 17:30")
_CHAIN = (
    ChainStep(to=_HEAD),
    ChainStep(to=_SUPERVISOR, after="7 working hours"),
    ChainStep(to=_CITY, after="14 working hours"),
)
_SAID = AfterBreach(remind_every="1 working day", quiet=True, chain=_CHAIN, basis="test")


def _breach(**more: object) -> Breach:
    usual = Breach(owner=Owner.LEAD, due_at=_DUE, escalate_at=at("2026-11-30 17:30"), escalated=0, reminded=0)
    return usual._replace(**more)  # type: ignore[arg-type]  # fields of it


def _after(until: str, said: AfterBreach = _SAID, **more: object) -> FollowUp:
    return follow_up(said, _breach(**more), at(until), _CHINA)


def _told_by(said: AfterBreach, breach: Breach, moments: list[datetime]) -> list[AlertToSay]:
    """What is said in all, by somebody who looks at these moments."""
    told: list[AlertToSay] = []
    for moment in sorted(moments):
        found = follow_up(said, breach, moment, _CHINA)
        told += found.now
        escalated = sum(each.level is AlertLevel.ESCALATED for each in told)
        reminded = max((each.number for each in told if each.level is AlertLevel.REMINDED), default=0)
        breach = breach._replace(escalated=escalated, reminded=reminded)
    return told


def test_one_after_the_other_hears_of_it() -> None:
    """The department's head, then the supervisor, then the city; each after so many working hours."""
    told = [each for each in _after("2027-01-04 10:00").now if each.level is AlertLevel.ESCALATED]

    assert [
        (1, _HEAD, at("2026-11-30 17:30")),
        (2, _SUPERVISOR, at("2026-12-01 17:30")),
        (3, _CITY, at("2026-12-03 17:30")),
    ] == [(each.number, each.to, each.at) for each in told]


@pytest.mark.parametrize(
    ("owner", "heard"),
    [
        (Owner.LEAD, [_HEAD, _SUPERVISOR, _CITY]),
        (Owner.SUPPORTING, [_HEAD, _SUPERVISOR, _CITY]),
        (Owner.DISPATCHER, [_SUPERVISOR, _CITY]),
        (Owner.SUPERVISOR, [_CITY]),
    ],
)
def test_nobody_hears_of_their_own_breach_as_of_anothers(owner: Owner, heard: list[Recipient]) -> None:
    """The chain begins above whoever was late, when the clock's own `escalate_after` has passed."""
    told = [each for each in _after("2027-01-04 10:00", owner=owner).now if each.to]

    assert heard == [each.to for each in told]
    assert told[0].at == at("2026-11-30 17:30")


def test_there_is_always_somebody_above() -> None:
    """Also where a city's chain ends with whoever was late."""
    said = AfterBreach(chain=(ChainStep(to=_SUPERVISOR),), basis="test")

    assert [_CITY] == [each.to for each in _after("2027-01-04 10:00", said, owner=Owner.SUPERVISOR).now]


def test_a_rule_without_escalation_has_no_chain() -> None:
    """It is reminded of all the same."""
    told = _after("2026-12-01 10:00", escalate_at=None).now

    assert [AlertLevel.REMINDED] == [each.level for each in told]


def test_after_an_outage_there_is_one_reminder() -> None:
    """Nobody needs one for each day on which nobody looked; it says how many there would have been."""
    told = [each for each in _after("2026-12-11 10:00").now if each.level is AlertLevel.REMINDED]

    assert [9] == [each.number for each in told]


def test_what_can_wait_waits_for_working_hours() -> None:
    """A reminder every 4 hours, by night and over a weekend: quiet ones come when work begins."""
    quiet = AfterBreach(remind_every="4 hours", quiet=True, basis="test")
    loud = AfterBreach(remind_every="4 hours", basis="test")
    silent, told = (_after("2026-11-27 22:00", said, escalate_at=None) for said in (quiet, loud))

    assert ([], [at("2026-11-27 21:30")]) == (silent.now, [each.at for each in told.now])
    assert silent.next is not None
    assert at("2026-11-30 09:00") == silent.next.at


def test_an_emergency_is_told_at_night() -> None:
    """The example city lets ordinary reminders wait, and no others."""
    alerts = load_rules().alerts

    assert [True, False, False] == [
        alerts.of(each).quiet for each in (Urgency.NORMAL, Urgency.URGENT, Urgency.EMERGENCY)
    ]
    assert all(alerts.of(each).remind_every for each in (None, *Urgency))


_MOMENTS = st.lists(
    st.integers(0, 60 * 24 * 40).map(lambda minutes: _DUE + timedelta(minutes=minutes)), max_size=25
)
_POLICIES = st.builds(
    AfterBreach,
    remind_every=st.sampled_from(
        [None, "30 minutes", "4 hours", "1 working day", "3 working hours", "2 days"]
    ),
    quiet=st.booleans(),
    chain=st.just(_CHAIN),
    basis=st.just("test"),
)


@given(_POLICIES, _MOMENTS, st.sampled_from([Owner.LEAD, Owner.DISPATCHER, Owner.SUPERVISOR]))
def test_whoever_looks_whenever_everything_is_said_once(
    said: AfterBreach, moments: list[datetime], owner: Owner
) -> None:
    """In the order of its numbers, never before its moment, and when quiet within working hours."""
    breach = _breach(owner=owner)
    told = _told_by(said, breach, moments)
    keys = [(each.level, each.number) for each in told]
    last = max(moments, default=_DUE)

    assert len(keys) == len(set(keys))
    for level in (AlertLevel.ESCALATED, AlertLevel.REMINDED):
        assert sorted(n for kind, n in keys if kind is level) == [n for kind, n in keys if kind is level]
    assert all(each.at < last for each in told)
    assert not said.quiet or all(_CHINA.is_working_time(each.at) for each in told)


@given(_POLICIES, _MOMENTS)
def test_the_chain_does_not_depend_on_who_looked_when(said: AfterBreach, moments: list[datetime]) -> None:
    """Looking often and looking once at the end tell the same people of it, at the same moments."""
    last = max(moments, default=_DUE)
    often, once = ([t for t in _told_by(said, _breach(), each) if t.to] for each in (moments, [last]))

    assert often == once


@given(_POLICIES, _MOMENTS)
def test_what_is_planned_is_what_comes_next(said: AfterBreach, moments: list[datetime]) -> None:
    """Just after the planned moment there is something to say, and before it nothing."""
    breach = _breach()
    for moment in sorted(moments):
        found = follow_up(said, breach, moment, _CHINA)
        told = found.now
        breach = breach._replace(
            escalated=breach.escalated + sum(each.to is not None for each in told),
            reminded=max([breach.reminded, *(each.number for each in told if each.to is None)]),
        )
        if found.next is None:
            continue
        assert not follow_up(said, breach, found.next.at, _CHINA).now
        assert follow_up(said, breach, found.next.at + timedelta(seconds=1), _CHINA).now


@pytest.mark.parametrize(
    "cadence", ["1 month", "2 months", "1 month rolled over", "2 weeks", "3 half working days"]
)
def test_no_reminder_is_planned_for_the_past(cadence: str) -> None:
    """February is shorter than January: whoever looks each day of a year is told each in time, and is called no earlier."""
    said = AfterBreach(remind_every=cadence, basis="test")
    breach = _breach(due_at=at("2026-12-31 17:30"), escalate_at=None)
    for days in range(1, 366):
        moment = breach.due_at + timedelta(days=days)
        found = follow_up(said, breach, moment, _CHINA)
        breach = breach._replace(reminded=max([breach.reminded, *(each.number for each in found.now)]))
        assert found.next is not None
        assert moment <= found.next.at


def test_a_reminder_that_rolls_over_comes_on_a_working_day() -> None:
    """As whatever else of the rules does: a week after the Spring Festival's eve is the first day after it."""
    said = AfterBreach(remind_every="7 days rolled over", basis="test")
    found = follow_up(
        said, _breach(due_at=at("2026-02-14 17:30"), escalate_at=None), at("2026-02-15 09:00"), _CHINA
    )

    assert found.next is not None
    assert at("2026-02-24 23:59:59") == found.next.at


def test_work_begins_after(china: Calendar) -> None:
    """At the next segment, the next working day, over a holiday."""
    opens = [
        china.opens_after(at(moment))
        for moment in ("2026-11-27 08:59", "2026-11-27 12:00", "2026-11-27 17:30", "2026-09-30 20:00")
    ]

    assert [at(each) for each in (
        "2026-11-27 09:00", "2026-11-27 13:30", "2026-11-30 09:00", "2026-10-08 09:00")] == opens  # fmt: skip


def test_persons_are_named_by_the_rules() -> None:
    """Of each department its head; nobody where the rules name nobody."""
    people = AlertedPeople(department_head={"housing": "王"}, supervisor="李", city_supervisor="赵")

    assert ["王", "李", "赵", ""] == [
        people.name_of(_HEAD, "housing"),
        people.name_of(_SUPERVISOR, "housing"),
        people.name_of(_CITY, None),
        people.name_of(_HEAD, "water"),
    ]


def test_rules_of_before_escalate_once_and_remind_of_nothing() -> None:
    """They say nothing of it: a supervisor is told, as they were."""
    alerts = AlertRules()
    found = follow_up(alerts.of("urgent"), _breach(), at("2027-01-04 10:00"), _CHINA)

    assert ([_SUPERVISOR], None) == ([each.to for each in found.now], found.next)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ('remind_every = "1 working day"', 'remind_every = "now and then"'),
        ('{ to = "supervisor", after = "7 working hours" }', '{ to = "supervisor" }'),
        ('{ to = "supervisor", after = "7 working hours" }', '{ to = "department-head", after = "1 hour" }'),
        ("digest_above = 5", "digest_above = 0"),
        ('basis = "Project choice: a day of office hours', 'basis = "" # "'),
    ],
)
def test_a_rules_file_with_impossible_alerts_is_refused(wrong: str, said: str) -> None:
    """Before anything is lost by it; the last good one stays in use."""
    text = rules_text()
    assert wrong in text
    with pytest.raises(RulesRefused, match=r"alerts\.normal"):
        parse_rules(text.replace(wrong, said, 1))


def test_a_digest_of_every_two_is_a_rule() -> None:
    """Whoever wants one letter instead of two at once may have it."""
    rules = parse_rules(rules_text().replace("digest_above = 5", "digest_above = 1"))

    assert 1 == rules.alerts.of(Urgency.NORMAL).digest_above


def test_heads_of_departments_that_there_are_not_are_named() -> None:
    """And no others; where nobody knows the city nothing can be said of it."""
    alerts = AlertRules(people=AlertedPeople(department_head={"housing": "王", "nowhere": "李"}))

    assert ["people: no department 'nowhere' in departments.toml"] == [
        *map(str, alerts.problems(load_city()))
    ]
    assert [] == list(alerts.problems(None))


def test_a_step_that_was_told_is_not_planned_again() -> None:
    """Also where its moment has moved behind the present since: the next thing is the step after it."""
    found = _after("2026-11-30 12:00", escalated=1, reminded=1)

    assert [] == [each for each in found.now if each.level is AlertLevel.ESCALATED]
    assert found.next is not None
    assert 1 != found.next.number
