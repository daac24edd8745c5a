"""Where the staff of a role or a department, and other systems, hear of things."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import uuid4

from schemas.errors import BadInput, FieldError
from schemas.ids import DepartmentCode
from schemas.notices import Audience, NoticeChannel
from schemas.ports import Database
from schemas.wording import says_something
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
    #: How often the secret was renewed, and until when messages are signed under the one before, too.
    renewed: int = 0
    former_until: datetime | None = None
    #: When a test message was last asked for, when it was sent, and why it was not taken; empty: it was.
    test_asked_at: datetime | None = None
    tested_at: datetime | None = None
    test_failed: str = ""

    @property
    def is_being_tested(self) -> bool:
        """Whether a test message was asked for that is still to be sent."""
        asked, tested = self.test_asked_at, self.tested_at
        return asked is not None and (tested is None or tested < asked)

    def secrets(self, now: datetime) -> tuple[int, ...]:
        """The secrets that sign what it is sent now, by how often each had been renewed; the newest first."""
        has_former = self.former_until is not None and now < self.former_until
        return (self.renewed, self.renewed - 1) if has_former else (self.renewed,)


_COLUMNS = """id, audience, department, channel, address, language, failing_since, disabled_at, renewed, former_until,
    test_asked_at, tested_at, test_failed"""


_AS_KEPT = (
    "failing_since", "disabled_at", "renewed", "former_until", "test_asked_at", "tested_at", "test_failed",
)  # fmt: skip


async def add(
    db: Database,
    *,
    audience: Audience,
    department: DepartmentCode | None,
    channel: NoticeChannel,
    address: str,
    language: Language,
    now: datetime,
    by: str,
) -> Endpoint:
    """Add an address that is told what concerns this audience; where it is there already, it is switched on again."""
    # All of them: a city has hundreds at most.
    known = await listed(db)
    for each in known:
        if (each.audience, each.department, each.address) == (audience, department, address):
            await enable(db, each.id, by=by, now=now)
            return each._replace(disabled_at=None, failing_since=None)
    row = await db.fetchrow(
        f"""
        WITH noted AS (INSERT INTO deploy.endpoint_change (endpoint_id, what, by, at) VALUES ($1::uuid, 'added', $8, $7))
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
        by,
    )
    return _endpoint(row)


async def listed(db: Database) -> Sequence[Endpoint]:
    """The endpoints that were not removed, by audience and department."""
    rows = await db.fetch(
        f"SELECT {_COLUMNS} FROM deploy.notice_endpoint WHERE removed_at IS NULL ORDER BY audience, department, created_at"  # noqa: S608  made of constants
    )
    return [_endpoint(row) for row in rows]


async def fallen_silent(db: Database) -> Sequence[str]:
    """Those that are told nothing since they took nothing for days: nobody switched them off, and somebody has to look."""
    rows = await db.fetch(
        """
        SELECT e.id::text FROM deploy.notice_endpoint AS e
        WHERE e.removed_at IS NULL AND e.disabled_at IS NOT NULL AND NOT EXISTS (
            SELECT FROM deploy.endpoint_change AS c
            WHERE c.endpoint_id = e.id AND c.what = 'disabled' AND c.by <> '' AND c.at >= e.disabled_at)
        ORDER BY e.created_at
        """
    )
    return [row[0] for row in rows]


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
        **{name: row[name] for name in _AS_KEPT},
    )


async def remove(db: Database, endpoint_id: str, *, by: str, now: datetime) -> bool:
    """Remove the address; False where there was none. What waits for it is dropped when its turn comes."""
    return await _changed(db, endpoint_id, _REMOVED, by, now)


async def enable(db: Database, endpoint_id: str, *, by: str, now: datetime) -> bool:
    """Switch the address on again; False where there was none."""
    return await _changed(db, endpoint_id, _ENABLED, by, now)


async def disable(db: Database, endpoint_id: str, *, by: str, now: datetime, reason: str) -> bool:
    """Switch the address off until somebody switches it on again; False where there was none.

    Raises:
        BadInput: the reason says nothing.
    """
    if not says_something(reason):
        raise BadInput([FieldError("reason", "请写明停用的原因。", "Say why it is switched off.")])
    return await _changed(db, endpoint_id, _DISABLED, by, now, reason.strip())


