"""Sign for many cases at once (批量签收): those that a clerk chose of the desk's list."""

from collections.abc import Mapping, Sequence

import msgspec

from handlers.core.actions.sign import Sign
from handlers.core.rules import Action
from handlers.steps.act_on_case import Asked, act_each, was_just_done
from handlers.store import cases as log
from handlers.store import desk as store
from schemas.city import City
from schemas.errors import NotFound, Refused
from schemas.http import Principal
from schemas.ids import CaseId, TrackingCode
from schemas.ports import Unit


class SignedOne(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one of them. Without a tracking code it is not the department's to see."""

    case_id: CaseId
    tracking_code: TrackingCode | None = None
    title: str = ""
    refusal: Refused | None = None
    #: The same person signed for it a moment ago: the form came twice.
    is_repeat: bool = False
    #: A colleague signed for it after the list was opened: nothing is left to do.
    by_colleague: bool = False


async def sign_many(
    unit: Unit, who: Principal, seen: Mapping[CaseId, int], city: City
) -> Sequence[SignedOne]:
    """Sign for each that still stands as it was seen; the others are as they were, each with why."""
    asked = [
        Asked(who=who, case_id=case_id, action=Action.SIGN, body=Sign(version=version))
        for case_id, version in seen.items()
    ]
    outcomes = await act_each(unit, asked, city)
    called = await store.called(unit.db, who.own_department, list(seen))
    return [
        await _told(unit, one, outcome if isinstance(outcome, Refused) else None, called)
        for one, outcome in zip(asked, outcomes, strict=True)
    ]


async def _told(
    unit: Unit,
    one: Asked,
    refusal: Refused | None,
    called: Mapping[CaseId, tuple[TrackingCode, str]],
) -> SignedOne:
    if one.case_id not in called:
        return SignedOne(case_id=one.case_id, refusal=NotFound())
    code, title = called[one.case_id]
    is_repeat = refusal is not None and await was_just_done(
        unit, one.who, one.case_id, Action.SIGN, one.body.version
    )
    by_colleague = (
        refusal is not None
        and not is_repeat
        and await log.was_done(unit.db, one.case_id, Action.SIGN, one.body.version)
    )
    return SignedOne(
        case_id=one.case_id, tracking_code=code, title=title,
        refusal=None if is_repeat or by_colleague else refusal, is_repeat=is_repeat, by_colleague=by_colleague,
    )  # fmt: skip
