"""Whom an escalation told; and clocks that were missed before reminders were known are reminded of."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0033"
down_revision: str | Sequence[str] | None = "0032"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    """To this release's schema."""
    op.add_column("alert", sa.Column("to_role", sa.Text(), nullable=True), schema="sla")
    op.add_column("alert", sa.Column("to_person", sa.Text(), nullable=True), schema="sla")
    # A release before this one tells an escalation once more, which its key turns into nothing.
    op.execute(
        """UPDATE sla.clock SET next_level = 'escalated', next_alert_at = now()
           WHERE state = 'running' AND missed_version = deadline_version AND next_level IS NULL"""
    )


def downgrade() -> None:
    """Back."""
    op.drop_column("alert", "to_person", schema="sla")
    op.drop_column("alert", "to_role", schema="sla")
