"""Cases that departments have from before know whom they may not reach, and which route they follow."""

from collections.abc import Mapping
from typing import Any

from alembic import command
from sqlalchemy import Connection, text

from deploy.database.metadata import SCHEMAS
from deploy.database.migrate import alembic_config, in_database, migrate
from deploy.local.embedded.postgres import EmbeddedPostgres
from deploy.settings import Settings
from tests.stack import fresh_database

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


def _insert(connection: Connection, table: str, row: Mapping[str, str]) -> None:
    values = ", ".join("'" + value + "'" for value in row.values())
    connection.execute(text(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({values})"))  # noqa: S608  made of constants


def _fill(connection: Connection) -> tuple[str | None, str | None]:
    for name in SCHEMAS:
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {name}"))
    command.upgrade(alembic_config(connection), "0006")
    for number, (kind, accused, versions, _) in enumerate(_CASES):
        own = {"case_id": f"00000000-0000-0000-0000-{number:012}"}
        case = {**_CASE, **own, "kind": kind}
        code = {"tracking_code": str(number)}
        _insert(connection, "routing.case", {**case, **_ROUTING, **code, "accused": accused})
        _insert(connection, "handlers.case", {**case, **_HANDLERS})
        for seq, version in enumerate(versions, start=1):
            _insert(connection, "handlers.log", {**_LOG, **own, "seq": str(seq), "version": str(version)})
    return None, None


async def test_protection_is_filled_in(postgres_server: EmbeddedPostgres) -> None:
    """From what routing knows, and from the log."""
    settings = Settings(database_url=await fresh_database(postgres_server.url))
    await in_database(settings, _fill)
    await migrate(settings)
    found: list[Any] = []

    def read(connection: Connection) -> tuple[str | None, str | None]:
        rows = connection.execute(
            text("SELECT accused, protected, routed_version FROM handlers.case ORDER BY case_id")
        )
        found.extend(tuple(row) for row in rows)
        return None, None

    await in_database(settings, read)

    assert [known for *_, known in _CASES] == found
