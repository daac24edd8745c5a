"""What the release before says of a case, as it was said before or of its figures, is as new as the event that said it."""

from collections.abc import Sequence

from alembic import op

revision: str = "0088"
down_revision: str | Sequence[str] | None = "0087"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_SAID = ("category", "department", "region", "objection_until", "question", "promised_on")
_SAID_WITH = {
    "category": "'assigned', 'move_undone', 'answered', 'answered_directly'",
    "department": "'assigned', 'move_undone', 'answered'",
}


def _changed(name: str) -> str:
    said = f"NEW.{name} IS DISTINCT FROM OLD.{name}"
    return f"{said} AND NEW.{name}_version IS NOT DISTINCT FROM OLD.{name}_version"


def _said_as_it_was(name: str) -> str:
    line = f"NEW.timeline -> -1 ->> 'event' IN ({_SAID_WITH[name]})"
    is_unversioned = f"NEW.{name} IS NOT NULL AND NEW.{name}_version IS NOT DISTINCT FROM OLD.{name}_version"
    return f"NEW.version > OLD.version AND {is_unversioned} AND {line} AND NEW.timeline <> OLD.timeline"


_CHANGED = {name: _changed(name) for name in _SAID}
_NOTED = _CHANGED | {name: f"({_changed(name)} OR {_said_as_it_was(name)})" for name in _SAID_WITH}


def _note_versions(noted: dict[str, str]) -> tuple[str, ...]:
    return (
        f"""CREATE OR REPLACE FUNCTION intake.note_versions() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN
        {" ".join(f"IF {said} THEN NEW.{name}_version = NEW.version; END IF;" for name, said in noted.items())}
        RETURN NEW;
    END $$""",
        f"""CREATE OR REPLACE TRIGGER view_knows_what_an_older_release_says BEFORE UPDATE ON intake.view
    FOR EACH ROW WHEN ({" OR ".join(noted.values())}) EXECUTE FUNCTION intake.note_versions()""",
    )


#: As the tables declare them.
_NOTE_FACTS = (
    """CREATE OR REPLACE FUNCTION sla.note_facts() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN NEW.facts_version = NEW.lead_version; RETURN NEW; END $$""",
    """CREATE OR REPLACE TRIGGER case_knows_what_an_older_release_says BEFORE UPDATE ON sla."case"
    FOR EACH ROW WHEN (NEW.lead IS NOT NULL AND NEW.lead_version > OLD.lead_version
        AND NEW.facts_version = OLD.facts_version AND NEW.facts_version < NEW.lead_version)
    EXECUTE FUNCTION sla.note_facts()""",
    """CREATE OR REPLACE TRIGGER case_knows_what_an_older_release_began BEFORE INSERT ON sla."case"
    FOR EACH ROW WHEN (NEW.lead IS NOT NULL AND NEW.facts_version < NEW.lead_version) EXECUTE FUNCTION sla.note_facts()""",
)


def upgrade() -> None:
    """Functions and triggers alone: nothing is read, and nobody waits for longer than a statement."""
    for statement in (*_note_versions(_NOTED), *_NOTE_FACTS):
        op.execute(statement)


def downgrade() -> None:
    """Back: what is said as it was is as old as when it was said first."""
    op.execute('DROP TRIGGER case_knows_what_an_older_release_began ON sla."case"')
    op.execute('DROP TRIGGER case_knows_what_an_older_release_says ON sla."case"')
    op.execute("DROP FUNCTION sla.note_facts()")
    for statement in _note_versions(_CHANGED):
        op.execute(statement)
