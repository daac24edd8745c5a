"""Whoever rewrites what was logged is refused by Postgres or found by `audit verify`, which names case and row."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import asyncpg
import pytest

from deploy import clock, composition
from deploy.audit.pins import BrokenAnchor
from deploy.commands.audit import NotTheOwner, restored
from deploy.database.pool import connect
from deploy.database.unit_of_work import PostgresUnit
from deploy.local.embedded.postgres import EmbeddedPostgres
from deploy.settings import Settings
from handlers.core.actions.reply import Reply
from handlers.core.actions.sign import Sign
from handlers.core.chain import START, LogEntry, plain_hash
from handlers.core.rules import Action
from handlers.steps import act_on_case, assign, handle_events
from handlers.store.audit import chains
from schemas.city import load_city
from schemas.events.intake import CitizenObjected
from schemas.events.routing import ReviewDecided
from schemas.http import Principal
from schemas.ids import CaseId
from schemas.words import ReviewKind, Role
from tests.integration.deploy.audit.anchored import case_row, cut_to, installed, make_anchor, verify
from tests.unit.handlers.making import HOUSING, routed

CITY = load_city()
WANG = Principal(role=Role.DEPARTMENT, name="wang", department=HOUSING)
RESPONSE = "路灯已于今日修复。"


@pytest.fixture(scope="module")
async def installation(
    postgres_server: EmbeddedPostgres, migrated: str, tmp_path_factory: pytest.TempPathFactory
) -> Settings:
    """A migrated database with two roles, a secret, and a folder for anchors with the first one in it."""
    settings = await installed(postgres_server, migrated, audit_directory=tmp_path_factory.mktemp("audit"))
    await make_anchor(settings)
    return settings


@pytest.fixture
async def case_id(installation: Settings) -> AsyncIterator[CaseId]:
    """A case that was answered, approved and published; gone afterwards."""
    event = routed(
        case_id=CaseId(str(clock.new_event_id())), tracking_code="T" + str(clock.new_event_id())[:18]
    )
    async with connect(installation) as db, db.transaction():
        unit = PostgresUnit(db, clock.now(), audit_key=composition.audit_key(installation))
        await assign.open_cases(unit, [event])
        await act_on_case.act(unit, WANG, event.case_id, Action.SIGN, Sign(version=3), CITY)
        reply = Reply(version=4, note="已派人修复。", response=RESPONSE)
        await act_on_case.act(unit, WANG, event.case_id, Action.REPLY, reply, CITY)
        review = ReviewDecided(
            case_id=event.case_id,
            version=5,
            at=unit.now,
            kind=ReviewKind.REPLY,
            accepted=True,
            decided_by="li",
        )
        await handle_events.decide_reviews(unit, [review], city=CITY)
        await db.execute(_SHOW, event.case_id, RESPONSE, unit.now, event.tracking_code)
    yield event.case_id
    async with connect(installation.as_owner) as db, db.transaction():
        await db.execute("ALTER TABLE handlers.log DISABLE TRIGGER USER")
        for table in ("handlers.log", "handlers.case", "intake.view", "intake.published"):
            await db.execute(f"DELETE FROM {table}")  # noqa: S608  our own tables
        await db.execute("ALTER TABLE handlers.log ENABLE TRIGGER USER")


# What intake makes of the answer, without its consent and its search.
_SHOW = """WITH v AS (
    INSERT INTO intake.view (case_id, version, state, response, response_at) VALUES ($1, 6, 'closed', $2, $3))
