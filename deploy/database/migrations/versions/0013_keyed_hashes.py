"""No hash undoes the sealing: those of messages and keys get a key, that of the access code is dropped."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import context, op

revision: str = "0013"
down_revision: str | Sequence[str] | None = "0012"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

#: RFC 2104 §2, with the block of SHA-256.
_BLOCK = 64
_HMAC = "sha256(:outer || sha256(:inner || {column}))"
_HASHES = {"case": ("content_hash", "key_hash"), "supplement": ("content_hash",)}


def upgrade() -> None:
    """To this release's schema. A kept hash is the HMAC of what was kept before, so that it is found as before."""
    for table, columns in _HASHES.items():
        _key(table, columns)
    op.drop_index("case_external_hash", table_name="case", schema="intake")
    op.drop_column("case", "external_hash", schema="intake")
    op.drop_column("case", "access_code_hash", schema="intake")


def _key(table: str, columns: Sequence[str]) -> None:
    connection = op.get_bind()
    if not connection.scalar(sa.text(f"SELECT EXISTS (SELECT FROM intake.{table})")):  # noqa: S608  our own names
        # A new database needs no key, nor has whoever makes one to know it.
        return
    changes = ", ".join(f"{column} = {_HMAC.format(column=column)}" for column in columns)
    inner, outer = _padded_keys()
    connection.execute(
        sa.text(f"UPDATE intake.{table} SET {changes}").bindparams(  # noqa: S608  our own names
            sa.bindparam("outer", outer, sa.LargeBinary()), sa.bindparam("inner", inner, sa.LargeBinary())
        )
    )


def _padded_keys() -> tuple[bytes, bytes]:
    """HMAC's two, so that Postgres, which has SHA-256 alone, makes the hashes in one statement."""
    key = context.config.attributes["settings"].derived("hashes").ljust(_BLOCK, b"\0")
    return bytes(byte ^ 0x36 for byte in key), bytes(byte ^ 0x5C for byte in key)


def downgrade() -> None:
    """Back, with the hashes keyed: what was sent before is not known again."""
    op.add_column(
        "case",
        sa.Column("access_code_hash", sa.LargeBinary(), nullable=False, server_default=""),
        schema="intake",
    )
    op.add_column("case", sa.Column("external_hash", sa.LargeBinary(), nullable=True), schema="intake")
    op.create_index(
        "case_external_hash",
        "case",
        ["external_hash"],
        schema="intake",
        postgresql_where=sa.text("external_hash IS NOT NULL"),
    )
