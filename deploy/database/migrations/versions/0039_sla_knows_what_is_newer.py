"""sla keeps which version last said where a case stands and who leads, so that nothing older brings an old state back."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0039"
down_revision: str | Sequence[str] | None = "0038"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


_ADDED = ("state_version", "lead_version")


def upgrade() -> None:
    """To this release's schema: of cases of before nothing is known, so whatever comes next is newer."""
    for name in _ADDED:
        column = sa.Column(name, sa.Integer(), server_default=sa.text("0"), nullable=False)
        op.add_column("case", column, schema="sla")


def downgrade() -> None:
    """Back."""
    for name in _ADDED:
        op.drop_column("case", name, schema="sla")
