"""Promised dates and the word in between: whose time they are, and when they are broken."""

from datetime import date, timedelta

import msgspec
import pytest

from schemas.events.handlers import (
    CaseProtected,
    CaseReopened,
    ProgressNoted,
    PromiseDecided,
    PromiseRequested,
    QuestionAsked,
    ReplySentBack,
)
from schemas.events.intake import RefusalObjected
from schemas.events.routing import CaseDeclined, CaseMerged, CaseUnmerged
from schemas.events.sla import BreachWithdrawn, DeadlineMissed, DeadlineSet
from schemas.words import CaseState, Clock
from sla.store.promises import promised
from tests.integration.sla.events import Sla, assigned, china, closed, replied, signed
from tests.integration.sla.test_decisions import LATER, _facts, _without
from tests.unit.handlers.making import HOUSING, fresh_case


async def test_a_promised_date_is_the_replys(sla: Sla) -> None:
    """Granted: reply and promise are due at the end of that day, and word of progress is due before, again and again."""
    case = fresh_case()
    fields = _without(_facts(case), "department")
    await sla.hear(assigned(case), signed(case))
    (moved,) = await sla.hear(PromiseDecided(**fields, granted=True, date=date(2026, 12, 25), decided_by="d"))
    assert isinstance(moved, DeadlineSet)
    assert (china("2026-12-26 00:00"), "promised") == (moved.due_at, moved.cause)
    assert (china("2026-12-26 00:00"),) == await sla.facts(case, "due_at", clock=Clock.PROMISE)
    assert (china("2026-12-01 17:30"),) == await sla.facts(case, "due_at", clock=Clock.PROGRESS)
    await sla.hear(ProgressNoted(**_facts(case, LATER), text="t"))
    assert (china("2026-12-02 17:30"),) == await sla.facts(case, "due_at", clock=Clock.PROGRESS)

    await sla.hear(replied(case, china("2026-12-20 10:00")), closed(case, china("2026-12-21 10:00")))
    assert (None,) == await sla.facts(case, "missed_at", clock=Clock.PROMISE)


async def test_who_promised_nothing_owes_no_word(sla: Sla) -> None:
    """Told all the same, no clock begins: nobody is held to what they did beyond their duty."""
    case = fresh_case()
    await sla.hear(assigned(case), signed(case), ProgressNoted(**_facts(case, LATER), text="t"))

    assert None is await sla.clock(case, Clock.PROGRESS)


async def test_word_given_in_a_pause_starts_nothing(sla: Sla) -> None:
    """The clock stands still until the case goes on."""
    case = fresh_case()
    fields = _without(_facts(case), "department")
    await sla.hear(
        assigned(case), signed(case),
        PromiseDecided(**fields, granted=True, date=date(2026, 12, 25), decided_by="d"),
        QuestionAsked(**_facts(case), text="t", until=china("2026-11-27 10:00")),
        ProgressNoted(**_facts(case, LATER), text="t"),
    )  # fmt: skip

    assert ("paused",) == await sla.facts(case, "state", clock=Clock.PROGRESS)


async def test_a_reply_that_is_sent_back_leaves_word_owed(sla: Sla) -> None:
    """While it is looked at the clock waits; then it runs on."""
    case = fresh_case()
    fields = _without(_facts(case), "department")
    await sla.hear(
        assigned(case), signed(case),
        PromiseDecided(**fields, granted=True, date=date(2026, 12, 25), decided_by="d"), replied(case, LATER, 6),
    )  # fmt: skip
    assert ("answered",) == await sla.facts(case, "state", clock=Clock.PROGRESS)
    await sla.hear(ReplySentBack(**_facts(case, LATER), remarks="r"))

    assert ("running",) == await sla.facts(case, "state", clock=Clock.PROGRESS)


