"""Cases that departments have from before know whom they may not reach, and which route they follow."""

from collections.abc import Mapping

from deploy.database.migrate import migrate
from deploy.database.pool import Connection, connect
from deploy.local.embedded.postgres import EmbeddedPostgres
from tests.integration.deploy.database.history import database_of

#: Kind, whom routing knows as accused, the versions of its assignments; then what handlers knows.
_CASES: tuple[tuple[str, str, tuple[int, ...], tuple[list[str], bool, int]], ...] = (
    ("complaint", "{}", (3,), ([], False, 2)),
    ("report", "{}", (3,), ([], True, 2)),
    ("complaint", "{housing}", (3, 7), (["housing"], True, 6)),
)
_CASE: Mapping[str, str] = {
    "tracking_code": "x", "channel": "web", "received_at": "2026-11-23", "urgency": "normal", "category": "x",
    "lead": "letters", "supporting": "{}", "title": "x", "text": "x", "version": "3",
}  # fmt: skip
_ROUTING = {
    "has_contact": "false",
    "confidential": "false",
    "publish": "false",
    "state": "routed",
    "probability": "1",
}
_HANDLERS = {"assigned_at": "2026-11-23", "state": "assigned", "log_seq": "1", "log_hash": ""}
_LOG = {
    "at": "2026-11-23", "actor": "", "role": "system", "action": "route", "from_state": "registered",
    "to_state": "assigned", "detail": "{}", "hash": "",
}  # fmt: skip


async def _insert(db: Connection, table: str, row: Mapping[str, str]) -> None:
    values = ", ".join("'" + value + "'" for value in row.values())
    await db.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({values})")  # noqa: S608  made of constants


async def _fill(db: Connection) -> None:
    for number, (kind, accused, versions, _) in enumerate(_CASES):
        own = {"case_id": f"00000000-0000-0000-0000-{number:012}"}
        case = {**_CASE, **own, "kind": kind}
        code = {"tracking_code": str(number)}
        await _insert(db, "routing.case", {**case, **_ROUTING, **code, "accused": accused})
        await _insert(db, "handlers.case", {**case, **_HANDLERS})
        for seq, version in enumerate(versions, start=1):
            await _insert(db, "handlers.log", {**_LOG, **own, "seq": str(seq), "version": str(version)})


async def test_protection_is_filled_in(postgres_server: EmbeddedPostgres) -> None:
    """From what routing knows, and from the log."""
    settings = await database_of("0006", postgres_server)
    async with connect(settings) as db:
        await _fill(db)
    await migrate(settings)
    async with connect(settings) as db:
        found = await db.fetch(
            "SELECT accused, protected, routed_version FROM handlers.case ORDER BY case_id"
        )

    assert [known for *_, known in _CASES] == [tuple(row) for row in found]
