"""Orders end with their cases; the list of those that wait is read along an index."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from deploy.database.indexes import create_index

revision: str = "0055"
down_revision: str | Sequence[str] | None = "0054"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_UNSETTLED = sa.text("state IN ('open', 'reported')")


def upgrade() -> None:
    """To this release's schema; orders of cases that have ended since they were given, though reopened, have ended."""
    op.execute(
        """
        UPDATE sla.supervision AS s SET state = 'ended', settled_at = now()
        FROM sla."case" AS k
        WHERE k.case_id = s.case_id AND s.state IN ('open', 'reported') AND (
            k.closed_at IS NOT NULL OR EXISTS (
                SELECT 1 FROM sla.deed AS d WHERE d.case_id = s.case_id AND d.what = 'closed' AND d.at >= s.at))
        """
    )
    op.drop_index("supervision_open", table_name="supervision", schema="sla", postgresql_where=_UNSETTLED)
    create_index(
        "supervision_unsettled",
        "supervision",
        [sa.text("COALESCE(until, at)"), "case_id"],
        unique=False,
        schema="sla",
        postgresql_where=_UNSETTLED,
    )


def downgrade() -> None:
    """Back: what has ended is as if another order had followed."""
    op.drop_index(
        "supervision_unsettled", table_name="supervision", schema="sla", postgresql_where=_UNSETTLED
    )
    op.create_index(
        "supervision_open",
        "supervision",
        ["until", "case_id"],
        unique=False,
        schema="sla",
        postgresql_where=_UNSETTLED,
    )
    op.execute("UPDATE sla.supervision SET state = 'again' WHERE state = 'ended'")