INSERT INTO intake.published (case_id, tracking_code, title, text, response, category, department, replied_at, search)
VALUES ($1, $4, '', '', $2, 'x', 'housing', $3, '')"""


async def _as_owner(settings: Settings, statements: Sequence[str], case_id: CaseId) -> None:
    """By somebody who may even switch the triggers off."""
    async with connect(settings.as_owner) as db, db.transaction():
        await db.execute("ALTER TABLE handlers.log DISABLE TRIGGER USER")
        for statement in statements:
            await db.execute(statement.replace("$1", f"'{case_id}'"))
        await db.execute("ALTER TABLE handlers.log ENABLE TRIGGER USER")


async def _broken(settings: Settings, case_id: CaseId) -> tuple[int, str] | None:
    found = {each.case_id: (each.row, each.why) for each in (await verify(settings)).broken}
    return found.get(case_id)


async def test_what_nobody_touched_holds(installation: Settings, case_id: CaseId) -> None:
    """Rows, case, message, answer and anchors."""
    await make_anchor(installation)
    found = await verify(installation)

    assert found.holds
    assert 4 == found.rows
    assert found.anchors >= 2


@pytest.mark.parametrize(
    "change",
    [
        "at = at + interval '1 second'", "actor = 'x'", "role = 'x'", "action = 'x'", "from_state = 'x'", "to_state = 'x'",
        "version = 99", "detail = '{\"x\": 1}'", "hash = '\\x00'",
    ],
)  # fmt: skip
async def test_no_row_can_be_changed_unseen(installation: Settings, case_id: CaseId, change: str) -> None:
    """The application may not; the owner is found."""
    statement = f"UPDATE handlers.log SET {change} WHERE case_id = $1 AND seq = 2"  # noqa: S608  a test's own
    async with connect(installation) as db:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await db.execute(statement, case_id)
    await _as_owner(installation, [statement], case_id)
    found = await _broken(installation, case_id)

    assert found is not None
    assert 2 == found[0]


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("UPDATE handlers.case SET response = 'x' WHERE case_id = $1", (4, "case")),
        ("UPDATE handlers.case SET note = 'x' WHERE case_id = $1", (4, "case")),
        ("UPDATE handlers.case SET text = 'x' WHERE case_id = $1", (1, "message")),
        ("UPDATE intake.view SET response = 'x' WHERE case_id = $1", (4, "shown")),
        ("UPDATE intake.view SET response = 'x', response_at = now() WHERE case_id = $1", (4, "shown")),
        ("UPDATE intake.published SET response = 'x' WHERE case_id = $1", (4, "published")),
    ],
)
async def test_what_the_application_may_change_beside_the_log_shows(
    installation: Settings, case_id: CaseId, statement: str, broken: tuple[int, str]
) -> None:
    """The department's, the citizen's and everybody's answer are the one that was logged."""
    async with connect(installation) as db:
        await db.execute(statement, case_id)

    assert broken == await _broken(installation, case_id)


async def test_a_whole_case_cannot_vanish(installation: Settings, case_id: CaseId) -> None:
    """An anchor knows it, whatever is deleted with it."""
    await make_anchor(installation)
    tables = ("handlers.log", "handlers.case", "routing.case", "intake.view", "intake.published")
    await _as_owner(installation, [f"DELETE FROM {table} WHERE case_id = $1" for table in tables], case_id)  # noqa: S608  our own tables

    assert (1, "anchor") == await _broken(installation, case_id)


async def _reopened(settings: Settings, case_id: CaseId) -> None:
    async with connect(settings) as db, db.transaction():
        unit = PostgresUnit(db, clock.now(), audit_key=composition.audit_key(settings))
        await handle_events.reopen_cases(
            unit, [CitizenObjected(case_id=case_id, version=6, at=unit.now, reason="还是不亮")]
        )


async def test_a_tail_cannot_be_cut_behind_an_anchor(installation: Settings, case_id: CaseId) -> None:
    """With the head rewound to what it was, seal and all."""
    saved = await case_row(installation, case_id)
    await _reopened(installation, case_id)
    await make_anchor(installation)
    await cut_to(installation, saved)

    assert (5, "anchor") == await _broken(installation, case_id)


async def test_a_tail_cut_since_the_last_anchor_shows_in_what_the_citizen_was_told(
    installation: Settings, case_id: CaseId
) -> None:
    """Intake heard of the later version."""
    saved = await case_row(installation, case_id)
    await _reopened(installation, case_id)
    async with connect(installation) as db:
        await db.execute("UPDATE intake.view SET version = 7, state = 'reopened' WHERE case_id = $1", case_id)
    await cut_to(installation, saved)

    assert (5, "told") == await _broken(installation, case_id)


