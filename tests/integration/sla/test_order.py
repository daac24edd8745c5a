"""Kafka orders one topic, never two: whichever is heard first, a case ends up the same."""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import combinations, permutations
from typing import Any

import pytest

from schemas.event import Event
from schemas.events.handlers import (
    CaseClosed,
    CaseProtected,
    CaseReopened,
    CaseReturned,
    CaseSigned,
    ReplySentBack,
)
from schemas.events.intake import CitizenRated, RefusalObjected
from schemas.events.routing import (
    CaseDeclined,
    CaseMerged,
    CaseUnmerged,
    MergedAnswered,
    ReviewRequested,
    WithdrawalConfirmed,
)
from schemas.ids import CaseId
from schemas.words import CaseState, ReviewKind, Urgency
from tests.integration.sla.events import WATER, Sla, assigned, registered, replied
from tests.unit.handlers.making import HOUSING, MONDAY, fresh_case

_Deed = Callable[[CaseId, datetime], Event]


def _of(event: type[Event], version: int, **more: Any) -> _Deed:
    return lambda case, at: event(case_id=case, version=version, at=at, **more)


def _assigned(version: int, **more: Any) -> _Deed:
    return lambda case, at: assigned(case, at, version=version, **more)


def _replied(version: int) -> _Deed:
    return lambda case, at: replied(case, at, version)


def _asked(version: int, **more: Any) -> _Deed:
    return _of(ReviewRequested, version, **{"kind": ReviewKind.DISPATCH, "state": CaseState.IN_REVIEW} | more)


def _declined(version: int) -> _Deed:
    return _of(CaseDeclined, version, legal_route="法院", decided_by="li", state=CaseState.DECLINED)


def _ended(version: int, outcome: str) -> _Deed:
    state = CaseState.CLOSED if outcome == "answered" else CaseState(outcome)
    return _of(CaseClosed, version, outcome=outcome, state=state)


def _objected(version: int) -> tuple[_Deed, _Deed]:
    """The objection, and routing's answer."""
    answer = _asked(version + 2, kind=ReviewKind.OBJECTION)
    return _of(RefusalObjected, version, reason="应由贵局办理"), answer


def _answered(version: int) -> _Deed:
    """With the case that it was merged into."""
    return _of(
        MergedAnswered,
        version,
        response="已修好",
        department=HOUSING,
        category="urban",
        state=CaseState.MERGED,
    )


_REGISTERED: _Deed = registered
_RETURNED = _of(CaseReturned, 4, department=HOUSING, reason="r", basis="b", return_count=1)
_SIGNED = _of(CaseSigned, 4, department=HOUSING, signed_by="张")
_MERGED: Mapping[str, Any] = {"into": fresh_case(), "decided_by": "li", "state": CaseState.MERGED}
_UNMERGED: Mapping[str, Any] = {"why": "decided", "decided_by": "li", "state": CaseState.IN_REVIEW}

#: What happens to cases of which several topics tell, in the order in which it happens.
LIVES: Mapping[str, Sequence[_Deed]] = {
    "refused, objected to, dispatched": [
        _REGISTERED, _asked(2), _declined(3), *_objected(3), _assigned(7),
    ],
    "refused twice": [_REGISTERED, _asked(2), _declined(3), *_objected(3), _declined(6)],
    "returned, refused, objected to before its department's slice has said so": [
        _REGISTERED, _assigned(3), _RETURNED, _declined(5), _objected(5)[0], _ended(6, "declined"), _objected(5)[1],
    ],
    "returned, refused, objected to, dispatched": [
        _REGISTERED, _assigned(3), _RETURNED, _declined(5), _ended(6, "declined"), *_objected(6), _assigned(10, lead=WATER),
    ],
    "returned and refused twice": [
        _REGISTERED, _assigned(3), _RETURNED, _declined(5), _ended(6, "declined"), *_objected(6), _declined(9),
        _ended(10, "declined"),
    ],
    "merged in hand, and not merged any more": [
        _REGISTERED, _assigned(3), _SIGNED, _ended(6, "merged"), _of(CaseMerged, 6, **_MERGED),
        _of(CaseUnmerged, 8, **_UNMERGED),
    ],
    "sent back, and merged": [
        _REGISTERED, _assigned(3), _SIGNED, _replied(5), _of(ReplySentBack, 6, department=HOUSING, remarks="r"),
        _ended(8, "merged"), _of(CaseMerged, 8, **_MERGED),
    ],
    "not merged any more, dispatched": [
        _REGISTERED, _assigned(3), _ended(6, "merged"), _of(CaseMerged, 6, **_MERGED),
        _of(CaseUnmerged, 8, **_UNMERGED), _assigned(10, lead=WATER),
    ],
    "merged in hand, and answered with the other": [
        _REGISTERED, _assigned(3), _SIGNED, _ended(6, "merged"), _of(CaseMerged, 6, **_MERGED), _answered(8),
    ],
    "merged in hand, answered with the other, and not merged any more": [
        _REGISTERED, _assigned(3), _SIGNED, _ended(6, "merged"), _of(CaseMerged, 6, **_MERGED), _answered(8),
        _of(CaseUnmerged, 10, **_UNMERGED),
    ],
    "withdrawn while a review is asked for": [
        _REGISTERED, _asked(2), _of(WithdrawalConfirmed, 3, state=CaseState.WITHDRAWN),
    ],
    "merged, not merged any more, withdrawn": [
        _REGISTERED, _asked(2), _of(CaseMerged, 3, **_MERGED), _of(CaseUnmerged, 5, **_UNMERGED),
        _of(WithdrawalConfirmed, 6, state=CaseState.WITHDRAWN),
    ],
    "refused, objected to, withdrawn": [
        _REGISTERED, _asked(2), _declined(3), *_objected(3),         _of(WithdrawalConfirmed, 6, state=CaseState.WITHDRAWN),
    ],
    "withdrawn with its department": [
        _REGISTERED, _assigned(3), _ended(4, "withdrawn"),
    ],
    "withdrawn on the way to its department": [
        _REGISTERED, _assigned(3), _ended(4, "withdrawn"),
    ],
    "accusing its department since, refused": [
        _REGISTERED, _assigned(3), _SIGNED, _replied(5), _asked(6, protected=True),
        _of(CaseProtected, 7, accused=(HOUSING,), state=CaseState.IN_REVIEW), _declined(7), _ended(8, "declined"),
    ],
    "accusing its department since, dispatched": [
        _REGISTERED, _assigned(3), _asked(4, protected=True),
        _of(CaseProtected, 5, accused=(HOUSING,), state=CaseState.IN_REVIEW), _assigned(7, lead=WATER),
    ],
    "badly answered twice": [
        _REGISTERED, _assigned(3), _SIGNED, _replied(5), _ended(6, "answered"), _of(CitizenRated, 6, score=1),
        _of(CaseReopened, 7, reason="r", lead=HOUSING), _replied(8),
        _of(ReplySentBack, 9, department=HOUSING, remarks="r"), _replied(10),
        _ended(11, "answered"), _of(CitizenRated, 11, score=2),
    ],
    "an emergency in review": [_REGISTERED, _asked(2, urgency=Urgency.EMERGENCY)],
    "an emergency, dispatched": [
        _REGISTERED, _asked(2, urgency=Urgency.EMERGENCY), _assigned(4, urgency=Urgency.EMERGENCY),
    ],
}  # fmt: skip