async def test_a_promise_of_before_a_reopening_does_not_come_back(sla: Sla) -> None:
    """It was kept. When the citizen accuses officials later, the reply goes on, and nobody owes the old date."""
    case = fresh_case()
    fields = _without(_facts(case), "department")
    await sla.hear(
        assigned(case), signed(case),
        PromiseDecided(**fields, granted=True, date=date(2026, 12, 25), decided_by="d"),
        replied(case, LATER), closed(case, LATER),
        CaseReopened(**_without(_facts(case, china("2026-11-27 10:00")), "department"), reason="r", lead=HOUSING),
        CaseProtected(
            **_without(_facts(case, china("2026-11-27 11:00")), "department"), state=CaseState.IN_REVIEW, accused=()
        ),
    )  # fmt: skip

    assert ("running",) == await sla.facts(case, "state")
    assert ("stopped",) == await sla.facts(case, "state", clock=Clock.PROMISE)


@pytest.mark.parametrize(
    ("replied_at", "is_kept"), [("23:59:59.4", True), ("24:00", True), ("24:00:00.1", False)]
)
async def test_a_promised_day_lasts_until_midnight(sla: Sla, replied_at: str, *, is_kept: bool) -> None:
    """Its last second too, as its citizen and everybody else read it; escalated a working day later, not two."""
    case = fresh_case()
    fields = _without(_facts(case), "department")
    granted = PromiseDecided(**fields, granted=True, date=date(2026, 12, 23), decided_by="d")
    await sla.hear(assigned(case), signed(case), granted)
    assert (china("2026-12-24 17:30"),) == await sla.facts(case, "escalate_at", clock=Clock.PROMISE)

    begins = china("2026-12-23 00:00")
    hours, minutes, seconds = (float(each) for each in f"{replied_at}:0".split(":")[:3])
    at = begins + timedelta(hours=hours, minutes=minutes, seconds=seconds)
    await sla.hear(replied(case, at, 7), closed(case, china("2026-12-24 10:00"), 8))
    said = await sla.sweep_at(china("2026-12-24 10:01"))
    missed = [event for event in said if isinstance(event, DeadlineMissed) and event.clock == "promise"]

    assert is_kept is not bool(missed)


async def test_a_promise_asked_for_in_time_is_in_time(sla: Sla) -> None:
    """Granted after the reply was due: that breach is taken back, and from then on the promised day counts."""
    case = fresh_case()
    await sla.hear(assigned(case), signed(case))
    await sla.sweep_at(china("2026-12-01 10:00"))
    granted = PromiseDecided(
        **_without(_facts(case, china("2026-12-01 11:00")), "department"), granted=True, date=date(2026, 12, 25),
        decided_by="d", requested_at=china("2026-11-30 09:00"),
    )  # fmt: skip
    (event,) = [e for e in await sla.hear(granted) if isinstance(e, BreachWithdrawn)]

    assert ("promised", china("2026-11-30 09:00")) == (event.why, event.happened_at)
    assert (None, china("2026-12-26 00:00")) == await sla.facts(case, "missed_at", "due_at")


async def test_a_promise_that_is_not_kept_is_a_breach(sla: Sla) -> None:
    """Of the department that has the case then, beside that of the reply; put off before, the later day counts."""
    broken, put_off = fresh_case(), fresh_case()
    for case in (broken, put_off):
        fields = _without(_facts(case), "department")
        await sla.hear(
            assigned(case), signed(case),
            PromiseDecided(**fields, granted=True, date=date(2026, 12, 25), decided_by="d"),
        )  # fmt: skip
    later = _without(_facts(put_off, LATER), "department")
    await sla.hear(
        PromiseDecided(**later, granted=True, date=date(2027, 1, 25), decided_by="d", promise_count=2)
    )
    said = await sla.sweep_at(china("2026-12-26 00:01"))

    missed = {(e.case_id, e.clock, e.department) for e in said if isinstance(e, DeadlineMissed)}
    assert {(broken, "promise", HOUSING), (broken, "reply", HOUSING)} <= missed
    assert not {(put_off, "promise", HOUSING), (put_off, "reply", HOUSING)} & missed
    assert (china("2027-01-26 00:00"),) == await sla.facts(put_off, "due_at", clock=Clock.PROMISE)