async def took(db: Database, endpoint_id: str) -> None:
    """Note that the endpoint took a notice: it fails no longer."""
    await db.execute(
        "UPDATE deploy.notice_endpoint SET failing_since = NULL WHERE id = $1::uuid AND failing_since IS NOT NULL",
        endpoint_id,
    )


async def failed(db: Database, endpoint_id: str, now: datetime, *, for_good: bool = False) -> bool:
    """Note that it took nothing; True where that switched it off, after days of this or, `for_good`, at once."""
    row = await db.fetchrow(
        """
        WITH tried AS (
            UPDATE deploy.notice_endpoint SET failing_since = coalesce(failing_since, $2),
                disabled_at = CASE WHEN $4 OR failing_since < $2 - $3::interval THEN $2 END
            WHERE id = $1::uuid AND disabled_at IS NULL RETURNING id, disabled_at
        ), noted AS (
            INSERT INTO deploy.endpoint_change (endpoint_id, what, by, at)
            SELECT id, 'disabled', '', $2 FROM tried WHERE disabled_at IS NOT NULL
        )
        SELECT disabled_at FROM tried
        """,
        endpoint_id,
        now,
        FAILS_FOR,
        for_good,
    )
    return row is not None and row["disabled_at"] is not None


class _Change(NamedTuple):
    """What is done to an address, and where that changes nothing, so that no row says that it did."""

    what: str
    sets: str
    is_new: str


_REMOVED = _Change("removed", "removed_at = $3", "true")
_ENABLED = _Change("enabled", "disabled_at = NULL, failing_since = NULL", "disabled_at IS NOT NULL")
_DISABLED = _Change("disabled", "disabled_at = coalesce(e.disabled_at, $3)", "disabled_at IS NULL")


async def _changed(
    db: Database, endpoint_id: str, change: _Change, by: str, now: datetime, reason: str = ""
) -> bool:
    """The change and the row that says who made it, in one statement."""
    row = await db.fetchrow(
        f"""
        WITH found AS (
            SELECT id, disabled_at FROM deploy.notice_endpoint WHERE id = $1::uuid AND removed_at IS NULL FOR UPDATE
        ), noted AS (
            INSERT INTO deploy.endpoint_change (endpoint_id, what, by, at, reason)
            SELECT id, $4, $2, $3, $5 FROM found WHERE {change.is_new}
        )
        UPDATE deploy.notice_endpoint AS e SET {change.sets} FROM found WHERE e.id = found.id RETURNING e.id
        """,  # noqa: S608  made of constants
        endpoint_id,
        by,
        now,
        change.what,
        reason,
    )
    return row is not None


class ChangedEndpoint(NamedTuple):
    """Who did what to an address when; `address`: as it is kept. `by`: empty, it was switched off for taking nothing."""

    endpoint_id: str
    what: str
    by: str
    at: datetime
    address: str
    audience: Audience
    department: DepartmentCode | None
    #: Why somebody switched it off.
    reason: str = ""


async def changes(db: Database, limit: int) -> Sequence[ChangedEndpoint]:
    """The latest changes of addresses, the newest first: added, removed, switched on or off, and by whom."""
    # Along the primary key.
    rows = await db.fetch(
        """
        SELECT c.endpoint_id::text, c.what, c.by, c.at, c.reason, e.address, e.audience, e.department
        FROM deploy.endpoint_change AS c JOIN deploy.notice_endpoint AS e ON e.id = c.endpoint_id
        ORDER BY c.seq DESC LIMIT $1
        """,
        limit,
    )
    return [
        ChangedEndpoint(
            endpoint_id=row["endpoint_id"], what=row["what"], by=row["by"], at=row["at"], address=row["address"],
            audience=Audience(row["audience"]),
            department=DepartmentCode(row["department"]) if row["department"] else None, reason=row["reason"],
        )
        for row in rows
    ]  # fmt: skip
