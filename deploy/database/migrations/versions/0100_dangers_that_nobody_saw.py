"""When danger was told that no dispatcher has looked at; emergencies that nobody has any more are found like open ones."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from deploy.database.indexes import create_index

revision: str = "0100"
down_revision: str | Sequence[str] | None = "0099"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_WAITING = sa.text("urgency = 'emergency' AND state IN ('open', 'routed') AND response IS NULL")
_OPEN = sa.text("urgency = 'emergency' AND state = 'open'")
_UNSEEN = sa.text("danger_unseen_since IS NOT NULL")


def upgrade() -> None:
    """To this release's schema: what was said before counts as seen. The release before reads its queue without an index."""
    moment = sa.Column("danger_unseen_since", sa.DateTime(timezone=True), nullable=True)
    op.add_column("case", moment, schema="routing")
    create_index("case_danger_unseen", "case", ["case_id"], schema="routing", postgresql_where=_UNSEEN)
    create_index("case_emergency_waiting", "case", ["case_id"], schema="routing", postgresql_where=_WAITING)
    op.drop_index("case_emergency", table_name="case", schema="routing", if_exists=True)


def downgrade() -> None:
    """Back."""
    create_index("case_emergency", "case", ["case_id"], schema="routing", postgresql_where=_OPEN)
    op.drop_index("case_emergency_waiting", table_name="case", schema="routing", if_exists=True)
    op.drop_index("case_danger_unseen", table_name="case", schema="routing", if_exists=True)
    op.drop_column("case", "danger_unseen_since", schema="routing")
