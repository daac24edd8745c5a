"""Rows about accounts and tokens tell what lets somebody in since; of those that are there now one says what does."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import context, op

from deploy import clock
from deploy.accounts.changes import ACCOUNT, LOCK, TOKEN, AccountChange, What, digest_of
from deploy.database.indexes import create_index
from schemas.errors import HuiyinError

revision: str = "0095"
down_revision: str | Sequence[str] | None = "0094"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

#: Who found them.
_BY = "huiyin migrate"
_LAST_TWO = """SELECT number, at, account, what, role, department, by, seal FROM deploy.account_change
    ORDER BY number DESC LIMIT 2"""
_ADD = sa.text(
    "INSERT INTO deploy.account_change (number, at, account, what, role, department, by, digest, seal)"
    " VALUES (:number, :at, :account, :what, :role, :department, :by, :digest, :seal)"
)


class SealedByAnother(HuiyinError):
    """What is added here would never hold for the processes that go on."""

    en = (
        "the log of staff accounts was sealed under another master secret: set HUIYIN_SECRET_KEY as the city's processes"
        " have it, and the former one in HUIYIN_PREVIOUS_SECRET_KEYS; nothing was changed"
    )
    zh = (
        "账户变更记录由另一主密钥封存：请按各进程所用设置 HUIYIN_SECRET_KEY，"
        "并把从前的主密钥放入 HUIYIN_PREVIOUS_SECRET_KEYS；未作任何改动"
    )


def upgrade() -> None:
    """To this release's schema; the release before goes on without it: its rows tell no password and no token."""
    connection = op.get_bind()
    # As whoever changes an account does, and before the table: each would wait for the other.
    connection.execute(sa.text(f"SELECT pg_advisory_xact_lock({LOCK})"))
    create_index("told_at", "told", ["at"], schema="routing", postgresql_using="brin")
    op.add_column("account_change", sa.Column("digest", sa.LargeBinary(), nullable=True), schema="deploy")
    found = list(_found(connection))
    if not found:
        # A new database needs no key, nor has whoever makes one to know it.
        return
    settings, at = context.config.attributes["settings"], clock.now()
    key = settings.derived("audit")
    number, before = _end(connection, [key, *settings.previously_derived("audit")])
    for name, what, row in found:
        number += 1
        change = AccountChange(
            number=number, at=at, account=name, what=what.value, role=row["role"], department=row["department"],
            by=_BY, digest=digest_of(row),
        )  # fmt: skip
        before = change.seal(key, before)
        connection.execute(
            _ADD, {name: getattr(change, name) for name in change.__struct_fields__} | {"seal": before}
        )


def _end(connection: sa.Connection, keys: Sequence[bytes]) -> tuple[int, bytes]:
    """Number and seal of the last row, which one of the keys sealed."""
    rows = connection.execute(sa.text(_LAST_TWO)).mappings().all()
    if not rows:
        return 0, b""
    (number, seal), before = (rows[0]["number"], bytes(rows[0]["seal"])), bytes(rows[-1]["seal"])
    last = AccountChange(**{name: value for name, value in rows[0].items() if name != "seal"})
    if seal not in [last.seal(key, before if len(rows) > 1 else b"") for key in keys]:
        raise SealedByAnother
    return number, seal


def _found(connection: sa.Connection) -> Iterator[tuple[str, What, Mapping[str, Any]]]:
    """Each account and each token; behind one that lets nobody in a row that says so."""
    for table, name, columns, is_shut, whats in (
        ("account", "username", ACCOUNT, "disabled", (What.FOUND, What.DISABLED)),
        ("token", "name", TOKEN, "revoked_at IS NOT NULL", (What.TOKEN_FOUND, What.TOKEN_REVOKED)),
    ):
        asked = f"SELECT {', '.join(columns)}, {is_shut} AS is_shut FROM deploy.{table} ORDER BY {name}"  # noqa: S608  ours
        for row in connection.execute(sa.text(asked)).mappings():
            for what in whats if row["is_shut"] else whats[:1]:
                yield row[name], what, dict(row)


def downgrade() -> None:
    """Back; rows that tell of a digest are not as that release would have sealed them."""
    op.drop_index("told_at", "told", schema="routing", if_exists=True)
    op.drop_column("account_change", "digest", schema="deploy")
