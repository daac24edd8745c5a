"""Promises of a state, and alerts of one kind of owner, are found without reading the years of all others."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

from deploy.database.indexes import create_index

revision: str = "0056"
down_revision: str | Sequence[str] | None = "0055"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_NEWEST = [sa.text("until DESC"), sa.text("case_id DESC"), sa.text("number DESC")]
_SETTLED = sa.text(
    "(CASE WHEN changed_at IS NOT NULL THEN 'changed' "
    "WHEN outcome = 'answered' AND replied_at <= until THEN 'kept' "
    "WHEN coalesce(replied_at, ended_at) > until THEN 'broken' "
    "WHEN ended_at IS NOT NULL THEN 'ended' ELSE 'open' END)"
)
_WHOSE = sa.text(
    "(CASE WHEN COALESCE(owner, 'lead') IN ('lead', 'supporting') AND department IS NULL "
    "THEN 'dispatcher' ELSE COALESCE(owner, 'lead') END)"
)


def upgrade() -> None:
    """To this release's schema."""
    create_index("promise_settled", "promise", [_SETTLED, *_NEWEST], unique=False, schema="intake")
    create_index("promise_department", "promise", ["department", *_NEWEST], unique=False, schema="intake")
    create_index("alert_owner", "alert", [_WHOSE, "seq"], unique=False, schema="sla")


def downgrade() -> None:
    """Back: what is rare among promises and alerts is slow to find."""
    op.drop_index("alert_owner", table_name="alert", schema="sla")
    op.drop_index("promise_department", table_name="promise", schema="intake")
    op.drop_index("promise_settled", table_name="promise", schema="intake")
