"""Of tokens a keyed hash is kept, and what departments sign their commands with is sealed."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import context, op

from deploy.accounts.token_secrets import token_secrets

revision: str = "0022"
down_revision: str | Sequence[str] | None = "0021"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_KEEP = sa.text(
    "UPDATE deploy.token SET token_hash = :kept, command_key = CASE WHEN department IS NOT NULL THEN :sealed END"
    " WHERE token_hash = :digest"
).bindparams(*(sa.bindparam(name, type_=sa.LargeBinary()) for name in ("kept", "sealed", "digest")))


def upgrade() -> None:
    """To this release's schema: tokens stay as they are, and are known by what is kept of them now."""
    op.add_column("token", sa.Column("command_key", sa.LargeBinary(), nullable=True), schema="deploy")
    connection = op.get_bind()
    digests = [bytes(row[0]) for row in connection.execute(sa.text("SELECT token_hash FROM deploy.token"))]
    if not digests:
        # A new database needs no key, nor has whoever makes one to know it.
        return
    keys = token_secrets(context.config.attributes["settings"])
    for digest in digests:
        connection.execute(
            _KEEP, {"kept": keys.kept(digest), "sealed": keys.sealed(digest), "digest": digest}
        )


def downgrade() -> None:
    """Back, and no token is known any more: what the earlier release looked them up by is nowhere."""
    op.drop_column("token", "command_key", schema="deploy")
