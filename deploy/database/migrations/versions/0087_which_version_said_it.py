"""Citizens' views know which version of a case said what of it, so that no topic that is read later says it otherwise."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0087"
down_revision: str | Sequence[str] | None = "0086"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_COLUMNS = (
    "category_version",
    "department_version",
    "region_version",
    "objection_until_version",
    "question_version",
    "promised_on_version",
    "due_version",
    "due_over",
)


def upgrade() -> None:
    """To this release's schema; of before nothing is known, which counts as the version of the case."""
    for name in _COLUMNS:
        op.add_column("view", sa.Column(name, sa.Integer(), nullable=True), schema="intake")


def downgrade() -> None:
    """Back: what is older than the case says what nothing said before."""
    for name in reversed(_COLUMNS):
        op.drop_column("view", name, schema="intake")