def _orders(count: int, topics: Sequence[str]) -> Iterator[Sequence[int]]:
    """Every order in which two events of different topics change places, the rest as it happened; and some at random."""
    for late, early in combinations(range(count), 2):
        if topics[late] != topics[early]:
            between = range(late, early + 1)
            first = [number for number in between if topics[number] == topics[early]]
            rest = [number for number in between if number not in first]
            yield [*range(late), *first, *rest, *range(early + 1, count)]
    for order in permutations(sorted(set(topics))):
        yield sorted(range(count), key=lambda number: order.index(topics[number]))
    chance = random.Random(count)
    for _ in range(5):
        yield _shuffled(topics, chance)


def _shuffled(topics: Sequence[str], chance: random.Random) -> Sequence[int]:
    waiting = {topic: iter([n for n, other in enumerate(topics) if other == topic]) for topic in topics}
    turns = list(topics)
    chance.shuffle(turns)
    return [next(waiting[turn]) for turn in turns]


async def _stands(sla: Sla, case: CaseId) -> Mapping[str, Any]:
    """The case's row, and whatever runs or stands still for it."""
    row = dict(await sla.unit.db.fetchrow('SELECT * FROM sla."case" WHERE case_id = $1', case))
    clocks = await sla.unit.db.fetch(
        "SELECT clock, state, department, started_at, due_at FROM sla.clock WHERE case_id = $1 AND state <> 'stopped'",
        case,
    )
    del row["case_id"]
    return {**row, **{clock["clock"]: tuple(clock)[1:] for clock in clocks}}


async def _lived(sla: Sla, life: Sequence[_Deed], order: Sequence[int]) -> Mapping[str, Any]:
    """Where a case stands whose life is heard in this order."""
    case = fresh_case()
    events = [deed(case, MONDAY + timedelta(minutes=15 * number)) for number, deed in enumerate(life)]
    await sla.hear(*(events[number] for number in order))
    return await _stands(sla, case)


@pytest.mark.parametrize("name", LIVES)
async def test_whichever_topic_is_read_first(sla: Sla, name: str) -> None:
    """For any two events of different topics, both orders give the same row and the same clocks."""
    life = LIVES[name]
    topics = [deed(fresh_case(), MONDAY).producer for deed in life]
    as_it_happened = await _lived(sla, life, range(len(life)))
    for order in _orders(len(life), topics):
        assert as_it_happened == await _lived(sla, life, order), [
            type(life[n](fresh_case(), MONDAY)).__name__ for n in order
        ]


@pytest.mark.parametrize("outcome", ["answered", "withdrawn"])
async def test_an_end_that_is_heard_after_an_accusation(sla: Sla, outcome: str) -> None:
    """As after a dead letter was replayed: the case had ended, and stayed so; nothing runs for it."""
    end = _ended(5, outcome)
    accused = _of(
        CaseProtected,
        6,
        accused=(HOUSING,),
        state=CaseState.CLOSED if outcome == "answered" else CaseState(outcome),
    )
    life = [_REGISTERED, _assigned(3), _SIGNED, end, accused]

    as_it_happened = await _lived(sla, life, range(5))

    assert as_it_happened["closed_at"] is not None
    assert as_it_happened == await _lived(sla, life, [0, 1, 2, 4, 3])
