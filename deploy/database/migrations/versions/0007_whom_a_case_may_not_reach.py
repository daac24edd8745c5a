"""Departments' cases know whom they may not reach, and which route they follow."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0007"
down_revision: str | Sequence[str] | None = "0006"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_COLUMNS: tuple[sa.Column[Any], ...] = (
    sa.Column("accused", postgresql.ARRAY(sa.Text()), server_default="{}", nullable=False),
    sa.Column("protected", sa.Boolean(), server_default="false", nullable=False),
    sa.Column("withheld", sa.Boolean(), server_default="false", nullable=False),
    sa.Column("routed_version", sa.Integer(), server_default="0", nullable=False),
)

# As routing knows it; a report is protected whoever knows it.
_PROTECTION = """
UPDATE handlers.case AS c SET protected = c.kind = 'report' OR r.protected OR r.accused <> '{}', accused = r.accused
FROM routing.case AS r WHERE r.case_id = c.case_id AND (c.kind = 'report' OR r.protected OR r.accused <> '{}')
"""
_REPORTS = "UPDATE handlers.case SET protected = true WHERE kind = 'report' AND NOT protected"
# Until this release an assignment got the version after its route's.
_ROUTES = """
UPDATE handlers.case AS c SET routed_version = l.version - 1
FROM (SELECT case_id, max(version) AS version FROM handlers.log WHERE seq = 1 OR action = 'route' GROUP BY case_id) AS l
WHERE l.case_id = c.case_id
"""


def upgrade() -> None:
    """To this release's schema, filled in from what routing and the log know."""
    for column in _COLUMNS:
        op.add_column("case", column._copy(), schema="handlers")
    for statement in (_PROTECTION, _REPORTS, _ROUTES):
        op.execute(statement)


def downgrade() -> None:
    """Back."""
    for column in reversed(_COLUMNS):
        op.drop_column("case", column.name, schema="handlers")
