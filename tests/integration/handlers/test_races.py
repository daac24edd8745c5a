"""Two processes at once, each in its own transaction."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

import asyncpg
import msgspec
import pytest

from handlers.core.actions.description import Body
from handlers.core.actions.extend import Extend
from handlers.core.actions.reply import Reply
from handlers.core.actions.sign import Sign
from handlers.core.actions.suspend import Suspend
from handlers.core.actions.withdraw_reply import WithdrawReplyBody
from handlers.core.commands import CommandKey, signature
from handlers.core.rules import Action
from handlers.steps import act_on_case, assign, handle_events
from schemas.city import load_city
from schemas.errors import ActionNotAllowed, StaleVersion
from schemas.events.commands import CommandAnswered, NoteOnCase
from schemas.events.routing import ReviewDecided, WithdrawalJudged
from schemas.http import Principal
from schemas.ids import CaseId, DepartmentCode
from schemas.ports import Unit
from schemas.words import CaseState, ReviewKind, Role
from tests.conftest import RecordingUnit
from tests.unit.handlers.making import MONDAY, routed

CITY = load_city()
#: What these tests commit stays: no other test counts the cases of this department.
RACERS = DepartmentCode("racers")
_KEY = b"k" * 32
_THEIR_CITY = msgspec.structs.replace(
    CITY, departments=(*CITY.departments, msgspec.structs.replace(CITY.departments[0], code=RACERS))
)


@pytest.fixture
async def pair(schema: str) -> AsyncIterator[tuple[Any, Any]]:
    """Two connections that commit."""
    connections = [await asyncpg.connect(schema) for _ in range(2)]
    yield connections[0], connections[1]
    for connection in connections:
        await connection.close()


async def test_two_clerks_at_once_make_one_signature(pair: tuple[Any, Any]) -> None:
    """One signs, the other is told that the case changed."""
    event = routed(lead=RACERS)
    async with pair[0].transaction():
        await assign.open_cases(RecordingUnit(pair[0], MONDAY), [event])
    both_in = asyncio.Barrier(2)

    async def sign(connection: Any, name: str) -> str:
        who = Principal(role=Role.DEPARTMENT, name=name, department=RACERS)
        async with connection.transaction():
            await both_in.wait()
            try:
                await act_on_case.act(
                    RecordingUnit(connection, MONDAY), who, event.case_id, Action.SIGN, Sign(version=3), CITY
                )
            except StaleVersion:
                return "stale"
            return "signed"

    outcomes = await asyncio.gather(sign(pair[0], "wang"), sign(pair[1], "zhao"))
    rows = await pair[0].fetchval("SELECT count(*) FROM handlers.log WHERE case_id = $1", event.case_id)

    assert sorted(outcomes) == ["signed", "stale"]
    assert rows == 2


async def opened_by_racers(connection: Any) -> CaseId:
    """Signed for by the racers, at version 4."""
    event = routed(lead=RACERS)
    async with connection.transaction():
        unit = RecordingUnit(connection, MONDAY)
        await assign.open_cases(unit, [event])
        await act_on_case.act(unit, _CLERK, event.case_id, Action.SIGN, Sign(version=3), CITY)
    return event.case_id


_CLERK = Principal(role=Role.DEPARTMENT, name="wang", department=RACERS)


async def _reply(unit: RecordingUnit, case_id: CaseId, version: int) -> str:
    body = Reply(version=version, note="已查", response="已修复")
    try:
        return (await act_on_case.act(unit, _CLERK, case_id, Action.REPLY, body, CITY)).state
    except (StaleVersion, ActionNotAllowed):
        return "refused"


@pytest.mark.parametrize("turn", range(5))
async def test_of_a_reply_and_a_withdrawal_one_wins_and_the_other_is_told(
    pair: tuple[Any, Any], turn: int
) -> None:
    """Either the department is refused, or the citizen hears that the withdrawal was not done."""
    case_id = await opened_by_racers(pair[0])
    both_in = asyncio.Barrier(2)

    async def reply() -> str:
        async with pair[0].transaction():
            await both_in.wait()
            return await _reply(RecordingUnit(pair[0], MONDAY), case_id, 4)

    async def withdraw() -> list[str]:
        unit = RecordingUnit(pair[1], MONDAY)
        async with pair[1].transaction():
            await both_in.wait()
            event = WithdrawalJudged(withdrawn_at=MONDAY, case_id=case_id, version=4, at=MONDAY)
            await handle_events.withdraw_cases(unit, [event])
        return [event.name for event in unit.emitted]

    replied, told = await asyncio.gather(reply(), withdraw())
    state = await pair[0].fetchval("SELECT state FROM handlers.case WHERE case_id = $1", case_id)

    assert (replied, told, state) in [
        ("replied", ["request.dropped"], "replied"),
        ("refused", ["case.closed"], "withdrawn"),
    ]


@pytest.mark.parametrize("accepted", [True, False])
@pytest.mark.parametrize("turn", range(3))
async def test_of_a_decision_and_a_reply_taken_back_one_wins(
    pair: tuple[Any, Any], turn: int, accepted: bool
) -> None:
    """Either the clerk is refused, or the dispatcher hears that nothing was done; there is one row of the two in the log."""
    case_id = await opened_by_racers(pair[0])
    async with pair[0].transaction():
        assert "replied" == await _reply(RecordingUnit(pair[0], MONDAY), case_id, 4)
    both_in = asyncio.Barrier(2)

    async def take_back() -> str:
        async with pair[0].transaction():
            await both_in.wait()
            body = WithdrawReplyBody(version=5, reason="漏了附件")
            unit = RecordingUnit(pair[0], MONDAY)
            try:
                return (await act_on_case.act(unit, _CLERK, case_id, Action.WITHDRAW_REPLY, body, CITY)).state
            except (StaleVersion, ActionNotAllowed):
                return "refused"

    async def review() -> bool:
        unit = RecordingUnit(pair[1], MONDAY)
        async with pair[1].transaction():
            await both_in.wait()
            event = ReviewDecided(
                case_id=case_id,
                version=5,
                at=MONDAY,
                kind=ReviewKind.REPLY,
                accepted=accepted,
                decided_by="li",
            )
            await handle_events.decide_reviews(unit, [event], city=CITY)
        return [event.name for event in unit.emitted] == ["request.dropped"]

    outcomes: tuple[str, bool] = await asyncio.gather(take_back(), review())
    rows = await pair[0].fetch(
        """SELECT action FROM handlers.log
        WHERE case_id = $1 AND action IN ('withdraw-reply', 'approve', 'send-back')""",
        case_id,
    )

    assert tuple(outcomes) in {("in_progress", True), ("refused", False)}
    assert [row["action"] for row in rows] in (
        [["withdraw-reply"]] if outcomes[1] else [["approve" if accepted else "send-back"]]
    )


@pytest.mark.parametrize("kind", [ReviewKind.EXTENSION, ReviewKind.SUSPENSION])
async def test_of_a_grant_and_a_reply_the_dropped_one_is_told(
    pair: tuple[Any, Any], kind: ReviewKind
) -> None:
    """Either the department must look again, or the dispatcher hears that the grant was not done."""
    case_id = await opened_by_racers(pair[0])
    async with pair[0].transaction():
        await _ask(RecordingUnit(pair[0], MONDAY), case_id, kind)
    both_in = asyncio.Barrier(2)

    async def reply() -> str:
        async with pair[0].transaction():
            await both_in.wait()
            return await _reply(RecordingUnit(pair[0], MONDAY), case_id, 5)

    async def grant() -> list[str]:
        unit = RecordingUnit(pair[1], MONDAY)
        async with pair[1].transaction():
            await both_in.wait()
            event = ReviewDecided(
                case_id=case_id, version=5, at=MONDAY, kind=kind, accepted=True, decided_by="li"
            )
            await handle_events.decide_reviews(unit, [event], city=CITY)
        return [event.name for event in unit.emitted]

    replied, told = await asyncio.gather(reply(), grant())

    assert (replied == "replied") == (told == ["request.dropped"])
    assert (replied == "refused") == (told != ["request.dropped"])


async def _ask(unit: RecordingUnit, case_id: CaseId, kind: ReviewKind) -> None:
    asked: dict[ReviewKind, tuple[Action, Body]] = {
        ReviewKind.EXTENSION: (Action.EXTEND, Extend(version=4, working_days=5, reason="等材料")),
        ReviewKind.SUSPENSION: (
            Action.SUSPEND,
            Suspend(version=4, reason="等鉴定", basis="合同", until="2026-11-30"),
        ),
    }
    await act_on_case.act(unit, _CLERK, case_id, *asked[kind], CITY)


@pytest.mark.parametrize("opens_first", [True, False])
async def test_a_withdrawal_beside_the_opening_is_never_lost(
    pair: tuple[Any, Any], opens_first: bool
) -> None:
    """Whichever of the two transactions comes first, and neither sees the other's work until it ends."""
    event = routed(lead=RACERS)
    withdrawn = WithdrawalJudged(
        withdrawn_at=MONDAY, case_id=event.case_id, version=1, at=MONDAY, reason="不用了"
    )

    async def open_case() -> None:
        await assign.open_cases(RecordingUnit(pair[0], MONDAY), [event])

    async def withdraw() -> None:
        await handle_events.withdraw_cases(RecordingUnit(pair[1], MONDAY), [withdrawn])

    steps = [(pair[0], open_case), (pair[1], withdraw)]
    (first, do_first), (second, do_second) = steps if opens_first else steps[::-1]
    transaction = first.transaction()
    await transaction.start()
    await do_first()

    async def run_second() -> None:
        async with second.transaction():
            await do_second()

    waiting = asyncio.create_task(run_second())
    done, _ = await asyncio.wait([waiting], timeout=0.2)
    await transaction.commit()
    await waiting
    state = await first.fetchval("SELECT state FROM handlers.case WHERE case_id = $1", event.case_id)

    assert not done
    assert state == CaseState.WITHDRAWN


