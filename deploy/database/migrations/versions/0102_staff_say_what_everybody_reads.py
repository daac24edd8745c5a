"""What staff keep from everybody else: each decision a row, and on the case's view whether nobody reads its answer."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0102"
down_revision: str | Sequence[str] | None = "0101"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """To this release's schema. The release before publishes what is withheld: stop its workers first."""
    op.create_table(
        "publication_limit",
        sa.Column("case_id", sa.UUID(as_uuid=False), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("is_withheld", sa.Boolean(), nullable=False),
        sa.Column("hides_pictures", sa.Boolean(), nullable=False),
        sa.Column("hidden_words", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("case_id", "number"),
        schema="intake",
    )
    # What people wrote stands in no statistics.
    op.execute("ALTER TABLE intake.publication_limit ALTER COLUMN reason SET STATISTICS 0")
    for name in ("is_withheld", "hides_pictures"):
        op.add_column(
            "view",
            sa.Column(name, sa.Boolean(), server_default=sa.text("false"), nullable=False),
            schema="intake",
        )


def downgrade() -> None:
    """Back."""
    op.drop_column("view", "hides_pictures", schema="intake")
    op.drop_column("view", "is_withheld", schema="intake")
    op.drop_table("publication_limit", schema="intake")