async def test_a_head_cannot_be_rewound_without_a_copy_of_its_seal(
    installation: Settings, case_id: CaseId
) -> None:
    """The seal of the case as it was is in no table."""
    await _as_owner(
        installation,
        [
            "DELETE FROM handlers.log WHERE case_id = $1 AND seq = 4",
            "UPDATE handlers.case SET state = 'replied', version = 5, closed_at = NULL, log_seq = 3, "
            "log_hash = (SELECT hash FROM handlers.log WHERE case_id = $1 AND seq = 3) WHERE case_id = $1",
            "UPDATE intake.view SET version = 5, state = 'replied', response = NULL, response_at = NULL WHERE case_id = $1",
            "DELETE FROM intake.published WHERE case_id = $1",
        ],
        case_id,
    )

    assert (3, "case") == await _broken(installation, case_id)


async def _without_the_key(settings: Settings, case_id: CaseId) -> None:
    """The chain as an earlier release would have made it, and as anybody can."""
    async with connect(settings.as_owner) as db, db.transaction():
        (chain,) = [found async for found in chains(db, [case_id])]
        await db.execute("ALTER TABLE handlers.log DISABLE TRIGGER USER")
        previous = START
        for entry, _ in chain.rows:
            forged = LogEntry(**{**{n: getattr(entry, n) for n in entry.__struct_fields__}, "actor": "x"})
            previous = plain_hash(previous, forged)
            await db.execute(
                "UPDATE handlers.log SET actor = 'x', hash = $3 WHERE case_id = $1 AND seq = $2",
                case_id, entry.seq, previous,
            )  # fmt: skip
        await db.execute(
            "UPDATE handlers.case SET log_hash = $2, log_seal = NULL, message_seal = NULL WHERE case_id = $1",
            case_id, previous,
        )  # fmt: skip
        await db.execute("ALTER TABLE handlers.log ENABLE TRIGGER USER")


async def test_a_chain_cannot_be_made_anew(installation: Settings, case_id: CaseId) -> None:
    """Anybody can make the hashes of earlier releases: no anchor knows this case to be so old."""
    await _without_the_key(installation, case_id)

    assert (1, "unkeyed") == await _broken(installation, case_id)


async def test_a_chain_of_an_earlier_release_holds(
    installation: Settings, case_id: CaseId, tmp_path: Path
) -> None:
    """Where the first anchor found it so; what is logged from then on is keyed."""
    await _without_the_key(installation, case_id)
    upgraded = installation.model_copy(update={"audit_directory": tmp_path})
    await make_anchor(upgraded)
    await _reopened(upgraded, case_id)

    assert (await verify(upgraded)).holds


@pytest.mark.parametrize("damage", ["count", "entries", "gone", "line"])
async def test_an_anchor_that_was_changed_is_named(
    installation: Settings, case_id: CaseId, tmp_path: Path, damage: str
) -> None:
    """Its numbers, its entries, or the line before it."""
    settings = installation.model_copy(update={"audit_directory": tmp_path})
    await make_anchor(settings)
    await _reopened(settings, case_id)
    for _ in range(2):
        await make_anchor(settings)
    lines = (tmp_path / "anchors.jsonl").read_bytes().splitlines()
    entries = tmp_path / "entries" / "00000002"
    if damage == "count":
        lines[1] = json.dumps({**json.loads(lines[1]), "rows": 0}).encode()
    elif damage == "entries":
        entries.write_bytes(entries.read_bytes()[:-1] + b"?")
    elif damage == "gone":
        entries.unlink()
    else:
        del lines[1]
    (tmp_path / "anchors.jsonl").write_bytes(b"".join(line + b"\n" for line in lines))
    why = {"count": "seal", "line": "previous"}.get(damage, "entries")

    broken = (await verify(settings)).broken_anchors
    assert BrokenAnchor(number=2, why=why) == broken[0]


async def test_only_the_owner_says_that_a_copy_was_restored(
    installation: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever has the application's password alone silences no anchor, and reads a sentence."""
    monkeypatch.setenv("DATABASE_URL", installation.database_url)
    monkeypatch.setenv("HUIYIN_SECRET_KEY", "a secret for tests only, long enough")

    with pytest.raises(NotTheOwner, match="MIGRATION_DATABASE_URL"):
        await asyncio.to_thread(restored, "2026-11-26 14:05:00+08")

    async with connect(installation.as_owner) as db:
        assert 0 == await db.fetchval("SELECT count(*) FROM deploy.restore")