class _Keys:
    """The racers' one key."""

    async def keys_of(self, unit: Unit, department: DepartmentCode) -> Sequence[CommandKey]:
        """See the port."""
        return [CommandKey(_KEY)]


async def test_one_command_on_two_partitions_is_done_once(pair: tuple[Any, Any]) -> None:
    """Its copies are with two consumers at once: one note, and the second copy gets the first one's answer."""
    case_id = await opened_by_racers(pair[0])
    copies = [
        NoteOnCase(
            case_id=case_id,
            version=4,
            at=at,
            command_id="n-1",
            department=RACERS,
            signature="",
            text="已巡查",
        )
        for at in (MONDAY, MONDAY + timedelta(seconds=1))
    ]
    both_in = asyncio.Barrier(2)

    async def obey(connection: Any, copy: NoteOnCase) -> CommandAnswered:
        copy = msgspec.structs.replace(copy, signature=signature(copy, _KEY))
        unit = RecordingUnit(connection, copy.at)
        async with connection.transaction():
            await both_in.wait()
            await act_on_case.obey_commands(unit, [copy], city=_THEIR_CITY, keys=_Keys())
        (answer,) = [event for _, event in unit.emitted_to if isinstance(event, CommandAnswered)]
        return answer

    first, second = await asyncio.gather(*(obey(c, copy) for c, copy in zip(pair, copies, strict=True)))
    notes = await pair[0].fetchval(
        "SELECT count(*) FROM handlers.log WHERE case_id = $1 AND action = 'note'", case_id
    )

    assert notes == 1
    assert first == second


