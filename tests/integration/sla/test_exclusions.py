"""Cases that are left out of figures: asked, decided, appealed, taken back; both numbers."""

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from schemas.errors import NotFound, StaleVersion
from schemas.events.exclusions import ExclusionMoved
from schemas.events.handlers import CaseReopened
from schemas.events.routing import CaseMerged, CaseShielded
from schemas.http import Principal
from schemas.ids import CaseId
from schemas.notices import Audience, Occasion
from schemas.words import Role
from sla.core.exclusions import ExclusionAsk, ExclusionRefused, ExclusionState, StandsInNoFigure
from sla.core.kinds import Owner
from sla.steps import exclusions as steps
from sla.steps.tally import tally
from sla.store.digests import burdens
from tests.integration.sla.events import WATER, Sla, assigned, china, closed, registered, replied, signed
from tests.integration.sla.leaving_out import (
    KINDS,
    LIU,
    READERS,
    SUN,
    WANG,
    WHOLE,
    ZHAO,
    asked,
    everywhere,
    figures,
    granted,
    judged,
    late_case,
    rate,
)
from tests.unit.handlers.making import HOUSING, fresh_case


async def test_both_numbers_stand(sla: Sla) -> None:
    """Left out of the one rate that was asked for, for the case and for the department, in the sums and before."""
    case = await late_case(sla)
    assert {((0, 1), (0, 1))} == await everywhere(sla)
    await granted(sla, case)

    assert {((0, 1), (0, 0))} == await everywhere(sla)
    for code in ("answer_rate", "rating_satisfied_rate", "reopen_rate"):
        assert rate((await figures(sla))[None], code)[0] == rate((await figures(sla))[None], code)[1], code


async def test_the_whole_case_leaves_every_rate(sla: Sla) -> None:
    """None of them counts it any more; each says what it is with it."""
    case = await late_case(sla)
    before = (await figures(sla))[None]
    await granted(sla, case, WHOLE)
    await everywhere(sla)
    after = (await figures(sla))[None]

    for code in KINDS:
        assert (rate(before, code)[0], (0, 0)) == rate(after, code), code
    assert (0, 1) == rate(after, "rating_satisfied_rate")[0]


async def test_fetching_changes_nothing(sla: Sla) -> None:
    """Nor does a refusal, an appeal, or one that is refused."""
    found = await asked(sla, await late_case(sla))
    assert {((0, 1), (0, 1))} == await everywhere(sla)
    found = await judged(sla, found, "refuse")
    assert {((0, 1), (0, 1))} == await everywhere(sla)
    found = await steps.appeal(
        sla.unit, WANG, found.case_id, 1, "仍有异议", readers=READERS, calendar=sla.calendar
    )
    found = await judged(sla, found, "refuse", ZHAO)

    assert ExclusionState.UPHELD is found.state
    assert {((0, 1), (0, 1))} == await everywhere(sla)


@pytest.mark.parametrize("undo", ["revoked", "taken back"])
async def test_what_was_granted_is_counted_again(sla: Sla, undo: str) -> None:
    """A supervisor finds that it was wrong, or the department does."""
    found = await granted(sla, await late_case(sla))
    assert {((0, 1), (0, 0))} == await everywhere(sla)
    if undo == "revoked":
        await judged(sla, found, "revoke", ZHAO)
    else:
        await steps.take_back(sla.unit, WANG, found.case_id, 1, readers=READERS)

    assert {((0, 1), (0, 1))} == await everywhere(sla)


async def test_a_department_that_did_not_ask_keeps_its_number(sla: Sla) -> None:
    """Water was late first, housing after it: housing's exclusion is housing's, and that of all cases."""
    case = fresh_case()
    await sla.hear(registered(case), assigned(case, lead=WATER))
    await sla.sweep_at(china("2026-12-10 09:00"))
    await sla.hear(
        assigned(case, china("2026-12-10 10:00"), version=4), signed(case, china("2026-12-10 11:00"), 5)
    )
    await sla.sweep_at(china("2026-12-25 09:00"))
    await sla.hear(replied(case, china("2026-12-26 10:00"), 6), closed(case, china("2026-12-26 11:00"), 7))
    sla.unit.now = china("2026-12-28 09:00")
    await granted(sla, case, WHOLE)
    await everywhere(sla, "sign_on_time_rate")
    found = await figures(sla)

    assert rate(found[WATER], "sign_on_time_rate") == ((0, 1), (0, 1))
    assert rate(found[HOUSING], "sign_on_time_rate")[1] == (0, 0)
    assert rate(found[None], "sign_on_time_rate")[1] == (0, 0)
    # Water led it once, and may ask for itself.
    assert 2 == (await granted(sla, case, WHOLE, LIU)).number
    await everywhere(sla)
    assert rate((await figures(sla))[WATER], "sign_on_time_rate") == ((0, 1), (0, 0))


