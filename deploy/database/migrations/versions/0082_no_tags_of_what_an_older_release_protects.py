"""A case that an older release protects, or takes out of all numbers, keeps no tags where it is routed and counted."""

from collections.abc import Sequence

from alembic import op

revision: str = "0082"
down_revision: str | Sequence[str] | None = "0081"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

#: As the tables declare them: what a case of each schema is once it may have none.
_ONCE = {"routing": "protected", "sla": "private"}


def upgrade() -> None:
    """From now on; no older release has written tags before."""
    for schema, once in _ONCE.items():
        op.execute(
            f"""CREATE OR REPLACE FUNCTION {schema}.leave_no_tags() RETURNS trigger LANGUAGE plpgsql AS
            $$ BEGIN NEW.tags = '{{}}'; RETURN NEW; END $$"""
        )
        op.execute(
            f"""CREATE OR REPLACE TRIGGER case_has_no_tags_once_{once} BEFORE UPDATE ON {schema}."case"
            FOR EACH ROW WHEN (NEW.{once} AND NEW.tags <> '{{}}') EXECUTE FUNCTION {schema}.leave_no_tags()"""
        )


def downgrade() -> None:
    """Back: an older release's protected case keeps them."""
    for schema, once in _ONCE.items():
        op.execute(f'DROP TRIGGER case_has_no_tags_once_{once} ON {schema}."case"')
        op.execute(f"DROP FUNCTION {schema}.leave_no_tags()")
