"""Anchors know the tails of the logs beside the cases': of knowledge entries, and of what dispatchers told."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from uuid import UUID

import msgspec
import pytest

from deploy import clock, composition
from deploy.accounts import tokens
from deploy.accounts.token_secrets import token_secrets
from deploy.audit.anchoring import directory_of
from deploy.audit.anchors import Anchor, AnchorFiles, digest, readable, unpacked
from deploy.database.pool import connect
from deploy.database.unit_of_work import PostgresUnit
from deploy.local.embedded.postgres import EmbeddedPostgres
from deploy.settings import Settings
from handlers.core.entries import Entry, EntryAction, EntryChange
from handlers.store import entries
from routing.store import told
from routing.store.told import DispatcherSaid
from schemas.city import load_city
from schemas.ids import CaseId, DepartmentCode, EntryId
from schemas.values import EntryContent
from schemas.words import EntryState, Role
from tests.integration.deploy.audit.anchored import make_anchor, verify
from tests.stack import fresh_database

DAY = date(2026, 11, 26)
CONTENT = EntryContent(
    questions=("居住证怎么办理",), answer="带身份证。", valid_from=DAY, valid_until=DAY, checked_on=DAY
)


@pytest.fixture
async def settings(postgres_server: EmbeddedPostgres, migrated: str, tmp_path: Path) -> Settings:
    """A migrated database of one role, a secret, and an empty folder for anchors."""
    return Settings.model_validate(
        {
            "database_url": await fresh_database(postgres_server.url, like=migrated),
            "secret_key": "a secret for tests only, long enough",
            "data": tmp_path / "data",
        }
    )


async def _by_the_owner(settings: Settings, *statements: str) -> None:
    async with connect(settings) as db:
        for table in ("handlers.entry_log", "routing.told", "deploy.account_change"):
            await db.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        for statement in statements:
            await db.execute(statement)


async def _tell(settings: Settings, case_id: CaseId, *said: tuple[int, told.What]) -> None:
    async with connect(settings) as db, db.transaction():
        unit = PostgresUnit(db, clock.now(), audit_key=composition.audit_key(settings))
        for version, what in said:
            row = DispatcherSaid(
                case_id=case_id, version=version, what=what, at=unit.now, by="li", words="请到社区。"
            )
            await told.keep(unit, row)


async def _write(settings: Settings, entry_id: EntryId, *done: tuple[EntryAction, EntryState]) -> None:
    async with connect(settings) as db, db.transaction():
        unit = PostgresUnit(db, clock.now(), audit_key=composition.audit_key(settings))
        for version, (action, state) in enumerate(done, start=1):
            published = CONTENT if state is EntryState.LIVE else None
            after = Entry(
                entry_id=entry_id, owner=DepartmentCode("housing"), state=state, version=version, content=CONTENT,
                changed_at=unit.now, written_by="wang", published=published,
            )  # fmt: skip
            change = EntryChange(after=after, action=action, by="wang")
            await (
                entries.insert(db, change, unit.seal)
                if version == 1
                else entries.save(db, [change], unit.seal)
            )


async def _why(settings: Settings) -> Sequence[tuple[str, int, str]]:
    found = await verify(settings)
    return [
        *((each.case_id, each.row, each.why) for each in found.broken),
        *((each.entry_id, each.row, each.why) for each in found.broken_entries),
        *([("accounts", row, found.account_change_why)] if (row := found.broken_account_change) else []),
    ]


@pytest.mark.parametrize("cut", ["version > 3", "what = 'wrong'", "true"])
async def test_what_dispatchers_told_cannot_be_cut(settings: Settings, cut: str) -> None:
    """Its tail, or all of it: by the owner of the database, behind the next anchor."""
    case_id = CaseId(str(clock.new_event_id()))
    await _tell(settings, case_id, (3, "answered"))
    await make_anchor(settings)
    await _tell(settings, case_id, (3, "wrong"), (9, "undone"))
    await make_anchor(settings)
    holds = await _why(settings)
    await _by_the_owner(settings, f"DELETE FROM routing.told WHERE {cut}")  # noqa: S608  a test's own

    assert [] == holds
    assert [(case_id, 1, "anchor")] == await _why(settings)


async def test_a_sweeper_of_the_release_before_hides_nothing(settings: Settings) -> None:
    """Its anchor says nothing of these logs: the next one says all of them, however old."""
    case_id, files = CaseId(str(clock.new_event_id())), AnchorFiles(directory_of(settings))
    await _tell(settings, case_id, (3, "answered"))
    await _by_the_owner(settings, "UPDATE deploy.sealed_since SET at = at - interval '9 days'")
    old = Anchor(
        number=1,
        at=clock.now() + timedelta(hours=1),
        full=True,
        cases=0,
        rows=0,
        entries=digest(b""),
        previous="",
    )
    with files.writing():
        files.append(old.sealed(composition.audit_key(settings)), b"")
    await make_anchor(settings)
    holds = await _why(settings)
    await _by_the_owner(settings, "DELETE FROM routing.told")

    assert [] == holds
    assert [(case_id, 1, "anchor")] == await _why(settings)


_APPROVED = (
    (EntryAction.SAVE, EntryState.DRAFT), (EntryAction.PROPOSE, EntryState.PROPOSED), (EntryAction.APPROVE, EntryState.LIVE),
)  # fmt: skip
_AS_PROPOSED = (
    "DELETE FROM handlers.entry_log WHERE version = 3",
    "UPDATE handlers.entry SET state = 'proposed', version = 2, published = NULL, holds_until = NULL",
)
_AS_NEVER = ("DELETE FROM handlers.entry_log", "DELETE FROM handlers.entry")


@pytest.mark.parametrize(("statements", "row"), [(_AS_PROPOSED, 3), (_AS_NEVER, 1)])
async def test_the_tail_of_an_entrys_log_cannot_be_cut(
    settings: Settings, statements: Sequence[str], row: int
) -> None:
    """With the entry rewound to what it was, or the whole entry gone."""
    entry_id = EntryId(str(clock.new_event_id()))
    await _write(settings, entry_id, *_APPROVED)
    await make_anchor(settings)
    holds = await _why(settings)
    await _by_the_owner(settings, *statements)

    assert [] == holds
    assert [(entry_id, row, "anchor")] == await _why(settings)


async def _make_token(settings: Settings, name: str) -> None:
    keys, changing = token_secrets(settings), composition.changing_by_command(settings)
    async with connect(settings) as db, db.transaction():
        await tokens.create_token(db, keys, load_city(), changing, name=name, role=Role.DISPATCHER)


@pytest.mark.parametrize("cut", [3, 2, 1])
async def test_the_tail_of_what_was_done_to_accounts_and_tokens_cannot_be_cut(
    settings: Settings, cut: int
) -> None:
    """The last row, or all: what is left is a whole chain, and shorter than an anchor knows."""
    await make_anchor(settings)
    for name in ("console", "other", "third"):
        await _make_token(settings, name)
    await make_anchor(settings)
    holds = await _why(settings)
    await _by_the_owner(settings, f"DELETE FROM deploy.account_change WHERE number >= {cut}")  # noqa: S608  a test's own

    assert [] == holds
    assert [("accounts", cut, "anchor")] == await _why(settings)


async def test_what_was_done_to_a_token_cannot_be_written_anew(settings: Settings) -> None:
    """Another history, sealed by whoever has the key and the database, is not the one that an anchor knows."""
    await _make_token(settings, "console")
    await make_anchor(settings)
    await _by_the_owner(settings, "DELETE FROM deploy.account_change")
    for name in ("another", "third"):
        await _make_token(settings, name)

    assert [("accounts", 1, "anchor")] == await _why(settings)


async def test_what_an_anchor_told_a_moment_ago_the_next_does_not_tell_again(settings: Settings) -> None:
    """So that many may be written in an hour; what was told once is found as surely."""
    first, second = (CaseId(str(clock.new_event_id())) for _ in range(2))
    await _tell(settings, first, (3, "answered"))
    await make_anchor(settings)
    await _tell(settings, second, (3, "answered"))
    await make_anchor(settings)
    await make_anchor(settings)
    files = AnchorFiles(directory_of(settings))
    told_by = [
        list(unpacked(files.entries_of(anchor))) for line in files.lines() if (anchor := readable(line))
    ]
    await _by_the_owner(settings, "DELETE FROM routing.told")

    assert [[first], [second], []] == [
        [CaseId(str(UUID(bytes=each.case))) for each in told] for told in told_by
    ]
    assert {(first, 1, "anchor"), (second, 1, "anchor")} == set(await _why(settings))


_OTHER = """jsonb_set(content, '{answer}', '"不必带。"')"""
_UNSEALED = (
    f"UPDATE handlers.entry_log SET seal = NULL, content = {_OTHER}",  # noqa: S608  a test's own
    f"UPDATE handlers.entry SET content = {_OTHER}, published = {_OTHER}",  # noqa: S608  as above
    "UPDATE deploy.sealed_since SET at = now()",
)


async def test_nobody_moves_the_day_from_which_rows_are_sealed(settings: Settings) -> None:
    """Rows without a seal are believed for a day: behind the upgrade, or the first anchor that knew of seals."""
    await make_anchor(settings)
    files, keys = AnchorFiles(directory_of(settings)), [composition.audit_key(settings)]
    first = readable(files.lines()[0])
    assert first is not None
    old = msgspec.structs.replace(first, at=first.at - timedelta(days=9)).sealed(keys[0])
    (files.directory / "anchors.jsonl").write_bytes(old.line() + b"\n")
    entry_id = EntryId(str(clock.new_event_id()))
    await _write(settings, entry_id, *_APPROVED)
    holds = await _why(settings)
    await _by_the_owner(settings, *_UNSEALED)

    assert [] == holds
    assert [(entry_id, 1, "changed")] == await _why(settings)