async def test_a_case_that_is_reopened_is_counted_anew(sla: Sla) -> None:
    """What was granted was about the end before: it has lapsed, and so has what waits; the next end may be asked about."""
    case = await late_case(sla)
    await granted(sla, case)
    waiting = await asked(sla, case, ExclusionAsk(figures=("answer_rate",), reason="other", text="另一项"))
    await sla.hear(
        CaseReopened(case_id=case, version=8, at=china("2026-12-23 09:00"), reason="没修好", lead=HOUSING)
    )
    sla.unit.now = china("2026-12-23 10:00")
    with pytest.raises(ExclusionRefused):
        await judged(sla, waiting, "grant")
    with pytest.raises(ExclusionRefused):
        await asked(sla, case)
    assert ([], None) == await steps.list_waiting(sla.unit, cursor=None, limit=9)
    await sla.hear(replied(case, china("2026-12-24 10:00"), 9), closed(case, china("2026-12-24 11:00"), 10))
    sla.unit.now = china("2026-12-25 10:00")

    assert rate((await figures(sla))[None])[0] == rate((await figures(sla))[None])[1]
    assert 3 == (await granted(sla, case)).number


async def test_protected_cases_stand_in_no_number_and_no_list(sla: Sla) -> None:
    """Whoever has it is told so, whoever led it once knows nothing of it; what was granted before leaves no trace."""
    case = await late_case(sla)
    await granted(sla, case)
    waiting = await asked(sla, case, ExclusionAsk(figures=("answer_rate",), reason="other", text="另一项"))
    await everywhere(sla)
    await sla.unit.db.execute(
        'UPDATE sla."case" SET private = true, settled = false, leads = $2 WHERE case_id = $1',
        case,
        [HOUSING, WATER],
    )
    assert {((0, 0), (0, 0))} == {rate((await figures(sla))[None])}
    sla.unit.now += timedelta(minutes=11)
    await tally(sla.unit, calendar=sla.calendar, limit=100)

    assert {((0, 0), (0, 0))} == {rate((await figures(sla))[None])}
    assert 0 == await sla.unit.db.fetchval("SELECT count(*) FROM sla.tally WHERE n <> 0")
    with pytest.raises(StandsInNoFigure):
        await asked(sla, case)
    own = await steps.read_own(sla.unit, WANG, case, readers=READERS, calendar=sla.calendar)
    assert isinstance(own.refusal, StandsInNoFigure)
    with pytest.raises(StandsInNoFigure):
        await steps.take_back(sla.unit, WANG, case, 1, readers=READERS)
    with pytest.raises(NotFound):
        await asked(sla, case, who=LIU)
    with pytest.raises(NotFound):
        await judged(sla, waiting, "grant")
    with pytest.raises(NotFound):
        await steps.read_all(sla.unit, case)
    assert ([], None) == await steps.list_waiting(sla.unit, cursor=None, limit=9)
    assert ([], None) == await steps.list_latest(sla.unit, None, cursor=None, limit=9)
    assert ([], None) == await steps.list_latest(sla.unit, HOUSING, cursor=None, limit=9)


async def test_nobody_asks_about_anothers_a_merged_or_an_open_case(sla: Sla) -> None:
    """404 for who never had it; why not, for who has."""
    case = fresh_case()
    await sla.hear(registered(case), assigned(case))
    for who, error in ((LIU, NotFound), (WANG, ExclusionRefused)):
        with pytest.raises(error):
            await asked(sla, case, who=who)
    await sla.hear(CaseMerged(case_id=case, version=8, at=sla.unit.now, into=fresh_case(), decided_by="li"))
    with pytest.raises(ExclusionRefused, match="merged"):
        await asked(sla, case)
    done = await late_case(sla)
    sla.unit.now = china("2027-01-20 09:00")
    with pytest.raises(ExclusionRefused, match="over"):
        await asked(sla, done)


