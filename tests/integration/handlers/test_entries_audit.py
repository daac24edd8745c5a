"""A knowledge entry is what was written and approved, or `audit verify` names it."""

from datetime import timedelta

import pytest

from deploy.audit.verification import verify_chains
from handlers.store import entry_audit
from schemas.ids import EntryId
from tests.conftest import AUDIT_KEY, RecordingUnit
from tests.integration.handlers.entry_desk import Staff, published


async def _entry_why(unit: RecordingUnit, entry_id: EntryId) -> str | None:
    return {
        each.entry_id: each.why for each in (await verify_chains(unit.db, [AUDIT_KEY])).broken_entries
    }.get(entry_id)


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("UPDATE handlers.entry SET published = jsonb_set(published, '{answer}', '\"x\"') WHERE entry_id = $1", "entry"),
        ("UPDATE handlers.entry SET content = jsonb_set(content, '{answer}', '\"x\"') WHERE entry_id = $1", "entry"),
        ("UPDATE handlers.entry SET published = NULL WHERE entry_id = $1", "entry"),
        ("UPDATE handlers.entry SET owner = 'water' WHERE entry_id = $1", "changed"),
        ("UPDATE handlers.entry SET state = 'draft' WHERE entry_id = $1", "entry"),
        ("UPDATE handlers.entry_log SET actor = 'x' WHERE entry_id = $1 AND version = 2", "changed"),
        ("UPDATE handlers.entry_log SET content = jsonb_set(content, '{answer}', '\"x\"') WHERE entry_id = $1", "changed"),
        ("UPDATE handlers.entry_log SET seal = NULL WHERE entry_id = $1 AND version = 3", "changed"),
        ("DELETE FROM handlers.entry_log WHERE entry_id = $1 AND version = 2", "missing"),
        ("DELETE FROM handlers.entry_log WHERE entry_id = $1 AND version = 3", "entry"),
        ("DELETE FROM handlers.entry WHERE entry_id = $1", "missing"),
        ("UPDATE intake.entry SET content = jsonb_set(content, '{answer}', '\"x\"') WHERE entry_id = $1", "read"),
        ("UPDATE intake.entry SET version = 9 WHERE entry_id = $1", "read"),
    ],
)  # fmt: skip
async def test_no_entry_is_changed_unseen(
    unit: RecordingUnit, wang: Staff, li: Staff, statement: str, why: str
) -> None:
    """Neither where it is written nor where everybody reads it."""
    entry_id = await published(wang, li)
    holds = await _entry_why(unit, entry_id)
    await unit.db.execute("ALTER TABLE handlers.entry_log DISABLE TRIGGER USER")
    await unit.db.execute(statement, entry_id)

    assert (None, why) == (holds, await _entry_why(unit, entry_id))


async def test_an_entry_that_nobody_wrote_is_found(unit: RecordingUnit, wang: Staff, li: Staff) -> None:
    """Everybody reads it, and no department has it."""
    entry_id = await published(wang, li)
    other = EntryId("0198b2c4-0000-7000-8000-0000000000ff")
    await unit.db.execute("UPDATE intake.entry SET entry_id = $2 WHERE entry_id = $1", entry_id, other)

    assert "read" == await _entry_why(unit, other)


async def test_what_an_earlier_release_wrote_needs_no_seal(
    unit: RecordingUnit, wang: Staff, li: Staff
) -> None:
    """The owner's table says since when there are any."""
    entry_id = await published(wang, li)
    await unit.db.execute("ALTER TABLE handlers.entry_log DISABLE TRIGGER USER")
    await unit.db.execute("UPDATE handlers.entry_log SET seal = NULL")
    await unit.db.execute("INSERT INTO deploy.sealed_since VALUES ('entries', now()), ('told', now())")
    logged = await entry_audit.every_entry(unit.db)

    assert [None, None, None] == [row.seal for row in logged[entry_id].rows]
    assert await _entry_why(unit, entry_id) is None


@pytest.mark.parametrize(("since", "why"), [(timedelta(hours=1), None), (timedelta(days=2), "changed")])
async def test_what_the_release_before_writes_beside_the_new_one_needs_no_seal(
    unit: RecordingUnit, wang: Staff, li: Staff, since: timedelta, why: str | None
) -> None:
    """For a day: its processes run on while one after the other is changed. A seal that is there must be right."""
    entry_id = await published(wang, li)
    await unit.db.execute("ALTER TABLE handlers.entry_log DISABLE TRIGGER USER")
    sealed_at = unit.now - since
    await unit.db.execute("INSERT INTO deploy.sealed_since VALUES ('entries', $1), ('told', $1)", sealed_at)
    await unit.db.execute("UPDATE handlers.entry_log SET seal = NULL WHERE version = 2")
    found = await _entry_why(unit, entry_id)
    await unit.db.execute("UPDATE handlers.entry_log SET actor = 'x' WHERE version = 3")

    assert (why, "changed") == (found, await _entry_why(unit, entry_id))
