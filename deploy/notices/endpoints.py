"""Where the staff of a role or a department, and other systems, hear of things."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import uuid4

from schemas.ids import DepartmentCode
from schemas.notices import Audience, NoticeChannel
from schemas.ports import Database
from schemas.words import Language

#: One that takes nothing for so long is switched off (project choice: longer than any single notice is tried).
FAILS_FOR = timedelta(days=5)


class Endpoint(NamedTuple):
    """One address that is told, and how."""

    id: str
    audience: Audience
    department: DepartmentCode | None
    channel: NoticeChannel
    address: str
    language: Language
    failing_since: datetime | None = None
    disabled_at: datetime | None = None


_COLUMNS = "id, audience, department, channel, address, language, failing_since, disabled_at"


async def add(
    db: Database,
    *,
    audience: Audience,
    department: DepartmentCode | None,
    channel: NoticeChannel,
    address: str,
    language: Language,
    now: datetime,
) -> Endpoint:
    """From now on what concerns these goes there, too; the same address twice is one."""
    # All of them: a city has hundreds at most.
    known = await listed(db)
    for each in known:
        if (each.audience, each.department, each.address) == (audience, department, address):
            await enable(db, each.id)
            return each._replace(disabled_at=None, failing_since=None)
    row = await db.fetchrow(
        f"""
        INSERT INTO deploy.notice_endpoint (id, audience, department, channel, address, language, created_at)
        VALUES ($1::uuid, $2, $3, $4, $5, $6, $7) RETURNING {_COLUMNS}
        """,  # noqa: S608  made of constants
        str(uuid4()),
        audience.value,
        department or "",
        channel.value,
        address,
        language.value,
        now,
    )
    return _endpoint(row)


async def listed(db: Database) -> Sequence[Endpoint]:
    """Those that were not removed."""
    rows = await db.fetch(
        f"SELECT {_COLUMNS} FROM deploy.notice_endpoint WHERE removed_at IS NULL ORDER BY audience, department, created_at"  # noqa: S608  made of constants
    )
    return [_endpoint(row) for row in rows]


async def switched_off(db: Database) -> Sequence[Endpoint]:
    """Those that take nothing, and hear nothing until somebody switches them on again."""
    # All of them: a city has hundreds at most.
    return [each for each in await listed(db) if each.disabled_at is not None]


async def find(db: Database, endpoint_id: str) -> Endpoint | None:
    """The one of that id, unless it was removed."""
    row = await db.fetchrow(
        f"SELECT {_COLUMNS} FROM deploy.notice_endpoint WHERE id = $1::uuid AND removed_at IS NULL",  # noqa: S608  made of constants
        endpoint_id,
    )
    return None if row is None else _endpoint(row)


def _endpoint(row: Any) -> Endpoint:
    return Endpoint(
        id=str(row["id"]),
        audience=Audience(row["audience"]),
        department=DepartmentCode(row["department"]) if row["department"] else None,
        channel=NoticeChannel(row["channel"]),
        address=row["address"],
        language=Language(row["language"]),
        failing_since=row["failing_since"],
        disabled_at=row["disabled_at"],
    )


async def remove(db: Database, endpoint_id: str, now: datetime) -> bool:
    """Whether there was one; what waits for it is dropped when its turn comes."""
    return await _changed(db, endpoint_id, "removed_at = coalesce(removed_at, $2)", now)


async def enable(db: Database, endpoint_id: str) -> bool:
    """Whether there was one; it is tried again."""
    return await _changed(db, endpoint_id, "disabled_at = NULL, failing_since = NULL")


async def took(db: Database, endpoint_id: str) -> None:
    """It takes what it is sent."""
    await db.execute(
        "UPDATE deploy.notice_endpoint SET failing_since = NULL WHERE id = $1::uuid AND failing_since IS NOT NULL",
        endpoint_id,
    )


async def failed(db: Database, endpoint_id: str, now: datetime, *, for_good: bool = False) -> bool:
    """Whether that switched it off: it takes nothing for days, or says that it is gone."""
    row = await db.fetchrow(
        """
        UPDATE deploy.notice_endpoint SET failing_since = coalesce(failing_since, $2),
            disabled_at = CASE WHEN $4 OR failing_since < $2 - $3::interval THEN $2 END
        WHERE id = $1::uuid AND disabled_at IS NULL RETURNING disabled_at
        """,
        endpoint_id,
        now,
        FAILS_FOR,
        for_good,
    )
    return row is not None and row["disabled_at"] is not None


async def _changed(db: Database, endpoint_id: str, what: str, *args: object) -> bool:
    row = await db.fetchrow(
        f"UPDATE deploy.notice_endpoint SET {what} WHERE id = $1::uuid AND removed_at IS NULL RETURNING id",  # noqa: S608  made of constants
        endpoint_id,
        *args,
    )
    return row is not None
