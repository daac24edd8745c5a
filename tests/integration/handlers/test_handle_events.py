"""What others say about cases that departments have, in whatever order it comes."""

from datetime import timedelta
from typing import Any

import pytest

from handlers.core.actions.extend import Extend
from handlers.core.actions.reply import Reply
from handlers.core.actions.sign import Sign
from handlers.core.rules import Action
from handlers.steps import act_on_case, assign, handle_events, read_cases
from schemas.city import load_city
from schemas.events.handlers import CaseClosed, CaseReopened, CaseSigned, CaseUpdated, ReplyPublished
from schemas.events.intake import CitizenObjected, CitizenRated
from schemas.events.routing import CaseDeclined, ReviewDecided, SupplementJudged, WithdrawalJudged
from schemas.events.sla import CaseUrged, DeadlineMissed, DeadlineSet
from schemas.http import Principal
from schemas.ids import CaseId
from schemas.words import CaseState, Clock, ReviewKind, Role
from tests.conftest import RecordingUnit
from tests.unit.handlers.making import HOUSING, MONDAY, TRANSPORT, fresh_case, routed

CITY = load_city()
WANG = Principal(role=Role.DEPARTMENT, name="wang", department=HOUSING)


@pytest.fixture
async def case_id(unit: RecordingUnit) -> CaseId:
    """A case with housing, supported by transport; what its opening said is forgotten."""
    event = routed(supporting=(TRANSPORT,))
    await assign.open_cases(unit, [event])
    unit.emitted.clear()
    unit.emitted_to.clear()
    return event.case_id


def deadline(case_id: CaseId, number: int, days: int, cause: str = "assigned") -> DeadlineSet:
    """The reply is due so many days after Monday."""
    return DeadlineSet(
        case_id=case_id, version=3, at=MONDAY, due_at=MONDAY + timedelta(days=days),
        sign_due_at=MONDAY + timedelta(hours=4), department=HOUSING, deadline_version=number, rule="general",
        cause=cause,
    )  # fmt: skip


async def test_from_signing_to_the_published_reply(unit: RecordingUnit, case_id: CaseId) -> None:
    """The seven steps' part that is ours, with what each says."""
    await act_on_case.act(unit, WANG, case_id, Action.SIGN, Sign(version=3), CITY)
    replied = await act_on_case.act(
        unit,
        WANG,
        case_id,
        Action.REPLY,
        Reply(version=4, note="已派人", response="已修复，电话13812345678"),
        CITY,
    )
    review = ReviewDecided(
        case_id=case_id,
        version=replied.version,
        at=MONDAY,
        kind=ReviewKind.REPLY,
        accepted=True,
        decided_by="li",
    )
    await handle_events.decide_reviews(unit, [review], city=CITY)
    kinds = [event.type for event in unit.emitted]
    published = next(event for event in unit.emitted if isinstance(event, ReplyPublished))

    assert kinds == ["case.signed.v1", "case.replied.v1", "reply.published.v1", "case.closed.v1"]
    assert (published.response, published.public, published.version) == ("已修复，电话138****5678", True, 6)
    told = [(to, event.what) for to, event in unit.emitted_to if isinstance(event, CaseUpdated)]
    assert [
        (to, what)
        for what in ("case.signed", "case.replied", "reply.published")
        for to in (HOUSING, TRANSPORT)
    ] == told


async def test_a_deadline_is_kept_unless_a_later_one_is_known(unit: RecordingUnit, case_id: CaseId) -> None:
    """Whatever order they come in; the case's version is not touched."""
    await handle_events.set_deadlines(unit, [deadline(case_id, 2, 10, "extended")])
    await handle_events.set_deadlines(unit, [deadline(case_id, 1, 5)])
    case = await read_cases.read_case(unit, HOUSING, case_id)

    assert (MONDAY + timedelta(days=10), 3) == (case.due_at, case.version)
    assert [row.event for row in case.timeline] == ["route", "deadline.set"]


