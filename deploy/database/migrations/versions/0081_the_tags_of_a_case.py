"""A case keeps its tags: where it is routed, at the desk and for exports; at the desk none under an older release's seal."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0081"
down_revision: str | Sequence[str] | None = "0080"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_SCHEMAS = ("routing", "handlers", "sla")
#: As the tables declare them.
_NEITHER_UNDER_AN_OLDER_SEAL = (
    r"""CREATE OR REPLACE TRIGGER case_has_no_item_under_an_older_seal BEFORE UPDATE ON handlers."case"
    FOR EACH ROW WHEN (NEW.item IS NOT NULL AND NEW.log_seal IS DISTINCT FROM OLD.log_seal
        AND substr(NEW.log_seal, 1, 1) NOT IN ('\x04'::bytea, '\x05'::bytea))
    EXECUTE FUNCTION handlers.leave_no_item()""",
    r"""CREATE OR REPLACE FUNCTION handlers.leave_no_tags() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN NEW.tags = '{}'; RETURN NEW; END $$""",
    r"""CREATE OR REPLACE TRIGGER case_has_no_tags_under_an_older_seal BEFORE UPDATE ON handlers."case"
    FOR EACH ROW WHEN (NEW.tags <> '{}' AND NEW.log_seal IS DISTINCT FROM OLD.log_seal
        AND substr(NEW.log_seal, 1, 1) <> '\x05'::bytea) EXECUTE FUNCTION handlers.leave_no_tags()""",
)
#: As the release before declares it.
_NO_ITEM = r"""CREATE OR REPLACE TRIGGER case_has_no_item_under_an_older_seal BEFORE UPDATE ON handlers."case"
    FOR EACH ROW WHEN (NEW.item IS NOT NULL AND NEW.log_seal IS DISTINCT FROM OLD.log_seal
        AND substr(NEW.log_seal, 1, 1) <> '\x04'::bytea) EXECUTE FUNCTION handlers.leave_no_item()"""


def upgrade() -> None:
    """To this release's schema; cases of before have no tags."""
    for schema in _SCHEMAS:
        op.add_column(
            "case",
            sa.Column("tags", postgresql.ARRAY(sa.Text()), server_default=sa.text("'{}'"), nullable=False),
            schema=schema,
        )
    for statement in _NEITHER_UNDER_AN_OLDER_SEAL:
        op.execute(statement)


def downgrade() -> None:
    """Back: nobody writes tags."""
    op.execute('DROP TRIGGER case_has_no_tags_under_an_older_seal ON handlers."case"')
    op.execute("DROP FUNCTION handlers.leave_no_tags()")
    op.execute(_NO_ITEM)
    for schema in _SCHEMAS:
        op.drop_column("case", "tags", schema=schema)
