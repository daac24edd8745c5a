"""A merged case has an answer of its own, and routing knows what its cases were answered."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0010"
down_revision: str | Sequence[str] | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_RESPONSES = """
UPDATE routing.case AS r SET response = v.response
FROM intake.view AS v WHERE v.case_id = r.case_id AND r.state = 'routed' AND v.state = 'closed'
"""
# Until this release the page read the other case's answer, whoever might read that.
_COPIES = """
UPDATE intake.view AS m SET response = t.response, response_at = v.response_at, department = v.department,
    category = v.category, citizen_may = '{rating,objection}'
FROM intake.view AS v JOIN routing.case AS t USING (case_id)
WHERE m.merged_into = v.case_id AND m.state = 'merged' AND t.response IS NOT NULL
    AND NOT t.confidential AND NOT t.protected
"""


def upgrade() -> None:
    """To this release's schema; merged cases get the answers that their citizens could read until now, and may read."""
    op.add_column("case", sa.Column("response", sa.Text(), nullable=True), schema="routing")
    op.execute(_RESPONSES)
    op.execute(_COPIES)


def downgrade() -> None:
    """Back."""
    op.drop_column("case", "response", schema="routing")