async def test_another_supervisor_decides_the_one_appeal(sla: Sla) -> None:
    """Not who refused, not one of the department, and not after its term; then nothing more is heard of it."""
    found = await judged(sla, await asked(sla, await late_case(sla)), "refuse")
    appeal: dict[str, Any] = {"readers": READERS, "calendar": sla.calendar}
    at = sla.unit.now
    sla.unit.now += timedelta(days=20)
    with pytest.raises(ExclusionRefused, match="over"):
        await steps.appeal(sla.unit, WANG, found.case_id, 1, "仍有异议", **appeal)
    sla.unit.now = at + timedelta(hours=1)
    found = await steps.appeal(sla.unit, WANG, found.case_id, 1, "仍有异议", **appeal)
    for who in (SUN, Principal(role=Role.SUPERVISOR, name="qian", department=HOUSING)):
        with pytest.raises(ExclusionRefused):
            await judged(sla, found, "grant", who)
    found = await judged(sla, found, "refuse", ZHAO)
    with pytest.raises(ExclusionRefused):
        await steps.appeal(sla.unit, WANG, found.case_id, 1, "还是不服", **appeal)

    assert ["asked", "refused", "appealed", "upheld"] == [each.what for each in found.steps]


async def test_what_is_sent_twice_is_one(sla: Sla) -> None:
    """Request, decision, appeal and taking back; whoever decides of an older state is told that there is a newer one."""
    case = await late_case(sla)
    whole = replace(WHOLE, figures=("case", "on_time_rate"))
    other = await late_case(sla)
    assert await asked(sla, other, whole) == await asked(sla, other, whole)
    sla.unit.emitted.clear()
    first, again = await asked(sla, case), await asked(sla, case)
    refused, refused_again = await judged(sla, first, "refuse"), await judged(sla, first, "refuse")
    with pytest.raises(StaleVersion):
        await judged(sla, first, "grant", ZHAO)
    appeals = [
        await steps.appeal(sla.unit, WANG, case, 1, "仍有异议", readers=READERS, calendar=sla.calendar)
        for _ in range(2)
    ]
    taken = [await steps.take_back(sla.unit, WANG, case, 1, readers=READERS) for _ in range(2)]

    assert (first, refused, appeals[0], taken[0]) == (again, refused_again, appeals[1], taken[1])
    said = [event for event in sla.unit.emitted if isinstance(event, ExclusionMoved)]
    assert ["asked", "refused", "appealed", "withdrawn"] == [event.what for event in said]
    assert [1, 2, 3, 4] == [event.step for event in said]


async def test_words_are_masked(sla: Sla) -> None:
    """Whoever asks or decides may name a citizen; the event holds no words at all."""
    case = await late_case(sla)
    ask = ExclusionAsk(figures=("case",), reason="other", text="王小明 13800138000 多次来电")
    found = await judged(sla, await asked(sla, case, ask), "refuse", text="已致电 13800138000 核实")

    assert not any("13800138000" in each.text for each in found.steps)
    assert "138" not in repr(sla.unit.emitted[-2:])


async def test_who_has_to_do_with_it_is_told(sla: Sla, monkeypatch: pytest.MonkeyPatch) -> None:
    """Supervisors of what waits, the department of what was decided; what was decided meanwhile is told no more."""
    told: list[Any] = []
    monkeypatch.setattr(sla.unit, "notify", told.append)
    found = await asked(sla, await late_case(sla))
    assert await steps.waits_for_decision(sla.unit, found.case_id, 1, 1)
    await judged(sla, found, "refuse")

    assert [Occasion.EXCLUSION_ASKED, Occasion.EXCLUSION_DECIDED] == [
        each.occasion for each in told if each.occasion.startswith("exclusion")
    ]
    assert HOUSING == told[-1].department
    assert not await steps.waits_for_decision(sla.unit, found.case_id, 1, 1)


