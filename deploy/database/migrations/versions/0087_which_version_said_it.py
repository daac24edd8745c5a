"""Citizens' views and figures know which version of a case said what of it: no topic that is read late says otherwise."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0087"
down_revision: str | Sequence[str] | None = "0086"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_SAID = ("category", "department", "region", "objection_until", "question", "promised_on")
_COLUMNS = (*(f"{name}_version" for name in _SAID), "due_version", "due_of", "due_over")


def _changed(name: str) -> str:
    said = f"NEW.{name} IS DISTINCT FROM OLD.{name}"
    return f"{said} AND NEW.{name}_version IS NOT DISTINCT FROM OLD.{name}_version"


#: As the tables declare them.
_NOTE_VERSIONS = (
    f"""CREATE OR REPLACE FUNCTION intake.note_versions() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN
        {" ".join(f"IF {_changed(name)} THEN NEW.{name}_version = NEW.version; END IF;" for name in _SAID)}
        RETURN NEW;
    END $$""",
    f"""CREATE OR REPLACE TRIGGER view_knows_what_an_older_release_says BEFORE UPDATE ON intake.view
    FOR EACH ROW WHEN ({" OR ".join(map(_changed, _SAID))}) EXECUTE FUNCTION intake.note_versions()""",
)


def upgrade() -> None:
    """To this release's schema; of before nothing is known, which counts as the version of the case."""
    for name in _COLUMNS:
        op.add_column("view", sa.Column(name, sa.Integer(), nullable=True), schema="intake")
    for statement in _NOTE_VERSIONS:
        op.execute(statement)
    op.add_column(
        "case",
        sa.Column("facts_version", sa.Integer(), server_default=sa.text("0"), nullable=False),
        schema="sla",
    )


def downgrade() -> None:
    """Back: what is older than the case says what nothing said before; in figures the last that is heard counts."""
    op.drop_column("case", "facts_version", schema="sla")
    op.execute("DROP TRIGGER view_knows_what_an_older_release_says ON intake.view")
    op.execute("DROP FUNCTION intake.note_versions()")
    for name in reversed(_COLUMNS):
        op.drop_column("view", name, schema="intake")
