"""Tries to sign in are counted for all web processes together."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0012"
down_revision: str | Sequence[str] | None = "0011"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """To this release's schema."""
    op.create_table(
        "sign_in_try",
        sa.Column("whose", sa.LargeBinary(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("whose"),
        schema="deploy",
    )
    op.create_index("sign_in_try_last_at", "sign_in_try", ["last_at"], schema="deploy")


def downgrade() -> None:
    """Back."""
    op.drop_table("sign_in_try", schema="deploy")
