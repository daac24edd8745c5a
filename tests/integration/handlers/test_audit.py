"""The log in Postgres: nothing can be changed, and whatever is changed shows."""

import asyncpg
import pytest

from deploy.audit.verification import BrokenChain, Verified, verify_chains
from handlers.core.actions.note import Note
from handlers.core.actions.sign import Sign
from handlers.core.rules import Action
from handlers.steps import act_on_case, assign
from schemas.city import load_city
from schemas.http import Principal
from schemas.ids import CaseId
from schemas.words import Role
from tests.conftest import AUDIT_KEY, RecordingUnit
from tests.unit.handlers.making import HOUSING, routed

CITY = load_city()
WANG = Principal(role=Role.DEPARTMENT, name="wang", department=HOUSING)


@pytest.fixture
async def case_id(unit: RecordingUnit) -> CaseId:
    """A case with three rows in its log."""
    event = routed(region="donghu")
    await assign.open_cases(unit, [event])
    await act_on_case.act(unit, WANG, event.case_id, Action.SIGN, Sign(version=3), CITY)
    await act_on_case.act(
        unit, WANG, event.case_id, Action.NOTE, Note(version=4, text='"引号" \\ 与\n换行 \u2028 😀'), CITY
    )
    return event.case_id


@pytest.mark.parametrize(
    "statement",
    ["UPDATE handlers.log SET actor = 'x'", "DELETE FROM handlers.log", "TRUNCATE handlers.log"],
)
async def test_the_log_is_append_only(unit: RecordingUnit, case_id: CaseId, statement: str) -> None:
    """Postgres itself refuses."""
    with pytest.raises(asyncpg.RaiseError, match="append-only"):
        await unit.db.execute(statement)


async def test_what_was_written_verifies(unit: RecordingUnit, case_id: CaseId) -> None:
    """Whatever characters it holds, after the way through jsonb and back."""
    assert Verified(cases=1, rows=3, broken=()) == await verify_chains(unit.db, [AUDIT_KEY], case_id)


@pytest.mark.parametrize(
    ("statement", "row"),
    [
        ("UPDATE handlers.log SET actor = 'zhao' WHERE case_id = $1 AND seq = 2", 2),
        ("UPDATE handlers.log SET detail = '{}' WHERE case_id = $1 AND seq = 3", 3),
        ("UPDATE handlers.log SET at = at + interval '1 microsecond' WHERE case_id = $1 AND seq = 1", 1),
        ("DELETE FROM handlers.log WHERE case_id = $1 AND seq = 2", 2),
        ("DELETE FROM handlers.log WHERE case_id = $1 AND seq = 3", 3),
        ("DELETE FROM handlers.log WHERE case_id = $1", 1),
        ("DELETE FROM handlers.case WHERE case_id = $1", 1),
        ("UPDATE handlers.case SET state = 'closed' WHERE case_id = $1", 3),
        ("UPDATE handlers.case SET response = 'x' WHERE case_id = $1", 3),
        ("UPDATE handlers.case SET lead = 'x' WHERE case_id = $1", 3),
        ("UPDATE handlers.case SET accused = '{x}' WHERE case_id = $1", 3),
        ("UPDATE handlers.case SET log_seal = NULL WHERE case_id = $1", 3),
        ("UPDATE handlers.case SET text = 'x' WHERE case_id = $1", 1),
        ("UPDATE handlers.case SET place = '{}' WHERE case_id = $1", 1),
        ("UPDATE handlers.case SET message_seal = NULL WHERE case_id = $1", 1),
    ],
)
async def test_what_was_changed_shows(unit: RecordingUnit, case_id: CaseId, statement: str, row: int) -> None:
    """By somebody who may even switch the triggers off; the first row that does not fit is named."""
    await unit.db.execute("ALTER TABLE handlers.log DISABLE TRIGGER USER")
    await unit.db.execute(statement, case_id)

    (found,) = (await verify_chains(unit.db, [AUDIT_KEY], case_id)).broken
    assert (case_id, row) == (found.case_id, found.row)


async def test_all_chains_are_read_and_the_broken_ones_named(unit: RecordingUnit, case_id: CaseId) -> None:
    """Beside a whole one, the one that was changed."""
    other = routed()
    await assign.open_cases(unit, [other])
    await unit.db.execute("ALTER TABLE handlers.log DISABLE TRIGGER USER")
    await unit.db.execute("UPDATE handlers.log SET actor = 'x' WHERE case_id = $1", other.case_id)
    found = await verify_chains(unit.db, [AUDIT_KEY])

    assert (BrokenChain(case_id=other.case_id, row=1, why="changed"),) == found.broken
    assert found.cases >= 2
    assert found.rows >= 4
