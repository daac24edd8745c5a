"""When tags were corrected at the desk, and last said to figures: what is heard late leaves them."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0085"
down_revision: str | Sequence[str] | None = "0084"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_COLUMNS = (("handlers", "tags_corrected_at"), ("sla", "tags_at"))


def upgrade() -> None:
    """To this release's schema; of before nothing is known, which counts as the oldest."""
    for schema, name in _COLUMNS:
        op.add_column("case", sa.Column(name, sa.DateTime(timezone=True), nullable=True), schema=schema)


def downgrade() -> None:
    """Back: the last that is heard wins."""
    for schema, name in reversed(_COLUMNS):
        op.drop_column("case", name, schema=schema)
