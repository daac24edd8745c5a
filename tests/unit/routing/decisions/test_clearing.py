"""Who may be found not to be accused, and what takes that back."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from routing.core.decisions.clearing import Clear, accused_again, clearances_of, cleared, taken_back
from routing.core.decisions.review import RoutingCase
from schemas.errors import ActionNotAllowed, BadInput, StaleVersion
from schemas.ids import CaseId, CategoryCode, DepartmentCode, TrackingCode
from schemas.values import Clearance
from schemas.words import Channel, Kind, Urgency

NOW = datetime(2026, 11, 23, tzinfo=UTC)
MARKET, TAX, WATER = (DepartmentCode(code) for code in ("market", "tax", "water"))
WHY = "只是说店在它对面"
CASE = RoutingCase(
    case_id=CaseId("00000000-0000-4000-8000-000000000001"), tracking_code=TrackingCode("ABCD"), channel=Channel.WEB,
    received_at=NOW, kind=Kind.REPORT, urgency=Urgency.NORMAL, category=CategoryCode("other"), lead=MARKET, supporting=(),
    region=None, title="", text="", supplement="", place=None, has_contact=False, confidential=False, publish=False,
    version=2, state="open", probability=1.0, decided_by=None, accused=(MARKET, TAX, WATER), protected=True,
    only_named=(MARKET, WATER), suspected_duplicate=None, similarity=None, merged_into=None,
)  # fmt: skip
FOUND = Clearance(department=MARKET, reason=WHY, decided_by="li", at=NOW)


def _clear(*departments: str, **fields: Any) -> Clear:
    return Clear(**{"version": 2, "departments": departments, "reason": WHY, **fields})


def _found(case: RoutingCase, clear: Clear) -> tuple[Clearance, ...]:
    return clearances_of(case, [], clear, "li", NOW)


def test_who_is_only_named_is_cleared_alone() -> None:
    """Whoever else is accused stays accused; and the case stays a protected one."""
    after = cleared(CASE, _found(CASE, _clear("market")))

    assert ((TAX, WATER), (WATER,), (FOUND,), True) == (
        after.accused, after.only_named, after.cleared, after.protected
    )  # fmt: skip


def test_the_same_once_more_finds_nothing_new() -> None:
    """A form that was sent twice."""
    assert () == _found(cleared(CASE, (FOUND,)), _clear("market", "market"))


@pytest.mark.parametrize(
    ("clear", "field"),
    [
        (_clear("tax"), "departments"),
        (_clear("market", "tax"), "departments"),
        (_clear("housing"), "departments"),
        (_clear("nobody"), "departments"),
        (_clear("market", reason=""), "reason"),
        (_clear("market", reason="   "), "reason"),
        (_clear("market", reason="……！！"), "reason"),
        (_clear("market", reason="不是"), "reason"),
    ],
)
def test_nobody_is_cleared_by_deed_or_without_a_reason(clear: Clear, field: str) -> None:
    """Neither whom the text accuses by what it tells, nor whom it does not accuse."""
    with pytest.raises(BadInput) as refused:
        _found(CASE, clear)

    assert [field] == [error.field for error in refused.value.errors]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"version": 1}, StaleVersion),
        ({"state": "declined"}, ActionNotAllowed),
        ({"state": "merged"}, ActionNotAllowed),
    ],
)
def test_an_old_or_ended_case_is_not_cleared(fields: dict[str, Any], error: type[Exception]) -> None:
    """Somebody else changed it, or nobody will handle it."""
    case = msgspec.structs.replace(CASE, **({"version": 3} if "version" in fields else fields))
    with pytest.raises(error):
        _found(case, _clear("market"))


@pytest.mark.parametrize(
    ("accused", "only_named", "after"),
    [
        # Named again: for a dispatcher to look at again.
        ((MARKET,), (MARKET,), ((MARKET, TAX, WATER), (MARKET, WATER), ())),
        # Accused by a deed: for good.
        ((MARKET,), (), ((MARKET, TAX, WATER), (WATER,), ())),
        ((WATER,), (), ((TAX, WATER), (), (FOUND,))),
        # A deed stays told, whatever is said without one later.
        ((TAX,), (TAX,), ((TAX, WATER), (WATER,), (FOUND,))),
    ],
)
def test_what_is_said_later_takes_it_back(accused: Any, only_named: Any, after: Any) -> None:
    """Whoever is named again is cleared no more; of whom a deed was told nobody clears again."""
    later = accused_again(cleared(CASE, (FOUND,)), accused, only_named)

    assert after == (later.accused, later.only_named, later.cleared)


def test_what_was_found_is_taken_back() -> None:
    """With its reason; nobody is accused by a deed by that, and may be cleared again. Once more it is nothing."""
    before = cleared(CASE, (FOUND,))
    units, reason = taken_back(before, [], _clear("market"))
    after = accused_again(before, units, units)

    assert ((MARKET,), WHY) == (units, reason)
    assert CASE == after
    assert () == taken_back(after, [], _clear("market"))[0]


@pytest.mark.parametrize(
    ("back", "field"),
    [
        (_clear("tax"), "departments"),
        (_clear("market", "housing"), "departments"),
        (_clear("market", reason="  "), "reason"),
    ],
)
def test_only_what_was_found_is_taken_back(back: Clear, field: str) -> None:
    """Of nobody else, and not without a reason."""
    with pytest.raises(BadInput) as refused:
        taken_back(cleared(CASE, (FOUND,)), [], back)

    assert [field] == [error.field for error in refused.value.errors]


def test_nothing_is_taken_back_of_what_was_not_seen() -> None:
    """Somebody else has decided since."""
    with pytest.raises(StaleVersion):
        taken_back(cleared(CASE, (FOUND,)), [], _clear("market", version=1))