async def test_nobody_is_told_of_what_became_private(sla: Sla) -> None:
    """Neither who would decide, nor who asked: it stands in no figure and in no list; another's request is not theirs."""
    found = await asked(sla, await late_case(sla))
    assert [True, False] == [
        await steps.concerns(sla.unit, found.case_id, 1, department) for department in (HOUSING, WATER)
    ]
    await sla.hear(CaseShielded(case_id=found.case_id, version=9, at=sla.unit.now))

    assert not await steps.waits_for_decision(sla.unit, found.case_id, 1, 1)
    assert not await steps.concerns(sla.unit, found.case_id, 1, HOUSING)


async def test_what_is_overdue_is_told_once(sla: Sla, monkeypatch: pytest.MonkeyPatch) -> None:
    """To the supervisors, and in their digest; an appeal anew; what is decided, reopened or private is told of to nobody."""
    told: list[Any] = []
    monkeypatch.setattr(sla.unit, "notify", told.append)

    async def overdue() -> tuple[int, int]:
        told.clear()
        await steps.tell_overdue(sla.unit)
        late = [each for each in told if each.occasion is Occasion.EXCLUSION_OVERDUE]
        assert {Audience.SUPERVISORS} >= {each.audience for each in late}
        counted = [each for each in await burdens(sla.unit.db, sla.unit.now, sla.unit.now) if each.overdue]
        return len(late), sum(each.overdue for each in counted if each.owner is Owner.SUPERVISOR)

    found = await asked(sla, await late_case(sla))
    # A case counts once: with a clock of a supervisor's own that is late as well, the request would add nothing.
    await sla.unit.db.execute("DELETE FROM sla.clock WHERE case_id = $1", found.case_id)
    before = (await overdue())[1]
    assert found.until is not None
    assert (0, before) == await overdue()
    sla.unit.now = found.until + timedelta(seconds=1)
    once, late = await overdue()
    own = late - 1
    assert 1 == once
    assert await steps.waits_for_decision(sla.unit, found.case_id, 1, 1)
    assert (0, own + 1) == await overdue()
    found = await judged(sla, found, "refuse")
    assert (0, own) == await overdue()
    found = await steps.appeal(
        sla.unit, WANG, found.case_id, 1, "请再看", readers=READERS, calendar=sla.calendar
    )
    assert found.until is not None
    sla.unit.now = found.until + timedelta(seconds=1)
    await sla.unit.db.execute('UPDATE sla."case" SET private = true WHERE case_id = $1', found.case_id)
    assert 0 == (await overdue())[0]
    assert not await steps.waits_for_decision(sla.unit, found.case_id, 1, found.version)
    await sla.unit.db.execute('UPDATE sla."case" SET private = false WHERE case_id = $1', found.case_id)
    kept = await sla.unit.db.fetchval('SELECT closed_at FROM sla."case" WHERE case_id = $1', found.case_id)
    await sla.unit.db.execute('UPDATE sla."case" SET closed_at = NULL WHERE case_id = $1', found.case_id)
    assert 0 == (await overdue())[0]
    await sla.unit.db.execute('UPDATE sla."case" SET closed_at = $2 WHERE case_id = $1', found.case_id, kept)
    assert 1 == (await overdue())[0]
    assert 0 == (await overdue())[0]


async def test_lists_go_on(sla: Sla) -> None:
    """Page by page: what waits from the longest, a department's own from the latest; each once."""
    cases = [await late_case(sla) for _ in range(3)]
    for case in cases:
        sla.unit.now += timedelta(minutes=1)
        await asked(sla, case)
    seen: dict[str, list[CaseId]] = {"waiting": [], "own": []}
    for name, found in seen.items():
        cursor = None
        while True:
            items, cursor = (
                await steps.list_waiting(sla.unit, cursor=cursor, limit=2)
                if name == "waiting"
                else await steps.list_latest(sla.unit, HOUSING, cursor=cursor, limit=2)
            )
            found += [each.case_id for each in items]
            if cursor is None:
                break

    assert {"waiting": cases, "own": cases[::-1]} == seen
    assert ([], None) == await steps.list_latest(sla.unit, WATER, cursor=None, limit=9)
