"""A clock that only a city's rules name runs like ours: what it follows is data."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from schemas.event import Event
from schemas.events.handlers import CaseReopened, CaseResumed, CaseReturned, CaseSuspended, ExtensionDecided
from schemas.events.parts import PartAsked
from schemas.events.routing import CaseMerged, CaseUnmerged
from schemas.events.sla import CaseEscalated, DeadlineMissed, DeadlineNear, DeadlineSet, PauseEnded
from schemas.words import CaseState, Clock, Language
from sla.core.rules import parse_rules
from sla.steps.present_rules import move_to_present_rules
from sla.web.words import clock_name
from tests.integration.sla.events import WATER, Sla, assigned, china, closed, registered, replied, signed
from tests.unit.handlers.making import HOUSING, MONDAY, fresh_case

VISIT = Clock("site_visit")

_RULES = """
version = "t1"

[clock.site_visit]
label = { zh = "上门时限", en = "site visit" }
owner = "lead"
starts = { "case.assigned" = "site_visit", "case.reopened" = "second_visit" }
pauses = ["case.suspended"]
stops = ["case.replied"]
extends = ["extension.decided"]

[clock.overall]
label = { zh = "全程时限", en = "from start to end" }
owner = "supervisor"
starts = { "case.registered" = "overall" }

[[dispatch]]
allow = "2 hours"
basis = "project choice: a test"

[[rule]]
name = "everything"
[rule.overall]
allow = "10 working days"
basis = "project choice: a test"
[rule.reply]
allow = "5 working days"
basis = "project choice: a test"
[rule.reopened]
allow = "3 working days"
basis = "project choice: a test"
[rule.site_visit]
allow = "2 working days"
near = "1 working day"
escalate_after = "1 working day"
basis = "project choice: a test"
[rule.second_visit]
allow = "1 working day"
basis = "project choice: a test"
"""


@pytest.fixture
def own(sla: Sla) -> Sla:
    """The slice under rules with two clocks that no code names."""
    return replace(sla, rules=parse_rules(_RULES))


def _alerts(said: list[Event], clock: Clock = VISIT) -> list[Any]:
    kinds = DeadlineNear | DeadlineMissed | CaseEscalated
    return [event for event in said if isinstance(event, kinds) and event.clock == clock]


async def test_it_starts_nears_is_missed_and_escalates(own: Sla) -> None:
    """Each alert once, with its name, the first two also to the department."""
    case = fresh_case()
    await own.hear(registered(case), assigned(case))
    assert ("running", HOUSING, china("2026-11-25 17:30"), "everything@t1") == await own.facts(
        case, "state", "department", "due_at", "rule", clock=VISIT
    )

    near = _alerts(await own.sweep_at(china("2026-11-24 17:31")))
    missed = _alerts(await own.sweep_at(china("2026-11-25 17:31")))
    late = _alerts(await own.sweep_at(china("2026-11-26 17:31")))
    assert [DeadlineNear, DeadlineMissed, CaseEscalated] == [type(e) for e in (*near, *missed, *late)]
    assert [(HOUSING, near[0]), (HOUSING, missed[0])] == own.unit.emitted_to


async def test_what_it_says_stops_it(own: Sla) -> None:
    """Signing does not; a reply does, and nothing is said of it any more."""
    case = fresh_case()
    await own.hear(assigned(case), signed(case))
    assert ("running",) == await own.facts(case, "state", clock=VISIT)

    await own.hear(replied(case, china("2026-11-24 10:00")))
    assert ("stopped",) == await own.facts(case, "state", clock=VISIT)
    assert [] == _alerts(await own.sweep_at(MONDAY + timedelta(days=30)))


async def test_it_pauses_extends_and_changes_hands(own: Sla) -> None:
    """As the reply's does, because its description says so; the department's promise is the reply's alone."""
    case = fresh_case()
    suspended = CaseSuspended(case_id=case, version=4, at=china("2026-11-24 10:00"), reason="等待鉴定")
    resumed = CaseResumed(case_id=case, version=5, at=china("2026-11-25 10:00"))
    extended = ExtensionDecided(
        case_id=case, version=6, at=china("2026-11-25 11:00"), granted=True, working_days=1, decided_by="d",
        extension_count=1,
    )  # fmt: skip
    returned = CaseReturned(
        case_id=case, version=7, at=china("2026-11-25 12:00"), department=HOUSING, reason="r", basis="b",
        return_count=1,
    )  # fmt: skip
    await own.hear(assigned(case), suspended)
    assert ("paused",) == await own.facts(case, "state", clock=VISIT)

    said = await own.hear(
        resumed, extended, returned, assigned(case, china("2026-11-25 15:00"), lead=WATER, version=8)
    )
    assert ("running", WATER, china("2026-11-27 17:30")) == await own.facts(
        case, "state", "department", "due_at", clock=VISIT
    )
    assert 3 == len(said)
    assert all(isinstance(event, DeadlineSet) for event in said)


async def test_it_starts_anew_when_the_case_is_reopened(own: Sla) -> None:
    """Under the term that it names for that."""
    case = fresh_case()
    await own.hear(
        assigned(case), replied(case, china("2026-11-24 10:00")), closed(case, china("2026-11-24 11:00"))
    )
    await own.hear(
        CaseReopened(case_id=case, version=9, at=china("2026-11-30 10:00"), reason="r", lead=HOUSING)
    )

    assert ("running", china("2026-12-01 17:30"), "everything.second_visit@t1") == await own.facts(
        case, "state", "due_at", "rule", clock=VISIT
    )