async def test_two_batches_that_refuse_and_obey_crosswise_wait_for_nobody(pair: tuple[Any, Any]) -> None:
    """Each refuses what cannot be read about the other's case before it obeys its own: no deadlock, both are answered."""
    case_ids = [await opened_by_racers(pair[0]) for _ in range(2)]
    both_in = asyncio.Barrier(2)

    async def obey(connection: Any, faulty: CaseId, sound: CaseId) -> list[tuple[str | None, int]]:
        unit = RecordingUnit(connection, MONDAY)
        notes = [
            NoteOnCase(
                case_id=case_id, version=4, at=MONDAY, command_id=command_id, department=RACERS, signature="", text="已巡查"
            )
            for case_id, command_id in ((faulty, "x" * 129), (sound, f"n-{sound}"))
        ]  # fmt: skip
        async with connection.transaction():
            for note in notes:
                signed = msgspec.structs.replace(note, signature=signature(note, _KEY))
                await act_on_case.obey_commands(unit, [signed], city=_THEIR_CITY, keys=_Keys())
                await both_in.wait()
        return [
            (event.code, event.version) for _, event in unit.emitted_to if isinstance(event, CommandAnswered)
        ]

    answers = await asyncio.gather(obey(pair[0], case_ids[1], case_ids[0]), obey(pair[1], *case_ids))
    assert all(each == [("bad-input", 4), (None, 4)] for each in answers)