async def test_news_about_unknown_cases_loses_nothing_else(unit: RecordingUnit, case_id: CaseId) -> None:
    """One batch, one case that is not here: the other is served."""
    stranger = fresh_case()
    await handle_events.set_deadlines(unit, [deadline(stranger, 1, 5), deadline(case_id, 1, 5)])
    urged = [CaseUrged(case_id=each, version=3, at=MONDAY, by="sun") for each in (stranger, case_id)]
    await handle_events.count_urgings(unit, urged)
    case = await read_cases.read_case(unit, HOUSING, case_id)

    assert (MONDAY + timedelta(days=5), 1) == (case.due_at, case.urged_count)
    await handle_events.decline_cases(
        unit, [CaseDeclined(case_id=stranger, version=2, at=MONDAY, legal_route="诉讼", decided_by="li")]
    )
    assert unit.emitted == []


async def test_a_supplement_waits_for_its_case(unit: RecordingUnit) -> None:
    """Nothing that a citizen adds is lost, however early."""
    event = routed()
    await handle_events.supplement_cases(
        unit,
        [
            SupplementJudged(
                case_id=event.case_id, version=1, at=MONDAY, text="是东门", supplemented_at=MONDAY
            )
        ],
    )
    await assign.open_cases(unit, [event])
    case = await read_cases.read_case(unit, HOUSING, event.case_id)

    assert [supplement.text for supplement in case.supplements] == ["是东门"]


async def test_a_supplement_is_told_to_the_departments(unit: RecordingUnit, case_id: CaseId) -> None:
    """On their own topics only."""
    await handle_events.supplement_cases(
        unit, [SupplementJudged(case_id=case_id, version=1, at=MONDAY, text="是东门", supplemented_at=MONDAY)]
    )

    assert [to for to, _ in unit.emitted_to] == [HOUSING, TRANSPORT]
    assert {"case.supplemented"} == {
        event.what for _, event in unit.emitted_to if isinstance(event, CaseUpdated)
    }
    assert unit.emitted == []


async def test_silence_counts_as_signed(unit: RecordingUnit, case_id: CaseId) -> None:
    """Past the signing limit the case is in progress."""
    unit.now = MONDAY + timedelta(hours=5)
    missed = DeadlineMissed(
        case_id=case_id, version=3, at=unit.now, clock=Clock.SIGN, due_at=MONDAY + timedelta(hours=4),
        department=HOUSING, deadline_version=1,
    )  # fmt: skip
    await handle_events.miss_deadlines(unit, [missed])
    (signed,) = unit.emitted

    assert isinstance(signed, CaseSigned)
    assert signed.deemed


@pytest.mark.parametrize("granted", [True, False])
async def test_an_extension_is_answered(unit: RecordingUnit, case_id: CaseId, granted: bool) -> None:
    """The dispatcher's verdict reaches the case and its departments."""
    await act_on_case.act(unit, WANG, case_id, Action.SIGN, Sign(version=3), CITY)
    await act_on_case.act(
        unit, WANG, case_id, Action.EXTEND, Extend(version=4, working_days=3, reason="等料"), CITY
    )
    review = ReviewDecided(
        case_id=case_id, version=5, at=MONDAY, kind=ReviewKind.EXTENSION, accepted=granted, decided_by="li"
    )
    await handle_events.decide_reviews(unit, [review], city=CITY)
    case = await read_cases.read_case(unit, HOUSING, case_id)

    assert (granted, False, 6) == (bool(case.extension_count), case.extension_pending, case.version)
    assert unit.emitted[-1].type == "extension.decided.v1"


async def test_an_objection_reopens_and_a_second_does_not(unit: RecordingUnit, case_id: CaseId) -> None:
    """Closed, reopened, closed again, and then it stays."""
    for version in (3, 7):
        await act_on_case.act(unit, WANG, case_id, Action.SIGN, Sign(version=version), CITY)
        await act_on_case.act(
            unit, WANG, case_id, Action.REPLY, Reply(version=version + 1, note="x", response="y"), CITY
        )
        known: dict[str, Any] = {"case_id": case_id, "version": version + 2, "at": MONDAY}
        await handle_events.decide_reviews(
            unit, [ReviewDecided(**known, kind=ReviewKind.REPLY, accepted=True, decided_by="li")], city=CITY
        )
        await handle_events.remember_ratings(unit, [CitizenRated(**known, score=1)])
        await handle_events.reopen_cases(unit, [CitizenObjected(**known, reason="没修好")])
    case = await read_cases.read_case(unit, HOUSING, case_id)

    assert sum(isinstance(event, CaseReopened) for event in unit.emitted) == 1
    assert case.state is CaseState.CLOSED
    assert case.timeline[-1].detail == {"ignored": True, "seen_version": 9}


