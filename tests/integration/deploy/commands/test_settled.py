"""Which cases `huiyin forget` finds settled: nothing that was asked for waits, whoever ended what, and however."""

from datetime import timedelta
from typing import Any

import pytest

from deploy.commands import forget as commands
from schemas.ids import CaseId
from tests.integration.deploy.commands.test_forget import DAYS_AGO, NOW, _forget, _message, _told, city
from tests.integration.deploy.web.city_of_files import JSON, FileCity

__all__ = ["city"]


async def _call_back(
    city: FileCity, case_id: CaseId, state: str = "open", *, is_current: bool = True, redo: bool = False
) -> None:
    """The citizen is to be rung up about the end of their case, or was; `is_current`: that end stands."""
    at = NOW - DAYS_AGO
    await city.pool.execute(
        """INSERT INTO sla."case" (case_id, closed_at, outcome, version, state_version)
        VALUES ($1::uuid, $2, 'answered', 9, 9)""",
        case_id, at if is_current else at + timedelta(minutes=1),
    )  # fmt: skip
    await city.pool.execute(
        """INSERT INTO sla.call_back (case_id, number, day, why, state, drawn_at, closed_at, leads, redo)
        VALUES ($1::uuid, 1, $2, 'sample', $3, $4, $4, '{}', $5)""",
        case_id, at.date(), state, at, redo,
    )  # fmt: skip


@pytest.mark.parametrize(
    "standing",
    [
        {"state": "withdrawn", "timeline": _told(NOW - DAYS_AGO, "withdrawal")},
        {"timeline": _told(NOW - DAYS_AGO, "closed", "objected")},
    ],
    ids=["a withdrawal that may be held", "an objection"],
)
async def test_what_shows_as_ended_and_is_not_settled_is_refused(
    city: FileCity, standing: dict[str, Any]
) -> None:
    """Routing may hold it, or it is done anew; nor is a case that was merged into such a one."""
    await _is_refused(city, await _message(city, 1, **standing))


@pytest.mark.parametrize(("state", "redo"), [("open", False), ("done", True)])
async def test_whose_call_back_is_not_over_is_not_forgotten(city: FileCity, state: str, redo: bool) -> None:
    """Somebody is to ring up, or had it done anew and no department has heard of that yet: sla knows."""
    case_id, codes = await _message(city, 1, timeline=_told(NOW - DAYS_AGO, "closed", "called_back"))
    await _call_back(city, case_id, state, redo=redo)

    await _is_refused(city, (case_id, codes))


@pytest.mark.parametrize(("state", "is_current"), [("void", True), ("open", False), ("done", True)])
async def test_a_call_back_is_over_with_the_end_that_it_is_about(
    city: FileCity, state: str, is_current: bool
) -> None:
    """Whatever took that end away, and whether or not anybody told its citizen: a result, or nothing to ask about."""
    case_id, codes = await _message(city, timeline=_told(NOW - DAYS_AGO, "closed", "call_back_due", "undone"))
    await _call_back(city, case_id, state, is_current=is_current)
    again = _told(NOW - DAYS_AGO, "answered_directly", "call_back_due")
    await city.pool.execute("UPDATE intake.view SET timeline = timeline || $1", again)

    assert [case_id] == await _forget(city, codes["tracking_code"])


async def _is_refused(city: FileCity, case: tuple[CaseId, JSON]) -> None:
    case_id, codes = case
    _, merged = await _message(city, 2, state="merged", merged_into=case_id)

    for each in (codes, merged):
        with pytest.raises(commands.CaseIsOpen):
            await _forget(city, each["tracking_code"])
    assert [] == await _forget(city, day=NOW.replace(tzinfo=None))

    assert 2 == await city.pool.fetchval("SELECT count(*) FROM intake.sealed")


@pytest.mark.parametrize(
    "standing",
    [
        {"is_withdrawn": True, "state": "withdrawn", "timeline": _told(NOW - DAYS_AGO, "withdrawal")},
        {"state": "withdrawn", "timeline": _told(NOW - DAYS_AGO, "withdrawal", "withdrawn")},
        {
            "state": "declined",
            "timeline": _told(NOW - DAYS_AGO, "declined", "objected", "undone", "declined"),
        },
        {"timeline": _told(NOW - DAYS_AGO, "closed", "objected", "objection_dropped")},
    ],
)
async def test_what_is_settled_is_forgotten(city: FileCity, standing: dict[str, Any]) -> None:
    """What was asked for came to something."""
    case_id, codes = await _message(city, **standing)

    assert [case_id] == await _forget(city, codes["tracking_code"])
