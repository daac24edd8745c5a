"""A change by the release before, whose seal knows of no item, leaves none: beside this one it would look tampered with."""

from collections.abc import Sequence

from alembic import op

revision: str = "0080"
down_revision: str | Sequence[str] | None = "0079"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

#: As the tables declare them.
_NO_ITEM_UNDER_AN_OLDER_SEAL = (
    r"""CREATE OR REPLACE FUNCTION handlers.leave_no_item() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN NEW.item = NULL; RETURN NEW; END $$""",
    r"""CREATE OR REPLACE TRIGGER case_has_no_item_under_an_older_seal BEFORE UPDATE ON handlers."case"
    FOR EACH ROW WHEN (NEW.item IS NOT NULL AND NEW.log_seal IS DISTINCT FROM OLD.log_seal
        AND substr(NEW.log_seal, 1, 1) <> '\x04'::bytea) EXECUTE FUNCTION handlers.leave_no_item()""",
)


def upgrade() -> None:
    """To this release's schema."""
    for statement in _NO_ITEM_UNDER_AN_OLDER_SEAL:
        op.execute(statement)


def downgrade() -> None:
    """Back: nobody writes an item."""
    op.execute('DROP TRIGGER case_has_no_item_under_an_older_seal ON handlers."case"')
    op.execute("DROP FUNCTION handlers.leave_no_item()")