async def test_who_asked_for_a_date_and_who_refused_it_stays(sla: Sla) -> None:
    """With the day and why: nothing is promised, and no clock is, but the case keeps what was said."""
    case, day = fresh_case(), date(2026, 12, 25)
    fields = _without(_facts(case), "department")
    await sla.hear(
        assigned(case), signed(case),
        PromiseRequested(**_facts(case), date=day, reason="雨季", basis="b"),
        PromiseDecided(**fields, granted=False, date=day, decided_by="li", remarks="可以更早"),
    )  # fmt: skip
    rows = await sla.unit.db.fetch(
        "SELECT what, detail FROM sla.history WHERE case_id = $1 AND clock = 'promise' ORDER BY seq", case
    )

    assert [
        ("promise asked", {"department": HOUSING, "date": "2026-12-25", "reason": "雨季"}),
        ("promise refused", {"by": "li", "date": "2026-12-25", "reason": "可以更早"}),
    ] == [(row["what"], msgspec.json.decode(row["detail"])) for row in rows]
    assert None is await sla.clock(case, Clock.PROMISE)


async def test_what_was_promised_ends_with_the_answer_or_the_refusal(sla: Sla) -> None:
    """Taken back later, neither breaks a promise: what is due is due later by how long the case had ended."""
    answered, refused = fresh_case(), fresh_case()
    for case in (answered, refused):
        await sla.hear(
            assigned(case), signed(case),
            PromiseDecided(
                **_without(_facts(case), "department"), granted=True, date=date(2026, 12, 9), decided_by="d"
            ),
        )  # fmt: skip
    ended = china("2026-12-08 10:00")
    taken = CaseProtected(case_id=refused, version=9, at=LATER, state=CaseState.IN_REVIEW, accused=(HOUSING,))
    await sla.hear(
        replied(answered, ended, 7), closed(answered, ended, 8), taken,
        CaseDeclined(
            case_id=refused, version=11, at=ended, state=CaseState.DECLINED, legal_route="诉讼", decided_by="li"
        ),
    )  # fmt: skip
    back = sla.unit.now = china("2026-12-18 10:00")
    await sla.hear(
        CaseProtected(case_id=answered, version=10, at=back, state=CaseState.IN_REVIEW, accused=(HOUSING,)),
        RefusalObjected(case_id=refused, version=12, at=back, reason="r"),
    )
    said = await sla.sweep_at(back + timedelta(minutes=1))

    for case in (answered, refused):
        assert ("running", china("2026-12-20 00:00")) == await sla.facts(case, "state", "due_at")
        assert ("stopped", None) == await sla.facts(case, "state", "missed_at", clock=Clock.PROMISE)
        assert ("stopped",) == await sla.facts(case, "state", clock=Clock.PROGRESS)
    missed = {event.clock for event in said if isinstance(event, DeadlineMissed)}
    assert not {Clock.PROMISE, Clock.REPLY} & missed
    standing = {
        each.case_id: each.state
        for each in await promised(sla.unit.db, back, standing=None, department=None, after=None, limit=9)
    }
    assert {answered: "kept", refused: "ended"} == standing


async def test_what_was_promised_stands_when_a_merge_is_none(sla: Sla) -> None:
    """It is the city's word: the day stays, whatever the other case took."""
    case = fresh_case()
    fields = _without(_facts(case), "department")
    back = china("2026-12-18 10:00")
    await sla.hear(
        assigned(case), signed(case),
        PromiseDecided(**fields, granted=True, date=date(2026, 12, 25), decided_by="d"),
        CaseMerged(case_id=case, version=8, at=china("2026-12-08 10:00"), into=fresh_case(), decided_by="li"),
        CaseUnmerged(case_id=case, version=10, at=back, state=CaseState.IN_REVIEW, why="x", decided_by="li"),
    )  # fmt: skip

    for clock in (Clock.REPLY, Clock.PROMISE):
        assert ("running", china("2026-12-26 00:00")) == await sla.facts(case, "state", "due_at", clock=clock)