async def test_a_clock_of_the_whole_case(own: Sla) -> None:
    """From registration to the end, whoever has the case: no department is told of it."""
    late, ended = fresh_case(), fresh_case()
    overall = Clock("overall")
    await own.hear(registered(late), assigned(late), registered(ended), assigned(ended))
    await own.hear(closed(ended, china("2026-11-24 11:00")))

    assert ("running", None, china("2026-12-07 17:30")) == await own.facts(
        late, "state", "department", "due_at", clock=overall
    )
    assert ("stopped",) == await own.facts(ended, "state", clock=overall)
    (missed,) = _alerts(await own.sweep_at(china("2026-12-07 17:31")), overall)
    assert (late, None) == (missed.case_id, missed.department)


@pytest.mark.parametrize("stops", ["case.replied", "case.signed"])
async def test_what_was_done_stays_done_when_a_merger_ends(own: Sla, stops: str) -> None:
    """What was not done when the case was merged goes on, later by that time; what was, does not come back."""
    rules = _RULES.replace('stops = ["case.replied"]', f'stops = ["{stops}"]')
    city, case, back = replace(own, rules=parse_rules(rules)), fresh_case(), china("2026-12-16 10:00")
    merged = CaseMerged(
        case_id=case, version=5, at=china("2026-11-24 10:00"), into=fresh_case(), decided_by="li"
    )
    unmerged = CaseUnmerged(
        case_id=case, version=7, at=back, state=CaseState.IN_REVIEW, why="decided", decided_by="li"
    )
    await city.hear(registered(case), assigned(case), signed(case), merged)
    city.unit.now = back
    await city.hear(unmerged)
    with_nobody = await city.facts(case, "state", "department", "due_at", clock=VISIT)
    await city.hear(assigned(case, china("2026-12-16 14:00"), lead=WATER, version=9))
    state, department, due_at = await city.facts(case, "state", "department", "due_at", clock=VISIT)

    if stops == "case.signed":
        assert ("stopped", "stopped") == (with_nobody[0], state)
    else:
        assert ("running", None, china("2026-12-17 17:30")) == with_nobody
        assert ("running", WATER, china("2026-12-17 17:30")) == (state, department, due_at)


async def test_what_ends_by_itself_ends_under_other_rules_too(own: Sla) -> None:
    """Nobody is late with it, whatever term a supervisor moves it to."""
    cooling = """
[clock.cooling]
label = { zh = "冷静期", en = "cooling off" }
owner = "supervisor"
starts = { "part.asked" = "cooling" }
due = "until"
ends = true
"""
    term = '[rule.cooling]\nallow = "2 days"\nbasis = "project choice: a test"\n'
    before, clock = _RULES.replace("[[dispatch]]", cooling + "[[dispatch]]", 1) + term, Clock("cooling")
    now = before.replace('version = "t1"', 'version = "t2"').replace('allow = "2 days"', 'allow = "3 days"')
    case = fresh_case()
    old, new = (replace(own, rules=parse_rules(text)) for text in (before, now))
    await old.hear(assigned(case), PartAsked(case_id=case, version=4, at=MONDAY, department=WATER))
    await move_to_present_rules(
        new.unit, case, by="sun", reason="新规定", rules=new.rules, calendar=new.calendar
    )
    due = MONDAY + timedelta(days=3)
    said = await new.sweep_at(china("2026-11-27 09:00"))

    assert ("stopped", None) == await new.facts(case, "state", "missed_at", clock=clock)
    assert [clock] == [
        event.clock for event in said if isinstance(event, PauseEnded) and event.case_id == case
    ]
    assert [] == [event for event in _alerts(said, clock) if event.case_id == case]
    assert due.date() == (await new.clock(case, clock))["due_at"].date()


async def test_an_absent_clock_is_absent(own: Sla) -> None:
    """These rules state no signing: no such clock runs, and the deadline names none."""
    case = fresh_case()
    (event,) = await own.hear(assigned(case))

    assert isinstance(event, DeadlineSet)
    assert event.sign_due_at is None
    assert await own.clock(case, Clock.SIGN) is None


async def test_first_contact_runs_where_a_rule_names_it(own: Sla) -> None:
    """From the assignment until the department signs, returns or replies."""
    contact = '[rule.first_contact]\nallow = "24 hours"\nbasis = "project choice: a test"\n'
    named = replace(own, rules=parse_rules(_RULES + contact))
    waiting, met = fresh_case(), fresh_case()
    await named.hear(assigned(waiting), assigned(met), signed(met))
    said = await named.sweep_at(MONDAY + timedelta(hours=24, minutes=6))

    assert [waiting] == [event.case_id for event in _alerts(said, Clock.FIRST_CONTACT)]
    assert ("stopped",) == await named.facts(met, "state", clock=Clock.FIRST_CONTACT)


@pytest.mark.parametrize(
    ("clock", "zh", "en"),
    [
        (VISIT, "上门时限", "site visit"),
        (Clock.SIGN, "签收时限", "signing clock"),
        (Clock("gone"), "gone", "gone"),
    ],
)
def test_people_read_its_name(clock: Clock, zh: str, en: str) -> None:
    """In both languages, from the rules; a clock that they no longer describe keeps its bare name."""
    rules = parse_rules(_RULES)

    assert (zh, en) == (clock_name(clock, rules, Language.ZH), clock_name(clock, rules, Language.EN))