async def test_what_the_citizen_says_is_read_once_and_only_after_it_was_judged(
    unit: RecordingUnit, case_id: CaseId
) -> None:
    """Beside a rating, in an objection, with a withdrawal: the log keeps it, and no department reads it there."""
    await act_on_case.act(unit, WANG, case_id, Action.SIGN, Sign(version=3), CITY)
    await act_on_case.act(unit, WANG, case_id, Action.REPLY, Reply(version=4, note="x", response="y"), CITY)
    known: dict[str, Any] = {"case_id": case_id, "version": 5, "at": MONDAY}
    await handle_events.decide_reviews(
        unit, [ReviewDecided(**known, kind=ReviewKind.REPLY, accepted=True, decided_by="li")], city=CITY
    )
    await handle_events.remember_ratings(unit, [CitizenRated(**known, score=1, comment="队长收了烟")])
    await handle_events.reopen_cases(unit, [CitizenObjected(**known, reason="队长收了烟")])
    await handle_events.withdraw_cases(
        unit, [WithdrawalJudged(withdrawn_at=MONDAY, **known, reason="队长收了烟")]
    )
    before = await read_cases.read_case(unit, HOUSING, case_id)
    judged = SupplementJudged(case_id=case_id, version=8, at=MONDAY, text="还是不亮", supplemented_at=MONDAY)
    await handle_events.supplement_cases(unit, [judged])
    after = await read_cases.read_case(unit, HOUSING, case_id)

    assert "队长" not in str(before)
    assert [] == [each for each in unit.emitted_to if "队长" in str(each)]
    assert 1 == str(after).count("还是不亮")
    assert {"citizen.rated", "object", "withdraw"} <= {row.event for row in before.timeline}


async def test_a_withdrawal_ends_the_work(unit: RecordingUnit, case_id: CaseId) -> None:
    """Everyone is told once; a second one is only remembered."""
    withdrawn = WithdrawalJudged(withdrawn_at=MONDAY, case_id=case_id, version=1, at=MONDAY, reason="已解决")
    await handle_events.withdraw_cases(unit, [withdrawn])
    await handle_events.withdraw_cases(unit, [withdrawn])

    assert [event.outcome for event in unit.emitted if isinstance(event, CaseClosed)] == ["withdrawn"]
    assert (await read_cases.read_case(unit, HOUSING, case_id)).allowed_actions == ()


async def test_a_trace_without_a_name_gives_way(unit: RecordingUnit) -> None:
    """Whatever stands there as the present one: it stops nobody, and the citizen's own goes on."""
    event, citizens = routed(), f"00-{'a1' * 16}-{'a1' * 8}-01"
    unit.continue_trace(event.case_id, citizens)
    await assign.open_cases(unit, [event])
    unit.continue_trace(event.case_id, "")
    await act_on_case.act(unit, WANG, event.case_id, Action.SIGN, Sign(version=3), CITY)

    assert citizens == unit.trace_of(event.case_id)


async def test_what_is_said_belongs_to_the_citizens_trace(unit: RecordingUnit) -> None:
    """Whoever causes it: the trace is the one in which the case was opened, and within it the nearest span stays."""
    event = routed()
    citizens, nearer, strangers = (f"00-{trace * 32}-{span * 16}-01" for trace, span in ("a1", "a2", "b3"))
    unit.continue_trace(event.case_id, citizens)
    await assign.open_cases(unit, [event])
    unit.continue_trace(event.case_id, strangers)
    await act_on_case.act(unit, WANG, event.case_id, Action.SIGN, Sign(version=3), CITY)

    assert unit.trace_of(event.case_id) == citizens
    unit.continue_trace(event.case_id, nearer)
    await handle_events.withdraw_cases(
        unit, [WithdrawalJudged(withdrawn_at=MONDAY, case_id=event.case_id, version=1, at=MONDAY)]
    )
    assert unit.trace_of(event.case_id) == nearer
