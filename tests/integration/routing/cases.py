"""Cases and events as these tests need them."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import uuid4

import msgspec

from routing.core.rules import load_rules
from routing.steps.judging import judge_objections, judge_ratings, judge_withdrawals
from routing.steps.refusals import handle_merged_objections, handle_objections
from routing.steps.route import classify_registered, route_cases
from routing.steps.said_since import handle_ratings, handle_withdrawals
from routing.steps.supplement import handle_reopened, judge_supplements, supplement_cases
from schemas.events.handlers import CaseReopened
from schemas.events.intake import (
    CaseRegistered,
    CaseSupplemented,
    CaseWithdrawn,
    CitizenObjected,
    CitizenRated,
    RefusalObjected,
)
from schemas.ids import CaseId, TrackingCode
from schemas.ports import Unit
from schemas.words import Channel

AT = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)
#: Certain: a bus line.
CLEAR = ("公交车末班车太早", "希望公交线路延长运营时间，公交站等车的乘客很多。")
#: Nothing to go by.
UNCLEAR = ("一件事", "请看一下。")


def new_case_id() -> CaseId:
    """A case that nobody knows."""
    return CaseId(str(uuid4()))


def registered(words: tuple[str, str] = CLEAR, **changes: object) -> CaseRegistered:
    """A case as intake registers it."""
    event = CaseRegistered(
        case_id=new_case_id(),
        version=1,
        at=AT,
        tracking_code=TrackingCode(uuid4().hex[:16].upper()),
        channel=Channel.WEB,
        received_at=AT,
        title=words[0],
        text=words[1],
    )
    return msgspec.structs.replace(event, **changes)


async def route(unit: Unit, events: Sequence[CaseRegistered]) -> None:
    """Let routing hear of new cases."""
    await route_cases(unit, events, classify_registered(load_rules(), events))


async def supplement(unit: Unit, events: Sequence[CaseSupplemented]) -> None:
    """Let routing hear of what citizens add."""
    await supplement_cases(load_rules(), unit, events, judge_supplements(load_rules(), events))


async def withdraw(unit: Unit, events: Sequence[CaseWithdrawn]) -> None:
    """Let routing hear that citizens take their cases back."""
    await handle_withdrawals(load_rules(), unit, events, judge_withdrawals(load_rules(), events))


async def rate(unit: Unit, events: Sequence[CitizenRated]) -> None:
    """Let routing hear how citizens rate their answers."""
    await handle_ratings(load_rules(), unit, events, judge_ratings(load_rules(), events))


async def object_to_refusal(unit: Unit, events: Sequence[RefusalObjected]) -> None:
    """Let routing hear that citizens object to refusals."""
    await handle_objections(load_rules(), unit, events, judge_objections(load_rules(), events))


async def object_to_answer(unit: Unit, events: Sequence[CitizenObjected]) -> None:
    """Let routing hear that citizens object to answers."""
    await handle_merged_objections(load_rules(), unit, events, judge_objections(load_rules(), events))


async def reopen(unit: Unit, events: Sequence[CaseReopened]) -> None:
    """Let routing hear that cases are with their departments once more."""
    await handle_reopened(load_rules(), unit, events, judge_objections(load_rules(), events))
